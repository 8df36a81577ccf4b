import { auditEvent } from '../../audit/event.ts';
import { refuse } from '../../http/errors.ts';
import { type AuditQuery, type AuditRecord, countAudit, searchAudit as searchStore } from '../../store/audit-search.ts';
import { auditOfSearch } from '../audit.ts';
import { bundle } from '../bundle.ts';
import { seal, unseal } from '../cursor.ts';
import type { Answer, Engine } from '../engine.ts';
import { interval } from '../indexing/date.ts';
import { parseReference } from '../indexing/reference.ts';
import { permitType } from '../permit.ts';
import type { FhirRequest } from '../request.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  C: ['create'],
  R: ['read', 'vread', 'history-instance'],
  U: ['update'],
  D: ['delete'],
  E: [
    'search-type',
    'operation',
    'issue-token',
    'issue-keycode',
    'redeem-keycode',
    'refuse-keycode',
    'withdraw-consent',
  ],
};
/** What an AuditEvent can be searched by. */
export const AUDIT_PARAMETERS: readonly { readonly name: string; readonly type: string }[] = [
  { name: '_id', type: 'token' },
  { name: 'patient', type: 'reference' },
  { name: 'agent', type: 'reference' },
  { name: 'entity', type: 'reference' },
  { name: 'action', type: 'token' },
  { name: 'subtype', type: 'token' },
  { name: 'outcome', type: 'token' },
  { name: 'date', type: 'date' },
];

export async function readAudit(request: FhirRequest, id: string): Promise<Answer> {
  permitType(request.access, 'AuditEvent', 'read');
  const { engine, access } = request;
  const [record] = UUID.test(id)
    ? await searchStore(access, engine.database, { ids: [id], newestFirst: true, limit: 1 })
    : [];
  if (!record) throw refuse.notFound();
  return { status: 200, body: auditEvent(record, engine.baseUrl) };
}

/** Search of AuditEvents, which are rendered from the audit's rows. The look into the audit is itself recorded. */
export async function searchAudit(
  request: FhirRequest,
  query: readonly (readonly [string, string])[],
): Promise<Answer> {
  const { engine, access } = request;
  const asked = parse(engine, query);
  const self = query
    .filter(([name]) => name !== '_cursor')
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  const position = asked.cursor === undefined ? undefined : unseal(engine, access, `AuditEvent?${self}`, asked.cursor);
  const after = position && { at: Number(position[0]), id: String(position[1]) };
  const found =
    asked.count === 0
      ? []
      : await searchStore(access, engine.database, { ...asked.query, limit: asked.count + 1, ...(after && { after }) });
  const more = found.length > asked.count && found.pop() !== undefined;
  const total =
    asked.total || asked.count === 0
      ? await countAudit(access, engine.database, asked.query)
      : !more && !after
        ? found.length
        : undefined;
  const patients = found.map((record) => ({ patient: record.patient, patients: null }));
  await engine.audits.add(auditOfSearch(access, engine.now(), 'search-type', 'AuditEvent', self, patients));
  return {
    status: 200,
    body: auditBundle(
      engine,
      found,
      total,
      self,
      more ? seal(engine, access, `AuditEvent?${self}`, positionOf(found)) : undefined,
    ),
  };
}

const positionOf = (found: readonly AuditRecord[]) => [found.at(-1)?.at ?? 0, found.at(-1)?.id ?? ''];

export function auditBundle(
  engine: Engine,
  found: readonly AuditRecord[],
  total: number | undefined,
  self: string,
  next: string | undefined,
): Buffer {
  const url = `${engine.baseUrl}/fhir/AuditEvent${self ? `?${self}` : ''}`;
  const link = [
    { relation: 'self', url },
    ...(next ? [{ relation: 'next', url: `${url}${self ? '&' : '?'}_cursor=${next}` }] : []),
  ];
  const entry = found.map((record) => ({
    fullUrl: `${engine.baseUrl}/fhir/AuditEvent/${record.id}`,
    search: { mode: 'match' as const },
    resource: auditEvent(record, engine.baseUrl),
  }));
  return bundle({ type: 'searchset', timestamp: engine.now(), total, link, entry });
}

interface Asked {
  readonly query: AuditQuery;
  readonly count: number;
  readonly total: boolean;
  readonly cursor: string | undefined;
}

function parse(engine: Engine, pairs: readonly (readonly [string, string])[]): Asked {
  const query: { -readonly [K in keyof AuditQuery]: AuditQuery[K] } = { newestFirst: true, limit: 0 };
  let count = 20;
  let total = false;
  let cursor: string | undefined;
  for (const [name, value] of pairs) {
    if (value === '') throw refuse.badRequest(`${name} has no value`, undefined, 'value');
    const values = value.split(',');
    switch (name) {
      case '_id':
        query.ids = values.filter((id) => UUID.test(id));
        break;
      case 'patient':
        query.patients = values.map((text) => ridOf(engine, text, 'Patient'));
        break;
      case 'agent':
        query.organizations = values.map((text) => ridOf(engine, text, 'Organization'));
        break;
      case 'entity':
        query.resources = values.map((text) => ridOf(engine, text, undefined));
        break;
      case 'action':
        query.interactions = values.flatMap((code) => ACTIONS[code.split('|').at(-1) ?? ''] ?? []);
        break;
      case 'subtype':
        query.interactions = values.map((code) => code.split('|').at(-1) ?? '');
        break;
      case 'outcome':
        query.outcomes = values
          .map((code) => Number(code.split('|').at(-1)))
          .filter((code) => [0, 4, 8].includes(code));
        break;
      case 'date':
        query.at = [
          ...(query.at ?? [[]]).flatMap((all) =>
            values.flatMap((text) => dateTest(engine, text).map((more) => [...all, ...more])),
          ),
        ];
        break;
      case '_sort':
        if (value !== 'date' && value !== '-date')
          throw refuse.badRequest('AuditEvent is sorted by date or -date', undefined, 'not-supported');
        query.newestFirst = value === '-date';
        break;
      case '_count':
        count = natural(value);
        break;
      case '_summary':
        if (value !== 'count')
          throw refuse.badRequest('_summary=count is what is offered here', undefined, 'not-supported');
        count = 0;
        break;
      case '_total':
        total = value === 'accurate';
        break;
      case '_cursor':
        cursor = value;
        break;
      case '_format':
        break;
      default:
        throw refuse.badRequest(
          `AuditEvent has no search parameter ${name.slice(0, 64)}; it has ${AUDIT_PARAMETERS.map((p) => p.name).join(', ')}`,
          undefined,
          'not-supported',
        );
    }
  }
  return { query, count, total, cursor };
}

function natural(text: string): number {
  if (!/^[0-9]{1,6}$/.test(text)) throw refuse.badRequest('_count must be a whole number', undefined, 'value');
  return Math.min(Number(text), 1000);
}

function ridOf(engine: Engine, text: string, type: string | undefined): bigint {
  const reference = parseReference(text.includes('/') || type === undefined ? text : `${type}/${text}`, engine.baseUrl);
  if (!reference || (type && reference.type !== type))
    throw refuse.badRequest(`${text.slice(0, 100)} is not a reference to ${type ?? 'a resource'}`, undefined, 'value');
  return engine.keys.rid(reference.type, reference.id);
}

type Ranges = { op: '<' | '<=' | '>' | '>='; value: number }[][];

/** Recording times are instants: within the value's precision, before it, after it. */
function dateTest(engine: Engine, text: string): Ranges {
  const match = /^(eq|ne|gt|ge|lt|le|sa|eb)?(\d.*)$/.exec(text);
  const bounds = match?.[2] === undefined ? undefined : interval(match[2], engine.zone);
  if (!match || !bounds) throw refuse.badRequest(`${text.slice(0, 64)} is not a date`, undefined, 'value');
  const { low, high } = bounds;
  switch (match[1] ?? 'eq') {
    case 'ne':
      return [[{ op: '<', value: low }], [{ op: '>', value: high }]];
    case 'gt':
    case 'sa':
      return [[{ op: '>', value: high }]];
    case 'ge':
      return [[{ op: '>=', value: low }]];
    case 'lt':
    case 'eb':
      return [[{ op: '<', value: low }]];
    case 'le':
      return [[{ op: '<=', value: high }]];
    default:
      return [
        [
          { op: '>=', value: low },
          { op: '<=', value: high },
        ],
      ];
  }
}
