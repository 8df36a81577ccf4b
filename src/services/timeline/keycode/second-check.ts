/** What whoever redeems must know of the patient besides the code: the birth date, or an identifier that the hospital recorded. */
export type SecondCheck =
  | { readonly birthDate: string }
  | { readonly identifier: { readonly system?: string; readonly value?: string } };

/** The elements of the hospital's Patient that are compared. */
export interface CheckedPatient {
  readonly birthDate?: string;
  readonly identifier?: readonly { readonly use?: string; readonly system?: string; readonly value?: string }[];
}

const WHOLE_DATE = /^\d{4}-\d\d-\d\d$/;

/**
 * Whether they agree. A birth date counts only where both know the day; an identifier only with system and value, and not one that
 * the hospital marked as old. Width and surrounding spaces of a value do not matter: numbers are typed from a card.
 */
export function agrees(check: SecondCheck, patient: CheckedPatient): boolean {
  if ('birthDate' in check) return WHOLE_DATE.test(check.birthDate) && check.birthDate === patient.birthDate;
  const { system, value } = check.identifier;
  if (!system || !value || fold(value) === '') return false;
  return (patient.identifier ?? []).some(
    (known) =>
      known.use !== 'old' && known.system === system && known.value !== undefined && fold(known.value) === fold(value),
  );
}

function fold(value: string): string {
  return value.normalize('NFKC').trim();
}
