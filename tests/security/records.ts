import type { Picks } from './picks.ts';
import { DAYS, type Ids, INSTANTS, type Json, NAMES, NUMBERS, ROLE, Sheet, TAG, UNDELIVERED } from './sheet.ts';

type Make = (s: Sheet) => Readonly<Record<string, unknown>> | undefined;

/** A valid resource of each type; undefined where it would refer to what is not there. */
const MAKE: Readonly<Record<string, Make>> = {
  Organization: (s) => ({ name: s.of(NAMES), active: !s.once(4), partOf: s.to('Organization') }),
  Practitioner: (s) => ({ name: [{ family: s.of(NAMES) }], identifier: s.identifier() }),
  PractitionerRole: (s) => ({
    practitioner: s.to('Practitioner'),
    organization: s.to('Organization'),
    location: s.list('Location'),
    code: [s.code()],
  }),
  Location: (s) => ({ name: s.of(NAMES), status: 'active', managingOrganization: s.to('Organization') }),
  HealthcareService: (s) => ({ name: s.of(NAMES), providedBy: s.to('Organization'), active: !s.once(3) }),
  OrganizationAffiliation: (s) => ({
    active: !s.once(3),
    organization: s.to('Organization'),
    participatingOrganization: s.to('Organization'),
  }),
  Questionnaire: (s) => ({
    status: s.of(['active', 'draft']),
    title: s.of(NAMES),
    url: `https://q.example/${s.of([1, 2])}`,
  }),
  Contract: (s) => ({
    status: s.of(['executed', 'negotiable']),
    identifier: s.identifier(),
    subject: s.list('Organization'),
    legallyBindingReference: s.once(2) ? s.to('QuestionnaireResponse') : undefined,
    supportingInfo: s.list('DocumentReference', 'Observation'),
  }),
  Schedule: (s) => {
    const actor = s.surely('HealthcareService', 'Location', 'Practitioner');
    return actor && { actor: [actor], active: !s.once(3), planningHorizon: { start: s.of(DAYS) } };
  },
  Slot: (s) => {
    const schedule = s.surely('Schedule');
    const start = s.of(INSTANTS);
    return schedule && { schedule, status: s.of(['free', 'busy']), start, end: start, serviceType: [s.code()] };
  },
  Patient: (s) => ({
    name: [{ family: s.of(NAMES), given: [s.of(NAMES)] }],
    gender: s.of(['female', 'male', undefined]),
    birthDate: s.of(['1950-01-10', '1950-01', '2001-05-05', undefined]),
    identifier: s.identifier(),
    managingOrganization: s.to('Organization'),
    generalPractitioner: s.list('Practitioner', 'Organization'),
    link: s.once(3) ? links(s) : undefined,
  }),
  ServiceRequest: (s) => {
    const subject = s.surely('Patient');
    return (
      subject && {
        status: s.of(['active', 'completed']),
        intent: 'order',
        subject,
        code: s.code(),
        authoredOn: s.day(),
        identifier: s.identifier(),
        performer: s.list('Organization', 'Practitioner'),
        requester: s.to('Organization', 'Practitioner'),
        supportingInfo: s.list('Observation', 'DocumentReference', 'Condition'),
        reasonReference: s.once(3) ? s.list('Condition', 'Observation') : undefined,
        encounter: s.to('Encounter'),
        specimen: s.list('Specimen'),
        basedOn: s.once(4) ? s.before('ServiceRequest') : undefined,
      }
    );
  },
  Appointment: (s) => {
    const start = s.of(INSTANTS);
    const actors = [
      s.to('Patient'),
      s.to('HealthcareService', 'Practitioner'),
      s.once(4) ? s.to('Patient') : undefined,
    ];
    const participant = actors.flatMap((actor) => (actor ? [{ actor, status: 'accepted' }] : []));
    return {
      status: s.of(['booked', 'fulfilled']),
      start,
      end: start,
      participant: participant.length > 0 ? participant : [{ type: [s.code()], status: 'accepted' }],
      basedOn: s.list('ServiceRequest'),
      supportingInformation: s.list('Observation', 'DocumentReference'),
      slot: s.list('Slot'),
    };
  },
  AppointmentResponse: (s) => {
    const appointment = s.surely('Appointment');
    return (
      appointment && {
        appointment,
        participantStatus: s.of(['accepted', 'declined']),
        actor: s.to('Practitioner', 'Location') ?? s.surely('Patient'),
      }
    );
  },
  Communication: (s) => ({
    status: 'completed',
    subject: s.to('Patient'),
    sender: s.once(2) ? { reference: s.owner } : s.to('Organization', 'Practitioner', 'Patient'),
    recipient: s.list('Organization', 'Practitioner', 'Patient'),
    sent: s.day(),
    basedOn: s.once(3) ? s.list('ServiceRequest') : undefined,
    payload: [
      { contentString: s.of(NAMES) },
      ...(s.list('DocumentReference', 'Observation') ?? []).map((contentReference) => ({ contentReference })),
    ],
  }),
  Task: (s) => ({
    status: s.of(['requested', 'completed']),
    intent: 'order',
    for: s.to('Patient'),
    focus: s.once(2) ? s.to('ServiceRequest', 'Observation', 'Patient') : undefined,
    owner: s.to('Organization', 'Practitioner'),
    requester: s.to('Organization', 'Practitioner'),
    encounter: s.to('Encounter'),
    reasonReference: s.once(3) ? s.to('Condition', 'Observation') : undefined,
    basedOn: s.once(3) ? s.list('ServiceRequest', 'Appointment') : undefined,
    code: s.code(),
    input: s.once(3) ? inputs(s) : undefined,
  }),
  QuestionnaireResponse: (s) => ({
    status: 'completed',
    subject: s.to('Patient'),
    author: s.to('Practitioner', 'Patient'),
    basedOn: s.list('ServiceRequest'),
    authored: s.day(),
  }),
  Consent: (s) => {
    const patient = s.surely('Patient');
    const reference = s.surely('Organization');
    return (
      patient && {
        status: s.of(['active', 'inactive']),
        scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
        category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
        patient,
        dateTime: s.day(),
        policy: [{ uri: 'https://policy.example' }],
        provision: { type: 'permit', actor: [{ role: ROLE, reference }] },
      }
    );
  },
  Observation: (s) => ({
    status: s.of(['final', 'amended']),
    code: s.code(),
    subject: s.to('Patient'),
    performer: s.once(4) ? s.list('Patient', 'Practitioner') : s.list('Practitioner', 'Organization'),
    effectiveDateTime: s.day(),
    ...s.of([
      { valueQuantity: { value: s.of(NUMBERS), unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' } },
      { valueString: s.of(NAMES) },
      { valueCodeableConcept: s.code() },
    ]),
    basedOn: s.once(3) ? s.list('ServiceRequest') : undefined,
    encounter: s.once(3) ? s.to('Encounter') : undefined,
    specimen: s.once(3) ? s.to('Specimen') : undefined,
  }),
  DiagnosticReport: (s) => ({
    status: s.of(['final', 'preliminary']),
    code: s.code(),
    subject: s.to('Patient'),
    effectiveDateTime: s.day(),
    issued: s.once(2) ? s.of(INSTANTS) : undefined,
    basedOn: s.list('ServiceRequest'),
    result: s.list('Observation'),
    imagingStudy: s.list('ImagingStudy'),
    encounter: s.once(3) ? s.to('Encounter') : undefined,
    presentedForm: s.once(2) ? forms(s) : undefined,
  }),
  ImagingStudy: (s) => {
    const subject = s.surely('Patient');
    return (
      subject && {
        status: 'available',
        subject,
        basedOn: s.once(2) ? s.list('ServiceRequest') : undefined,
        started: s.day(),
      }
    );
  },
  Procedure: (s) => {
    const subject = s.surely('Patient');
    return (
      subject && {
        status: 'completed',
        subject,
        code: s.code(),
        performedDateTime: s.day(),
        basedOn: s.once(2) ? s.list('ServiceRequest') : undefined,
        report: s.once(2) ? s.list('DiagnosticReport') : undefined,
      }
    );
  },
  Encounter: (s) => ({
    status: s.of(['finished', 'planned']),
    class: { system: 'https://a.example', code: s.of(['x', 'y']) },
    subject: s.to('Patient'),
    period: { start: s.of(DAYS) },
  }),
  Condition: (s) => {
    const subject = s.surely('Patient');
    return (
      subject && {
        subject,
        code: s.code(),
        recordedDate: s.day(),
        asserter: s.once(3) ? s.to('Patient', 'Practitioner') : undefined,
      }
    );
  },
  Specimen: (s) => ({ subject: s.to('Patient'), type: s.code(), receivedTime: s.day() }),
  DocumentReference: (s) => ({
    status: 'current',
    subject: s.to('Patient'),
    type: s.code(),
    author: s.once(3) ? s.list('Patient', 'Practitioner') : undefined,
    description: s.of(NAMES),
    date: s.once(2) ? s.of(INSTANTS) : undefined,
    content: [{ attachment: { contentType: 'text/plain', title: 'x' } }],
  }),
  List: (s) => ({
    status: 'current',
    mode: 'working',
    subject: s.to('Patient'),
    source: s.once(2) ? s.to('Patient', 'Practitioner') : undefined,
    date: s.day(),
    code: s.code(),
    entry: s.list('Observation', 'Condition')?.map((item) => ({ item })),
  }),
  Group: (s) => ({
    type: 'person',
    actual: true,
    name: s.of(NAMES),
    member: s.list('Patient')?.map((entity) => ({ entity })),
  }),
  RiskAssessment: (s) => {
    const subject = s.surely('Patient');
    return (
      subject && {
        status: 'final',
        subject,
        prediction: [{ probabilityDecimal: s.of([0.1, 0.25, 0.9]) }],
        occurrenceDateTime: s.day(),
      }
    );
  },
  Binary: (s) => ({
    contentType: 'text/plain',
    data: 'eA==',
    securityContext: s.once(2) ? s.to('Patient') : undefined,
  }),
};

const links = (s: Sheet) => {
  const other = s.surely('Patient');
  return other && [{ other, type: 'seealso' }];
};
const inputs = (s: Sheet) => {
  const valueReference = s.surely('Observation', 'DocumentReference');
  return valueReference && [{ type: s.code(), valueReference }];
};
const forms = (s: Sheet) => {
  const binary = s.surely('Binary');
  return binary && [{ contentType: 'text/plain', url: binary.reference }];
};

/** One resource, valid as R4 has it; undefined where it would have to refer to what is not there. */
export function make(type: string, id: string, picks: Picks, ids: Ids, owner: string): Json | undefined {
  const tag = picks.of([undefined, undefined, undefined, undefined, undefined, TAG, UNDELIVERED]);
  const made = MAKE[type]?.(new Sheet(picks, ids, owner, id));
  if (!made) return undefined;
  const present = Object.entries(made).filter(([, value]) => value !== undefined);
  return { resourceType: type, id, ...(tag && { meta: { tag: [tag] } }), ...Object.fromEntries(present) };
}
