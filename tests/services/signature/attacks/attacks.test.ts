import { CHECKS } from '../../../../src/services/signature/verdict.ts';
import { decide, verify } from '../../../../src/services/signature/verify/index.ts';
import { CODE_WORDS } from '../../../../src/services/signature/words.ts';
import { BOUND, question } from '../../../support/signature/trust.ts';
import { ISSUED } from '../verify/ask.ts';
import { ALGORITHMS } from './algorithms.ts';
import { ARCHIVES } from './archive.ts';
import type { Attack } from './attack.ts';
import { CMS } from './cms.ts';
import { LETTERS } from './letter.ts';
import { PATHS } from './path.ts';
import { REVOCATIONS } from './revocation.ts';
import { ROLES } from './role.ts';
import { TIMESTAMPS } from './timestamp.ts';

/** By what is attacked. */
const ATTACKS: Readonly<Record<string, readonly Attack[]>> = {
  letter: LETTERS,
  signature: CMS,
  algorithm: ALGORITHMS,
  certificate: PATHS,
  role: ROLES,
  'time-stamp': TIMESTAMPS,
  archive: ARCHIVES,
  revocation: REVOCATIONS,
};

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
