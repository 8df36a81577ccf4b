import fc from 'fast-check';
import { bundle, type Entry, searchEntries } from '../../src/fhir/bundle.ts';

const AT = Date.parse('2026-05-01T03:04:05.678Z');
const parsed = (entry: readonly Entry[], more: object = {}) =>
  JSON.parse(String(bundle({ type: 'searchset', timestamp: AT, entry, ...more })));

describe('a Bundle', () => {
  it('is written with its type, time, total and links', () => {
    const link = [{ relation: 'self', url: 'http://x/fhir/Patient?name=山田' }];
    expect(parsed([], { total: 3, link })).toStrictEqual({
      resourceType: 'Bundle',
      type: 'searchset',
      timestamp: '2026-05-01T03:04:05.678Z',
      total: 3,
      link,
    });
  });

  it('has no entry, link or total where there is none: FHIR knows no empty arrays', () => {
    expect(parsed([], { link: [] })).toStrictEqual({
      resourceType: 'Bundle',
      type: 'searchset',
      timestamp: '2026-05-01T03:04:05.678Z',
    });
    expect(parsed([], { total: undefined })).not.toHaveProperty('total');
    expect(parsed([], { total: 0 })).toHaveProperty('total', 0);
  });

  it('holds stored bytes untouched', () => {
    const stored = '{"resourceType":"Observation","valueQuantity":{"value":1.00},"note":[{"text":"𠮷 \\u0041"}]}';
    const bytes = bundle({ type: 'searchset', timestamp: AT, entry: [{ resource: Buffer.from(stored) }] });
    expect(String(bytes)).toContain(`{"resource":${stored}}`);
  });

  it('holds objects, requests and responses, each in its entry', () => {
    const entries: Entry[] = [
      { fullUrl: 'http://x/fhir/A/1', resource: Buffer.from('{"resourceType":"A"}'), search: { mode: 'match' } },
      { resource: { resourceType: 'OperationOutcome' }, search: { mode: 'outcome' } },
      { request: { method: 'DELETE', url: 'A/1' }, response: { status: '204 No Content' } },
      {},
    ];
    expect(parsed(entries).entry).toStrictEqual([
      { fullUrl: 'http://x/fhir/A/1', search: { mode: 'match' }, resource: { resourceType: 'A' } },
      { search: { mode: 'outcome' }, resource: { resourceType: 'OperationOutcome' } },
      { request: { method: 'DELETE', url: 'A/1' }, response: { status: '204 No Content' } },
      {},
    ]);
  });

  it('is JSON with all its entries in order, whatever they are', () => {
    const entry = fc.record(
      {
        fullUrl: fc.webUrl(),
        search: fc.record({ mode: fc.constantFrom('match' as const, 'include' as const, 'outcome' as const) }),
        response: fc.record({ status: fc.string() }),
        resource: fc.dictionary(fc.string(), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), fc.boolean(), (entries, stored) => {
        const given = entries.map(
          ({ resource, ...rest }) =>
            ({
              ...rest,
              ...(resource && { resource: stored ? Buffer.from(JSON.stringify(resource)) : resource }),
            }) as Entry,
        );
        expect(parsed(given).entry ?? []).toEqual(JSON.parse(JSON.stringify(entries)));
      }),
    );
  });
});

it('the entries of a search name each resource by its address, with its mode', () => {
  const row = { rid: 1n, version: 1, updated: AT, patient: null, patients: null, content: Buffer.from('{"a":1}') };
  const entries = searchEntries('https://tasuki.example', [
    { ...row, mode: 'match', type: 'Patient', id: 'p' },
    { ...row, mode: 'include', type: 'Organization', id: 'o' },
  ]);
  expect(parsed(entries).entry).toStrictEqual([
    { fullUrl: 'https://tasuki.example/fhir/Patient/p', search: { mode: 'match' }, resource: { a: 1 } },
    { fullUrl: 'https://tasuki.example/fhir/Organization/o', search: { mode: 'include' }, resource: { a: 1 } },
  ]);
});
