import type { Access } from '../../src/access/access.ts';
import { UNDELIVERED } from '../../src/access/undelivered.ts';
import { putGrant } from '../../src/store/grant.ts';
import { putInstitution } from '../../src/store/institution.ts';
import {
  content,
  history,
  idsOf,
  institutions,
  lock,
  read,
  readMany,
  readVersion,
  readVersions,
  referenced,
  type StoredVersion,
} from '../../src/store/read.ts';
import { access, DAY, type Draft, institution, ridOf, Stage, SYSTEM, WRITTEN } from './stage.ts';

let stage: Stage;

const HOSPITAL = access('hospital', {}, 'cooperating-hospital');
const ELSEWHERE = access('elsewhere', {}, 'cooperating-hospital');
const CLINIC = access('clinic');
const GRANTED = access('granted', { timeline: [institution('hospital')] });
const STRANGER = access('stranger');

const patient = (name: string, owner: string): [string, Draft] => [
  name,
  { owner, home: institution(owner), patients: [ridOf(name)] },
];

/** One version after the other of what moves from patient to patient. */
const about = (owner: string, ...patients: readonly string[]): Partial<Draft> => ({
  home: patients.length === 1 ? institution(owner) : null,
  patients: patients.map(ridOf),
});

const bytes = (text: string) => Buffer.from(`{"text":"${text}"}`);

beforeAll(async () => {
  stage = await Stage.open();
  await stage.store(
    Object.fromEntries([
      patient('Patient/ours', 'hospital'),
      patient('Patient/theirs', 'elsewhere'),
      patient('Patient/own', 'clinic'),
    ]),
  );
  const first: Record<string, Draft> = {
    'Observation/moved': { owner: 'clinic', ...about('hospital', 'Patient/ours'), content: bytes('of ours') },
    'Observation/widened': { owner: 'clinic', ...about('clinic', 'Patient/own'), content: bytes('of own') },
    'Observation/freed': { owner: 'clinic', ...about('hospital', 'Patient/ours'), content: bytes('of ours') },
    'Observation/bound': { owner: 'clinic', patients: [], content: bytes('of nobody') },
    'Observation/same': { owner: 'clinic', ...about('hospital', 'Patient/ours'), content: bytes('first') },
    'Observation/gone': { owner: 'clinic', ...about('hospital', 'Patient/ours'), content: bytes('first') },
  };
  const second: Record<string, Draft> = {
    'Observation/moved': { owner: 'clinic', ...about('clinic', 'Patient/own'), content: bytes('of own') },
    'Observation/widened': { owner: 'clinic', ...about('', 'Patient/own', 'Patient/ours'), content: bytes('of both') },
    'Observation/freed': { owner: 'clinic', patients: [], content: bytes('of nobody') },
    'Observation/bound': { owner: 'clinic', ...about('clinic', 'Patient/own'), content: bytes('of own') },
    'Observation/same': { owner: 'clinic', ...about('hospital', 'Patient/ours'), content: bytes('second') },
    'Observation/gone': { owner: 'clinic', ...about('hospital', 'Patient/ours'), interaction: 'd', content: null },
  };
  await stage.store(first);
  await stage.store(
    Object.fromEntries(
      Object.entries(second).map(([name, draft]) => [
        name,
        { interaction: 'u', ...draft, version: 2, updated: WRITTEN + DAY } as Draft,
      ]),
    ),
  );
  const now = Date.now();
  await putGrant(SYSTEM, stage.database, {
    organization: institution('granted'),
    patient: ridOf('Patient/ours'),
    hospital: institution('hospital'),
    consent: 1n,
    starts: now - DAY,
    ends: now + DAY,
  });
  await putInstitution(SYSTEM, stage.database, {
    rid: institution('clinic'),
    id: 'clinic',
    kind: 'medical',
    name: 'Clinic',
    active: false,
  });
});
afterAll(() => stage.close());

const split = (name: string) => {
  const [type = '', id = ''] = name.split('/');
  return [type, id, ridOf(name)] as const;
};
const readOf = (access: Access, name: string) => read(access, stage.database, ...split(name));
const versionOf = (access: Access, name: string, version: number) =>
  readVersion(access, stage.database, ...split(name), version);
const historyOf = async (access: Access, name: string, more: object = {}) => {
  const [type, id, rid] = split(name);
  return history(access, stage.database, { type, id, rid, count: 50, ...more });
};
const textOf = (stored: StoredVersion | undefined) => stored?.content && JSON.parse(String(stored.content)).text;

describe('read()', () => {
  it('answers the current version, its bytes as they are', async () => {
    const found = await readOf(HOSPITAL, 'Observation/same');
    expect(found).toEqual({
      rid: ridOf('Observation/same'),
      type: 'Observation',
      id: 'same',
      version: 2,
      at: WRITTEN + DAY,
      interaction: 'u',
      patient: ridOf('Patient/ours'),
      patients: null,
      content: bytes('second'),
    });
  });

  it.each([
    ['absent', STRANGER, 'Observation/none'],
    ['invisible', STRANGER, 'Observation/same'],
    ['deleted and invisible', STRANGER, 'Observation/gone'],
  ] as [string, Access, string][])('answers nothing for what is %s', async (_, access, name) => {
    expect(await readOf(access, name)).toBeUndefined();
  });

  it('answers that something is deleted to those who could see it', async () => {
    expect(await readOf(HOSPITAL, 'Observation/gone')).toMatchObject({ version: 2, interaction: 'd', content: null });
    expect(await readOf(GRANTED, 'Observation/gone')).toMatchObject({ interaction: 'd' });
  });

  it.each([
    ['another id', 'Observation', 'other', 'Observation/same'],
    ['another type', 'Communication', 'same', 'Observation/same'],
    ['a type without a rule', 'Subscription', 'same', 'Observation/same'],
  ])('answers nothing for a key with %s', async (_, type, id, name) => {
    expect(await read(HOSPITAL, stage.database, type, id, ridOf(name))).toBeUndefined();
  });
});

describe('a version', () => {
  /** Who reads which versions. `moved` was the hospital's patient's, and is now of the clinic's own; `widened` is of both now. */
  it.each([
    ['Observation/same', HOSPITAL, ['first', 'second']],
    ['Observation/same', GRANTED, ['first', 'second']],
    ['Observation/same', CLINIC, []],
    ['Observation/moved', CLINIC, [undefined, 'of own']],
    ['Observation/moved', HOSPITAL, []],
    ['Observation/moved', GRANTED, []],
    ['Observation/widened', CLINIC, []],
    ['Observation/widened', HOSPITAL, []],
    ['Observation/freed', CLINIC, [undefined, 'of nobody']],
    ['Observation/freed', HOSPITAL, []],
    ['Observation/bound', CLINIC, ['of nobody', 'of own']],
    ['Observation/bound', HOSPITAL, []],
    ['Observation/same', STRANGER, []],
    ['Observation/none', HOSPITAL, []],
  ] as [string, Access, (string | undefined)[]][])('of %s (case %#)', async (name, access, texts) => {
    for (const [i, version] of [1, 2].entries()) expect(textOf(await versionOf(access, name, version))).toBe(texts[i]);
    const seen = (await historyOf(access, name))?.versions.map(textOf);
    const expected = texts.filter((text) => text !== undefined).reverse();
    expect(seen).toEqual(texts.length === 0 ? undefined : expected);
  });

  it('of both patients is for those to whom both are open', async () => {
    const both = access('clinic', { timeline: [institution('hospital')] });
    await putGrant(SYSTEM, stage.database, {
      organization: institution('clinic'),
      patient: ridOf('Patient/ours'),
      hospital: institution('hospital'),
      consent: 2n,
      starts: Date.now() - DAY,
      ends: Date.now() + DAY,
    });
    try {
      expect((await historyOf(both, 'Observation/widened'))?.versions.map(textOf)).toEqual(['of both', 'of own']);
      expect((await historyOf(both, 'Observation/moved'))?.versions.map(textOf)).toEqual(['of own', 'of ours']);
    } finally {
      await stage.database.query('DELETE FROM "grant" WHERE consent = 2');
    }
  });

  it.each([0, 3, -1, 2_147_483_647])('that is not there is none: %p', async (version) => {
    expect(await versionOf(HOSPITAL, 'Observation/same', version)).toBeUndefined();
  });

  it('of what is deleted is not served any more', async () => {
    expect(await versionOf(HOSPITAL, 'Observation/gone', 1)).toMatchObject({ version: 1, content: null });
    expect(await versionOf(HOSPITAL, 'Observation/gone', 2)).toMatchObject({ version: 2, content: null });
    expect(await versionOf(STRANGER, 'Observation/gone', 1)).toBeUndefined();
    expect((await historyOf(HOSPITAL, 'Observation/gone'))?.versions).toMatchObject([
      { version: 2, interaction: 'd', content: null },
    ]);
  });

  it('from before a deletion is not served either when the resource has come back', async () => {
    const about = { owner: 'hospital', home: institution('hospital'), patients: [ridOf('Patient/ours')] };
    const steps: Draft[] = [
      { ...about, content: bytes('before') },
      { ...about, interaction: 'd', content: null, version: 2 },
      { ...about, interaction: 'u', content: bytes('after'), version: 3 },
    ];
    for (const step of steps) await stage.store({ 'Observation/back': step });
    expect(await versionOf(HOSPITAL, 'Observation/back', 1)).toMatchObject({ version: 1, content: null });
    expect(textOf(await versionOf(HOSPITAL, 'Observation/back', 3))).toBe('after');
    const history = await historyOf(HOSPITAL, 'Observation/back');
    expect(history?.versions.map(({ version, interaction }) => [version, interaction])).toEqual([
      [3, 'u'],
      [2, 'd'],
    ]);
    expect(history?.total).toBe(2);
  });

  it('that was not to be given away is its owner’s, whatever came after', async () => {
    const about = { owner: 'clinic', home: institution('hospital'), patients: [ridOf('Patient/ours')] };
    const content = Buffer.from(JSON.stringify({ resourceType: 'Observation', meta: { tag: [{}, UNDELIVERED] } }));
    await stage.store({ 'Observation/kept': { ...about, content, sealed: true } });
    await stage.store({ 'Observation/kept': { ...about, content: bytes('given'), interaction: 'u', version: 2 } });
    for (const who of [HOSPITAL, GRANTED]) {
      expect(await versionOf(who, 'Observation/kept', 1)).toBeUndefined();
      expect((await historyOf(who, 'Observation/kept'))?.versions.map(textOf)).toEqual(['given']);
    }
    expect((await historyOf(SYSTEM, 'Observation/kept'))?.total).toBe(2);
  });

  it('is all there is to the system, which sees everything', async () => {
    expect((await historyOf(SYSTEM, 'Observation/moved'))?.versions.map(textOf)).toEqual(['of own', 'of ours']);
  });
});

describe('history()', () => {
  it('counts what may be seen, whatever the page', async () => {
    expect(await historyOf(HOSPITAL, 'Observation/same', { count: 1 })).toMatchObject({
      total: 2,
      versions: [{ version: 2 }],
    });
    expect(await historyOf(HOSPITAL, 'Observation/same', { count: 1, before: 2 })).toMatchObject({
      total: 2,
      versions: [{ version: 1 }],
    });
    expect(await historyOf(CLINIC, 'Observation/moved')).toMatchObject({ total: 1 });
  });

  it.each([
    [WRITTEN, [2, 1]],
    [WRITTEN + 1, [2]],
    [WRITTEN + DAY, [2]],
    [WRITTEN + DAY + 1, []],
  ])('since %p', async (since, versions) => {
    const found = await historyOf(HOSPITAL, 'Observation/same', { since });
    expect(found?.versions.map(({ version }) => version)).toEqual(versions);
    expect(found?.total).toBe(versions.length);
  });

  it('since a time when nothing happened is empty for those who see the resource, and nothing for others', async () => {
    expect(await historyOf(HOSPITAL, 'Observation/same', { since: WRITTEN + 2 * DAY })).toEqual({
      versions: [],
      total: 0,
    });
    expect(await historyOf(STRANGER, 'Observation/same', { since: WRITTEN + 2 * DAY })).toBeUndefined();
  });
});

describe('several at once', () => {
  it('are those of them that may be seen', async () => {
    const rids = ['Observation/same', 'Observation/moved', 'Observation/none', 'Patient/theirs'].map(ridOf);
    const names = async (access: Access) =>
      (await readMany(access, stage.database, ['Observation', 'Patient'], rids))
        .map(({ type, id }) => `${type}/${id}`)
        .sort();
    expect(await names(HOSPITAL)).toEqual(['Observation/same']);
    expect(await names(CLINIC)).toEqual(['Observation/moved']);
    expect(await names(ELSEWHERE)).toEqual(['Patient/theirs']);
    expect(await names(STRANGER)).toEqual([]);
  });

  it('are the versions asked for, each beside its resource', async () => {
    const rids = [ridOf('Observation/same'), ridOf('Observation/moved'), ridOf('Observation/same')];
    const found = await readVersions(HOSPITAL, stage.database, ['Observation'], rids, [2, 1, 1]);
    expect(found.map(({ id, version }) => `${id} ${version}`).sort()).toEqual(['same 1', 'same 2']);
  });
});

describe('what a write refers to', () => {
  it('is what exists and is visible, and whether a timeline is open', async () => {
    const rids = ['Patient/ours', 'Patient/theirs', 'Observation/same', 'Observation/gone', 'Observation/none'].map(
      ridOf,
    );
    const known = async (access: Access) =>
      [...(await referenced(access, stage.database, rids)).values()]
        .map(({ type, id, open }) => `${type}/${id} ${open}`)
        .sort();
    expect(await known(HOSPITAL)).toEqual(['Observation/same false', 'Patient/ours true']);
    expect(await known(GRANTED)).toEqual(['Observation/same false', 'Patient/ours true']);
    expect(await known(ELSEWHERE)).toEqual(['Patient/theirs true']);
    expect(await known(STRANGER)).toEqual([]);
  });

  it('asks nothing where there is nothing to ask for', async () => {
    const never = { query: () => Promise.reject(new Error('asked')) };
    expect(await referenced(HOSPITAL, never, [])).toEqual(new Map());
    expect(await lock(HOSPITAL, never, [])).toEqual(new Map());
  });

  it('may be an institution that is not seen yet', async () => {
    const found = await institutions(STRANGER, stage.database, [institution('clinic'), institution('hospital')]);
    expect(found).toEqual(
      new Map([[institution('clinic'), { rid: institution('clinic'), kind: 'medical', active: false }]]),
    );
  });
});

describe('lock()', () => {
  it('tells what is there from what is seen', async () => {
    const names = ['Observation/same', 'Observation/gone', 'Patient/theirs', 'Observation/none'];
    const locked = await lock(HOSPITAL, stage.database, names.map(ridOf));
    expect(names.map((name) => locked.get(ridOf(name)))).toMatchObject(
      [
        { seen: true, deleted: false, version: 2, owner: institution('clinic'), home: institution('hospital') },
        { seen: true, deleted: true },
        { seen: false },
        undefined as never,
      ].slice(0, 3),
    );
    expect(locked.has(ridOf('Observation/none'))).toBe(false);
  });

  it('waits for who came first, and answers what that one left', async () => {
    const rid = ridOf('Observation/same');
    let second: Promise<unknown> | undefined;
    await stage.database.transaction(async (transaction) => {
      await lock(HOSPITAL, transaction, [rid]);
      second = stage.database.transaction((other) => lock(HOSPITAL, other, [rid]));
      await transaction.query('UPDATE resource SET version = 7 WHERE rid = $1::bigint', [rid]);
    });
    expect(await second).toEqual(new Map([[rid, expect.objectContaining({ version: 7, seen: true })]]));
    await stage.database.query('UPDATE resource SET version = 2 WHERE rid = $1::bigint', [rid]);
  });

  it('takes rows in one order for everybody', async () => {
    const rids = ['Observation/same', 'Observation/moved', 'Observation/freed', 'Observation/bound'].map(ridOf);
    const both = (order: readonly bigint[]) =>
      stage.database.transaction((transaction) => lock(SYSTEM, transaction, order), { retries: 0 });
    await Promise.all(Array.from({ length: 20 }, (_, i) => both(i % 2 ? rids : rids.toReversed())));
  });
});

describe('what was reached otherwise', () => {
  it('has its bytes', async () => {
    const rid = ridOf('Observation/same');
    expect(await content(SYSTEM, stage.database, rid, 1)).toEqual(bytes('first'));
    expect(await content(SYSTEM, stage.database, rid, 9)).toBeUndefined();
    expect(await content(SYSTEM, stage.database, ridOf('Observation/gone'), 2)).toBeUndefined();
  });

  it('has its id', async () => {
    expect(await idsOf(SYSTEM, stage.database, [ridOf('Patient/ours'), 5n])).toEqual(
      new Map([[ridOf('Patient/ours'), 'ours']]),
    );
  });
});

describe.each([undefined, null] as unknown as Access[])('for the Access %p', (none) => {
  it.each([
    ['read', () => readOf(none, 'Observation/same')],
    ['readMany', () => readMany(none, stage.database, ['Observation'], [1n])],
    ['readVersion', () => versionOf(none, 'Observation/same', 1)],
    ['readVersions', () => readVersions(none, stage.database, ['Observation'], [1n], [1])],
    ['history', () => historyOf(none, 'Observation/same')],
    ['referenced', () => referenced(none, stage.database, [1n])],
    ['lock', () => lock(none, stage.database, [1n])],
    ['institutions', () => institutions(none, stage.database, [1n])],
    ['content', () => content(none, stage.database, 1n, 1)],
    ['idsOf', () => idsOf(none, stage.database, [1n])],
  ] as [string, () => Promise<unknown>][])('%s() throws', async (_, ask) => {
    await expect(ask()).rejects.toThrow('without an Access');
  });
});
