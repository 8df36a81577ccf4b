import { refuse } from '../../http/errors.ts';
import { isJson } from '../../http/negotiate.ts';
import type { Answer, Resource } from '../engine.ts';
import { permitType } from '../permit.ts';
import type { FhirRequest } from '../request.ts';
import { read } from './read.ts';
import { writeOne } from './write.ts';

/** Types that a browser may show; everything else is handed over as a file. */
const SHOWN = new Set(['application/pdf', 'image/png', 'image/jpeg', 'text/plain']);
const MEDIA_TYPE = /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/;

/**
 * https://hl7.org/fhir/R4/binary.html#rest: the content itself for a client that asks for another type than FHIR's. Nothing in it
 * can run: no sniffing, a sandbox without scripts, and a download unless the type is harmless.
 */
export async function readBinary(request: FhirRequest, id: string): Promise<Answer> {
  const answer = await read(request, 'Binary', id);
  const accept = request.header('accept');
  if (answer.status !== 200 || !Buffer.isBuffer(answer.body) || accept === undefined || isJson(accept)) return answer;
  const { contentType, data } = JSON.parse(String(answer.body)) as { contentType?: string; data?: string };
  const type =
    contentType !== undefined && MEDIA_TYPE.test(contentType.split(';')[0] ?? '')
      ? contentType
      : 'application/octet-stream';
  const essence = (type.split(';')[0] as string).trim().toLowerCase();
  const headers = {
    ...answer.headers,
    'Content-Type': type.replaceAll(/[^\x20-\x7e]/g, ''),
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Content-Disposition': SHOWN.has(essence) ? 'inline' : 'attachment',
  };
  return { status: 200, body: Buffer.from(data ?? '', 'base64'), headers };
}

/** A Binary from the bytes of any other type; `X-Security-Context` names whose it is. */
export async function createBinary(request: FhirRequest, contentType: string): Promise<Answer> {
  permitType(request.access, 'Binary', 'create');
  if (request.body.length === 0) throw refuse.badRequest('The request has no body', undefined, 'required');
  const context = request.header('x-security-context');
  const resource = {
    resourceType: 'Binary',
    contentType,
    ...(context !== undefined && { securityContext: { reference: context } }),
    data: request.body.toString('base64'),
  } as Resource;
  return writeOne(request, { interaction: 'create', type: 'Binary', resource });
}
