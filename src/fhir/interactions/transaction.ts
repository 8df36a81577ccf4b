import { isResourceType } from '../../definitions/index.ts';
import { refuse } from '../../http/errors.ts';
import { type AuditRow, insertAudit } from '../../store/audit.ts';
import { bundle, type Entry } from '../bundle.ts';
import { errorInEntry } from '../check.ts';
import { commit, type Outcome, retryTaken } from '../commit.ts';
import type { Answer, Change } from '../engine.ts';
import { permitType } from '../permit.ts';
import { etag, type FhirRequest, preferences, versionOf } from '../request.ts';
import { type BundleEntry, requestOf, responseOf } from './entry.ts';
import { done } from './write.ts';

const ORDER = { DELETE: 0, POST: 1, PUT: 2, GET: 3, HEAD: 3 } as const;

/**
 * All or nothing, in FHIR's order: DELETE, POST, PUT, then the reads, which see what was written
 * (https://hl7.org/fhir/R4/http.html#trules).
 */
export async function transaction(
  request: FhirRequest,
  entries: readonly BundleEntry[],
  decimals: boolean,
): Promise<Answer> {
  const writes = entries
    .filter((entry) => ORDER[entry.method] < 3)
    .sort((a, b) => ORDER[a.method] - ORDER[b.method] || a.place - b.place);
  const changes = writes.map((entry) => changeOf(request, entry, decimals));
  const results = new Array<Entry>(entries.length);
  const places = writes.map((entry) => entry.place);
  const reads = entries.filter((entry) => ORDER[entry.method] === 3);
  const { engine, access } = request;
  // A read inside must see what the transaction has written.
  const { reads: _, ...unshared } = engine;
  const outcomes =
    reads.length === 0
      ? await commit(engine, access, changes, { places })
      : await retryTaken(() =>
          engine.database.transaction(async (within) => {
            const written = await commit(engine, access, changes, { places, within });
            const inside = {
              ...unshared,
              database: { ...engine.database, query: within.query.bind(within) },
              audits: { add: (rows: readonly AuditRow[]) => insertAudit(access, within, rows) },
            };
            for (const entry of reads) results[entry.place] = await readInside({ ...request, engine: inside }, entry);
            return written;
          }),
        );
  const prefer = preferences(request).get('return') ?? 'minimal';
  for (const [i, entry] of writes.entries()) results[entry.place] = written(outcomes[i] as Outcome, prefer);
  return {
    status: 200,
    body: bundle({ type: 'transaction-response', timestamp: request.engine.now(), entry: results }),
  };
}

/** A read that fails makes the whole transaction fail. */
async function readInside(request: FhirRequest, entry: BundleEntry): Promise<Entry> {
  try {
    const { status, headers, body } = await request.dispatch(requestOf(request, entry, Buffer.alloc(0)));
    return {
      ...(body !== undefined && entry.method !== 'HEAD' && { resource: body }),
      response: responseOf(status, headers),
    };
  } catch (error) {
    throw errorInEntry(error, entry.place);
  }
}

function changeOf(request: FhirRequest, entry: BundleEntry, decimals: boolean): Change {
  const at = `Bundle.entry[${entry.place}].request.url`;
  const [type, id, ...rest] = entry.path;
  if (!type || rest.length > 0 || !isResourceType(type))
    throw refuse.badRequest(`A transaction cannot ${entry.method} ${entry.path.join('/').slice(0, 200)}`, at);
  const { ifMatch, ifNoneExist } = entry.request;
  const base = {
    type,
    decimals,
    ...(entry.fullUrl !== undefined && { fullUrl: entry.fullUrl }),
    ...(typeof ifMatch === 'string' && { ifMatch: versionOf(ifMatch) as number }),
  };
  const resource = entry.resource === undefined ? {} : { resource: entry.resource };
  const target = id !== undefined ? { id } : { criteria: entry.search };
  switch (entry.method) {
    case 'POST':
      if (id !== undefined) throw refuse.badRequest('POST in a transaction creates: its url is a type', at);
      permitType(request.access, type, 'create');
      return {
        interaction: 'create',
        ...base,
        ...resource,
        ...(typeof ifNoneExist === 'string' && { ifNoneExist: ifNoneExist.replace(/^\?/, '') }),
      };
    case 'PUT':
      permitType(request.access, type, 'update');
      if (id === undefined) permitType(request.access, type, 'create');
      if (id === undefined && entry.search === '') throw refuse.badRequest('PUT needs an id or criteria', at);
      return { interaction: 'update', ...base, ...resource, ...target };
    default:
      permitType(request.access, type, 'delete');
      if (id === undefined && entry.search === '') throw refuse.badRequest('DELETE needs an id or criteria', at);
      return { interaction: 'delete', ...base, ...target };
  }
}

const STATUS = { created: 201, updated: 200, deleted: 204, unchanged: 200 } as const;

function written(outcome: Outcome, prefer: string): Entry {
  if (outcome.result === 'deleted' || outcome.id === '')
    return { response: responseOf(204, outcome.version > 0 ? { ETag: etag(outcome.version) } : {}) };
  const location = `${outcome.type}/${outcome.id}/_history/${outcome.version}`;
  const response = {
    ...responseOf(STATUS[outcome.result], { Location: location, ETag: etag(outcome.version) }),
    lastModified: new Date(outcome.at).toISOString(),
  };
  if (prefer === 'OperationOutcome') return { response: { ...response, outcome: done(outcome) } };
  return { ...(prefer === 'representation' && outcome.content && { resource: outcome.content }), response };
}
