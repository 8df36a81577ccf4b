import { byIdentifier } from '../data/bundles.ts';
import { affiliation, INSTITUTIONS, type InstitutionName, NETWORK } from '../data/institutions.ts';
import {
  PRACTITIONERS,
  type PractitionerData,
  type PractitionerName,
  practitioner,
  practitionerRole,
  staffIdentifier,
} from '../data/practitioners.ts';
import { enrol } from '../enrol.ts';
import { whoSees } from '../sight.ts';
import { type Institution, type Stage, type Step, titleOf } from '../stage.ts';

/** The operator registers the institutions, the hospital its network, each institution its people. */
export const network: Step = {
  japanese: '連携ネットワークをつくる',
  english: 'the operator registers the institutions, the hospital its network',
  async play(stage) {
    const institutions = await enrolAll(stage);
    stage.props.institutions = institutions;
    for (const [name, services] of Object.entries(NETWORK)) {
      await affiliate(stage, institutions.hospital, institutions[name as InstitutionName], services);
    }
    stage.props.practitioners = await registerPractitioners(stage, institutions);
    const members = ['hospital', 'clinic', 'clinic2', 'careagency'] as const;
    await whoSees(stage, [
      ...members.map((name) => ({ label: titleOf(name), reference: institutions[name].organization, seenBy: members })),
      { label: titleOf('hospital2'), reference: institutions.hospital2.organization, seenBy: ['hospital2'] },
      { label: 'radiologist', reference: stage.props.practitioners.radiologist, seenBy: members },
    ]);
  },
};

async function enrolAll(stage: Stage): Promise<Record<InstitutionName, Institution>> {
  const enrolled: [InstitutionName, Institution][] = [];
  for (const name of INSTITUTIONS) {
    const { institution, client, isNew } = await enrol(stage, name);
    stage.clients.set(name, client);
    enrolled.push([name, institution]);
    stage.checks.check(
      institution,
      isNew ? 'gets its first access token' : 'is registered already',
      await canRead(institution),
    );
  }
  return Object.fromEntries(enrolled) as Record<InstitutionName, Institution>;
}

async function canRead({ fhir, organization }: Institution): Promise<boolean> {
  return (await fhir.get(organization)).ok;
}

async function affiliate(
  { checks }: Stage,
  hospital: Institution,
  member: Institution,
  services: Parameters<typeof affiliation>[2],
): Promise<void> {
  const [one, other] = [hospital.organization, member.organization];
  const answer = await hospital.fhir.post('OrganizationAffiliation', affiliation(one, other, services), {
    'if-none-exist': `primary-organization=${one}&participating-organization=${other}&active=true`,
  });
  checks.succeeds(hospital, `registers ${member.title} (${member.name}) for ${services.join(', ')}`, answer);
}

async function registerPractitioners(
  { checks }: Stage,
  institutions: Record<InstitutionName, Institution>,
): Promise<Record<PractitionerName, string>> {
  const registered: [string, string][] = [];
  for (const [name, data] of Object.entries(PRACTITIONERS) as [PractitionerName, PractitionerData][]) {
    const { fhir, organization } = institutions[data.institution];
    const once = { 'if-none-exist': byIdentifier(staffIdentifier(data)) };
    const person = await fhir.post('Practitioner', practitioner(data), once);
    checks.must(
      institutions[data.institution],
      `registers ${data.name.family} ${data.name.given} (${data.roleDisplay})`,
      person.ok,
      person,
    );
    const role = await fhir.post('PractitionerRole', practitionerRole(data, person.reference(), organization), once);
    checks.must(
      institutions[data.institution],
      `registers what ${data.name.family} ${data.name.given} does there`,
      role.ok,
      role,
    );
    registered.push([name, person.reference()]);
  }
  return Object.fromEntries(registered) as Record<PractitionerName, string>;
}
