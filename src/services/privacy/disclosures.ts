import { isOperator } from '../../access/administers.ts';
import { Asked } from '../../fhir/asked.ts';
import { auditOfSearch } from '../../fhir/audit.ts';
import type { Operation } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { type DisclosureRecord, disclosures } from '../../store/disclosure.ts';
import { CSV, CSV_HEADERS, csv } from './csv.ts';
import { GROUNDS, type Ground } from './grounds.ts';

const HEADER = {
  ja: [
    '日時',
    '根拠',
    '開示先',
    '情報の種類',
    '目的',
    '法令等',
    '対象の機関',
    '対象の利用者',
    '申請者',
    '承認者',
    '非通知の期限',
    '番号',
  ],
  en: [
    'At',
    'Ground',
    'Recipient',
    'Classes',
    'Purpose',
    'Legal reference',
    'Institution',
    'Users',
    'Requester',
    'Approver',
    'Secret until',
    'Id',
  ],
} as const;

/** `$disclosures`: what was disclosed of users, for the operator and, but for what must be kept secret, for whom it concerns. */
export const disclosuresOperation: Operation = {
  name: 'disclosures',
  types: ['Practitioner'],
  level: 'system',
  methods: ['GET', 'POST'],
  kinds: [],
  permission: 'r',
  gives: [CSV],
  documentation:
    'Disclosures of users’ personal information that concern the caller, newest first, also as text/csv. In: institution, from, to, limit. Out: disclosure*.',
  run: async ({ engine, access, body, query, wants, language }) => {
    if (access.caller?.kind === 'operator' && !isOperator(access))
      throw refuse.forbidden('The operator’s disclosures are for people with the role operator');
    const asked = new Asked('disclosures', body, query, ['institution', 'from', 'to', 'limit']);
    const [id] = asked.references('institution', 'Organization');
    const now = engine.now();
    const found = await disclosures(access, engine.database, {
      institution: id === undefined ? null : engine.keys.rid('Organization', id),
      from: asked.time('from', engine.zone)?.low ?? 0,
      to: (asked.time('to', engine.zone)?.high ?? now) + 1,
      today: new Intl.DateTimeFormat('sv-SE', { timeZone: engine.zone }).format(now),
      limit: asked.integer('limit', 1, 10_000) ?? 1000,
    });
    await engine.audits.add(auditOfSearch(access, now, 'operation', 'Practitioner', '$disclosures', []));
    const operator = access.caller?.kind === 'operator';
    if (wants === CSV) {
      const ground = (code: string) => `${GROUNDS[code as Ground].number} ${GROUNDS[code as Ground][language]}`;
      const rows = found.map((one) => rowOf(one, ground(one.ground)));
      return { status: 200, body: csv(HEADER[language], rows), headers: CSV_HEADERS };
    }
    return {
      status: 200,
      body: {
        resourceType: 'Parameters',
        ...(found.length > 0 && {
          parameter: found.map((one) => ({ name: 'disclosure', part: partsOf(one, operator) })),
        }),
      },
    };
  },
};

const iso = (at: number) => new Date(at).toISOString();

const rowOf = (one: DisclosureRecord, ground: string) => [
  iso(one.at),
  ground,
  one.recipient,
  one.classes.join(' '),
  one.purpose,
  one.legalReference,
  one.institutionName,
  one.persons.join(' '),
  one.requesterName,
  one.approverName,
  one.secretUntil,
  one.id,
];

const partsOf = (one: DisclosureRecord, operator: boolean) => [
  { name: 'id', valueUuid: `urn:uuid:${one.id}` },
  { name: 'at', valueInstant: iso(one.at) },
  { name: 'ground', valueCode: one.ground },
  { name: 'recipient', valueString: one.recipient },
  ...one.classes.map((valueCode) => ({ name: 'class', valueCode })),
  { name: 'purpose', valueString: one.purpose },
  ...(one.legalReference === null ? [] : [{ name: 'legalReference', valueString: one.legalReference }]),
  ...(one.institutionId === null
    ? []
    : [
        {
          name: 'institution',
          valueReference: { reference: `Organization/${one.institutionId}`, display: one.institutionName },
        },
      ]),
  ...one.persons.map((id) => ({ name: 'person', valueUuid: `urn:uuid:${id}` })),
  { name: 'requester', valueString: one.requesterName },
  { name: 'approver', valueString: one.approverName },
  ...(operator && one.secretUntil !== null ? [{ name: 'secretUntil', valueString: one.secretUntil }] : []),
];
