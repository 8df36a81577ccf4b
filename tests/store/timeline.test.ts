import type { Access } from '../../src/access/access.ts';
import { timeline } from '../../src/store/timeline.ts';
import { access, DAY, type Draft, institution, ridOf, Stage, SYSTEM, WRITTEN } from './stage.ts';

let stage: Stage;

const P = ridOf('Patient/p');
const home = institution('hospital');
const HOSPITAL = access('hospital', {}, 'cooperating-hospital');
const TYPES = ['Observation', 'Condition', 'Communication'];

const entry = (more: Partial<Draft>): Draft => ({ owner: 'hospital', home, patients: [P], date: null, ...more });
const ROWS: Record<string, Draft> = {
  'Patient/p': { owner: 'hospital', home, patients: [P] },
  'Patient/q': { owner: 'other', home: institution('other'), patients: [ridOf('Patient/q')] },
  'Observation/new': entry({ date: 300, updated: WRITTEN + 2 * DAY }),
  'Observation/same1': entry({ date: 200 }),
  'Observation/same2': entry({ date: 200, owner: 'clinic' }),
  'Condition/same3': entry({ date: 200, updated: WRITTEN + DAY }),
  'Observation/old': entry({ date: -8.64e15, owner: 'clinic' }),
  'Observation/undated1': entry({}),
  'Observation/undated2': entry({ owner: 'clinic', updated: WRITTEN + DAY }),
  'Condition/undated3': entry({}),
  'Observation/sealed': entry({ date: 250, owner: 'clinic', sealed: true }),
  'Observation/gone': entry({ date: 260 }),
  'Observation/other': entry({ date: 270, patients: [ridOf('Patient/q')], home: institution('other') }),
  'Observation/both': entry({ date: 280, patients: [P, ridOf('Patient/q')], home: null }),
  'Communication/letter': entry({ date: 290, class: 'w', owner: 'clinic' }),
  'Procedure/unasked': entry({ date: 310 }),
};

beforeAll(async () => {
  stage = await Stage.open();
  await stage.store(ROWS);
  await stage.store({ 'Observation/gone': entry({ version: 2, interaction: 'd', content: null }) });
});
afterAll(() => stage.close());

const rid = (name: string) => ridOf(Object.keys(ROWS).find((one) => one.endsWith(`/${name}`)) as string);
/** Of equal dates the lesser resource key comes first. */
const tied = (...names: string[]) => names.sort((a, b) => (rid(a) < rid(b) ? -1 : 1));
const SEEN = ['new', ...tied('same1', 'same2', 'same3'), 'old', ...tied('undated1', 'undated2', 'undated3')];

const ids = async (access: Access, more: object = {}) =>
  (await timeline(access, stage.database, { patient: P, types: TYPES, limit: 100, ...more })).map(({ id }) => id);

describe('a timeline', () => {
  it('has what is visible of the patient, newest clinical date first, the undated last', async () => {
    expect(await ids(HOSPITAL)).toEqual(SEEN);
  });

  it('has for the system all there is', async () => {
    const all = await ids(SYSTEM);
    expect(all.slice(0, 4)).toEqual(['new', 'letter', 'both', 'sealed']);
    expect(all).not.toContain('gone');
    expect(all).not.toContain('other');
  });

  it('has nothing for who may see nothing of it', async () => {
    expect(await ids(access('stranger'))).toEqual([]);
  });

  it('has a letter for those whom it names, though the timeline is not theirs', async () => {
    expect(await ids(access('clinic'))).toEqual(['letter']);
  });

  it.each(SEEN.map((_, i) => i + 1))('goes on after any entry, in pages of %p', async (limit) => {
    const found: string[] = [];
    for (let after: { date: number | null; rid: bigint } | undefined; ; ) {
      const page = await timeline(HOSPITAL, stage.database, {
        patient: P,
        types: TYPES,
        limit,
        ...(after && { after }),
      });
      found.push(...page.map(({ id }) => id));
      after = page.at(-1);
      if (page.length < limit) break;
    }
    expect(found).toEqual(SEEN);
  });

  it.each([
    [{ types: ['Condition'] }, (name: string) => ['same3', 'undated3'].includes(name)],
    [{ types: [] }, () => false],
    [{ owners: [institution('clinic')] }, (name: string) => ['same2', 'old', 'undated2'].includes(name)],
    [{ owners: [institution('clinic'), home] }, () => true],
    [{ owners: [] }, () => false],
    [{ since: WRITTEN + DAY }, (name: string) => ['new', 'same3', 'undated2'].includes(name)],
    [{ since: WRITTEN + DAY + 1 }, (name: string) => name === 'new'],
    [{ since: WRITTEN + DAY, owners: [institution('clinic')] }, (name: string) => name === 'undated2'],
    [{ limit: 3 }, (name: string) => SEEN.indexOf(name) < 3],
  ])('of %p', async (more, wanted) => {
    expect(await ids(HOSPITAL, more)).toEqual(SEEN.filter(wanted));
  });

  it('tells each entry with its date and its bytes', async () => {
    const [first] = await timeline(HOSPITAL, stage.database, { patient: P, types: TYPES, limit: 1 });
    expect(first).toMatchObject({ mode: 'match', type: 'Observation', id: 'new', version: 1, date: 300, patient: P });
    expect(JSON.parse(String(first?.content))).toEqual({ resourceType: 'Observation', id: 'new' });
  });

  it.each([undefined, null] as unknown as Access[])('is not read for the Access %p', async (none) => {
    await expect(ids(none)).rejects.toThrow('without an Access');
  });
});
