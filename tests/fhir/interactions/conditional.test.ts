import { openWorld, type World } from '../../support/world.ts';
import { by, fresh, issue, patient, SYSTEM } from './samples.ts';

let world: World;
let hospital: World['hospital'];
beforeAll(async () => {
  world = await openWorld();
  ({ hospital } = world);
});
afterAll(() => world.close());

/** So many patients with one identifier; their ids. */
async function having(count: number): Promise<{ value: string; ids: string[] }> {
  const value = fresh();
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push((await hospital.create(patient(value))).id);
  return { value, ids };
}
const total = async (value: string): Promise<number> =>
  (await hospital.get(`Patient?${by(value)}&_summary=count`)).body.total;

describe('a conditional create', () => {
  const create = (value: string, criteria: string) =>
    hospital.post('Patient', patient(value), { 'if-none-exist': criteria });

  it('creates where nothing matches', async () => {
    const { value } = await having(0);
    expect((await create(value, by(value))).status).toBe(201);
    expect(await total(value)).toBe(1);
  });

  it('gives what matches, with 200 and where it is', async () => {
    const { value, ids } = await having(1);
    for (const criteria of [by(value), `?${by(value)}`]) {
      const reply = await create(value, criteria);
      expect([reply.status, reply.body.id]).toEqual([200, ids[0]]);
      expect(reply.headers.get('location')).toBe(`${world.server.baseUrl}/fhir/Patient/${ids[0]}/_history/1`);
      expect(reply.headers.get('etag')).toBe('W/"1"');
    }
    expect(await total(value)).toBe(1);
  });

  it('records that it has shown what matches', async () => {
    const { value, ids } = await having(1);
    await create(value, by(value));
    const shown = await hospital.get(`AuditEvent?patient=Patient/${ids[0]}&subtype=search-type`);
    expect(shown.body.total ?? shown.body.entry.length).toBe(1);
  });

  it('is refused where several match', async () => {
    const { value } = await having(2);
    const reply = await create(value, by(value));
    expect([reply.status, issue(reply).code]).toEqual([412, 'multiple-matches']);
    expect(await total(value)).toBe(2);
  });

  it('finds only what its caller sees', async () => {
    const { value, ids } = await having(1);
    const reply = await world.stranger.post('Patient', patient(value), { 'if-none-exist': by(value) });
    expect(reply.status).toBe(201);
    expect(reply.body.id).not.toBe(ids[0]);
  });

  it.each([
    ['no criteria', ''],
    ['criteria that choose nothing', '_count=1&_sort=_id'],
    ['a parameter that does not exist', 'nothing=x'],
    ['a value that is none', 'birthdate=yesterday'],
    ['what is not well-formed', 'identifier=%E3%81'],
  ])('is refused with %s', async (_, criteria) => {
    const { value } = await having(0);
    const reply = await create(value, criteria);
    expect(reply.status).toBe(400);
    expect(issue(reply).severity).toBe('error');
    expect(await total(value)).toBe(0);
  });
});

describe('a conditional update', () => {
  const update = (value: string, more: object = {}, headers: Record<string, string> = {}) =>
    hospital.put(`Patient?${by(value)}`, patient(value, more), headers);

  it('creates where nothing matches, under an id of the server', async () => {
    const { value } = await having(0);
    const reply = await update(value);
    expect(reply.status).toBe(201);
    expect(reply.headers.get('location')).toContain(`/Patient/${reply.body.id}/_history/1`);
    expect((await update(fresh(), { id: 'mine' })).status).toBe(400);
  });

  it('updates the one that matches, with or without its id', async () => {
    const { value, ids } = await having(1);
    const replies = [await update(value, { active: true }), await update(value, { id: ids[0], active: false })];
    expect(replies.map(({ status, body }) => [status, body.id])).toEqual([
      [200, ids[0]],
      [200, ids[0]],
    ]);
    expect(replies[1]?.headers.get('etag')).toBe('W/"3"');
  });

  it('is refused where the resource has another id, where several match, and without criteria', async () => {
    const [one, two] = [await having(1), await having(2)];
    expect((await update(one.value, { id: 'other' })).status).toBe(400);
    const several = await update(two.value);
    expect([several.status, issue(several).code]).toEqual([412, 'multiple-matches']);
    for (const path of ['Patient', 'Patient?', 'Patient?_count=1', 'Patient?nothing=x'])
      expect([path, (await hospital.put(path, patient(fresh()))).status]).toEqual([path, 400]);
  });

  it('heeds If-Match', async () => {
    const { value } = await having(1);
    expect((await update(value, {}, { 'if-match': 'W/"2"' })).status).toBe(412);
    expect((await update(value, {}, { 'if-match': 'W/"1"' })).status).toBe(200);
    expect((await update(value, {}, { 'if-match': '*' })).status).toBe(200);
    for (const ifMatch of ['*', 'W/"1"']) {
      const none = fresh();
      expect((await update(none, {}, { 'if-match': ifMatch })).status).toBe(412);
      expect(await total(none)).toBe(0);
    }
  });

  it('takes what it does not see for nothing', async () => {
    const { value, ids } = await having(1);
    const reply = await world.stranger.put(`Patient?${by(value)}`, patient(value));
    expect(reply.status).toBe(201);
    expect((await hospital.get(`Patient/${ids[0]}`)).headers.get('etag')).toBe('W/"1"');
  });
});

describe('a conditional delete', () => {
  const remove = (value: string, headers: Record<string, string> = {}) =>
    hospital.send('DELETE', `Patient?${by(value)}`, undefined, headers);

  it('deletes the one that matches, and is 204 where nothing does', async () => {
    const { value, ids } = await having(1);
    expect((await remove(value)).status).toBe(204);
    expect((await hospital.get(`Patient/${ids[0]}`)).status).toBe(410);
    expect((await remove(value)).status).toBe(204);
  });

  it('is refused where several match, and without criteria', async () => {
    const { value } = await having(2);
    const several = await remove(value);
    expect([several.status, issue(several).code]).toEqual([412, 'multiple-matches']);
    expect(await total(value)).toBe(2);
    expect((await hospital.send('DELETE', 'Patient')).status).toBe(400);
    expect((await hospital.send('DELETE', 'Patient?_count=1')).status).toBe(400);
  });

  it('heeds If-Match', async () => {
    const { value } = await having(1);
    expect((await remove(value, { 'if-match': 'W/"2"' })).status).toBe(412);
    expect((await remove(value, { 'if-match': 'W/"1"' })).status).toBe(204);
  });

  it('deletes nothing that its caller does not see', async () => {
    const { value } = await having(1);
    expect((await world.stranger.send('DELETE', `Patient?${by(value)}`)).status).toBe(204);
    expect(await total(value)).toBe(1);
  });
});

describe('where UPDATE_CREATE is on', () => {
  let creating: World;
  beforeAll(async () => {
    creating = await openWorld({ env: { UPDATE_CREATE: 'true' } });
  });
  afterAll(() => creating.close());

  it('PUT creates under the id of the client, once', async () => {
    const value = fresh();
    const id = `own-${value.slice(0, 8)}`;
    const puts = await Promise.all(
      Array.from({ length: 20 }, () => creating.hospital.put(`Patient/${id}`, patient(value, { id }))),
    );
    expect(puts.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201]);
    const versions = puts.map(({ body }) => Number(body.meta.versionId)).sort((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('PUT brings back what was deleted, as the next version', async () => {
    const { id } = await creating.hospital.create(patient(fresh()));
    await creating.hospital.send('DELETE', `Patient/${id}`);
    const reply = await creating.hospital.put(`Patient/${id}`, patient(fresh(), { id }));
    expect([reply.status, reply.headers.get('etag')]).toEqual([200, 'W/"3"']);
    // The deletion, and what came after it.
    expect((await creating.hospital.get(`Patient/${id}/_history`)).body.total).toBe(2);
  });

  it('PUT with If-Match creates nothing, and tells no hidden resource from none', async () => {
    const { id } = await creating.hospital.create(patient(fresh()));
    for (const ifMatch of ['*', 'W/"1"']) {
      const ask = (one: string) =>
        creating.stranger.put(`Patient/${one}`, patient(fresh(), { id: one }), { 'if-match': ifMatch });
      const [hidden, none] = [await ask(id), await ask(fresh())];
      expect([hidden.status, hidden.text]).toEqual([412, none.text]);
    }
    await creating.hospital.send('DELETE', `Patient/${id}`);
    const back = (ifMatch: string) =>
      creating.hospital.put(`Patient/${id}`, patient(fresh(), { id }), { 'if-match': ifMatch });
    expect([(await back('*')).status, (await back('W/"1"')).status, (await back('W/"2"')).status]).toEqual([
      412, 412, 200,
    ]);
  });

  it('an id that another institution uses cannot be taken, and is not shown to be in use by a read', async () => {
    const { id } = await creating.hospital.create(patient(fresh()));
    expect((await creating.stranger.get(`Patient/${id}`)).status).toBe(404);
    const reply = await creating.stranger.put(`Patient/${id}`, patient(fresh(), { id }));
    expect(reply.status).toBe(404);
    expect((await creating.hospital.get(`Patient/${id}`)).headers.get('etag')).toBe('W/"1"');
  });

  it('nobody takes the name of the operator, nor makes the operator something else', async () => {
    const { operator } = creating.network;
    const coding = [{ system: 'https://tasuki.example/fhir/CodeSystem/institution-kind', code: 'medical' }];
    const body = { resourceType: 'Organization', id: 'operator', name: 'x', active: false, type: [{ coding }] };
    for (const member of [creating.hospital, creating.clinic, operator]) {
      const reply = await member.put('Organization/operator', body);
      expect([reply.status, issue(reply).code]).toEqual([409, 'conflict']);
    }
    expect((await operator.get('Organization?_id=operator&_summary=count')).body.total).toBe(0);
    const { id } = await creating.hospital.create({ resourceType: 'Organization', name: '部門' });
    expect(
      (await creating.hospital.put(`Organization/${id}`, { resourceType: 'Organization', id, name: '科' })).status,
    ).toBe(200);
    const own = { resourceType: 'Organization', id: 'department-of-mine', name: '科' };
    expect((await creating.hospital.put('Organization/department-of-mine', own)).status).toBe(201);
  });

  it('a conditional update that matches nothing creates under the id of the resource', async () => {
    const value = fresh();
    const reply = await creating.hospital.put(
      `Patient?identifier=${SYSTEM}|${value}`,
      patient(value, { id: `c-${value}` }),
    );
    expect([reply.status, reply.body.id]).toEqual([201, `c-${value}`]);
  });

  it('parallel transactions that create under one id and read it all go through', async () => {
    const id = `tx-${fresh().slice(0, 8)}`;
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { resource: patient(fresh(), { id }), request: { method: 'PUT', url: `Patient/${id}` } },
        { request: { method: 'GET', url: `Patient/${id}` } },
      ],
    };
    const replies = await Promise.all(Array.from({ length: 12 }, () => creating.hospital.post('', bundle)));
    expect(replies.map(({ status }) => status)).toEqual(Array(12).fill(200));
    expect((await creating.hospital.get(`Patient/${id}`)).headers.get('etag')).toBe('W/"12"');
  });

  it.each(['a_b', 'a b', 'あ', 'a'.repeat(65)])('an id that is none is refused: %s', async (id) => {
    const reply = await creating.hospital.put(`Patient/${encodeURIComponent(id)}`, patient(fresh(), { id }));
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
  });
});
