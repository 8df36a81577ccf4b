import type { Access, InstitutionKind } from '../../access/access.ts';
import type { Resource, Rule } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { openContract } from '../../store/contract.ts';
import type { Queryable } from '../../store/database.ts';
import { putInstitution } from '../../store/institution.ts';
import { institutions } from '../../store/read.ts';
import { allowedFor, type KindPolicy, namesOf } from './services.ts';

export const KIND_SYSTEM = 'https://tasuki.example/fhir/CodeSystem/institution-kind';
const KINDS: readonly InstitutionKind[] = ['cooperating-hospital', 'medical', 'care', 'health', 'municipality'];

/**
 * An Organization that the operator creates is an institution: it owns itself, and clients can be registered for it. One
 * that an institution creates is an entry in its directory and nothing more.
 */
export const institutionRule = (policy: KindPolicy): Rule => ({
  types: ['Organization'],
  owner: (access, resource, rid) => (access.caller?.kind === 'operator' && resource ? rid : undefined),
  before: async ({ access, transaction }, change) => {
    const institution = change.owner === change.rid;
    // The operator's is an institution without an Organization: nobody makes one in its name.
    const registered = change.current
      ? undefined
      : (await institutions(access, transaction, [change.rid])).get(change.rid);
    if (registered) throw refuse.conflict('The id cannot be used; choose another', 'Organization.id');
    if (!institution) return;
    if (change.interaction === 'delete') {
      throw refuse.unprocessable('An institution is not deleted; set active to false', 'Organization');
    }
    if (access.caller?.kind === 'operator') kindOf(change.resource as Resource);
  },
  after: async ({ access, transaction }, change) => {
    if (change.owner !== change.rid || !change.resource) return;
    const previous = change.current ? await change.previous() : undefined;
    // What the institution itself writes about itself does not change what it is: kind and standing are the operator's.
    const authority =
      access.caller?.kind === 'operator' || access.isSystem ? change.resource : (previous ?? change.resource);
    if (
      authority !== change.resource &&
      (kindOf(change.resource) !== kindOf(authority) || isActive(change.resource) !== isActive(authority))
    ) {
      throw refuse.unprocessable(
        'Only the operator changes an institution’s kind or ends its activity',
        'Organization.type',
      );
    }
    const kind = kindOf(authority);
    if (previous && kindOf(previous) !== kind) await checkContract(access, transaction, change.rid, kind, policy);
    await putInstitution(access, transaction, {
      rid: change.rid,
      id: change.id,
      kind,
      name: String(change.resource.name ?? change.id),
      active: isActive(authority),
    });
  },
});

/** What runs by contract, or is agreed, must be what the new kind may have too. */
async function checkContract(
  access: Access,
  transaction: Queryable,
  rid: bigint,
  kind: InstitutionKind,
  policy: KindPolicy,
): Promise<void> {
  const contract = await openContract(access, transaction, rid);
  if (!contract || contract.state === 'applied') return;
  const agreed = contract.services | (contract.nextServices ?? 0);
  const denied = namesOf(agreed & ~allowedFor(kind, policy));
  if (denied.length > 0)
    throw refuse.unprocessable(
      `An institution of kind ${kind} may not have ${denied.join(', ')}, which is agreed: change the contract first ($change-services)`,
      'Organization.type',
    );
}

const isActive = (resource: Resource) => resource.active !== false;

function kindOf(resource: Resource): InstitutionKind {
  const types = Array.isArray(resource.type) ? resource.type : [];
  const codes = types
    .flatMap((type: { coding?: { system?: string; code?: string }[] }) => type.coding ?? [])
    .filter((coding) => coding.system === KIND_SYSTEM);
  const kind = KINDS.find((known) => known === codes[0]?.code);
  if (!kind || codes.length > 1) {
    throw refuse.unprocessable(
      `An institution needs one type with a coding of ${KIND_SYSTEM}: ${KINDS.join(', ')}`,
      'Organization.type',
    );
  }
  return kind;
}
