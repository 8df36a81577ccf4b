import { openWorld, type World } from '../../support/world.ts';
import { batch, by, deleting, fresh, getting, observation, patient, posting, putting, statuses } from './samples.ts';

let world: World;
let hospital: World['hospital'];
beforeAll(async () => {
  world = await openWorld();
  ({ hospital } = world);
});
afterAll(() => world.close());

const send = (...entries: unknown[]) => hospital.post('', batch(...entries));

describe('a batch', () => {
  it('does each entry on its own; one that fails says why, and the others are done', async () => {
    const value = fresh();
    const known = (await hospital.create(patient(fresh()))).id;
    const entries: [unknown, number, string?][] = [
      [posting(patient(value)), 201],
      [posting(observation('Patient/none')), 422, 'not-found'],
      [posting(patient(fresh(), { gender: 'x' })), 422, 'code-invalid'],
      [{ request: { method: 'POST', url: 'Patient' } }, 400, 'required'],
      [getting(`Patient/${known}`), 200],
      [getting('Patient/none'), 404, 'not-found'],
      [getting('Nothing/1'), 404, 'not-supported'],
      [getting('Subscription'), 403, 'forbidden'],
      [getting('Patient?nothing=x'), 400, 'not-supported'],
      [getting(`Patient/${known}`, 'HEAD'), 200],
      [{ request: { method: 'GET', url: `Patient/${known}`, ifNoneMatch: 'W/"1"' } }, 304],
      [putting(`Patient/${known}`, patient(fresh(), { id: known }), { ifMatch: 'W/"7"' }), 412, 'conflict'],
      [putting(`Patient?${by(fresh())}`, patient(fresh())), 201],
      [deleting('Patient/none'), 404, 'not-found'],
      [deleting(`Patient?${by(fresh())}`), 204],
      [{ request: { method: 'PATCH', url: `Patient/${known}` } }, 400, 'value'],
      [{ request: { method: 'GET' } }, 400, 'required'],
      [{ request: { method: 'GET', url: '%E3%81' } }, 400, 'invalid'],
      [{ request: { method: 'GET', url: 'Patient?%E3%81' } }, 400, 'invalid'],
      [{ request: 'GET' }, 400, 'required'],
      [{}, 400, 'required'],
      [null, 400, 'required'],
      [posting({ resourceType: 'Bundle', type: 'batch' }), 201],
      [{ resource: batch(), request: { method: 'POST', url: '/' } }, 400, 'invalid'],
      [getting('metadata'), 200],
    ];
    const reply = await send(...entries.map(([entry]) => entry));
    expect(reply.status).toBe(200);
    expect(reply.body.type).toBe('batch-response');
    const expected = entries.map(([, status, code]) => [status, code]);
    const got = reply.body.entry.map(
      ({ response }: { response: { status: string; outcome?: { issue: { code: string }[] } } }, i: number) => [
        Number.parseInt(response.status, 10),
        expected[i]?.[1] && response.outcome?.issue[0]?.code,
      ],
    );
    expect(got).toEqual(expected);
    expect((await hospital.get(`Patient?${by(value)}`)).body.total).toBe(1);
    expect(reply.body.entry[9]).not.toHaveProperty('resource');
    expect(reply.body.entry[10].response.etag).toBe('W/"1"');
  });

  it('does what deletes first, then what creates, then what updates, and reads last', async () => {
    const [value, gone] = [fresh(), fresh()];
    const { id } = await hospital.create(patient(gone));
    const reply = await send(
      getting(`Patient?${by(value)}&_summary=count`),
      getting(`Patient/${id}`),
      putting(`Patient?${by(value)}`, patient(value, { active: true })),
      posting(patient(value)),
      deleting(`Patient/${id}`),
    );
    expect(statuses(reply)).toEqual([200, 410, 200, 201, 204]);
    expect(reply.body.entry[0].resource.total).toBe(1);
    expect(reply.body.entry[2].response.etag).toBe('W/"2"');
  });

  it('has entries that find what is there already, conditionally', async () => {
    const value = fresh();
    const one = posting(patient(value), undefined, { ifNoneExist: by(value) });
    expect(statuses(await send(one, one, one))).toEqual([201, 200, 200]);
  });

  it('does not resolve references between its entries', async () => {
    const value = fresh();
    const reply = await send(
      posting(patient(value), 'https://old.example/Patient/1'),
      posting(observation('Patient/1'), 'https://old.example/Observation/1'),
    );
    expect(statuses(reply)).toEqual([201, 422]);
  });

  it('may call operations', async () => {
    const { id } = await hospital.create(patient(fresh()));
    const reply = await send(
      getting(`Patient/${id}/$timeline`),
      { request: { method: 'POST', url: `Patient/${id}/$issue-keycode` } },
      getting('Appointment/$nothing'),
    );
    expect(statuses(reply)).toEqual([200, 200, 404]);
  });

  it('answers as Prefer asks, with the outcome in its own place', async () => {
    const ask = async (prefer: string) => {
      const reply = await hospital.post('', batch(posting(patient(fresh()))), { prefer: `return=${prefer}` });
      return reply.body.entry[0];
    };
    expect(await ask('minimal')).not.toHaveProperty('resource');
    expect(await ask('representation')).toMatchObject({ resource: { resourceType: 'Patient' } });
    const told = await ask('OperationOutcome');
    expect(told).not.toHaveProperty('resource');
    expect(told).toMatchObject({ response: { outcome: { resourceType: 'OperationOutcome' } } });
  });

  it('keeps decimals to the digit', async () => {
    const text = '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}';
    const body = `{"resourceType":"Bundle","type":"batch","entry":[{"resource":${text},"request":{"method":"POST","url":"Observation"}}]}`;
    expect((await hospital.post('', body)).text).toContain('"value":1.50');
  });

  it('may be empty', async () => {
    expect((await send()).body).toMatchObject({ type: 'batch-response' });
    expect((await hospital.post('', { resourceType: 'Bundle', type: 'batch' })).status).toBe(200);
  });

  it('is bounded', async () => {
    const reply = await send(...Array(1001).fill(getting('metadata')));
    expect(reply.status).toBe(413);
    expect(reply.body.issue[0].diagnostics).toContain('1000');
  });

  it('shows another institution nothing of this one', async () => {
    const value = fresh();
    const { id } = await hospital.create(patient(value));
    const reply = await world.stranger.post(
      '',
      batch(
        getting(`Patient/${id}`),
        getting(`Patient?${by(value)}`),
        deleting(`Patient/${id}`),
        posting(observation(`Patient/${id}`)),
      ),
    );
    expect(statuses(reply)).toEqual([404, 200, 404, 422]);
    expect(reply.body.entry[1].resource.total).toBe(0);
  });
});
