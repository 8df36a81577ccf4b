const BASE = 'https://tasuki.example/fhir';

/** Systems of our own, of which terminology/ has the codes. */
export const SYSTEM = Object.freeze({
  service: `${BASE}/CodeSystem/contract-service`,
  end: `${BASE}/CodeSystem/contract-end`,
  notice: `${BASE}/CodeSystem/contract-notice`,
  /** 契約者ID. */
  number: `${BASE}/IdSystem/contract-number`,
  kind: `${BASE}/CodeSystem/institution-kind`,
});

/** Canonical of the form that applications are made on (Art. 7). */
export const APPLICATION_FORM = `${BASE}/Questionnaire/contract-application`;

/** Why a contract is over, or never came about. */
export type Cause = 'refused-1' | 'refused-2' | 'withdrawn' | 'user' | 'not-extended' | `operator-${1 | 2 | 3 | 4 | 5}`;
