import type { Prepared, Resource, Rule, Write } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { letterOfPart } from '../../store/letter.ts';
import { SIGN_LETTER, SYSTEM } from './terms.ts';

/**
 * What the service says of a letter is said by the service alone: nobody writes a Task that looks like a letter's, or changes the Task, the
 * files, the DocumentReference or the Provenance that were stored for one. To end them, the letter is changed or deleted.
 */
export const guardRule: Rule = {
  types: ['Task', 'Binary', 'DocumentReference', 'Provenance'],
  before: async (write, change) => {
    if (write.access.isSystem) return;
    if (change.type === 'Task' && change.resource && isLetterTask(change.resource)) throw notWritten();
    if (change.current && (await isStored(write, change))) throw notWritten(change.type);
  },
};

async function isStored({ access, transaction }: Write, { rid }: Prepared): Promise<boolean> {
  return (await letterOfPart(access, transaction, rid)) !== undefined;
}

interface Concept {
  readonly coding?: readonly { readonly system?: unknown; readonly code?: unknown }[];
}

const isLetterTask = ({ code, businessStatus }: Resource): boolean =>
  codings(code).some((one) => one.system === SIGN_LETTER.system && one.code === SIGN_LETTER.code) ||
  codings(businessStatus).some(({ system }) => system === SYSTEM.letterStatus);

const codings = (concept: unknown) => (concept as Concept | undefined)?.coding ?? [];

const notWritten = (type = 'Task') =>
  refuse.unprocessable(
    `This ${type} is kept by the service for a letter that is signed; $render-letter and $submit-signed change it, and a new version of the letter ends it`,
    type,
  );
