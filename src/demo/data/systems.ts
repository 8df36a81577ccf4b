/**
 * Identifier systems, code systems and canonicals that the demo's data name. JP Core, JP-CLINS and eCS canonicals are claimed, their
 * files are not part of this project.
 */
const JP = 'http://jpfhir.jp/fhir';
const TASUKI = 'https://tasuki.example/fhir';

export const SYSTEM = {
  institutionCode: `${JP}/core/IdSystem/insurance-medical-institution-no`,
  resourceInstance: `${JP}/core/IdSystem/resourceInstance-identifier`,
  documentBundle: `${JP}/clins/bundle-identifier`,
  medicalRegistration: `${JP}/core/mhlw/IdSystem/medicalRegistrationNumber`,
  rpGroup: `${JP}/core/mhlw/IdSystem/Medication-RPGroupNumber`,
  orderInRp: `${JP}/core/mhlw/IdSystem/MedicationAdministrationIndex`,
  studyInstance: 'urn:dicom:uid',
  catalogue: `${TASUKI}/IdSystem/demo-catalogue`,
  staff: `${TASUKI}/IdSystem/demo-staff`,
  order: `${TASUKI}/IdSystem/demo-order`,

  institutionKind: `${TASUKI}/CodeSystem/institution-kind`,
  cooperationService: `${TASUKI}/CodeSystem/cooperation-service`,
  contractService: `${TASUKI}/CodeSystem/contract-service`,
  organizationType: 'http://terminology.hl7.org/CodeSystem/organization-type',
  practitionerRole: `${JP}/core/CodeSystem/JP_PractitionerRole_CS`,
  certificate: `${JP}/core/CodeSystem/JP_MedicalLicenseCertificate_CS`,
  documentCodes: `${JP}/core/CodeSystem/JP_DocumentCodes_CS`,
  documentType: `${JP}/Common/CodeSystem/doc-typecodes`,
  documentSubtype: `${JP}/Common/CodeSystem/doc-subtypecodes`,
  documentSection: `${JP}/clins/CodeSystem/document-section`,
  observationCategory: `${JP}/core/CodeSystem/JP_SimpleObservationCategory_CS`,
  icd10: `${JP}/core/mhlw/CodeSystem/ICD10-2013-full`,
  diseaseKeyNumber: 'http://medis.or.jp/CodeSystem/master-disease-keyNumber',
  jlac10: 'http://medis.or.jp/CodeSystem/master-JLAC10-17digits',
  dicom: 'http://dicom.nema.org/resources/ontology/DCM',
  loinc: 'http://loinc.org',
  ucum: 'http://unitsofmeasure.org',
  actCode: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  conditionVerification: 'http://terminology.hl7.org/CodeSystem/condition-ver-status',
  conditionClinical: 'http://terminology.hl7.org/CodeSystem/condition-clinical',
  conditionCategory: 'http://terminology.hl7.org/CodeSystem/condition-category',
  allergyVerification: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification',
  allergyClinical: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
  emptyReason: 'http://terminology.hl7.org/CodeSystem/list-empty-reason',
} as const;

/** Canonical of the form by which institutions apply for service. */
export const APPLICATION_FORM = `${TASUKI}/Questionnaire/contract-application`;

/** Canonical of the hospital's questions before a contrast CT. */
export const CONTRAST_QUESTIONS = `${TASUKI}/Questionnaire/contrast-ct-safety`;

export const PROFILE = {
  patient: `${JP}/core/StructureDefinition/JP_Patient`,
  practitioner: `${JP}/core/StructureDefinition/JP_Practitioner`,
  practitionerRole: `${JP}/core/StructureDefinition/JP_PractitionerRole`,
  organization: `${JP}/core/StructureDefinition/JP_Organization`,
  serviceRequest: `${JP}/core/StructureDefinition/JP_ServiceRequest_Common`,
  condition: `${JP}/core/StructureDefinition/JP_Condition`,
  observation: `${JP}/core/StructureDefinition/JP_Observation_Common`,
  radiologyReport: `${JP}/core/StructureDefinition/JP_DiagnosticReport_Radiology`,
  radiologyFindings: `${JP}/core/StructureDefinition/JP_Observation_Radiology_Findings`,
  radiologyImpression: `${JP}/core/StructureDefinition/JP_Observation_Radiology_Impression`,
  radiologyStudy: `${JP}/core/StructureDefinition/JP_ImagingStudy_Radiology`,
  referralBundle: `${JP}/clins/StructureDefinition/JP_Bundle_eReferral`,
  referralComposition: `${JP}/eReferral/StructureDefinition/JP_Composition_eReferral`,
} as const;

export const EXTENSION = {
  nameRepresentation: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation',
  documentVersion: 'http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber',
} as const;

/** The stricter profiles that the parts of a 診療情報提供書 claim. */
export const eCS = (type: string) => `${JP}/eCS/StructureDefinition/JP_${type}_eCS`;

/** The patient numbers that the institution of this ten-digit code gives out. */
export const patientNumberSystem = (institutionCode: string) => `urn:oid:1.2.392.100495.20.3.51.1${institutionCode}`;
