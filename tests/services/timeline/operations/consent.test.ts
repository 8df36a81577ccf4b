import { validate } from '../../../../src/fhir/validation/index.ts';
import type { Member, Sent } from '../../../support/network.ts';
import { type RunningServer, startServer } from '../../../support/server.ts';
import { openWorld, type World } from '../../../support/world.ts';

let world: World;
let second: RunningServer;
let hospital: Member;
let clinic: Member;
let care: Member;
let outsider: Member;
beforeAll(async () => {
  world = await openWorld();
  ({ hospital, clinic } = world);
  care = await world.network.enrol('care', 'ひだまり訪問看護');
  outsider = await world.network.enrol('care', '網の外');
  await world.network.affiliate(hospital, care, ['care-cooperation', 'timeline']);
  // Both processes need the pepper file, which lies in the data directory.
  second = await startServer({ database: world.server.database as never, dataDir: world.server.dataDir });
});
afterAll(async () => {
  await second.stop();
  await world.close();
});

const BIRTH = '1950-04-01';
const parameters = (values: Record<string, unknown>): Sent => ({
  resourceType: 'Parameters',
  parameter: Object.entries(values).flatMap(([key, value]) => {
    const [name, type] = key.split(':');
    return value === undefined ? [] : [{ name, [`value${type}`]: value }];
  }),
});

async function patient(): Promise<string> {
  const { id } = await hospital.create({
    resourceType: 'Patient',
    identifier: [{ system: 'urn:oid:1.2.3', value: crypto.randomUUID() }],
    name: [{ family: '試験' }],
    birthDate: BIRTH,
  });
  return `Patient/${id}`;
}

const issue = (of: string, member = hospital, values: Record<string, unknown> = {}) =>
  member.post(`${of}/$issue-keycode`, parameters(values));
async function keycodeOf(of: string, values: Record<string, unknown> = {}): Promise<string> {
  const { body } = await issue(of, hospital, values);
  return body.parameter[0].valueString;
}
const redeem = (keycode: unknown, member = clinic, values: Record<string, unknown> = {}) =>
  member.post(
    '$redeem-keycode',
    parameters({ 'keycode:String': keycode, 'birthDate:Date': BIRTH, 'attest:Boolean': true, ...values }),
  );
const consentOf = (reply: { body: { parameter: { valueReference: { reference: string } }[] } }) =>
  reply.body.parameter[0]?.valueReference.reference as string;
const withdraw = (consent: string, member = hospital, reason = '患者の申し出') =>
  member.post(`${consent}/$withdraw`, parameters({ 'reason:String': reason }));
const opens = async (of: string, member = clinic) => (await member.get(`${of}/$timeline`)).status === 200;

/** A patient whose timeline is open to the clinic. */
async function opened(): Promise<{ of: string; keycode: string; consent: string }> {
  const of = await patient();
  const keycode = await keycodeOf(of);
  return { of, keycode, consent: consentOf(await redeem(keycode)) };
}

describe('$issue-keycode', () => {
  it('answers the code once, with its id and end', async () => {
    const { status, body } = await issue(await patient());
    expect(status).toBe(200);
    expect(body).toEqual({
      resourceType: 'Parameters',
      parameter: [
        { name: 'keycode', valueString: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/) },
        { name: 'id', valueString: expect.any(String) },
        { name: 'expires', valueDateTime: expect.any(String) },
      ],
    });
    const year = Date.parse(body.parameter[2].valueDateTime) - Date.now();
    expect(Math.round(year / 86_400_000)).toBe(365);
  });

  it('takes no body, a kind and an end', async () => {
    const of = await patient();
    expect((await hospital.send('POST', `${of}/$issue-keycode`)).status).toBe(200);
    const end = new Date(Date.now() + 86_400_000).toISOString();
    const { body } = await issue(of, hospital, { 'kind:Code': 'single-use', 'expires:DateTime': end });
    expect(body.parameter[2].valueDateTime).toBe(end);
  });

  it.each([
    ['a kind that there is not', { 'kind:String': 'eternal' }],
    ['an end that is past', { 'expires:DateTime': '2020-01-01' }],
    ['an end beyond a year', { 'expires:DateTime': '2999-01-01' }],
    ['an end that is no time', { 'expires:DateTime': 'soon' }],
  ])('refuses %s', async (_, values) => {
    expect((await issue(await patient(), hospital, values)).status).toBe(400);
  });

  it('is for the patient’s hospital: for another there is no such patient', async () => {
    const of = await patient();
    const [theirs, nobodys] = [await issue(of, world.stranger), await issue('Patient/nowhere', world.stranger)];
    expect(theirs.status).toBe(404);
    expect(theirs.text).toBe(nobodys.text);
    for (const member of [clinic, care]) expect((await issue(of, member)).status).toBe(403);
    expect((await hospital.send('DELETE', of)).status).toBe(204);
    expect((await issue(of)).status).toBe(404);
  });
});

describe('$redeem-keycode', () => {
  it('answers the Consent and the Patient, and opens the timeline', async () => {
    const of = await patient();
    expect((await clinic.get(of)).status).toBe(404);
    const reply = await redeem(await keycodeOf(of));
    expect(reply.status).toBe(200);
    expect(reply.body.parameter).toEqual([
      { name: 'consent', valueReference: { reference: expect.stringMatching(/^Consent\//) } },
      { name: 'patient', valueReference: { reference: of } },
    ]);
    expect((await clinic.get(of)).status).toBe(200);
    expect(await opens(of)).toBe(true);
    expect(await opens(of, care)).toBe(false);
  });

  it('knows the patient by birth date or by number', async () => {
    const of = await patient();
    const [{ system, value }] = (await hospital.get(of)).body.identifier;
    const keycode = await keycodeOf(of);
    const by = (number: unknown, member: Member) =>
      redeem(keycode, member, { 'birthDate:Date': undefined, 'identifier:Identifier': number });
    expect((await by({ system, value: 'other' }, clinic)).status).toBe(400);
    expect((await by({ system, value }, clinic)).status).toBe(200);
  });

  it('is the same for the same institution, by every client and on every process', async () => {
    const { of, keycode, consent } = await opened();
    const other = await world.network.client(clinic, 'system/*.cruds');
    for (const member of [clinic, other, clinic.at(second)])
      expect(consentOf(await redeem(keycode, member))).toBe(consent);
    expect((await hospital.get(`Consent?patient=${of}&_summary=count`)).body.total).toBe(1);
  });

  it('is nothing for a client that may only read', async () => {
    const of = await patient();
    const keycode = await keycodeOf(of);
    expect((await redeem(keycode, await world.network.client(clinic, 'system/*.rs'))).status).toBe(403);
    expect((await redeem(keycode, await world.network.client(clinic, 'system/*.cr'))).status).toBe(200);
  });

  it('asked four times at once, on two processes, makes one Consent', async () => {
    // An attempt counts as failed until it is known to be right: a client of its own, and fewer than the five that lock a code.
    const eager = await world.network.client(clinic, 'system/*.cruds');
    const of = await patient();
    const keycode = await keycodeOf(of);
    const replies = await Promise.all(
      [eager, eager.at(second), eager, eager.at(second)].map((member) => redeem(keycode, member)),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(replies.map(consentOf)).size).toBe(1);
    expect((await hospital.get(`Consent?patient=${of}&_summary=count`)).body.total).toBe(1);
  });

  it.each(['TREAT', 'HPAYMT', 'HOPERAT', 'CAREMGT', 'PUBHLTH'])(
    'writes the purpose %s into the Consent',
    async (purpose) => {
      const of = await patient();
      const reply = await redeem(await keycodeOf(of), clinic, { 'purpose:Code': purpose });
      const { body } = await hospital.get(consentOf(reply));
      expect(body.provision.purpose).toEqual([
        { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: purpose, display: expect.any(String) },
      ]);
      expect(body.meta.profile.some((url: string) => url.endsWith('IHE.PCF.consentBasic'))).toBe(
        ['TREAT', 'HPAYMT', 'HOPERAT'].includes(purpose),
      );
    },
  );

  it.each([
    ['no keycode', { 'keycode:String': undefined }, 'keycode'],
    ['a keycode that is no text', { 'keycode:String': 7 }, 'keycode'],
    ['nothing known of the patient', { 'birthDate:Date': undefined }, 'birthDate'],
    ['no attestation', { 'attest:Boolean': undefined }, 'attest'],
    ['a false attestation', { 'attest:Boolean': false }, 'attest'],
    ['an attestation in words', { 'attest:Boolean': 'true' }, 'attest'],
    ['a purpose that is not allowed', { 'purpose:Code': 'HRESCH' }, 'purpose'],
    ['break-glass', { 'purpose:Code': 'BTG' }, 'purpose'],
  ])('refuses %s, and names the parameter', async (_, values, name) => {
    const of = await patient();
    const keycode = await keycodeOf(of);
    const reply = await redeem(keycode, clinic, values);
    expect(reply.status).toBe(400);
    expect(reply.body.issue[0].expression).toEqual([`Parameters.parameter('${name}')`]);
    expect(reply.text).not.toContain(keycode);
    expect(await opens(of)).toBe(false);
  });

  it('fails alike for a wrong birth date, a wrong network and a code that was replaced', async () => {
    const of = await patient();
    const old = await keycodeOf(of);
    const keycode = await keycodeOf(of);
    const replies = [
      await redeem(keycode, clinic, { 'birthDate:Date': '1950-04-02' }),
      await redeem(keycode, outsider),
      await redeem(old, care),
    ];
    for (const reply of replies) expect(reply.status).toBe(400);
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect((await redeem(keycode, clinic)).status).toBe(200);
  });

  it('takes a code as people type it', async () => {
    const of = await patient();
    const keycode = await keycodeOf(of);
    const typed = keycode.toLowerCase().replaceAll('-', 'ー').replaceAll('0', 'o').replaceAll('1', 'l');
    expect((await redeem(` ${typed} `)).status).toBe(200);
  });

  it('of a code for one use serves one institution', async () => {
    const of = await patient();
    const keycode = await keycodeOf(of, { 'kind:Code': 'single-use' });
    expect((await redeem(keycode, clinic)).status).toBe(200);
    expect((await redeem(keycode, care)).status).toBe(400);
    expect((await redeem(keycode, clinic)).status).toBe(200);
    expect(await opens(of, care)).toBe(false);
  });
});

describe('the Consent', () => {
  it('is valid by our profile and IHE’s, of the hospital, and names the keycode by its id alone', async () => {
    const of = await patient();
    const { body: issued } = await issue(of);
    const [{ valueString: keycode }, { valueString: id }] = issued.parameter;
    const reply = await hospital.get(consentOf(await redeem(keycode)));
    const consent = reply.body;
    expect(validate(consent).issues).toEqual([]);
    expect(consent).toMatchObject({
      resourceType: 'Consent',
      meta: {
        profile: expect.arrayContaining(['https://tasuki.example/fhir/StructureDefinition/tasuki-keycode-consent']),
      },
      status: 'active',
      identifier: [{ value: id }],
      patient: { reference: of },
      performer: [{ reference: of }],
      organization: [{ reference: hospital.organization }],
      provision: {
        type: 'permit',
        actor: [{ role: { coding: [{ code: 'IRCP' }] }, reference: { reference: clinic.organization } }],
      },
    });
    const { start, end } = consent.provision.period;
    expect(Date.parse(end) - Date.parse(start)).toBe(365 * 86_400_000);
    for (const part of [keycode, ...keycode.split('-'), keycode.replaceAll('-', '')])
      expect(reply.text).not.toContain(part);
  });

  it('is seen by the hospital and the institution it names, and by nobody else', async () => {
    const { consent } = await opened();
    for (const member of [hospital, clinic]) expect((await member.get(consent)).status).toBe(200);
    for (const member of [care, world.stranger]) expect((await member.get(consent)).status).toBe(404);
  });

  it('is not written by anybody, nor is an AuditEvent', async () => {
    const { consent } = await opened();
    const { body } = await hospital.get(consent);
    const { body: events } = await hospital.get('AuditEvent?_count=1');
    const event = events.entry[0].resource;
    for (const member of [hospital, clinic, world.network.operator]) {
      for (const [type, one] of [
        ['Consent', body],
        ['AuditEvent', event],
      ] as const) {
        expect((await member.post(type, one)).status).toBe(403);
        expect((await member.put(`${type}/${one.id}`, one)).status).toBe(403);
        expect((await member.send('DELETE', `${type}/${one.id}`)).status).toBe(403);
        expect((await member.put(`${type}?_id=${one.id}`, one)).status).toBe(403);
        const entry = [{ resource: one, request: { method: 'POST', url: type } }];
        expect((await member.post('', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(403);
      }
    }
    expect((await hospital.get(consent)).body.meta.versionId).toBe('1');
  });
});

describe('$withdraw', () => {
  it('answers the Consent, inactive, and the very next request finds nothing, on every process', async () => {
    const { of, consent } = await opened();
    const there = clinic.at(second);
    expect(await opens(of, there)).toBe(true);
    const reply = await withdraw(consent);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ resourceType: 'Consent', status: 'inactive', meta: { versionId: '2' } });
    const after = await Promise.all([
      there.get(of),
      clinic.get(of),
      there.get(`${of}/$timeline`),
      there.get(`Patient?_id=${of.slice(8)}`),
    ]);
    expect(after.map(({ status }) => status)).toEqual([404, 404, 404, 200]);
    expect(after[3]?.body.total).toBe(0);
  });

  it('twice is once', async () => {
    const { consent } = await opened();
    await withdraw(consent);
    const again = await withdraw(consent);
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ status: 'inactive', meta: { versionId: '2' } });
  });

  it('needs no body', async () => {
    const { of, consent } = await opened();
    expect((await hospital.send('POST', `${consent}/$withdraw`)).status).toBe(200);
    expect(await opens(of)).toBe(false);
  });

  it('is the hospital’s', async () => {
    const { of, consent } = await opened();
    expect((await withdraw(consent, clinic)).status).toBe(403);
    expect((await withdraw(consent, world.stranger)).status).toBe(404);
    expect((await withdraw('Consent/nowhere')).status).toBe(404);
    expect(await opens(of)).toBe(true);
  });

  it('is not undone by showing the old code again', async () => {
    const { of, keycode, consent } = await opened();
    await withdraw(consent);
    expect((await redeem(keycode)).status).toBe(400);
    expect(await opens(of)).toBe(false);
    expect((await redeem(keycode, care)).status).toBe(200);
  });

  it('is undone by a new code, with a new Consent', async () => {
    const { of, consent } = await opened();
    await withdraw(consent);
    const renewed = consentOf(await redeem(await keycodeOf(of)));
    expect(renewed).not.toBe(consent);
    expect(await opens(of)).toBe(true);
    expect((await hospital.get(consent)).body.status).toBe('inactive');
  });

  it('leaves the others’ consents, and what the institution wrote', async () => {
    const { of, keycode, consent } = await opened();
    await redeem(keycode, care);
    const { id } = await clinic.create({
      resourceType: 'Observation',
      status: 'final',
      code: { text: '体温' },
      subject: { reference: of },
    });
    await withdraw(consent);
    expect((await clinic.get(`Observation/${id}`)).status).toBe(404);
    for (const member of [hospital, care]) expect((await member.get(`Observation/${id}`)).status).toBe(200);
  });
});

describe('a new code', () => {
  it('replaces the old one, and what was granted stays', async () => {
    const { of, keycode, consent } = await opened();
    const next = await keycodeOf(of);
    expect((await redeem(keycode, care)).status).toBe(400);
    expect(await opens(of)).toBe(true);
    expect((await hospital.get(consent)).body.status).toBe('active');
    expect((await redeem(next, care)).status).toBe(200);
  });

  it('redeemed by who has a consent already puts the new one in its place: one is live, and withdrawing it ends all', async () => {
    const { of, consent } = await opened();
    const renewed = consentOf(await redeem(await keycodeOf(of)));
    expect(renewed).not.toBe(consent);
    const live = await hospital.get(`Consent?patient=${of}&status=active`);
    expect(live.body.entry.map((entry: { resource: { id: string } }) => `Consent/${entry.resource.id}`)).toEqual([
      renewed,
    ]);
    expect((await hospital.get(consent)).body).toMatchObject({ status: 'inactive', meta: { versionId: '2' } });
    await withdraw(consent);
    expect(await opens(of)).toBe(true);
    await withdraw(renewed);
    expect(await opens(of)).toBe(false);
  });
});

describe('a network', () => {
  it('that ends shuts the timeline for the next request, and opens it again with the consent that stands', async () => {
    const member = await world.network.enrol('health');
    const affiliation = await world.network.affiliate(hospital, member, ['timeline']);
    const of = await patient();
    await redeem(await keycodeOf(of), member);
    expect(await opens(of, member)).toBe(true);
    const update = (more: object) =>
      hospital.put(`OrganizationAffiliation/${affiliation.id}`, { ...affiliation, ...more });
    await update({ active: false });
    expect(await opens(of, member.at(second))).toBe(false);
    await update({ active: true });
    expect(await opens(of, member.at(second))).toBe(true);
  });
});
