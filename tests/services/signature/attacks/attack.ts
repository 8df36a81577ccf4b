import type { CheckName, Result } from '../../../../src/services/signature/verdict.ts';
import type { Circumstances } from '../verify/ask.ts';

/** What the attacker hands in, and what of the house's knowledge the attacker has got at. */
export interface Case extends Circumstances {
  readonly submitted: Uint8Array;
}

/** One way to have a letter believed that must not be, and the check by which it is found out. */
export interface Attack {
  /** What the attacker does. */
  readonly name: string;
  readonly make: () => Promise<Case> | Case;
  readonly check: CheckName;
  readonly code: string;
  readonly result: Exclude<Result, 'VALID'>;
}

type Made = Case | Uint8Array;

const attack =
  (result: Attack['result']) =>
  (name: string, finding: `${CheckName} ${string}`, make: () => Promise<Made> | Made): Attack => {
    const [check, code] = finding.split(' ') as [CheckName, string];
    const whole = (made: Made): Case => (made instanceof Uint8Array ? { submitted: made } : made);
    return { name, check, code, result, make: async () => whole(await make()) };
  };

/** Is proven to be wrong: INVALID. `finding`: the check and its code. */
export const refuted = attack('INVALID');
/** Cannot be told from an honest mistake, and is not believed: INDETERMINATE. */
export const doubted = attack('INDETERMINATE');
