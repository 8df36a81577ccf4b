import { refuse } from '../../http/errors.ts';
import { isId } from '../check.ts';
import type { Answer } from '../engine.ts';
import { permitType } from '../permit.ts';
import { bodyOf, type FhirRequest, versionOf } from '../request.ts';
import { writeOne } from './write.ts';

/** https://hl7.org/fhir/R4/http.html#update, version-aware with `If-Match`. */
export async function update(request: FhirRequest, type: string, id: string): Promise<Answer> {
  permitType(request.access, type, 'update');
  if (!isId(id)) throw refuse.notFound();
  const { resource, decimals } = bodyOf(request);
  const ifMatch = versionOf(request.header('if-match'));
  return writeOne(request, {
    interaction: 'update',
    type,
    id,
    resource,
    decimals,
    ...(ifMatch !== undefined && { ifMatch }),
  });
}

/** https://hl7.org/fhir/R4/http.html#cond-update: `PUT Type?criteria`. */
export async function conditionalUpdate(request: FhirRequest, type: string, criteria: string): Promise<Answer> {
  permitType(request.access, type, 'update');
  permitType(request.access, type, 'create');
  const { resource, decimals } = bodyOf(request);
  const ifMatch = versionOf(request.header('if-match'));
  return writeOne(request, {
    interaction: 'update',
    type,
    criteria,
    resource,
    decimals,
    ...(ifMatch !== undefined && { ifMatch }),
  });
}
