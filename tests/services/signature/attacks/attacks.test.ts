import { CHECKS } from '../../../../src/services/signature/verdict.ts';
import { decide, verify } from '../../../../src/services/signature/verify/index.ts';
import { CODE_WORDS } from '../../../../src/services/signature/words.ts';
import { BOUND, question } from '../../../support/signature/trust.ts';
import { ISSUED } from '../verify/ask.ts';
import { ATTACKS } from './attacks.ts';
import { STRUCTURES } from './structures.ts';

describe.each(Object.entries(ATTACKS))('an attack on the %s', (_, attacks) => {
  it.each(attacks.map((attack) => [attack.name, attack] as const))('%s', async (_, { make, check, code, result }) => {
    const verdict = decide(verify(question({ issued: ISSUED, ...(await make()) })), BOUND);
    const told = verdict.checks.filter(({ status }) => status === 'failed' || status === 'undecided');
    expect(told.map(({ name, code }) => `${name} ${code}`)).toContain(`${check} ${code}`);
    expect(verdict.result).toBe(result);
    expect(verdict.checks.map(({ name }) => name)).toEqual([...CHECKS]);
    for (const { code } of told) expect(CODE_WORDS).toHaveProperty(code);
  });
});

/** Codes that no file can provoke, or that are no objection, and why. */
const NEVER: Readonly<Record<string, readonly string[]>> = {
  'a check that was not made': ['NOT_REACHED', 'DECIDED_ELSEWHERE'],
  'noted, in what is VALID': [
    'ARCHIVED',
    'CERT_REVOKED_LATER',
    'ESS_ABSENT_LEGACY',
    'KEY_USAGE_BROAD',
    'REVOCATION_PENDING',
    'TSA_REVOKED_LATER',
    'TST_ESS_WEAK',
  ],
  'of the register of practitioners': ['SIGNER_NAME_DIFFERS', 'SIGNER_REFUSED', 'SIGNER_UNCONFIRMED'],
  'of the thread, in verifier.test.ts': ['VERIFIER_FAILED', 'VERIFIER_MEMORY', 'VERIFIER_TIMEOUT'],
  'told of signers and time-stamps by names of their own': [
    'CYCLE',
    'EXPIRED',
    'NOT_YET_VALID',
    'PURPOSE',
    'UNTRUSTED_ROOT',
  ],
};

describe('the attacks', () => {
  const all = Object.values(ATTACKS).flat();

  it('are many, each of its own name', () => {
    expect(all.length + STRUCTURES.length).toBeGreaterThanOrEqual(50);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  it('provoke every code that a file can provoke', () => {
    const provoked = new Set([...all.map(({ code }) => code), ...STRUCTURES.map(({ found }) => found.split(' ')[1])]);
    const never = Object.keys(CODE_WORDS).filter((code) => !provoked.has(code));
    expect(never.toSorted()).toEqual(Object.values(NEVER).flat().toSorted());
  });

  it('are told apart by what they attack', () => {
    const families = Object.values(ATTACKS).map(
      (attacks) => new Set(attacks.map(({ check, code }) => `${check} ${code}`)),
    );
    expect(families.every(({ size }) => size >= 3)).toBe(true);
    expect(new Set(all.map(({ code }) => code)).size).toBeGreaterThanOrEqual(50);
  });
});
