import { Access } from '../../access/access.ts';
import type { Prepared, Resource, Rule, Write } from '../../fhir/engine.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import {
  addLetterOrder,
  type LetterRow,
  lettersOfBundle,
  lettersOfOrder,
  lockLetter,
  removeLetterOrder,
} from '../../store/letter.ts';
import { institutions, lock } from '../../store/read.ts';
import { bundlesIn, lettersAmong } from './letters.ts';
import { requiresSignature } from './required.ts';
import { putTask } from './task.ts';
import { toSign } from './void.ts';

/**
 * The Task of a letter goes with the ServiceRequests that name the letter, and to whom they go: from when one names it until it does not
 * any more. A letter for an institution that asks for signatures has a Task from the beginning.
 */
export const orderRule: Rule = {
  types: ['ServiceRequest'],
  waits: async (engine, transaction, { id, resource }) => {
    const system = Access.system('whose turn it is with a letter');
    const rid = id === undefined ? undefined : engine.keys.rid('ServiceRequest', id);
    const known = rid === undefined ? [] : await lettersOfOrder(system, transaction, rid);
    return [...known.map(({ bundle }) => bundle), ...(resource ? bundlesIn(engine, resource) : [])];
  },
  after: async (write, change) => {
    const { engine, transaction, access } = write;
    const system = Access.system('a letter goes with an order', access.behalf);
    const named = change.resource ? bundlesIn(engine, change.resource) : [];
    if (change.current) await leave(write, change, system, new Set(named));
    if (named.length === 0) return;
    const locked = await lock(system, transaction, named, ['Bundle']);
    const letters = (await lettersAmong(transaction, named)).filter(({ owner }) => owner === change.owner);
    const [letter] = letters;
    if (!letter || letters.length > 1) return;
    const version = locked.get(letter.rid)?.version;
    const known = (await lettersOfBundle(system, transaction, letter.rid)).find((row) => row.version === version);
    if (known) await join(write, system, known, change);
    else if (await isAskedFor(write, change.resource as Resource))
      await toSign(write, system, {
        bundle: letter.rid,
        bundleId: letter.id,
        version: letter.version,
        organization: letter.owner,
        patient: patientOf(write, change.resource as Resource),
        orders: [change.id],
      });
  },
};

async function join({ engine, transaction }: Write, system: Access, known: LetterRow, { rid, id }: Prepared) {
  await lockLetter(system, transaction, known.id);
  if (!(await addLetterOrder(system, transaction, known.id, { rid, id }))) return;
  await putTask(engine, system, transaction, known.id);
}

/** Letters that the order does not name any more. */
async function leave({ engine, transaction }: Write, { rid }: Prepared, system: Access, named: ReadonlySet<bigint>) {
  for (const { id, bundle } of await lettersOfOrder(system, transaction, rid)) {
    if (named.has(bundle)) continue;
    await lock(system, transaction, [bundle], ['Bundle']);
    await lockLetter(system, transaction, id);
    await removeLetterOrder(system, transaction, id, rid);
    await putTask(engine, system, transaction, id);
  }
}

async function isAskedFor({ engine, transaction }: Write, { performer }: Resource): Promise<boolean> {
  const references = Array.isArray(performer) ? (performer as { reference?: unknown }[]) : [];
  const rids = references.flatMap(({ reference }) => {
    const local = typeof reference === 'string' ? parseReference(reference, engine.baseUrl) : null;
    return local?.type === 'Organization' ? [engine.keys.rid('Organization', local.id)] : [];
  });
  const system = Access.system('whether a letter is to be signed');
  const known = [...(await institutions(system, transaction, rids)).keys()];
  return (await requiresSignature(transaction, known)).size > 0;
}

function patientOf({ engine }: Write, { subject }: Resource): string | null {
  const { reference } = (subject ?? {}) as { reference?: unknown };
  const local = typeof reference === 'string' ? parseReference(reference, engine.baseUrl) : null;
  return local?.type === 'Patient' ? `Patient/${local.id}` : null;
}
