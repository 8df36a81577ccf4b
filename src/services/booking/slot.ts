import { Access } from '../../access/access.ts';
import { commit } from '../../fhir/commit.ts';
import type { Prepared, Resource, Rule, Write } from '../../fhir/engine.ts';
import { interval } from '../../fhir/indexing/date.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import { readJson } from '../../fhir/json.ts';
import { refuse } from '../../http/errors.ts';
import { content, lock } from '../../store/read.ts';

/** States in which an Appointment holds its slots. */
export const HOLDING = new Set([
  'proposed',
  'pending',
  'booked',
  'arrived',
  'checked-in',
  'fulfilled',
  'noshow',
  'waitlist',
]);

interface Slot {
  readonly rid: bigint;
  readonly resource: Resource;
  readonly decimals: boolean;
}

/**
 * An Appointment takes the Slots that it names, in one transaction: a Slot that is not free is answered with 409, so that of all
 * who ask at once exactly one gets it. A cancelled Appointment gives them back.
 */
export const slotRule: Rule = {
  types: ['Appointment'],
  before: async (write, change) => {
    if (change.interaction === 'create') return void (await takable(write, change));
    if (change.interaction === 'delete')
      throw refuse.unprocessable('A booking is cancelled (status cancelled), not deleted', 'Appointment.status');
    const before = slotsOf(write, await change.previous());
    const after = slotsOf(write, change.resource as Resource);
    if (before.join() !== after.join())
      throw refuse.unprocessable('A booking keeps its slots; cancel it and book again', 'Appointment.slot');
    const earlier = await change.previous();
    if (after.length > 0 && times(write, earlier).join() !== times(write, change.resource as Resource).join())
      throw refuse.unprocessable('A booking keeps its times; cancel it and book again', 'Appointment.start');
    const previous = String(earlier.status);
    const next = String(change.resource?.status);
    if (!HOLDING.has(previous) && HOLDING.has(next) && after.length > 0) {
      throw refuse.unprocessable('A cancelled booking does not come back; book again', 'Appointment.status');
    }
  },
  after: async (write, change) => {
    const resource = change.resource as Resource;
    const holding = HOLDING.has(String(resource.status));
    const held = change.current && HOLDING.has(String((await change.previous()).status));
    // Looked at again, for a slot may have come or changed in the same transaction.
    if (holding && !change.current) await mark(write, change, await takable(write, change), 'busy');
    if (held && !holding) {
      const slots = await lockSlots(write, resource, true);
      await mark(
        write,
        change,
        slots.filter((slot) => slot.resource.status === 'busy'),
        'free',
      );
    }
  },
};

/** The slots of a new Appointment, locked; refused where one is not free or they are at other times. */
async function takable(write: Write, change: Prepared): Promise<readonly Slot[]> {
  const slots = await lockSlots(write, change.resource as Resource);
  const wanted = new Set(slotsOf(write, change.resource as Resource));
  for (const other of write.changes) {
    if (other === change) break;
    const taken = other.type === 'Appointment' && other.interaction === 'create' ? other.resource : undefined;
    if (taken && slotsOf(write, taken).some((rid) => wanted.has(rid)))
      throw refuse.conflict('Another entry of this transaction takes the slot', 'Appointment.slot');
  }
  for (const { resource } of slots) {
    if (resource.status !== 'free')
      throw refuse.conflict(
        'The slot is not free any more; search for free slots and book another',
        'Appointment.slot',
      );
  }
  const spans = slots.map((slot) => times(write, slot.resource));
  const first = Math.min(...spans.map(([start]) => start ?? 0));
  const last = Math.max(...spans.map(([, end]) => end ?? 0));
  const [start, end] = times(write, change.resource as Resource);
  if (slots.length > 0 && (start !== first || end !== last)) {
    throw refuse.unprocessable('start and end must be those of the slots', 'Appointment.start');
  }
  return slots;
}

/** Start and end, epoch milliseconds; undefined where there is none. */
function times({ engine }: Write, { start, end }: Resource): (number | undefined)[] {
  return [start, end].map((text) => (typeof text === 'string' ? interval(text, engine.zone)?.low : undefined));
}

async function mark(write: Write, change: Prepared, slots: readonly Slot[], status: 'busy' | 'free'): Promise<void> {
  const changes = slots.map(({ resource, decimals }) => ({
    interaction: 'update' as const,
    type: 'Slot',
    id: resource.id as string,
    resource: { ...resource, status },
    decimals,
  }));
  await commit(
    write.engine,
    Access.system(`Appointment/${change.id} ${status === 'busy' ? 'takes' : 'frees'} the slot`, write.access.behalf),
    changes,
    { within: write.transaction },
  );
}

/** Locked in the transaction, so that what is read here holds until its end. */
async function lockSlots(
  { engine, access, transaction }: Write,
  appointment: Resource,
  passDeleted = false,
): Promise<Slot[]> {
  const rids = slotsOf({ engine }, appointment);
  const rows = [...(await lock(access, transaction, rids)).values()].filter((row) => !(passDeleted && row.deleted));
  return Promise.all(
    rows.map(async (row) => {
      const bytes = await content(access, transaction, row.rid, row.version);
      if (!bytes)
        throw refuse.conflict(
          'The slot is not offered any more; search for free slots and book another',
          'Appointment.slot',
        );
      const { tree, decimals } = readJson(bytes, Number.POSITIVE_INFINITY);
      return { rid: row.rid, resource: tree as Resource, decimals };
    }),
  );
}

function slotsOf({ engine }: Pick<Write, 'engine'>, appointment: Resource): bigint[] {
  const references = Array.isArray(appointment.slot) ? (appointment.slot as { reference?: unknown }[]) : [];
  return references.flatMap(({ reference }) => {
    const local = typeof reference === 'string' ? parseReference(reference, engine.baseUrl) : null;
    return local?.type === 'Slot' ? [engine.keys.rid('Slot', local.id)] : [];
  });
}
