import { randomUUID } from 'node:crypto';
import { findAppConsents, putAppConsent, removeAppConsent } from '../../src/store/app-consent.ts';
import {
  deleteSingle,
  endGrant,
  findGrant,
  findSingle,
  insertGrant,
  insertSingle,
  type NewGrant,
  type Single,
  useSingle,
} from '../../src/store/authorization.ts';
import type { Database } from '../../src/store/database.ts';
import { insertClient } from '../../src/store/identity.ts';
import {
  deleteInteraction,
  findInteraction,
  insertLaunch,
  putInteraction,
  usedLaunch,
  useLaunch,
} from '../../src/store/interaction.ts';
import { findAccount, findPresent } from '../../src/store/present.ts';
import { deleteToken, findTokens, insertPersonToken } from '../../src/store/token.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

const INSTITUTION = 1n;
let clone: Clone;
let database: Database;
let person: string;
let session: string;

beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
  for (const [rid, kind] of [
    [INSTITUTION, 'medical'],
    [2n, 'medical'],
    [99n, 'operator'],
  ] as const)
    await database.query('INSERT INTO institution (rid, id, kind, name, services) VALUES ($1, $2, $3, $2, 63)', [
      rid,
      `i${rid}`,
      kind,
    ]);
});
afterAll(() => clone.drop());

beforeEach(async () => {
  person = randomUUID();
  session = await addSession((await addPerson(person)) as string);
});

async function addPerson(id: string, institution = INSTITUTION): Promise<string> {
  await database.query(
    `INSERT INTO person (id, institution, login, name, roles, created_at, reviewed_at, password_long)
     VALUES ($1, $2, $3, 'x', '{nurse}', now(), now(), false)`,
    [id, institution, id],
  );
  return id;
}

async function addSession(of: string): Promise<string> {
  const id = randomUUID();
  await database.query(
    `INSERT INTO session (id, hash, person, person_generation, institution_generation, created_at, seen_at, idle_at, expires_at,
       authenticated_at, strong, amr, address, agent)
     SELECT $1, $2, p.id, p.generation, i.generation, now(), now(), now() + interval '15 minutes', now() + interval '12 hours', now(), true,
       '{pwd}', '::1', 'x' FROM person p JOIN institution i ON i.rid = p.institution WHERE p.id = $3`,
    [id, id, of],
  );
  return id;
}

async function addApp(institution = INSTITUTION, kind: 'app' | 'system' = 'app'): Promise<string> {
  const id = randomUUID();
  await insertClient(database, { id, institution, name: id, scope: 'user/*.rs', kind, authMethod: 'none' });
  return id;
}

async function grant(more: Partial<NewGrant> = {}): Promise<string> {
  const id = randomUUID();
  const given = {
    id,
    client: more.client ?? (await addApp()),
    person,
    session,
    offlineSeconds: null,
    institution: null,
    patient: null,
  };
  return (await insertGrant(database, { ...given, scope: 'user/*.rs', oidcScope: '', ...more })) ? id : '';
}

const update = (text: string, ...values: unknown[]) => database.query(`UPDATE ${text}`, values);

describe('an authorization', () => {
  it('is begun by whoever may use the app in a session that stands, and by nobody else', async () => {
    expect(await grant()).not.toBe('');
    expect(await grant({ client: await addApp(99n) })).not.toBe('');
    expect(await grant({ client: await addApp(2n) })).toBe('');
    expect(await grant({ client: await addApp(INSTITUTION, 'system') })).toBe('');
    expect(await grant({ client: 'unknown' })).toBe('');
    expect(await grant({ session: randomUUID() })).toBe('');
    expect(await grant({ person: await addPerson(randomUUID()) })).toBe('');
    expect(await grant({ institution: INSTITUTION })).not.toBe('');
    expect(await grant({ institution: 2n })).toBe('');
  });

  it('holds as long as the session, unless it is to go on', async () => {
    const [online, offline] = [await grant(), await grant({ offlineSeconds: 3600 })];
    expect(await findGrant(database, online)).toMatchObject({ session, institution: INSTITUTION });
    expect(await findGrant(database, offline)).toMatchObject({ session: null });
    await update("session SET idle_at = now() - interval '1 second' WHERE id = $1", session);
    expect([await findGrant(database, online), (await findGrant(database, offline))?.id]).toEqual([undefined, offline]);
  });

  it.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    [
      'the person',
      () => update('person SET active = false WHERE id = $1', person),
      () => update('person SET active = true WHERE id = $1', person),
    ],
    [
      'the institution',
      () => update('institution SET suspended_at = now() WHERE rid = $1', INSTITUTION),
      () => update('institution SET suspended_at = NULL WHERE rid = $1', INSTITUTION),
    ],
    [
      'the contract',
      () => update('institution SET services = 0 WHERE rid = $1', INSTITUTION),
      () => update('institution SET services = 63 WHERE rid = $1', INSTITUTION),
    ],
    [
      'the owner of the app',
      () => update('institution SET active = false WHERE rid = 99'),
      () => update('institution SET active = true WHERE rid = 99'),
    ],
  ])('ends with %s, and does not come back', async (_, shut, lift) => {
    const id = await grant({ client: await addApp(99n), offlineSeconds: 3600 });
    const token = { hash: `token of ${id}`, grant: id, scope: 'user/*.rs', seconds: 60 };
    expect(await insertPersonToken(database, token)).toBe(true);
    await shut();
    try {
      expect([await findGrant(database, id), await findTokens(database, [token.hash])]).toEqual([undefined, []]);
      expect(await insertPersonToken(database, { ...token, hash: `second ${id}` })).toBe(false);
    } finally {
      await lift();
    }
    expect([await findGrant(database, id), await findTokens(database, [token.hash])]).toEqual([undefined, []]);
  });

  it('that is ended takes its tokens along', async () => {
    const id = await grant();
    await insertPersonToken(database, { hash: `of ${id}`, grant: id, scope: 'user/*.rs', seconds: 60 });
    const [row] = await findTokens(database, [`of ${id}`]);
    expect(row).toMatchObject({ grant_id: id, person, session, strong: true, roles: ['nurse'], contracted: 63 });
    await endGrant(database, id);
    await endGrant(database, id);
    expect(await findTokens(database, [`of ${id}`])).toEqual([]);
    await deleteToken(database, `of ${id}`);
  });
});

describe.each<Single>(['authorization_code', 'refresh_token'])('%s', (table) => {
  const insert = (hash: string, id: string) =>
    insertSingle(database, table, { hash, grant: id, seconds: 60, content: { a: 1 } });

  it('is kept as it was given, used or not', async () => {
    const [id, hash] = [await grant(), randomUUID()];
    expect(await insert(hash, id)).toBe(true);
    expect(await findSingle(database, table, hash)).toEqual({ grant_id: id, used: null, content: { a: 1 } });
    expect(await useSingle(database, table, hash)).toBe(true);
    expect((await findSingle(database, table, hash))?.used).toBeGreaterThan(0);
    expect(await findGrant(database, id)).toBeDefined();
    await deleteSingle(database, table, hash);
    expect(await findSingle(database, table, hash)).toBeUndefined();
  });

  it('is used by one of all, and the second use ends the authorization', async () => {
    const [id, hash] = [await grant(), randomUUID()];
    await insert(hash, id);
    const other = await clone.open();
    const uses = await Promise.all(
      [database, other, database, other, database].map((one) => useSingle(one, table, hash)),
    );
    expect(uses.filter(Boolean)).toHaveLength(1);
    expect(await findGrant(database, id)).toBeUndefined();
  });

  it('is not given where the authorization is over, and one that there is not is used by nobody', async () => {
    const id = await grant();
    await endGrant(database, id);
    expect(await insert(randomUUID(), id)).toBe(false);
    expect(await useSingle(database, table, randomUUID())).toBe(false);
  });
});

describe('what people allow apps', () => {
  it('adds up, is listed, and is taken back with all that follows from it', async () => {
    const client = await addApp();
    expect(await findAppConsents(database, person, client)).toEqual([]);
    await putAppConsent(database, { person, client, scope: 'openid user/Patient.rs' });
    await putAppConsent(database, { person, client, scope: 'openid user/Task.rs' });
    const [known] = await findAppConsents(database, person);
    expect(known).toMatchObject({ client, scope: 'openid user/Patient.rs user/Task.rs', institution_name: 'i1' });
    const id = await grant({ client });
    expect(await removeAppConsent(database, person, client)).toBe(true);
    expect(await findGrant(database, id)).toBeUndefined();
    expect(await removeAppConsent(database, person, client)).toBe(false);
    expect(await removeAppConsent(database, randomUUID(), client)).toBe(false);
  });
});

describe('an interaction', () => {
  it('is kept until it is over, changed or deleted', async () => {
    const hash = randomUUID();
    await putInteraction(database, { hash, seconds: 60, content: { a: 1 } });
    await putInteraction(database, { hash, seconds: 60, content: { a: 2 } });
    expect(await findInteraction(database, hash)).toEqual({ a: 2 });
    await deleteInteraction(database, hash);
    expect(await findInteraction(database, hash)).toBeUndefined();
    await putInteraction(database, { hash, seconds: -1, content: {} });
    expect(await findInteraction(database, hash)).toBeUndefined();
  });
});

describe('a launch', () => {
  const launch = async (more: object = {}) => {
    const [hash, client] = [randomUUID(), 'an-app'];
    await insertLaunch(database, {
      hash,
      client,
      institution: INSTITUTION,
      person: null,
      patient: { rid: 5n, id: 'p' },
      seconds: 60,
      ...more,
    });
    return { hash, client };
  };

  it('is used by one of all, and then says what it says', async () => {
    const { hash, client } = await launch();
    expect(await usedLaunch(database, hash, client)).toBeUndefined();
    const other = await clone.open();
    const uses = await Promise.all([database, other, database, other].map((one) => useLaunch(one, hash, client)));
    expect(uses.filter(Boolean)).toHaveLength(1);
    expect(await usedLaunch(database, hash, client)).toEqual({
      institution: INSTITUTION,
      person: null,
      patient: 5n,
      patient_id: 'p',
    });
    expect(await usedLaunch(database, hash, 'another')).toBeUndefined();
  });

  it('is not used by another app, nor too late', async () => {
    const { hash } = await launch();
    expect(await useLaunch(database, hash, 'another')).toBe(false);
    const late = await launch({ seconds: -1 });
    expect(await useLaunch(database, late.hash, late.client)).toBe(false);
  });
});

describe('who is present', () => {
  it('is a person in a session that stands', async () => {
    expect(await findPresent(database, person, session)).toMatchObject({
      person,
      institution: INSTITUTION,
      roles: ['nurse'],
      strong: true,
    });
    expect(await findPresent(database, randomUUID(), session)).toBeUndefined();
    expect(await findAccount(database, person)).toEqual({ id: person, name: 'x', practitioner_id: null });
    await update('person SET suspended_at = now() WHERE id = $1', person);
    expect(await findPresent(database, person, session)).toBeUndefined();
    expect(await findAccount(database, person)).toBeUndefined();
  });
});
