/** Tag of what is not to be given to any other institution (domain.md: 未提供). */
export const UNDELIVERED = {
  system: 'http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication',
  code: 'UNDELIVERED',
} as const;
