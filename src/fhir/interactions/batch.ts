import { FhirError, operationOutcome, refuse } from '../../http/errors.ts';
import { bundle, type Entry } from '../bundle.ts';
import type { Answer, Json } from '../engine.ts';
import type { FhirRequest } from '../request.ts';
import { fresh } from '../still-standing.ts';
import { type BundleEntry, entryOf, requestOf, responseOf } from './entry.ts';

/** Entries under way at once: a batch must not take every database connection. */
const WIDTH = 4;

const ORDER = ['DELETE', 'POST', 'PUT', 'GET', 'HEAD'];

/** Each entry on its own: one that fails says so in its response (https://hl7.org/fhir/R4/http.html#brules). */
export async function batch(request: FhirRequest, list: readonly unknown[]): Promise<Answer> {
  const results = new Array<Entry>(list.length);
  const queue: BundleEntry[] = [];
  for (const [place, entry] of list.entries()) {
    try {
      queue.push(entryOf(request, entry, place));
    } catch (error) {
      results[place] = failed(request, error);
    }
  }
  queue.sort((a, b) => ORDER.indexOf(a.method) - ORDER.indexOf(b.method) || a.place - b.place);
  // Writes one after the other in FHIR's order; reads, which cannot disturb each other, side by side.
  const writes = queue.filter((entry) => entry.method !== 'GET' && entry.method !== 'HEAD');
  for (const entry of writes) results[entry.place] = await one(request, entry);
  const reads = queue.slice(writes.length);
  let next = 0;
  const work = async () => {
    for (let entry = reads[next++]; entry; entry = reads[next++]) results[entry.place] = await one(request, entry);
  };
  await Promise.all(Array.from({ length: Math.min(WIDTH, reads.length) }, work));
  return { status: 200, body: bundle({ type: 'batch-response', timestamp: request.engine.now(), entry: results }) };
}

async function one(request: FhirRequest, entry: BundleEntry): Promise<Entry> {
  try {
    if (entry.path.length === 0)
      throw refuse.badRequest('A batch within a batch is not allowed', `Bundle.entry[${entry.place}].request.url`);
    const body = entry.resource === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(entry.resource));
    const access = await fresh(request.access, request.lookAgain);
    const { status, headers, body: answered } = await request.dispatch(requestOf({ ...request, access }, entry, body));
    const response = responseOf(status, headers);
    if (answered === undefined || entry.method === 'HEAD') return { response };
    if ((answered as Json).resourceType === 'OperationOutcome') return { response: { ...response, outcome: answered } };
    return { resource: answered, response };
  } catch (error) {
    return failed(request, error);
  }
}

function failed(request: FhirRequest, error: unknown): Entry {
  const known = error instanceof FhirError ? error : refuse.internal(error);
  if (known.status === 500) request.report(error);
  return { response: { ...responseOf(known.status), outcome: operationOutcome(known.issues) } };
}
