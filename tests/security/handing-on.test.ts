import type { Member } from '../support/network.ts';
import { MARKS, openSecret, redeem, type Secret } from './secret.ts';

/**
 * Who is named on an order, or follows one, is shown what goes with it: only what its owner may give away, and only for as long as it
 * stands there.
 */

let secret: Secret;
let hospital: Member;
let care: Member;
/** In the network, without a grant. */
let neighbour: Member;
/** As the neighbour. */
let third: Member;
/** With a grant, and with medical cooperation: whom orders may come from. */
let author: Member;
beforeAll(async () => {
  secret = await openSecret();
  ({ hospital, care, neighbour } = secret);
  third = await secret.world.network.enrol('medical', 'もみじ医院');
  author = await secret.world.network.enrol('medical', 'あおば医院');
  for (const member of [third, author]) await secret.world.network.affiliate(hospital, member);
  await redeem(hospital, author, secret.hidden.Patient);
});
afterAll(() => secret.close());

const ref = (reference: string) => ({ reference });
const store = async (member: Member, resourceType: string, more: object) =>
  `${resourceType}/${(await member.create({ resourceType, ...more })).id}`;
const observation = (member: Member, more: object) =>
  store(member, 'Observation', { status: 'final', code: { text: 'x' }, ...more });
const order = (member: Member, performer: readonly Member[], more: object = {}) =>
  store(member, 'ServiceRequest', {
    status: 'active',
    intent: 'order',
    subject: { display: 'x' },
    performer: performer.map(({ organization }) => ref(organization)),
    ...more,
  });
const patient = (member: Member) => store(member, 'Patient', { birthDate: MARKS.birthDate, name: [{ text: 'x' }] });
const status = async (member: Member, name: string) => (await member.get(name)).status;

/** Replaces elements of what the member wrote. */
async function change(member: Member, name: string, more: object): Promise<void> {
  const { body } = await member.get(name);
  expect((await member.put(name, { ...body, ...more })).status).toBe(200);
}

describe('an entry in another hospital’s timeline', () => {
  const ways: readonly [string, (entry: string) => Promise<unknown>][] = [
    [
      'a message',
      (entry) =>
        author.create({
          resourceType: 'Communication',
          status: 'completed',
          recipient: [ref(neighbour.organization)],
          payload: [{ contentReference: ref(entry) }],
        }),
    ],
    ['an order', (entry) => order(author, [neighbour], { supportingInfo: [ref(entry)] })],
    [
      'a task',
      (entry) =>
        author.create({
          resourceType: 'Task',
          status: 'requested',
          intent: 'order',
          owner: ref(neighbour.organization),
          focus: ref(entry),
        }),
    ],
  ];

  it.each(ways)('is not handed on by its author with %s', async (_, hand) => {
    const entry = await observation(author, { subject: ref(secret.hidden.Patient) });
    await hand(entry);
    expect([await status(hospital, entry), await status(author, entry)]).toEqual([200, 200]);
    expect(await status(neighbour, entry)).toBe(404);
    expect((await neighbour.get(`Observation?_id=${entry.split('/')[1]}&_summary=count`)).body.total).toBe(0);
  });

  it('is not handed on as a result of its author’s own order', async () => {
    const request = await order(author, [neighbour]);
    const entry = await observation(author, { subject: ref(secret.hidden.Patient), basedOn: [ref(request)] });
    expect(await status(neighbour, request)).toBe(200);
    expect(await status(neighbour, entry)).toBe(404);
    const along = await neighbour.get(`ServiceRequest?_id=${request.split('/')[1]}&_revinclude=Observation:based-on`);
    expect(along.body.entry).toHaveLength(1);
  });

  it('is not handed on by writing first and naming the patient later', async () => {
    const entry = await observation(author, {});
    await order(author, [neighbour], { supportingInfo: [ref(entry)] });
    expect(await status(neighbour, entry)).toBe(200);
    await change(author, entry, { subject: ref(secret.hidden.Patient) });
    expect(await status(hospital, entry)).toBe(200);
    expect(await status(neighbour, entry)).toBe(404);
  });

  it('about an own patient too is handed on no more than that', async () => {
    const entry = await observation(author, {
      subject: ref(secret.hidden.Patient),
      performer: [ref(await patient(author))],
    });
    await order(author, [neighbour], { supportingInfo: [ref(entry)] });
    expect(await status(neighbour, entry)).toBe(404);
  });

  it('stays there when its author corrects it, and the hospital may delete it', async () => {
    const entry = await observation(author, { subject: ref(secret.hidden.Patient) });
    const { subject: _, ...without } = (await author.get(entry)).body;
    for (const subject of [undefined, ref(await patient(author))]) {
      const reply = await author.put(entry, { ...without, ...(subject && { subject }) });
      expect([reply.status, reply.body.issue[0].expression]).toEqual([422, ['Observation']]);
    }
    expect(await status(hospital, entry)).toBe(200);
    expect((await hospital.send('DELETE', entry)).status).toBe(204);
  });
});

describe('what an order carries', () => {
  it('is shown no more once the order is deleted', async () => {
    const [own, info] = [await patient(hospital), await observation(hospital, {})];
    const request = await order(hospital, [neighbour], { subject: ref(own), supportingInfo: [ref(info)] });
    expect([await status(neighbour, own), await status(neighbour, info)]).toEqual([200, 200]);
    expect((await hospital.send('DELETE', request)).status).toBe(204);
    expect(await status(neighbour, request)).toBe(410);
    expect([await status(neighbour, own), await status(neighbour, info)]).toEqual([404, 404]);
  });

  it('is shown on while another order carries it', async () => {
    const own = await patient(hospital);
    const [one, two] = [
      await order(hospital, [neighbour], { subject: ref(own) }),
      await order(hospital, [neighbour], { subject: ref(own) }),
    ];
    await hospital.send('DELETE', one);
    expect(await status(neighbour, own)).toBe(200);
    await hospital.send('DELETE', two);
    expect(await status(neighbour, own)).toBe(404);
  });
});

describe('a result', () => {
  const result = async (request: string) => {
    const own = await patient(hospital);
    const value = await observation(hospital, { subject: ref(own) });
    const report = await store(hospital, 'DiagnosticReport', {
      status: 'final',
      code: { text: 'x' },
      subject: ref(own),
      basedOn: [ref(request)],
      result: [ref(value)],
    });
    return [report, own, value];
  };
  const seen = (member: Member, names: readonly string[]) => Promise.all(names.map((name) => status(member, name)));

  it('is shown no more to whom its order names no more, nor what it carries', async () => {
    const request = await order(hospital, [neighbour]);
    const names = await result(request);
    expect(await seen(neighbour, names)).toEqual([200, 200, 200]);
    await change(hospital, request, { performer: [ref(third.organization)] });
    expect(await seen(neighbour, names)).toEqual([404, 404, 404]);
  });

  it('is shown to whom its own hospital names later', async () => {
    const request = await order(hospital, [neighbour]);
    const names = await result(request);
    await change(hospital, request, { performer: [ref(neighbour.organization), ref(third.organization)] });
    expect(await seen(third, names)).toEqual([200, 200, 200]);
    expect(await seen(neighbour, names)).toEqual([200, 200, 200]);
  });

  it('is not shown to whom the institution names later that ordered it', async () => {
    const request = await order(neighbour, [hospital]);
    const names = await result(request);
    await change(neighbour, request, { performer: [ref(hospital.organization), ref(third.organization)] });
    expect(await status(third, request)).toBe(200);
    expect(await seen(third, names)).toEqual([404, 404, 404]);
    expect(await seen(neighbour, names)).toEqual([200, 200, 200]);
  });

  it('is shown no more once its order is deleted', async () => {
    const request = await order(hospital, [neighbour]);
    const names = await result(request);
    expect((await hospital.send('DELETE', request)).status).toBe(204);
    expect(await seen(neighbour, names)).toEqual([404, 404, 404]);
  });

  it('of an order that follows another goes with the first', async () => {
    const first = await order(hospital, [neighbour]);
    const second = await order(hospital, [third], { basedOn: [ref(first)] });
    const names = await result(second);
    expect(await seen(neighbour, names)).toEqual([200, 200, 200]);
    await change(hospital, first, { performer: undefined });
    expect(await status(neighbour, second)).toBe(404);
    expect(await seen(neighbour, names)).toEqual([404, 404, 404]);
    expect(await seen(third, names)).toEqual([200, 200, 200]);
  });

  it('of orders that follow each other in a circle would have no end of parties: there are none', async () => {
    const first = await order(hospital, [neighbour]);
    const second = await order(hospital, [hospital], { basedOn: [ref(first)] });
    const third = await order(hospital, [hospital], { basedOn: [ref(second)] });
    for (const [name, to] of [
      [first, first],
      [first, second],
      [first, third],
    ] as const) {
      const { body } = await hospital.get(name);
      const reply = await hospital.put(name, { ...body, basedOn: [ref(to)] });
      expect([reply.status, reply.body.issue[0].expression]).toEqual([422, ['ServiceRequest']]);
    }
    const urns = [1, 2].map((n) => `urn:uuid:00000000-0000-4000-8000-00000000000${n}`);
    const entry = urns.map((fullUrl, i) => ({
      fullUrl,
      resource: {
        resourceType: 'ServiceRequest',
        status: 'active',
        intent: 'order',
        subject: { display: 'x' },
        performer: [ref(neighbour.organization)],
        basedOn: [ref(urns[1 - i] as string)],
      },
      request: { method: 'POST', url: 'ServiceRequest' },
    }));
    expect((await hospital.post('', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(422);
    const line = entry.map((one, i) => (i === 0 ? { ...one, resource: { ...one.resource, basedOn: undefined } } : one));
    expect((await hospital.post('', { resourceType: 'Bundle', type: 'transaction', entry: line })).status).toBe(200);
  });

  it('of two that close a circle at once has one loser', async () => {
    const [one, two] = [await order(hospital, [neighbour]), await order(hospital, [neighbour])];
    const close = async (name: string, to: string) =>
      hospital.put(name, { ...(await hospital.get(name)).body, basedOn: [ref(to)] });
    const replies = await Promise.all([close(one, two), close(two, one)]);
    expect(replies.map((reply) => reply.status).sort()).toEqual([200, 422]);
  });

  it('reaches nobody new by what a party writes', async () => {
    const own = await patient(neighbour);
    const request = await order(third, [neighbour]);
    const appointment = await store(neighbour, 'Appointment', {
      status: 'proposed',
      start: '2030-01-01T00:00:00Z',
      end: '2030-01-01T01:00:00Z',
      basedOn: [ref(request)],
      participant: [
        { actor: ref(own), status: 'accepted' },
        { actor: ref(await store(hospital, 'HealthcareService', { name: 'CT' })), status: 'needs-action' },
      ],
    });
    await change(third, request, { performer: [ref(neighbour.organization), ref(care.organization)] });
    await change(hospital, appointment, { status: 'pending' });
    expect(await seen(care, [request, appointment, own])).toEqual([200, 404, 404]);
    expect(await seen(third, [appointment, own])).toEqual([200, 200]);
    expect(await seen(hospital, [appointment, own])).toEqual([200, 200]);
    await change(neighbour, appointment, { status: 'booked' });
    expect(await seen(care, [appointment, own])).toEqual([200, 200]);
  });

  it('written while the performer changes goes to nobody who is named no more', async () => {
    for (let round = 0; round < 5; round++) {
      const request = await order(hospital, [neighbour]);
      const [names] = await Promise.all([result(request), change(hospital, request, { performer: undefined })]);
      expect(await seen(neighbour, names)).toEqual([404, 404, 404]);
    }
  });
});

describe('after withdrawal', () => {
  it('the hospital’s entries that follow what the institution wrote are not its to see', async () => {
    const own = await patient(hospital);
    const consent = await redeem(hospital, care, own);
    const carePlan = await store(care, 'CarePlan', { status: 'active', intent: 'plan', subject: ref(own) });
    const names = [
      await observation(hospital, { subject: ref(own), basedOn: [ref(carePlan)] }),
      await store(hospital, 'DiagnosticReport', {
        status: 'final',
        code: { text: 'x' },
        subject: ref(own),
        basedOn: [ref(carePlan)],
      }),
      await store(hospital, 'Task', { status: 'requested', intent: 'order', for: ref(own), focus: ref(carePlan) }),
    ];
    expect(await Promise.all([own, carePlan, ...names.slice(0, 2)].map((name) => status(care, name)))).toEqual([
      200, 200, 200, 200,
    ]);
    await hospital.send('POST', `${consent}/$withdraw`);
    expect(await Promise.all([own, carePlan, ...names].map((name) => status(care, name)))).toEqual([
      404, 404, 404, 404, 404,
    ]);
    expect((await care.get(`Observation?subject=${own}&_summary=count`)).body.total).toBe(0);
    expect((await care.get(`${own}/$everything`)).status).toBe(404);
  });

  it('nothing of the patient is seen by way of what was written in between', async () => {
    const own = await patient(hospital);
    const consent = await redeem(hospital, author, own);
    const entry = await observation(author, { subject: ref(own) });
    const request = await order(author, [neighbour, hospital], { subject: ref(own), supportingInfo: [ref(entry)] });
    await observation(author, { subject: ref(own), basedOn: [ref(request)] });
    expect((await hospital.send('POST', `${consent}/$withdraw`)).status).toBe(200);
    for (const member of [author, neighbour]) {
      expect([await status(member, own), await status(member, entry)]).toEqual([404, 404]);
      expect((await member.get(`Observation?subject=${own}&_total=accurate`)).body.total).toBe(0);
      expect((await member.get(`ServiceRequest?_include=*`)).status).toBe(400);
      expect((await member.get(`ServiceRequest?subject:Patient._id=${own.split('/')[1]}`)).body.total).toBe(0);
    }
  });
});
