import type { Member, Sent } from '../../support/network.ts';
import { openWorld, type World } from '../../support/world.ts';

let world: World;
let hospital: Member;
let clinic: Member;
let care: Member;
let service: string;
let schedule: string;
let patient: string;
let hours = 0;

beforeAll(async () => {
  world = await openWorld();
  ({ hospital, clinic } = world);
  care = await world.network.enrol('care', 'ひだまり訪問看護');
  await world.network.affiliate(hospital, care, ['care-cooperation', 'timeline']);
  service = await stored(hospital, { resourceType: 'HealthcareService', active: true, name: 'CT' });
  schedule = await stored(hospital, {
    resourceType: 'Schedule',
    active: true,
    actor: [{ reference: service }],
  });
  patient = await stored(clinic, { resourceType: 'Patient', name: [{ family: '試験' }] });
});
afterAll(() => world.close());

const CT = { coding: [{ system: 'https://tasuki.example/equipment', code: 'CT' }] };
const stored = async (member: Member, resource: Sent) =>
  `${resource.resourceType}/${(await member.create(resource)).id}`;

interface Hour {
  readonly slot: string;
  readonly start: string;
  readonly end: string;
}

/** A free hour that nobody else asks for. */
async function hour(more: object = {}): Promise<Hour> {
  const start = new Date(Date.UTC(2030, 0, 1, hours++)).toISOString();
  const end = new Date(Date.UTC(2030, 0, 1, hours)).toISOString();
  const slot = await stored(hospital, {
    resourceType: 'Slot',
    schedule: { reference: schedule, display: 'CT室' },
    status: 'free',
    serviceType: [CT],
    start,
    end,
    ...more,
  });
  return { slot, start, end };
}

const appointment = ({ slot, start, end }: Hour, more: object = {}): Sent => ({
  resourceType: 'Appointment',
  status: 'booked',
  start,
  end,
  slot: [{ reference: slot }],
  participant: [
    { actor: { reference: patient }, status: 'accepted' },
    { actor: { reference: service }, status: 'accepted' },
  ],
  ...more,
});
const book = (resource: Sent, member = clinic) =>
  member.post('Appointment/$book', {
    resourceType: 'Parameters',
    parameter: [{ name: 'appt-resource', resource }],
  });
const booked = async (member = clinic, at?: Hour) =>
  (await book(appointment(at ?? (await hour())), member)).body.entry[0].resource;
const statusOf = async (slot: string, member = hospital) => (await member.get(slot)).body.status;
const change = (one: { id: string }, more: object, member = clinic) =>
  member.put(`Appointment/${one.id}`, { ...one, ...more });

describe('$book', () => {
  it('takes the slot and answers 201 with the one Appointment', async () => {
    const at = await hour();
    const reply = await book(appointment(at, { status: 'proposed', id: 'mine' }));
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 1 });
    const [entry] = reply.body.entry;
    expect(entry).toMatchObject({
      search: { mode: 'match' },
      resource: { resourceType: 'Appointment', status: 'booked', start: at.start, meta: { versionId: '1' } },
    });
    expect(entry.resource.id).not.toBe('mine');
    expect(entry.fullUrl).toBe(`${world.server.baseUrl}/fhir/Appointment/${entry.resource.id}`);
    expect(reply.headers.get('location')).toBe(`${entry.fullUrl}/_history/1`);
    expect(await statusOf(at.slot)).toBe('busy');
    expect((await clinic.get(at.slot)).body).toMatchObject({ status: 'busy', meta: { versionId: '2' } });
  });

  it('is seen by the hospital whose slot it takes, also where it names nobody there', async () => {
    const at = await hour();
    const participant = [{ actor: { reference: patient }, status: 'accepted' }];
    expect((await book(appointment(at, { participant }))).status).toBe(201);
    expect((await hospital.get(`Appointment?slot=${at.slot}`)).body.total).toBe(1);
  });

  it('takes a bare Appointment too, and several slots in a row', async () => {
    const [one, two] = [await hour(), await hour()];
    const slot = [{ reference: two.slot }, { reference: one.slot }];
    const reply = await clinic.post('Appointment/$book', appointment({ ...one, end: two.end }, { slot }));
    expect(reply.status).toBe(201);
    expect(await Promise.all([one, two].map((at) => statusOf(at.slot)))).toEqual(['busy', 'busy']);
  });

  it('answers 409 when the slot is taken, and stores nothing', async () => {
    const at = await hour();
    await booked(clinic, at);
    const before = (await clinic.get('Appointment?_summary=count')).body.total;
    const reply = await book(appointment(at));
    expect(reply.status).toBe(409);
    expect(reply.body.issue[0]).toMatchObject({ code: 'conflict', expression: ['Appointment.slot'] });
    expect((await clinic.get('Appointment?_summary=count')).body.total).toBe(before);
    expect((await hospital.get(at.slot)).body.meta.versionId).toBe('2');
  });

  it.each(['busy', 'busy-unavailable', 'busy-tentative', 'entered-in-error'])(
    'answers 409 for a slot that is %s',
    async (status) => {
      expect((await book(appointment(await hour({ status })))).status).toBe(409);
    },
  );

  it('answers 409 when one of several slots is taken, and leaves the others free', async () => {
    const [one, two] = [await hour(), await hour()];
    await booked(clinic, two);
    const slot = [{ reference: one.slot }, { reference: two.slot }];
    expect((await book(appointment({ ...one, end: two.end }, { slot }))).status).toBe(409);
    expect(await statusOf(one.slot)).toBe('free');
  });

  it('of many who ask at once lets exactly one have it', async () => {
    const at = await hour();
    const replies = await Promise.all(Array.from({ length: 12 }, () => book(appointment(at))));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array(11).fill(409)]);
    expect((await clinic.get(`Appointment?slot=${at.slot}&_summary=count`)).body.total).toBe(1);
  });

  it.each([
    ['an hour early', (at: Hour) => ({ start: new Date(Date.parse(at.start) - 3_600_000).toISOString() })],
    ['a minute longer', (at: Hour) => ({ end: new Date(Date.parse(at.end) + 60_000).toISOString() })],
    ['without times', () => ({ start: undefined, end: undefined, status: 'proposed' })],
  ])('refuses other times than the slot’s: %s', async (_, more) => {
    const at = await hour();
    const reply = await book(appointment(at, more(at)));
    expect(reply.status).toBe(422);
    expect(await statusOf(at.slot)).toBe('free');
  });

  it('takes the same instant in another time zone', async () => {
    const at = await hour();
    const start = `${new Date(Date.parse(at.start) + 9 * 3_600_000).toISOString().slice(0, 19)}+09:00`;
    expect((await book(appointment(at, { start }))).status).toBe(201);
  });

  it.each([
    ['no slot', { slot: undefined }, 422],
    ['an empty list of slots', { slot: [] }, 422],
    ['a slot that does not exist', { slot: [{ reference: 'Slot/nowhere' }] }, 422],
    ['what is no slot', { slot: [{ reference: 'Schedule/x' }] }, 422],
    ['an Appointment without participants', { participant: undefined }, 422],
  ])('refuses %s', async (_, more, status) => {
    expect((await book(appointment(await hour(), more))).status).toBe(status);
  });

  it.each([
    ['nothing', undefined],
    ['Parameters without an Appointment', { resourceType: 'Parameters' }],
    ['another resource', { resourceType: 'Slot' }],
    [
      'another resource in the parameter',
      { resourceType: 'Parameters', parameter: [{ name: 'appt-resource', resource: { resourceType: 'Slot' } }] },
    ],
  ])('refuses %s with 400', async (_, body) => {
    const reply = await clinic.send('POST', 'Appointment/$book', body);
    expect(reply.status).toBe(400);
    expect(reply.body.issue[0].code).toBe('required');
  });

  it('is not for GET, nor for a token that may not create', async () => {
    expect((await clinic.get('Appointment/$book')).status).toBe(405);
    const reader = await world.network.client(clinic, 'system/*.rs');
    expect((await book(appointment(await hour()), reader)).status).toBe(403);
  });

  it('finds no slot for who may not see it: as if there were none', async () => {
    const at = await hour();
    for (const member of [care, world.stranger]) {
      expect((await member.get(at.slot)).status).toBe(404);
      expect((await member.get('Slot?_summary=count')).body.total).toBe(0);
      const own = await stored(member, { resourceType: 'Patient', name: [{ family: '別人' }] });
      const participant = [{ actor: { reference: own }, status: 'accepted' }];
      const [real, unreal] = [
        await book(appointment(at, { participant }), member),
        await book(appointment({ ...at, slot: 'Slot/nowhere' }, { participant }), member),
      ];
      expect(real.status).toBe(422);
      expect(real.text.replaceAll(at.slot, 'Slot/nowhere')).toBe(unreal.text);
    }
    expect(await statusOf(at.slot)).toBe('free');
  });
});

describe('an Appointment written as any resource', () => {
  it('takes its slot by the same rules', async () => {
    const at = await hour();
    const { id } = await clinic.create(appointment(at));
    expect(await statusOf(at.slot)).toBe('busy');
    expect((await clinic.post('Appointment', appointment(at))).status).toBe(409);
    const early = { start: '2029-01-01T00:00:00Z' };
    expect((await clinic.post('Appointment', appointment(await hour(), early))).status).toBe(422);
    expect((await clinic.get(`Appointment/${id}`)).body.status).toBe('booked');
  });

  it('needs no slot', async () => {
    const { status } = await clinic.post('Appointment', appointment(await hour(), { slot: undefined }));
    expect(status).toBe(201);
  });

  it('that is cancelled from the start takes none', async () => {
    const at = await hour();
    await clinic.create(appointment(at, { status: 'cancelled' }));
    expect(await statusOf(at.slot)).toBe('free');
  });

  const transaction = (...resources: Sent[]) => ({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({ resource, request: { method: 'POST', url: resource.resourceType } })),
  });

  it('in a transaction takes it with all the rest or not at all', async () => {
    const at = await hour();
    const note = (status: string): Sent => ({
      resourceType: 'ServiceRequest',
      status,
      intent: 'order',
      subject: { reference: patient },
    });
    expect((await clinic.post('', transaction(appointment(at), note('nonsense')))).status).toBe(422);
    expect(await statusOf(at.slot)).toBe('free');
    expect((await clinic.post('', transaction(note('active'), appointment(at)))).status).toBe(200);
    expect(await statusOf(at.slot)).toBe('busy');
    const requests = (await clinic.get('ServiceRequest?_summary=count')).body.total;
    expect((await clinic.post('', transaction(note('active'), appointment(at)))).status).toBe(409);
    expect((await clinic.get('ServiceRequest?_summary=count')).body.total).toBe(requests);
  });

  it('does not share its slot with another of the same transaction', async () => {
    const at = await hour();
    const reply = await clinic.post('', transaction(appointment(at), appointment(at)));
    expect(reply.status).toBe(409);
    expect(reply.body.issue[0].expression[0]).toContain('Bundle.entry[1]');
    expect(await statusOf(at.slot)).toBe('free');
  });

  it('must fit a slot that comes in the same transaction', async () => {
    const { start, end } = await hour();
    const slot = { resourceType: 'Slot', schedule: { reference: schedule }, status: 'free', start, end };
    const own = await stored(hospital, { resourceType: 'Patient', name: [{ family: '自院' }] });
    const participant = [{ actor: { reference: own }, status: 'accepted' }];
    const urn = 'urn:uuid:6bd4d0c6-7a4c-4bd5-9a55-0a1b3a6b7c01';
    const both = (status: string, more: object) => {
      const bundle = transaction(slot as Sent, appointment({ slot: urn, start, end }, { participant, ...more }));
      const [first, second] = bundle.entry;
      return { ...bundle, entry: [{ ...first, fullUrl: urn, resource: { ...slot, status } }, second] };
    };
    expect((await hospital.post('', both('busy', {}))).status).toBe(409);
    expect((await hospital.post('', both('free', { start: '2029-01-01T00:00:00Z' }))).status).toBe(422);
    const reply = await hospital.post('', both('free', {}));
    expect(reply.status).toBe(200);
    expect(await statusOf(reply.body.entry[0].response.location.replace(/\/_history.*/, ''))).toBe('busy');
  });
});

describe('a booking', () => {
  it('is seen by the hospital, that is named on it, and by nobody else', async () => {
    const one = await booked();
    for (const member of [clinic, hospital]) expect((await member.get(`Appointment/${one.id}`)).status).toBe(200);
    for (const member of [care, world.stranger]) expect((await member.get(`Appointment/${one.id}`)).status).toBe(404);
    expect((await hospital.get(patient)).status).toBe(200);
  });

  it.each([['cancelled'], ['entered-in-error']])(
    'that is %s frees its slot, which another may book',
    async (status) => {
      const at = await hour();
      const one = await booked(clinic, at);
      expect((await change(one, { status })).status).toBe(200);
      expect(await statusOf(at.slot)).toBe('free');
      expect((await book(appointment(at))).status).toBe(201);
    },
  );

  it('may be cancelled by the hospital as a party, with the reason', async () => {
    const at = await hour();
    const one = await booked(clinic, at);
    const reply = await change(one, { status: 'cancelled', cancelationReason: { text: '装置の故障' } }, hospital);
    expect(reply.status).toBe(200);
    expect(await statusOf(at.slot)).toBe('free');
    expect((await clinic.get(`Appointment/${one.id}`)).body.cancelationReason.text).toBe('装置の故障');
  });

  it('may be moved by nobody, and described by its owner only', async () => {
    const one = await booked();
    const next = await hour();
    const moved = { slot: [{ reference: next.slot }], start: next.start, end: next.end };
    expect((await change(one, moved)).status).toBe(422);
    expect((await change(one, { description: 'x' }, hospital)).status).toBe(422);
    expect((await change(one, { description: 'x' })).status).toBe(200);
    expect(await statusOf(next.slot)).toBe('free');
  });

  it.each(['arrived', 'fulfilled', 'noshow'])('that is %s keeps its slot', async (status) => {
    const at = await hour();
    const one = await booked(clinic, at);
    expect((await change(one, { status }, hospital)).status).toBe(200);
    expect(await statusOf(at.slot)).toBe('busy');
  });

  it('that was cancelled does not come back', async () => {
    const at = await hour();
    const one = await booked(clinic, at);
    const cancelled = (await change(one, { status: 'cancelled' })).body;
    const again = await change(cancelled, { status: 'booked' });
    expect(again.status).toBe(422);
    expect(again.body.issue[0].diagnostics).toContain('book again');
    expect(await statusOf(at.slot)).toBe('free');
  });

  it('cancelled twice frees its slot once', async () => {
    const at = await hour();
    const cancelled = (await change(await booked(clinic, at), { status: 'cancelled' })).body;
    await booked(clinic, at);
    expect((await change(cancelled, { status: 'entered-in-error' })).status).toBe(200);
    expect(await statusOf(at.slot)).toBe('busy');
  });

  it('keeps its times: they are those of its slots', async () => {
    const at = await hour();
    const one = await booked(clinic, at);
    const later = new Date(Date.parse(at.end) + 3_600_000).toISOString();
    for (const more of [{ end: later }, { start: undefined, end: undefined, status: 'proposed' }]) {
      const reply = await change(one, more);
      expect([reply.status, reply.body.issue[0].expression]).toEqual([422, ['Appointment.start']]);
    }
    const tokyo = `${new Date(Date.parse(at.start) + 9 * 3_600_000).toISOString().slice(0, 19)}+09:00`;
    expect((await change(one, { start: tokyo })).status).toBe(200);
  });

  it('that is cancelled gives back what it took, not what the hospital has closed since', async () => {
    const at = await hour();
    const one = await booked(clinic, at);
    const slot = (await hospital.get(at.slot)).body;
    expect((await hospital.put(at.slot, { ...slot, status: 'busy-unavailable' })).status).toBe(200);
    expect((await change(one, { status: 'cancelled' })).status).toBe(200);
    expect(await statusOf(at.slot)).toBe('busy-unavailable');
  });

  it('may be cancelled by the hospital also where it follows what the hospital does not see', async () => {
    const order = await stored(clinic, {
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject: { reference: patient },
    });
    const at = await hour();
    const reply = await book(appointment(at, { basedOn: [{ reference: order }] }));
    expect((await hospital.get(order)).status).toBe(404);
    expect((await change(reply.body.entry[0].resource, { status: 'cancelled' }, hospital)).status).toBe(200);
    expect(await statusOf(at.slot)).toBe('free');
  });

  it('is cancelled, not deleted', async () => {
    const at = await hour();
    const one = await booked(clinic, at);
    expect((await clinic.send('DELETE', `Appointment/${one.id}`)).status).toBe(422);
    expect((await hospital.send('DELETE', `Appointment/${one.id}`)).status).toBe(422);
    expect(await statusOf(at.slot)).toBe('busy');
  });

  it('keeps what the hospital wrote in its slot, to the digit', async () => {
    const extension = [{ url: 'http://example.org/weight', valueDecimal: '@' }];
    const at = await hour();
    const slot = (await hospital.get(at.slot)).body;
    const text = JSON.stringify({ ...slot, extension, comment: '造影' }).replace('"@"', '1.50');
    expect((await hospital.put(at.slot, text)).status).toBe(200);
    await booked(clinic, at);
    const after = await hospital.get(at.slot);
    expect(after.text).toContain('"valueDecimal":1.50');
    expect(after.body).toMatchObject({ status: 'busy', comment: '造影' });
  });
});

describe('a slot that is taken', () => {
  const set = async (slot: string, more: object) => hospital.put(slot, { ...(await hospital.get(slot)).body, ...more });

  it('is not set free by its hospital, nor deleted, as long as the booking stands', async () => {
    const at = await hour();
    const one = await booked(clinic, at);
    for (const reply of [await set(at.slot, { status: 'free' }), await hospital.send('DELETE', at.slot)]) {
      expect(reply.status).toBe(409);
      expect(reply.body.issue[0]).toMatchObject({ code: 'conflict', expression: ['Slot.status'] });
    }
    expect((await book(appointment(at))).status).toBe(409);
    expect(await statusOf(at.slot)).toBe('busy');
    expect((await change(one, { status: 'fulfilled' }, hospital)).status).toBe(200);
    expect((await set(at.slot, { status: 'free' })).status).toBe(409);
  });

  it('may be described and closed', async () => {
    const at = await hour();
    await booked(clinic, at);
    expect((await set(at.slot, { comment: '造影' })).status).toBe(200);
    expect((await set(at.slot, { status: 'busy-unavailable' })).status).toBe(200);
    expect((await set(at.slot, { status: 'free' })).status).toBe(409);
    expect((await set(at.slot, { status: 'busy' })).status).toBe(200);
  });

  it('is free again, and may be deleted, once the booking is cancelled', async () => {
    const at = await hour();
    await change(await booked(clinic, at), { status: 'cancelled' });
    expect((await set(at.slot, { status: 'busy-unavailable' })).status).toBe(200);
    expect((await set(at.slot, { status: 'free' })).status).toBe(200);
    expect((await hospital.send('DELETE', at.slot)).status).toBe(204);
  });

  it('is set free together with the end of its booking', async () => {
    const at = await hour();
    const one = await booked(clinic, at);
    const put = (resource: { resourceType: string; id: string }) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    });
    const slot = (await hospital.get(at.slot)).body;
    const reply = await hospital.post('', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [put({ ...one, status: 'cancelled' }), put({ ...slot, status: 'free', comment: 'x' })],
    });
    expect(reply.status).toBe(200);
    expect(await statusOf(at.slot)).toBe('free');
  });

  it('of who frees and who books at once is never free and taken', async () => {
    for (let round = 0; round < 6; round++) {
      const at = await hour();
      const free = (await hospital.get(at.slot)).body;
      const replies = await Promise.all([
        hospital.put(at.slot, { ...free, comment: 'x' }),
        book(appointment(at)),
        hospital.put(at.slot, { ...free, comment: 'y' }),
        hospital.send('DELETE', at.slot),
      ]);
      const live = replies[1]?.status === 201;
      const slot = await hospital.get(at.slot);
      expect([live, slot.status, slot.body.status]).toEqual(live ? [true, 200, 'busy'] : [false, 410, undefined]);
    }
  });
});

describe('$find', () => {
  const from = '2031-01-01';
  const find = (query: string, member = clinic) => member.get(`Appointment/$find?${query}`);
  let early: string;
  let late: string;
  beforeAll(async () => {
    const at = (start: string, end: string, more = {}) => hour({ start, end, ...more }).then(({ slot }) => slot);
    late = await at('2031-01-01T06:00:00Z', '2031-01-01T07:00:00Z', {
      serviceType: [{ coding: [{ system: 'https://tasuki.example/equipment', code: 'MRI' }] }],
    });
    early = await at('2031-01-01T01:00:00Z', '2031-01-01T02:00:00Z');
    await at('2031-01-01T03:00:00Z', '2031-01-01T04:00:00Z', { status: 'busy' });
  });
  const slots = (body: { entry?: { resource: { slot: { reference: string }[] } }[] }) =>
    (body.entry ?? []).map(({ resource }) => resource.slot[0]?.reference);

  it('offers the free slots as proposed Appointments, earliest first', async () => {
    const { status, body } = await find(`start=${from}&end=${from}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ type: 'searchset', total: 2 });
    expect(slots(body)).toEqual([early, late]);
    expect(body.entry[0].resource).toEqual({
      resourceType: 'Appointment',
      status: 'proposed',
      serviceType: [CT],
      start: '2031-01-01T01:00:00Z',
      end: '2031-01-01T02:00:00Z',
      slot: [{ reference: early }],
      participant: [{ type: [{ text: 'CT室' }], status: 'needs-action' }],
    });
  });

  it.each([
    ['by service', () => 'service-type=MRI', () => [late]],
    ['by schedule', () => `schedule=${schedule}`, () => [early, late]],
    ['by another schedule', () => 'schedule=Schedule/other', () => []],
    ['by who does it', () => `actor=${service}`, () => [early, late]],
    ['by specialty', () => 'specialty=x', () => []],
  ])('%s', async (_, query, expected) => {
    expect(slots((await find(`start=${from}&end=${from}&${query()}`)).body)).toEqual(expected());
  });

  it('keeps to the time asked for; a bare date is a day in Tokyo', async () => {
    expect(slots((await find('start=2031-01-01T10:00:00%2B09:00&end=2031-01-01T12:00:00%2B09:00')).body)).toEqual([
      early,
    ]);
    expect(slots((await find('start=2031-01-02&end=2031-01-03')).body)).toEqual([]);
    expect(slots((await find('start=2031-01-01T11:00:00%2B09:00&end=2031-01-01')).body)).toEqual([late]);
  });

  it('takes Parameters, and what it proposes can be booked once it says for whom', async () => {
    const { body } = await clinic.post('Appointment/$find', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'start', valueDateTime: from },
        { name: 'end', valueDate: from },
        { name: 'schedule', valueReference: { reference: schedule } },
        { name: 'service-type', valueString: 'CT' },
      ],
    });
    expect(slots(body)).toEqual([early]);
    const [{ resource }] = body.entry;
    const participant = [...resource.participant, { actor: { reference: patient }, status: 'accepted' }];
    expect((await book({ ...resource, participant })).status).toBe(201);
    expect(slots((await find(`start=${from}&end=${from}`)).body)).toEqual([late]);
  });

  it('offers nothing to those without the service', async () => {
    for (const member of [care, world.stranger])
      expect((await find(`start=${from}&end=${from}`, member)).body).toMatchObject({ total: 0 });
  });

  it.each([
    '',
    'start=2031-01-01',
    'end=2031-01-01',
    `start=x&end=${from}`,
    `start=${from}&end=${from}&foo=1`,
    `start=ge2031&end=${from}`,
  ])('refuses ?%s with 400', async (query) => {
    expect((await find(query)).status).toBe(400);
  });

  it('needs the scope of Slots', async () => {
    const narrow = await world.network.client(clinic, 'system/Appointment.cruds');
    expect((await find(`start=${from}&end=${from}`, narrow)).status).toBe(403);
  });
});
