import type { AuditRecord } from '../store/audit-search.ts';
import { type Kind, kindOf } from './kinds.ts';

/** AuditEvents as IHE BALP has them (https://profiles.ihe.net/ITI/BALP/), rendered from the compact rows of the audit. */

const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const BALP_ENTITY = 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType';
const ENTITY = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const ROLE = 'http://terminology.hl7.org/CodeSystem/object-role';
/** What a person is in an institution (access/roles.ts). */
const PERSON_ROLE = 'https://tasuki.example/fhir/CodeSystem/person-role';
const PROFILE = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.';

/** One AuditEvent. `baseUrl` names the server as its own observer. */
export function auditEvent(record: AuditRecord, baseUrl: string): object {
  const kind = kindOf(record.interaction);
  const at = new Date(record.at).toISOString();
  const entity = entities(record, kind);
  const profile = kind.profile && `${PROFILE}${kind.patient && record.patientId ? 'Patient' : ''}${kind.profile}`;
  return {
    resourceType: 'AuditEvent',
    id: record.id,
    meta: { versionId: '1', lastUpdated: at, ...(profile && { profile: [profile] }) },
    type: kind.type,
    subtype: kind.subtype,
    action: kind.action,
    recorded: at,
    outcome: String(record.outcome),
    ...(kind.told && record.detail && { outcomeDesc: record.detail }),
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
  const type = { coding: [{ system: PARTICIPATION, code: kind.user }] };
  const purpose = record.purpose
    ? {
        purposeOfUse: [
          { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: record.purpose }] },
        ],
      }
    : {};
  const organization = record.organizationId
    ? { reference: `Organization/${record.organizationId}`, display: record.organizationName }
    : { display: record.organization === null ? 'Tasuki' : 'unknown' };
  const transfer = [
    { type: { coding: [kind.client] }, who: { identifier: { value: record.client ?? 'system' } }, requestor: false },
    {
      type: { coding: [kind.server] },
      who: { display: 'Tasuki' },
      requestor: false,
      network: { address: baseUrl, type: '5' },
    },
  ];
  if (record.person === null) return [...transfer, { type, who: organization, requestor: true, ...purpose }];
  const { person, personName, practitionerId, roles } = record;
  const named = personName ? { display: personName } : { display: 'unknown' };
  const provider = { system: 'http://terminology.hl7.org/CodeSystem/v3-RoleClass', code: 'PROV' };
  return [
    ...transfer,
    {
      type,
      ...(roles && roles.length > 0 && { role: roles.map((code) => ({ coding: [{ system: PERSON_ROLE, code }] })) }),
      who: practitionerId ? { reference: `Practitioner/${practitionerId}`, ...named } : named,
      altId: person,
      ...(personName && { name: personName }),
      requestor: true,
      ...purpose,
    },
    { type: { coding: [provider] }, who: organization, requestor: false },
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
