import type { Engine, Operation, OperationRequest, Resource } from '../../src/fhir/engine.ts';
import { operate } from '../../src/fhir/operate.ts';
import { parameter } from '../../src/fhir/parameters.ts';
import type { FhirRequest } from '../../src/fhir/request.ts';
import { caller, engine, refusal, request } from './callers.ts';

const asked: OperationRequest[] = [];
const operation = (more: Partial<Operation>): Operation => ({
  name: 'look',
  types: ['Patient', 'Observation'],
  level: 'instance',
  methods: ['GET', 'POST'],
  kinds: [],
  permission: 'r',
  documentation: '',
  run: async (one) => {
    asked.push(one);
    return { status: 200, body: { resourceType: more.name ?? 'look' } };
  },
  ...more,
});
const operations = [
  operation({}),
  operation({ level: 'type', types: ['Patient'], methods: ['POST'], permission: 'c' }),
  operation({ name: 'all', level: 'system', types: [], permission: 's' }),
  operation({ name: 'ours', level: 'system', types: [], kinds: ['medical'] }),
  operation({ name: 'denied', types: ['Subscription'] }),
  operation({ name: 'sign', takes: { types: ['application/pdf'], maxBytes: 10 }, gives: ['application/pdf'] }),
];
const call = (method: string, path: string, more: Partial<FhirRequest> & { headers?: Record<string, string> } = {}) =>
  operate(request(method, path, { engine: { ...engine, operations } as Engine, ...more }));
const refused = (method: string, path: string, more: Partial<FhirRequest> = {}) =>
  refusal(() => call(method, path, more));

beforeEach(() => {
  asked.length = 0;
});

describe('an operation is found', () => {
  it('on an instance of its types, with type, id and query', async () => {
    await call('GET', 'Patient/p/$look', { query: [['_type', 'x']] });
    expect(asked).toEqual([
      expect.objectContaining({ type: 'Patient', id: 'p', method: 'GET', query: [['_type', 'x']], body: undefined }),
    ]);
  });

  it('on a type, without an id', async () => {
    await call('POST', 'Patient/$look');
    expect(asked[0]).toMatchObject({ type: 'Patient' });
    expect(asked[0]).not.toHaveProperty('id');
  });

  it('on the system, without either', async () => {
    await call('GET', '$all');
    expect(asked[0]).not.toHaveProperty('type');
    expect(asked[0]).not.toHaveProperty('id');
  });

  it.each([
    ['GET', '$nothing'],
    ['GET', '$look'],
    ['GET', 'Patient/$all'],
    ['GET', 'Observation/$look'],
    ['GET', 'Condition/c/$look'],
    ['GET', 'Foo/f/$look'],
    ['GET', 'Patient/p/x/$look'],
    ['GET', 'Patient/p/_history/1/$look'],
    ['GET', '$'],
    ['GET', '$LOOK'],
    ['GET', 'Patient/p/$__proto__'],
    ['GET', 'Patient/p/$constructor'],
  ])('%s %s is not one', async (method, path) => {
    expect(await refused(method, path)).toMatchObject({ status: 404, code: 'not-supported' });
  });

  it('and its unknown name is not repeated at length', async () => {
    expect((await refused('GET', `Patient/p/$${'x'.repeat(5000)}`)).text.length).toBeLessThan(120);
  });
});

describe('an operation is refused', () => {
  it.each(['PUT', 'DELETE', 'PATCH', 'GET'])('with 405 for %s where it takes POST only', async (method) => {
    expect(await refused(method, 'Patient/$look')).toMatchObject({ status: 405 });
    const failure = await call(method, 'Patient/$look').catch((error) => error);
    expect(failure.headers).toEqual({ Allow: 'POST' });
  });

  it('with 403 without the permission that it needs', async () => {
    for (const scope of ['system/Patient.cuds', 'system/Observation.r', ''])
      expect(await refused('GET', 'Patient/p/$look', { access: caller(1n, scope) })).toMatchObject({ status: 403 });
    expect(await refused('POST', 'Patient/$look', { access: caller(1n, 'system/Patient.rs') })).toMatchObject({
      status: 403,
    });
    expect(await refused('GET', '$all', { access: caller(1n, 'system/Patient.s') })).toMatchObject({ status: 403 });
    await call('GET', '$all', { access: caller(1n, 'system/*.s') });
  });

  it('with 403 for a kind of institution that it is not for', async () => {
    expect(await refused('GET', '$ours')).toMatchObject({ status: 403, text: expect.stringContaining('medical') });
    await call('GET', '$ours', { access: caller(1n, 'system/*.r', 'medical') });
  });

  it('with 403 on a type that is not served', async () => {
    expect(await refused('GET', 'Subscription/s/$denied')).toMatchObject({ status: 403 });
  });

  it('with 400 or 415 for a body that is none, before it runs', async () => {
    const json = { 'content-type': 'application/fhir+json' };
    const post = (body: string, headers: Record<string, string> = json) =>
      refusal(() => call('POST', 'Patient/p/$look', { body: Buffer.from(body), headers }));
    expect(await post('{')).toMatchObject({ status: 400 });
    expect(await post('[]')).toMatchObject({ status: 400 });
    expect(await post('{"resourceType":"Parameters"}', { 'content-type': 'text/xml' })).toMatchObject({ status: 415 });
    expect(asked).toEqual([]);
  });
});

describe('the body of an operation', () => {
  const json = { 'content-type': 'application/json' };

  it('may be missing', async () => {
    await call('POST', 'Patient/p/$look');
    expect(asked[0]?.body).toBeUndefined();
  });

  it('is read with its Decimals', async () => {
    const body = Buffer.from('{"resourceType":"Parameters","parameter":[{"name":"a","valueDecimal":1.0}]}');
    await call('POST', 'Patient/p/$look', { body, headers: json });
    expect(asked[0]).toMatchObject({ decimals: true, body: { resourceType: 'Parameters' } });
  });

  it('of a GET is not looked at', async () => {
    await call('GET', 'Patient/p/$look', { body: Buffer.from('{{{'), headers: json });
    expect(asked[0]?.body).toBeUndefined();
  });
});

describe('an operation on other media types', () => {
  const pdf = (method: string, headers: Record<string, string>, body = Buffer.from('%PDF')) =>
    call(method, 'Patient/p/$sign', { body, headers });

  it.each(['application/pdf', 'Application/PDF; version=1.7'])('takes the bytes as they are: %s', async (type) => {
    await pdf('POST', { 'content-type': type });
    expect(asked[0]).toMatchObject({
      content: { type: 'application/pdf', bytes: Buffer.from('%PDF') },
      body: undefined,
    });
  });

  it('takes FHIR JSON beside them', async () => {
    await pdf('POST', { 'content-type': 'application/fhir+json' }, Buffer.from('{"resourceType":"Parameters"}'));
    expect(asked[0]).toMatchObject({ body: { resourceType: 'Parameters' } });
    expect(asked[0]).not.toHaveProperty('content');
  });

  it('takes nothing else, no empty body, and nothing with a GET', async () => {
    expect(await refusal(() => pdf('POST', { 'content-type': 'image/png' }))).toMatchObject({ status: 415 });
    expect(await refusal(() => pdf('POST', { 'content-type': 'application/pdf' }, Buffer.alloc(0)))).toMatchObject({
      status: 400,
    });
    await pdf('GET', { 'content-type': 'application/pdf' });
    expect(asked[0]).not.toHaveProperty('content');
  });

  it('is for the one that takes them only', async () => {
    const headers = { 'content-type': 'application/pdf' };
    expect(await refused('POST', 'Patient/p/$look', { body: Buffer.from('%PDF'), ...{ headers } })).toMatchObject({
      status: 415,
    });
  });

  it.each([
    ['application/pdf', 'application/pdf'],
    ['application/fhir+json;q=0.5, application/pdf', 'application/pdf'],
    ['application/pdf;q=0, application/fhir+json', undefined],
    ['application/fhir+json', undefined],
    ['*/*', undefined],
    ['', undefined],
  ])('answers Accept: %s with %s', async (accept, wanted) => {
    await pdf('GET', { accept });
    expect(asked[0]?.wants).toBe(wanted);
    asked.length = 0;
    await call('GET', 'Patient/p/$look', { headers: { accept } });
    expect(asked[0]).not.toHaveProperty('wants');
  });

  it.each([
    [undefined, 'ja'],
    ['', 'ja'],
    ['*', 'ja'],
    ['fr', 'ja'],
    ['en', 'en'],
    ['en-GB, en;q=0.9', 'en'],
    ['ja, en;q=0.9', 'ja'],
    ['en;q=0.3, ja;q=0.8', 'ja'],
    ['ja;q=0.3, en-US;q=0.8', 'en'],
    ['en;q=x', 'ja'],
    ['eng', 'ja'],
  ])('speaks for Accept-Language %j %s', async (header, language) => {
    await call('GET', 'Patient/p/$look', header === undefined ? {} : { headers: { 'accept-language': header } });
    expect(asked[0]?.language).toBe(language);
  });
});

describe('a parameter', () => {
  const of = (list: unknown, name: string) =>
    parameter({ resourceType: 'Parameters', parameter: list } as Resource, name);

  it('is the first of its name', () => {
    expect(of([{ name: 'a', valueString: '1' }, { name: 'b' }, { name: 'a', valueString: '2' }], 'a')).toEqual({
      name: 'a',
      valueString: '1',
    });
  });

  it.each([
    ['no list', undefined],
    ['an object', { name: 'a' }],
    ['a text', 'a'],
    ['nothing of the name', [{ name: 'b' }]],
    ['what is no object', [null, 'a', 7, ['a']]],
    ['an empty list', []],
  ])('is not there in %s', (_, list) => {
    expect(of(list, 'a')).toBeUndefined();
  });

  it('is not there without a body, nor in another resource', () => {
    expect(parameter(undefined, 'a')).toBeUndefined();
    expect(parameter({ resourceType: 'Basic', parameter: [{ name: 'a' }] } as Resource, 'a')).toBeUndefined();
  });

  it('is found by its own name, never by one that every object has', () => {
    expect(of([{ valueString: '1' }], 'constructor')).toBeUndefined();
    expect(of([{ valueString: '1' }], 'undefined')).toBeUndefined();
  });
});
