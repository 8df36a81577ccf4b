import { ANY_VERSION, bodyOf, etag, httpDate, preferences, versionHeaders, versionOf } from '../../src/fhir/request.ts';
import { request } from './callers.ts';

describe('the body of a request', () => {
  const post = (body: string, type: string | undefined = 'application/fhir+json') =>
    bodyOf(request('POST', 'Patient', { body: Buffer.from(body), headers: type ? { 'content-type': type } : {} }));

  it('is a resource, with its Decimals', () => {
    expect(post('{"resourceType":"Patient","active":true}')).toEqual({
      resource: { resourceType: 'Patient', active: true },
      decimals: false,
    });
    expect(post('{"resourceType":"Observation","valueQuantity":{"value":1.0}}').decimals).toBe(true);
  });

  it.each([
    '',
    '[]',
    '1',
    'null',
    '"Patient"',
    '{}',
    '{"resourceType":1}',
    '{"resourceType":null}',
    '[{"resourceType":"Patient"}]',
  ])('is refused with 400 where it is none: %j', (body) => {
    expect(() => post(body)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it.each(['text/plain', 'application/xml', 'application/fhir+xml', 'multipart/form-data; boundary=x'])(
    'is refused with 415 as %s',
    (type) => {
      expect(() => post('{"resourceType":"Patient"}', type)).toThrow(expect.objectContaining({ status: 415 }));
    },
  );

  it('is held to the depth that the server allows', () => {
    const deep = {
      body: Buffer.from('{"resourceType":"X","a":[[[]]]}'),
      headers: { 'content-type': 'application/json' },
    };
    expect(() => bodyOf({ ...request('POST', 'X', deep), maxDepth: 3 })).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringContaining('3 levels') }),
    );
    expect(bodyOf({ ...request('POST', 'X', deep), maxDepth: 4 }).resource.resourceType).toBe('X');
  });
});

describe('preferences (RFC 7240)', () => {
  const of = (prefer?: string) =>
    Object.fromEntries(preferences(request('GET', 'Patient', { headers: prefer === undefined ? {} : { prefer } })));

  it.each([
    [undefined, {}],
    ['', {}],
    ['return=minimal', { return: 'minimal' }],
    ['return=representation, handling=lenient', { return: 'representation', handling: 'lenient' }],
    ['return=minimal; foo=bar', { return: 'minimal', foo: 'bar' }],
    ['respond-async', { 'respond-async': '' }],
    ['Return="OperationOutcome"', { return: 'OperationOutcome' }],
    [' handling=strict ,, ', { handling: 'strict' }],
    ['return=minimal, return=representation', { return: 'minimal' }],
    ['handling=lenient, HANDLING=strict; return=minimal', { handling: 'lenient', return: 'minimal' }],
  ])('%j', (header, expected) => {
    expect(of(header)).toEqual(expected);
  });
});

describe('If-Match', () => {
  it.each([
    ['W/"3"', 3],
    ['"3"', 3],
    ['3', 3],
    ['  W/"12" ', 12],
    ['W/"999999999"', 999_999_999],
    ['W/"0"', 0],
    ['*', ANY_VERSION],
    [' * ', ANY_VERSION],
  ])('%j names version %d', (header, version) => {
    expect(versionOf(header)).toBe(version);
  });

  it('asks for nothing when it is not there', () => {
    expect(versionOf(undefined)).toBeUndefined();
  });

  it.each([
    '',
    '**',
    'W/*',
    '"*"',
    'W/3',
    'w/"3"',
    '"a"',
    'W/"3", W/"4"',
    'W/"3", *',
    'W/"-1"',
    'W/"1e3"',
    'W/"99999999999999999999"',
    '"3',
    '３',
  ])('%j is refused with 400, never taken for no condition', (header) => {
    expect(() => versionOf(header)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('reads what a version is answered with', () => {
    for (const version of [1, 7, 123_456]) expect(versionOf(etag(version))).toBe(version);
  });
});

it('a version is answered with a weak ETag and an HTTP date, to the second', () => {
  const at = Date.parse('2026-02-03T04:05:06.789Z');
  expect(httpDate(at)).toBe('Tue, 03 Feb 2026 04:05:06 GMT');
  expect(versionHeaders(4, at)).toEqual({ ETag: 'W/"4"', 'Last-Modified': 'Tue, 03 Feb 2026 04:05:06 GMT' });
});
