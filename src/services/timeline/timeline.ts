import { policyTable } from '../../access/policy.ts';
import { isResourceType } from '../../definitions/index.ts';
import { auditOfSearch } from '../../fhir/audit.ts';
import { bundle, searchEntries } from '../../fhir/bundle.ts';
import { seal, unseal } from '../../fhir/cursor.ts';
import type { Engine, Operation, OperationRequest } from '../../fhir/engine.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import { refuse } from '../../http/errors.ts';
import { referenced } from '../../store/read.ts';
import { type TimelineRow, timeline } from '../../store/timeline.ts';

/** What a timeline shows: clinical resources, without the Patient itself and what only accompanies others. */
const TYPES = [...policyTable()]
  .filter(([type, policy]) => policy === 'c' && !['Patient', 'Binary', 'Provenance'].includes(type))
  .map(([type]) => type);

/**
 * `Patient/[id]/$timeline`: the entries about a patient, newest clinical date first, for the patient's hospital and for those to whom
 * a keycode opened it; for everyone else there is none.
 */
export const timelineOperation: Operation = {
  name: 'timeline',
  types: ['Patient'],
  level: 'instance',
  methods: ['GET'],
  kinds: [],
  permission: 'r',
  documentation:
    'The patient’s timeline. Query: _type, _since, owner (Organization), _count. Out: a searchset, newest clinical date first.',
  run: async (request) => {
    const { engine, access, id } = request;
    const patient = engine.keys.rid('Patient', id as string);
    const asked = read(request);
    const self = `Patient/${id}/$timeline${asked.self ? `?${asked.self}` : ''}`;
    const known = (await referenced(access, engine.database, [patient])).get(patient);
    const open = known?.id === id && known?.open === true;
    const position = asked.cursor === undefined ? undefined : unseal(engine, access, self, asked.cursor);
    const after = position && { date: position[0] as number | null, rid: BigInt(position[1] as string) };
    const { types, owners, since } = asked;
    const query = {
      patient,
      types,
      limit: asked.count + 1,
      ...(owners && { owners }),
      ...(since !== undefined && { since }),
      ...(after && { after }),
    };
    const rows = open ? await timeline(access, engine.database, query) : [];
    const more = rows.length > asked.count && rows.pop() !== undefined;
    await engine.audits.add(
      auditOfSearch(
        access,
        engine.now(),
        'operation',
        'Patient',
        `$timeline${asked.self && `&${asked.self}`}`,
        open ? [{ patient, patients: null }] : [],
      ),
    );
    if (!open) throw refuse.notFound();
    return {
      status: 200,
      body: answer(
        engine,
        rows,
        self,
        asked.self !== '',
        more ? seal(engine, access, self, positionOf(rows)) : undefined,
        !more && !after,
      ),
    };
  },
};

function positionOf(rows: readonly TimelineRow[]) {
  const last = rows.at(-1) as TimelineRow;
  return [last.date, String(last.rid)];
}

function answer(
  engine: Engine,
  rows: readonly TimelineRow[],
  self: string,
  hasQuery: boolean,
  cursor: string | undefined,
  complete: boolean,
): Buffer {
  const url = `${engine.baseUrl}/fhir/${self}`;
  const link = [
    { relation: 'self', url },
    ...(cursor ? [{ relation: 'next', url: `${url}${hasQuery ? '&' : '?'}_cursor=${cursor}` }] : []),
  ];
  return bundle({
    type: 'searchset',
    timestamp: engine.now(),
    total: complete ? rows.length : undefined,
    link,
    entry: searchEntries(engine.baseUrl, rows),
  });
}

interface Asked {
  readonly types: readonly string[];
  readonly owners: readonly bigint[] | undefined;
  readonly since: number | undefined;
  readonly count: number;
  readonly cursor: string | undefined;
  readonly self: string;
}

function read({ engine, access, query }: OperationRequest): Asked {
  const known = new Map(query);
  const unknown = [...known.keys()].find(
    (name) => !['_type', '_since', 'owner', '_count', '_cursor', '_format'].includes(name),
  );
  if (unknown !== undefined)
    throw refuse.badRequest(
      `$timeline takes _type, _since, owner and _count, not ${unknown.slice(0, 64)}`,
      undefined,
      'not-supported',
    );
  const wanted = known.get('_type')?.split(',');
  const strange = wanted?.find((type) => !isResourceType(type));
  if (strange !== undefined)
    throw refuse.badRequest(`_type: there is no resource type ${strange.slice(0, 64)}`, undefined, 'value');
  const readable = (type: string) =>
    access.caller?.scopes.some((scope) => scope.r && (scope.type === '*' || scope.type === type)) ?? true;
  const since = known.get('_since');
  const at = since === undefined ? undefined : Date.parse(since);
  if (at !== undefined && Number.isNaN(at)) throw refuse.badRequest('_since must be an instant', undefined, 'value');
  const count = Number(known.get('_count') ?? 50);
  if (!Number.isInteger(count) || count < 1)
    throw refuse.badRequest('_count must be a positive integer', undefined, 'value');
  const owners = known
    .get('owner')
    ?.split(',')
    .map((text) => ownerOf(engine, text));
  const self = query
    .filter(([name]) => name !== '_cursor' && name !== '_format')
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return {
    types: TYPES.filter((type) => readable(type) && (wanted?.includes(type) ?? true)),
    owners,
    since: at,
    count: Math.min(count, 1000),
    cursor: known.get('_cursor'),
    self,
  };
}

function ownerOf(engine: Engine, text: string): bigint {
  const reference = parseReference(text.includes('/') ? text : `Organization/${text}`, engine.baseUrl);
  if (reference?.type !== 'Organization') throw refuse.badRequest('owner must be an Organization', undefined, 'value');
  return engine.keys.rid('Organization', reference.id);
}
