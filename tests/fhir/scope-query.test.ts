import type { Caller } from '../../src/access/access.ts';
import { filterName } from '../../src/access/sight.ts';
import { filtersOf, scopeQuery, understandsQuery } from '../../src/fhir/scope-query.ts';
import { planSearch } from '../../src/fhir/search/index.ts';
import { parseScopes } from '../../src/identity/scope.ts';
import { Keys } from '../../src/store/keys.ts';
import { caller, engine } from './callers.ts';
import { keys } from './indexing/context.ts';

const context = { keys, baseUrl: engine.baseUrl, zone: engine.zone };
const LABORATORY = 'category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

describe('the query of a scope', () => {
  it('is what a search with it would look for', () => {
    const { plan } = planSearch('Observation', [['category', LABORATORY.slice('category='.length)]], {
      ...context,
      lenient: false,
    });
    expect(scopeQuery(context, 'Observation', LABORATORY)).toEqual(plan.query);
  });

  it.each([
    LABORATORY,
    'category=laboratory,vital-signs',
    'status=final&category=laboratory',
    'date=ge2026-01-01',
    '_id=a,b',
    '_tag=https://a.example|x',
    '_security=R',
    'subject=Patient/a',
    'code=http%3A%2F%2Floinc.org%7C718-7',
    'value-quantity=gt5',
  ])('may be %s', (query) => {
    expect(understandsQuery(context, 'Observation', query)).toBe(true);
  });

  it.each([
    '',
    'x',
    'category',
    'category=',
    'no-such-parameter=x',
    'category:not=laboratory',
    'category:text=laboratory',
    'category:missing=true',
    'subject.name=x',
    'subject:Patient.name=x',
    '_has:Observation:subject:code=x',
    '_filter=code eq x',
    '_include=Observation:subject',
    '_revinclude=Observation:subject',
    '_count=1',
    '_sort=date',
    '_summary=count',
    '_cursor=x',
    '_query=x',
    '_text=x',
    '_list=x',
    'category=%',
    'category=%00',
    'date=yesterday',
    `category=${'a,'.repeat(300)}b`,
  ])('may not be %j', (query) => {
    expect(understandsQuery(context, 'Observation', query)).toBe(false);
  });
});

describe('the filters of a caller', () => {
  const of = (scope: string): Caller => ({ ...(caller(1n).caller as Caller), scopes: parseScopes(scope) ?? [] });

  it('are none where no scope has a query', () => {
    expect(filtersOf(context, of('system/*.cruds')).size).toBe(0);
  });

  it('are there for each query that is understood, and for no other', () => {
    const filters = filtersOf(
      context,
      of(`system/Observation.rs?${LABORATORY} system/Observation.rs?gone=x system/Patient.rs?gender=male`),
    );
    expect([...filters.keys()].sort()).toEqual(
      [filterName('Observation', LABORATORY), filterName('Patient', 'gender=male')].sort(),
    );
  });

  it('are read once for a token, and again for another database', () => {
    const one = of(`system/Observation.rs?${LABORATORY}`);
    expect(filtersOf(context, one)).toBe(filtersOf(context, one));
    const other = filtersOf({ ...context, keys: new Keys('of another database, and long enough for tests') }, one);
    expect(other).not.toBe(filtersOf(context, one));
  });
});
