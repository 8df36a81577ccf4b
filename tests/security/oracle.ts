import type { Json } from './sheet.ts';
import { type Affiliation, INSTITUTIONS, type Institution, type Record, type World } from './world.ts';

/**
 * Who sees what, told once more from the rules of docs/architecture.md and the comments of access/policy.ts, over resources as JSON
 * and without a database: the model against which the predicate is tested. Nothing here is shared with the server.
 */

type Kind = 'definition' | 'directory' | 'schedule' | 'workflow' | 'clinical' | 'paper';

const KIND: Readonly<{ [type: string]: Kind }> = {
  Questionnaire: 'definition',
  Organization: 'directory',
  Practitioner: 'directory',
  PractitionerRole: 'directory',
  Location: 'directory',
  HealthcareService: 'directory',
  OrganizationAffiliation: 'directory',
  Schedule: 'schedule',
  Slot: 'schedule',
  ServiceRequest: 'workflow',
  Appointment: 'workflow',
  AppointmentResponse: 'workflow',
  Communication: 'workflow',
  Task: 'workflow',
  QuestionnaireResponse: 'workflow',
  Consent: 'workflow',
  Contract: 'paper',
};

/** Elements by which a resource is about a Patient (CompartmentDefinition). */
const ABOUT: Readonly<{ [type: string]: readonly string[] }> = {
  ServiceRequest: ['subject', 'performer'],
  Appointment: ['participant.actor'],
  AppointmentResponse: ['actor'],
  Communication: ['subject', 'sender', 'recipient'],
  Task: ['for', 'focus'],
  QuestionnaireResponse: ['subject', 'author'],
  Consent: ['patient'],
  Observation: ['subject', 'performer'],
  DiagnosticReport: ['subject'],
  ImagingStudy: ['subject'],
  Procedure: ['subject', 'performer.actor'],
  Encounter: ['subject'],
  Condition: ['subject', 'asserter'],
  Specimen: ['subject'],
  DocumentReference: ['subject', 'author'],
  List: ['subject', 'source'],
  Group: ['member.entity'],
  RiskAssessment: ['subject'],
  Binary: ['securityContext'],
};

/** Elements that name others: their owners see it. */
const NAMES: Readonly<{ [type: string]: readonly string[] }> = {
  ServiceRequest: ['performer', 'requester'],
  Appointment: ['participant.actor', 'slot'],
  AppointmentResponse: ['actor'],
  Task: ['requester', 'owner'],
  Communication: ['sender', 'recipient'],
  Consent: ['provision.actor.reference'],
  Contract: ['subject'],
};

/** Elements that lead to a workflow resource, and then whoever sees that as a party is a party here. */
const FOLLOWS: Readonly<{ [type: string]: readonly string[] }> = {
  ServiceRequest: ['basedOn'],
  Appointment: ['basedOn'],
  AppointmentResponse: ['appointment'],
  Task: ['basedOn', 'focus'],
  Communication: ['basedOn'],
  QuestionnaireResponse: ['basedOn'],
  DiagnosticReport: ['basedOn'],
  ImagingStudy: ['basedOn'],
  Observation: ['basedOn'],
  Procedure: ['basedOn'],
};

/** Elements whose targets go along to the parties, so far as the same institution owns them. */
const CARRIES: Readonly<{ [type: string]: readonly string[] }> = {
  ServiceRequest: ['subject', 'supportingInfo', 'reasonReference', 'encounter', 'specimen', 'insurance'],
  Contract: ['legallyBindingReference', 'supportingInfo'],
  Appointment: ['participant.actor', 'supportingInformation', 'reasonReference'],
  Task: ['for', 'focus', 'encounter', 'reasonReference', 'insurance', 'input.valueReference'],
  Communication: ['payload.contentReference', 'payload.contentAttachment'],
  DiagnosticReport: ['subject', 'result', 'imagingStudy', 'media.link', 'presentedForm', 'specimen', 'encounter'],
  ImagingStudy: ['subject', 'endpoint'],
  Observation: ['subject', 'specimen'],
  Procedure: ['subject', 'report'],
};

const UNDELIVERED = 'http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication|UNDELIVERED';

export class Oracle {
  readonly #world: World;
  readonly #kinds: ReadonlyMap<string, string>;
  readonly #records: ReadonlyMap<string, Record>;
  readonly #parties = new Map<string, ReadonlySet<string>>();
  /** Who is shown a resource because another one carries it, by its reference. */
  readonly #carried = new Map<string, Set<string>>();

  constructor(world: World, institutions: readonly Institution[] = INSTITUTIONS) {
    this.#world = world;
    this.#kinds = new Map(institutions.map(({ id, kind }) => [id, kind]));
    this.#records = new Map(world.records.map((record) => [reference(record.json), record]));
    for (const record of world.records) this.#carry(record);
  }

  /** Whether the institution may see the resource, which may be one that was deleted. */
  sees(viewer: string, record: Record): boolean {
    const { json, owner } = record;
    const own = owner === viewer;
    switch (KIND[json.resourceType] ?? 'clinical') {
      case 'definition':
        return true;
      case 'directory':
        return own || this.#isOperator(viewer) || this.#shareNetwork(viewer, owner);
      case 'schedule':
        return own || this.#hospitals(viewer, ({ medical }) => medical).has(owner);
      case 'workflow':
        return own || this.#isParty(viewer, record);
      case 'paper':
        return own || this.#isOperator(viewer) || this.#isParty(viewer, record);
      case 'clinical':
        if (isSealed(json) && !own) return false;
        return this.#opens(viewer, record) || (this.#isOwnPatients(record) && this.#isParty(viewer, record));
    }
  }

  /**
   * Whether it may see one version of what it sees. A version about others than the resource is about now was for those only who
   * may see the timelines of all of them; one about nobody, or not to be given away, was its owner's.
   */
  seesVersion(viewer: string, record: Record, version: Json): boolean {
    if (!this.sees(viewer, record)) return false;
    const clinical = KIND[version.resourceType] === undefined;
    if (clinical && isSealed(version) && record.owner !== viewer) return false;
    const [then, now] = [patientsOf(version), patientsOf(record.json)];
    if (then.join() === now.join()) return true;
    return then.length === 0 ? record.owner === viewer : then.every((patient) => this.open(viewer, patient));
  }

  /** Whether the institution may read the whole timeline of a Patient, by its id. */
  open(viewer: string, patient: string): boolean {
    const owner = this.#records.get(`Patient/${patient}`)?.owner;
    if (owner === viewer) return true;
    const granted = this.#world.grants.some(
      (grant) => grant.institution === viewer && grant.patient === patient && grant.standing === 'live',
    );
    return granted && owner !== undefined && this.#hospitals(viewer, ({ timeline }) => timeline).has(owner);
  }

  /** Hospitals in whose network the institution is now, for what the service says; a hospital is in its own for everything. */
  #hospitals(viewer: string, service: (affiliation: Affiliation) => boolean = () => true): ReadonlySet<string> {
    const joined = this.#world.affiliations.filter(
      (one) => one.member === viewer && one.active && one.standing === 'live' && service(one),
    );
    const own = this.#kinds.get(viewer) === 'cooperating-hospital' ? [viewer] : [];
    return new Set([...own, ...joined.map(({ hospital }) => hospital)]);
  }

  #isOperator(viewer: string): boolean {
    return this.#kinds.get(viewer) === 'operator';
  }

  #shareNetwork(viewer: string, owner: string): boolean {
    const theirs = this.#hospitals(owner);
    return [...this.#hospitals(viewer)].some((hospital) => theirs.has(hospital));
  }

  #opens(viewer: string, { json, owner }: Record): boolean {
    const patients = patientsOf(json);
    return patients.length === 0 ? owner === viewer : patients.every((patient) => this.open(viewer, patient));
  }

  /** What is about another's patient goes to nobody by being carried or followed. */
  #isOwnPatients({ json, owner }: Record): boolean {
    return patientsOf(json).every((patient) => this.#records.get(`Patient/${patient}`)?.owner === owner);
  }

  /** Named on it, or shown it because something else carries it. */
  #isParty(viewer: string, record: Record): boolean {
    const carried = this.#carried.get(reference(record.json));
    return this.#partiesOf(record).has(viewer) || (carried?.has(viewer) ?? false);
  }

  /** The owners of what it names, and the parties and owners of what it follows. The author of an entry is none by that. */
  #partiesOf({ json, owner }: Record): ReadonlySet<string> {
    const name = reference(json);
    const known = this.#parties.get(name);
    if (known) return known;
    const named = at(json, NAMES[json.resourceType]).flatMap((target) => this.#records.get(target)?.owner ?? []);
    const followed = at(json, FOLLOWS[json.resourceType]).flatMap((target) => {
      const record = this.#records.get(target);
      if (!record || KIND[record.json.resourceType] !== 'workflow') return [];
      return [record.owner, ...this.#partiesOf(record)];
    });
    const parties = new Set([...named, ...followed]);
    parties.delete(owner);
    this.#parties.set(name, parties);
    return parties;
  }

  #carry(record: Record): void {
    for (const target of at(record.json, CARRIES[record.json.resourceType])) {
      if (this.#records.get(target)?.owner !== record.owner) continue;
      const shown = this.#carried.get(target) ?? new Set();
      for (const party of this.#partiesOf(record)) shown.add(party);
      this.#carried.set(target, shown);
    }
  }
}

export const isSealed = ({ meta }: Json): boolean =>
  ((meta as { tag?: { system?: string; code?: string }[] } | undefined)?.tag ?? []).some(
    ({ system, code }) => `${system}|${code}` === UNDELIVERED,
  );

/** Ids of the Patients that a resource is about, each once; a Patient is about itself. */
export function patientsOf(json: Json): string[] {
  if (json.resourceType === 'Patient') return [json.id];
  const about = at(json, ABOUT[json.resourceType]).filter((target) => target.startsWith('Patient/'));
  return [...new Set(about)].map((target) => target.slice('Patient/'.length));
}

export const reference = ({ resourceType, id }: Json): string => `${resourceType}/${id}`;

/** The references at these paths, and the urls of attachments. */
function at(node: unknown, paths: readonly string[] = []): string[] {
  return paths.flatMap((path) => {
    const found = path
      .split('.')
      .reduce<unknown[]>(
        (nodes, name) => nodes.flatMap((one) => (one as { [name: string]: unknown } | undefined)?.[name] ?? []),
        [node],
      );
    return found.flatMap((one) => {
      const { reference, url } = one as { reference?: string; url?: string };
      return reference ?? url ?? [];
    });
  });
}
