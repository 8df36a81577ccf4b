import { generateKeyPairSync } from 'node:crypto';
import type { Cooperation, Kind, Member, Sent } from '../../support/network.ts';
import { openWorld, type World } from '../../support/world.ts';

const KIND = 'https://tasuki.example/fhir/CodeSystem/institution-kind';
const SERVICE = 'https://tasuki.example/fhir/CodeSystem/cooperation-service';

let world: World;
let operator: Member;
let hospital: Member;
let clinic: Member;
let stranger: Member;
beforeAll(async () => {
  world = await openWorld();
  ({ hospital, clinic, stranger } = world);
  ({ operator } = world.network);
});
afterAll(() => world.close());

const institution = (code: unknown, more: object = {}): Sent => ({
  resourceType: 'Organization',
  active: true,
  name: '試験施設',
  type: [{ coding: [{ system: KIND, code }] }],
  ...more,
});
const issue = (reply: { body: { issue: { diagnostics: string; expression?: string[]; code: string }[] } }) =>
  reply.body.issue[0] as { diagnostics: string; expression?: string[]; code: string };
const idOf = (member: Member) => member.organization.split('/')[1] as string;

describe('an institution', () => {
  it.each(['cooperating-hospital', 'medical', 'care', 'health', 'municipality'] as Kind[])(
    'is an Organization that the operator creates, of the kind %s, and acts with its own client',
    async (kind) => {
      const member = await world.network.enrol(kind);
      const { status, body } = await member.get(member.organization);
      expect(status).toBe(200);
      expect(body.type[0].coding[0]).toEqual({ system: KIND, code: kind });
      expect((await member.get('Organization?_summary=count')).body.total).toBe(1);
    },
  );

  it.each([
    ['no type', { type: undefined }],
    ['a kind that there is not', { type: [{ coding: [{ system: KIND, code: 'bank' }] }] }],
    ['the kind of the operator', { type: [{ coding: [{ system: KIND, code: 'operator' }] }] }],
    ['a kind of another code system', { type: [{ coding: [{ system: 'http://example.org', code: 'medical' }] }] }],
    ['two kinds', { type: [{ coding: ['medical', 'care'].map((code) => ({ system: KIND, code })) }] }],
    ['two kinds in two types', { type: ['medical', 'care'].map((code) => ({ coding: [{ system: KIND, code }] })) }],
  ])('is refused with %s', async (_, more) => {
    const reply = await operator.post('Organization', institution('medical', more));
    expect(reply.status).toBe(422);
    expect(issue(reply)).toMatchObject({ expression: ['Organization.type'] });
  });

  it('may have codings of other systems beside its kind', async () => {
    const other = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'prov' }] };
    const type = [other, { coding: [{ system: KIND, code: 'medical' }] }];
    expect((await operator.post('Organization', institution('', { type }))).status).toBe(201);
  });

  it('may write about itself, and not what it is', async () => {
    const member = await world.network.enrol('care');
    const own = (await member.get(member.organization)).body;
    const renamed = await member.put(member.organization, {
      ...own,
      name: '新名称',
      telecom: [{ system: 'phone', value: '1' }],
    });
    expect(renamed.status).toBe(200);
    for (const more of [
      { type: [{ coding: [{ system: KIND, code: 'cooperating-hospital' }] }] },
      { type: undefined },
      { active: false },
    ]) {
      const reply = await member.put(member.organization, { ...own, ...more });
      expect(reply.status).toBe(422);
      expect(issue(reply).expression).toEqual(['Organization.type']);
    }
    expect((await member.get(member.organization)).body).toMatchObject({ name: '新名称', active: true });
  });

  it('becomes another kind by the operator, for the next request', async () => {
    const member = await world.network.enrol('medical');
    const ct = await member.create({ resourceType: 'HealthcareService', name: 'CT' });
    const schedule = { resourceType: 'Schedule', actor: [{ reference: `HealthcareService/${ct.id}` }] };
    expect((await member.post('Schedule', schedule)).status).toBe(403);
    const own = (await operator.get(member.organization)).body;
    const promoted = { ...own, type: institution('cooperating-hospital').type };
    expect((await operator.put(member.organization, promoted)).status).toBe(200);
    expect((await member.post('Schedule', schedule)).status).toBe(201);
  });

  it('whose activity the operator ends is shut out at once, with the tokens that it has, until it begins again', async () => {
    const member = await world.network.enrol('medical');
    const token = await member.token();
    const authorization = `Bearer ${token}`;
    expect((await world.server.fhir('/Patient', { headers: { authorization } })).status).toBe(200);
    const own = (await operator.get(member.organization)).body;
    expect((await operator.put(member.organization, { ...own, active: false })).status).toBe(200);
    expect((await world.server.fhir('/Patient', { headers: { authorization } })).status).toBe(401);
    await expect(member.at(world.server).get('Patient')).rejects.toThrow();
    expect((await operator.put(member.organization, { ...own, active: true })).status).toBe(200);
    expect((await member.at(world.server).get('Patient')).status).toBe(200);
  });

  it('is not deleted, by the operator or itself', async () => {
    for (const member of [operator, clinic]) {
      const reply = await member.send('DELETE', clinic.organization);
      expect(reply.status).toBe(422);
      expect(issue(reply).diagnostics).toContain('active');
    }
    expect((await clinic.get(clinic.organization)).status).toBe(200);
  });

  it('is not made by a hospital: its Organization is an entry of its directory', async () => {
    const department = await hospital.create(institution('medical', { name: '放射線科' }));
    const reference = `Organization/${department.id}`;
    const reply = await operator.post(`${reference}/$register-client`, registration());
    expect(reply.status).toBe(422);
    const affiliation = await hospital.post('OrganizationAffiliation', affiliated(hospital.organization, reference));
    expect(affiliation.status).toBe(422);
    expect((await hospital.send('DELETE', reference)).status).toBe(204);
  });

  it('does not become one when the operator corrects the entry', async () => {
    const department = await hospital.create({ resourceType: 'Organization', name: '栄養科' });
    const reference = `Organization/${department.id}`;
    expect(
      (await operator.put(reference, { ...department, ...institution('medical'), id: department.id })).status,
    ).toBe(200);
    expect((await operator.post(`${reference}/$register-client`, registration())).status).toBe(422);
  });
});

const affiliated = (
  organization: string,
  member: string,
  services: readonly unknown[] = ['timeline'],
  more: object = {},
) => ({
  resourceType: 'OrganizationAffiliation',
  active: true,
  organization: { reference: organization },
  participatingOrganization: { reference: member },
  code: services.map((code) => ({ coding: [{ system: SERVICE, code }] })),
  ...more,
});

describe('a hospital registers', () => {
  const register = (...args: Parameters<typeof affiliated>) =>
    hospital.post('OrganizationAffiliation', affiliated(...args));

  it('an institution that it cannot see yet, and both see each other then', async () => {
    const member = await world.network.enrol('care');
    expect((await hospital.get(member.organization)).status).toBe(404);
    expect((await register(hospital.organization, member.organization)).status).toBe(201);
    expect((await hospital.get(member.organization)).status).toBe(200);
    expect((await member.get(hospital.organization)).status).toBe(200);
    expect((await member.get(clinic.organization)).status).toBe(200);
    expect((await stranger.get(member.organization)).status).toBe(404);
  });

  it('members of its own network only', async () => {
    for (const other of [stranger.organization, clinic.organization]) {
      const reply = await register(other, clinic.organization);
      expect(reply.status).toBe(422);
    }
    const { body } = await hospital.get(`OrganizationAffiliation?participating-organization=${clinic.organization}`);
    const [{ resource }] = body.entry;
    const moved = { ...resource, organization: { reference: clinic.organization } };
    expect((await hospital.put(`OrganizationAffiliation/${resource.id}`, moved)).status).toBe(422);
  });

  it('others than itself, and institutions that exist', async () => {
    for (const member of [hospital.organization, 'Organization/nowhere']) {
      expect((await register(hospital.organization, member)).status).toBe(422);
    }
  });

  it.each(['care', 'health', 'municipality'] as Kind[])(
    '%s institutions, but not for medical cooperation',
    async (kind) => {
      const { organization } = await world.network.enrol(kind);
      const refused = await register(hospital.organization, organization, ['timeline', 'medical-cooperation']);
      expect(refused.status).toBe(422);
      expect(issue(refused)).toMatchObject({ expression: ['OrganizationAffiliation.code'] });
      expect((await register(hospital.organization, organization, ['care-cooperation', 'timeline'])).status).toBe(201);
    },
  );

  it('another hospital for medical cooperation', async () => {
    const other = await world.network.enrol('cooperating-hospital');
    expect((await register(hospital.organization, other.organization, ['medical-cooperation'])).status).toBe(201);
  });

  it.each([
    ['no service', []],
    ['a service that there is not', ['billing']],
    ['one of several', ['timeline', 'billing']],
    ['a service without a code', [undefined]],
  ])('nobody for %s', async (_, services) => {
    const reply = await register(
      hospital.organization,
      clinic.organization,
      services,
      services.length ? {} : { code: undefined },
    );
    expect(reply.status).toBe(422);
  });

  it('and nobody else does', async () => {
    for (const member of [clinic, operator]) {
      const reply = await member.post(
        'OrganizationAffiliation',
        affiliated(member.organization, stranger.organization),
      );
      expect(reply.status).toBe(403);
    }
  });
});

describe('an affiliation', () => {
  const DAY = 86_400_000;
  const day = (days: number) => new Date(Date.now() + days * DAY).toISOString();

  async function joined(services: readonly Cooperation[] = ['medical-cooperation', 'timeline']) {
    const member = await world.network.enrol('medical');
    const affiliation = await world.network.affiliate(hospital, member, services);
    const update = (more: object) =>
      hospital.put(`OrganizationAffiliation/${affiliation.id}`, { ...affiliation, ...more });
    const sees = async () => (await member.get(hospital.organization)).status === 200;
    return { member, affiliation, update, sees };
  }

  it.each([
    ['active false', { active: false }],
    ['a period that is over', { period: { end: day(-1) } }],
    ['a period that has not begun', { period: { start: day(1) } }],
    ['an end before all time', { period: { end: '0001' } }],
    ['a beginning after all time', { period: { start: '9999-12-31T23:59:59-14:00' } }],
    ['an hour that is over', { period: { start: day(-30), end: new Date(Date.now() - 5000).toISOString() } }],
  ])('ends with %s, for the very next request, and comes back', async (_, more) => {
    const { update, sees } = await joined();
    expect(await sees()).toBe(true);
    expect((await update(more)).status).toBe(200);
    expect(await sees()).toBe(false);
    expect((await update({ period: { start: '0001', end: '9999-12-31T23:59:59-14:00' } })).status).toBe(200);
    expect(await sees()).toBe(true);
    expect((await update({ period: { start: day(-2), end: day(2) } })).status).toBe(200);
    expect(await sees()).toBe(true);
  });

  it('has not the operator for a member, whose directory would be open then', async () => {
    const reply = await hospital.post('OrganizationAffiliation', {
      ...affiliated(hospital.organization, 'Organization/operator', ['timeline']),
    });
    expect([reply.status, reply.body.issue[0].expression]).toEqual([
      422,
      ['OrganizationAffiliation.participatingOrganization'],
    ]);
  });

  it('ends when it is deleted', async () => {
    const { affiliation, sees } = await joined();
    expect((await hospital.send('DELETE', `OrganizationAffiliation/${affiliation.id}`)).status).toBe(204);
    expect(await sees()).toBe(false);
  });

  it('covers the whole of its last day in Tokyo', async () => {
    const { update, sees } = await joined();
    const tokyo = new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 10);
    await update({ period: { start: tokyo, end: tokyo } });
    expect(await sees()).toBe(true);
  });

  it('opens the schedule for medical cooperation alone', async () => {
    const { member, update } = await joined(['medical-cooperation']);
    const ct = await hospital.create({ resourceType: 'HealthcareService', name: 'CT' });
    const actor = [{ reference: `HealthcareService/${ct.id}` }];
    const schedule = await hospital.create({ resourceType: 'Schedule', actor });
    const status = async () => (await member.get(`Schedule/${schedule.id}`)).status;
    expect(await status()).toBe(200);
    await update({ code: affiliated('', '', ['timeline', 'care-cooperation']).code });
    expect(await status()).toBe(404);
  });

  it('is seen, and not changed, by the member', async () => {
    const { member, affiliation } = await joined();
    expect((await member.get(`OrganizationAffiliation/${affiliation.id}`)).status).toBe(200);
    expect((await member.put(`OrganizationAffiliation/${affiliation.id}`, affiliation)).status).toBe(403);
    expect((await member.send('DELETE', `OrganizationAffiliation/${affiliation.id}`)).status).toBe(403);
    expect((await stranger.get(`OrganizationAffiliation/${affiliation.id}`)).status).toBe(404);
    expect((await stranger.send('DELETE', `OrganizationAffiliation/${affiliation.id}`)).status).toBe(404);
  });

  it('is not replaced by another member behind the first one’s back', async () => {
    const { member, affiliation, sees } = await joined();
    const next = await world.network.enrol('medical');
    const moved = { ...affiliation, participatingOrganization: { reference: next.organization } };
    expect((await hospital.put(`OrganizationAffiliation/${affiliation.id}`, moved)).status).toBe(200);
    expect(await sees()).toBe(false);
    expect((await next.get(hospital.organization)).status).toBe(200);
    expect((await member.get(next.organization)).status).toBe(404);
  });
});

function keys(curve = 'P-384'): { publicJwk: object; privateJwk: object } {
  const pair = generateKeyPairSync('ec', { namedCurve: curve });
  const jwk = (key: typeof pair.publicKey) => ({ ...key.export({ format: 'jwk' }), kid: 'k' });
  return { publicJwk: jwk(pair.publicKey), privateJwk: jwk(pair.privateKey as never) };
}

function registration(more: Record<string, unknown> = {}) {
  const values = {
    name: 'A system',
    jwks: JSON.stringify({ keys: [keys().publicJwk] }),
    scope: 'system/*.rs',
    ...more,
  };
  return {
    resourceType: 'Parameters',
    parameter: Object.entries(values).flatMap(([name, valueString]) =>
      valueString === undefined ? [] : [{ name, valueString }],
    ),
  };
}

describe('$register-client', () => {
  const register = (more: Record<string, unknown>, member = operator, of = clinic.organization) =>
    member.post(`${of}/$register-client`, registration(more));

  it('answers the client’s id and where it gets its tokens', async () => {
    const { status, body } = await register({});
    expect(status).toBe(200);
    const [id, url] = body.parameter;
    expect(id).toEqual({ name: 'clientId', valueString: expect.stringMatching(/^[\w-]{8,}$/) });
    const discovery = await (await world.server.fhir('/.well-known/smart-configuration')).json();
    expect(url).toEqual({ name: 'tokenUrl', valueUri: (discovery as { token_endpoint: string }).token_endpoint });
  });

  it.each(['name', 'jwks', 'scope'])('needs %s', async (name) => {
    for (const value of [undefined, 7]) {
      const reply = await register({ [name]: value });
      expect(reply.status).toBe(400);
      expect(issue(reply)).toMatchObject({ code: 'required', expression: [`Parameters.parameter('${name}')`] });
    }
  });

  it.each([
    ['an empty name', { name: '' }],
    ['a name that is too long', { name: 'x'.repeat(201) }],
    ['keys that are no JSON', { jwks: '{' }],
    ['no keys', { jwks: '{"keys":[]}' }],
    ['a private key', { jwks: JSON.stringify({ keys: [keys().privateJwk] }) }],
    ['a curve that is not allowed', { jwks: JSON.stringify({ keys: [keys('P-256').publicJwk] }) }],
    ['a shared secret', { jwks: JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'k' }] }) }],
    ['no scope', { scope: '' }],
    ['a scope of another grammar', { scope: 'system:Patient.read' }],
    ['letters out of order', { scope: 'system/Patient.dus' }],
    ['a scope of users', { scope: 'user/*.rs' }],
    ['one good scope and one bad', { scope: 'system/*.rs system/Foo.rs' }],
  ])('refuses %s, and never repeats a key', async (_, more) => {
    const reply = await register(more);
    expect([400, 422]).toContain(reply.status);
    const { d } = keys().privateJwk as { d: string };
    expect(reply.text).not.toContain(d);
    expect(reply.text).not.toContain('c2VjcmV0');
  });

  it('is the operator’s', async () => {
    for (const member of [hospital, clinic]) expect((await register({}, member, member.organization)).status).toBe(403);
  });

  it('registers for institutions that exist', async () => {
    expect((await register({}, operator, 'Organization/nowhere')).status).toBe(422);
    expect((await register({}, operator, 'Patient/x')).status).toBe(404);
  });

  it('gives no more than was registered', async () => {
    const reader = await world.network.client(clinic, 'system/Patient.rs');
    expect((await reader.get('Patient')).status).toBe(200);
    expect((await reader.get('Observation')).status).toBe(403);
    expect((await reader.post('Patient', { resourceType: 'Patient' })).status).toBe(403);
    expect((await operator.get(`Organization/${idOf(clinic)}`)).status).toBe(200);
  });
});
