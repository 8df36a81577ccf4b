import { refuse } from '../../http/errors.ts';
import { history as historyOf, type StoredVersion } from '../../store/read.ts';
import { auditOfRead } from '../audit.ts';
import { bundle, type Entry } from '../bundle.ts';
import { isId } from '../check.ts';
import { seal, unseal } from '../cursor.ts';
import type { Answer } from '../engine.ts';
import { permitType } from '../permit.ts';
import { etag, type FhirRequest } from '../request.ts';

const MAX_COUNT = 1000;
const METHODS = { c: 'POST', u: 'PUT', d: 'DELETE' } as const;
const STATUS = { c: '201 Created', u: '200 OK', d: '204 No Content' } as const;

/** https://hl7.org/fhir/R4/http.html#history of an instance, newest first; `_count`, `_since`. */
export async function history(request: FhirRequest, type: string, id: string): Promise<Answer> {
  permitType(request.access, type, 'read');
  const { engine, access } = request;
  const { count, since, cursor } = parameters(request);
  const self = `${type}/${id}/_history?_count=${count}${since === undefined ? '' : `&_since=${encodeURIComponent(new Date(since).toISOString())}`}`;
  const before = cursor === undefined ? undefined : Number(unseal(engine, access, self, cursor)[0]);
  const rid = engine.keys.rid(type, id);
  const query = {
    type,
    id,
    rid,
    // One more than the page shows, to know whether another follows.
    count: count + 1,
    ...(since !== undefined && { since }),
    ...(before !== undefined && { before }),
  };
  const found = isId(id) ? await historyOf(access, engine.database, query) : undefined;
  const more = found !== undefined && found.versions.length > count && found.versions.pop() !== undefined;
  const patients = [...new Set(found?.versions.flatMap((v) => v.patients ?? (v.patient === null ? [] : [v.patient])))];
  await engine.audits.add(
    auditOfRead(access, engine.now(), {
      interaction: 'history-instance',
      type,
      id: isId(id) ? id : '',
      rid,
      version: null,
      patients,
      outcome: found ? 0 : 4,
    }),
  );
  if (!found) throw refuse.notFound();
  const last = found.versions.at(-1);
  const link = [
    { relation: 'self', url: `${engine.baseUrl}/fhir/${self}` },
    ...(more && last
      ? [
          {
            relation: 'next',
            url: `${engine.baseUrl}/fhir/${self}&_cursor=${seal(engine, access, self, [last.version])}`,
          },
        ]
      : []),
  ];
  const entry = found.versions.map((version) => entryOf(engine.baseUrl, version));
  return { status: 200, body: bundle({ type: 'history', timestamp: engine.now(), total: found.total, link, entry }) };
}

function entryOf(baseUrl: string, version: StoredVersion): Entry {
  const url = `${version.type}${version.interaction === 'c' ? '' : `/${version.id}`}`;
  return {
    fullUrl: `${baseUrl}/fhir/${version.type}/${version.id}`,
    ...(version.content && { resource: version.content }),
    request: { method: METHODS[version.interaction], url },
    response: {
      status: STATUS[version.interaction],
      etag: etag(version.version),
      lastModified: new Date(version.at).toISOString(),
    },
  };
}

function parameters(request: FhirRequest): { count: number; since: number | undefined; cursor: string | undefined } {
  const known = new Map<string, string>();
  for (const [name, value] of request.query) {
    if (!['_count', '_since', '_cursor', '_format'].includes(name))
      throw refuse.badRequest(`History takes _count and _since, not ${name}`, undefined, 'not-supported');
    known.set(name, value);
  }
  const asked = known.get('_count') ?? '50';
  if (!/^0*[1-9][0-9]{0,8}$/.test(asked))
    throw refuse.badRequest('_count must be a positive integer', undefined, 'value');
  const count = Number(asked);
  const given = known.get('_since');
  const since = given === undefined ? undefined : Date.parse(given);
  if (since !== undefined && (Number.isNaN(since) || !/T.*(Z|[+-]\d\d:\d\d)$/.test(given as string))) {
    throw refuse.badRequest('_since must be an instant, for example 2026-11-22T09:00:00+09:00', undefined, 'value');
  }
  return { count: Math.min(count, MAX_COUNT), since, cursor: known.get('_cursor') };
}
