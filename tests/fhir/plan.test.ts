import { plan } from '../../src/fhir/plan.ts';
import type { Query } from '../../src/store/query.ts';
import { caller, engine, refusal, system } from './callers.ts';
import { params } from './search/find.ts';

const planned = (type: string, query: string, scope = 'system/*.cruds', lenient = false) =>
  plan(engine, caller(1n, scope), type, params(query), lenient);
const refused = (type: string, query: string, scope: string) => refusal(() => planned(type, query, scope));

/** Types through which the query passes on. */
function typesIn(query: Query): string[] {
  switch (query.kind) {
    case 'and':
      return query.all.flatMap(typesIn);
    case 'or':
      return query.any.flatMap(typesIn);
    case 'not':
      return typesIn(query.query);
    case 'refersTo':
      return [...query.types, ...typesIn(query.query)];
    case 'referredBy':
      return [query.type, ...typesIn(query.query)];
    default:
      return [];
  }
}

describe('a chain is a search of the other type too', () => {
  it.each([
    ['Observation', 'subject:Patient.name=a', 'Patient'],
    ['Observation', 'patient.name=a', 'Patient'],
    ['Patient', '_has:Observation:patient:code=x', 'Observation'],
    ['Encounter', '_has:Observation:encounter:code=x', 'Observation'],
    ['Observation', 'performer:Practitioner.name=a', 'Practitioner'],
  ])('%s?%s needs the search of %s', async (type, query, other) => {
    expect(typesIn(planned(type, query, `system/${type}.s system/${other}.s`).plan.query)).toContain(other);
    for (const scope of [`system/${type}.cruds`, `system/${type}.s system/${other}.crud`, ''])
      expect(await refused(type, query, scope)).toEqual({
        status: 403,
        code: 'forbidden',
        text: expect.stringContaining(other),
        expression: undefined,
      });
  });

  it('whose target may be of several types looks at those that the token may search, of which there must be one', async () => {
    const all = typesIn(planned('Observation', 'subject.identifier=x').plan.query);
    expect(new Set(all)).toEqual(new Set(['Device', 'Group', 'Location', 'Patient']));
    const some = (scope: string) => typesIn(planned('Observation', 'subject.identifier=x', scope).plan.query);
    expect(some('system/Observation.s system/Group.s')).toEqual(['Group']);
    expect(some('system/Observation.s system/Patient.s system/Device.rs').sort()).toEqual(['Device', 'Patient']);
    const beside = planned('Observation', 'status=final&subject.identifier=x', 'system/Observation.s system/Group.s');
    expect(typesIn(beside.plan.query)).toEqual(['Group']);
    expect(await refused('Observation', 'subject.identifier=x', 'system/Observation.s system/Group.r')).toMatchObject({
      status: 403,
    });
    const one = planned('Observation', 'subject:Group.identifier=x', 'system/Observation.s system/Group.s');
    expect(typesIn(one.plan.query)).toEqual(['Group']);
  });

  it('is one in an OR, and beside other criteria', async () => {
    const query = 'status=final&subject:Patient.name=a,b';
    expect(await refused('Observation', query, 'system/Observation.s')).toMatchObject({ status: 403 });
    expect(typesIn(planned('Observation', query).plan.query)).toContain('Patient');
  });

  it('is one beneath a _has', async () => {
    const query = '_has:Observation:patient:performer.name=a';
    const outcome = await refusal(() => planned('Patient', query, 'system/Patient.s system/Observation.s'));
    expect([400, 403]).toContain(outcome.status);
  });
});

describe('includes', () => {
  const types = (type: string, query: string, scope?: string) =>
    planned(type, query, scope).plan.includes.map((include) => [...include.types].sort());

  it('bring only what the token may read', () => {
    const scope = 'system/Observation.s system/Patient.r';
    expect(types('Observation', '_include=Observation:subject', scope)).toEqual([['Patient']]);
    expect(types('Observation', '_include=Observation:subject')[0]?.length).toBeGreaterThan(1);
  });

  it('that would bring nothing are left out, and the search goes on', () => {
    const scope = 'system/Observation.s system/Patient.s';
    expect(types('Observation', '_include=Observation:subject', scope)).toEqual([]);
    expect(types('Patient', '_revinclude=Observation:subject', 'system/Patient.s system/Observation.s')).toEqual([]);
  });

  it('in reverse as well', () => {
    expect(types('Patient', '_revinclude=Observation:subject', 'system/Patient.s system/Observation.r')).toEqual([
      ['Observation'],
    ]);
  });
});

describe('a plan', () => {
  it('has the server’s zone, base address and clock', () => {
    const low = (zone: string) => {
      const { query } = plan({ ...engine, zone }, caller(1n), 'Patient', params('birthdate=ge2026-01-01'), false).plan;
      return JSON.stringify(query, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    };
    expect(low('Asia/Tokyo')).not.toBe(low('UTC'));
    const to = (base: string) => planned('Observation', `subject=${base}Patient/p`).plan.query;
    expect(to('https://tasuki.example/fhir/')).toEqual(to(''));
  });

  it('refuses what it does not know, unless asked to be lenient', async () => {
    expect(await refused('Patient', 'foo=1', 'system/*.s')).toMatchObject({ status: 400 });
    expect(planned('Patient', 'foo=1', 'system/*.s', true).plan.query).toEqual({ kind: 'and', all: [] });
  });

  it('of the system is not restricted', () => {
    const query = params('subject:Patient.name=a&_include=Observation:subject');
    const all = plan(engine, system, 'Observation', query, false).plan;
    expect(typesIn(all.query)).toEqual(['Patient']);
    expect(all.includes[0]?.types.length).toBeGreaterThan(1);
  });
});
