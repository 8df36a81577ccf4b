import { auditEvent } from '../../audit/event.ts';
import { wordsOf } from '../../audit/kinds.ts';
import { refuse } from '../../http/errors.ts';
import {
  type AuditCriteria,
  type AuditQuery,
  type AuditRecord,
  countAudit,
  searchAudit as searchStore,
} from '../../store/audit-search.ts';
import { auditOfSearch } from '../audit.ts';
import { bundle } from '../bundle.ts';
import { seal, unseal } from '../cursor.ts';
import type { Answer, Engine } from '../engine.ts';
import { interval } from '../indexing/date.ts';
import { parseReference } from '../indexing/reference.ts';
import { permitType } from '../permit.ts';
import type { FhirRequest } from '../request.ts';
import { DEFAULT_LIMITS } from '../search/context.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** What an AuditEvent can be searched by. */
export const AUDIT_PARAMETERS: readonly { readonly name: string; readonly type: string }[] = [
  { name: '_id', type: 'token' },
  { name: 'patient', type: 'reference' },
  { name: 'agent', type: 'reference' },
  { name: 'entity', type: 'reference' },
  { name: 'altid', type: 'token' },
  { name: 'action', type: 'token' },
  { name: 'type', type: 'token' },
  { name: 'subtype', type: 'token' },
  { name: 'outcome', type: 'token' },
  { name: 'date', type: 'date' },
];

export async function readAudit(request: FhirRequest, id: string): Promise<Answer> {
  permitType(request.access, 'AuditEvent', 'read');
  const { engine, access } = request;
  const [record] = UUID.test(id)
    ? await searchStore(access, engine.database, { ids: [id], leg: 'read', newestFirst: true, limit: 1 })
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

/** Given once; everything else may be repeated, and must hold each time. */
const RESULT = new Set(['_sort', '_count', '_summary', '_total', '_cursor', '_format']);
const TOTALS = ['none', 'estimate', 'accurate'];
/** As many as any search takes. */
const { maxFilters, maxOr } = DEFAULT_LIMITS;

function parse(engine: Engine, pairs: readonly (readonly [string, string])[]): Asked {
  const given = new Map<string, string>();
  const also: AuditCriteria[] = [];
  for (const [name, value] of pairs) {
    if (value === '') throw refuse.badRequest(`${name} has no value`, undefined, 'value');
    if (!RESULT.has(name)) also.push(criteria(engine, name, value));
    else if (given.has(name)) throw refuse.badRequest(`${name} is given more than once`, undefined, 'value');
    else given.set(name, value);
  }
  if (also.length > maxFilters)
    throw refuse.badRequest(
      `A search takes at most ${maxFilters} filters, not ${also.length}`,
      undefined,
      'too-costly',
    );
  const [sort, total, summary] = [given.get('_sort'), given.get('_total'), given.get('_summary')];
  if (sort !== undefined && sort !== 'date' && sort !== '-date')
    throw refuse.badRequest('AuditEvent is sorted by date or -date', undefined, 'not-supported');
  if (total !== undefined && !TOTALS.includes(total))
    throw refuse.badRequest(`_total takes ${TOTALS.join(', ')}`, undefined, 'value');
  if (summary !== undefined && summary !== 'count')
    throw refuse.badRequest('_summary=count is what is offered here', undefined, 'not-supported');
  return {
    query: { also, newestFirst: sort !== 'date', limit: 0 },
    count: summary === undefined ? natural(given.get('_count') ?? '20') : 0,
    total: total === 'accurate' || total === 'estimate',
    cursor: given.get('_cursor'),
  };
}

/** One parameter: any of its values. */
function criteria(engine: Engine, name: string, value: string): AuditCriteria {
  const values = value.split(',');
  if (values.length > maxOr)
    throw refuse.badRequest(
      `${name.slice(0, 64)} has ${values.length} values; at most ${maxOr} are accepted`,
      undefined,
      'too-costly',
    );
  switch (name) {
    case '_id':
      return { ids: values.filter((id) => UUID.test(id)) };
    case 'patient':
      return { patients: values.map((text) => ridOf(engine, text, 'Patient')) };
    case 'agent':
      return agents(engine, values);
    case 'altid':
      return { persons: values.map((text) => codeOf(text)).filter((id) => UUID.test(id)) };
    case 'entity':
      return { resources: values.map((text) => ridOf(engine, text, undefined)) };
    case 'action':
      return { words: wordsOf(({ action }) => values.some((text) => codeOf(text) === action)) };
    case 'type':
      return { words: wordsOf(({ type }) => values.some((text) => codeOf(text) === type.code)) };
    case 'subtype': {
      const words = wordsOf(({ subtype }) => values.some((text) => subtype.some(({ code }) => code === codeOf(text))));
      return { words: { ...words, exact: [...words.exact, ...values.map(codeOf)] } };
    }
    case 'outcome': {
      const codes = values.map((text) => Number(codeOf(text)));
      return { outcomes: codes.filter((code) => [0, 4, 8].includes(code)) };
    }
    case 'date':
      return { at: values.flatMap((text) => dateTest(engine, text)) };
    default:
      throw refuse.badRequest(
        `AuditEvent has no search parameter ${name.slice(0, 64)}; it has ${AUDIT_PARAMETERS.map((p) => p.name).join(', ')}`,
        undefined,
        'not-supported',
      );
  }
}

/** Of `system|code`; the systems are known by the codes. */
const codeOf = (text: string): string => text.split('|').at(-1) ?? '';

/** Who acted: an institution, or a person by the Practitioner that stands for it. All values are of one of the two. */
function agents(engine: Engine, values: readonly string[]): AuditCriteria {
  const people = values.filter((text) => parseReference(text, engine.baseUrl)?.type === 'Practitioner');
  if (people.length === 0) return { organizations: values.map((text) => ridOf(engine, text, 'Organization')) };
  if (people.length === values.length)
    return { practitioners: values.map((text) => ridOf(engine, text, 'Practitioner')) };
  throw refuse.badRequest('agent takes Organizations or Practitioners, not both at once', undefined, 'value');
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
