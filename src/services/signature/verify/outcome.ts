import type { Code } from '../codes.ts';
import { CHECKS, type Check, type CheckName, type CheckStatus, resultOf, type Verdict } from '../verdict.ts';

/** What one check found, before it has its name. */
export type Finding = Omit<Check, 'name' | 'code'> & { readonly code: Code | 'OK' };
export type Facts = Readonly<Record<string, string>>;

const finding =
  (status: CheckStatus) =>
  (code: Code | 'OK', detail: string, evidence?: Facts): Finding => ({
    code,
    status,
    detail,
    ...(evidence && { evidence }),
  });

export const passed = (detail: string, evidence?: Facts): Finding => finding('passed')('OK', detail, evidence);
export const noted = finding('noted');
export const failed = finding('failed');
export const undecided = finding('undecided');

/** For a check that stands on others: these did not pass. */
export const notReached = (...needed: readonly CheckName[]): Finding =>
  finding('skipped')('NOT_REACHED', `needs ${needed.join(', ')}`);

export const iso = (ms: number): string => new Date(ms).toISOString();

/** The binding of a certificate to a practitioner is not in the bytes: who keeps the register gives it to `decide`. */
export const BINDING_ELSEWHERE: Check = Object.freeze({
  name: 'binding',
  ...finding('skipped')(
    'DECIDED_ELSEWHERE',
    'decided with the register of practitioners, outside the verification of the bytes',
  ),
});

/** The verdict with its binding decided, and the result that follows. Pure: the verdict given is left as it is. */
export function decide(verdict: Verdict, binding: Check): Verdict {
  if (binding.name !== 'binding') throw new TypeError(`decide: not a binding check: ${binding.name}`);
  const checks = verdict.checks.map((check) => (check.name === 'binding' ? binding : check));
  return { ...verdict, checks, result: resultOf(checks) };
}

/** A verdict where no check could be made, and why: the first check carries the reason. Never VALID, and says nothing against the file. */
export function noVerdict(code: Code, detail: string): Verdict {
  const [first] = CHECKS;
  const checks = CHECKS.map((name): Check => {
    if (name === 'binding') return BINDING_ELSEWHERE;
    return { name, ...(name === first ? undecided(code, detail) : notReached(first)) };
  });
  return { result: resultOf(checks), checks, evidence: { certificates: [], crls: [] } };
}
