import type { Member, Reply, Sent } from '../../../support/network.ts';
import { openWorld, type World } from '../../../support/world.ts';

let world: World;
let hospital: Member;
let clinic: Member;
let shared: string;
let fresh: string;
let older: string;
let undated: string;
let theirs: string;
let consent: string;

const stored = async (resource: Sent, member = hospital) =>
  `${resource.resourceType}/${(await member.create(resource)).id}`;
const observation = (effectiveDateTime?: string, more: object = {}): Sent => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: '体温' },
  subject: { reference: shared },
  ...(effectiveDateTime && { effectiveDateTime }),
  ...more,
});

beforeAll(async () => {
  world = await openWorld();
  ({ hospital, clinic } = world);
  shared = await stored({ resourceType: 'Patient', birthDate: '1950-04-01' });
  older = await stored(observation('2024-01-01'));
  undated = await stored(observation());
  const { body } = await hospital.send('POST', `${shared}/$issue-keycode`);
  const redeemed = await clinic.post('$redeem-keycode', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'keycode', valueString: body.parameter[0].valueString },
      { name: 'birthDate', valueDate: '1950-04-01' },
      { name: 'attest', valueBoolean: true },
    ],
  });
  consent = redeemed.body.parameter[0].valueReference.reference;
  theirs = await stored(observation('2025-01-01'), clinic);
  fresh = await stored({
    resourceType: 'Condition',
    subject: { reference: shared },
    onsetDateTime: '2026-01-01',
    recordedDate: '2026-01-01',
  });
});
afterAll(() => world.close());

const ask = (query = '', member = hospital, of = shared) => member.get(`${of}/$timeline${query && `?${query}`}`);
const ids = ({ body }: Reply): string[] =>
  (body.entry ?? []).map(({ resource }: { resource: Sent }) => `${resource.resourceType}/${resource.id}`);

describe('$timeline', () => {
  it('is the same for the hospital and for whom a keycode opened it: newest first, the undated last', async () => {
    for (const member of [hospital, clinic]) {
      const reply = await ask('', member);
      expect(reply.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 4 });
      expect(ids(reply)).toEqual([fresh, theirs, older, undated]);
    }
  });

  it('is none for everybody else, as for a patient that there is not', async () => {
    const unreal = await ask('', world.stranger, 'Patient/nowhere');
    const reply = await ask('', world.stranger);
    expect(reply.status).toBe(404);
    expect(reply.text).toBe(unreal.text);
  });

  it.each([
    ['_type=Condition', () => [fresh]],
    ['_type=Condition&_type=Observation&_count=10', () => [fresh, theirs, older, undated]],
    ['_type=Patient', () => []],
    ['_type=Provenance,Binary', () => []],
    ['_type=Appointment', () => []],
    ['_since=2999-01-01T00:00:00Z', () => []],
    ['_since=2020-01-01', () => [fresh, theirs, older, undated]],
    ['owner=:clinic', () => [theirs]],
    ['owner=:hospital', () => [fresh, older, undated]],
    ['owner=:hospital,:clinic', () => [fresh, theirs, older, undated]],
    ['owner=:hospital&owner=:clinic&_type=Observation', () => [theirs, older, undated]],
    ['owner=Organization/nowhere', () => []],
  ])('?%s', async (query, expected) => {
    const filled = query.replaceAll(':clinic', clinic.organization).replaceAll(':hospital', hospital.organization);
    for (const member of [hospital, clinic]) expect(ids(await ask(filled, member))).toEqual(expected());
  });

  it('takes an owner by its bare id too', async () => {
    expect(ids(await ask(`owner=${clinic.organization.split('/')[1]}`))).toEqual([theirs]);
  });

  it.each([
    'foo=1',
    '_type=Foo',
    '_since=now',
    '_since=2026-13-01',
    '_count=0',
    '_count=x',
    'owner=Patient/x',
    'owner=',
    'owner=a%20b',
    '_cursor=x',
    '_sort=date',
  ])('?%s is refused with 400', async (query) => {
    expect((await ask(query)).status).toBe(400);
  });

  it('comes in pages, each entry once', async () => {
    for (const count of [1, 2, 3]) {
      const found: string[] = [];
      let path: string | undefined = `${shared}/$timeline?_count=${count}&_format=json`;
      while (path !== undefined) {
        const reply: Reply = await clinic.get(path);
        expect(ids(reply).length).toBeLessThanOrEqual(count);
        found.push(...ids(reply));
        const links: { relation: string; url: string }[] = reply.body.link;
        path = links.find(({ relation }) => relation === 'next')?.url.slice(`${world.server.baseUrl}/fhir/`.length);
      }
      expect(found).toEqual([fresh, theirs, older, undated]);
    }
  });

  it('brings only types that the token may read', async () => {
    const narrow = await world.network.client(clinic, 'system/Patient.r system/Condition.r');
    expect(ids(await ask('', narrow))).toEqual([fresh]);
    expect((await ask('', await world.network.client(clinic, 'system/Condition.r'))).status).toBe(403);
  });

  it('is not opened by a booking that carries the Patient', async () => {
    const booked = await stored({ resourceType: 'Patient' });
    await stored({
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject: { reference: booked },
      performer: [{ reference: clinic.organization }],
    });
    expect((await clinic.get(booked)).status).toBe(200);
    expect((await ask('', clinic, booked)).status).toBe(404);
    expect((await ask('', hospital, booked)).body).toMatchObject({ total: 0 });
  });

  it('leaves out what the hospital keeps to itself, and what it deleted', async () => {
    const tag = [{ system: 'http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication', code: 'UNDELIVERED' }];
    const sealed = await stored(observation('2026-03-01', { meta: { tag } }));
    const gone = await stored(observation('2026-04-01'), clinic);
    expect(ids(await ask('_type=Observation', clinic))).toEqual([gone, theirs, older, undated]);
    expect(ids(await ask('_type=Observation'))).toEqual([gone, sealed, theirs, older, undated]);
    expect((await clinic.send('DELETE', gone)).status).toBe(422);
    expect((await hospital.send('DELETE', gone)).status).toBe(204);
    expect((await hospital.send('DELETE', sealed)).status).toBe(204);
    expect(ids(await ask('', clinic))).toEqual([fresh, theirs, older, undated]);
  });

  it('takes corrections by their author alone', async () => {
    const { body } = await hospital.get(theirs);
    expect((await hospital.put(theirs, { ...body, status: 'amended' })).status).toBe(422);
    const corrected = await clinic.put(theirs, { ...body, status: 'amended' });
    expect(corrected.status).toBe(200);
    expect((await hospital.get(`${theirs}/_history/1`)).body.status).toBe('final');
    expect(ids(await ask())).toEqual([fresh, theirs, older, undated]);
  });
});

describe('$access-report', () => {
  interface Event {
    readonly recorded: string;
    readonly action: string;
    readonly subtype: readonly { readonly code: string }[];
    readonly outcome: string;
    readonly agent: readonly {
      readonly requestor: boolean;
      readonly who: { readonly reference?: string };
      readonly purposeOfUse?: readonly { readonly coding: readonly { readonly code: string }[] }[];
    }[];
    readonly entity: readonly { readonly what?: { readonly reference?: string } }[];
  }
  const report = (member = hospital, of = shared) => member.get(`${of}/$access-report`);
  const events = (reply: Reply): Event[] => reply.body.entry.map(({ resource }: { resource: Event }) => resource);
  const said = (event: Event) => {
    const user = event.agent.find(({ requestor }) => requestor);
    return [event.subtype.at(-1)?.code, event.action, user?.who.reference, user?.purposeOfUse?.[0]?.coding[0]?.code];
  };

  it('tells who did what, when and for what purpose, newest first', async () => {
    const purpose = { 'x-purpose-of-use': 'CAREMGT' };
    const of = await stored({ resourceType: 'Patient' });
    await hospital.get(of);
    const note = await stored(observation('2026-01-01', { subject: { reference: of } }));
    await hospital.get(note, purpose);
    await hospital.get(`Observation?patient=${of}`);
    await hospital.put(note, { ...(await hospital.get(note)).body, status: 'amended' });
    await hospital.send('DELETE', note);
    await ask('', hospital, of);
    const reply = await report(hospital, of);
    expect(reply.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 9 });
    const found = events(reply);
    const us = hospital.organization;
    expect(found.map(said)).toEqual([
      ['operation', 'E', us, 'TREAT'],
      ['delete', 'D', us, 'TREAT'],
      ['update', 'U', us, 'TREAT'],
      ['read', 'R', us, 'TREAT'],
      ['search-type', 'E', us, 'TREAT'],
      ['read', 'R', us, 'CAREMGT'],
      ['create', 'C', us, 'TREAT'],
      ['read', 'R', us, 'TREAT'],
      ['create', 'C', us, 'TREAT'],
    ]);
    for (const event of found) expect(event.entity.some(({ what }) => what?.reference === of)).toBe(true);
    const times = found.map(({ recorded }) => recorded);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('holds what the others did with the patient, and the decisions on consent', async () => {
    await clinic.get(shared);
    const found = events(await report()).map(said);
    expect(found).toContainEqual(['read', 'R', clinic.organization, 'TREAT']);
    expect(found).toContainEqual(['redeem-keycode', 'E', clinic.organization, 'TREAT']);
    expect(found).toContainEqual(['issue-keycode', 'E', hospital.organization, 'TREAT']);
    const decision = events(await report()).find(({ subtype }) => subtype.at(-1)?.code === 'redeem-keycode');
    expect(decision?.entity.map(({ what }) => what?.reference)).toContain(consent);
  });

  it('is itself reported', async () => {
    await report();
    expect(events(await report()).map(said)[0]).toEqual(['operation', 'E', hospital.organization, 'TREAT']);
  });

  it('answers POST as well, and takes no parameters', async () => {
    expect((await hospital.send('POST', `${shared}/$access-report`)).status).toBe(200);
    expect((await hospital.get(`${shared}/$access-report?_count=1`)).status).toBe(400);
  });

  it('needs the scope of AuditEvents, which it gives out', async () => {
    const at = async (scope: string) =>
      (await (await world.network.client(hospital, scope)).get(`${shared}/$access-report`)).status;
    expect(await at('system/Patient.cruds')).toBe(403);
    expect(await at('system/Patient.r system/AuditEvent.r')).toBe(403);
    expect(await at('system/AuditEvent.rs')).toBe(403);
    expect(await at('system/Patient.r system/AuditEvent.s')).toBe(200);
  });

  it('is for the patient’s hospital alone', async () => {
    expect((await report(clinic)).status).toBe(403);
    const [theirs, unreal] = [await report(world.stranger), await report(world.stranger, 'Patient/nowhere')];
    expect(theirs.status).toBe(404);
    expect(theirs.text).toBe(unreal.text);
  });
});
