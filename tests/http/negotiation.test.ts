import { fresh, issue, patient } from '../fhir/interactions/samples.ts';
import { openWorld, type World } from '../support/world.ts';

let world: World;
let hospital: World['hospital'];
let id: string;
beforeAll(async () => {
  world = await openWorld();
  ({ hospital } = world);
  id = (await hospital.create(patient(fresh()))).id;
});
afterAll(() => world.close());

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('what the client accepts', () => {
  it.each([
    ['*/*', 200],
    ['application/*', 200],
    ['application/fhir+json', 200],
    ['application/fhir+json; fhirVersion=4.0', 200],
    ['application/json', 200],
    ['application/json+fhir', 200],
    ['text/html, application/xhtml+xml, */*;q=0.8', 200],
    ['application/fhir+xml;q=0.9, application/fhir+json;q=0.1', 200],
    ['application/fhir+xml', 406],
    ['application/xml, text/xml', 406],
    ['text/turtle', 406],
    ['text/html', 406],
    ['application/fhir+jsonx', 406],
    ['application/fhir+json;q=0', 406],
    ['application/fhir+json;q=0, application/fhir+xml', 406],
    ['application/fhir+json;q=0, */*', 406],
  ])('Accept: %s', async (accept, status) => {
    const reply = await hospital.get(`Patient/${id}`, { accept });
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
    expect(reply.body.resourceType).toBe(status === 200 ? 'Patient' : 'OperationOutcome');
  });

  it.each([
    ['json', 200],
    ['application/json', 200],
    ['application/fhir%2Bjson', 200],
    ['application/fhir+json', 200],
    ['xml', 406],
    ['application/fhir%2Bxml', 406],
    ['ttl', 406],
    ['', 406],
  ])('_format=%s goes before Accept', async (format, status) => {
    const reply = await hospital.get(`Patient/${id}?_format=${format}`, { accept: 'application/fhir+xml' });
    expect(reply.status).toBe(status);
    const search = await hospital.get(`Patient?_format=${format}`, { accept: 'application/fhir+xml' });
    expect(search.status).toBe(format === '' ? 406 : status);
  });

  it.each([
    ['json', 200],
    ['xml', 406],
  ])('_format=%s in the form of a search counts too', async (format, status) => {
    expect((await hospital.post('Patient/_search', `_format=${format}`, FORM)).status).toBe(status);
  });

  it('is nothing that a Binary cannot be', async () => {
    const binary = await hospital.post('Binary', 'こんにちは', { 'content-type': 'text/plain; charset=utf-8' });
    expect(binary.status).toBe(201);
    const text = await hospital.get(`Binary/${binary.body.id}`, { accept: 'text/plain' });
    expect([text.status, text.text]).toEqual([200, 'こんにちは']);
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(text.headers.get('x-content-type-options')).toBe('nosniff');
    expect(text.headers.get('content-security-policy')).toContain('sandbox');
    const resource = await hospital.get(`Binary/${binary.body.id}`, { accept: 'application/fhir+json' });
    expect(resource.body).toMatchObject({ resourceType: 'Binary', contentType: 'text/plain; charset=utf-8' });
  });
});

describe('what the client sends', () => {
  it.each([
    ['application/fhir+json', 201],
    ['application/fhir+json; charset=utf-8; fhirVersion=4.0', 201],
    ['application/json', 201],
    ['Application/FHIR+JSON', 201],
    ['application/fhir+xml', 415],
    ['application/xml', 415],
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
  ])('Content-Type: %s', async (type, status) => {
    for (const path of ['Patient', '']) {
      const body = path ? patient(fresh()) : { resourceType: 'Bundle', type: 'batch' };
      const reply = await hospital.post(path, JSON.stringify(body), { 'content-type': type });
      expect([path, reply.status]).toEqual([path, status === 201 && !path ? 200 : status]);
      if (status === 415) expect(issue(reply).code).toBe('not-supported');
    }
  });

  it('to a search must be a form', async () => {
    expect((await hospital.post('Patient/_search', '{}', { 'content-type': 'application/fhir+json' })).status).toBe(
      415,
    );
    expect((await hospital.post('Patient/_search', `_id=${id}`, FORM)).body.total).toBe(1);
    expect((await hospital.send('POST', `Patient/_search?_id=${id}`)).body.total).toBe(1);
  });
});

describe('methods and addresses', () => {
  it.each([
    ['PATCH', 'Patient/1', 'GET, PUT, DELETE'],
    ['POST', 'Patient/1', 'GET, PUT, DELETE'],
    ['PATCH', 'Patient', 'GET, POST, PUT, DELETE'],
    ['GET', 'Patient/_search', 'POST'],
    ['PUT', 'Patient/1/_history', 'GET'],
    ['DELETE', 'Patient/1/_history/1', 'GET'],
    ['POST', 'metadata', 'GET'],
    ['GET', '', 'POST'],
    ['PUT', '', 'POST'],
    ['GET', 'Appointment/$book', 'POST'],
  ])('%s %s is 405, and says what is allowed', async (method, path, allow) => {
    const reply = await hospital.send(method, path);
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, allow]);
    expect(issue(reply).code).toBe('not-supported');
  });

  it.each([
    ['Nothing', 404],
    ['Nothing/1', 404],
    ['patient', 404],
    ['constructor', 404],
    ['__proto__/1', 404],
    ['Resource', 404],
    ['DomainResource/1', 404],
    ['Patient/1/Observation', 404],
    ['Patient/1/_history/1/2', 404],
    ['_search', 404],
    ['Patient/$nothing', 404],
    ['$nothing', 404],
    ['Patient/1/$book', 404],
    ['Subscription', 403],
    ['Subscription/1', 403],
    ['MessageHeader', 403],
    ['Parameters', 403],
    ['OperationOutcome/1', 403],
  ])('%s is %i', async (path, status) => {
    const reply = await hospital.get(path);
    expect(reply.status).toBe(status);
    expect(issue(reply).code).toBe(status === 404 ? 'not-supported' : 'forbidden');
  });

  it.each(['/fhirx', '/favicon.ico', '/admin', '/fhir/../etc/passwd'])(
    '%s outside of the FHIR base is 404',
    async (path) => {
      const response = await fetch(world.server.baseUrl + path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ resourceType: 'OperationOutcome' });
    },
  );

  it('slashes at the end do not matter', async () => {
    expect((await hospital.get(`Patient/${id}/`)).status).toBe(200);
    expect((await fetch(`${world.server.baseUrl}/fhir/metadata/`)).status).toBe(200);
  });
});

describe('who has no token', () => {
  it.each([
    ['none', undefined],
    ['another scheme', 'Basic eDp5'],
    ['one that is none', 'Bearer x'],
    ['two', 'Bearer x, Bearer y'],
    ['an empty one', 'Bearer '],
  ])('is told 401: %s', async (_, authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    for (const path of ['/Patient', '/Nothing', '', `/Patient/${id}`, '/Patient/$nothing']) {
      const response = await world.server.fhir(path, { headers });
      expect([path, response.status]).toEqual([path, 401]);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(await response.json()).toMatchObject({ issue: [{ code: 'login' }] });
    }
  });

  it('may read the capabilities and nothing else', async () => {
    const statement = await world.server.fhir('/metadata');
    expect(statement.status).toBe(200);
    expect((await world.server.fhir('/metadata/x')).status).toBe(401);
    expect((await world.server.fhir('/metadata', { method: 'POST' })).status).toBe(405);
  });
});

it('every answer bears the request id, the client’s own where it is harmless, and is not to be kept', async () => {
  const reply = await hospital.get(`Patient/${id}`, { 'x-request-id': 'my-request.1' });
  expect(reply.headers.get('x-request-id')).toBe('my-request.1');
  expect(reply.headers.get('cache-control')).toBe('no-store');
  expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
  expect(reply.headers.get('x-powered-by')).toBeNull();
  for (const given of ['a b', '<x>', 'x'.repeat(65), 'é'])
    expect((await hospital.get('Patient/none', { 'x-request-id': given })).headers.get('x-request-id')).toMatch(
      /^[0-9a-f-]{36}$/,
    );
});
