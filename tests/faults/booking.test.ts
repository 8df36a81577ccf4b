import { fresh, issue, patient, posting, transaction } from '../fhir/interactions/samples.ts';
import type { Member, Reply } from '../support/network.ts';
import { atOnce, startTwo, type TwoProcesses, tally } from './two-processes.ts';

let two: TwoProcesses;
let hospital: Member;
let members: Member[];
/** A patient of each of the members. */
let patients: string[];
let room: string;
let schedule: string;
let nextHour = 0;

beforeAll(async () => {
  two = await startTwo();
  hospital = await two.network.enrol('cooperating-hospital');
  const clinics = await Promise.all([0, 1, 2].map(() => two.network.enrol('medical')));
  for (const clinic of clinics) await two.network.affiliate(hospital, clinic);
  members = [...clinics, hospital];
  patients = await Promise.all(members.map(async (one) => (await one.create(patient(fresh()))).id));
  await Promise.all(members.map((one) => two.spread(one, 1).token()));
  const created = await hospital.create({ resourceType: 'Location', name: 'CT室' });
  room = `Location/${created.id}`;
  const { id } = await hospital.create({ resourceType: 'Schedule', actor: [{ reference: room }] });
  schedule = `Schedule/${id}`;
});
afterAll(() => two.close());

interface Slot {
  readonly id: string;
  readonly start: string;
  readonly end: string;
}

function slot(more: object = {}): Promise<Slot> {
  const at = Date.UTC(2027, 0, 4) + 3_600_000 * nextHour++;
  const [start, end] = [at, at + 3_600_000].map((time) => new Date(time).toISOString());
  return hospital.create({
    resourceType: 'Slot',
    schedule: { reference: schedule },
    status: 'free',
    start,
    end,
    ...more,
  });
}

const appointment = (i: number, ...slots: Slot[]) => ({
  resourceType: 'Appointment',
  status: 'proposed',
  start: slots.map(({ start }) => start).sort()[0],
  end: slots
    .map(({ end }) => end)
    .sort()
    .at(-1),
  slot: slots.map(({ id }) => ({ reference: `Slot/${id}` })),
  participant: [
    { actor: { reference: `Patient/${patients[i % members.length]}` }, status: 'accepted' },
    { actor: { reference: room }, status: 'needs-action' },
  ],
});

/** The i-th request: by the members in turn, at the two processes in turn. */
const member = (i: number) => two.spread(members[i % members.length] as Member, i >> 2);
const book = (i: number, ...slots: Slot[]): Promise<Reply> =>
  member(i).post('Appointment/$book', {
    resourceType: 'Parameters',
    parameter: [{ name: 'appt-resource', resource: appointment(i, ...slots) }],
  });
const state = async ({ id }: Slot) => (await hospital.get(`Slot/${id}`)).body.status;
const bookings = async ({ id }: Slot): Promise<number> =>
  (await hospital.get(`Appointment?slot=Slot/${id}&status=booked&_summary=count`)).body.total;

describe('100 bookings of one slot at once, by four institutions, on two processes', () => {
  let free: Slot;
  let replies: Reply[];
  let winner: number;
  beforeAll(async () => {
    free = await slot();
    replies = await atOnce(100, (i) => book(i, free));
    winner = replies.findIndex(({ status }) => status === 201);
  });

  it('have one winner', () => {
    expect(tally(replies.map(({ status }) => status))).toEqual({ 201: 1, 409: 99 });
    expect(replies[winner]?.body).toMatchObject({
      type: 'searchset',
      total: 1,
      entry: [{ resource: { status: 'booked' } }],
    });
  });

  it('tell all others what happened and what to do, and nothing of the winner', () => {
    const refusals = replies.filter(({ status }) => status === 409);
    expect(new Set(refusals.map(({ text }) => text)).size).toBe(1);
    expect(issue(refusals[0] as Reply)).toEqual({
      severity: 'error',
      code: 'conflict',
      diagnostics: 'The slot is not free any more; search for free slots and book another',
      expression: ['Appointment.slot'],
    });
  });

  it('leave one Appointment and a busy slot of two versions', async () => {
    expect([await bookings(free), await state(free)]).toEqual([1, 'busy']);
    expect((await hospital.get(`Slot/${free.id}`)).headers.get('etag')).toBe('W/"2"');
    expect((await hospital.get(`Slot?status=free&schedule=${schedule}`)).body.total).toBe(0);
  });

  it('leave the slot free for one more when the winner cancels', async () => {
    const booked = replies[winner]?.body.entry[0].resource;
    const cancelled = await member(winner).put(`Appointment/${booked.id}`, { ...booked, status: 'cancelled' });
    expect(cancelled.status).toBe(200);
    expect(await state(free)).toBe('free');
    const again = await atOnce(20, (i) => book(i, free));
    expect(tally(again.map(({ status }) => status))).toEqual({ 201: 1, 409: 19 });
    expect([await bookings(free), await state(free)]).toEqual([1, 'busy']);
    const late = await member(winner).put(`Appointment/${booked.id}`, { ...booked, status: 'booked' });
    expect(late.status).toBe(422);
  });
});

it('bookings of the same two slots, named in different orders, have one winner and no deadlock', async () => {
  const [a, b] = [await slot(), await slot()];
  const replies = await atOnce(40, (i) => (i % 2 ? book(i, a, b) : book(i, b, a)));
  expect(tally(replies.map(({ status }) => status))).toEqual({ 201: 1, 409: 39 });
  expect([await state(a), await state(b), await bookings(a), await bookings(b)]).toEqual(['busy', 'busy', 1, 1]);
});

it('bookings that overlap in one slot leave no slot half taken', async () => {
  const [a, b, c] = [await slot(), await slot(), await slot()];
  const replies = await atOnce(30, (i) => (i % 2 ? book(i, a, b) : book(i, b, c)));
  const won = replies.findIndex(({ status }) => status === 201);
  expect(tally(replies.map(({ status }) => status))).toEqual({ 201: 1, 409: 29 });
  expect([await state(a), await state(b), await state(c)]).toEqual(
    won % 2 ? ['busy', 'busy', 'free'] : ['free', 'busy', 'busy'],
  );
});

it('a slot is not booked twice by one transaction', async () => {
  const one = await slot();
  const reply = await hospital.post('', transaction(posting(appointment(3, one)), posting(appointment(3, one))));
  expect(reply.status).toBe(409);
  expect(issue(reply).expression).toEqual(['Bundle.entry[1].resource.ofType(Appointment).slot']);
  expect([await state(one), await bookings(one)]).toEqual(['free', 0]);
});

it('an Appointment that is created without $book takes the slot by the same rule', async () => {
  const one = await slot();
  const replies = await atOnce(20, (i) =>
    i % 2 ? book(i, one) : member(i).post('Appointment', { ...appointment(i, one), status: 'booked' }),
  );
  expect(tally(replies.map(({ status }) => status))).toEqual({ 201: 1, 409: 19 });
});

it('a slot keeps what it says to the digit when it is taken and freed', async () => {
  const extension = '[{"url":"https://x.example/dose","valueDecimal":1.50}]';
  const at = Date.UTC(2027, 5, 1) + 3_600_000 * nextHour++;
  const [start, end] = [at, at + 3_600_000].map((time) => new Date(time).toISOString()) as [string, string];
  const reply = await hospital.post(
    'Slot',
    `{"resourceType":"Slot","extension":${extension},"schedule":{"reference":"${schedule}"},"status":"free","start":"${start}","end":"${end}"}`,
  );
  const booked = await book(0, { id: reply.body.id, start, end });
  expect(booked.status).toBe(201);
  expect((await hospital.get(`Slot/${reply.body.id}`)).text).toContain(`"extension":${extension}`);
});
