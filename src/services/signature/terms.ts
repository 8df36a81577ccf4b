/** Systems and codes under which letters and their signatures are told to others. */
const BASE = 'https://tasuki.example/fhir';

export const SYSTEM = Object.freeze({
  taskCode: `${BASE}/CodeSystem/task-code`,
  letterStatus: `${BASE}/CodeSystem/letter-status`,
  letterPart: `${BASE}/CodeSystem/letter-part`,
  documentType: 'http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes',
  institutionNumber: 'http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no',
});

export const PROFILE = Object.freeze({
  letterTask: `${BASE}/StructureDefinition/tasuki-letter-task`,
  signedLetter: `${BASE}/StructureDefinition/tasuki-signed-letter`,
  signatureProvenance: `${BASE}/StructureDefinition/tasuki-signature-provenance`,
});

/** On an institution's own Organization: bookings of its slots need a letter with a valid signature. */
export const SIGNATURE_REQUIRED = `${BASE}/StructureDefinition/signature-required`;

export const SIGN_LETTER = Object.freeze({
  system: SYSTEM.taskCode,
  code: 'sign-letter',
  display: '診療情報提供書の署名',
});

/** 診療情報提供書 */
export const LETTER_TYPE = Object.freeze({
  system: SYSTEM.documentType,
  code: '57133-1',
  display: '診療情報提供書',
});

export const PDF = 'application/pdf';
