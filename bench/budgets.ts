/** What a request may cost: CPU time of server and database together, in milliseconds. Null where the design sets no budget. */
export const BUDGETS = Object.freeze({
  read: 0.3,
  vread: 0.3,
  'search-identifier': 0.4,
  'search-name': null,
  'search-patient-code': 0.6,
  'search-date-actor': 0.45,
  include: 0.9,
  revinclude: 0.9,
  chained: 0.9,
  everything: 1.5,
  'batch-20': null,
  'create-patient': 0.9,
  'create-observation': 0.9,
  update: 0.9,
  'transaction-50': 15,
} satisfies Record<string, number | null>);

export type ScenarioName = keyof typeof BUDGETS;

/** What the server may take as a whole. A megabyte is a million bytes. */
export const LIMITS = Object.freeze({
  residentBytes: 250e6,
  startEmptyMs: 8000,
  startExistingMs: 1500,
  bytesPerResource: 2600,
});

/** `ok`, or how many times over the budget; nothing where there is no budget or no figure. */
export function verdict(measured: number | null, budget: number | null): string {
  if (measured === null || budget === null) return '';
  return measured <= budget ? 'ok' : `×${(measured / budget).toFixed(measured < 1.05 * budget ? 2 : 1)}`;
}
