import fc from 'fast-check';
import { Access, type Caller, type Scope } from '../../src/access/access.ts';
import { PERSON_ROLES, type PersonRole, rolesRead } from '../../src/access/roles.ts';
import { filterName } from '../../src/access/sight.ts';
import { scopeQuery } from '../../src/fhir/scope-query.ts';
import { planSearch } from '../../src/fhir/search/index.ts';
import { parseScope } from '../../src/identity/scope.ts';
import { outOfScope } from '../../src/store/allowed.ts';
import { history, read, referenced } from '../../src/store/read.ts';
import { Reads } from '../../src/store/reads.ts';
import { type Found, type FoundRow, type Position, search } from '../../src/store/search.ts';
import { timeline } from '../../src/store/timeline.ts';
import { Ground, type Laid, nameOf } from './ground.ts';
import { Oracle, patientsOf } from './oracle.ts';
import { modelPages, type Page } from './pages.ts';
import { draft, searchOf } from './searches.ts';
import { TAG } from './sheet.ts';
import { INSTITUTIONS, idsOf, type World, world } from './world.ts';

/**
 * What a token with few scopes gets is what an unguarded search gets over a database that holds only what its institution sees and its
 * scopes, its patient and the person's roles leave. So no total, include, chain, `_has` or order tells of anything else.
 */
const SETTINGS = { seed: 20260401, endOnFailure: true };

let ground: Ground;
beforeAll(async () => {
  ground = await Ground.open();
});
afterAll(() => ground.close());

const institution = fc.constantFrom(...INSTITUTIONS.map(({ id }) => id as string));
const TYPES = [
  '*',
  'Patient',
  'Observation',
  'Practitioner',
  'ServiceRequest',
  'Encounter',
  'Condition',
  'Organization',
  'Task',
  'Appointment',
  'Slot',
];

interface Token {
  readonly viewer: string;
  /** Null: a system's. */
  readonly roles: readonly PersonRole[] | null;
  readonly scopes: readonly { readonly type: string; readonly query: string | null; readonly patient: boolean }[];
  /** Which of the world's patients it was launched with; none where it is past them. */
  readonly launched: number;
}

const token: fc.Arbitrary<Token> = fc.record({
  viewer: institution,
  roles: fc.option(fc.subarray([...PERSON_ROLES], { minLength: 1, maxLength: 2 }), { freq: 3 }),
  scopes: fc.array(
    fc.record({
      type: fc.constantFrom(...TYPES),
      query: fc.option(fc.constantFrom(`_tag=${TAG.system}|${TAG.code}`, '_id=r0,r3,r5,r7,r9,r11,r13'), { freq: 2 }),
      patient: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  launched: fc.nat(4),
});

/** The token's Access in a world, and the model of what it leaves. */
async function open(token: Token, world: World): Promise<{ access: Access; leaves: (row: Laid) => boolean }> {
  const { roles } = token;
  const patients = world.records.filter(({ json }) => json.resourceType === 'Patient');
  const patient = patients[token.launched]?.json.id;
  const texts = token.scopes.map(({ type, query, patient }) => {
    const context = roles === null ? 'system' : patient ? 'patient' : 'user';
    return `${context}/${type}.rs${query === null || type === '*' ? '' : `?${query}`}`;
  });
  const scopes = texts.map((text) => parseScope(text) as Scope);
  const caller: Caller = {
    ...(await ground.caller(token.viewer)),
    scopes,
    ...(roles && {
      person: {
        id: 'p',
        name: 'x',
        practitioner: null,
        practitionerId: null,
        roles,
        strong: true,
        authenticatedAt: 0,
        session: null,
      },
    }),
    ...(patient !== undefined && { patient: ground.rid('Patient', patient) }),
  };
  const filters = new Map(
    scopes.flatMap(({ type, query }) =>
      query === undefined ? [] : [[filterName(type, query), scopeQuery(ground.context, type, query)] as const],
    ),
  );
  const leaves = ({ type, record: { json } }: Laid) =>
    (roles === null || rolesRead(roles, type)) &&
    scopes.some((scope) => {
      if (scope.type !== '*' && scope.type !== type) return false;
      if (scope.context === 'patient' && (patient === undefined || patientsOf(json).join() !== patient)) return false;
      const tags = (json.meta as { tag?: { system?: string; code?: string }[] } | undefined)?.tag ?? [];
      if (scope.query?.startsWith('_tag'))
        return tags.some(({ system, code }) => system === TAG.system && code === TAG.code);
      return scope.query === undefined || scope.query.slice('_id='.length).split(',').includes(json.id);
    });
  return { access: Access.of(caller, filters), leaves };
}

describe('a token with few scopes', () => {
  it('finds what an unguarded search finds where there is nothing else', async () => {
    const tally = { searches: 0, matching: 0, including: 0, narrowed: 0 };
    await fc.assert(
      fc.asyncProperty(world, token, fc.array(draft, { minLength: 6, maxLength: 6 }), async (world, token, drafts) => {
        const rows = (await ground.lay(world)).filter(({ record }) => !record.deleted);
        const oracle = new Oracle(world);
        const { access, leaves } = await open(token, world);
        const visible = rows.filter(({ record }) => oracle.sees(token.viewer, record));
        const left = visible.filter(leaves);
        for (const one of drafts) {
          const types = left.filter(({ record }) => record.json.id !== record.owner).map(({ type }) => type);
          const { type, params } = searchOf(
            one,
            types.length > 0 ? types : visible.map((row) => row.type),
            idsOf(world),
          );
          const { plan } = planSearch(type, params, ground.context);
          const modelled = modelPages(plan, left);
          const label = `${access.caller?.scopes.map((s) => `${s.context}/${s.type}?${s.query}`).join(' ')} asks ${type}?${params.map((p) => p.join('=')).join('&')}`;
          const guarded = await pages((after) => search(access, ground.database, plan, after));
          expect([label, guarded]).toEqual([label, modelled]);
          tally.searches += 1;
          tally.matching += Number(modelled.some(({ matches, total }) => matches.length > 0 || total));
          tally.including += Number(modelled.some(({ included }) => included.length > 0));
          tally.narrowed += Number(JSON.stringify(modelled) !== JSON.stringify(modelPages(plan, visible)));
        }
      }),
      { ...SETTINGS, numRuns: 40 },
    );
    expect(tally.matching / tally.searches).toBeGreaterThan(0.15);
    expect(tally.narrowed / tally.searches).toBeGreaterThan(0.1);
    expect(tally.including).toBeGreaterThan(2);
  }, 180_000);

  it('reads, names and goes through timelines and versions of what is left, and of nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(world, token, async (world, token) => {
        const rows = await ground.lay(world);
        const oracle = new Oracle(world);
        const { access, leaves } = await open(token, world);
        const reads = new Reads(ground.database);
        const visible = rows.filter(({ record }) => oracle.sees(token.viewer, record));
        // What was deleted has no index rows: a query does not find it any more, and it is not told apart from what never was.
        const queried = access.caller?.scopes.some(({ query }) => query !== undefined) ?? false;
        const left = visible.filter((row) => leaves(row) && !(row.record.deleted && queried));
        const uncertain = (row: Laid) => row.record.deleted && queried;
        for (const row of rows.filter((one) => !uncertain(one)).slice(0, 25)) {
          const { type, id, rid } = row;
          const found = await read(access, ground.database, type, id, rid);
          expect([nameOf(row), found !== undefined]).toEqual([nameOf(row), left.includes(row)]);
          expect(await reads.read(access, type, id, rid)).toEqual(found);
          const all = await history(access, ground.database, { type, id, rid, count: 50 });
          for (const { version, content } of all?.versions ?? []) {
            const json = [...row.record.earlier, row.record.json][version - 1];
            if (!json) continue; // the deletion itself
            expect(oracle.seesVersion(token.viewer, row.record, json)).toBe(true);
            if (content && onlyOfPatient(access))
              expect(patientsOf(json).map((p) => ground.rid('Patient', p))).toEqual([access.caller?.patient]);
          }
        }
        const live = rows.filter(({ record }) => !record.deleted);
        const named = await referenced(
          access,
          ground.database,
          rows.map(({ rid }) => rid),
        );
        const known = new Set([access.caller?.organization, access.caller?.patient]);
        const nameable = live.filter(
          (row) => left.includes(row) || (visible.includes(row) && isNarrow(access) && known.has(row.rid)),
        );
        expect(live.filter(({ rid }) => named.has(rid)).map(nameOf)).toEqual(nameable.map(nameOf));
        const patient = rows.find(({ type }) => type === 'Patient');
        if (patient) {
          const entries = await timeline(access, ground.database, {
            patient: patient.rid,
            types: ['Observation', 'Encounter', 'Condition'],
            limit: 100,
          });
          const about = left.filter(
            ({ type, record }) =>
              ['Observation', 'Encounter', 'Condition'].includes(type) &&
              !record.deleted &&
              patientsOf(record.json).includes(patient.id),
          );
          expect(entries.map(({ type, id }) => `${type}/${id}`).sort()).toEqual(about.map(nameOf).sort());
        }
      }),
      { ...SETTINGS, numRuns: 30 },
    );
  });

  it('changes what is left, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(world, token, async (world, token) => {
        const rows = (await ground.lay(world)).filter(({ record }) => !record.deleted);
        const { access, leaves } = await open({ ...token, roles: token.roles && ['physician'] }, world);
        const types = [...new Set(rows.map(({ type }) => type))];
        // The scopes of this test have no letters but r and s, so nothing may be changed at all.
        for (const leg of ['create', 'update', 'delete'] as const)
          expect(
            (
              await outOfScope(
                access,
                ground.database,
                rows.map(({ rid }) => rid),
                types,
                leg,
              )
            ).size,
          ).toBe(rows.length);
        const caller = access.caller as Caller;
        const writing = Access.of(
          { ...caller, scopes: caller.scopes.map((scope) => ({ ...scope, u: true })) },
          access.filters,
        );
        const out = await outOfScope(
          writing,
          ground.database,
          rows.map(({ rid }) => rid),
          types,
          'update',
        );
        for (const row of rows.filter(({ type }) => WRITTEN_BY_PHYSICIANS.includes(type) || token.roles === null))
          expect([nameOf(row), out.has(row.rid)]).toEqual([nameOf(row), !leaves(row)]);
      }),
      { ...SETTINGS, numRuns: 25 },
    );
  });
});

const WRITTEN_BY_PHYSICIANS = [
  'Patient',
  'Observation',
  'Encounter',
  'Condition',
  'ServiceRequest',
  'Task',
  'Appointment',
];

const onlyOfPatient = ({ caller }: Access) => caller?.scopes.every(({ context }) => context === 'patient') ?? false;
const isNarrow = ({ caller }: Access) =>
  caller?.person !== undefined || !caller?.scopes.some(({ type }) => type === '*');

async function pages(ask: (after?: Position) => Promise<Found>): Promise<Page[]> {
  const all: Page[] = [];
  for (let after: Position | undefined; ; ) {
    const { rows, total, next } = await ask(after);
    const named = (mode: FoundRow['mode']) =>
      rows.filter((row) => row.mode === mode).map(({ type, id, version }) => `${type}/${id}/${version}`);
    all.push({ matches: named('match'), included: named('include').sort(), total });
    if (!next) return all;
    after = next;
  }
}
