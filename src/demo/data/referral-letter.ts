import type { Bundle, Composition, CompositionSection, Resource } from '@medplum/fhirtypes';
import { urn } from './bundles.ts';
import { ago, jst, jstDate, jstMilliseconds } from './calendar.ts';
import { nameUuid } from './identifiers.ts';
import { INSTITUTION_DATA, type InstitutionName } from './institutions.ts';
import { type KidneyFunction, kidneyFunction } from './kidney.ts';
import type { Moment } from './moment.ts';
import { letterOrganization, letterPatient, letterPractitioner } from './referral-parties.ts';
import { condition, foodAllergy, kidneyTests, type LetterContext, metformin, visit } from './referral-parts.ts';
import { nothingKnown, section, structured } from './referral-sections.ts';
import { EXTENSION, PROFILE, SYSTEM } from './systems.ts';

const PURPOSE = '右上肺野の結節影の精査のため、胸部造影CTをお願いいたします。';
const FROM: InstitutionName = 'clinic';
const TO: InstitutionName = 'hospital';

/**
 * The 診療情報提供書 that goes with the order: a document Bundle in the shape of JP_Bundle_eReferral (JP-CLINS, HS038), Composition first, every
 * entry under its own `urn:uuid:`, and every reference to one of them.
 *
 * @param prefix  of the author's patient number, as in `patientNumber`
 */
export function referralLetter(moment: Moment, prefix: number): Bundle {
  const { now, serial } = moment;
  const code = INSTITUTION_DATA[FROM].code;
  const year = jstDate(now).slice(0, 4);
  const name = (part: string) => urn(`letter ${serial} ${part}`);
  const context: LetterContext = {
    moment,
    patient: name('patient'),
    number: (part) => ({ system: SYSTEM.resourceInstance, value: `${code}^${year}^${serial}-${part}` }),
  };
  const parts = letterParts(context, prefix, kidneyFunction(moment));
  const composition: Composition = {
    resourceType: 'Composition',
    meta: { lastUpdated: jst(now), profile: [`${PROFILE.referralComposition}|1`] },
    extension: [{ url: EXTENSION.documentVersion, valueString: '1.0' }],
    identifier: context.number('letter'),
    status: 'final',
    type: { coding: [{ system: SYSTEM.documentType, code: '57133-1', display: '診療情報提供書' }] },
    category: [{ coding: [{ system: SYSTEM.documentSubtype, code: 'OUTPATIENT', display: '外来' }] }],
    subject: { reference: context.patient },
    encounter: { reference: name('encounter') },
    date: jst(now),
    author: [{ reference: name('doctor') }, { reference: name('from') }],
    title: '診療情報提供書',
    custodian: { reference: name('from') },
    event: [{ code: [{ text: '診療情報提供書発行' }], period: { start: jstDate(now) } }],
    section: sections(name, kidneyFunction(moment)),
  };
  return {
    resourceType: 'Bundle',
    meta: { lastUpdated: jst(now), profile: [`${PROFILE.referralBundle}|1`] },
    identifier: { system: SYSTEM.documentBundle, value: `${code}^${year}^${nameUuid(`letter ${serial}`)}` },
    type: 'document',
    timestamp: jstMilliseconds(now),
    entry: [
      { fullUrl: name('composition'), resource: composition },
      ...Object.entries(parts).map(([part, resource]) => ({ fullUrl: name(part), resource })),
    ],
  };
}

function sections(name: (part: string) => string, kidney: KidneyFunction): CompositionSection[] {
  return [
    section('920', `${INSTITUTION_DATA[FROM].title} 内科 桜井 春香`, [name('from'), name('doctor')]),
    section('910', `${INSTITUTION_DATA[TO].title} 放射線科 港 健一`, [name('to'), name('radiologist')]),
    structured([
      section('950', PURPOSE, [name('purpose')]),
      section('340', '胸部異常陰影', [name('shadow')]),
      section('360', '健診の胸部X線写真で右上肺野に結節影を指摘された。咳、痰、血痰、体重減少はない。', [
        name('course'),
      ]),
      section('370', '2型糖尿病、高血圧症', [name('diabetes'), name('hypertension')]),
      section('510', '食物 サバ（蕁麻疹）。造影剤の使用歴あり、副作用なし。', [name('allergy')]),
      nothingKnown('550'),
      section(
        '620',
        `血清クレアチニン ${kidney.creatinine} mg/dL、eGFR ${kidney.egfr}（${jstDate(kidney.measured)}）`,
        [name('creatinine'), name('egfr')],
      ),
      section('430', 'メトホルミン塩酸塩錠250mg 1回1錠 1日2回 朝夕食後。検査の前後48時間は休薬。', [name('metformin')]),
    ]),
  ];
}

/** The resources behind the Composition, by the names under which the sections refer to them. */
function letterParts(context: LetterContext, prefix: number, kidney: KidneyFunction): Record<string, Resource> {
  const { moment } = context;
  const before = (days: number) => ago(moment.now, { days });
  const [creatinine, egfr] = kidneyTests(context, kidney);
  return {
    patient: letterPatient(moment, FROM, prefix),
    encounter: visit(context, 'encounter'),
    doctor: letterPractitioner('clinicDoctor', moment),
    radiologist: letterPractitioner('radiologist', moment),
    from: letterOrganization(FROM, moment),
    to: letterOrganization(TO, moment),
    purpose: visit(context, 'purpose', PURPOSE),
    shadow: condition(context, {
      part: 'shadow',
      text: '胸部異常陰影',
      icd10: 'R91',
      category: 'encounter-diagnosis',
      onset: before(12),
    }),
    course: condition(context, {
      part: 'course',
      text: '健診で指摘された右上肺野の結節影',
      icd10: 'R91',
      category: 'problem-list-item',
      onset: before(12),
    }),
    diabetes: condition(context, {
      part: 'diabetes',
      text: '2型糖尿病',
      icd10: 'E11',
      category: 'problem-list-item',
      onset: before(3650),
    }),
    hypertension: condition(context, {
      part: 'hypertension',
      text: '高血圧症',
      icd10: 'I10',
      category: 'problem-list-item',
      onset: before(4380),
    }),
    allergy: foodAllergy(context),
    creatinine,
    egfr,
    metformin: metformin(context),
  };
}
