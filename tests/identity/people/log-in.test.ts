import type { Login } from '../../../src/identity/people/index.ts';
import {
  administrator,
  another,
  DAY,
  ELSEWHERE,
  HOME,
  HOSPITAL,
  HOUR,
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

const acts = async (person: string) => (await stage.audit(person)).map(({ interaction }) => interaction);
/** Changes an institution, or all of its people. */
const update = (change: string, institution: bigint) =>
  stage.database.query(`UPDATE ${change} WHERE ${change.startsWith('person') ? 'institution' : 'rid'} = $1`, [
    institution,
  ]);

describe('a person who is invited', () => {
  it('chooses a password, and is asked for a second factor', async () => {
    const { code, login } = await stage.invited({ login: 'm.takahashi', institution: HOSPITAL });
    expect(await stage.people.invitation(code)).toEqual({
      login,
      name: '高橋 みどり',
      institutionName: 'みなと総合病院',
    });
    const accepted = await stage.people.acceptInvitation(code, PASSWORD, HOME);
    expect(accepted).toMatchObject({ steps: ['enrol-second-factor'], account: { login, lastLogin: null } });
    expect(await stage.people.invitation(code)).toBeNull();
    expect(await stage.people.acceptInvitation(code, another(1), HOME)).toBeNull();
  });

  it('may type the code as it was read', async () => {
    const { code } = await stage.invited();
    const typed = code.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('-', ' ');
    expect(await stage.people.invitation(typed)).not.toBeNull();
  });

  it('is told what is wrong with a password, and the invitation stays', async () => {
    const { code } = await stage.invited();
    expect(await stage.people.acceptInvitation(code, 'Xk7#qP2wz', HOME)).toEqual(['short-without-factor']);
    expect(await stage.people.acceptInvitation(code, '高橋みどりのひみつの言葉です', HOME)).toEqual(['contextual']);
    expect(await stage.people.acceptInvitation(code, PASSWORD, HOME)).toHaveProperty('sessionToken');
  });

  it('is one of two who come with the same code at once, on two processes', async () => {
    const second = await stage.process();
    const { code, id } = await stage.invited();
    const results = await Promise.all(
      [stage.people, second, stage.people, second].map((people, i) => people.acceptInvitation(code, another(i), HOME)),
    );
    expect(results.filter((result) => result !== null)).toHaveLength(1);
    expect(await stage.people.sessions(id)).toHaveLength(1);
  });

  it('comes too late after a week, and with a code that was replaced', async () => {
    const { code, id } = await stage.invited();
    const access = administrator(HOSPITAL);
    const next = await stage.database.transaction((tx) => stage.people.invite(access, tx, id));
    expect(await stage.people.invitation(code)).toBeNull();
    stage.now += 7 * DAY - 1;
    expect(await stage.people.invitation(next.code)).not.toBeNull();
    stage.now += 1;
    expect(await stage.people.invitation(next.code)).toBeNull();
    expect(await stage.people.acceptInvitation(next.code, PASSWORD, HOME)).toBeNull();
  });

  it.each([
    ['the person is suspended', ['person SET suspended_at = now()']],
    [
      'the person was suspended and it was lifted',
      ['person SET suspended_at = now()', 'person SET suspended_at = NULL'],
    ],
    ['the institution is suspended', ['institution SET suspended_at = now()']],
    ['there is no contract', ['institution SET services = 0']],
  ])('does not get in when %s', async (_, changes) => {
    const institution = await stage.institution();
    const { code } = await stage.invited({ institution });
    for (const change of changes) await update(change, institution);
    expect(await stage.people.invitation(code)).toBeNull();
    expect(await stage.people.acceptInvitation(code, PASSWORD, HOME)).toBeNull();
  });

  it.each(['', 'x', '0'.repeat(24), 'U'.repeat(24), '\u0000'.repeat(24), 'A'.repeat(65_536)])(
    'is not found by a code that is none: %#',
    async (code) => {
      expect(await stage.people.invitation(code)).toBeNull();
      expect(await stage.people.acceptInvitation(code, PASSWORD, HOME)).toBeNull();
    },
  );
});

describe('at an institution that demands its terminals', () => {
  it('people get in there, and nowhere else: neither by a password nor by a session', async () => {
    const institution = await stage.institution('medical');
    const member = await stage.member({ institution });
    const certificate = 'A'.repeat(43);
    await stage.database.query(
      `INSERT INTO terminal (id, sha256, institution, name, subject, issuer, serial, certificate, not_before, not_after, registered_at)
       VALUES ('00000000-0000-4000-8000-0000000000f1', $1, $2, '受付', 'CN=t', 'CN=ca', '01', '\\x00', '2000-01-01', '2100-01-01', now())`,
      [certificate, institution],
    );
    await update("institution SET mtls = 'required'", institution);
    for (const given of [undefined, 'B'.repeat(43)]) {
      expect(await stage.people.logIn(member.login, PASSWORD, { ...HOME, certificate: given })).toBeNull();
      expect(await stage.people.session(member.token, given ?? null)).toBeNull();
    }
    expect(await stage.audit(member.id)).toContainEqual(
      expect.objectContaining({
        interaction: 'log-in-refused',
        detail: expect.stringContaining('away from the terminals of the institution'),
      }),
    );
    expect(await stage.people.session(member.token, certificate)).toMatchObject({ steps: [] });
    expect(await stage.people.logIn(member.login, PASSWORD, { ...HOME, certificate })).toMatchObject({
      steps: ['second-factor'],
    });
    await stage.database.query('UPDATE terminal SET active = false, retired_at = now() WHERE sha256 = $1', [
      certificate,
    ]);
    expect(await stage.people.session(member.token, certificate)).toBeNull();
    expect(await stage.people.logIn(member.login, PASSWORD, { ...HOME, certificate })).toBeNull();
    await update("institution SET mtls = 'optional'", institution);
    expect(await stage.people.session(member.token, null)).toMatchObject({ steps: [] });
  });
});

describe('a login', () => {
  it('needs both factors, and tells when the last one was and what failed since', async () => {
    const member = await stage.member();
    expect(await stage.people.session(member.token)).toMatchObject({
      steps: [],
      strong: true,
      amr: ['pwd', 'otp', 'mfa'],
    });
    stage.now += MINUTE;
    expect(await stage.people.logIn(member.login, 'wrong', ELSEWHERE)).toBeNull();
    stage.now += MINUTE;
    const begun = await stage.people.logIn(` ${member.login.toUpperCase()} `, PASSWORD, HOME);
    expect(begun).toMatchObject({ steps: ['second-factor'] });
    const done = await stage.people.verifyTotp(begun!.sessionToken, member.totp(stage.now));
    expect(done).toMatchObject({ steps: [], account: { lastLogin: { at: stage.now - 2 * MINUTE, failures: 1 } } });
    expect(await stage.people.session(begun!.sessionToken)).toBeNull();
    expect((await acts(member.id)).sort()).toEqual([
      'factor-added',
      'log-in',
      'log-in',
      'log-in-refused',
      'password-changed',
    ]);
  });

  const wide = (text: string) =>
    text.toUpperCase().replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));

  it('may be typed in any width and case, and the password not', async () => {
    const { login } = await stage.member({ factor: false });
    expect(await stage.people.logIn(wide(login), PASSWORD, HOME)).not.toBeNull();
    expect(await stage.people.logIn(login, PASSWORD.toUpperCase(), HOME)).toBeNull();
    expect(await stage.people.logIn(login, ` ${PASSWORD}`, HOME)).toBeNull();
    expect(await stage.people.logIn(login, PASSWORD.replaceAll(' ', '\u3000'), HOME)).not.toBeNull();
  });

  it.each([
    ['nobody', PASSWORD],
    ['', ''],
    ['a'.repeat(65_536), 'b'.repeat(65_536)],
    ['\u0000', '\u0000'],
    ['\ud800', '\ud800'],
    ["' OR 1=1 --", "' OR 1=1 --"],
    ['person.1', '\u0000'],
    ['person.1', ''],
    ['person.1', `${PASSWORD}\u0000`],
  ])('is refused without another word: %#', async (login, password) => {
    const member = await stage.member({ factor: false });
    expect(await stage.people.logIn(login === 'person.1' ? member.login : login, password, HOME)).toBeNull();
  });

  it.each([
    ['suspended', 'person SET suspended_at = now()'],
    ['disabled', 'person SET active = false'],
    ['of an institution that is suspended', 'institution SET suspended_at = now()'],
    ['of an institution that is not active', 'institution SET active = false'],
    ['of an institution without a contract', 'institution SET services = 0'],
  ])('is refused to a person who is %s, and what was begun is over', async (_, change) => {
    const institution = await stage.institution();
    const member = await stage.member({ institution });
    await update(change, institution);
    expect(await stage.people.session(member.token)).toBeNull();
    expect(await stage.people.logIn(member.login, PASSWORD, HOME)).toBeNull();
    expect(await stage.people.verifyTotp(member.token, member.totp(stage.now + MINUTE))).toBeNull();
    expect(await stage.people.changePassword(member.token, PASSWORD, another(1))).toBeNull();
  });

  it('does not bring old sessions back when a person is let in again', async () => {
    const institution = await stage.institution();
    const member = await stage.member({ institution });
    await update('person SET suspended_at = now()', institution);
    await update('person SET suspended_at = NULL', institution);
    expect(await stage.people.session(member.token)).toBeNull();
    expect(await stage.people.logIn(member.login, PASSWORD, HOME)).not.toBeNull();
  });

  it('is open to the operator’s people, who have no contract', async () => {
    const institution = await stage.institution('operator');
    const member = await stage.member({ institution, factor: false });
    await update('institution SET services = 0', institution);
    expect(await stage.people.logIn(member.login, PASSWORD, HOME)).not.toBeNull();
  });

  it('hashes the password anew when the cost was raised', async () => {
    const member = await stage.member({ factor: false });
    const dear = await stage.process({ cost: { memory: 128, passes: 2, parallelism: 1 } });
    const stored = async () =>
      (await stage.database.query<{ password: string }>('SELECT password FROM person WHERE id = $1', [member.id]))
        .rows[0]!.password;
    expect(await stored()).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1,keyid=[0-9a-f]+\$/);
    expect(await dear.logIn(member.login, PASSWORD, HOME)).not.toBeNull();
    expect(await stored()).toMatch(/^\$argon2id\$v=19\$m=128,t=2,p=1,keyid=/);
    expect(await stage.people.logIn(member.login, PASSWORD, HOME)).not.toBeNull();
  });

  it('keeps no password, token or code in the tables', async () => {
    const member = await stage.member();
    await stage.people.logIn(PASSWORD, PASSWORD, HOME);
    await stage.people.logIn(member.login, another(7), HOME);
    const { code } = await stage.invited();
    const { rows } = await stage.database.query<{ name: string }>(
      `SELECT format('%I', table_name) AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    );
    let all = '';
    for (const { name } of rows) {
      const { rows: found } = await stage.database.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`);
      all += found.map(({ text }) => text).join('\n');
    }
    const bytes = (text: string) => Buffer.from(text).toString('hex');
    for (const secret of [PASSWORD, another(7), member.token, code, ...member.recoveryCodes])
      for (const shape of [secret, secret.replaceAll('-', ''), bytes(secret)]) expect(all).not.toContain(shape);
  });
});

describe('a session', () => {
  it('is over after a quarter of an hour without use, to the minute', async () => {
    const member = await stage.member();
    for (let i = 0; i < 5; i++) {
      stage.now += 14 * MINUTE;
      expect(await stage.people.session(member.token)).not.toBeNull();
    }
    stage.now += 15 * MINUTE;
    expect(await stage.people.session(member.token)).toBeNull();
    stage.now -= 10 * MINUTE;
    expect(await stage.people.session(member.token)).toMatchObject({ seenAt: stage.now - 5 * MINUTE });
  });

  it('is over after twelve hours of use', async () => {
    const member = await stage.member();
    const ends = stage.now + 12 * HOUR;
    while (stage.now + 10 * MINUTE < ends) {
      stage.now += 10 * MINUTE;
      expect(await stage.people.session(member.token)).not.toBeNull();
    }
    stage.now = ends - 1;
    expect(await stage.people.session(member.token)).not.toBeNull();
    stage.now = ends;
    expect(await stage.people.session(member.token)).toBeNull();
  });

  it('is written to once a minute at most', async () => {
    const member = await stage.member();
    const version = async () =>
      (await stage.database.query<{ xmin: string }>('SELECT xmin::text FROM session WHERE person = $1', [member.id]))
        .rows[0]!.xmin;
    const before = await version();
    stage.now += MINUTE - 1;
    await stage.people.session(member.token);
    expect(await version()).toBe(before);
    stage.now += 1;
    await stage.people.session(member.token);
    expect(await version()).not.toBe(before);
  });

  it('is listed with the device in plain words, and ended one by one', async () => {
    const member = await stage.member();
    stage.now += MINUTE;
    const other = await stage.people.logIn(member.login, PASSWORD, ELSEWHERE);
    const listed = await stage.people.sessions(member.id);
    expect(listed).toMatchObject([
      { address: '198.51.100.7', agent: '', strong: false, createdAt: stage.now },
      { address: '203.0.113.5', agent: 'Firefox, Windows', strong: true },
    ]);
    expect(await stage.people.endSession(member.id, listed[0]!.id)).toBe(true);
    expect(await stage.people.endSession(member.id, listed[0]!.id)).toBe(false);
    expect(await stage.people.session(other!.sessionToken)).toBeNull();
    expect(await stage.people.session(member.token)).not.toBeNull();
    const stranger = await stage.member();
    expect(await stage.people.endSession(stranger.id, listed[1]!.id)).toBe(false);
    for (const id of ['', 'x', `${listed[1]!.id}'`]) expect(await stage.people.endSession(member.id, id)).toBe(false);
  });

  it('ends by logging out, and says so to whoever listens', async () => {
    const heard: string[] = [];
    const stop = await stage.database.listen(
      'standing',
      (payload) => heard.push(payload),
      () => undefined,
    );
    const member = await stage.member();
    const { id } = (await stage.people.session(member.token))!;
    await stage.people.logOut(member.token);
    expect(await stage.people.session(member.token)).toBeNull();
    await stage.people.logOut(member.token);
    expect((await acts(member.id)).filter((act) => act === 'log-out')).toHaveLength(1);
    while (!heard.includes(`session ${id}`)) await new Promise((resolve) => setImmediate(resolve));
    await stop();
  });

  it('is nobody’s for a token that is none', async () => {
    for (const token of ['', 'x', 'A'.repeat(43), 'A'.repeat(65_536), '\u0000'.repeat(43)])
      expect(await stage.people.session(token)).toBeNull();
  });

  it('may do nothing before the second factor', async () => {
    const member = await stage.member();
    stage.now += MINUTE;
    const { sessionToken } = (await stage.people.logIn(member.login, PASSWORD, HOME)) as Login;
    expect(await stage.people.beginTotp(sessionToken)).toBeNull();
    expect(await stage.people.beginPasskey(sessionToken)).toBeNull();
    expect(await stage.people.renewRecoveryCodes(sessionToken)).toBeNull();
    expect(await stage.people.changePassword(sessionToken, PASSWORD, another(1))).toBeNull();
    expect(await stage.people.changePassword(sessionToken, null, another(1))).toBeNull();
    expect(await stage.people.verifyPassword(sessionToken, PASSWORD)).toBeNull();
    const [factor] = await stage.people.factors(member.id);
    expect(await stage.people.removeFactor(sessionToken, factor!.id)).toBe('unknown');
  });
});
