import { openWorld, type World } from '../../support/world.ts';
import { by, fresh, issue, observation, patient } from './samples.ts';

let world: World;
let hospital: World['hospital'];
beforeAll(async () => {
  world = await openWorld();
  ({ hospital } = world);
});
afterAll(() => world.close());

const at = (path: string) => `${world.server.baseUrl}/fhir/${path}`;
const total = async (value: string): Promise<number> =>
  (await hospital.get(`Patient?${by(value)}&_summary=count`)).body.total;

describe('create', () => {
  it('answers 201 with the resource, its id, version and time, and where it is', async () => {
    const sent = patient(fresh(), {
      meta: { tag: [{ code: 'x' }], versionId: '9', lastUpdated: '2001-01-01T00:00:00Z' },
    });
    const reply = await hospital.post('Patient', sent);
    expect(reply.status).toBe(201);
    const { id, meta, ...rest } = reply.body;
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(meta).toEqual({
      tag: [{ code: 'x' }],
      versionId: '1',
      lastUpdated: expect.stringMatching(/^20\d\d-.*T.*Z$/),
    });
    const { meta: _, ...others } = sent;
    expect(rest).toEqual(others);
    expect(reply.headers.get('location')).toBe(at(`Patient/${id}/_history/1`));
    expect(reply.headers.get('etag')).toBe('W/"1"');
    expect(reply.headers.get('last-modified')).toBe(new Date(meta.lastUpdated).toUTCString());
    expect(reply.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
  });

  it('gives an id of its own, whatever id was sent', async () => {
    const one = await hospital.create(patient(fresh(), { id: 'mine' }));
    expect(one.id).not.toBe('mine');
    expect((await hospital.get('Patient/mine')).status).toBe(404);
  });

  it.each([
    ['another type than the URL', 'Patient', { resourceType: 'Basic', code: { text: 'x' } }, 400],
    ['no body', 'Patient', '', 400],
    ['no JSON', 'Patient', '{', 400],
    ['no resource', 'Patient', '[]', 400],
    ['no type', 'Patient', '{}', 400],
    ['an element that does not exist', 'Patient', { resourceType: 'Patient', nmae: [] }, 422],
    ['a code that is not in its value set', 'Patient', { resourceType: 'Patient', gender: 'x' }, 422],
    ['a reference to nothing', 'Observation', observation('Patient/none'), 422],
  ])('refuses %s', async (_, type, body, status) => {
    const reply = await hospital.post(type, body);
    expect(reply.status).toBe(status);
    expect(issue(reply).severity).toBe('error');
  });
});

describe('read and vread', () => {
  it('give the bytes that create gave', async () => {
    const created = await hospital.post('Patient', patient(fresh()));
    const { id } = created.body;
    for (const path of [`Patient/${id}`, `Patient/${id}/_history/1`]) {
      const reply = await hospital.get(path);
      expect([reply.status, reply.text]).toEqual([200, created.text]);
      for (const name of ['etag', 'last-modified', 'content-type'])
        expect([name, reply.headers.get(name)]).toEqual([name, created.headers.get(name)]);
    }
  });

  it.each([
    'Patient/none',
    'Patient/none/_history/1',
    'Patient/none/_history',
    'Patient/%00',
    'Patient/a%2Fb',
    'Patient/a_b',
  ])('of nothing are 404, always the same: %s', async (path) => {
    const reply = await hospital.get(path);
    expect([reply.status, reply.text]).toEqual([404, (await hospital.get('Observation/other')).text]);
  });

  it.each(['2', '0', '-1', '01', '1.0', 'x', '99999999999999999999'])(
    'of version %s, which is not there, is 404',
    async (version) => {
      const { id } = await hospital.create(patient(fresh()));
      expect((await hospital.get(`Patient/${id}/_history/${version}`)).status).toBe(404);
    },
  );

  it('by HEAD have the headers alone', async () => {
    const { id } = await hospital.create(patient(fresh()));
    const [get, head] = [await hospital.get(`Patient/${id}`), await hospital.send('HEAD', `Patient/${id}`)];
    expect([head.status, head.text]).toEqual([200, '']);
    for (const name of ['etag', 'last-modified', 'content-length', 'content-type'])
      expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
    expect((await hospital.send('HEAD', 'Patient/none')).status).toBe(404);
  });
});

describe('a conditional read', () => {
  let id: string;
  let modified: string;
  beforeAll(async () => {
    const reply = await hospital.post('Patient', patient(fresh()));
    id = reply.body.id;
    modified = reply.headers.get('last-modified') as string;
    // The next version would have the same second.
    expect((await hospital.get(`Patient/${id}`)).headers.get('etag')).toBe('W/"1"');
  });
  const before = () => new Date(Date.parse(modified) - 1000).toUTCString();

  const cases: [string, () => Record<string, string>, number][] = [
    ['If-None-Match with this version', () => ({ 'if-none-match': 'W/"1"' }), 304],
    ['If-None-Match with this version, strong', () => ({ 'if-none-match': '"1"' }), 304],
    ['If-None-Match with this version among others', () => ({ 'if-none-match': 'W/"7", W/"1"' }), 304],
    ['If-None-Match: *', () => ({ 'if-none-match': '*' }), 304],
    ['If-None-Match with another version', () => ({ 'if-none-match': 'W/"2"' }), 200],
    ['If-Modified-Since its time', () => ({ 'if-modified-since': modified }), 304],
    ['If-Modified-Since before', () => ({ 'if-modified-since': before() }), 200],
    ['If-Modified-Since that is no date', () => ({ 'if-modified-since': 'yesterday' }), 200],
    ['both, of which the version counts', () => ({ 'if-none-match': 'W/"2"', 'if-modified-since': modified }), 200],
  ];
  it.each(cases)('%s', async (_, headers, status) => {
    const reply = await hospital.get(`Patient/${id}`, headers());
    expect(reply.status).toBe(status);
    expect(reply.headers.get('etag')).toBe('W/"1"');
    if (status === 304) expect(reply.text).toBe('');
  });

  it('of nothing is 404 all the same', async () => {
    expect((await hospital.get('Patient/none', { 'if-none-match': '*' })).status).toBe(404);
  });
});

describe('update', () => {
  it('makes the next version; the one before stays', async () => {
    const value = fresh();
    const { id } = await hospital.create(patient(value));
    const reply = await hospital.put(`Patient/${id}`, patient(fresh(), { id, birthDate: '1950' }));
    expect(reply.status).toBe(200);
    expect(reply.headers.get('etag')).toBe('W/"2"');
    expect(reply.headers.get('location')).toBe(at(`Patient/${id}/_history/2`));
    expect(reply.body.meta.versionId).toBe('2');
    expect((await hospital.get(`Patient/${id}/_history/1`)).body).not.toHaveProperty('birthDate');
    expect(await total(value)).toBe(0);
  });

  it.each([
    ['the current version', 'W/"1"', 200],
    ['the current version, strong', '"1"', 200],
    ['another version', 'W/"2"', 412],
    ['whatever is current', '*', 200],
    ['what is no version', 'W/"one"', 400],
    ['several versions', 'W/"1", W/"2"', 400],
  ])('with If-Match of %s', async (_, ifMatch, status) => {
    const { id } = await hospital.create(patient(fresh()));
    const reply = await hospital.put(`Patient/${id}`, patient(fresh(), { id }), { 'if-match': ifMatch });
    expect(reply.status).toBe(status);
    expect((await hospital.get(`Patient/${id}`)).headers.get('etag')).toBe(status === 200 ? 'W/"2"' : 'W/"1"');
    if (status !== 200) expect(issue(reply).diagnostics).not.toBe('');
  });

  it('with If-Match of what is not there fails, and so does what another keeps', async () => {
    const { id } = await hospital.create(patient(fresh()));
    for (const ifMatch of ['*', 'W/"1"', 'W/"0"']) {
      const headers = { 'if-match': ifMatch };
      const hidden = await world.stranger.put(`Patient/${id}`, patient(fresh(), { id }), headers);
      const none = await world.stranger.put('Patient/none', patient(fresh(), { id: 'none' }), headers);
      expect([hidden.status, none.status, hidden.text]).toEqual([412, 412, none.text]);
      const removals = ['none', id].map((one) => world.stranger.send('DELETE', `Patient/${one}`, undefined, headers));
      expect((await Promise.all(removals)).map((reply) => [reply.status, reply.text])).toEqual([
        [412, none.text],
        [412, none.text],
      ]);
    }
    expect((await hospital.get(`Patient/${id}`)).headers.get('etag')).toBe('W/"1"');
  });

  it.each([
    ['another id in the resource', (id: string) => [`Patient/${id}`, { id: 'other' }], 400],
    ['no id in the resource', (id: string) => [`Patient/${id}`, {}], 400],
    ['an id that nobody has', () => ['Patient/none', { id: 'none' }], 404],
    ['an id that is none', () => ['Patient/a_b', { id: 'a_b' }], 404],
  ] as [string, (id: string) => [string, object], number][])('refuses %s', async (_, of, status) => {
    const { id } = await hospital.create(patient(fresh()));
    const [path, more] = of(id);
    expect((await hospital.put(path, patient(fresh(), more))).status).toBe(status);
    expect((await hospital.get(`Patient/${id}`)).headers.get('etag')).toBe('W/"1"');
  });
});

describe('delete', () => {
  it('is 204; after it the resource is gone for reads and searches, and was never there for others', async () => {
    const value = fresh();
    const { id } = await hospital.create(patient(value));
    const reply = await hospital.send('DELETE', `Patient/${id}`);
    expect([reply.status, reply.text, reply.headers.get('etag')]).toEqual([204, '', 'W/"2"']);
    for (const path of [`Patient/${id}`, `Patient/${id}/_history/1`, `Patient/${id}/_history/2`]) {
      const gone = await hospital.get(path);
      expect([path, gone.status, issue(gone).code]).toEqual([path, 410, 'deleted']);
      expect((await world.stranger.get(path)).status).toBe(404);
    }
    expect(await total(value)).toBe(0);
    expect((await hospital.put(`Patient/${id}`, patient(value, { id }))).status).toBe(410);
    expect((await hospital.post('Observation', observation(`Patient/${id}`))).status).toBe(422);
  });

  it('is 204 once more for what is gone, and 404 for what never was', async () => {
    const { id } = await hospital.create(patient(fresh()));
    const again = [1, 2].map(() => () => hospital.send('DELETE', `Patient/${id}`));
    for (const one of again) expect((await one()).status).toBe(204);
    expect((await hospital.get(`Patient/${id}/_history`)).body.total).toBe(1);
    expect((await hospital.send('DELETE', 'Patient/none')).status).toBe(404);
    expect((await world.stranger.send('DELETE', `Patient/${id}`)).status).toBe(404);
  });

  it('with If-Match deletes that version only', async () => {
    const { id } = await hospital.create(patient(fresh()));
    expect((await hospital.send('DELETE', `Patient/${id}`, undefined, { 'if-match': 'W/"2"' })).status).toBe(412);
    expect((await hospital.send('DELETE', `Patient/${id}`, undefined, { 'if-match': 'W/"1"' })).status).toBe(204);
    for (const ifMatch of ['W/"1"', '*'])
      expect((await hospital.send('DELETE', `Patient/${id}`, undefined, { 'if-match': ifMatch })).status).toBe(412);
  });

  it('with If-Match of whatever is current deletes it', async () => {
    const { id } = await hospital.create(patient(fresh()));
    expect((await hospital.send('DELETE', `Patient/${id}`, undefined, { 'if-match': '*' })).status).toBe(204);
  });
});

describe('Prefer: return', () => {
  const writes: [
    string,
    (prefer: string) => Promise<{ status: number; text: string; body: unknown; headers: Headers }>,
  ][] = [
    ['create', (prefer) => hospital.post('Patient', patient(fresh()), { prefer })],
    [
      'update',
      async (prefer) => {
        const { id } = await hospital.create(patient(fresh()));
        return hospital.put(`Patient/${id}`, patient(fresh(), { id }), { prefer });
      },
    ],
    [
      'a conditional create that finds its resource',
      async (prefer) => {
        const value = fresh();
        await hospital.create(patient(value));
        return hospital.post('Patient', patient(value), { prefer, 'if-none-exist': by(value) });
      },
    ],
  ];
  it.each(writes)('shapes the answer to %s', async (_, write) => {
    const minimal = await write('return=minimal');
    expect(minimal.text).toBe('');
    expect(minimal.headers.get('location')).toContain('/Patient/');
    expect(minimal.headers.get('etag')).toMatch(/^W\/"\d+"$/);
    expect((await write('return=representation')).body).toMatchObject({ resourceType: 'Patient' });
    expect((await write('return="representation"; wait=10')).body).toMatchObject({ resourceType: 'Patient' });
    expect((await write('return=OperationOutcome')).body).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'information' }],
    });
    expect((await write('return=anything')).body).toMatchObject({ resourceType: 'Patient' });
  });
});
