import { isJson } from '../../http/negotiate.ts';
import type { Answer } from '../engine.ts';
import { permitType } from '../permit.ts';
import { bodyOf, type FhirRequest } from '../request.ts';
import { createBinary } from './binary.ts';
import { writeOne } from './write.ts';

/** https://hl7.org/fhir/R4/http.html#create, conditional with `If-None-Exist`. */
export async function create(request: FhirRequest, type: string): Promise<Answer> {
  const contentType = request.header('content-type');
  if (type === 'Binary' && contentType !== undefined && !isJson(contentType)) return createBinary(request, contentType);
  permitType(request.access, type, 'create');
  const { resource, decimals } = bodyOf(request);
  const ifNoneExist = request.header('if-none-exist');
  return writeOne(request, {
    interaction: 'create',
    type,
    resource,
    decimals,
    ...(ifNoneExist !== undefined && { ifNoneExist }),
  });
}
