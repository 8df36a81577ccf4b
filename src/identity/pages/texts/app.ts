import { table } from './text.ts';

export const patient = table({
  title: { ja: '患者さんを選ぶ', en: 'Choose the patient' },
  lead: {
    ja: '「{app}」は、選んだ患者さん一人の記録だけを扱います。',
    en: '“{app}” will handle the record of the patient you choose, and no other.',
  },
  name: { ja: '氏名またはフリガナ', en: 'Name or kana' },
  birthDate: { ja: '生年月日', en: 'Date of birth' },
  birthDateHint: {
    ja: '例: 1951-03-12、昭和26年3月12日、S26.3.12',
    en: 'For example 1951-03-12 or S26.3.12',
  },
  identifier: { ja: '患者番号', en: 'Patient number' },
  search: { ja: '検索', en: 'Search' },
  wrongDate: {
    ja: '日付として読めません。例のように入力してください。',
    en: 'This is no date. Please write it as in the example.',
  },
  nothing: {
    ja: '氏名・生年月日・患者番号のどれかを入力してください。',
    en: 'Please enter a name, a date of birth or a patient number.',
  },
  none: {
    ja: '見つかりませんでした。あなたの機関で見られる患者さんだけが表示されます。',
    en: 'Nobody was found. Only patients whom your institution may see are listed.',
  },
  found: { ja: '検索結果（{count} 人）', en: 'Found: {count}' },
  more: {
    ja: '多すぎるため、はじめの {count} 人だけを表示しています。条件を加えてください。',
    en: 'There are too many; only the first {count} are listed. Please add to your search.',
  },
  columnName: { ja: '氏名', en: 'Name' },
  columnKana: { ja: 'フリガナ', en: 'Kana' },
  columnSex: { ja: '性別', en: 'Sex' },
  columnBirth: { ja: '生年月日', en: 'Born' },
  columnNumber: { ja: '患者番号', en: 'Number' },
  columnChoose: { ja: '選択', en: 'Choose' },
  choose: { ja: '選ぶ', en: 'Choose' },
  chooseWhom: { ja: '{name}（{birth}）', en: '{name} ({birth})' },
  gone: {
    ja: 'この患者さんは選べません。もう一度検索してください。',
    en: 'This patient cannot be chosen. Please search again.',
  },
  unnamed: { ja: '（氏名なし）', en: '(no name)' },
  unknown: { ja: '不明', en: 'unknown' },
  between: { ja: '　', en: ', ' },
  refuse: { ja: 'やめてアプリに戻る', en: 'Cancel and go back to the app' },
  unavailable: {
    ja: '患者さんの記録を検索する権限がありません。',
    en: 'You may not search patients’ records.',
  },
});

export const sexes = table({
  male: { ja: '男', en: 'male' },
  female: { ja: '女', en: 'female' },
  other: { ja: 'その他', en: 'other' },
  unknown: { ja: '不明', en: 'unknown' },
});

export const consent = table({
  title: { ja: '「{app}」に許可しますか', en: 'Allow “{app}”?' },
  lead: {
    ja: '{institution}のアプリが、あなた（{name}）として次のことを行おうとしています。',
    en: 'This app of {institution} asks to do the following as you ({name}).',
  },
  patient: { ja: '対象の患者さん', en: 'Patient' },
  rights: { ja: '許可する内容', en: 'What it may do' },
  rightsHint: {
    ja: 'チェックを外した内容は許可されません。あなたの権限を超えることはありません。',
    en: 'What you leave out is not allowed. It can never do more than you may yourself.',
  },
  administers: {
    ja: 'あなたは管理者です。このアプリは、利用者の招待やアカウントの停止など、あなたに認められた管理の操作もできるようになります。',
    en: 'You are an administrator: it may also administer as you may, for example invite people or stop their accounts.',
  },
  howLong: { ja: '期間', en: 'For how long' },
  whileLoggedIn: {
    ja: 'あなたがログインしている間だけ使えます。ログアウトすると、すぐに使えなくなります。',
    en: 'Only while you are logged in. It ends at once when you log out.',
  },
  offline: {
    ja: 'ログアウトした後も使えます（最長 {days} 日間）。その前に取り消すこともできます。',
    en: 'Also after you have logged out, for at most {days} days, unless you take it back before.',
  },
  remembered: {
    ja: 'この許可は記憶され、次回からは確認しません。アカウントの画面でいつでも取り消せます。',
    en: 'This is remembered, and you will not be asked again. You can take it back on your account page at any time.',
  },
  notRemembered: {
    ja: 'お使いの端末の中のアプリなので、次回も確認します。今の許可は、アカウントの画面でいつでも取り消せます。',
    en: 'As the app is on your own computer, you will be asked again next time. You can take this back on your account page at any time.',
  },
  allow: { ja: '許可する', en: 'Allow' },
  refuse: { ja: '許可しない', en: 'Do not allow' },
  nothing: {
    ja: '許可する内容を一つ以上選ぶか、「許可しない」を押してください。',
    en: 'Choose at least one, or press “Do not allow”.',
  },
});

/** What scopes say in plain words. */
export const rights = table({
  who: { ja: 'あなたが誰か（氏名・所属・役割）を知る', en: 'Know who you are (name, institution, role)' },
  stay: { ja: 'ログアウトした後も使い続ける', en: 'Go on working after you have logged out' },
  online: { ja: 'ログインしている間、使い続ける', en: 'Go on working while you are logged in' },
  launch: { ja: '画面で開いている患者さんを知る', en: 'Know which patient is open' },
  ofPatient: { ja: 'この患者さんの{what}を{does}', en: '{does} this patient’s {what}' },
  ofUser: { ja: 'あなたが見られる患者さんの{what}を{does}', en: '{does} {what} of all patients whom you may see' },
  directory: { ja: '{what}を{does}', en: '{does} {what}' },
  everything: { ja: 'すべての記録', en: 'whole record' },
  narrowed: { ja: '{right}（条件: {query}）', en: '{right} (only where {query})' },
  look: { ja: '見る', en: 'Read' },
  write: { ja: '書き込む（{which}）', en: 'Write ({which})' },
  lookAndWrite: { ja: '見る・書き込む（{which}）', en: 'Read and write ({which})' },
  create: { ja: '追加', en: 'add' },
  update: { ja: '変更', en: 'change' },
  remove: { ja: '削除', en: 'delete' },
  between: { ja: '・', en: ', ' },
});

/** Plain names of resource types; one that is not here goes by its FHIR name. */
export const things = table({
  Patient: { ja: '基本情報（氏名・生年月日・連絡先）', en: 'personal details' },
  Observation: { ja: '検査結果・観察', en: 'test results and observations' },
  DiagnosticReport: { ja: '検査報告書', en: 'diagnostic reports' },
  Condition: { ja: '病名・症状', en: 'conditions' },
  AllergyIntolerance: { ja: 'アレルギー', en: 'allergies' },
  MedicationRequest: { ja: '処方', en: 'prescriptions' },
  MedicationDispense: { ja: '調剤', en: 'dispensed medicines' },
  MedicationStatement: { ja: '服薬の記録', en: 'medicines taken' },
  MedicationAdministration: { ja: '投薬の記録', en: 'medicines given' },
  Medication: { ja: '薬', en: 'medicines' },
  Immunization: { ja: '予防接種', en: 'immunizations' },
  Procedure: { ja: '処置・手術', en: 'procedures' },
  Encounter: { ja: '受診・入院', en: 'encounters' },
  CarePlan: { ja: 'ケアプラン', en: 'care plans' },
  CareTeam: { ja: 'ケアチーム', en: 'care teams' },
  Goal: { ja: '目標', en: 'goals' },
  Composition: { ja: '診療文書', en: 'clinical documents' },
  DocumentReference: { ja: '文書', en: 'documents' },
  Binary: { ja: '添付ファイル', en: 'attachments' },
  ImagingStudy: { ja: '画像検査', en: 'imaging studies' },
  Media: { ja: '写真・動画', en: 'photos and videos' },
  Specimen: { ja: '検体', en: 'specimens' },
  FamilyMemberHistory: { ja: '家族歴', en: 'family history' },
  NutritionOrder: { ja: '栄養の指示', en: 'nutrition orders' },
  Coverage: { ja: '保険', en: 'insurance' },
  RelatedPerson: { ja: '家族・関係者', en: 'related persons' },
  ServiceRequest: { ja: '依頼・紹介', en: 'requests and referrals' },
  Appointment: { ja: '予約', en: 'appointments' },
  Task: { ja: '作業の依頼', en: 'tasks' },
  Communication: { ja: '連絡', en: 'messages' },
  Questionnaire: { ja: '質問票', en: 'questionnaires' },
  QuestionnaireResponse: { ja: '質問票の回答', en: 'answers to questionnaires' },
  Consent: { ja: '患者さんの同意', en: 'patients’ consents' },
  AuditEvent: { ja: 'アクセスの記録', en: 'records of access' },
  Slot: { ja: '予約枠', en: 'free appointment slots' },
  Schedule: { ja: '予約表', en: 'schedules' },
  Organization: { ja: '機関の名簿', en: 'the directory of institutions' },
  Practitioner: { ja: '職員の名簿', en: 'the directory of staff' },
  PractitionerRole: { ja: '職員の役割', en: 'the roles of staff' },
  Location: { ja: '場所', en: 'locations' },
  HealthcareService: { ja: '提供サービス', en: 'services offered' },
  Endpoint: { ja: '接続先', en: 'endpoints' },
  OrganizationAffiliation: { ja: '機関の連携', en: 'affiliations of institutions' },
});
