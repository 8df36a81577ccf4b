import fc from 'fast-check';
import { auditEvent } from '../../src/audit/event.ts';
import { validate } from '../../src/fhir/validation/index.ts';
import type { AuditRecord } from '../../src/store/audit-search.ts';

const AT = Date.parse('2026-05-01T03:04:05.678Z');
const BASE = 'https://tasuki.example';
const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';

const record = (interaction: string, more: Partial<AuditRecord> = {}): AuditRecord => ({
  id: '018f0000-0000-7000-8000-000000000001',
  at: AT,
  interaction,
  organization: 1n,
  organizationId: 'hospital',
  organizationName: 'みなと総合病院',
  person: null,
  personName: null,
  practitionerId: null,
  roles: null,
  client: 'client-1',
  purpose: 'TREAT',
  patient: 2n,
  patientId: 'p',
  type: 'Observation',
  resource: 3n,
  resourceId: 'o',
  version: 4,
  outcome: 0,
  request: 'request-1',
  detail: null,
  ...more,
});

interface Coding {
  readonly system: string;
  readonly code: string;
}
interface Entity {
  readonly what?: { readonly reference?: string; readonly identifier?: { readonly value: string } };
  readonly type: Coding;
  readonly role?: Coding;
  readonly query?: string;
  readonly description?: string;
}
interface Event {
  readonly meta: { readonly profile: readonly string[]; readonly lastUpdated: string };
  readonly type: Coding;
  readonly subtype: readonly Coding[];
  readonly action: string;
  readonly recorded: string;
  readonly outcome: string;
  readonly agent: readonly {
    readonly type: { readonly coding: readonly Coding[] };
    readonly who: {
      readonly reference?: string;
      readonly display?: string;
      readonly identifier?: { readonly value: string };
    };
    readonly requestor: boolean;
    readonly purposeOfUse?: readonly { readonly coding: readonly Coding[] }[];
    readonly network?: { readonly address: string };
  }[];
  readonly entity?: readonly Entity[];
}
const rendered = (interaction: string, more?: Partial<AuditRecord>) =>
  auditEvent(record(interaction, more), BASE) as Event;
const profile = (name: string) => `https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.${name}`;
const entityOf = (event: Event, code: string) => event.entity?.find(({ role }) => role?.code === code);

/** BALP: who is client, server and user of each transfer. */
const TABLE = [
  ['read', 'R', 'Read', '110152', '110153', 'IRCP'],
  ['vread', 'R', 'Read', '110152', '110153', 'IRCP'],
  ['history-instance', 'R', 'Read', '110152', '110153', 'IRCP'],
  ['create', 'C', 'Create', '110153', '110152', 'AUT'],
  ['update', 'U', 'Update', '110153', '110152', 'AUT'],
  ['delete', 'D', 'Delete', '110150', 'custodian', 'CST'],
  ['search-type', 'E', 'Query', '110153', '110152', 'IRCP'],
  ['operation', 'E', 'Query', '110153', '110152', 'IRCP'],
] as const;

describe.each(TABLE)('the AuditEvent of a %s', (interaction, action, name, client, server, user) => {
  it('has the type, subtype and action of BALP', () => {
    expect(rendered(interaction)).toMatchObject({
      resourceType: 'AuditEvent',
      id: '018f0000-0000-7000-8000-000000000001',
      type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
      subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: interaction }],
      action,
      recorded: '2026-05-01T03:04:05.678Z',
      outcome: '0',
    });
  });

  it('names client, server and user by their roles', () => {
    const { agent } = rendered(interaction);
    expect(agent.map(({ type, requestor }) => [type.coding[0]?.code, requestor])).toEqual([
      [client, false],
      [server, false],
      [user, true],
    ]);
    expect(agent[2]?.type.coding[0]?.system).toBe(PARTICIPATION);
    expect(agent[0]?.who.identifier?.value).toBe('client-1');
    expect(agent[1]?.network?.address).toBe(BASE);
    expect(agent[2]?.who).toEqual({ reference: 'Organization/hospital', display: 'みなと総合病院' });
  });

  it('claims the patient’s profile only where there is one', () => {
    expect(rendered(interaction).meta.profile).toEqual([profile(`Patient${name}`)]);
    expect(rendered(interaction, { patient: null, patientId: null }).meta.profile).toEqual([profile(name)]);
  });

  it('is a valid AuditEvent of R4', () => {
    for (const more of [
      {},
      { patientId: null, patient: null },
      { resourceId: null, type: null },
      { purpose: null, client: null, request: null },
    ])
      expect(validate(rendered(interaction, more)).issues).toEqual([]);
  });

  it('names the request, the patient and the resource with its version', () => {
    const event = rendered(interaction);
    expect(event.entity?.find(({ type }) => type.code === 'XrequestId')?.what?.identifier?.value).toBe('request-1');
    expect(entityOf(event, '1')?.what?.reference).toBe('Patient/p');
    const data = entityOf(event, action === 'E' ? '3' : '4');
    expect(data?.what?.reference).toBe('Observation/o/_history/4');
  });
});

describe('a query', () => {
  it('holds what was asked, readable and in base64', () => {
    const event = rendered('search-type', { resourceId: null, resource: null, detail: 'name=山田&_count=10' });
    const query = entityOf(event, '24');
    expect(query?.description).toBe('Observation?name=山田&_count=10');
    expect(Buffer.from(query?.query ?? '', 'base64').toString()).toBe('Observation?name=山田&_count=10');
    expect(query).not.toHaveProperty('name');
  });

  it('without criteria is one of the whole type', () => {
    expect(entityOf(rendered('search-type', { detail: null }), '24')?.description).toBe('Observation');
  });

  it('of an operation is its address', () => {
    const event = rendered('operation', { type: 'Patient', detail: '$timeline?_type=Condition' });
    expect(entityOf(event, '24')?.description).toBe('Patient/$timeline?_type=Condition');
  });

  it('is in no other event', () => {
    for (const interaction of ['read', 'create', 'update', 'delete', 'issue-token', 'redeem-keycode'])
      expect(rendered(interaction, { detail: 'x' }).entity?.some(({ query }) => query !== undefined)).toBe(false);
  });
});

describe('a decision on consent', () => {
  it.each(['issue-keycode', 'redeem-keycode', 'refuse-keycode', 'withdraw-consent'])('%s', (interaction) => {
    const outcome = interaction === 'refuse-keycode' ? 4 : 0;
    const event = rendered(interaction, {
      type: 'Consent',
      resourceId: 'c',
      version: null,
      outcome,
      detail: 'a keycode id',
    });
    expect(event).toMatchObject({
      action: 'E',
      type: { system: DCM, code: '110113' },
      outcome: String(outcome),
      meta: { profile: [profile('AuthZconsent')] },
    });
    expect(event.subtype.map(({ code }) => code)).toEqual(['AuthZ-Consent', interaction]);
    expect(event.entity?.map(({ what }) => what?.reference).filter(Boolean)).toEqual(['Patient/p', 'Consent/c']);
    expect(JSON.stringify(event)).not.toContain('a keycode id');
    expect(validate(event).issues).toEqual([]);
  });
});

it('the issue of a token names the client and its institution, and no token', () => {
  const event = rendered('issue-token', {
    patient: null,
    patientId: null,
    type: null,
    resourceId: null,
    version: null,
    purpose: null,
    detail: 'system/*.rs',
  });
  expect(event).toMatchObject({
    type: { system: DCM, code: '110114' },
    subtype: [{ system: 'urn:ihe:event-type-code', code: 'ITI-71' }, { code: 'issue-token' }],
  });
  expect(event.agent[0]?.who.identifier?.value).toBe('client-1');
  expect(event.agent[2]).not.toHaveProperty('purposeOfUse');
  expect(validate(event).issues).toEqual([]);
});

it('what touched nothing that is named has no entities', () => {
  const event = rendered('issue-token', { patientId: null, type: null, resourceId: null, request: null });
  expect(event).not.toHaveProperty('entity');
});

describe('who acted', () => {
  it('is the system where no institution did', () => {
    const { agent } = rendered('update', {
      organization: null,
      organizationId: null,
      organizationName: null,
      client: null,
    });
    expect(agent[2]?.who).toEqual({ display: 'Tasuki' });
    expect(agent[0]?.who.identifier?.value).toBe('system');
  });

  it('is unknown where the institution is not registered', () => {
    const { agent } = rendered('read', { organizationId: null, organizationName: null });
    expect(agent[2]?.who).toEqual({ display: 'unknown' });
  });

  it.each(['TREAT', 'HPAYMT', 'HOPERAT', 'CAREMGT', 'PUBHLTH'])('says for what: %s', (purpose) => {
    expect(rendered('read', { purpose }).agent[2]?.purposeOfUse).toEqual([
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: purpose }] },
    ]);
  });
});

it('any row is rendered as a valid AuditEvent', () => {
  const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
  const id = fc.stringMatching(/^[A-Za-z0-9.-]{1,20}$/);
  const row = fc.record({
    interaction: fc.constantFrom(
      ...TABLE.map(([name]) => name),
      'issue-token',
      'issue-keycode',
      'redeem-keycode',
      'refuse-keycode',
      'withdraw-consent',
      'log-in',
      'log-in-refused',
      'log-out',
      'session-ended',
      'password-changed',
      'suspend',
      'lift',
      'contract-accepted',
      'disclosure',
      'erase-audit',
      'drop-audit',
      'terms-accepted',
      'something-new',
    ),
    at: fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2100-01-01') }),
    organizationId: nullable(id),
    person: nullable(fc.uuid()),
    personName: nullable(fc.constantFrom('山田 花子')),
    practitionerId: nullable(id),
    roles: nullable(fc.subarray(['physician', 'coordinator'])),
    client: nullable(id),
    purpose: nullable(fc.constantFrom('TREAT', 'HOPERAT')),
    patientId: nullable(id),
    type: nullable(fc.constantFrom('Observation', 'Consent', 'Patient')),
    resourceId: nullable(id),
    version: nullable(fc.integer({ min: 1, max: 1000 })),
    outcome: fc.constantFrom(0 as const, 4 as const, 8 as const),
    request: nullable(id),
    // What PostgreSQL stores and a URL holds: no control characters.
    detail: nullable(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== '')),
  });
  fc.assert(
    fc.property(row, ({ interaction, ...more }) => {
      const organizationName = more.organizationId === null ? null : '施設';
      expect(validate(rendered(interaction, { ...more, organizationName })).issues).toEqual([]);
    }),
  );
});

describe('a person', () => {
  const one = {
    person: '0190a1b2-0000-7000-8000-0000000000aa',
    personName: '山田 花子',
    practitionerId: 'pr',
    roles: ['coordinator'],
  };

  it('who acted is named with role and account, and the institution beside', () => {
    const { agent } = rendered('read', one) as unknown as { agent: Record<string, unknown>[] };
    expect(agent).toHaveLength(4);
    expect(agent[2]).toMatchObject({
      who: { reference: 'Practitioner/pr', display: '山田 花子' },
      altId: one.person,
      name: '山田 花子',
      requestor: true,
      role: [{ coding: [{ system: 'https://tasuki.example/fhir/CodeSystem/person-role', code: 'coordinator' }] }],
    });
    expect(agent[3]).toMatchObject({
      who: { reference: 'Organization/hospital' },
      requestor: false,
      type: { coding: [{ code: 'PROV' }] },
    });
    expect(agent.filter(({ requestor }) => requestor)).toHaveLength(1);
  });

  it('whose account is gone is told by its number', () => {
    const gone = { ...one, personName: null, practitionerId: null, roles: null };
    const event = rendered('read', gone);
    expect(event.agent[2]).toMatchObject({ who: { display: 'unknown' }, altId: one.person });
    expect(validate(event).issues).toEqual([]);
  });
});

describe('what is no interaction', () => {
  it.each([
    ['log-in', '110114', '110122', 'E'],
    ['log-in-refused', '110114', '110122', 'E'],
    ['log-out', '110114', '110123', 'E'],
    ['password-changed', '110113', '110137', 'U'],
    ['suspend', '110113', '110137', 'U'],
    ['rights-reviewed', '110113', '110136', 'U'],
    ['terminal-registered', '110113', '110129', 'U'],
    ['disclosure', '110106', 'disclose', 'R'],
    ['erase-audit', '110100', 'destroy', 'D'],
    ['contract-accepted', '110100', 'contract-accepted', 'E'],
    ['something-new', '110100', 'something-new', 'E'],
  ])('%s is told by its DICOM code', (word, type, subtype, action) => {
    const event = rendered(word, { detail: 'for people', patientId: null }) as unknown as Record<string, unknown>;
    expect(event).toMatchObject({ type: { code: type }, action, outcomeDesc: 'for people' });
    expect((event.subtype as { code: string }[])[0]?.code).toBe(subtype);
    expect((event.subtype as { code: string }[]).at(-1)?.code).toBe(word);
    expect(event.meta).not.toHaveProperty('profile');
    expect(validate(event).issues).toEqual([]);
  });
});
