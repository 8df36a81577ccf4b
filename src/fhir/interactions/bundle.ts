import { refuse } from '../../http/errors.ts';
import type { Answer } from '../engine.ts';
import { bodyOf, type FhirRequest } from '../request.ts';
import { batch } from './batch.ts';
import { entryOf } from './entry.ts';
import { transaction } from './transaction.ts';

/** https://hl7.org/fhir/R4/http.html#transaction: POST of a Bundle to the base. */
export async function bundleInteraction(request: FhirRequest): Promise<Answer> {
  const { resource, decimals } = bodyOf(request);
  if (resource.resourceType !== 'Bundle')
    throw refuse.badRequest(
      `POST to the base takes a Bundle; POST a ${String(resource.resourceType).slice(0, 64)} to its type`,
      'resourceType',
    );
  if (resource.type !== 'batch' && resource.type !== 'transaction')
    throw refuse.badRequest('POST to the base takes a Bundle of type batch or transaction', 'Bundle.type', 'value');
  const list = resource.entry ?? [];
  if (!Array.isArray(list)) throw refuse.badRequest('entry must be an array', 'Bundle.entry', 'structure');
  if (list.length > request.engine.maxEntries)
    throw refuse.tooLarge(`A Bundle may have ${request.engine.maxEntries} entries, this one has ${list.length}`);
  return resource.type === 'batch'
    ? batch(request, list)
    : transaction(
        request,
        list.map((entry, place) => entryOf(request, entry, place)),
        decimals,
      );
}
