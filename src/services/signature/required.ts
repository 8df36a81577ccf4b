import { Access } from '../../access/access.ts';
import type { Prepared, Resource, Rule, Write } from '../../fhir/engine.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import { refuse } from '../../http/errors.ts';
import type { Queryable } from '../../store/database.ts';
import { verifiedBundles } from '../../store/letter.ts';
import { readMany, referenced } from '../../store/read.ts';
import { bundlesIn, lettersAmong } from './letters.ts';
import { SIGNATURE_REQUIRED } from './terms.ts';

/** Appointments that are more than a wish. */
const BOOKED = new Set(['booked', 'arrived', 'checked-in', 'fulfilled', 'noshow']);

interface Extension {
  readonly url?: unknown;
  readonly valueBoolean?: unknown;
}

const extensionsOf = (resource: Resource | undefined): readonly Extension[] =>
  (Array.isArray(resource?.extension) ? (resource.extension as Extension[]) : []).filter(
    ({ url }) => url === SIGNATURE_REQUIRED,
  );

/** Whether signatures are required is said once, and by true or false: what is not understood would go for no. */
export const requirementRule: Rule = {
  types: ['Organization'],
  before: (_, { resource }) => {
    const said = extensionsOf(resource);
    if (said.length > 1 || said.some(({ valueBoolean }) => typeof valueBoolean !== 'boolean'))
      throw refuse.unprocessable(`${SIGNATURE_REQUIRED} is there once, with a valueBoolean`, 'Organization.extension');
  },
};

/** Those of the institutions that take bookings with a validly signed letter only. */
export async function requiresSignature(transaction: Queryable, institutions: readonly bigint[]): Promise<Set<bigint>> {
  if (institutions.length === 0) return new Set();
  const system = Access.system('whether an institution asks for signatures');
  const found = await readMany(system, transaction, ['Organization'], institutions);
  return new Set(
    found.flatMap(({ rid, content }) => {
      const resource = content ? (JSON.parse(String(content)) as Resource) : undefined;
      return extensionsOf(resource).some(({ valueBoolean }) => valueBoolean === true) ? [rid] : [];
    }),
  );
}

/** Orders that stand: what is drafted, taken back or a mistake is nobody's. */
const STANDING = new Set(['active', 'on-hold', 'completed']);

/**
 * Who books a slot of a hospital that asks for it brings an order to that hospital, for that patient, whose letter is validly signed in the version
 * that is current. Looked at when all the transaction is written, for it may end the letter or the order too.
 */
export const signedBookingRule: Rule = {
  types: ['Appointment'],
  after: async (write, change) => {
    const { access, transaction } = write;
    const { resource } = change;
    if (access.isSystem || !resource || !BOOKED.has(String(resource.status))) return;
    if (change.current && !(await isAnother(change))) return;
    const hospitals = (await ownersOf(write, namedIn(write, resource.slot, 'Slot'))).filter(
      (rid) => rid !== access.caller?.organization,
    );
    const asking = await requiresSignature(transaction, hospitals);
    if (asking.size === 0) return;
    const signed = await signedFor(write, change, resource);
    if (asking.isSubsetOf(signed)) return;
    throw refuse.unprocessable(
      'The hospital takes bookings with a signed 診療情報提供書 only: name in basedOn the ServiceRequest to the hospital, for this patient, whose letter is issued ($render-letter), signed with an HPKI card, submitted ($submit-signed) and found VALID',
      'Appointment.basedOn',
    );
  },
};

/** Whether it becomes a booking now, or goes by another order or for somebody else than before. */
async function isAnother(change: Prepared): Promise<boolean> {
  const before = await change.previous();
  if (change.current?.deleted || !BOOKED.has(String(before.status))) return true;
  const what = (one: Resource | undefined) => JSON.stringify([one?.basedOn, actorsOf(one)]);
  return what(before) !== what(change.resource);
}

type Reference = { readonly reference?: unknown };

const actorsOf = (appointment: Resource | undefined): readonly Reference[] =>
  (Array.isArray(appointment?.participant) ? (appointment.participant as { actor?: Reference }[]) : []).flatMap(
    ({ actor }) => actor ?? [],
  );

function namedIn({ engine }: Write, references: unknown, type?: string): bigint[] {
  const list = Array.isArray(references) ? (references as readonly Reference[]) : [];
  return list.flatMap(({ reference }) => {
    const local = typeof reference === 'string' ? parseReference(reference, engine.baseUrl) : null;
    return local && (type === undefined || local.type === type) ? [engine.keys.rid(local.type, local.id)] : [];
  });
}

const SYSTEM = () => Access.system('whether the letter of a booking is signed');

async function ownersOf({ transaction }: Write, rids: readonly bigint[]): Promise<bigint[]> {
  const known = await referenced(SYSTEM(), transaction, rids);
  return [...new Set([...known.values()].map(({ owner }) => owner))];
}

/** To whom the orders of the booking institution go that the booking is based on, that are for its patient and have one letter, validly signed. */
async function signedFor(write: Write, { owner }: Prepared, { basedOn, ...rest }: Resource): Promise<Set<bigint>> {
  const { engine, transaction } = write;
  const orders = await referenced(SYSTEM(), transaction, namedIn(write, basedOn, 'ServiceRequest'));
  const own = [...orders.values()].filter((order) => order.owner === owner).map(({ rid }) => rid);
  const people = await referenced(SYSTEM(), transaction, namedIn(write, actorsOf(rest as Resource), 'Patient'));
  const patients = [...people.values()].filter((patient) => patient.owner === owner).map(({ rid }) => rid);
  const signed = new Set<bigint>();
  for (const { content } of await readMany(SYSTEM(), transaction, ['ServiceRequest'], own)) {
    if (!content) continue;
    const order = JSON.parse(String(content)) as Resource;
    const [subject] = namedIn(write, [order.subject], 'Patient');
    if (!STANDING.has(String(order.status)) || patients.some((patient) => patient !== subject)) continue;
    const letters = await lettersAmong(transaction, bundlesIn(engine, order));
    const [letter] = letters;
    if (!letter || letters.length > 1) continue;
    if (!(await verifiedBundles(SYSTEM(), transaction, [letter.rid], owner)).has(letter.rid)) continue;
    for (const hospital of await ownersOf(write, namedIn(write, order.performer))) signed.add(hospital);
  }
  return signed;
}
