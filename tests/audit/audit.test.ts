import { validate } from '../../src/fhir/validation/index.ts';
import type { Database } from '../../src/store/database.ts';
import type { Member, Reply, Sent } from '../support/network.ts';
import { openWorld, type World } from '../support/world.ts';

let world: World;
let database: Database;
let hospital: Member;
let clinic: Member;
let operator: Member;
beforeAll(async () => {
  world = await openWorld();
  ({ hospital, clinic } = world);
  ({ operator } = world.network);
  database = await (world.server.database as { open(): Promise<Database> }).open();
});
afterAll(() => world.close());

const stored = async (resource: Sent, member = hospital) =>
  `${resource.resourceType}/${(await member.create(resource)).id}`;
const patient = () => stored({ resourceType: 'Patient', name: [{ family: '試験' }], birthDate: '1950-04-01' });
const observation = (of: string): Sent => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: '体温' },
  subject: { reference: of },
});

let requests = 0;
/** What the audit holds of one request, told by its X-Request-Id, at the moment its answer has come. */
async function traced(ask: (headers: Record<string, string>) => Promise<Reply>) {
  const request = `traced-${requests++}`;
  const reply = await ask({ 'x-request-id': request });
  const { rows } = await database.query(
    `SELECT a.interaction, a.type, a.resource_id AS id, a.version, a.outcome, a.detail, a.purpose, a.client, p.id AS patient
     FROM audit a LEFT JOIN resource p ON p.rid = a.patient WHERE a.request = $1 ORDER BY a.interaction, p.id`,
    [request],
  );
  return { reply, rows: rows as unknown as Record<string, unknown>[] };
}
const idOf = (reference: string) => reference.split('/')[1];

describe('when its answer has come, the audit holds', () => {
  it.each([
    ['read', 0, (of: string, headers: object) => hospital.get(of, headers as never)],
    ['vread', 0, (of: string, headers: object) => hospital.get(`${of}/_history/1`, headers as never)],
    ['history-instance', 0, (of: string, headers: object) => hospital.get(`${of}/_history`, headers as never)],
    ['read', 4, (of: string, headers: object) => clinic.get(of, headers as never)],
    ['vread', 4, (of: string, headers: object) => clinic.get(`${of}/_history/1`, headers as never)],
    ['history-instance', 4, (of: string, headers: object) => clinic.get(`${of}/_history`, headers as never)],
  ])('a %s with outcome %d', async (interaction, outcome, ask) => {
    const of = await patient();
    const { reply, rows } = await traced((headers) => ask(of, headers));
    expect(reply.status).toBe(outcome === 0 ? 200 : 404);
    expect(rows).toEqual([
      expect.objectContaining({
        interaction,
        outcome,
        type: 'Patient',
        id: idOf(of),
        patient: outcome === 0 ? idOf(of) : null,
        client: outcome === 0 ? hospital.clientId : clinic.clientId,
        purpose: 'TREAT',
      }),
    ]);
  });

  it('a create, an update and a delete, with the version', async () => {
    const of = await patient();
    const created = await traced((headers) => hospital.post('Observation', observation(of), headers));
    const { id } = created.reply.body;
    const changed = { ...created.reply.body, status: 'amended' };
    const updated = await traced((headers) => hospital.put(`Observation/${id}`, changed, headers));
    const deleted = await traced((headers) => hospital.send('DELETE', `Observation/${id}`, undefined, headers));
    for (const [i, { rows }] of [created, updated, deleted].entries()) {
      expect(rows).toEqual([
        expect.objectContaining({
          interaction: ['create', 'update', 'delete'][i],
          version: i + 1,
          id,
          patient: idOf(of),
          outcome: 0,
        }),
      ]);
    }
  });

  it.each(['GET', 'POST'])('a search by %s, once for each patient in the result', async (method) => {
    const [one, two] = [await patient(), await patient()];
    for (const subject of [one, two, two]) await stored(observation(subject));
    const query = `patient=${one},${two}&_count=10`;
    const { rows } = await traced((headers) =>
      method === 'GET'
        ? hospital.get(`Observation?${query}`, headers)
        : hospital.post('Observation/_search', query, {
            ...headers,
            'content-type': 'application/x-www-form-urlencoded',
          }),
    );
    expect(rows.map(({ patient: of }) => of).sort()).toEqual([idOf(one), idOf(two)].sort());
    for (const row of rows) {
      expect(row).toMatchObject({ interaction: 'search-type', type: 'Observation', id: null, outcome: 0 });
      expect(decodeURIComponent(row.detail as string)).toContain(`patient=${one},${two}`);
    }
  });

  it('a search that includes, for the patients of what it included', async () => {
    const of = await patient();
    const entry = await stored(observation(of));
    const { rows } = await traced((headers) =>
      hospital.get(`Patient?_id=${idOf(of)}&_revinclude=Observation:subject`, headers),
    );
    expect(rows).toEqual([expect.objectContaining({ patient: idOf(of), type: 'Patient' })]);
    expect(entry).toContain('Observation/');
  });

  it.each(['Patient?name=nobody', 'Patient?_summary=count', 'Organization'])(
    'a search without patients: %s',
    async (path) => {
      const { rows } = await traced((headers) => clinic.get(path, headers));
      expect(rows).toEqual([expect.objectContaining({ interaction: 'search-type', patient: null, outcome: 0 })]);
    },
  );

  it('each entry of a batch and of a transaction', async () => {
    const of = await patient();
    const entry = [
      { request: { method: 'GET', url: of } },
      { resource: observation(of), request: { method: 'POST', url: 'Observation' } },
      { request: { method: 'GET', url: 'Patient/nowhere' } },
    ];
    const batch = await traced((headers) =>
      hospital.post('', { resourceType: 'Bundle', type: 'batch', entry }, headers),
    );
    expect(batch.rows.map(({ interaction, outcome }) => [interaction, outcome])).toEqual([
      ['create', 0],
      ['read', 0],
      ['read', 4],
    ]);
    const writes = [entry[1], entry[1]];
    const all = await traced((headers) =>
      hospital.post('', { resourceType: 'Bundle', type: 'transaction', entry: writes }, headers),
    );
    expect(all.rows.map(({ interaction }) => interaction)).toEqual(['create', 'create']);
  });

  it('what a conditional create has found', async () => {
    const of = await patient();
    const { reply, rows } = await traced((headers) =>
      hospital.post('Patient', { resourceType: 'Patient' }, { ...headers, 'if-none-exist': `_id=${idOf(of)}` }),
    );
    expect(reply.status).toBe(200);
    expect(rows).toEqual([expect.objectContaining({ interaction: 'search-type', patient: idOf(of) })]);
  });

  it.each(['$everything', '$timeline', '$access-report'])('an operation: %s, found or not', async (operation) => {
    const of = await patient();
    const found = await traced((headers) => hospital.get(`${of}/${operation}`, headers));
    expect(found.rows).toEqual([
      expect.objectContaining({ interaction: 'operation', type: 'Patient', patient: idOf(of), detail: operation }),
    ]);
  });

  it('a booking with the slot that it takes, and the search for it', async () => {
    const service = await stored({ resourceType: 'HealthcareService', name: 'CT' });
    const schedule = await stored({ resourceType: 'Schedule', actor: [{ reference: service }] });
    const times = { start: '2031-05-01T00:00:00Z', end: '2031-05-01T01:00:00Z' };
    const slot = await stored({ resourceType: 'Slot', schedule: { reference: schedule }, status: 'free', ...times });
    const of = await stored({ resourceType: 'Patient' }, clinic);
    const find = await traced((headers) => clinic.get('Appointment/$find?start=2031-05-01&end=2031-05-02', headers));
    expect(find.rows).toEqual([
      expect.objectContaining({ interaction: 'operation', type: 'Appointment', detail: '$find' }),
    ]);
    const participant = [{ actor: { reference: of }, status: 'accepted' }];
    const appointment = {
      resourceType: 'Appointment',
      status: 'booked',
      slot: [{ reference: slot }],
      participant,
      ...times,
    };
    const { reply, rows } = await traced((headers) => clinic.post('Appointment/$book', appointment, headers));
    expect(reply.status).toBe(201);
    expect(rows.map(({ interaction, type, patient: one, client }) => [interaction, type, one, client])).toEqual([
      ['create', 'Appointment', idOf(of), clinic.clientId],
      ['update', 'Slot', null, clinic.clientId],
    ]);
  });

  it('the decisions on consent, and what was refused, without the code', async () => {
    const of = await patient();
    const issued = await traced((headers) => hospital.send('POST', `${of}/$issue-keycode`, undefined, headers));
    const keycode = issued.reply.body.parameter[0].valueString as string;
    const redeem = (birthDate: string) =>
      traced((headers) =>
        clinic.post(
          '$redeem-keycode',
          {
            resourceType: 'Parameters',
            parameter: [
              { name: 'keycode', valueString: keycode },
              { name: 'birthDate', valueDate: birthDate },
              { name: 'attest', valueBoolean: true },
            ],
          },
          { ...headers, 'x-purpose-of-use': 'CAREMGT' },
        ),
      );
    const refused = await redeem('1999-01-01');
    const redeemed = await redeem('1950-04-01');
    const consent = redeemed.reply.body.parameter[0].valueReference.reference as string;
    const withdrawn = await traced((headers) => hospital.send('POST', `${consent}/$withdraw`, undefined, headers));
    expect(issued.rows).toEqual([
      expect.objectContaining({ interaction: 'issue-keycode', outcome: 0, patient: idOf(of) }),
    ]);
    expect(refused.reply.status).toBe(400);
    expect(refused.rows).toEqual([
      expect.objectContaining({ interaction: 'refuse-keycode', outcome: 4, purpose: 'CAREMGT' }),
    ]);
    expect(redeemed.rows.map(({ interaction, id }) => [interaction, id])).toEqual([
      ['create', idOf(consent)],
      ['redeem-keycode', idOf(consent)],
    ]);
    expect(withdrawn.rows.map(({ interaction, id }) => [interaction, id])).toEqual([
      ['update', idOf(consent)],
      ['withdraw-consent', idOf(consent)],
    ]);
    const all = JSON.stringify([issued, refused, redeemed, withdrawn].map(({ rows }) => rows));
    for (const part of [keycode, ...keycode.split('-').slice(1)]) expect(all).not.toContain(part);
    // Whoever tried is not told whose code it was; the patient's hospital is.
    const events = async (member: Member) =>
      (await member.get(`AuditEvent?subtype=refuse-keycode&patient=${of}`)).body.total;
    expect(await events(clinic)).toBe(0);
    expect(await events(hospital)).toBe(1);
  });

  it('the issue of a token', async () => {
    const member = await world.network.client(clinic, 'system/Patient.rs');
    await member.token();
    const { rows } = await database.query(
      `SELECT outcome, detail FROM audit WHERE interaction = 'issue-token' AND client = $1`,
      [member.clientId],
    );
    expect(rows).toEqual([{ outcome: 0, detail: 'system/Patient.rs' }]);
  });

  const tried = (method: string, of: string, body?: object) => (headers: Record<string, string>) =>
    clinic.send(method, of, body, headers);
  it.each([
    ['update', 404, (of: string) => tried('PUT', of, { resourceType: 'Patient', id: idOf(of) })],
    ['delete', 404, (of: string) => tried('DELETE', of)],
    ['operation', 403, (of: string) => tried('GET', `${of}/$access-report`)],
    ['create', 403, () => tried('POST', 'AuditEvent', { resourceType: 'AuditEvent' })],
    ['update', 403, (of: string) => tried('PUT', `Consent/${idOf(of)}`, { resourceType: 'Consent', id: idOf(of) })],
  ] as const)('a %s that was refused with %d', async (interaction, status, ask) => {
    const of = await patient();
    const { reply, rows } = await traced(ask(of));
    const row = expect.objectContaining({ interaction, outcome: 4, patient: null, client: clinic.clientId });
    expect([reply.status, rows]).toEqual([status, [row]]);
    if (interaction === 'update' || interaction === 'delete') expect(rows[0]?.id).toBe(idOf(of));
  });

  it('what was refused in a batch, and in a transaction', async () => {
    const of = await patient();
    for (const [type, expected] of [
      ['batch', { interaction: 'delete', type: 'Patient', id: idOf(of) }],
      ['transaction', { interaction: 'operation', type: null, detail: 'transaction' }],
    ] as const) {
      const entry = [{ request: { method: 'DELETE', url: of } }];
      const { rows } = await traced((headers) => clinic.post('', { resourceType: 'Bundle', type, entry }, headers));
      expect(rows).toEqual([expect.objectContaining({ outcome: 4, ...expected })]);
    }
    expect((await hospital.get(of)).status).toBe(200);
  });

  it('nothing of a write that is wrong in itself', async () => {
    const of = await patient();
    const { reply, rows } = await traced((headers) =>
      hospital.post('Observation', { ...observation(of), status: 'x' }, headers),
    );
    expect(reply.status).toBe(422);
    expect(rows).toEqual([]);
  });
});

describe('AuditEvents', () => {
  const search = (query: string, member = hospital) => member.get(`AuditEvent?${query}`);
  interface Event {
    readonly id: string;
    readonly recorded: string;
    readonly action: string;
    readonly outcome: string;
  }
  const events = ({ body }: Reply): Event[] => (body.entry ?? []).map(({ resource }: { resource: Event }) => resource);
  let of: string;
  let entry: string;
  beforeAll(async () => {
    of = await patient();
    entry = await stored(observation(of));
    for (let i = 0; i < 4; i++) await hospital.get(entry);
    await hospital.put(entry, { ...(await hospital.get(entry)).body, status: 'amended' });
    await hospital.get(`Observation?patient=${of}`);
    await hospital.send('DELETE', entry);
  });

  it.each([
    ['action=R', 5],
    ['action=http://hl7.org/fhir/audit-event-action|U', 1],
    ['action=C', 2],
    ['action=D', 1],
    ['action=C,D', 3],
    ['subtype=read', 5],
    ['subtype=http://hl7.org/fhir/restful-interaction|search-type', 1],
    ['outcome=0', 10],
    ['outcome=4,8', 0],
    ['entity=:entry', 8],
    ['entity=:entry&action=R', 5],
    ['agent=:hospital', 10],
    ['agent=:clinic', 0],
    ['date=ge2020-01-01', 10],
    ['date=lt2020-01-01', 0],
    ['date=ge2020-01-01&date=lt2020-01-02', 0],
    ['date=2020-01-01,ge2021', 10],
    ['date=ne2020', 10],
    ['date=ge2020,lt2019&date=ge2021,lt2018', 10],
    ['entity=:entry&entity=:patient', 0],
    ['entity=:entry,:patient&entity=:patient', 1],
    ['agent=:hospital&agent=:clinic', 0],
    ['patient=Patient/other', 0],
    ['action=R,C&action=C,D', 2],
    ['action=R&subtype=read', 5],
    ['action=R&subtype=create', 0],
    ['subtype=read,vread&subtype=vread', 0],
    ['outcome=0,4&outcome=4', 0],
    ['_id=018f0000-0000-7000-8000-000000000001&_id=x', 0],
  ])('of a patient are found by %s', async (query, count) => {
    const filled = query
      .replaceAll(':entry', entry)
      .replaceAll(':patient', of)
      .replace(':hospital', hospital.organization)
      .replace(':clinic', clinic.organization);
    // The look into the audit is itself an event about the patient, of the type AuditEvent.
    const found = events(await search(`patient=${of}&_count=1000&${filled}`)).filter(
      (event) => !JSON.stringify(event).includes('AuditEvent?'),
    );
    expect(found).toHaveLength(count);
    for (const event of found) expect(validate(event).issues).toEqual([]);
  });

  it('are read one by one, as they were found', async () => {
    const [event] = events(await search(`patient=${of}&action=D`));
    const reply = await hospital.get(`AuditEvent/${event?.id}`);
    expect(reply.body).toEqual(event);
    expect(events(await search(`_id=${event?.id}`))).toEqual([event]);
    for (const member of [clinic, world.stranger, operator]) {
      expect((await member.get(`AuditEvent/${event?.id}`)).status).toBe(404);
      expect((await search(`_id=${event?.id}`, member)).body.total).toBe(0);
    }
    expect((await hospital.get('AuditEvent/x')).status).toBe(404);
    expect((await hospital.get('AuditEvent/018f0000-0000-7000-8000-000000000001')).status).toBe(404);
  });

  it('come in pages, newest first or oldest first, each once', async () => {
    const end = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const sort of ['-date', 'date']) {
      const query = `patient=${of}&date=le${end}&_sort=${sort}`;
      const whole = events(await search(`${query}&_count=1000`));
      const found: Event[] = [];
      let path: string | undefined = `AuditEvent?${query}&_count=3`;
      while (path !== undefined) {
        const reply: Reply = await hospital.get(path);
        expect(reply.status).toBe(200);
        found.push(...events(reply));
        const links: { relation: string; url: string }[] = reply.body.link;
        path = links.find(({ relation }) => relation === 'next')?.url.slice(`${world.server.baseUrl}/fhir/`.length);
      }
      expect(found.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
      const times = whole.map(({ recorded }) => recorded);
      expect(times).toEqual(sort === 'date' ? [...times].sort() : [...times].sort().reverse());
    }
  });

  it.each([
    '_total=all',
    '_total=accurate,none',
    '_total=none&_total=none',
    '_count=1&_count=2',
    '_sort=date&_sort=-date',
    '_summary=count&_summary=count',
    `date=${Array(201).fill('2020').join(',')}`,
    `action=${Array(201).fill('R').join(',')}`,
    Array(51).fill('action=R').join('&'),
  ])('are not searched by such as %#', async (query) => {
    expect((await search(`patient=${of}&${query}`)).status).toBe(400);
  });

  it('are searched by many dates at once without being multiplied', async () => {
    const dates = Array.from(
      { length: 40 },
      (_, i) => `date=ge20${10 + (i % 10)},${Array(20).fill('lt2000').join(',')}`,
    );
    expect((await search(`patient=${of}&action=R&${dates.join('&')}`)).body.total).toBe(5);
  });

  it.each(['none', 'estimate', 'accurate'])('take _total=%s', async (total) => {
    expect((await search(`patient=${of}&action=R&_count=2&_total=${total}`)).body.total).toBe(
      total === 'none' ? undefined : 5,
    );
  });

  it('are counted', async () => {
    const query = `patient=${of}&action=R`;
    expect((await search(`${query}&_summary=count`)).body).toMatchObject({ total: 5 });
    const page = await search(`${query}&_count=2&_total=accurate`);
    expect(page.body).toMatchObject({ total: 5 });
    expect(page.body.entry).toHaveLength(2);
  });

  it('of what an institution did itself are its own to see; of its patients, those of all', async () => {
    const theirs = await stored({ resourceType: 'Patient' }, clinic);
    await clinic.get(theirs);
    const seen = async (member: Member, query: string) => (await search(`${query}&_summary=count`, member)).body.total;
    expect(await seen(clinic, `patient=${theirs}&action=R`)).toBe(1);
    expect(await seen(hospital, `patient=${theirs}`)).toBe(0);
    expect(await seen(operator, `patient=${theirs}`)).toBe(0);
    expect(await seen(operator, 'subtype=issue-token')).toBeGreaterThan(2);
  });

  it.each([
    'foo=1',
    'patient=Observation/x',
    'agent=x%20y',
    'entity=x',
    'date=x',
    'date=ap2020',
    '_sort=patient',
    '_count=x',
    '_count=-1',
    '_summary=true',
    'patient=',
    '_cursor=x',
  ])('are not searched by ?%s: 400', async (query) => {
    expect((await search(query)).status).toBe(400);
  });
});
