import { randomUUID } from 'node:crypto';
import { deleteInvitation, findInvitation, putInvitation, useInvitation } from '../../src/store/invitation.ts';
import {
  countFailure,
  findAccount,
  findCandidate,
  isFamiliar,
  lockPerson,
  recordLogin,
} from '../../src/store/person.ts';
import {
  clearPassword,
  findPasswords,
  rehashPassword,
  replacePassword,
  secretKids,
} from '../../src/store/person-password.ts';
import {
  findAdministered,
  insertPerson,
  listPeople,
  lockAdministered,
  lockAdministrators,
  putRights,
  standsForSomebody,
} from '../../src/store/person-rights.ts';
import { findSession } from '../../src/store/session.ts';
import { DAY, MINUTE, NO_ACCESS, NOW, of, openPeopleStage, type PeopleStage, system } from './people-stage.ts';

let stage: PeopleStage;
beforeAll(async () => {
  stage = await openPeopleStage();
});
afterAll(() => stage.close());

describe('an account', () => {
  it('is found by its login, alive or not, and known at the places of its logins', async () => {
    const { id, login, institution } = await stage.person();
    const { id: session } = await stage.session(id);
    const candidate = (place = 'here') => findCandidate(system, stage.database, login, place);
    expect(await candidate()).toMatchObject({ id, institution, password: 'a password', familiar: false, alive: true });
    await stage.database.transaction((tx) =>
      recordLogin(system, tx, { person: id, session, address: 'here', now: NOW }),
    );
    expect(await candidate()).toMatchObject({ familiar: true });
    expect(await candidate('there')).toMatchObject({ familiar: false });
    expect(await isFamiliar(system, stage.database, id, 'here')).toBe(true);
    await stage.database.query('UPDATE person SET active = false WHERE id = $1', [id]);
    expect(await candidate()).toMatchObject({ alive: false });
    expect(await findCandidate(system, stage.database, 'nobody', 'here')).toBeUndefined();
    expect(await lockPerson(system, stage.database, id)).toBe(true);
    expect(await lockPerson(system, stage.database, randomUUID())).toBe(false);
    expect(await findAccount(system, stage.database, randomUUID())).toBeUndefined();
  });

  it('remembers the login before and what failed since, in the session', async () => {
    const { id } = await stage.person();
    const login = async (now: number) => {
      const session = await stage.session(id, { now });
      await stage.database.transaction((tx) =>
        recordLogin(system, tx, { person: id, session: session.id, address: 'here', now }),
      );
      return findSession(system, stage.database, session.hash, { now, idle: MINUTE });
    };
    expect(await login(NOW)).toMatchObject({ last_login_at: null, failures: 0 });
    await countFailure(system, stage.database, id);
    await countFailure(system, stage.database, id);
    await countFailure(system, stage.database, null);
    expect(await login(NOW + DAY)).toMatchObject({ last_login_at: NOW, failures: 2 });
    expect(await login(NOW + 2 * DAY)).toMatchObject({ last_login_at: NOW + DAY, failures: 0 });
  });

  it('is known at twenty places at most, for ninety days', async () => {
    const { id } = await stage.person();
    const { id: session } = await stage.session(id);
    const at = (address: string, now: number) =>
      stage.database.transaction((tx) => recordLogin(system, tx, { person: id, session, address, now }));
    const places = async () =>
      (
        await stage.database.query<{ address: string }>(
          'SELECT address FROM person_address WHERE person = $1 ORDER BY seen_at',
          [id],
        )
      ).rows.map(({ address }) => address);
    for (let n = 0; n < 25; n++) await at(`place ${n}`, NOW + n);
    expect(await places()).toEqual(Array.from({ length: 20 }, (_, n) => `place ${n + 5}`));
    await at('place 7', NOW + 91 * DAY);
    expect(await places()).toEqual(['place 7']);
  });
});

describe('a password', () => {
  const change = (person: string, from: string | null, to: string, n: number) =>
    replacePassword(system, stage.database, { person, from, to, long: true, now: NOW + n, former: 3 });

  it('is replaced by whoever knows what it was, and the last ones are kept', async () => {
    const { id } = await stage.person({ password: null });
    expect(await change(id, 'wrong', 'p1', 1)).toBe(false);
    expect(await change(id, null, 'p1', 1)).toBe(true);
    expect(await change(id, null, 'p2', 2)).toBe(false);
    for (let n = 2; n <= 6; n++) expect(await change(id, `p${n - 1}`, `p${n}`, n)).toBe(true);
    expect(await findPasswords(system, stage.database, id, 10)).toEqual({ current: 'p6', former: ['p5', 'p4', 'p3'] });
    expect(await findPasswords(system, stage.database, id, 1)).toEqual({ current: 'p6', former: ['p5'] });
    expect(await findPasswords(system, stage.database, randomUUID(), 1)).toBeUndefined();
  });

  it('is taken away, and counts among the former ones', async () => {
    const { id } = await stage.person();
    await clearPassword(system, stage.database, { person: id, now: NOW, former: 3 });
    await clearPassword(system, stage.database, { person: id, now: NOW, former: 3 });
    expect(await findPasswords(system, stage.database, id, 9)).toEqual({ current: null, former: ['a password'] });
  });

  it('is hashed anew only where it is still the same', async () => {
    const { id } = await stage.person();
    await rehashPassword(system, stage.database, { person: id, from: 'another', to: 'x' });
    expect(await findPasswords(system, stage.database, id, 0)).toEqual({ current: 'a password', former: [] });
    await rehashPassword(system, stage.database, {
      person: id,
      from: 'a password',
      to: '$argon2id$v=19$m=8,t=1,p=1,keyid=ab12$c2FsdA$aGFzaA',
    });
    expect(await secretKids(system, stage.database)).toContain('ab12');
  });
});

describe('an invitation', () => {
  const put = (person: string, hash: string, now = NOW) =>
    putInvitation(system, stage.database, { person, hash, now, ends: now + DAY });

  it('is for one person, one at a time, and used once', async () => {
    const { id, login } = await stage.person({ password: null });
    const [old, hash] = [randomUUID(), randomUUID()];
    await put(id, old);
    await put(id, hash);
    expect(await findInvitation(system, stage.database, old, NOW)).toBeUndefined();
    expect(await findInvitation(system, stage.database, hash, NOW)).toMatchObject({ id, login });
    expect(await findInvitation(system, stage.database, hash, NOW + DAY)).toBeUndefined();
    const results = await Promise.all([1, 2, 3].map(() => useInvitation(system, stage.database, hash, NOW)));
    expect(results.filter(Boolean)).toHaveLength(1);
  });

  it('dies with the standing of person and institution, and stays dead', async () => {
    for (const [table, key] of [
      ['person', 'id'],
      ['institution', 'rid'],
    ] as const) {
      const person = await stage.person({ password: null });
      const hash = randomUUID();
      await put(person.id, hash);
      const set = (value: string) =>
        stage.database.query(`UPDATE ${table} SET suspended_at = ${value} WHERE ${key} = $1`, [
          table === 'person' ? person.id : person.institution,
        ]);
      await set('now()');
      expect(await useInvitation(system, stage.database, hash, NOW)).toBe(false);
      await set('NULL');
      expect(await useInvitation(system, stage.database, hash, NOW)).toBe(false);
      await put(person.id, hash);
      await deleteInvitation(system, stage.database, person.id);
      expect(await findInvitation(system, stage.database, hash, NOW)).toBeUndefined();
    }
  });
});

describe('people of an institution', () => {
  it('are made by those who look after it, with a login and a Practitioner of their own', async () => {
    const institution = await stage.institution();
    const person = {
      id: randomUUID(),
      institution,
      login: 'mine',
      name: 'x',
      roles: ['nurse'],
      practitioner: 7n,
      practitionerId: 'p',
      practitionerRoleId: 'r',
      now: NOW,
    };
    for (const access of [of(institution, ['nurse']), of(999n), system])
      expect(await insertPerson(access, stage.database, person)).toBe('no-institution');
    expect(await insertPerson(of(1n, ['operator']), stage.database, { ...person, institution: 998n })).toBe(
      'no-institution',
    );
    expect(await insertPerson(of(institution), stage.database, person)).toBe('made');
    const next = { ...person, id: randomUUID() };
    expect(await insertPerson(of(institution), stage.database, next)).toBe('login-taken');
    expect(await insertPerson(of(institution), stage.database, { ...next, login: 'other' })).toBe('practitioner-taken');
    expect(await standsForSomebody(system, stage.database, 7n)).toBe(true);
    expect(await standsForSomebody(system, stage.database, 8n)).toBe(false);
  });

  it('are shown to those who look after it, by their logins', async () => {
    const institution = await stage.institution();
    for (const login of ['c.c', 'a.a', 'b.b']) await stage.person({ institution, login: `${institution}.${login}` });
    const list = async (access = of(institution), after = '', due: number | null = null) =>
      (await listPeople(access, stage.database, institution, { after, limit: 2, due })).map(({ login }) =>
        login.slice(-3),
      );
    expect(await list()).toEqual(['a.a', 'b.b']);
    expect(await list(of(institution), `${institution}.b.b`)).toEqual(['c.c']);
    expect(await list(of(institution), '', NOW - 1)).toEqual([]);
    expect(await list(of(institution), '', NOW)).toEqual(['a.a', 'b.b']);
    expect(await list(of(1n, ['operator']))).toHaveLength(2);
    for (const access of [of(institution, ['physician', 'coordinator']), of(999n), of(1n, ['read-only'])])
      expect(await list(access)).toEqual([]);
    expect(await findAdministered(of(institution), stage.database, institution)).toMatchObject({ rid: institution });
    expect(await findAdministered(of(999n), stage.database, institution)).toBeUndefined();
    expect(await findAdministered(of(1n, ['operator']), stage.database, 998n)).toBeUndefined();
  });

  it('are changed by those who look after it, and stand as they stand', async () => {
    const { id, institution, practitioner } = await stage.person();
    const mine = of(institution);
    const look = async () => (await lockAdministered(mine, stage.database, practitioner))!;
    expect(await lockAdministered(of(999n), stage.database, practitioner)).toBeUndefined();
    expect(await lockAdministered(mine, stage.database, 12345n)).toBeUndefined();
    expect(await look()).toMatchObject({ id, standing: 'active', roles: ['nurse'] });
    await putRights(mine, stage.database, await look(), {
      roles: ['clerk', 'read-only'],
      reviewedAt: NOW + DAY,
      practitionerRoleId: 'new',
    });
    expect(await look()).toMatchObject({
      roles: ['clerk', 'read-only'],
      reviewed_at: NOW + DAY,
      practitioner_role_id: 'new',
    });
    await putRights(mine, stage.database, await look(), { active: false });
    expect(await look()).toMatchObject({ standing: 'disabled' });
    await stage.database.query('UPDATE person SET suspended_at = now() WHERE id = $1', [id]);
    expect(await look()).toMatchObject({ standing: 'suspended' });
    await expect(putRights(of(999n), stage.database, await look(), { active: true })).rejects.toThrow('of others');
  });

  it('get another generation when they begin anew, and when they are shut out', async () => {
    const { id, institution, practitioner } = await stage.person();
    const generation = async () =>
      (await stage.database.query<{ generation: number }>('SELECT generation FROM person WHERE id = $1', [id])).rows[0]!
        .generation;
    const row = (await lockAdministered(of(institution), stage.database, practitioner))!;
    await putRights(of(institution), stage.database, row, { anew: true });
    expect(await generation()).toBe(1);
    await putRights(of(institution), stage.database, row, { active: false });
    await putRights(of(institution), stage.database, row, { active: true });
    expect(await generation()).toBe(2);
  });

  it('include administrators: those who can log in', async () => {
    const institution = await stage.institution();
    const roles = ['nurse', 'administrator'] as const;
    const one = await stage.person({ institution, roles });
    await stage.person({ institution, roles, password: null });
    await stage.person({ institution });
    const gone = await stage.person({ institution, roles });
    await stage.database.query('UPDATE person SET suspended_at = now() WHERE id = $1', [gone.id]);
    expect(await lockAdministrators(of(institution), stage.database, institution)).toEqual([one.id]);
  });
});

it.each<[string, () => Promise<unknown>]>([
  ['findCandidate', () => findCandidate(NO_ACCESS, stage.database, '', '')],
  ['isFamiliar', () => isFamiliar(NO_ACCESS, stage.database, '', '')],
  ['lockPerson', () => lockPerson(NO_ACCESS, stage.database, '')],
  ['findAccount', () => findAccount(NO_ACCESS, stage.database, '')],
  ['recordLogin', () => recordLogin(NO_ACCESS, stage.database, {} as never)],
  ['countFailure', () => countFailure(NO_ACCESS, stage.database, null)],
  ['findPasswords', () => findPasswords(NO_ACCESS, stage.database, '', 0)],
  ['replacePassword', () => replacePassword(NO_ACCESS, stage.database, {} as never)],
  ['rehashPassword', () => rehashPassword(NO_ACCESS, stage.database, {} as never)],
  ['clearPassword', () => clearPassword(NO_ACCESS, stage.database, {} as never)],
  ['secretKids', () => secretKids(NO_ACCESS, stage.database)],
  ['putInvitation', () => putInvitation(NO_ACCESS, stage.database, {} as never)],
  ['findInvitation', () => findInvitation(NO_ACCESS, stage.database, '', NOW)],
  ['useInvitation', () => useInvitation(NO_ACCESS, stage.database, '', NOW)],
  ['deleteInvitation', () => deleteInvitation(NO_ACCESS, stage.database, '')],
  ['insertPerson', () => insertPerson(NO_ACCESS, stage.database, {} as never)],
  ['findAdministered', () => findAdministered(NO_ACCESS, stage.database, 1n)],
  ['lockAdministered', () => lockAdministered(NO_ACCESS, stage.database, 1n)],
  ['listPeople', () => listPeople(NO_ACCESS, stage.database, 1n, {} as never)],
  ['lockAdministrators', () => lockAdministrators(NO_ACCESS, stage.database, 1n)],
  ['putRights', () => putRights(NO_ACCESS, stage.database, {} as never, {})],
  ['standsForSomebody', () => standsForSomebody(NO_ACCESS, stage.database, 1n)],
])('%s() throws without an Access', async (name, call) => {
  await expect(call()).rejects.toThrow(`${name}() without an Access`);
});
