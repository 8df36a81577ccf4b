import { refuse } from '../../http/errors.ts';
import { read as readStored, readVersion, type StoredVersion } from '../../store/read.ts';
import { auditOfRead } from '../audit.ts';
import { isId } from '../check.ts';
import type { Answer } from '../engine.ts';
import { permitType } from '../permit.ts';
import { etag, type FhirRequest, versionHeaders } from '../request.ts';

/** https://hl7.org/fhir/R4/http.html#read, with `If-None-Match` and `If-Modified-Since`. */
export async function read(request: FhirRequest, type: string, id: string): Promise<Answer> {
  permitType(request.access, type, 'read');
  const { engine } = request;
  const rid = engine.keys.rid(type, id);
  const stored = isId(id) ? await current(request, type, id, rid) : undefined;
  await audit(request, 'read', type, id, rid, stored);
  if (!stored) throw refuse.notFound();
  if (!stored.content) throw refuse.gone();
  if (isUnchanged(request, stored)) return { status: 304, headers: versionHeaders(stored.version, stored.at) };
  return { status: 200, body: stored.content, headers: versionHeaders(stored.version, stored.at) };
}

const versionOf = ({ engine, access }: FhirRequest, type: string, id: string, rid: bigint, version: number) =>
  engine.reads
    ? engine.reads.readVersion(access, type, id, rid, version)
    : readVersion(access, engine.database, type, id, rid, version);

const current = ({ engine, access }: FhirRequest, type: string, id: string, rid: bigint) =>
  engine.reads ? engine.reads.read(access, type, id, rid) : readStored(access, engine.database, type, id, rid);

/** https://hl7.org/fhir/R4/http.html#vread */
export async function vread(request: FhirRequest, type: string, id: string, version: string): Promise<Answer> {
  permitType(request.access, type, 'read');
  const { engine } = request;
  const rid = engine.keys.rid(type, id);
  const number = /^[1-9][0-9]{0,8}$/.test(version) ? Number(version) : undefined;
  const stored = isId(id) && number !== undefined ? await versionOf(request, type, id, rid, number) : undefined;
  await audit(request, 'vread', type, id, rid, stored);
  if (!stored) throw refuse.notFound();
  if (!stored.content) throw refuse.gone();
  return { status: 200, body: stored.content, headers: versionHeaders(stored.version, stored.at) };
}

function audit(
  { engine, access }: FhirRequest,
  interaction: 'read' | 'vread',
  type: string,
  id: string,
  rid: bigint,
  stored: StoredVersion | undefined,
): Promise<void> {
  const patients = stored?.patients ?? (stored?.patient != null ? [stored.patient] : []);
  const entry = {
    interaction,
    type,
    id: isId(id) ? id : '',
    rid,
    version: stored?.version ?? null,
    patients,
    outcome: stored?.content ? 0 : 4,
  } as const;
  return engine.audits.add(auditOfRead(access, engine.now(), entry));
}

/** https://hl7.org/fhir/R4/http.html#cread */
function isUnchanged(request: FhirRequest, stored: StoredVersion): boolean {
  const none = request.header('if-none-match');
  if (none !== undefined)
    return none
      .split(',')
      .some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag(stored.version).slice(2));
  const since = Date.parse(request.header('if-modified-since') ?? '');
  return !Number.isNaN(since) && Math.floor(stored.at / 1000) * 1000 <= since;
}
