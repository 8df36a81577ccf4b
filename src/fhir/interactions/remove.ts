import { refuse } from '../../http/errors.ts';
import { isId } from '../check.ts';
import type { Answer } from '../engine.ts';
import { permitType } from '../permit.ts';
import { type FhirRequest, versionOf } from '../request.ts';
import { writeOne } from './write.ts';

/** https://hl7.org/fhir/R4/http.html#delete: the versions stay, the resource is gone from every search. */
export async function remove(request: FhirRequest, type: string, id: string): Promise<Answer> {
  permitType(request.access, type, 'delete');
  if (!isId(id)) throw refuse.notFound();
  const ifMatch = versionOf(request.header('if-match'));
  return writeOne(request, { interaction: 'delete', type, id, ...(ifMatch !== undefined && { ifMatch }) });
}

/** Conditional delete of one resource: `DELETE Type?criteria`; several matches are refused (412). */
export async function conditionalRemove(request: FhirRequest, type: string, criteria: string): Promise<Answer> {
  permitType(request.access, type, 'delete');
  const ifMatch = versionOf(request.header('if-match'));
  return writeOne(request, { interaction: 'delete', type, criteria, ...(ifMatch !== undefined && { ifMatch }) });
}
