import { randomUUID } from 'node:crypto';
import { Access } from '../../access/access.ts';
import type { Prepared, Resource, Rule, Write } from '../../fhir/engine.ts';
import {
  addLetterOrder,
  goingLetters,
  insertLetter,
  type LetterRow,
  lettersOfBundle,
  lockLetter,
  updateLetter,
} from '../../store/letter.ts';
import { readMany } from '../../store/read.ts';
import { isLetter } from './letters.ts';
import { endDocument } from './signed.ts';
import { putTask } from './task.ts';

/**
 * A new version of a letter voids what was issued of the one before, in the transaction of the change: signed or not, it is not the letter
 * any more. A letter that is deleted goes to nobody any more, nor does any version there was of it.
 */
export const voidRule: Rule = {
  types: ['Bundle'],
  on: ['update', 'delete'],
  waits: ({ keys }, _, { id }) => (id === undefined ? [] : [keys.rid('Bundle', id)]),
  after: async (write, change) => {
    if (!change.current) return;
    const system = Access.system('a letter was changed', write.access.behalf);
    const { transaction } = write;
    for (const { id } of await lettersOfBundle(system, transaction, change.rid)) {
      const row = await lockLetter(system, transaction, id);
      if (row && row.state !== 'void') await end(write, change, system, row);
    }
    if (change.resource) return;
    for (const { id } of await goingLetters(system, transaction, change.rid)) {
      await lockLetter(system, transaction, id);
      await updateLetter(system, transaction, id, { withdrawn: true });
      await putTask(write.engine, system, transaction, id);
    }
  },
};

async function end(write: Write, change: Prepared, system: Access, row: LetterRow): Promise<void> {
  const { engine, transaction } = write;
  const { resource, current } = change;
  const version = (current?.version ?? 0) + 1;
  const goesOn = resource !== undefined && isLetter(Buffer.from(JSON.stringify(resource)));
  // Nothing was issued of it yet: it is the new version that is to be signed.
  if (row.state === 'to-sign' && goesOn) return updateLetter(system, transaction, row.id, { version });
  const withdrawn = resource === undefined;
  await updateLetter(system, transaction, row.id, { state: 'void', withdrawn, recheckAt: null, renewAt: null });
  await endSigned(write, system, row, withdrawn);
  await putTask(engine, system, transaction, row.id);
  if (goesOn && row.orders.length > 0) await toSign(write, system, { ...row, version });
}

async function endSigned({ engine, transaction }: Write, system: Access, row: LetterRow, withdrawn: boolean) {
  const { document } = row.parts;
  if (!document) return;
  const rid = engine.keys.rid('DocumentReference', document);
  const [found] = await readMany(system, transaction, ['DocumentReference'], [rid]);
  if (!found?.content) return;
  const resource = JSON.parse(String(found.content)) as Resource;
  if (resource.status !== 'current') return;
  await endDocument({ engine, system, transaction }, row, resource, withdrawn ? 'entered-in-error' : 'superseded');
}

/** A letter that is to be signed, with its Task. Its Bundle is locked. */
export async function toSign(
  { engine, transaction }: Pick<Write, 'engine' | 'transaction'>,
  system: Access,
  letter: Pick<LetterRow, 'bundle' | 'bundleId' | 'version' | 'organization' | 'patient' | 'orders'>,
): Promise<void> {
  const id = randomUUID();
  await insertLetter(system, transaction, { ...letter, id, createdAt: engine.now() });
  for (const order of letter.orders)
    await addLetterOrder(system, transaction, id, { rid: engine.keys.rid('ServiceRequest', order), id: order });
  await putTask(engine, system, transaction, id);
}
