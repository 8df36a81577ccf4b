import type { Purpose } from '../access/access.ts';
import { refuse } from '../http/errors.ts';

/** Purposes that a caller may state, codes of http://terminology.hl7.org/CodeSystem/v3-ActReason. */
const PURPOSES: readonly Purpose[] = ['TREAT', 'HPAYMT', 'HOPERAT', 'CAREMGT', 'PUBHLTH'];

/**
 * The purpose that the header `X-Purpose-Of-Use` states; treatment without one.
 *
 * @throws FhirError 400 for anything but one of the codes.
 */
export function purposeOf(header: string | readonly string[] | undefined): Purpose {
  if (header === undefined) return 'TREAT';
  const purpose = PURPOSES.find((code) => code === header);
  if (!purpose)
    throw refuse.badRequest(`X-Purpose-Of-Use must be one of ${PURPOSES.join(', ')}`, undefined, 'code-invalid');
  return purpose;
}
