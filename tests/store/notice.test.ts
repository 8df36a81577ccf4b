import { randomUUID } from 'node:crypto';
import { Access, type Caller } from '../../src/access/access.ts';
import type { Database } from '../../src/store/database.ts';
import {
  addressees,
  correctNotice,
  insertNotice,
  jobsFailing,
  lockNotice,
  membersAmong,
  type NoticeRow,
  publicNotices,
  stopsNow,
  withdrawNotice,
} from '../../src/store/notice.ts';
import { markRead, noticesTo, readersOf } from '../../src/store/notice-reading.ts';
import { Values } from '../../src/store/sql.ts';
import { visible } from '../../src/store/visible.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

const SYSTEM = Access.system('test');
const [OPERATOR, HOSPITAL, CLINIC, CARE, OTHER] = [1n, 2n, 3n, 4n, 5n];
const HOUR = 3_600_000;
const NOW = Date.now();

let clone: Clone;
let database: Database;
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
  await database.query(
    `INSERT INTO institution (rid, id, kind, name) VALUES (1, 'operator', 'operator', 'o'), (2, 'hospital', 'cooperating-hospital', 'h'),
       (3, 'clinic', 'medical', 'c'), (4, 'care', 'care', 'k'), (5, 'other', 'cooperating-hospital', 'x')`,
  );
  await database.query(
    `INSERT INTO affiliation (rid, hospital, member, medical, care, timeline, active, ends) VALUES (90, 2, 3, true, true, true, true, 'infinity'),
       (91, 2, 4, false, true, true, true, now() - interval '1 day')`,
  );
});
afterAll(() => clone?.drop());

const caller = (organization: bigint, networks: readonly bigint[], kind = 'medical', person?: string): Access =>
  Access.of({
    organization,
    organizationId: String(organization),
    kind,
    clientId: 'c',
    scopes: [{ type: '*', c: true, r: true, u: true, d: true, s: true, ...(person && { context: 'user' }) }],
    networks,
    medical: networks,
    care: networks,
    timeline: networks,
    purpose: 'TREAT',
    requestId: 'r',
    ...(person && {
      person: {
        id: person,
        name: 'p',
        practitioner: null,
        practitionerId: null,
        roles: ['physician'],
        strong: true,
        authenticatedAt: 0,
        session: null,
      },
    }),
  } as Caller);

let next = 100n;
const notice = (more: Partial<NoticeRow> = {}): NoticeRow => ({
  rid: next++,
  id: randomUUID(),
  publisher: OPERATOR,
  kind: 'information',
  everyone: true,
  networks: [],
  institutions: [],
  published: NOW - HOUR,
  starts: null,
  ends: null,
  stops: false,
  withdrawn: null,
  override: null,
  title: 't',
  body: 'b',
  titleEn: null,
  bodyEn: null,
  ...more,
});

/** With its Communication. */
async function put(one: NoticeRow): Promise<NoticeRow> {
  await database.query(
    `INSERT INTO resource (rid, owner, updated, version, class, deleted, sealed, type, id, keys)
     VALUES ($1::bigint, $2::bigint, 0, 1, 'w', false, false, 'Communication', $3, '{}')`,
    [one.rid, one.publisher, one.id],
  );
  await database.query(
    `INSERT INTO resource_version (rid, at, version, place, interaction, content) VALUES ($1::bigint, 0, 1, 0, 'c', 'x')`,
    [one.rid],
  );
  await insertNotice(SYSTEM, database, one);
  return one;
}

async function sees(access: Access, { rid }: NoticeRow, types?: readonly string[]): Promise<boolean> {
  const values = new Values();
  const rids = values.add(rid, 'bigint');
  const text = `SELECT 1 FROM resource r WHERE r.rid = ${rids} AND ${visible('r', access, values, types)}`;
  return (await database.query(text, values.list)).rows.length > 0;
}

describe('who sees a notice', () => {
  const clinic = caller(CLINIC, [HOSPITAL]);
  const hospital = caller(HOSPITAL, [HOSPITAL], 'cooperating-hospital');
  const other = caller(OTHER, [OTHER], 'cooperating-hospital');

  it.each<[string, Partial<NoticeRow>, readonly [boolean, boolean, boolean]]>([
    ['everyone', {}, [true, true, true]],
    ['a network', { everyone: false, networks: [HOSPITAL] }, [true, true, false]],
    ['two networks', { everyone: false, networks: [OTHER, HOSPITAL] }, [true, true, true]],
    ['an institution', { everyone: false, institutions: [CLINIC] }, [true, false, false]],
    ['everyone, but later', { published: NOW + HOUR }, [false, false, false]],
    [
      'an institution, but later',
      { everyone: false, institutions: [CLINIC], published: NOW + HOUR },
      [false, false, false],
    ],
  ])('for %s', async (_, more, expected) => {
    const one = await put(notice(more));
    const all = [clinic, hospital, other];
    for (const types of [undefined, ['Communication'], ['Communication', 'Task']])
      expect(await Promise.all(all.map((access) => sees(access, one, types)))).toEqual(expected);
    const listed = await Promise.all(
      all.map(async (access) =>
        (await noticesTo(access, database, { unread: false, kind: null, limit: 200 })).some(({ id }) => id === one.id),
      ),
    );
    expect(listed).toEqual(expected);
  });

  it('nobody by being named on it: it makes no parties', async () => {
    const one = notice({ everyone: false, institutions: [CARE] });
    await database.query('INSERT INTO party (rid, organization, via) VALUES ($1::bigint, $2::bigint, $1::bigint)', [
      one.rid,
      CLINIC,
    ]);
    await put(one);
    expect(await sees(clinic, one)).toBe(false);
  });

  it('nothing of it is in the predicate of other types', () => {
    const text = (types?: readonly string[]) => visible('r', clinic, new Values(), types);
    expect(text(['Task'])).not.toContain('notice');
    expect(text(['Patient', 'Observation'])).not.toContain('notice');
    expect(text(['Communication'])).toContain('notice');
    expect(text()).toContain('notice');
  });

  it('a row of notice opens no resource of another type', async () => {
    const one = await put(notice());
    await database.query(`UPDATE resource SET type = 'Task' WHERE rid = $1::bigint`, [one.rid]);
    expect(await sees(clinic, one)).toBe(false);
  });
});

describe('reading', () => {
  const clinic = caller(CLINIC, [HOSPITAL]);
  const unread = async (access: Access, { id }: NoticeRow) =>
    (await noticesTo(access, database, { unread: true, kind: null, limit: 200 })).some((one) => one.id === id);

  it('is marked once by each, and counts for a system when anybody of its institution has', async () => {
    const one = await put(notice({ everyone: false, institutions: [CLINIC] }));
    const id = randomUUID();
    await database.query(
      `INSERT INTO person (id, institution, login, name, roles, created_at, reviewed_at) VALUES ($1::uuid, 3, 'p', 'p', '{physician}', now(), now())`,
      [id],
    );
    const person = caller(CLINIC, [HOSPITAL], 'medical', id);
    expect([await unread(clinic, one), await unread(person, one)]).toEqual([true, true]);
    expect(await markRead(person, database, one.rid, NOW)).toEqual({ at: NOW, first: true });
    expect(await markRead(person, database, one.rid, NOW + 1)).toEqual({ at: NOW, first: false });
    expect([await unread(clinic, one), await unread(person, one)]).toEqual([false, false]);
    expect(await readersOf(SYSTEM, database, one.rid, '', 10)).toEqual([
      { institution: 'clinic', name: 'c', first: NOW, people: 1 },
    ]);
    expect(await markRead(caller(OTHER, [OTHER]), database, one.rid, NOW)).toBeUndefined();
    expect(await markRead(clinic, database, 0n, NOW)).toBeUndefined();
  });

  it('goes through all that are shown, a page at a time, also where several were published at once', async () => {
    const here = caller(CARE, []);
    for (let i = 0; i < 7; i++)
      await put(notice({ everyone: false, institutions: [CARE], published: NOW - (i % 3) * HOUR }));
    const draft = await put(notice({ everyone: false, institutions: [CARE], published: NOW + HOUR }));
    const asked = { unread: false, kind: null };
    const all = (await noticesTo(here, database, { ...asked, limit: 200 })).map(({ id }) => id);
    const rids = new Map<string, bigint>();
    for (const { rid, id } of (await database.query<{ rid: bigint; id: string }>('SELECT rid, id FROM notice')).rows)
      rids.set(id, rid);
    const paged: string[] = [];
    for (let after: bigint | null = null; ; ) {
      const page = await noticesTo(here, database, { ...asked, after, limit: 2 });
      paged.push(...page.map(({ id }) => id));
      if (page.length < 2) break;
      after = rids.get(page.at(-1)?.id as string) as bigint;
    }
    expect(paged).toEqual(all);
    expect(paged.length).toBeGreaterThan(6);
    for (const after of [draft.rid, 12_345n])
      expect(await noticesTo(here, database, { ...asked, after, limit: 2 })).toEqual([]);
  });

  it('of a system is not that of a person', async () => {
    const one = await put(notice({ everyone: false, institutions: [CLINIC] }));
    const person = caller(CLINIC, [HOSPITAL], 'medical', randomUUID());
    const marks = [markRead(clinic, database, one.rid, NOW), markRead(clinic, database, one.rid, NOW)];
    expect((await Promise.all(marks)).map((mark) => mark?.first).sort()).toEqual([false, true]);
    expect([await unread(clinic, one), await unread(person, one)]).toEqual([false, true]);
  });

  it('begins anew with a correction, and is over with a withdrawal', async () => {
    const one = await put(notice());
    await markRead(clinic, database, one.rid, NOW);
    await correctNotice(SYSTEM, database, one.rid, { ...one, body: 'other' });
    expect(await unread(clinic, one)).toBe(true);
    await withdrawNotice(SYSTEM, database, one.rid, NOW);
    expect(await unread(clinic, one)).toBe(false);
    expect((await lockNotice(SYSTEM, database, one.rid))?.withdrawn).toBe(NOW);
  });

  it('reaches who is in the network now', async () => {
    const one = await put(notice({ everyone: false, networks: [HOSPITAL] }));
    expect((await readersOf(SYSTEM, database, one.rid, '', 10)).map(({ institution }) => institution)).toEqual([
      'clinic',
      'hospital',
    ]);
    expect((await readersOf(SYSTEM, database, one.rid, 'clinic', 10)).map(({ institution }) => institution)).toEqual([
      'hospital',
    ]);
    expect(await membersAmong(SYSTEM, database, HOSPITAL, [CLINIC, CARE, OTHER])).toEqual(new Set([CLINIC]));
    expect(await addressees(SYSTEM, database, [OPERATOR, CARE, 77n])).toEqual(new Map([[CARE, 'care']]));
  });
});

describe('the status page', () => {
  const asked = { now: NOW, since: NOW - 24 * HOUR };
  const told = async (one: NoticeRow) =>
    (await publicNotices(SYSTEM, database, ['outage'], asked)).some(({ rid }) => rid === one.rid);

  it.each<[string, Partial<NoticeRow>, boolean]>([
    ['what everyone was told', {}, true],
    ['what is to come', { starts: NOW + 100 * HOUR, ends: NOW + 101 * HOUR, published: NOW - 50 * HOUR }, true],
    ['what is over for long', { starts: NOW - 90 * HOUR, ends: NOW - 80 * HOUR, published: NOW - 90 * HOUR }, false],
    ['what is not published yet', { published: NOW + HOUR }, false],
    ['what is for some', { everyone: false, networks: [HOSPITAL] }, false],
    ['another kind', { kind: 'information' }, false],
    [
      'another kind that stops the service',
      { kind: 'suspension', stops: true, starts: NOW + 50 * HOUR, ends: NOW + 51 * HOUR },
      true,
    ],
  ])('%s', async (_, more, expected) => {
    expect(await told(await put(notice({ kind: 'outage', ...more })))).toBe(expected);
  });

  it('tells nothing that was withdrawn, before it was shown neither', async () => {
    for (const published of [NOW - HOUR, NOW + HOUR]) {
      const one = await put(notice({ kind: 'outage', published }));
      await withdrawNotice(SYSTEM, database, one.rid, NOW);
      expect(await told(one)).toBe(false);
    }
  });

  it('counts jobs that fail', async () => {
    expect(await jobsFailing(SYSTEM, database)).toBe(0);
    await database.query(`INSERT INTO job (name, due_at, failures, failure) VALUES ('j', now(), 2, 'x')`);
    expect(await jobsFailing(SYSTEM, database)).toBe(1);
  });
});

it('knows what stops the service now', async () => {
  const stop = (starts: number, ends: number, more: Partial<NoticeRow> = {}) =>
    put(notice({ stops: true, starts, ends, ...more }));
  const running = await stop(NOW - HOUR, NOW + HOUR);
  const later = await stop(NOW + HOUR, NOW + 2 * HOUR);
  const unpublished = await stop(NOW - HOUR, NOW + HOUR, { published: NOW + HOUR });
  expect(await stopsNow(SYSTEM, database, NOW)).toEqual([await lockNotice(SYSTEM, database, running.rid)]);
  expect((await stopsNow(SYSTEM, database, NOW + HOUR)).map(({ rid }) => rid)).toEqual([later.rid]);
  expect((await lockNotice(SYSTEM, database, unpublished.rid))?.stops).toBe(true);
  await withdrawNotice(SYSTEM, database, running.rid, NOW);
  expect(await stopsNow(SYSTEM, database, NOW)).toEqual([]);
});

it('refuses who is not the system, and statements without an Access', async () => {
  const clinic = caller(CLINIC, [HOSPITAL]);
  const none = undefined as unknown as Access;
  await expect(insertNotice(clinic, database, notice())).rejects.toThrow('system');
  await expect(withdrawNotice(clinic, database, 1n, NOW)).rejects.toThrow('system');
  await expect(stopsNow(clinic, database, NOW)).rejects.toThrow('system');
  await expect(publicNotices(clinic, database, [], { now: 0, since: 0 })).rejects.toThrow('system');
  await expect(lockNotice(none, database, 1n)).rejects.toThrow('Access');
  await expect(readersOf(none, database, 1n, '', 1)).rejects.toThrow('Access');
  await expect(markRead(SYSTEM, database, 1n, NOW)).rejects.toThrow('caller');
});
