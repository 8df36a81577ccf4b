import { searchParameters } from '../../definitions/index.ts';

/**
 * The date parameters that say when the thing happened that a resource tells of, the most telling first; a resource takes the first for
 * which it has a value. What only says when the record was made comes last.
 */
const ORDER: readonly string[] = [
  'date',
  'period',
  'effective',
  'effective-time',
  'occurrence',
  'event-date',
  'start',
  'started',
  'start-date',
  'collected',
  'onset-date',
  'whenhandedover',
  'when',
  'sent',
  'received',
  'datetime',
  'datewritten',
  'identified',
  'authored',
  'authored-on',
  'authoredon',
  'created',
  'issued',
  'recorded-date',
  'entered-date',
  'whenprepared',
  'recorded',
  'timestamp',
];

/** Types whose usual date is another than the order says. */
const BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  AllergyIntolerance: ['date', 'onset', 'last-date'],
  Composition: ['date'],
  Condition: ['onset-date', 'recorded-date', 'abatement-date'],
  MedicationRequest: ['authoredon', 'date'],
  Provenance: ['when', 'recorded'],
  Task: ['period', 'authored-on', 'modified'],
};

/** Codes of date parameters of the type, the most telling first. */
export function clinicalDates(type: string): readonly string[] {
  const has = searchParameters(type);
  return (BY_TYPE[type] ?? ORDER).filter((code) => has.get(code)?.type === 'date');
}
