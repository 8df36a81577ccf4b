import type { Prepared, Resource, Rule, Write } from '../../fhir/engine.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import { refuse } from '../../http/errors.ts';
import { letterOfPart } from '../../store/letter.ts';
import { PROFILE, SIGN_LETTER, SYSTEM } from './terms.ts';

/**
 * What the service says of a letter is said by the service alone: nobody writes what looks like a letter's Task, its signed document or the
 * Provenance of its signature, says by another Provenance where those come from, or changes what was stored for a letter. To end them, the
 * letter is changed or deleted.
 */
export const guardRule: Rule = {
  types: ['Task', 'Binary', 'DocumentReference', 'Provenance'],
  before: async (write, change) => {
    if (write.access.isSystem) return;
    const { type, resource, rid } = change;
    if (resource && (looksKept(resource) || (type === 'Task' && isLetterTask(resource)))) throw notWritten(type);
    const rids = [...(change.current ? [rid] : []), ...targetsOf(write, change)];
    for (const one of rids) if (await isStored(write, one)) throw notWritten(type);
  },
};

async function isStored({ access, transaction }: Write, rid: bigint): Promise<boolean> {
  return (await letterOfPart(access, transaction, rid)) !== undefined;
}

/** What a Provenance is about. */
function targetsOf({ engine }: Write, { type, resource }: Prepared): bigint[] {
  const targets = type === 'Provenance' ? list(resource?.target) : [];
  return targets.flatMap(({ reference }) => {
    const local = typeof reference === 'string' ? parseReference(reference, engine.baseUrl) : null;
    return local ? [engine.keys.rid(local.type, local.id)] : [];
  });
}

const list = (value: unknown) => (Array.isArray(value) ? (value as Readonly<Record<string, unknown>>[]) : []);

const KEPT: ReadonlySet<string> = new Set(Object.values(PROFILE));

/** By a profile that only the service keeps to. */
const looksKept = ({ meta }: Resource): boolean =>
  Array.isArray(meta?.profile) && meta.profile.some((profile) => KEPT.has(String(profile).split('|')[0] as string));

interface Concept {
  readonly coding?: readonly { readonly system?: unknown; readonly code?: unknown }[];
}

const isLetterTask = ({ code, businessStatus, input, output }: Resource): boolean =>
  codings(code).some((one) => one.system === SIGN_LETTER.system && one.code === SIGN_LETTER.code) ||
  codings(businessStatus).some(({ system }) => system === SYSTEM.letterStatus) ||
  [...list(input), ...list(output)].some(({ type }) =>
    codings(type).some(({ system }) => system === SYSTEM.letterPart),
  );

const codings = (concept: unknown) => (concept as Concept | undefined)?.coding ?? [];

const notWritten = (type: string) =>
  refuse.unprocessable(
    `What is said of a letter that is signed, this ${type} too, is kept by the service alone; $render-letter and $submit-signed change it, and a new version of the letter ends it`,
    type,
  );
