import { Access } from '../../access/access.ts';
import type { Engine, OperationRequest, Resource } from '../../fhir/engine.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import { refuse } from '../../http/errors.ts';
import type { Queryable } from '../../store/database.ts';
import { read, readMany, referenced, type StoredVersion } from '../../store/read.ts';
import { LETTER_TYPE } from './terms.ts';

/** Types that name a letter, with the Bundle itself. */
export const LETTER_TYPES = ['ServiceRequest', 'DocumentReference', 'Bundle'] as const;

/** A letter of the caller's own, as it is now. */
export interface NamedLetter {
  readonly bundle: bigint;
  readonly bundleId: string;
  readonly version: number;
  /** The document as it is stored. */
  readonly content: Buffer;
  /** rid of the institution whose it is: the caller's. */
  readonly organization: bigint;
  readonly order?: { readonly rid: bigint; readonly id: string };
  /** `Patient/id`, as the ServiceRequest or DocumentReference gives it. */
  readonly patient?: string;
}

/**
 * The letter that the request's instance names: a Bundle itself, that of a DocumentReference, that of a ServiceRequest.
 *
 * @throws FhirError 404 and 410 as a read does, 422 where there is not exactly one letter or it is not the caller's own
 */
export async function letterNamed({ engine, access, type, id }: OperationRequest): Promise<NamedLetter> {
  const named = await seen(engine, access, type as string, id as string);
  const resource = JSON.parse(String(named.content)) as Resource;
  const rids = type === 'Bundle' ? [named.rid] : bundlesIn(engine, resource);
  const bundles = type === 'Bundle' ? [named] : await readMany(access, engine.database, ['Bundle'], rids);
  const letters = bundles.filter(({ content }) => content !== null && isLetter(content));
  const [letter] = letters;
  if (!letter || letters.length > 1) {
    const where = { ServiceRequest: 'supportingInfo', DocumentReference: 'content.attachment.url' }[type as string];
    throw refuse.unprocessable(
      where
        ? `${type}.${where} must name exactly one 診療情報提供書: a document Bundle of type ${LETTER_TYPE.code}; it names ${letters.length}`
        : `The Bundle must be a 診療情報提供書: a document of type ${LETTER_TYPE.code}`,
      where ? `${type}.${where}` : 'Bundle',
    );
  }
  const organization = await ownedByCaller(engine, access, [named.rid, letter.rid]);
  const patient = (resource.subject as { reference?: string } | undefined)?.reference;
  const local = patient === undefined ? null : parseReference(patient, engine.baseUrl);
  return {
    bundle: letter.rid,
    bundleId: letter.id,
    version: letter.version,
    content: letter.content as Buffer,
    organization,
    ...(type === 'ServiceRequest' && { order: { rid: named.rid, id: named.id } }),
    ...(local?.type === 'Patient' && { patient: `Patient/${local.id}` }),
  };
}

/** What the caller sees, as a read answers it. */
export async function seen(engine: Engine, access: Access, type: string, id: string): Promise<StoredVersion> {
  const found = await read(access, engine.database, type, id, engine.keys.rid(type, id));
  if (!found) throw refuse.notFound();
  if (found.content === null) throw refuse.gone();
  return found;
}

/** The caller's institution, which owns them all; what the caller only sees as a party is another's to sign. */
async function ownedByCaller(engine: Engine, access: Access, rids: readonly bigint[]): Promise<bigint> {
  const own = access.caller?.organization;
  const known = await referenced(access, engine.database, rids);
  if (own === undefined || rids.some((rid) => known.get(rid)?.owner !== own)) throw notTheirs();
  return own;
}

export const notTheirs = () =>
  refuse.unprocessable('A letter is issued, signed and submitted by the institution that wrote it', 'Bundle');

/** The Bundles that a ServiceRequest or DocumentReference names, each once. */
export function bundlesIn({ keys, baseUrl }: Pick<Engine, 'keys' | 'baseUrl'>, resource: Resource): bigint[] {
  const list = (value: unknown) => (Array.isArray(value) ? (value as Record<string, unknown>[]) : []);
  const texts =
    resource.resourceType === 'ServiceRequest'
      ? list(resource.supportingInfo).map(({ reference }) => reference)
      : list(resource.content).map(({ attachment }) => (attachment as { url?: unknown } | undefined)?.url);
  const rids = texts.flatMap((text) => {
    const local = typeof text === 'string' ? parseReference(text, baseUrl) : null;
    return local?.type === 'Bundle' ? [keys.rid('Bundle', local.id)] : [];
  });
  return [...new Set(rids)];
}

interface Document {
  readonly resourceType?: unknown;
  readonly type?: unknown;
  readonly entry?: readonly { readonly resource?: { resourceType?: unknown; type?: { coding?: unknown } } }[];
}

/** Whether these bytes are a document Bundle of type 診療情報提供書. */
export function isLetter(content: Uint8Array): boolean {
  const { resourceType, type, entry } = JSON.parse(Buffer.from(content).toString()) as Document;
  if (resourceType !== 'Bundle' || type !== 'document') return false;
  const composition = entry?.[0]?.resource;
  const codings = composition?.type?.coding;
  return (
    composition?.resourceType === 'Composition' &&
    Array.isArray(codings) &&
    codings.some(({ system, code }) => system === LETTER_TYPE.system && code === LETTER_TYPE.code)
  );
}

/** Those of the Bundles that are letters now, with their versions; for the service itself. */
export async function lettersAmong(
  transaction: Queryable,
  rids: readonly bigint[],
): Promise<readonly (StoredVersion & { readonly owner: bigint })[]> {
  if (rids.length === 0) return [];
  const system = Access.system('which of the Bundles are letters');
  const found = await readMany(system, transaction, ['Bundle'], rids);
  const owners = await referenced(system, transaction, rids, ['Bundle']);
  return found.flatMap((one) => {
    const owner = owners.get(one.rid)?.owner;
    return owner !== undefined && one.content !== null && isLetter(one.content) ? [{ ...one, owner }] : [];
  });
}
