import type { Condition, Observation } from '@medplum/fhirtypes';
import { ago, jst, jstDate, type Span } from './calendar.ts';
import type { Moment } from './moment.ts';
import { creatinineCoding } from './referral-parts.ts';
import { PROFILE, SYSTEM } from './systems.ts';

/** An entry of the hospital's own record that belongs to no booking: a disease in the patient's history. */
export function historyCondition(
  { now }: Moment,
  patient: string,
  text: string,
  icd10: string,
  before: Span,
): Condition {
  const onset = ago(now, before);
  return {
    resourceType: 'Condition',
    meta: { profile: [PROFILE.condition] },
    clinicalStatus: { coding: [{ system: SYSTEM.conditionClinical, code: 'active' }] },
    verificationStatus: { coding: [{ system: SYSTEM.conditionVerification, code: 'confirmed' }] },
    category: [{ coding: [{ system: SYSTEM.conditionCategory, code: 'problem-list-item' }] }],
    code: { coding: [{ system: SYSTEM.icd10, code: icd10 }], text },
    subject: { reference: patient },
    onsetDateTime: jstDate(onset),
    recordedDate: jst(onset),
  };
}

/** A blood test that the hospital once made: creatinine. */
export function bloodTest({ now }: Moment, patient: string, creatinine: number, before: Span): Observation {
  return {
    resourceType: 'Observation',
    meta: { profile: [PROFILE.observation] },
    status: 'final',
    category: [{ coding: [{ system: SYSTEM.observationCategory, code: 'laboratory' }] }],
    code: { coding: creatinineCoding, text: '血清クレアチニン' },
    subject: { reference: patient },
    effectiveDateTime: jst(ago(now, before)),
    valueQuantity: { value: creatinine, unit: 'mg/dL', system: SYSTEM.ucum, code: 'mg/dL' },
  };
}
