import fc from 'fast-check';
import { planSearch } from '../../src/fhir/search/index.ts';
import type { Member, Reply } from '../support/network.ts';
import { Oracle } from './oracle.ts';
import { modelPages, type Page } from './pages.ts';
import { draft, type Search, searchOf } from './searches.ts';
import { type Served, serve } from './served.ts';
import { type Grant, idsOf, type World, world } from './world.ts';

/**
 * The property of visibility.property.test.ts once more from outside: institutions write a random world over HTTP, redeem keycodes, have
 * consents withdrawn; then what each is answered, page by page, is what the model finds among its visible resources.
 */
let served: Served;
let oracle: Oracle;

beforeAll(async () => {
  const worlds = fc.sample(world, { numRuns: 60, seed: 20260302 });
  const [largest] = worlds.sort((a, b) => b.records.length - a.records.length);
  const { records } = largest as World;
  served = await serve({ records, affiliations: AFFILIATIONS, grants: grantsOf(records) });
  oracle = new Oracle(served.world, served.institutions);
});
afterAll(() => served.server.stop());

/** As random ones are mostly empty: one network with three members, a second with one, and one that was left. */
const joined = { medical: true, timeline: true, active: true, standing: 'live' } as const;
const AFFILIATIONS: World['affiliations'] = [
  { ...joined, hospital: 'hospital-a', member: 'clinic' },
  { ...joined, hospital: 'hospital-a', member: 'care' },
  { ...joined, hospital: 'hospital-a', member: 'office', timeline: false },
  { ...joined, hospital: 'hospital-b', member: 'clinic' },
  { ...joined, hospital: 'hospital-b', member: 'care', standing: 'ended' },
];

/** Some patients of each hospital are open to some, and some not any more. */
function grantsOf(records: World['records']): Grant[] {
  const patients = records.filter(({ json, owner }) => json.resourceType === 'Patient' && owner.startsWith('hospital'));
  return patients.slice(0, 6).flatMap(({ json }, i): Grant[] => [
    { institution: i % 2 ? 'clinic' : 'care', patient: json.id, standing: 'live' },
    { institution: i % 2 ? 'care' : 'clinic', patient: json.id, standing: i % 3 ? 'ended' : 'live' },
  ]);
}

const visibleTo = (viewer: string) =>
  served.rows.filter(({ record }) => !record.deleted && oracle.sees(viewer, record));

describe('over HTTP', () => {
  it('the world is one in which there is something to see and something to hide', () => {
    expect(served.rows.length).toBeGreaterThan(40);
    for (const { id } of served.institutions.slice(0, 5)) {
      expect(visibleTo(id).length).toBeGreaterThan(5);
      expect(visibleTo(id).length).toBeLessThan(served.rows.length);
    }
    expect(served.world.grants.length).toBeGreaterThan(1);
  });

  it('an institution reads what it may see, and nothing else', async () => {
    for (const [viewer, member] of served.members) {
      const expected = served.rows.map((row) => [`${row.type}/${row.id}`, status(viewer, row)]);
      const found = await Promise.all(
        served.rows.map(async ({ type, id }) => [`${type}/${id}`, (await member.get(`${type}/${id}`)).status]),
      );
      expect([viewer, found]).toEqual([viewer, expected]);
    }
  });

  it.each([0, 1, 2, 3, 4, 5])('institution %p finds on every page what the model finds', async (place) => {
    const { id: viewer } = served.institutions[place] as Served['institutions'][number];
    const member = served.members.get(viewer) as Member;
    const visible = visibleTo(viewer);
    const types = visible.map(({ type }) => type);
    for (const one of fc.sample(draft, { numRuns: 40, seed: place })) {
      const asked = searchOf(one, types, idsOf(served.world));
      const { plan } = planSearch(asked.type, asked.params, {
        keys: served.keys,
        baseUrl: served.server.baseUrl,
        zone: 'Asia/Tokyo',
        lenient: false,
      });
      expect([textOf(asked), await pages(member, asked)]).toEqual([textOf(asked), modelPages(plan, visible)]);
    }
  });
});

/** 410 tells of a deletion those alone who saw what was deleted. */
function status(viewer: string, { record }: Served['rows'][number]): number {
  if (!oracle.sees(viewer, record)) return 404;
  return record.deleted ? 410 : 200;
}

const textOf = ({ type, params }: Search) =>
  `${type}?${params.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')}`;

/** Every page, by following the links that the server gives. */
async function pages(member: Member, asked: Search): Promise<Page[]> {
  const all: Page[] = [];
  for (let path: string | undefined = textOf(asked); path !== undefined; ) {
    const { status, body, text }: Reply = await member.get(path);
    if (status !== 200) throw new Error(`${path} was answered ${status} ${text}`);
    const named = (mode: string) =>
      (body.entry ?? []).flatMap(({ search, resource }: Entry) =>
        search.mode === mode ? [`${resource.resourceType}/${resource.id}/${resource.meta.versionId}`] : [],
      );
    all.push({ matches: named('match'), included: named('include').sort(), total: body.total });
    const next: string | undefined = body.link.find(({ relation }: { relation: string }) => relation === 'next')?.url;
    path = next?.slice(next.indexOf('/fhir/') + '/fhir/'.length);
  }
  return all;
}

interface Entry {
  readonly search: { readonly mode: string };
  readonly resource: {
    readonly resourceType: string;
    readonly id: string;
    readonly meta: { readonly versionId: string };
  };
}
