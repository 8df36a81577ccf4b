import type { AllergyIntolerance, Condition, Encounter, MedicationRequest, Observation } from '@medplum/fhirtypes';
import { ago, jst, jstDate } from './calendar.ts';
import type { KidneyFunction } from './kidney.ts';
import type { Moment } from './moment.ts';
import { eCSMeta } from './referral-parties.ts';
import { SYSTEM } from './systems.ts';

/** What the clinical parts of one letter have in common. */
export interface LetterContext {
  readonly moment: Moment;
  /** `urn:uuid:` of the letter's Patient. */
  readonly patient: string;
  /** A resource's own number, unique in the author's institution. */
  number(part: string): { readonly system: string; readonly value: string };
}

/** The visit of a section 950 紹介目的 or of the Composition itself: JP_Encounter_eCS. */
export function visit({ moment, patient, number }: LetterContext, part: string, reason?: string): Encounter {
  return {
    resourceType: 'Encounter',
    meta: eCSMeta('Encounter', moment),
    identifier: [number(part)],
    status: 'finished',
    class: { system: SYSTEM.actCode, code: 'AMB', display: '外来' },
    subject: { reference: patient },
    ...(reason && { reasonCode: [{ text: reason }] }),
    period: { start: jst(ago(moment.now, { hours: 2 })), end: jst(ago(moment.now, { hours: 1 })) },
  };
}

export interface Disease {
  readonly part: string;
  readonly text: string;
  readonly icd10: string;
  readonly category: 'problem-list-item' | 'encounter-diagnosis';
  readonly onset: Date;
}

/**
 * JP_Condition_eCS. It asks for a MEDIS key number; MEDIS's master is licensed content that the demo does not ship, so the number is
 * that of a name without a code.
 */
export function condition({ moment, patient, number }: LetterContext, disease: Disease): Condition {
  return {
    resourceType: 'Condition',
    meta: eCSMeta('Condition', moment),
    identifier: [number(disease.part)],
    clinicalStatus: { coding: [{ system: SYSTEM.conditionClinical, code: 'active' }] },
    verificationStatus: { coding: [{ system: SYSTEM.conditionVerification, code: 'confirmed' }] },
    category: [{ coding: [{ system: SYSTEM.conditionCategory, code: disease.category }] }],
    code: {
      coding: [
        { system: SYSTEM.diseaseKeyNumber, code: '99999999', display: '未コード化病名' },
        { system: SYSTEM.icd10, code: disease.icd10 },
      ],
      text: disease.text,
    },
    subject: { reference: patient },
    onsetDateTime: jstDate(disease.onset),
    recordedDate: jst(moment.now),
  };
}

export function foodAllergy({ moment, patient, number }: LetterContext): AllergyIntolerance {
  return {
    resourceType: 'AllergyIntolerance',
    meta: eCSMeta('AllergyIntolerance', moment),
    identifier: [number('allergy')],
    clinicalStatus: { coding: [{ system: SYSTEM.allergyClinical, code: 'active' }] },
    verificationStatus: { coding: [{ system: SYSTEM.allergyVerification, code: 'confirmed' }] },
    type: 'allergy',
    category: ['food'],
    criticality: 'low',
    code: { text: 'サバ' },
    patient: { reference: patient },
    recordedDate: jst(moment.now),
    reaction: [{ manifestation: [{ text: '蕁麻疹' }] }],
  };
}

/** JP_MedicationRequest_eCS: one medicine of the running prescription, taken after breakfast and supper. */
export function metformin({ moment, patient, number }: LetterContext): MedicationRequest {
  return {
    resourceType: 'MedicationRequest',
    meta: eCSMeta('MedicationRequest', moment),
    identifier: [{ system: SYSTEM.rpGroup, value: '1' }, { system: SYSTEM.orderInRp, value: '1' }, number('metformin')],
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: { text: 'メトホルミン塩酸塩錠250mg' },
    subject: { reference: patient },
    authoredOn: jst(ago(moment.now, { days: 12 })),
    dosageInstruction: [
      {
        text: '1回1錠 1日2回 朝夕食後 28日分',
        timing: { repeat: { frequency: 2, period: 1, periodUnit: 'd', boundsDuration: days(28) } },
        doseAndRate: [{ doseQuantity: { value: 1, unit: '錠' } }],
      },
    ],
  };
}

const days = (value: number) => ({ value, unit: '日', system: SYSTEM.ucum, code: 'd' });

/** JP_Observation_LabResult_eCS, cut to what the reader of the letter needs: creatinine and eGFR with the day of the blood test. */
export function kidneyTests(context: LetterContext, kidney: KidneyFunction): [Observation, Observation] {
  const test = (
    part: string,
    coding: { system: string; code: string }[],
    text: string,
    value: number,
    unit: string,
    code: string,
  ): Observation => ({
    resourceType: 'Observation',
    meta: eCSMeta('Observation_LabResult', context.moment),
    identifier: [context.number(part)],
    status: 'final',
    category: [{ coding: [{ system: SYSTEM.observationCategory, code: 'laboratory' }] }],
    code: { coding, text },
    subject: { reference: context.patient },
    effectiveDateTime: jst(kidney.measured),
    valueQuantity: { value, unit, system: SYSTEM.ucum, code },
    specimen: { display: '血清' },
  });
  return [
    test('creatinine', creatinineCoding, '血清クレアチニン', kidney.creatinine, 'mg/dL', 'mg/dL'),
    test('egfr', egfrCoding, 'eGFR', kidney.egfr, 'mL/min/1.73m2', 'mL/min/{1.73_m2}'),
  ];
}

export const creatinineCoding = [
  { system: SYSTEM.jlac10, code: '3C015000002327101' },
  { system: SYSTEM.loinc, code: '2160-0' },
];
export const egfrCoding = [{ system: SYSTEM.jlac10, code: '8A065000002391901' }];
