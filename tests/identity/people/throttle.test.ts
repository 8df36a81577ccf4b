import { refuse } from '../../../src/http/errors.ts';
import type { Login, People } from '../../../src/identity/people/index.ts';
import { placeOf } from '../../../src/identity/people/origin.ts';
import { TRY_LIMITS, type TryLimits } from '../../../src/identity/people/tries.ts';
import { argon2id } from '../../../src/identity/slow-hash.ts';
import { DAY, HOME, HOUR, MINUTE, openStage, PASSWORD, type Stage } from './stage.ts';

let stage: Stage;
/** How often anything was hashed. */
let hashed = 0;
const counting: typeof argon2id = Object.assign(
  (...args: Parameters<typeof argon2id>) => {
    hashed += 1;
    return argon2id(...args);
  },
  { waiting: () => 0 },
);
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.now += 10 * DAY;
  hashed = 0;
});

/** So wide that only the limit under test is met. */
const WIDE = { failures: 1e6, window: HOUR, firstLock: MINUTE, longestLock: HOUR, afterLock: 1 };
const limits = (changes: Partial<TryLimits>): TryLimits => ({
  login: WIDE,
  place: WIDE,
  institution: WIDE,
  factor: WIDE,
  ...changes,
});

const process = (changes: Partial<TryLimits>) => stage.process({ limits: limits(changes), hash: counting });
const from = (n: number) => ({ address: `198.51.${n >> 8}.${n & 255}`, agent: '' });
const wrong = async (people: People, login: string, place = from(1)) => {
  const before = hashed;
  expect(await people.logIn(login, 'not the password', place)).toBeNull();
  return hashed > before;
};

describe('tries of one login', () => {
  it('lock it after five, for a minute, two, four … an hour, and never for good', async () => {
    const people = await process({ login: TRY_LIMITS.login });
    const { login } = await stage.member({ factor: false });
    for (let i = 0; i < 5; i++) expect(await wrong(people, login, from(i))).toBe(true);
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60, 60]) {
      expect(await wrong(people, login, from(7))).toBe(false);
      expect(await people.logIn(login, PASSWORD, from(8))).toBeNull();
      stage.now += minutes * MINUTE - 1;
      expect(await wrong(people, login, from(7))).toBe(false);
      stage.now += 1;
      expect(await wrong(people, login, from(7))).toBe(true);
    }
    stage.now += HOUR;
    expect(await people.logIn(login, PASSWORD, from(9))).not.toBeNull();
    for (let i = 0; i < 5; i++) expect(await wrong(people, login, from(i))).toBe(true);
    expect(await wrong(people, login, from(7))).toBe(false);
  });

  it('are forgotten when the window is over', async () => {
    const people = await process({ login: TRY_LIMITS.login });
    const { login } = await stage.member({ factor: false });
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 4; i++) expect(await wrong(people, login)).toBe(true);
      stage.now += 15 * MINUTE;
    }
    expect(await people.logIn(login, PASSWORD, from(2))).not.toBeNull();
  });

  it('count in the same way for a login that nobody has', async () => {
    const people = await process({ login: TRY_LIMITS.login });
    for (const login of ['nobody.at.all', 'a password typed into the wrong field!']) {
      for (let i = 0; i < 5; i++) expect(await wrong(people, login, from(i))).toBe(true);
      expect(await wrong(people, login, from(7))).toBe(false);
      stage.now += MINUTE;
      expect(await wrong(people, login, from(7))).toBe(true);
      expect(await wrong(people, login, from(7))).toBe(false);
    }
    const { rows } = await stage.database.query<{ text: string }>('SELECT t::text AS text FROM throttle t');
    expect(rows.map(({ text }) => text).join()).not.toMatch(/password|nobody/);
  });

  it('by strangers do not keep a person out where the person is known to be', async () => {
    const people = await process({ login: TRY_LIMITS.login, factor: TRY_LIMITS.factor });
    const member = await stage.member();
    for (let i = 0; i < 6; i++) await wrong(people, member.login, from(i));
    expect(await people.logIn(member.login, PASSWORD, from(7))).toBeNull();
    stage.now += 31_000;
    const begun = await people.logIn(member.login, PASSWORD, HOME);
    expect(begun).not.toBeNull();
    expect(await people.verifyTotp(begun!.sessionToken, member.totp(stage.now))).toMatchObject({
      account: { lastLogin: { failures: 5 } },
    });
    for (let i = 0; i < 5; i++) expect(await wrong(people, member.login, HOME)).toBe(true);
    expect(await people.logIn(member.login, PASSWORD, HOME)).toBeNull();
  });

  it('are five, however many come at once over two processes', async () => {
    const two = await Promise.all([process({ login: TRY_LIMITS.login }), process({ login: TRY_LIMITS.login })]);
    const { login } = await stage.member({ factor: false });
    await Promise.all(Array.from({ length: 60 }, (_, i) => two[i % 2]!.logIn(login, `guess ${i}`, from(i))));
    expect(hashed).toBe(5);
    expect(await two[0].logIn(login, PASSWORD, from(99))).toBeNull();
    const told = (
      await stage.database.query<{ count: bigint }>(
        "SELECT count(*) FROM audit WHERE detail LIKE 'too many%' AND at = to_timestamp($1)",
        [stage.now / 1000],
      )
    ).rows[0];
    expect(Number(told?.count)).toBe(1);
  });

  it('go on counting when a process is killed between', async () => {
    const never = await stage.process({
      limits: limits({ login: TRY_LIMITS.login }),
      hash: () => new Promise<Buffer>(() => undefined),
    });
    const people = await process({ login: TRY_LIMITS.login });
    const { login } = await stage.member({ factor: false });
    const under = () =>
      stage.database
        .query<{ free: number }>('SELECT min(free) AS free FROM throttle WHERE since = to_timestamp($1)', [
          stage.now / 1000,
        ])
        .then(({ rows }) => rows[0]!.free);
    for (let i = 0; i < 5; i++) void never.logIn(login, PASSWORD, from(i));
    while ((await under()) !== 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await people.logIn(login, PASSWORD, from(9))).toBeNull();
    expect(hashed).toBe(0);
    stage.now += 15 * MINUTE;
    expect(await people.logIn(login, PASSWORD, from(9))).not.toBeNull();
  });
});

describe('tries that could not be looked at', () => {
  it('do not count', async () => {
    const { login } = await stage.member({ factor: false });
    const busy = await stage.process({
      limits: limits({ login: TRY_LIMITS.login }),
      hash: () => Promise.reject(refuse.unavailable('Too many')),
    });
    for (let i = 0; i < 7; i++)
      await expect(busy.logIn(login, PASSWORD, from(1))).rejects.toMatchObject({ status: 503 });
    expect(await (await process({ login: TRY_LIMITS.login })).logIn(login, PASSWORD, from(1))).not.toBeNull();
  });
});

describe('tries from one place', () => {
  const place = { failures: 10, window: 10 * MINUTE, firstLock: MINUTE, longestLock: HOUR, afterLock: 2 };

  it('hold over all logins, at once, over two processes', async () => {
    const two = await Promise.all([process({ place }), process({ place })]);
    await Promise.all(Array.from({ length: 80 }, (_, i) => two[i % 2]!.logIn(`somebody.${i}`, PASSWORD, from(300))));
    expect(hashed).toBe(10);
    expect(await wrong(two[0], 'somebody.else', from(300))).toBe(false);
    expect(await wrong(two[0], 'somebody.else', from(301))).toBe(true);
    stage.now += MINUTE;
    expect(await wrong(two[1], 'another', from(300))).toBe(true);
    expect(await wrong(two[1], 'another', from(300))).toBe(true);
    expect(await wrong(two[1], 'another', from(300))).toBe(false);
    stage.now += 2 * MINUTE;
    expect(await wrong(two[1], 'another', from(300))).toBe(true);
  });

  it('are not used up by people who know their passwords', async () => {
    const people = await process({ place });
    const { login } = await stage.member({ factor: false });
    for (let i = 0; i < 25; i++) expect(await people.logIn(login, PASSWORD, from(400))).not.toBeNull();
    await Promise.all(Array.from({ length: 8 }, () => people.logIn(login, PASSWORD, from(400))));
    for (let i = 0; i < 10; i++) expect(await wrong(people, `somebody.${i}`, from(400))).toBe(true);
    expect(await wrong(people, login, from(400))).toBe(false);
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', 'unknown'],
    ['203.0.113.5, 10.0.0.1', 'unknown'],
    ['\u0000', 'unknown'],
  ])('%j is %s', (address, expected) => {
    expect(placeOf(address)).toBe(expected);
  });
});

describe('tries at one institution', () => {
  const institution = { failures: 6, window: HOUR, firstLock: 5 * MINUTE, longestLock: HOUR, afterLock: 1 };

  it('lock all its people out for strangers, not where they are known, and nobody can tell', async () => {
    const people = await process({ institution });
    const rid = await stage.institution();
    const members = [];
    for (let i = 0; i < 3; i++) members.push(await stage.member({ institution: rid, factor: false }));
    for (let i = 0; i < 6; i++) expect(await wrong(people, members[i % 3]!.login, from(500 + i))).toBe(true);
    // It is locked, and takes as long as ever: else one could tell its people from strangers.
    expect(await wrong(people, members[0]!.login, from(510))).toBe(true);
    expect(await people.logIn(members[1]!.login, PASSWORD, from(511))).toBeNull();
    expect(await people.logIn(members[1]!.login, PASSWORD, HOME)).not.toBeNull();
    const other = await stage.member({ factor: false });
    expect(await people.logIn(other.login, PASSWORD, from(512))).not.toBeNull();
    stage.now += 5 * MINUTE;
    expect(await people.logIn(members[1]!.login, PASSWORD, from(511))).not.toBeNull();
  });

  it('go on counting at the place and the login when it is locked', async () => {
    const people = await process({ institution, login: TRY_LIMITS.login });
    const rid = await stage.institution();
    const member = await stage.member({ institution: rid, factor: false });
    const other = await stage.member({ institution: rid, factor: false });
    for (let i = 0; i < 4; i++) await wrong(people, other.login, from(600 + i));
    for (let i = 0; i < 5; i++) expect(await wrong(people, member.login, from(610 + i))).toBe(true);
    expect(await wrong(people, member.login, from(620))).toBe(false);
  });
});

describe('tries of a second factor', () => {
  it('lock it after five, over two processes at once', async () => {
    const two = await Promise.all([process({ factor: TRY_LIMITS.factor }), process({ factor: TRY_LIMITS.factor })]);
    const member = await stage.member();
    const logins = await Promise.all(
      Array.from({ length: 12 }, (_, i) => two[i % 2]!.logIn(member.login, PASSWORD, from(700))),
    );
    const results = await Promise.all(
      logins.map((login, i) => two[i % 2]!.verifyTotp((login as Login).sessionToken, '000000')),
    );
    expect(results.every((result) => result === null)).toBe(true);
    const refused = (await stage.audit(member.id)).filter(({ detail }) => detail.startsWith('wrong one-time code'));
    expect(refused).toHaveLength(5);
    const right = () => two[0].verifyTotp((logins[0] as Login).sessionToken, member.totp(stage.now));
    expect(await right()).toBeNull();
    stage.now += MINUTE;
    expect(await right()).not.toBeNull();
  });

  it('count recovery codes and passkeys with the others', async () => {
    const people = await process({ factor: TRY_LIMITS.factor });
    const member = await stage.member();
    const { sessionToken } = (await people.logIn(member.login, PASSWORD, from(701))) as Login;
    expect(await people.verifyRecoveryCode(sessionToken, 'AAAA-AAAA-AAAA')).toBeNull();
    expect(await people.verifyRecoveryCode(sessionToken, 'x')).toBeNull();
    expect(await people.verifyPasskey(sessionToken, { id: 'x' })).toBeNull();
    expect(await people.verifyPasskey(sessionToken, null)).toBeNull();
    expect(await people.verifyTotp(sessionToken, '12 34 5')).toBeNull();
    expect(await people.verifyRecoveryCode(sessionToken, member.recoveryCodes[0]!)).toBeNull();
    stage.now += MINUTE;
    expect(await people.verifyRecoveryCode(sessionToken, member.recoveryCodes[0]!)).not.toBeNull();
  });
});
