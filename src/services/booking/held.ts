import { Access } from '../../access/access.ts';
import type { Prepared, Resource, Rule, Write } from '../../fhir/engine.ts';
import { plan } from '../../fhir/plan.ts';
import { refuse } from '../../http/errors.ts';
import { content, lock } from '../../store/read.ts';
import { count } from '../../store/search.ts';
import { HOLDING } from './slot.ts';

/**
 * A Slot that a live Appointment holds is not set free by a PUT, nor deleted: it would be booked twice. Looked at when all the
 * transaction is written, for it may end the Appointment too. Whoever books or cancels locks the Slot, which this transaction holds.
 */
export const heldSlotRule: Rule = {
  types: ['Slot'],
  after: async (write, change) => {
    if (write.access.isSystem || !change.current) return;
    if ((await statusOf(write, change)) !== 'free' && change.interaction !== 'delete') return;
    if (await isHeld(write, change)) {
      throw refuse.conflict('An appointment holds the slot; cancel it, which sets the slot free', 'Slot.status');
    }
  },
};

/** As the transaction leaves it: an Appointment of the same one may have taken it. */
async function statusOf({ access, transaction }: Write, { rid }: Prepared): Promise<unknown> {
  const row = (await lock(access, transaction, [rid], ['Slot'])).get(rid);
  const bytes = row && (await content(access, transaction, rid, row.version));
  return bytes && (JSON.parse(String(bytes)) as Resource).status;
}

/** Whoever may see the Appointments. */
async function isHeld({ engine, transaction }: Write, { id }: Prepared): Promise<boolean> {
  const system = Access.system('whether a slot is taken');
  const query = [
    ['slot', `Slot/${id}`],
    ['status', [...HOLDING].join(',')],
  ] as const;
  return (await count(system, transaction, plan(engine, system, 'Appointment', query, false).plan)) > 0;
}
