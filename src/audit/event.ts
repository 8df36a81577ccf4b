import type { AuditRecord } from '../store/audit-search.ts';

/**
 * AuditEvents as IHE BALP has them (https://profiles.ihe.net/ITI/BALP/), rendered from the compact rows of the audit.
 * `interaction` decides type, subtype, action and who is client and who is server of the transfer.
 */
interface Kind {
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  readonly type: Coding;
  readonly subtype: Coding;
  readonly client: Coding;
  readonly server: Coding;
  readonly user: string;
  readonly profile: string;
  readonly role: string;
}

interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

const AUDIT = 'http://terminology.hl7.org/CodeSystem/audit-event-type';
const RESTFUL = 'http://hl7.org/fhir/restful-interaction';
const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const BALP_ENTITY = 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType';
const ENTITY = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const ROLE = 'http://terminology.hl7.org/CodeSystem/object-role';
const TASUKI = 'https://tasuki.example/fhir/CodeSystem/audit-event';

const SOURCE: Coding = { system: DCM, code: '110153', display: 'Source Role ID' };
const DESTINATION: Coding = { system: DCM, code: '110152', display: 'Destination Role ID' };
const APPLICATION: Coding = { system: DCM, code: '110150', display: 'Application' };
const CUSTODIAN: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
  code: 'custodian',
  display: 'Custodian',
};
const REST: Coding = { system: AUDIT, code: 'rest', display: 'RESTful Operation' };

const rest = (
  code: string,
  action: Kind['action'],
  client: Coding,
  server: Coding,
  user: string,
  profile: string,
  role: string,
): Kind => ({
  action,
  type: REST,
  subtype: { system: RESTFUL, code },
  client,
  server,
  user,
  profile,
  role,
});

const read = (code: string) => rest(code, 'R', DESTINATION, SOURCE, 'IRCP', 'Read', '4');
const KINDS: Readonly<Record<string, Kind>> = {
  read: read('read'),
  vread: read('vread'),
  'history-instance': read('history-instance'),
  create: rest('create', 'C', SOURCE, DESTINATION, 'AUT', 'Create', '4'),
  update: rest('update', 'U', SOURCE, DESTINATION, 'AUT', 'Update', '4'),
  delete: rest('delete', 'D', APPLICATION, CUSTODIAN, 'CST', 'Delete', '4'),
  'search-type': rest('search-type', 'E', SOURCE, DESTINATION, 'IRCP', 'Query', '24'),
  operation: rest('operation', 'E', SOURCE, DESTINATION, 'IRCP', 'Query', '24'),
};

/** Decisions on consent, issue of keycodes and tokens: BALP's authorization and token events. */
function decision(interaction: string): Kind {
  if (interaction === 'issue-token') {
    return {
      action: 'E',
      type: { system: DCM, code: '110114', display: 'User Authentication' },
      subtype: { system: 'urn:ihe:event-type-code', code: 'ITI-71' },
      client: APPLICATION,
      server: SOURCE,
      user: 'IRCP',
      profile: 'OAUTHaccessTokenUse',
      role: '4',
    };
  }
  return {
    action: 'E',
    type: { system: DCM, code: '110113', display: 'Security Alert' },
    subtype: {
      system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType',
      code: 'AuthZ-Consent',
      display: interaction,
    },
    client: APPLICATION,
    server: SOURCE,
    user: 'IRCP',
    profile: 'AuthZconsent',
    role: '4',
  };
}

/** One AuditEvent. `baseUrl` names the server as its own observer. */
export function auditEvent(record: AuditRecord, baseUrl: string): object {
  const kind = KINDS[record.interaction] ?? decision(record.interaction);
  const patient = record.patientId ? 'Patient' : '';
  const at = new Date(record.at).toISOString();
  const entity = entities(record, kind);
  return {
    resourceType: 'AuditEvent',
    id: record.id,
    meta: {
      versionId: '1',
      lastUpdated: at,
      profile: [
        `https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.${KINDS[record.interaction] ? patient : ''}${kind.profile}`,
      ],
    },
    type: kind.type,
    subtype: [kind.subtype, ...(KINDS[record.interaction] ? [] : [{ system: TASUKI, code: record.interaction }])],
    action: kind.action,
    recorded: at,
    outcome: String(record.outcome),
    agent: agents(record, kind, baseUrl),
    source: {
      observer: { display: 'Tasuki' },
      site: baseUrl,
      type: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
          code: '4',
          display: 'Application Server',
        },
      ],
    },
    ...(entity.length > 0 && { entity }),
  };
}

function agents(record: AuditRecord, kind: Kind, baseUrl: string): object[] {
  const purpose = record.purpose
    ? {
        purposeOfUse: [
          { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: record.purpose }] },
        ],
      }
    : {};
  const who = record.organizationId
    ? { reference: `Organization/${record.organizationId}`, display: record.organizationName }
    : { display: record.organization === null ? 'Tasuki' : 'unknown' };
  return [
    { type: { coding: [kind.client] }, who: { identifier: { value: record.client ?? 'system' } }, requestor: false },
    {
      type: { coding: [kind.server] },
      who: { display: 'Tasuki' },
      requestor: false,
      network: { address: baseUrl, type: '5' },
    },
    { type: { coding: [{ system: PARTICIPATION, code: kind.user }] }, who, requestor: true, ...purpose },
  ];
}

function entities(record: AuditRecord, kind: Kind): object[] {
  const list: object[] = [];
  if (record.request)
    list.push({ what: { identifier: { value: record.request } }, type: { system: BALP_ENTITY, code: 'XrequestId' } });
  if (record.patientId) {
    list.push({
      what: { reference: `Patient/${record.patientId}` },
      type: { system: ENTITY, code: '1', display: 'Person' },
      role: { system: ROLE, code: '1', display: 'Patient' },
    });
  }
  if (record.type && record.resourceId) {
    const version = record.version ? `/_history/${record.version}` : '';
    list.push({
      what: { reference: `${record.type}/${record.resourceId}${version}` },
      type: { system: ENTITY, code: '2', display: 'System Object' },
      role: { system: ROLE, code: kind.role === '24' ? '3' : kind.role },
    });
  }
  const detail = record.detail ? `${record.interaction === 'operation' ? '/' : '?'}${record.detail}` : '';
  const text = `${record.type ?? ''}${detail}`;
  if (kind.role === '24' && text) {
    list.push({
      type: { system: ENTITY, code: '2', display: 'System Object' },
      role: { system: ROLE, code: '24', display: 'Query' },
      description: text,
      query: Buffer.from(text).toString('base64'),
    });
  }
  return list;
}
