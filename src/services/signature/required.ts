import { Access } from '../../access/access.ts';
import type { Prepared, Resource, Rule, Write } from '../../fhir/engine.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import { refuse } from '../../http/errors.ts';
import type { Queryable } from '../../store/database.ts';
import { verifiedBundles } from '../../store/letter.ts';
import { readMany } from '../../store/read.ts';
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

/** Who books a slot of a hospital that asks for it brings an order whose letter is validly signed, in the version that is current. */
export const signedBookingRule: Rule = {
  types: ['Appointment'],
  before: async (write, change) => {
    const { access, resource } = { access: write.access, resource: change.resource };
    if (access.isSystem || !resource || !BOOKED.has(String(resource.status))) return;
    if (change.current && !(await isAnother(change))) return;
    const hospitals = hospitalsOf(write, resource).filter((rid) => rid !== access.caller?.organization);
    if ((await requiresSignature(write.transaction, hospitals)).size === 0) return;
    if (await isSigned(write, change, resource)) return;
    throw refuse.unprocessable(
      'The hospital takes bookings with a signed 診療情報提供書 only: name in basedOn the ServiceRequest whose letter is issued ($render-letter), signed with an HPKI card, submitted ($submit-signed) and found VALID',
      'Appointment.basedOn',
    );
  },
};

/** Whether it becomes a booking now, or goes by another order than before. */
async function isAnother(change: Prepared): Promise<boolean> {
  const before = await change.previous();
  if (change.current?.deleted || !BOOKED.has(String(before.status))) return true;
  return JSON.stringify(before.basedOn) !== JSON.stringify(change.resource?.basedOn);
}

function ridsIn({ engine }: Write, references: unknown, type: string): bigint[] {
  const list = Array.isArray(references) ? (references as { reference?: unknown }[]) : [];
  return list.flatMap(({ reference }) => {
    const local = typeof reference === 'string' ? parseReference(reference, engine.baseUrl) : null;
    return local?.type === type ? [engine.keys.rid(type, local.id)] : [];
  });
}

/** Whose slots it takes. */
function hospitalsOf(write: Write, { slot }: Resource): bigint[] {
  const owners = ridsIn(write, slot, 'Slot').flatMap((rid) => write.referenced.get(rid)?.owner ?? []);
  return [...new Set(owners)];
}

/** An order of the booking institution's own among those that it is based on, with one letter, which is validly signed. */
async function isSigned(write: Write, { owner }: Prepared, { basedOn }: Resource): Promise<boolean> {
  const { engine, transaction, referenced } = write;
  const rids = ridsIn(write, basedOn, 'ServiceRequest').filter((rid) => referenced.get(rid)?.owner === owner);
  const system = Access.system('whether the letter of a booking is signed');
  for (const { content } of await readMany(system, transaction, ['ServiceRequest'], rids)) {
    if (!content) continue;
    const letters = await lettersAmong(transaction, bundlesIn(engine, JSON.parse(String(content)) as Resource));
    const [letter] = letters;
    if (!letter || letters.length > 1) continue;
    if ((await verifiedBundles(system, transaction, [letter.rid], owner)).has(letter.rid)) return true;
  }
  return false;
}
