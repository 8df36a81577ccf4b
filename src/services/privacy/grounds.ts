/** Grounds on which users' personal information may be given to a third party: Art. 17, 2, ① to ⑤. */
export const GROUNDS = Object.freeze({
  subcontractor: { number: '①', ja: '業務の委託先が必要とするとき', en: 'A subcontractor of the service needs it' },
  statistics: { number: '②', ja: '個人を識別できない統計の開示', en: 'Statistics that identify nobody' },
  inquiry: {
    number: '③',
    ja: '裁判所・警察などからの正式な照会',
    en: 'A formal inquiry of a court, the police or another authority',
  },
  protection: {
    number: '④',
    ja: '規約違反から権利・財産・サービスを守るため',
    en: 'Protection against a breach of the terms',
  },
  emergency: {
    number: '⑤',
    ja: '生命・身体・財産への危険に対する緊急の必要',
    en: 'An emergency for life, body or property',
  },
});

export type Ground = keyof typeof GROUNDS;
export const GROUND_CODES = Object.keys(GROUNDS) as Ground[];

/** Classes of what is disclosed. */
export const CLASSES = [
  'name',
  'login',
  'roles',
  'practitioner',
  'institution',
  'contract',
  'usage',
  'access-log',
  'network-address',
  'statistics',
] as const;

/** What the operator itself may use it for: Art. 17, 1, ① to ③. */
export const PURPOSES = ['customise', 'inform', 'survey'] as const;
