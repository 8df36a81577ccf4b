import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Access } from '../../src/access/access.ts';
import { policyTable } from '../../src/access/policy.ts';
import { planSearch } from '../../src/fhir/search/index.ts';
import { history, lock, read, readVersion, referenced, type StoredVersion } from '../../src/store/read.ts';
import { Reads } from '../../src/store/reads.ts';
import { type Found, type FoundRow, type Position, search } from '../../src/store/search.ts';
import { timeline } from '../../src/store/timeline.ts';
import { Ground, type Laid, nameOf } from './ground.ts';
import { Oracle, patientsOf } from './oracle.ts';
import { modelPages, type Page } from './pages.ts';
import { type Draft, draft, searchOf } from './searches.ts';
import { INSTITUTIONS, idsOf, world } from './world.ts';

/**
 * For random data, grants and searches, what an institution gets equals what an unguarded search gives over a database that holds
 * only its visible resources. What is visible is told by a model of the rules (oracle.ts). What a search finds among it is told
 * twice: by PostgreSQL without a guard over tables with those rows alone, and by a model of the query tree in memory.
 *
 * A failure prints seed and path; `fc.assert(…, { seed, path })` runs the one case again.
 */
const SETTINGS = { seed: 20260301, endOnFailure: true };

let ground: Ground;
beforeAll(async () => {
  ground = await Ground.open();
});
afterAll(() => ground.close());

const institution = fc.constantFrom(...INSTITUTIONS.map(({ id }) => id as string));

describe('an institution', () => {
  it('sees, of every resource there is or was, what the rules say', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (world) => {
        const rows = await ground.lay(world);
        const oracle = new Oracle(world);
        const rids = rows.map(({ rid }) => rid);
        for (const { id } of INSTITUTIONS) {
          const access = await ground.access(id);
          const seen = rows.filter(({ record }) => oracle.sees(id, record));
          const live = seen.filter(({ record }) => !record.deleted);
          const open = live.filter(({ type, record }) => type === 'Patient' && oracle.open(id, record.json.id));
          const locked = await lock(access, ground.database, rids);
          const known = await referenced(access, ground.database, rids);
          const named = (which: (row: Laid) => boolean | undefined) => rows.filter(which).map(nameOf);
          expect([id, named(({ rid }) => locked.get(rid)?.seen)]).toEqual([id, seen.map(nameOf)]);
          expect([id, named(({ rid }) => known.has(rid))]).toEqual([id, live.map(nameOf)]);
          expect([id, named(({ rid }) => known.get(rid)?.open)]).toEqual([id, open.map(nameOf)]);
        }
      }),
      { ...SETTINGS, numRuns: 60 },
    );
  });

  it('reads those resources, and of their versions those that were never about a patient closed to it', async () => {
    await fc.assert(
      fc.asyncProperty(world, institution, fc.nat(99), async (world, viewer, start) => {
        const rows = await ground.lay(world);
        const oracle = new Oracle(world);
        const access = await ground.access(viewer);
        const reads = new Reads(ground.database);
        const some = [...rows.slice(start % rows.length), ...rows].slice(0, 12);
        const asked = some.flatMap((row) =>
          [...row.record.earlier, row.record.json].map((_, i) => ({ row, version: i + 1 })),
        );
        const shared = asked.map(({ row, version }) => reads.readVersion(access, row.type, row.id, row.rid, version));
        const current = some.map((row) => reads.read(access, row.type, row.id, row.rid));
        for (const [i, row] of some.entries()) {
          const { type, id, rid } = row;
          const alone = await read(access, ground.database, type, id, rid);
          expect(told(alone)).toEqual(oracle.sees(viewer, row.record) ? content(row, row.version) : undefined);
          expect(await current[i]).toEqual(alone);
          const all = await history(access, ground.database, { type, id, rid, count: 50 });
          expect(all?.versions.map(told)).toEqual(historyOf(oracle, viewer, row));
        }
        for (const [i, { row, version }] of asked.entries()) {
          const { type, id, rid, record } = row;
          const alone = await readVersion(access, ground.database, type, id, rid, version);
          const then = [...record.earlier, record.json][version - 1];
          const seen = then && oracle.seesVersion(viewer, record, then);
          expect(told(alone)).toEqual(seen ? content(row, version) : undefined);
          expect(await shared[i]).toEqual(alone);
        }
      }),
      { ...SETTINGS, numRuns: 60 },
    );
  });

  it('finds what an unguarded search finds where there is nothing else', async () => {
    const searches = fc.array(draft, { minLength: 6, maxLength: 6 });
    const viewers = fc.array(fc.record({ viewer: institution, searches }), { minLength: 1, maxLength: 2 });
    const tally = { searches: 0, matching: 0, including: 0, paged: 0, guarded: 0 };
    await fc.assert(
      fc.asyncProperty(world, viewers, async (world, viewers) => {
        const rows = (await ground.lay(world)).filter(({ record }) => !record.deleted);
        const oracle = new Oracle(world);
        for (const { viewer, searches } of viewers) {
          const visible = rows.filter(({ record }) => oracle.sees(viewer, record));
          await ground.show(visible);
          const access = await ground.access(viewer);
          for (const draft of searches) {
            const modelled = await compare(access, draft, visible, idsOf(world));
            const unguarded = modelPages(planOf(draft, visible, idsOf(world)).plan, rows);
            tally.searches += 1;
            tally.matching += Number(modelled.some(({ matches, total }) => matches.length > 0 || total));
            tally.including += Number(modelled.some(({ included }) => included.length > 0));
            tally.paged += Number(modelled.length > 1);
            tally.guarded += Number(!isDeepStrictEqual(modelled, unguarded));
          }
        }
      }),
      { ...SETTINGS, numRuns: 65 },
    );
    // Searches that find nothing, or from which nothing is hidden, would prove nothing.
    const share = (kind: Exclude<keyof typeof tally, 'searches'>) => tally[kind] / tally.searches;
    expect(share('matching')).toBeGreaterThan(0.4);
    expect(share('guarded')).toBeGreaterThan(0.3);
    expect(share('including')).toBeGreaterThan(0.07);
    expect(share('paged')).toBeGreaterThan(0.05);
  });

  it('reads in a timeline the visible entries about the patient, newest first', async () => {
    await fc.assert(
      fc.asyncProperty(world, institution, fc.integer({ min: 1, max: 4 }), async (world, viewer, limit) => {
        const rows = await ground.lay(world);
        const oracle = new Oracle(world);
        const access = await ground.access(viewer);
        const entries = rows.filter(
          ({ type, record }) => ENTRIES.includes(type) && !record.deleted && oracle.sees(viewer, record),
        );
        for (const patient of rows.filter(({ type }) => type === 'Patient').slice(0, 4)) {
          const about = entries.filter(({ record }) => patientsOf(record.json).includes(patient.id)).sort(newestFirst);
          expect(await wholeTimeline(access, patient.rid, limit)).toEqual(about.map(nameOf));
        }
      }),
      { ...SETTINGS, numRuns: 30 },
    );
  });
});

const SYSTEM = Access.system('a search over what is visible');
const ENTRIES = [...policyTable()].flatMap(([type, policy]) => (policy === 'c' && type !== 'Patient' ? [type] : []));

type Ids = ReturnType<typeof idsOf>;

/** Mostly for types of which the institution sees some. */
function planOf(draft: Draft, visible: readonly Laid[], ids: Ids) {
  const types = visible.filter(({ record }) => record.json.id !== record.owner).map(({ type }) => type);
  const { type, params } = searchOf(draft, types, ids);
  return {
    plan: planSearch(type, params, ground.context).plan,
    text: `${type}?${params.map((p) => p.join('=')).join('&')}`,
  };
}

/** All three ways must agree, page by page. */
async function compare(access: Access, draft: Draft, visible: readonly Laid[], ids: Ids): Promise<Page[]> {
  const { plan, text } = planOf(draft, visible, ids);
  const label = `${access.caller?.organizationId} asks ${text}`;
  const modelled = modelPages(plan, visible);
  const guarded = await pages((after) => search(access, ground.database, plan, after));
  expect([label, guarded]).toEqual([label, modelled]);
  const unguarded = await pages((after) => search(SYSTEM, ground.seen, plan, after));
  expect([label, unguarded]).toEqual([label, modelled]);
  return modelled;
}

/** Every page, by following where the last one ended. */
async function pages(ask: (after?: Position) => Promise<Found>): Promise<Page[]> {
  const all: Page[] = [];
  for (let after: Position | undefined; ; ) {
    const { rows, total, next } = await ask(after);
    const named = (mode: FoundRow['mode']) => rows.filter((row) => row.mode === mode).map(nameOfFound);
    all.push({ matches: named('match'), included: named('include').sort(), total });
    if (!next) return all;
    after = next;
  }
}

/** The content must be that of the version. */
function nameOfFound({ type, id, version, content }: FoundRow): string {
  const { resourceType, id: own, meta } = JSON.parse(String(content));
  expect([resourceType, own, meta.versionId]).toEqual([type, id, String(version)]);
  return `${type}/${id}/${version}`;
}

interface Told {
  readonly version: number;
  readonly content: object | null;
}

/** What a reader is told, without what the server adds. */
function told(stored: StoredVersion | undefined): Told | undefined {
  if (!stored?.content) return stored && { version: stored.version, content: null };
  const { meta, ...elements } = JSON.parse(String(stored.content));
  expect(meta.versionId).toBe(String(stored.version));
  return { version: stored.version, content: elements };
}

/** What there is to read of a version: nothing any more once the resource is deleted. */
function content({ record }: Laid, version: number): Told {
  if (record.deleted) return { version, content: null };
  const { meta: _, ...elements } = [...record.earlier, record.json][version - 1] as { meta?: object };
  return { version, content: elements };
}

/** Newest first; of what is deleted only that it is; undefined where there is nothing to see. */
function historyOf(oracle: Oracle, viewer: string, row: Laid): Told[] | undefined {
  const { record } = row;
  if (!oracle.sees(viewer, record)) return undefined;
  if (record.deleted) return [content(row, row.version)];
  const versions = [...record.earlier, record.json].map((json, i) => ({ json, version: i + 1 }));
  const seen = versions.filter(({ json }) => oracle.seesVersion(viewer, record, json));
  return seen.reverse().map(({ version }) => content(row, version));
}

async function wholeTimeline(access: Access, patient: bigint, limit: number): Promise<string[]> {
  const found: string[] = [];
  for (let after: { date: number | null; rid: bigint } | undefined; ; ) {
    const rows = await timeline(access, ground.database, { patient, types: ENTRIES, limit, ...(after && { after }) });
    found.push(...rows.map(({ type, id }) => `${type}/${id}`));
    after = rows.at(-1);
    if (rows.length < limit) return found;
  }
}

/** Without a date last; ties by resource key. */
function newestFirst(a: Laid, b: Laid): number {
  if (a.date !== b.date) return (b.date ?? Number.NEGATIVE_INFINITY) - (a.date ?? Number.NEGATIVE_INFINITY);
  return a.rid < b.rid ? -1 : 1;
}
