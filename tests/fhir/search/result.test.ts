import { resourceTypes } from '../../../src/definitions/index.ts';
import {
  includes,
  reverseIncludes,
  sortableParameters,
  supportedSearchParameters,
} from '../../../src/fhir/search/index.ts';
import { keys } from '../indexing/context.ts';
import { find, plan, refusal, run, type Stored } from './find.ts';

const patient = (id: string, birthDate?: string, family?: string): Stored => ({
  resourceType: 'Patient',
  id,
  ...(birthDate && { birthDate }),
  ...(family && { name: [{ family }] }),
});

describe('_sort', () => {
  const all = [
    patient('c', '1950-01-01', 'ワダ'),
    patient('a', '1990-01-01', 'アベ'),
    patient('b', '1970-01-01', 'いとう'),
    patient('none'),
    patient('b2', '1970-01-01', 'ｲﾄｳ'),
  ];
  const tie = ['b', 'b2'].sort((x, y) => (keys.rid('Patient', x) < keys.rid('Patient', y) ? -1 : 1));

  test.each([
    ['_sort=birthdate', ['c', ...tie, 'a', 'none']],
    ['_sort=-birthdate', ['a', ...tie, 'c', 'none']],
    ['_sort=family', ['a', ...tie, 'c', 'none']],
    ['_sort=-family', ['c', ...tie, 'a', 'none']],
    ['_sort=-birthdate,family', ['a', ...tie, 'c', 'none']],
  ])('%s', (query, ids) => {
    expect(find('Patient', query, all)).toEqual(ids);
  });

  it('by _lastUpdated and _id', () => {
    expect(plan('Patient', '_sort=-_lastUpdated,_id').plan.sort).toEqual([
      { by: 'updated', desc: true },
      { by: 'id', desc: false },
    ]);
  });

  test.each([
    ['_sort=gender', 'birthdate'],
    ['_sort=nothing', 'birthdate'],
    ['_sort=birthdate,', 'birthdate'],
    ['_sort=--birthdate', 'birthdate'],
    ['_sort=name,name,name,name,name,name', 'at most 5'],
    ['_sort=name&_sort=birthdate', 'more than once'],
  ])('%s is refused', (query, text) => {
    expect(refusal('Patient', query)).toMatchObject({ status: 400, text: expect.stringContaining(text) });
  });

  it('takes every parameter that it names as sortable', () => {
    for (const type of resourceTypes()) {
      for (const code of sortableParameters(type)) expect(plan(type, `_sort=-${code}`).plan.sort).toHaveLength(1);
    }
  });
});

describe('_count, _total and _summary', () => {
  test.each([
    ['', { count: 20, total: false }],
    ['_count=5', { count: 5, total: false }],
    ['_count=5000', { count: 1000, total: false }],
    ['_count=0', { count: 0, total: true }],
    ['_summary=count', { count: 0, total: true }],
    ['_summary=count&_count=5', { count: 0, total: true }],
    ['_summary=false', { count: 20, total: false }],
    ['_total=none', { count: 20, total: false }],
    ['_total=accurate', { count: 20, total: true }],
    ['_total=estimate', { count: 20, total: true }],
  ])('%j', (query, expected) => {
    expect(plan('Patient', query).plan).toMatchObject(expected);
  });

  it('say when only the number is wanted', () => {
    expect(plan('Patient', '_summary=count').summary).toBe('count');
    expect(plan('Patient', '_count=0').summary).toBe('count');
    expect(plan('Patient', '_count=1')).not.toHaveProperty('summary');
  });

  it('leave out includes where no match is shown', () => {
    expect(plan('Patient', '_summary=count&_include=Patient:link').plan.includes).toEqual([]);
  });

  it('follow the server’s own limits', () => {
    expect(plan('Patient', '', { defaultCount: 7 }).plan.count).toBe(7);
    expect(plan('Patient', '_count=50', { maxCount: 30 })).toMatchObject({ plan: { count: 30 }, self: '_count=30' });
  });

  test.each([
    '_count=-1',
    '_count=x',
    '_count=1.5',
    '_count=１',
    '_count=9999999999',
    '_count=1&_count=2',
    '_total=exact',
    '_total=',
    '_summary=true',
    '_summary=data',
    '_summary=text',
    '_pretty=maybe',
  ])('%s is refused', (query) => {
    expect(refusal('Patient', query).status).toBe(400);
  });
});

describe('_include and _revinclude', () => {
  const all: Stored[] = [
    patient('p1'),
    patient('p2'),
    { resourceType: 'Practitioner', id: 'd1' },
    {
      resourceType: 'Observation',
      id: 'o1',
      status: 'final',
      subject: { reference: 'Patient/p1' },
      performer: [{ reference: 'Practitioner/d1' }, { reference: 'Patient/p1' }],
    },
    { resourceType: 'Provenance', id: 'v1', target: [{ reference: 'Observation/o1' }] },
  ];
  const included = (type: string, query: string) => {
    const names = new Map(all.map((one) => [keys.rid(one.resourceType, one.id), one.id]));
    return [...run(type, query, all).included].map((rid) => names.get(rid)).sort();
  };

  test.each([
    ['Observation', '_include=Observation:subject', ['p1']],
    ['Observation', '_include=Observation:performer', ['d1', 'p1']],
    ['Observation', '_include=Observation:performer:Practitioner', ['d1']],
    ['Observation', '_include=Observation:subject&_include=Observation:performer', ['d1', 'p1']],
    ['Observation', '_revinclude=Provenance:target', ['v1']],
    ['Observation', '_include=Observation:subject&_revinclude=Provenance:target:Observation', ['p1', 'v1']],
    ['Patient', '_revinclude=Observation:subject', ['o1']],
    ['Patient', '_id=p2&_revinclude=Observation:subject', []],
  ])('%s?%s', (type, query, ids) => {
    expect(included(type, query)).toEqual(ids);
  });

  test.each([
    ['_include=*', 'Observation:subject'],
    ['_include=Observation:*', 'Observation:subject'],
    ['_include=Patient:link', 'Observation:subject'],
    ['_include=Observation:code', 'Observation:subject'],
    ['_include=Observation:subject:Practitioner', 'Observation:subject'],
    ['_include=Observation:subject:Patient:x', 'Observation:subject'],
    ['_include=Observation', 'Observation:subject'],
    ['_revinclude=*', 'Provenance:target'],
    ['_revinclude=Patient:link', 'Provenance:target'],
    ['_revinclude=Provenance:target:Patient', 'Provenance:target'],
    ['_revinclude=AuditEvent:entity', 'Provenance:target'],
    ['_include:iterate=Observation:subject', 'not searched for further'],
    ['_revinclude:iterate=Provenance:target', 'not searched for further'],
    [Array(11).fill('_include=Observation:subject').join('&'), 'at most 10'],
  ])('%s is refused with what is possible', (query, text) => {
    expect(refusal('Observation', query)).toMatchObject({ status: 400, text: expect.stringContaining(text) });
  });

  it('take every value that they name', () => {
    for (const type of ['Patient', 'Observation', 'Appointment', 'Bundle', 'Organization']) {
      for (const value of includes(type)) expect(plan(type, `_include=${value}`).plan.includes).toHaveLength(1);
      for (const value of reverseIncludes(type))
        expect(plan(type, `_revinclude=${value}`).plan.includes).toHaveLength(1);
    }
    expect(reverseIncludes('Patient').some((one) => one.startsWith('AuditEvent'))).toBe(false);
  });
});

describe('parameters that are unknown or not supported', () => {
  test.each([
    'nothing=1',
    'Name=x',
    '_text=x',
    '_content=x',
    '_filter=x',
    '_elements=id',
    '_list=x',
    'code-value-quantity=a$1',
    '_type=Patient',
    '__proto__=x',
    'constructor=x',
  ])('%s is refused with those that exist', (query) => {
    const { status, text } = refusal('Observation', query);
    expect(status).toBe(400);
    expect(text).toContain('value-quantity');
  });

  it('are ignored under lenient handling, and said to be; what is known is still honoured', () => {
    const {
      ignored,
      self,
      plan: search,
    } = plan('Observation', 'nothing=1&status=final&patient.nothing=1&_elements=id', { lenient: true });
    expect({ ignored, self }).toEqual({ ignored: ['nothing', 'patient.nothing', '_elements'], self: 'status=final' });
    expect(search.query.kind).toBe('keys');
  });

  test.each([
    'status=',
    'status:exact=x',
    'date=x',
    '_sort=nothing',
    '_count=x',
    '_include=*',
    'patient.organization.name=x',
    'name=x&status:foo=x',
  ])('lenient handling does not forgive %s', (query) => {
    expect(refusal('Observation', query, { lenient: true }).status).toBe(400);
  });
});

describe('the link to the search itself', () => {
  test.each([
    ['', ''],
    ['status=final', 'status=final'],
    ['code=http://loinc.org|1-1,2-2&_sort=-date', 'code=http://loinc.org%7C1-1,2-2&_sort=-date'],
    ['patient.name:contains=山田', 'patient.name:contains=%E5%B1%B1%E7%94%B0'],
    ['date=ge2026-01-01T00:00:00+09:00', 'date=ge2026-01-01T00:00:00%2B09:00'],
    ['value-string=a&value-string=b', 'value-string=a&value-string=b'],
    ['_count=5000&_cursor=abc&_pretty=true&_format=json', '_count=1000&_pretty=true&_format=json'],
    ['value-string=a%26b#?&value-string=c d', 'value-string=a%2526b%23%3F&value-string=c%20d'],
  ])('%j', (query, self) => {
    expect(plan('Observation', query).self).toBe(self);
  });

  it('leads to the same search', () => {
    const query = 'code=http://loinc.org|1-1&date=ge2026-01-01T00:00:00+09:00&patient.name=山田&_sort=-date&_count=3';
    const first = plan('Observation', query);
    const again = plan('Observation', [...new URLSearchParams(first.self)].map(([n, v]) => `${n}=${v}`).join('&'));
    expect(again).toEqual(first);
  });

  it('gives the page token back untouched', () => {
    expect(plan('Observation', '_cursor=a.b_c-d').cursor).toBe('a.b_c-d');
    expect(refusal('Observation', '_cursor=a&_cursor=b').status).toBe(400);
  });
});

describe('what the CapabilityStatement says', () => {
  it('is every parameter that a search takes', () => {
    for (const type of ['Patient', 'Observation', 'Slot']) {
      const names = supportedSearchParameters(type).map((one) => one.name);
      expect(names).toEqual([...names].sort());
      for (const name of names) expect(() => plan(type, `${name}:missing=true`)).not.toThrow(/no search parameter/);
    }
  });

  it('names type and definition', () => {
    expect(supportedSearchParameters('Patient')).toContainEqual(
      expect.objectContaining({
        name: 'birthdate',
        type: 'date',
        definition: 'http://hl7.org/fhir/SearchParameter/individual-birthdate',
      }),
    );
    expect(supportedSearchParameters('Location').some((one) => one.name === 'near')).toBe(false);
  });
});
