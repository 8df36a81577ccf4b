import { Access } from '../../src/access/access.ts';
import type { Database } from '../../src/store/database.ts';
import { putGrant, removeGrant } from '../../src/store/grant.ts';
import { Keys } from '../../src/store/keys.ts';
import { referenced } from '../../src/store/read.ts';
import { Reads } from '../../src/store/reads.ts';
import { type Put, write } from '../../src/store/write.ts';
import { caller } from '../fhir/callers.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

const keys = new Keys('a secret that is only good enough for tests');
const system = Access.system('a test');
const [HOSPITAL, CLINIC] = [1n, 2n];
const hospital = caller(HOSPITAL, 'system/*.cruds', 'cooperating-hospital', { timeline: [HOSPITAL] });
const clinic = caller(CLINIC, 'system/*.cruds', 'medical', { networks: [HOSPITAL], timeline: [HOSPITAL] });
const rid = (name: string) => keys.rid(...(name.split('/') as [string, string]));
const TARGETS = ['Patient/p', 'Encounter/e', 'Task/t', 'Patient/gone', 'Patient/absent'];
const targets = (names: readonly string[]) => new Map(names.map((name) => [rid(name), name.split('/')[0] as string]));

let clone: Clone;
let database: Database;
let statements: number;
let reads: Reads;
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
  const here = [put('Patient/p'), put('Encounter/e'), put('Task/t', { class: 'w', owner: CLINIC, patients: [] })];
  await write(system, database, [...here, put('Patient/gone')], []);
  await write(system, database, [put('Patient/gone', { version: 2, interaction: 'd', content: null })], []);
});
afterAll(() => clone.drop());
beforeEach(() => {
  statements = 0;
  const counted: Pick<Database, 'query'> = {
    query: (...args: Parameters<Database['query']>) => {
      statements++;
      return database.query(...args) as never;
    },
  };
  reads = new Reads(counted as Database);
});

function put(name: string, more: Partial<Put> = {}): Put {
  const [type, id] = name.split('/') as [string, string];
  return {
    rid: rid(name),
    type,
    id,
    class: 'c',
    interaction: 'c',
    version: 1,
    owner: HOSPITAL,
    home: HOSPITAL,
    patients: [rid('Patient/p')],
    date: null,
    updated: 1_780_000_000_000,
    sealed: false,
    rows: { keys: [], ranges: [], strings: [] },
    content: Buffer.from('{}'),
    ...more,
  };
}
const grant = { organization: CLINIC, patient: rid('Patient/p'), hospital: HOSPITAL, consent: 9n };
const period = { starts: 0, ends: Date.UTC(2100, 0) };

describe('what writes refer to', () => {
  it('is looked up in one statement for all that come together', async () => {
    const answers = await Promise.all(TARGETS.map((name) => reads.referenced(hospital, targets([name]))));
    expect(statements).toBe(1);
    expect(answers.map((answer) => [...answer.values()].map(({ type, id }) => `${type}/${id}`))).toEqual([
      ['Patient/p'],
      ['Encounter/e'],
      [],
      [],
      [],
    ]);
  });

  it.each([
    ['the hospital', hospital],
    ['a clinic without a grant', clinic],
    ['the system', system],
  ])('is to %s what it is alone, with the types told or not', async (_, access) => {
    const rids = TARGETS.map(rid);
    const types = TARGETS.map((name) => name.split('/')[0] as string);
    const alone = await referenced(access, database, rids);
    expect(await referenced(access, database, rids, types)).toEqual(alone);
    expect(await reads.referenced(access, targets(TARGETS))).toEqual(alone);
  });

  it('is never shared by callers who see differently', async () => {
    const both = [reads.referenced(hospital, targets(['Patient/p'])), reads.referenced(clinic, targets(['Patient/p']))];
    expect((await Promise.all(both)).map((answer) => answer.size)).toEqual([1, 0]);
    expect(statements).toBe(2);
  });

  it('is not found under another type', async () => {
    expect(await reads.referenced(hospital, new Map([[rid('Patient/p'), 'Encounter']]))).toEqual(new Map());
  });

  it('is open from the grant on and closed with its end, for the first look-up that follows', async () => {
    const open = async () => (await reads.referenced(clinic, targets(['Patient/p']))).get(rid('Patient/p'))?.open;
    await putGrant(system, database, { ...grant, ...period });
    expect(await open()).toBe(true);
    await removeGrant(system, database, grant.consent);
    expect(await open()).toBeUndefined();
  });

  it('is nothing where nothing is referred to', async () => {
    expect(await reads.referenced(hospital, new Map())).toEqual(new Map());
    expect(statements).toBe(0);
  });
});
