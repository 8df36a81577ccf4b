import type { Member } from '../../support/network.ts';
import { Stage } from './stage.ts';

/** What contracts leave out is not there: booking of outpatient visits, images, signatures, messages. */

let stage: Stage;
let hospital: Member;
let full: Member;
let plain: Member;
let care: Member;
beforeAll(async () => {
  stage = await Stage.open('2026-03-02');
  const { network } = stage;
  hospital = stage.hospital;
  full = await network.enrol('medical', 'さくら診療所');
  plain = await network.register('medical', 'もみじ医院');
  await network.contract(plain, { services: ['medical-cooperation', 'timeline'] });
  care = await network.enrol('care', 'ひだまり');
  for (const member of [full, plain]) await network.affiliate(hospital, member);
  await network.affiliate(hospital, care, ['care-cooperation', 'timeline']);
});
afterAll(() => stage.close());

const ref = (reference: string) => ({ reference });
const CATEGORY = 'https://tasuki.example/fhir/CodeSystem/booking-category';
const category = (code: string) => [{ coding: [{ system: CATEGORY, code }] }];

let day = 1;
/** A free slot, and the Schedule and HealthcareService that it is of. */
async function offer(code?: string, more: { slot?: object; schedule?: object } = {}) {
  const said = code === undefined ? {} : { serviceCategory: category(code) };
  const service = await hospital.create({
    resourceType: 'HealthcareService',
    name: '外来',
    ...(code !== undefined && { category: category(code) }),
  });
  const actor = [ref(`HealthcareService/${service.id}`)];
  const schedule = await hospital.create({ resourceType: 'Schedule', actor, ...said, ...more.schedule });
  const date = `2026-04-${String(day++).padStart(2, '0')}`;
  const times = { start: `${date}T00:00:00Z`, end: `${date}T00:30:00Z` };
  const slot = { resourceType: 'Slot', status: 'free', schedule: ref(`Schedule/${schedule.id}`), ...times, ...said };
  return { date, times, stored: await hospital.post('Slot', { ...slot, ...more.slot }) };
}

const appointment = (slot: string, times: object, more: object = {}) => ({
  resourceType: 'Appointment',
  status: 'proposed',
  slot: [ref(`Slot/${slot}`)],
  participant: [{ type: [{ text: '検査枠' }], status: 'accepted' }],
  ...times,
  ...more,
});

describe('outpatient visits and nutrition guidance', () => {
  it.each(['outpatient', 'nutrition'])(
    'of the category %s are found and booked by who has subscribed them',
    async (code) => {
      const { date, times, stored } = await offer(code);
      expect(stored.status).toBe(201);
      const find = async (member: Member) =>
        (await member.get(`Appointment/$find?start=${date}T00:00:00Z&end=${date}T01:00:00Z`)).body.total;
      expect([await find(full), await find(plain)]).toEqual([1, 0]);
      const asked = appointment(stored.body.id, times);
      const refused = [
        await plain.post('Appointment/$book', asked),
        await plain.post('Appointment', { ...asked, status: 'booked' }),
      ];
      for (const { status, body } of refused) {
        expect(status).toBe(422);
        expect(body.issue[0].diagnostics).toContain('outpatient-booking');
      }
      expect((await full.post('Appointment/$book', asked)).status).toBe(201);
    },
  );

  it('are booked without a slot by nobody else either', async () => {
    const asked = { resourceType: 'Appointment', status: 'proposed', serviceCategory: category('outpatient') };
    const participant = [
      { actor: ref(hospital.organization.replace('Organization', 'Organization')), status: 'accepted' },
    ];
    const { status } = await plain.post('Appointment', {
      ...asked,
      participant: [{ ...participant[0], actor: { display: 'x' } }],
    });
    expect(status).toBe(422);
  });

  it('say so themselves: a Slot as its Schedule, a Schedule as its service', async () => {
    expect((await offer('outpatient', { slot: { serviceCategory: undefined } })).stored.status).toBe(422);
    await expect(offer('outpatient', { schedule: { serviceCategory: undefined } })).rejects.toThrow('422');
  });

  it('are no matter of examinations', async () => {
    for (const code of [undefined, 'examination']) {
      const { times, stored } = await offer(code);
      expect((await plain.post('Appointment/$book', appointment(stored.body.id, times))).status).toBe(201);
    }
  });

  it('are neither offered nor booked where the hospital has not subscribed them; what is booked stays', async () => {
    const { stored, times } = await offer('outpatient');
    const kept = await offer('outpatient');
    const booked = await full.post('Appointment/$book', appointment(kept.stored.body.id, kept.times));
    const [contract] = (await hospital.get('Contract')).body.entry;
    const services = ['medical-cooperation', 'images', 'signature', 'care-cooperation', 'timeline'];
    const change = (list: string[]) =>
      stage.operator.post(`Contract/${contract.resource.id}/$change-services`, {
        resourceType: 'Parameters',
        parameter: list.map((valueCode) => ({ name: 'service', valueCode })),
      });
    expect((await change(services)).status).toBe(200);
    const refused = await full.post('Appointment/$book', appointment(stored.body.id, times));
    expect([refused.status, refused.body.issue[0].diagnostics]).toEqual([422, expect.stringContaining('hospital')]);
    await expect(offer('outpatient')).rejects.toThrow('outpatient-booking');
    const { resource } = booked.body.entry[0];
    expect((await full.put(`Appointment/${resource.id}`, { ...resource, status: 'cancelled' })).status).toBe(200);
    expect((await change([...services, 'outpatient-booking'])).status).toBe(200);
    expect((await full.post('Appointment/$book', appointment(stored.body.id, times))).status).toBe(201);
  });
});

describe('images', () => {
  it('reach the parties of an order only with images in both contracts, and the report all of them', async () => {
    const orders = await Promise.all(
      [full, plain].map(async (member) => {
        const patient = await member.create({ resourceType: 'Patient', name: [{ text: '港 太郎' }] });
        const order = await member.create({
          resourceType: 'ServiceRequest',
          status: 'active',
          intent: 'order',
          subject: ref(`Patient/${patient.id}`),
          performer: [ref(hospital.organization)],
        });
        const own = await hospital.create({ resourceType: 'Patient', name: [{ text: '港 太郎' }] });
        const subject = ref(`Patient/${own.id}`);
        const basedOn = [ref(`ServiceRequest/${order.id}`)];
        const endpoint = await hospital.create({
          resourceType: 'Endpoint',
          status: 'active',
          connectionType: {
            system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type',
            code: 'dicom-wado-rs',
          },
          payloadType: [{ text: 'DICOM' }],
          address: 'https://pacs.example/wado',
        });
        const study = await hospital.create({
          resourceType: 'ImagingStudy',
          status: 'available',
          subject,
          basedOn,
          endpoint: [ref(`Endpoint/${endpoint.id}`)],
        });
        const report = await hospital.create({
          resourceType: 'DiagnosticReport',
          status: 'final',
          code: { text: 'CT' },
          subject,
          basedOn,
          imagingStudy: [ref(`ImagingStudy/${study.id}`)],
        });
        return {
          order: `ServiceRequest/${order.id}`,
          subject: subject.reference,
          study: `ImagingStudy/${study.id}`,
          endpoint: `Endpoint/${endpoint.id}`,
          report: `DiagnosticReport/${report.id}`,
        };
      }),
    );
    const [mine, theirs] = orders as [(typeof orders)[0], (typeof orders)[0]];
    // By no other way either: what the clinic is told of the one is what it would be told of none.
    const { order, subject, study: kept, endpoint: way, report: seen } = theirs;
    const idOf = (reference: string) => reference.split('/')[1] as string;
    for (const path of [
      `${kept}/_history`,
      `${kept}/_history/1`,
      `${way}/_history`,
      `ImagingStudy?_id=${idOf(kept)}`,
      `ImagingStudy?basedon=${order}&_include=ImagingStudy:endpoint&_include:iterate=*`,
      `ImagingStudy?endpoint:Endpoint._id=${idOf(way)}`,
      `Endpoint?_id=${idOf(way)}&_revinclude=ImagingStudy:endpoint`,
      `Endpoint?_has:ImagingStudy:endpoint:subject=${subject}`,
      `ServiceRequest?_id=${idOf(order)}&_revinclude=ImagingStudy:basedon&_revinclude=DiagnosticReport:based-on&_include:iterate=*`,
      `DiagnosticReport?_id=${idOf(seen)}&_include=*&_include:iterate=*&_revinclude=*`,
      `ServiceRequest?_has:ImagingStudy:basedon:_id=${idOf(kept)}&_summary=count`,
      `${subject}/$everything`,
    ]) {
      const { text, body } = await plain.get(path);
      const told = body.resourceType === 'Bundle' ? (body.entry ?? []) : body; // a Bundle's own link says what was asked
      const found = JSON.stringify(told).replaceAll(`"reference":"${kept}"`, '');
      for (const id of [kept, way]) expect([path, found.includes(`${idOf(id)}"`)]).toEqual([path, false]);
      if (path.includes('_summary=count')) expect(JSON.parse(text).total).toBe(0);
    }
    const asked = ['batch', 'transaction'].map((type) => ({
      resourceType: 'Bundle',
      type,
      entry: [kept, way].map((url) => ({ request: { method: 'GET', url } })),
    }));
    const [batch, transaction] = await Promise.all(asked.map((bundle) => plain.post('', bundle)));
    expect(batch?.body.entry.map((one: { response: { status: string } }) => one.response.status.slice(0, 3))).toEqual([
      '404',
      '404',
    ]);
    expect(transaction?.status).toBe(404);
    expect((await plain.send('DELETE', kept)).status).toBe(404);
    for (const [member, { study, endpoint, report }, expected] of [
      [full, mine, 200],
      [plain, theirs, 404],
    ] as const) {
      expect([(await member.get(study)).status, (await member.get(endpoint)).status]).toEqual([expected, expected]);
      expect((await member.get(report)).status).toBe(200);
      const total = expected === 200 ? 1 : 0;
      expect((await member.get('ImagingStudy?_summary=count')).body.total).toBe(total);
    }
  });
});

describe('operations of signatures', () => {
  it('are refused without signature in the contract', async () => {
    const order = await plain.create({ resourceType: 'Bundle', type: 'collection' });
    const refused = await plain.post(`Bundle/${order.id}/$render`, '');
    expect([refused.status, refused.body.issue[0].diagnostics]).toEqual([403, expect.stringContaining('signature')]);
    const own = await full.create({ resourceType: 'Bundle', type: 'collection' });
    expect((await full.post(`Bundle/${own.id}/$render`, '')).status).not.toBe(403);
  });
});

describe('messages', () => {
  const message = (from: Member, ...to: Member[]) => ({
    resourceType: 'Communication',
    status: 'completed',
    sender: ref(from.organization),
    recipient: to.map(({ organization }) => ref(organization)),
    payload: [{ contentString: 'x' }],
  });

  it('go between institutions that both have care cooperation, and to none that has not', async () => {
    for (const [from, to, expected] of [
      [full, hospital, 201],
      [hospital, care, 201],
      [care, full, 201],
      [plain, hospital, 422],
      [hospital, plain, 422],
      [care, plain, 422],
    ] as const)
      expect((await from.post('Communication', message(from, to))).status).toBe(expected);
    expect((await plain.post('Communication', { ...message(plain), recipient: undefined })).status).toBe(201);
  });

  it('may be marked as read whatever has ended since, and not be sent on', async () => {
    const sent = (await full.post('Communication', message(full, hospital))).body;
    expect(
      (await full.put(`Communication/${sent.id}`, { ...sent, recipient: [...sent.recipient, ref(plain.organization)] }))
        .status,
    ).toBe(422);
    const own = (await full.get('Communication?_summary=count')).status;
    expect(own).toBe(200);
    expect((await hospital.put(`Communication/${sent.id}`, { ...sent, received: '2026-03-02T00:00:00Z' })).status).toBe(
      200,
    );
  });
});
