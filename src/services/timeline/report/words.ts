import type { PersonRole } from '../../../access/roles.ts';
import { WORDS } from '../../../audit/words.ts';

/** What the accounting of disclosures says, in words that patients know. */
type Words = readonly [japanese: string, english: string];

/** What was done: the words of the audit, and operations by their names. */
export const ACTS: Readonly<Record<string, Words>> = Object.freeze({
  ...WORDS,
  $timeline: ['時系列の閲覧', 'Viewed the timeline'],
  $everything: ['すべての情報の取得', 'Took a copy of everything'],
  '$access-report': ['アクセス記録の作成', 'Made an access report'],
  $render: ['紹介状の作成', 'Issued a letter'],
  '$render-letter': ['紹介状の作成', 'Issued a letter'],
  '$submit-signed': ['署名した紹介状の提出', 'Submitted a signed letter'],
  $book: ['予約', 'Booked'],
});
export const OTHER_ACT: Words = ['その他の操作', 'Other'];

/** Classes of data, by resource type. */
export const DATA: Readonly<Record<string, Words>> = Object.freeze({
  Patient: ['氏名・生年月日などの基本情報', 'Name, birth date and the like'],
  RelatedPerson: ['ご家族・連絡先', 'Family and contacts'],
  Coverage: ['保険', 'Insurance'],
  Encounter: ['受診・入院', 'Visits'],
  EpisodeOfCare: ['受診・入院', 'Visits'],
  Condition: ['病名', 'Diagnoses'],
  AllergyIntolerance: ['アレルギー', 'Allergies'],
  Medication: ['薬', 'Medicines'],
  MedicationRequest: ['処方', 'Prescriptions'],
  MedicationStatement: ['薬', 'Medicines'],
  MedicationDispense: ['薬', 'Medicines'],
  MedicationAdministration: ['薬', 'Medicines'],
  Immunization: ['予防接種', 'Vaccinations'],
  Observation: ['検査値・測定値', 'Test results and measurements'],
  Specimen: ['検体', 'Specimens'],
  DiagnosticReport: ['検査の報告書', 'Test reports'],
  ImagingStudy: ['画像', 'Images'],
  Media: ['画像', 'Images'],
  Procedure: ['処置・手術', 'Procedures'],
  CarePlan: ['ケアプラン', 'Care plans'],
  CareTeam: ['ケアチーム', 'Care team'],
  Goal: ['ケアプラン', 'Care plans'],
  ServiceRequest: ['検査・診療の依頼', 'Orders and referrals'],
  Appointment: ['予約', 'Appointments'],
  AppointmentResponse: ['予約', 'Appointments'],
  Task: ['依頼の進み具合', 'Progress of orders'],
  Communication: ['連絡', 'Messages'],
  CommunicationRequest: ['連絡', 'Messages'],
  QuestionnaireResponse: ['問診', 'Questionnaires'],
  DocumentReference: ['文書', 'Documents'],
  Composition: ['文書', 'Documents'],
  Bundle: ['文書', 'Documents'],
  Binary: ['文書・画像', 'Documents and images'],
  Provenance: ['署名・作成の記録', 'Signatures'],
  Consent: ['同意', 'Consents'],
  AuditEvent: ['アクセス記録', 'Access log'],
});
export const OTHER_DATA: Words = ['その他の診療情報', 'Other clinical data'];
export const EVERYTHING: Words = ['診療情報の全般', 'All clinical data'];

export const PURPOSES: Readonly<Record<string, Words>> = Object.freeze({
  TREAT: ['診療', 'Treatment'],
  HPAYMT: ['診療費の計算', 'Payment'],
  HOPERAT: ['医療機関の事務', 'Administration'],
  CAREMGT: ['介護・ケアの調整', 'Care management'],
  PUBHLTH: ['保健', 'Public health'],
});

export const ROLES: Readonly<Record<PersonRole, Words>> = Object.freeze({
  physician: ['医師', 'Physician'],
  nurse: ['看護師', 'Nurse'],
  technologist: ['検査・放射線技師', 'Technologist'],
  pharmacist: ['薬剤師', 'Pharmacist'],
  coordinator: ['地域連携室', 'Regional liaison office'],
  'care-manager': ['ケアマネジャー', 'Care manager'],
  clerk: ['事務', 'Clerk'],
  administrator: ['管理者', 'Administrator'],
  'read-only': ['閲覧担当', 'Reader'],
  operator: ['運営者', 'Operator'],
});
export const SYSTEM: Words = ['システム', 'System'];
export const STAFF: Words = ['職員', 'Staff'];

export const OUTCOMES: Readonly<Record<number, Words>> = Object.freeze({
  0: ['実施', 'Done'],
  4: ['拒否', 'Refused'],
  8: ['失敗', 'Failed'],
});

/** Why an institution could. */
export const GROUNDS = Object.freeze({
  own: ['当院', 'The hospital'],
  keycode: ['キーコード', 'Keycode'],
  party: ['予約・紹介など', 'Booking, referral …'],
  service: ['サービス', 'The service'],
} satisfies Record<string, Words>);

export const HEADS = Object.freeze({
  at: ['日時', 'When'],
  organization: ['機関', 'Institution'],
  role: ['職種', 'Role'],
  name: ['氏名', 'Name'],
  act: ['操作', 'What was done'],
  data: ['情報の種類', 'Kind of data'],
  purpose: ['目的', 'Purpose'],
  ground: ['根拠', 'On what ground'],
  outcome: ['結果', 'Outcome'],
  count: ['回数', 'Times'],
} satisfies Record<string, Words>);

export const TITLE: Words = ['診療情報アクセス記録', 'Who has seen my health data'];
