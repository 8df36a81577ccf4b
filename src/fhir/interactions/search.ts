import { policyClass } from '../../access/policy.ts';
import { refuse } from '../../http/errors.ts';
import { acceptsJson } from '../../http/negotiate.ts';
import { parseQuery } from '../../http/query.ts';
import { search as searchStore } from '../../store/search.ts';
import { auditOfSearch } from '../audit.ts';
import { bundle, type Entry, searchEntries } from '../bundle.ts';
import { seal, unseal } from '../cursor.ts';
import type { Answer } from '../engine.ts';
import { permitType } from '../permit.ts';
import { plan } from '../plan.ts';
import { type FhirRequest, preferences } from '../request.ts';
import { searchAudit } from './search-audit.ts';

/** https://hl7.org/fhir/R4/http.html#search, by GET and by POST `_search`. */
export async function search(request: FhirRequest, type: string): Promise<Answer> {
  const { engine, access } = request;
  permitType(access, type, 'search');
  const query = [...request.query, ...formOf(request)];
  if (policyClass(type) === 'a') return searchAudit(request, query);
  const lenient = preferences(request).get('handling') === 'lenient';
  const planned = plan(engine, access, type, query, lenient);
  const bound = `${type}?${planned.self}`;
  const after = planned.cursor === undefined ? undefined : unseal(engine, access, bound, planned.cursor);
  const found = await searchStore(access, engine.database, planned.plan, after);
  await engine.audits.add(auditOfSearch(access, engine.now(), 'search-type', type, planned.self, found.rows));
  const self = `${engine.baseUrl}/fhir/${type}${planned.self ? `?${planned.self}` : ''}`;
  const more = (cursor: string) => `${self}${planned.self ? '&' : '?'}_cursor=${cursor}`;
  const entry: Entry[] = searchEntries(engine.baseUrl, found.rows);
  if (planned.ignored.length > 0)
    entry.push({ search: { mode: 'outcome' }, resource: ignoredOutcome(planned.ignored) });
  const link = [
    { relation: 'self', url: planned.cursor ? more(planned.cursor) : self },
    ...(found.next ? [{ relation: 'next', url: more(seal(engine, access, bound, found.next)) }] : []),
  ];
  return { status: 200, body: bundle({ type: 'searchset', timestamp: engine.now(), total: found.total, link, entry }) };
}

/** Pairs of the body of `POST [type]/_search`. */
function formOf(request: FhirRequest): [string, string][] {
  if (request.method !== 'POST' || request.body.length === 0) return [];
  const mediaType = request.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/x-www-form-urlencoded')
    throw refuse.mediaType('POST _search takes application/x-www-form-urlencoded');
  const form = parseQuery(request.body.toString('utf8'));
  const format = form.find(([name]) => name === '_format')?.[1];
  if (format !== undefined) acceptsJson(undefined, format);
  return form;
}

/** So many ignored parameters are named; of the others it is said that they are there. */
const NAMED = 20;

function ignoredOutcome(ignored: readonly string[]): object {
  const warning = (diagnostics: string) => ({ severity: 'warning', code: 'not-supported', diagnostics });
  const issue = ignored
    .slice(0, NAMED)
    .map((name) => warning(`The parameter ${name.slice(0, 100)} is not supported and was ignored`));
  const more = ignored.length - NAMED;
  if (more > 0) issue.push(warning(`${more} more parameters are not supported and were ignored`));
  return { resourceType: 'OperationOutcome', issue };
}
