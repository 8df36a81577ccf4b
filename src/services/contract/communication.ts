import { SERVICES } from '../../access/access.ts';
import type { Prepared, Resource, Rule, Write } from '../../fhir/engine.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import { refuse } from '../../http/errors.ts';
import { cooperates, standings } from '../../store/institution.ts';

/**
 * Messages between institutions (service.md B) need care cooperation on both sides: by the contract of each, and by the network of a hospital
 * that has registered them for it. What the operator and the service itself send needs none, and who is addressed already stays so.
 */
export const messageRule: Rule = {
  types: ['Communication', 'CommunicationRequest'],
  before: async (write, change) => {
    const { caller } = write.access;
    if (!caller || caller.kind === 'operator' || !change.resource) return;
    if (change.owner !== caller.organization) return;
    const before = change.current && !change.current.deleted ? addressed(write, await change.previous()) : [];
    const others = addressed(write, change.resource)
      .filter((rid) => !before.includes(rid))
      .flatMap((rid) => write.referenced.get(rid)?.owner ?? [])
      .filter((owner) => owner !== caller.organization);
    if (others.length > 0) await checkOthers(write, change, [...new Set(others)]);
  },
};

async function checkOthers(write: Write, { type }: Prepared, others: readonly bigint[]): Promise<void> {
  const { access, transaction } = write;
  const { caller } = access;
  const known = await standings(access, transaction, others);
  const institutions = others.flatMap((owner) => known.get(owner) ?? []).filter(({ kind }) => kind !== 'operator');
  if (institutions.length === 0) return;
  const place = `${type}.recipient`;
  if (((caller?.services ?? 0) & CARE) === 0)
    throw refuse.unprocessable('The contract does not have care-cooperation, which messages to others need', place);
  const reached = await cooperates(access, transaction, caller?.care ?? [], others);
  if (institutions.some(({ rid, services }) => (services & CARE) === 0 || !reached.has(rid)))
    throw refuse.unprocessable(
      'An institution that is addressed does not have care-cooperation with you: by its contract, and by a hospital that has registered both',
      place,
    );
}

const CARE = SERVICES['care-cooperation'];

/** What is named as sender and recipients, but for patients. */
function addressed({ engine }: Write, { sender, recipient }: Resource): bigint[] {
  return [sender, ...(Array.isArray(recipient) ? recipient : [])].flatMap((one) => {
    const text = (one as { reference?: unknown } | null | undefined)?.reference;
    const local = typeof text === 'string' ? parseReference(text, engine.baseUrl) : null;
    return local && local.type !== 'Patient' ? [engine.keys.rid(local.type, local.id)] : [];
  });
}
