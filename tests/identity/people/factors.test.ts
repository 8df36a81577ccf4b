import type { Enrolled, Login } from '../../../src/identity/people/index.ts';
import { Authenticator } from './authenticator.ts';
import {
  another,
  codeOf,
  DAY,
  ELSEWHERE,
  HOME,
  type Member,
  MINUTE,
  openStage,
  PASSWORD,
  type Stage,
} from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.now += DAY;
});

/** A session that waits for the second factor. */
const waiting = async (member: Member): Promise<string> =>
  ((await stage.people.logIn(member.login, member.password, HOME)) as Login).sessionToken;
const passkey = new Authenticator({ rpId: 'localhost', origin: 'http://localhost:8080' });

describe('an authenticator app', () => {
  it('is shown the same seed until it has it, and brings ten recovery codes', async () => {
    const { code } = await stage.invited();
    const { sessionToken } = (await stage.people.acceptInvitation(code, PASSWORD, HOME)) as Login;
    const first = await stage.people.beginTotp(sessionToken);
    expect(first!.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(first!.uri).toMatch(
      /^otpauth:\/\/totp\/Tasuki:[^?]+\?issuer=Tasuki&secret=[A-Z2-7]{32}&algorithm=SHA1&digits=6&period=30$/,
    );
    expect(await stage.people.confirmTotp(sessionToken, '000000')).toBeNull();
    expect(await stage.people.beginTotp(sessionToken)).toEqual(first);
    const done = (await stage.people.confirmTotp(sessionToken, codeOf(first!.secret, stage.now))) as Enrolled;
    expect(done).toMatchObject({ steps: [] });
    expect(new Set(done.recoveryCodes).size).toBe(10);
    for (const one of done.recoveryCodes) expect(one).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(await stage.people.session(sessionToken)).toBeNull();
    expect(await stage.people.confirmTotp(done.sessionToken, codeOf(first!.secret, stage.now))).toBeNull();
  });

  it('is the first for one of those who know the password alone, however many come at once', async () => {
    const { login, code } = await stage.invited();
    const accepted = (await stage.people.acceptInvitation(code, PASSWORD, HOME)) as Login;
    const sessions = [accepted.sessionToken];
    for (let i = 0; i < 3; i++)
      sessions.push(((await stage.people.logIn(login, PASSWORD, HOME)) as Login).sessionToken);
    const seeds = await Promise.all(sessions.map((token) => stage.people.beginTotp(token)));
    const done = await Promise.all(
      sessions.map((token, i) => stage.people.confirmTotp(token, codeOf(seeds[i]!.secret, stage.now))),
    );
    const [first, ...more] = done.filter((one) => one !== null);
    expect(more).toEqual([]);
    expect(await stage.people.factors(first!.account.id)).toMatchObject([{ kind: 'totp' }, { kind: 'recovery' }]);
  });

  it('may be a step ahead or behind, and no more', async () => {
    const member = await stage.member();
    for (const [seconds, passes] of [
      [-60, false],
      [60, false],
      [-30, true],
      [0, true],
      [30, true],
    ] as const) {
      stage.now += DAY;
      const result = await stage.people.verifyTotp(await waiting(member), member.totp(stage.now + seconds * 1000));
      expect([seconds, result !== null]).toEqual([seconds, passes]);
    }
  });

  it('is read as people type it', async () => {
    const member = await stage.member();
    const code = member.totp(stage.now + MINUTE);
    stage.now += MINUTE;
    const typed = ` ${code.slice(0, 3)} ${code.slice(3)} `.replace(/\d/g, (digit) =>
      String.fromCharCode(digit.charCodeAt(0) + 0xfee0),
    );
    expect(await stage.people.verifyTotp(await waiting(member), typed)).not.toBeNull();
  });

  it.each(['', '1', '1234567', 'abcdef', '\u0000', '1'.repeat(65_536), '\ud800'])('is none with %#', async (code) => {
    const member = await stage.member();
    expect(await stage.people.verifyTotp(await waiting(member), code)).toBeNull();
  });

  it('lets each code through once, of many that come at once over two processes', async () => {
    const second = await stage.process();
    const member = await stage.member();
    stage.now += MINUTE;
    const tokens = await Promise.all([1, 2, 3, 4].map(() => waiting(member)));
    const code = member.totp(stage.now);
    const results = await Promise.all(
      tokens.map((token, i) => (i % 2 ? second : stage.people).verifyTotp(token, code)),
    );
    expect(results.filter((result) => result !== null)).toHaveLength(1);
    expect(await stage.people.verifyTotp(await waiting(member), code)).toBeNull();
  });

  it('lets no older code through after a newer one, nor the one that set it up', async () => {
    const member = await stage.member();
    expect(await stage.people.verifyTotp(await waiting(member), member.totp(stage.now))).toBeNull();
    stage.now += 10 * MINUTE;
    expect(await stage.people.verifyTotp(await waiting(member), member.totp(stage.now))).not.toBeNull();
    expect(await stage.people.verifyTotp(await waiting(member), member.totp(stage.now - 30_000))).toBeNull();
  });

  it('belongs to its person: a seed that is copied opens for nobody', async () => {
    const [one, other] = [await stage.member(), await stage.member()];
    await stage.database.query(
      'UPDATE factor SET seed = (SELECT seed FROM factor WHERE person = $1) WHERE person = $2',
      [one.id, other.id],
    );
    const token = await waiting(other);
    stage.now += MINUTE;
    await expect(stage.people.verifyTotp(token, one.totp(stage.now))).rejects.toThrow();
    expect(await stage.people.session(token)).toMatchObject({ steps: ['second-factor'] });
  });
});

describe('a recovery code', () => {
  it('stands in for the second factor once, as it was read', async () => {
    const member = await stage.member();
    const [first, second] = member.recoveryCodes as [string, string];
    const done = await stage.people.verifyRecoveryCode(
      await waiting(member),
      first.toLowerCase().replaceAll('-', ' ').replaceAll('1', 'i'),
    );
    expect(done).toMatchObject({ steps: [] });
    expect(await stage.people.verifyRecoveryCode(await waiting(member), first)).toBeNull();
    expect(await stage.people.verifyRecoveryCode(await waiting(member), second)).not.toBeNull();
    expect(await stage.people.factors(member.id)).toMatchObject([
      { kind: 'totp' },
      { kind: 'recovery', left: 8, usedAt: stage.now },
    ]);
  });

  it('is used by one of two who come with it at once, on two processes', async () => {
    const two = await stage.process();
    const member = await stage.member();
    const tokens = await Promise.all([1, 2, 3, 4].map(() => waiting(member)));
    const results = await Promise.all(
      tokens.map((token, i) => (i % 2 ? two : stage.people).verifyRecoveryCode(token, member.recoveryCodes[0]!)),
    );
    expect(results.filter((result) => result !== null)).toHaveLength(1);
    expect((await stage.people.factors(member.id)).at(-1)).toMatchObject({ left: 9 });
  });

  it('is not used up by one session that comes with it twice at once', async () => {
    const member = await stage.member();
    const token = await waiting(member);
    const results = await Promise.all(
      [0, 1].map((i) => stage.people.verifyRecoveryCode(token, member.recoveryCodes[i]!)),
    );
    expect(results.filter((result) => result !== null)).toHaveLength(1);
    expect((await stage.people.factors(member.id)).at(-1)).toMatchObject({ left: 9 });
  });

  it('is nobody else’s', async () => {
    const [one, other] = [await stage.member(), await stage.member()];
    expect(await stage.people.verifyRecoveryCode(await waiting(other), one.recoveryCodes[0]!)).toBeNull();
  });

  it('is worth nothing when there are new ones', async () => {
    const member = await stage.member();
    const codes = await stage.people.renewRecoveryCodes(member.token);
    expect(codes).toHaveLength(10);
    expect(await stage.people.verifyRecoveryCode(await waiting(member), member.recoveryCodes[0]!)).toBeNull();
    expect(await stage.people.verifyRecoveryCode(await waiting(member), codes![0]!)).not.toBeNull();
  });
});

describe('a passkey', () => {
  async function withPasskey(): Promise<Member> {
    const member = await stage.member();
    stage.now += 1000;
    const options = await stage.people.beginPasskey(member.token);
    const done = (await stage.people.confirmPasskey(
      member.token,
      passkey.create(options),
      ' 職員室の\u0000鍵 ',
    )) as Enrolled;
    expect(done).toMatchObject({ steps: [], recoveryCodes: [] });
    member.token = done.sessionToken;
    return member;
  }

  it('is asked to know the person, belongs to the site, and is named', async () => {
    const member = await stage.member();
    expect(await stage.people.beginPasskey(member.token)).toMatchObject({
      rp: { id: 'localhost', name: 'Tasuki' },
      user: { name: member.login, displayName: '高橋 みどり' },
      attestation: 'none',
      timeout: 300_000,
      authenticatorSelection: { userVerification: 'required' },
    });
    const { id } = await withPasskey();
    expect(await stage.people.factors(id)).toMatchObject([
      { kind: 'totp' },
      { kind: 'passkey', name: '職員室の 鍵' },
      { kind: 'recovery' },
    ]);
  });

  it('is a second factor, each challenge once', async () => {
    const member = await withPasskey();
    const token = await waiting(member);
    const options = await stage.people.passkeyOptions(token);
    const answer = passkey.get(options);
    const done = await stage.people.verifyPasskey(token, answer);
    expect(done).toMatchObject({ steps: [] });
    expect(await stage.people.session(done!.sessionToken)).toMatchObject({ strong: true, amr: ['pwd', 'hwk', 'mfa'] });
    expect(await stage.people.verifyPasskey(done!.sessionToken, answer)).toBeNull();
    const other = await waiting(member);
    await stage.people.passkeyOptions(other);
    expect(await stage.people.verifyPasskey(other, answer)).toBeNull();
  });

  it.each<[string, (options: object | null) => unknown]>([
    ['that did not verify the person', (options) => passkey.get(options, { flags: 0x01 })],
    [
      'of another site',
      (options) =>
        new Authenticator({ rpId: 'localhost', origin: 'http://localhost:8081', like: passkey }).get(options),
    ],
    [
      'for another site’s id',
      (options) =>
        new Authenticator({ rpId: 'tasuki.example', origin: 'http://localhost:8080', like: passkey }).get(options),
    ],
    ['that was copied and counts less', (options) => passkey.get(options, { counter: 1 })],
    [
      'with another key',
      (options) =>
        new Authenticator({ rpId: 'localhost', origin: 'http://localhost:8080', id: passkey.credentialId }).get(
          options,
        ),
    ],
    ['that answers another challenge', (options) => passkey.get({ ...options, challenge: 'AAAA' })],
    ['that makes one instead', (options) => passkey.create(options)],
    ['nothing', () => null],
    ['text', () => 'x'.repeat(65_536)],
    ['an empty object', () => ({})],
    [
      'nonsense inside',
      () => ({
        id: passkey.credentialId,
        rawId: passkey.credentialId,
        type: 'public-key',
        response: { clientDataJSON: 'e30', authenticatorData: 'AAAA', signature: '' },
      }),
    ],
  ])('%s is none', async (_, answer) => {
    const member = await withPasskey();
    const token = await waiting(member);
    const options = await stage.people.passkeyOptions(token);
    expect(await stage.people.verifyPasskey(token, answer(options))).toBeNull();
    expect(await stage.people.session(token)).toMatchObject({ steps: ['second-factor'] });
  });

  it('has five minutes', async () => {
    const member = await withPasskey();
    const token = await waiting(member);
    const options = await stage.people.passkeyOptions(token);
    stage.now += 5 * MINUTE;
    expect(await stage.people.verifyPasskey(token, passkey.get(options))).toBeNull();
  });

  it('is set up with the challenge that was given, once, and is one person’s', async () => {
    const member = await stage.member();
    expect(await stage.people.confirmPasskey(member.token, passkey.create({ challenge: 'AAAA' }), '')).toBeNull();
    const options = await stage.people.beginPasskey(member.token);
    const own = new Authenticator({ rpId: 'localhost', origin: 'http://localhost:8080' });
    expect(await stage.people.confirmPasskey(member.token, own.create(options, { flags: 0x41 }), '')).toBeNull();
    expect(await stage.people.confirmPasskey(member.token, own.create(options), '')).toBeNull();
    const again = await stage.people.beginPasskey(member.token);
    const done = await stage.people.confirmPasskey(member.token, own.create(again), '');
    expect(done).not.toBeNull();
    const other = await stage.member();
    const theirs = await stage.people.beginPasskey(other.token);
    const same = new Authenticator({ rpId: 'localhost', origin: 'http://localhost:8080', id: own.credentialId });
    expect(await stage.people.confirmPasskey(other.token, same.create(theirs), '')).toBeNull();
    expect(await stage.people.confirmPasskey(other.token, null, '')).toBeNull();
  });

  it('is offered to nobody who has none', async () => {
    const member = await stage.member();
    expect(await stage.people.passkeyOptions(member.token)).toBeNull();
  });
});

describe('settings of security', () => {
  it('ask for a proof that is not older than five minutes', async () => {
    const member = await stage.member();
    stage.now += 5 * MINUTE;
    expect(await stage.people.session(member.token)).toMatchObject({ stale: false });
    stage.now += 1;
    expect(await stage.people.session(member.token)).toMatchObject({ stale: true, steps: [] });
    const [factor] = await stage.people.factors(member.id);
    expect(await stage.people.beginTotp(member.token)).toBeNull();
    expect(await stage.people.beginPasskey(member.token)).toBeNull();
    expect(await stage.people.renewRecoveryCodes(member.token)).toBeNull();
    expect(await stage.people.removeFactor(member.token, factor!.id)).toBe('stale');
    expect(await stage.people.verifyPassword(member.token, PASSWORD)).toBeNull();
    const proved = await stage.people.verifyTotp(member.token, member.totp(stage.now));
    expect(await stage.people.session(proved!.sessionToken)).toMatchObject({ stale: false });
    expect(await stage.people.session(member.token)).toBeNull();
    expect(await stage.people.renewRecoveryCodes(proved!.sessionToken)).toHaveLength(10);
  });

  it('let the last factor go only where none is required, and others’ never', async () => {
    const member = await stage.member();
    const [factor] = await stage.people.factors(member.id);
    expect(await stage.people.removeFactor(member.token, factor!.id)).toBe('last');
    const stranger = await stage.member();
    expect(await stage.people.removeFactor(stranger.token, factor!.id)).toBe('unknown');
    for (const id of ['', 'recovery', 'x', `${factor!.id}\u0000`])
      expect(await stage.people.removeFactor(member.token, id)).toBe('unknown');
    const lenient = await stage.process({ policy: { secondFactorRequired: false } });
    expect(await lenient.removeFactor(member.token, factor!.id)).toBe('removed');
    expect(await stage.people.factors(member.id)).toEqual([]);
    expect(await lenient.session(member.token)).toMatchObject({ steps: [], factors: [] });
    expect(await stage.people.session(member.token)).toMatchObject({ steps: ['enrol-second-factor'] });
  });

  it('never leave none of two that are taken away at once', async () => {
    const member = await stage.member();
    const seed = await stage.people.beginTotp(member.token);
    const { sessionToken } = (await stage.people.confirmTotp(
      member.token,
      codeOf(seed!.secret, stage.now),
    )) as Enrolled;
    const [one, two] = await stage.people.factors(member.id);
    const second = await stage.process();
    const results = await Promise.all([
      stage.people.removeFactor(sessionToken, one!.id),
      second.removeFactor(sessionToken, two!.id),
    ]);
    expect(results.sort()).toEqual(['last', 'removed']);
  });
});

describe('a password', () => {
  it('is changed with the current one, ends all other sessions, and does not come back', async () => {
    const member = await stage.member();
    stage.now += MINUTE;
    const other = ((await stage.people.verifyTotp(await waiting(member), member.totp(stage.now))) as Login)
      .sessionToken;
    expect(await stage.people.changePassword(member.token, another(9), another(1))).toEqual(['current']);
    expect(await stage.people.changePassword(member.token, null, another(1))).toEqual(['current']);
    expect(await stage.people.changePassword(member.token, PASSWORD, PASSWORD)).toEqual(['reused']);
    expect(await stage.people.changePassword(member.token, PASSWORD, 'password')).toEqual(['common']);
    let { sessionToken } = (await stage.people.changePassword(member.token, PASSWORD, another(1))) as Login;
    expect(await stage.people.session(member.token)).toBeNull();
    expect(await stage.people.session(other)).toBeNull();
    for (let n = 2; n <= 11; n++) {
      stage.now += 1000;
      ({ sessionToken } = (await stage.people.changePassword(sessionToken, another(n - 1), another(n))) as Login);
    }
    expect(await stage.people.changePassword(sessionToken, another(11), another(1))).toEqual(['reused']);
    expect(await stage.people.changePassword(sessionToken, another(11), another(10))).toEqual(['reused']);
    expect(await stage.people.changePassword(sessionToken, another(11), PASSWORD)).toHaveProperty('sessionToken');
  });

  it('may be of eight characters beside a second factor, and not when that is gone', async () => {
    const lenient = await stage.process({ policy: { secondFactorRequired: false } });
    const member = await stage.member();
    const { sessionToken } = (await lenient.changePassword(member.token, PASSWORD, 'Xk7#qP2w')) as Login;
    expect(await lenient.session(sessionToken)).toMatchObject({ steps: [] });
    const [factor] = await stage.people.factors(member.id);
    expect(await lenient.removeFactor(sessionToken, factor!.id)).toBe('removed');
    expect(await lenient.session(sessionToken)).toMatchObject({ steps: ['change-password'] });
    expect(await lenient.beginTotp(sessionToken)).toBeNull();
    expect(await lenient.changePassword(sessionToken, null, 'Xk7#qP2y')).toEqual(['short-without-factor']);
    const done = (await lenient.changePassword(sessionToken, null, another(1))) as Login;
    expect(done.steps).toEqual([]);
  });

  it('outlives its time where it has one', async () => {
    const strict = await stage.process({ policy: { passwordLife: 60 * DAY } });
    const member = await stage.member({ factor: false });
    stage.now += 60 * DAY;
    expect(await strict.logIn(member.login, PASSWORD, HOME)).toMatchObject({ steps: ['enrol-second-factor'] });
    stage.now += 1;
    const { sessionToken, steps } = (await strict.logIn(member.login, PASSWORD, HOME)) as Login;
    expect(steps).toEqual(['change-password', 'enrol-second-factor']);
    expect(await strict.changePassword(sessionToken, null, PASSWORD)).toEqual(['reused']);
    expect(await strict.changePassword(sessionToken, null, another(1))).toMatchObject({
      steps: ['enrol-second-factor'],
    });
  });

  it('is changed by one of two who change it at once', async () => {
    const second = await stage.process();
    const member = await stage.member();
    const results = await Promise.all(
      [stage.people, second].map((people, i) => people.changePassword(member.token, PASSWORD, another(i))),
    );
    expect(results.filter((result) => result !== null && 'sessionToken' in result)).toHaveLength(1);
  });

  it('is asked for again where there is no second factor', async () => {
    const lenient = await stage.process({ policy: { secondFactorRequired: false } });
    const { login } = await stage.member({ factor: false });
    const { sessionToken, steps } = (await lenient.logIn(login, PASSWORD, ELSEWHERE)) as Login;
    expect(steps).toEqual([]);
    stage.now += 6 * MINUTE;
    expect(await lenient.beginTotp(sessionToken)).toBeNull();
    expect(await lenient.verifyPassword(sessionToken, another(1))).toBeNull();
    const proved = await lenient.verifyPassword(sessionToken, PASSWORD);
    expect(await lenient.beginTotp(proved!.sessionToken)).not.toBeNull();
  });
});

describe('new terms', () => {
  it('are a step of their own, the last', async () => {
    const due = new Set<string>();
    const people = await stage.process({ termsDue: async (person) => due.has(person) });
    const member = await stage.member();
    due.add(member.id);
    expect(await people.session(member.token)).toMatchObject({ steps: ['accept-terms'] });
    expect(await people.beginTotp(member.token)).toBeNull();
    due.clear();
    expect(await people.session(member.token)).toMatchObject({ steps: [] });
  });
});
