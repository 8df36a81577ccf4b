import type { Resource, Rule, Write } from '../../fhir/engine.ts';
import { interval } from '../../fhir/indexing/date.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import { refuse } from '../../http/errors.ts';
import { putAffiliation, removeAffiliation } from '../../store/institution.ts';
import { institutions } from '../../store/read.ts';
import { type KindPolicy, mayCooperateMedically } from './services.ts';

export const SERVICE_SYSTEM = 'https://tasuki.example/fhir/CodeSystem/cooperation-service';
const SERVICES = ['medical-cooperation', 'care-cooperation', 'timeline'] as const;

/**
 * What a cooperating hospital registers about a member of its network, and for which services. The member need not be visible to it
 * yet: it is named by its Organization id, which the operator gives out.
 */
export const affiliationRule = (policy: KindPolicy): Rule => ({
  types: ['OrganizationAffiliation'],
  unseen: ['OrganizationAffiliation.participatingOrganization'],
  before: async (write, change) => {
    if (!change.resource) return;
    const { hospital, member } = partiesOf(write, change.resource);
    if (hospital !== write.access.caller?.organization) {
      throw refuse.unprocessable(
        'A hospital registers members of its own network only',
        'OrganizationAffiliation.organization',
      );
    }
    const known = (await institutions(write.access, write.transaction, [member])).get(member);
    if (!known || known.kind === 'operator' || member === hospital)
      throw refuse.unprocessable(
        'The participating organization must be another registered institution',
        'OrganizationAffiliation.participatingOrganization',
      );
    if (servicesOf(change.resource).has('medical-cooperation') && !mayCooperateMedically(known.kind, policy)) {
      throw refuse.unprocessable(
        'Medical cooperation is for medical institutions only',
        'OrganizationAffiliation.code',
      );
    }
  },
  after: async (write, change) => {
    const { access, transaction, engine } = write;
    if (!change.resource) return removeAffiliation(access, transaction, change.rid);
    const services = servicesOf(change.resource);
    const period = (change.resource.period ?? {}) as { start?: string; end?: string };
    const bound = (text: string | undefined, end: 'low' | 'high') => {
      const found = text === undefined ? null : interval(text, engine.zone);
      const instant = found && new Date(found[end]).toISOString();
      // PostgreSQL reads years of four digits from 1 on.
      return instant && (/^(-|0000)/.test(instant) ? '-infinity' : instant.startsWith('+') ? 'infinity' : instant);
    };
    await putAffiliation(access, transaction, {
      rid: change.rid,
      ...partiesOf(write, change.resource),
      medical: services.has('medical-cooperation'),
      care: services.has('care-cooperation'),
      timeline: services.has('timeline'),
      active: change.resource.active !== false,
      starts: bound(period.start, 'low'),
      ends: bound(period.end, 'high'),
    });
  },
});

function partiesOf({ engine }: Write, resource: Resource): { hospital: bigint; member: bigint } {
  const ridOf = (name: 'organization' | 'participatingOrganization') => {
    const text = (resource[name] as { reference?: string } | undefined)?.reference;
    const reference = text === undefined ? null : parseReference(text, engine.baseUrl);
    if (!reference)
      throw refuse.unprocessable(
        `${name} must refer to an Organization`,
        `OrganizationAffiliation.${name}`,
        'required',
      );
    return engine.keys.rid(reference.type, reference.id);
  };
  return { hospital: ridOf('organization'), member: ridOf('participatingOrganization') };
}

function servicesOf(resource: Resource): Set<string> {
  const codes = ((resource.code ?? []) as { coding?: { system?: string; code?: string }[] }[]).flatMap(
    (code) => code.coding ?? [],
  );
  const services = new Set(
    codes.filter((coding) => coding.system === SERVICE_SYSTEM).map((coding) => coding.code ?? ''),
  );
  const unknown = [...services].find((service) => !(SERVICES as readonly string[]).includes(service));
  if (services.size === 0 || unknown !== undefined) {
    throw refuse.unprocessable(
      `code must name services of ${SERVICE_SYSTEM}: ${SERVICES.join(', ')}`,
      'OrganizationAffiliation.code',
      'code-invalid',
    );
  }
  return services;
}
