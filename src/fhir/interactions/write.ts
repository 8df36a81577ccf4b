import { refuse } from '../../http/errors.ts';
import { commit, type Outcome } from '../commit.ts';
import type { Answer, Change, Engine } from '../engine.ts';
import { type FhirRequest, preferences, versionHeaders } from '../request.ts';

/** Makes one change and answers as `Prefer: return=` asks (https://hl7.org/fhir/R4/http.html#ops). */
export async function writeOne(request: FhirRequest, change: Change): Promise<Answer> {
  const [outcome] = await commit(request.engine, request.access, [change]);
  if (!outcome) throw refuse.internal(new Error('a change without an outcome'));
  return answer(request.engine, outcome, preferences(request).get('return') ?? 'representation');
}

const STATUS = { created: 201, updated: 200, deleted: 204, unchanged: 200 } as const;

export function answer(engine: Engine, outcome: Outcome, prefer: string): Answer {
  const status = STATUS[outcome.result];
  if (outcome.result === 'deleted' || outcome.id === '')
    return { status: 204, headers: outcome.version > 0 ? { ETag: `W/"${outcome.version}"` } : {} };
  const headers = { ...versionHeaders(outcome.version, outcome.at), Location: locationOf(engine, outcome) };
  if (prefer === 'minimal' || !outcome.content) return { status, headers };
  if (prefer === 'OperationOutcome') return { status, headers, body: done(outcome) };
  return { status, headers, body: outcome.content };
}

export const locationOf = (engine: Engine, { type, id, version }: Outcome) =>
  `${engine.baseUrl}/fhir/${type}/${id}/_history/${version}`;

export const done = ({ result, type, id, version }: Outcome) => ({
  resourceType: 'OperationOutcome',
  issue: [
    { severity: 'information', code: 'informational', diagnostics: `${type}/${id} version ${version}: ${result}` },
  ],
});
