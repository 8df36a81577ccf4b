import type { Member, Reply, Sent } from '../../support/network.ts';
import { openWorld, type World } from '../../support/world.ts';

let world: World;
let hospital: Member;
let clinic: Member;
let patient: string;
let other: string;
let old: string;
let recent: string;
let undated: string;
let condition: string;
let message: string;
let boundary: string;

const stored = async (resource: Sent, member = hospital) =>
  `${resource.resourceType}/${(await member.create(resource)).id}`;
const observation = (of: string, effectiveDateTime?: string, more: object = {}): Sent => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: '体温' },
  subject: { reference: of },
  ...(effectiveDateTime && { effectiveDateTime }),
  ...more,
});

beforeAll(async () => {
  world = await openWorld();
  ({ hospital, clinic } = world);
  patient = await stored({ resourceType: 'Patient', name: [{ family: '試験' }] });
  other = await stored({ resourceType: 'Patient', name: [{ family: '別人' }] });
  old = await stored(observation(patient, '2020-01-01'));
  undated = await stored(observation(patient));
  recent = await stored(observation(patient, '2026-01-01T09:00:00+09:00', { valueQuantity: { value: 36.5 } }));
  condition = await stored({ resourceType: 'Condition', subject: { reference: patient }, recordedDate: '2023-05-01' });
  await stored(observation(other, '2025-01-01'));
  const gone = await stored(observation(patient, '2024-01-01'));
  await hospital.send('DELETE', gone);
  boundary = new Date(Date.now()).toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  message = await stored({
    resourceType: 'Communication',
    status: 'completed',
    subject: { reference: patient },
    sent: '2019-01-01T00:00:00Z',
    recipient: [{ reference: clinic.organization }],
    payload: [{ contentString: '連絡' }],
  });
});
afterAll(() => world.close());

const ask = (query = '', member = hospital, of = patient) => member.get(`${of}/$everything${query && `?${query}`}`);
const ids = ({ body }: Reply): string[] =>
  (body.entry ?? []).map(
    ({ resource }: { resource: { resourceType: string; id: string } }) => `${resource.resourceType}/${resource.id}`,
  );

describe('$everything', () => {
  it('answers the Patient, then its compartment, newest clinical date first and the undated last', async () => {
    const reply = await ask();
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 6 });
    expect(ids(reply)).toEqual([patient, recent, condition, old, message, undated]);
    for (const { fullUrl, search, resource } of reply.body.entry) {
      expect(fullUrl).toBe(`${world.server.baseUrl}/fhir/${resource.resourceType}/${resource.id}`);
      expect(search).toEqual({ mode: 'match' });
    }
    expect(reply.body.link).toEqual([{ relation: 'self', url: `${world.server.baseUrl}/fhir/${patient}/$everything` }]);
  });

  it('holds the resources as they are stored', async () => {
    const { body } = await ask();
    expect(body.entry[1].resource).toEqual((await hospital.get(recent)).body);
  });

  it.each([
    ['_type=Observation', () => [patient, recent, old, undated]],
    ['_type=Observation,Condition', () => [patient, recent, condition, old, undated]],
    ['_type=Observation&_type=Condition', () => [patient, recent, condition, old, undated]],
    ['_type=Encounter', () => [patient]],
    ['_type=Patient', () => [patient]],
    ['_type=Organization', () => [patient]],
    ['_since=2999-01-01', () => [patient]],
    ['_since=2020', () => [patient, recent, condition, old, message, undated]],
    ['_format=json&_type=Condition', () => [patient, condition]],
  ])('?%s', async (query, expected) => {
    expect(ids(await ask(query))).toEqual(expected());
  });

  it('_since means when an entry was changed here, not when it happened', async () => {
    expect(ids(await ask(`_since=${boundary}`))).toEqual([patient, message]);
    expect(ids(await ask(`_since=${encodeURIComponent(boundary.replace('Z', '+00:00'))}`))).toEqual([patient, message]);
  });

  it('_since as a bare date is a day in Tokyo', async () => {
    const tokyo = (days: number) => new Date(Date.now() + 9 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10);
    expect(ids(await ask(`_since=${tokyo(0)}`))).toHaveLength(6);
    expect(ids(await ask(`_since=${tokyo(1)}`))).toEqual([patient]);
  });

  it.each([
    'foo=1',
    '_include=Observation:subject',
    '_type=Foo',
    '_type=',
    '_type=Observation,',
    '_since=yesterday',
    '_since=5',
    '_since=2026-02-30',
    '_since=2020&_since=2021',
    '_count=0',
    '_count=-1',
    '_count=1.5',
    '_count=x',
    '_count=',
    '_count=1e3',
    '_count=1&_count=2',
    '_cursor=x',
    '_cursor=',
  ])('?%s is refused with 400', async (query) => {
    expect((await ask(query)).status).toBe(400);
  });

  it('is not for POST, and needs the scope of the Patient', async () => {
    expect((await hospital.send('POST', `${patient}/$everything`)).status).toBe(405);
    const narrow = await world.network.client(hospital, 'system/Observation.rs');
    expect((await ask('', narrow)).status).toBe(403);
  });

  it('brings only types that the token may read', async () => {
    const narrow = await world.network.client(hospital, 'system/Patient.r system/Condition.r system/Observation.s');
    expect(ids(await ask('', narrow))).toEqual([patient, condition]);
    expect(ids(await ask('_type=Observation', narrow))).toEqual([patient]);
  });
});

describe('in pages', () => {
  it('every entry comes once, in the same order, whatever the size of the page', async () => {
    const whole = ids(await ask());
    for (const count of [1, 2, 3, 4, 5, 6]) {
      const found: string[] = [];
      let path: string | undefined = `${patient}/$everything?_count=${count}`;
      for (let page = 0; path !== undefined; page++) {
        const reply: Reply = await hospital.get(path);
        expect(reply.status).toBe(200);
        expect(reply.body.entry.length).toBeLessThanOrEqual(count + (page === 0 ? 1 : 0));
        const links: { relation: string; url: string }[] = reply.body.link;
        const next = links.find(({ relation }) => relation === 'next')?.url;
        if (page > 0 || next) expect(reply.body).not.toHaveProperty('total');
        found.push(...ids(reply));
        path = next?.slice(`${world.server.baseUrl}/fhir/`.length);
      }
      expect(found).toEqual(whole);
    }
  });

  it('keep what was asked for', async () => {
    const { body } = await ask('_type=Observation&_count=2');
    const next = body.link.find(({ relation }: { relation: string }) => relation === 'next').url as string;
    expect(next).toContain('$everything?_type=Observation&_count=2&_cursor=');
    const rest = await hospital.get(next.slice(`${world.server.baseUrl}/fhir/`.length));
    expect(ids(rest)).toEqual([undated]);
  });

  it('cannot be turned by another client, for another patient or another question', async () => {
    const { body } = await ask('_count=1');
    const next = body.link.find(({ relation }: { relation: string }) => relation === 'next').url as string;
    const cursor = next.slice(next.indexOf('_cursor='));
    const twin = await world.network.client(hospital, 'system/*.cruds');
    expect((await ask(`_count=1&${cursor}`, twin)).status).toBe(400);
    expect((await ask(`_count=1&${cursor}`, hospital, other)).status).toBe(400);
    expect((await ask(`_count=2&${cursor}`)).status).toBe(400);
    expect((await hospital.get(`${patient}/$timeline?_count=1&${cursor}`)).status).toBe(400);
    expect((await ask(`_count=1&${cursor}`)).status).toBe(200);
  });
});

describe('what the caller may not see', () => {
  it('is not there: an invisible Patient is none at all', async () => {
    const unreal = await ask('', clinic, 'Patient/nowhere');
    for (const member of [clinic, world.stranger]) {
      const reply = await ask('', member);
      expect(reply.status).toBe(404);
      expect(reply.text).toBe(unreal.text);
    }
    expect((await ask('', hospital, 'Patient/%00')).status).toBeGreaterThanOrEqual(400);
  });

  it('is left out of a Patient that a booking carries', async () => {
    const booked = await stored({ resourceType: 'Patient', name: [{ family: '予約' }] });
    const request = await stored({
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject: { reference: booked },
      performer: [{ reference: clinic.organization }],
    });
    const result = await stored(observation(booked, '2026-01-01', { basedOn: [{ reference: request }] }));
    const secret = await stored(observation(booked, '2026-02-01'));
    expect(ids(await ask('', hospital, booked))).toEqual([booked, secret, result, request]);
    const seen = await ask('', clinic, booked);
    expect(ids(seen)).toEqual([booked, result, request]);
    expect(seen.body.total).toBe(3);
  });

  it('is gone with the Patient', async () => {
    const short = await stored({ resourceType: 'Patient' });
    expect((await ask('', hospital, short)).status).toBe(200);
    await hospital.send('DELETE', short);
    expect((await ask('', hospital, short)).status).toBe(404);
  });
});
