/**
 * The policy table: every resource type of R4 once, with the class that decides who reads it and who writes it. Data only;
 * `store/visible.ts` turns the read column into SQL, `fhir/` enforces the write column. A type that is not here is refused.
 */

/** One letter, stored with each row, so that a row of an unknown class is visible to nobody. */
export type PolicyClass =
  | 'f' // definition: every caller reads, the operator writes
  | 'd' // directory: members of a common network read, the institution itself writes
  | 's' // schedule: partner medical institutions read, the hospital writes
  | 'w' // workflow: the parties named on it read
  | 'c' // clinical: the patient's hospital, grants by keycode, parties to whom it is carried
  | 'k' // consent: the hospital and the institution it names read, only the service's own operations write
  | 'o' // operator's papers: the operator, and the institution that they are about
  | 'a' // audit: rendered from the audit, never written
  | 'x'; // denied: not served

const TYPES_BY_CLASS: Readonly<Record<PolicyClass, string>> = {
  f: `ActivityDefinition CapabilityStatement ChargeItemDefinition CodeSystem CompartmentDefinition ConceptMap EffectEvidenceSynthesis
      EventDefinition Evidence EvidenceVariable ExampleScenario GraphDefinition ImplementationGuide Library Measure MessageDefinition
      NamingSystem OperationDefinition PlanDefinition Questionnaire ResearchDefinition ResearchElementDefinition RiskEvidenceSynthesis
      SearchParameter SpecimenDefinition StructureDefinition StructureMap TerminologyCapabilities TestScript ValueSet
      ObservationDefinition`,
  d: `Organization Practitioner PractitionerRole Location HealthcareService Endpoint OrganizationAffiliation InsurancePlan
      CatalogEntry DeviceDefinition MedicationKnowledge Substance SubstanceNucleicAcid
      SubstancePolymer SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification MedicinalProduct
      MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient
      MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical
      MedicinalProductUndesirableEffect`,
  s: 'Schedule Slot',
  w: `Appointment AppointmentResponse Communication CommunicationRequest QuestionnaireResponse ServiceRequest Task`,
  c: `Account AdverseEvent AllergyIntolerance Basic Binary BiologicallyDerivedProduct BodyStructure Bundle CarePlan CareTeam ChargeItem Claim ClaimResponse
      ClinicalImpression Composition Condition Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device
      DeviceMetric DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference Encounter EnrollmentRequest
      EnrollmentResponse EpisodeOfCare ExplanationOfBenefit FamilyMemberHistory Flag Goal Group GuidanceResponse ImagingStudy Immunization
      ImmunizationEvaluation ImmunizationRecommendation Invoice Linkage List MeasureReport Media Medication MedicationAdministration
      MedicationDispense MedicationRequest MedicationStatement MolecularSequence NutritionOrder Observation Patient PaymentNotice
      PaymentReconciliation Person Procedure Provenance RelatedPerson RequestGroup ResearchStudy ResearchSubject RiskAssessment
      Specimen SupplyDelivery SupplyRequest VerificationResult VisionPrescription`,
  k: 'Consent',
  o: 'Contract',
  a: 'AuditEvent',
  x: 'MessageHeader OperationOutcome Parameters Subscription TestReport',
};

/**
 * How a workflow resource spreads, and what a party other than its owner may change on it. Element names are paths of References
 * below the resource, arrays walked through. The owner's institution is always a party.
 */
export interface PartyRule {
  /** References whose owning institutions become parties. */
  readonly names: readonly string[];
  /** Workflow resources whose parties become parties. */
  readonly follows: readonly string[];
  /** What the resource carries to its parties, so far as its owner owns it too. */
  readonly carries: readonly string[];
  /** Elements that a party other than the owner may change: `name`, or `name.part` for that part of each repetition. */
  readonly partyMayChange: readonly string[];
}

const PARTY_RULES: Readonly<Record<string, PartyRule>> = {
  ServiceRequest: {
    names: ['performer', 'requester'],
    follows: ['basedOn'],
    carries: ['subject', 'supportingInfo', 'reasonReference', 'encounter', 'specimen', 'insurance'],
    partyMayChange: ['status'],
  },
  // Whose slot it takes sees the booking, whether or not it is named among the participants.
  Appointment: {
    names: ['participant.actor', 'slot'],
    follows: ['basedOn'],
    carries: ['participant.actor', 'supportingInformation', 'reasonReference'],
    partyMayChange: ['status', 'cancelationReason', 'comment', 'participant.status'],
  },
  AppointmentResponse: {
    names: ['actor'],
    follows: ['appointment'],
    carries: [],
    partyMayChange: [],
  },
  Task: {
    names: ['requester', 'owner'],
    follows: ['basedOn', 'focus'],
    carries: ['for', 'focus', 'encounter', 'reasonReference', 'insurance', 'input.valueReference'],
    partyMayChange: ['status', 'statusReason', 'businessStatus', 'output', 'lastModified', 'executionPeriod', 'note'],
  },
  // A message carries what is attached to it, but not its subject: both sides know the patient by their own right to do so,
  // and lose sight of the patient when that right ends.
  Communication: {
    names: ['sender', 'recipient'],
    follows: ['basedOn'],
    carries: ['payload.contentReference', 'payload.contentAttachment'],
    partyMayChange: ['status', 'received'],
  },
  CommunicationRequest: {
    names: ['sender', 'recipient', 'requester'],
    follows: ['basedOn'],
    carries: ['payload.contentReference', 'payload.contentAttachment'],
    partyMayChange: ['status', 'statusReason'],
  },
  QuestionnaireResponse: {
    names: [],
    follows: ['basedOn'],
    carries: [],
    partyMayChange: [],
  },
  Consent: {
    names: ['provision.actor.reference'],
    follows: [],
    carries: [],
    partyMayChange: [],
  },
  // The institution reads its contract with the application and the scans of the paper; all are the operator's.
  Contract: {
    names: ['subject'],
    follows: [],
    carries: ['legallyBindingReference', 'supportingInfo'],
    partyMayChange: [],
  },
  // Results: a clinical resource made for a booking reaches the booking's parties with what it refers to.
  DiagnosticReport: {
    names: [],
    follows: ['basedOn'],
    carries: ['subject', 'result', 'imagingStudy', 'media.link', 'presentedForm', 'specimen', 'encounter'],
    partyMayChange: [],
  },
  ImagingStudy: {
    names: [],
    follows: ['basedOn'],
    carries: ['subject', 'endpoint'],
    partyMayChange: [],
  },
  Observation: {
    names: [],
    follows: ['basedOn'],
    carries: ['subject', 'specimen'],
    partyMayChange: [],
  },
  Procedure: {
    names: [],
    follows: ['basedOn'],
    carries: ['subject', 'report'],
    partyMayChange: [],
  },
};

const CLASS_OF: ReadonlyMap<string, PolicyClass> = new Map(
  (Object.entries(TYPES_BY_CLASS) as [PolicyClass, string][]).flatMap(([policyClass, types]) =>
    types
      .split(/\s+/)
      .filter(Boolean)
      .map((type) => [type, policyClass] as const),
  ),
);

/** The class of a type; 'x' for anything the table does not name. */
export function policyClass(type: string): PolicyClass {
  return CLASS_OF.get(type) ?? 'x';
}

/** Every type in the table, by class: for tests and for the CapabilityStatement. */
export function policyTable(): ReadonlyMap<string, PolicyClass> {
  return CLASS_OF;
}

export function partyRule(type: string): PartyRule | undefined {
  return Object.hasOwn(PARTY_RULES, type) ? PARTY_RULES[type] : undefined;
}

/** Types with which a caller could ever do the interaction by itself; others are refused with 403 whatever the data. */
export function mayWrite(type: string, kind: string): boolean {
  switch (policyClass(type)) {
    case 'f':
      return kind === 'operator';
    case 'd':
      return type === 'OrganizationAffiliation' ? kind === 'cooperating-hospital' : true;
    case 's':
      return kind === 'cooperating-hospital';
    case 'w':
    case 'c':
      return kind !== 'operator';
    case 'o':
      return true;
    case 'k':
    case 'a':
    case 'x':
      return false;
  }
}
