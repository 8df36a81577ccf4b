import { Access, SERVICES } from '../../access/access.ts';
import type { Engine, Prepared, Resource, Rule, Write } from '../../fhir/engine.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import { readJson } from '../../fhir/json.ts';
import { refuse } from '../../http/errors.ts';
import { standings } from '../../store/institution.ts';
import { read } from '../../store/read.ts';

/** Where Schedules, Slots, Appointments and HealthcareServices say what kind of booking they are for. */
export const CATEGORY_SYSTEM = 'https://tasuki.example/fhir/CodeSystem/booking-category';

/** Categories that both sides must have subscribed (service.md A2); examinations need medical cooperation alone. */
export const SUBSCRIBED = Object.freeze(['outpatient', 'nutrition']);

/**
 * Outpatient visits and nutrition guidance are offered by hospitals that have subscribed their booking, and booked by institutions that have.
 * What is offered says so itself: a Slot as its Schedule does, a Schedule as its HealthcareServices do. Bookings that there are stay when a
 * subscription ends.
 */
export const subscriptionRule: Rule = {
  types: ['Schedule', 'Slot', 'Appointment'],
  before: async (write, change) => {
    if (write.access.isSystem || !change.resource || (change.type === 'Appointment' && change.current)) return;
    return change.type === 'Appointment' ? checkBooking(write, change) : checkOffer(write, change);
  },
};

async function checkOffer(write: Write, { type, resource }: Prepared): Promise<void> {
  const own = subscribedIn(resource);
  const above = await Promise.all(offerersOf(write.engine, resource as Resource).map((one) => resourceAt(write, one)));
  const missing = above.flatMap(subscribedIn).find((category) => !own.includes(category));
  if (missing !== undefined)
    throw refuse.unprocessable(
      `serviceCategory must say ${missing}, as what it belongs to does (${CATEGORY_SYSTEM})`,
      `${type}.serviceCategory`,
    );
  if (own.length > 0 && !hasBooking(write.access.caller?.services ?? 0))
    throw refuse.unprocessable(
      'The contract does not have outpatient-booking: outpatient visits and nutrition guidance cannot be offered',
      `${type}.serviceCategory`,
    );
}

async function checkBooking(write: Write, { resource }: Prepared): Promise<void> {
  const appointment = resource as Resource;
  const slots = await Promise.all(slotsIn(write.engine, appointment).map((one) => resourceAt(write, one)));
  const schedules = await Promise.all(
    slots.flatMap((slot) => (slot ? offerersOf(write.engine, slot) : [])).map((one) => resourceAt(write, one)),
  );
  if ([appointment, ...slots, ...schedules].flatMap(subscribedIn).length === 0) return;
  if (!hasBooking(write.access.caller?.services ?? 0))
    throw refuse.unprocessable(
      'The contract does not have outpatient-booking: outpatient visits and nutrition guidance cannot be booked',
      'Appointment.slot',
    );
  const owners = [...write.referenced.values()].filter(({ type }) => type !== 'Patient').map(({ owner }) => owner);
  const hospitals = await standings(write.access, write.transaction, [...new Set(owners)]);
  const without = [...hospitals.values()].find(
    ({ kind, services }) => kind === 'cooperating-hospital' && !hasBooking(services),
  );
  if (without)
    throw refuse.unprocessable(
      'The hospital has not subscribed the booking of outpatient visits and nutrition guidance',
      'Appointment.slot',
    );
}

const hasBooking = (services: number) => (services & SERVICES['outpatient-booking']) !== 0;

/** Categories that a resource says and that must be subscribed: of a HealthcareService too. */
function subscribedIn(resource: Resource | undefined): string[] {
  const given = resource?.resourceType === 'HealthcareService' ? resource.category : resource?.serviceCategory;
  const codings = (Array.isArray(given) ? given : []).flatMap((one) => (one as Concept | null)?.coding ?? []);
  return codings.flatMap(({ system, code }) =>
    system === CATEGORY_SYSTEM && SUBSCRIBED.includes(String(code)) ? [String(code)] : [],
  );
}

interface Concept {
  readonly coding?: readonly { readonly system?: unknown; readonly code?: unknown }[];
}

interface Place {
  readonly type: string;
  readonly id: string;
}

const slotsIn = (engine: Engine, resource: Resource) => placesIn(engine, resource.slot, ['Slot']);

/** A Slot's Schedule, a Schedule's HealthcareServices. */
const offerersOf = (engine: Engine, resource: Resource) =>
  resource.resourceType === 'Slot'
    ? placesIn(engine, [resource.schedule], ['Schedule'])
    : placesIn(engine, resource.actor, ['HealthcareService']);

function placesIn({ baseUrl }: Engine, references: unknown, types: readonly string[]): Place[] {
  return (Array.isArray(references) ? references : []).flatMap((one) => {
    const text = (one as { reference?: unknown } | null | undefined)?.reference;
    const local = typeof text === 'string' ? parseReference(text, baseUrl) : null;
    return local && types.includes(local.type) ? [local] : [];
  });
}

/** What is looked up is looked up once for a write, for a hospital publishes many Slots of one Schedule at a time. */
const found = new WeakMap<Write, Map<bigint, Promise<Resource | undefined>>>();

/** As the transaction is going to leave it, whether or not the writer's token opens it; undefined where there is none. */
function resourceAt(write: Write, at: Place): Promise<Resource | undefined> {
  const rid = write.engine.keys.rid(at.type, at.id);
  const known = found.get(write) ?? new Map<bigint, Promise<Resource | undefined>>();
  found.set(write, known);
  const resource = known.get(rid) ?? lookUp(write, at, rid);
  known.set(rid, resource);
  return resource;
}

async function lookUp(
  { transaction, changes }: Write,
  { type, id }: Place,
  rid: bigint,
): Promise<Resource | undefined> {
  const written = changes.find((one) => one.rid === rid);
  if (written) return written.resource;
  const stored = await read(Access.system('what is booked, and by whose leave'), transaction, type, id, rid);
  return stored?.content
    ? (readJson(Buffer.from(stored.content), Number.POSITIVE_INFINITY).tree as Resource)
    : undefined;
}
