import { decide, verify } from '../../../../src/services/signature/verify/index.ts';
import { signedBy } from '../../../pdf/draft.ts';
import { BOUND, question } from '../../../support/signature/trust.ts';
import { signedInEarnest, TINY_ISSUED } from './earnest.ts';
import { STRUCTURES } from './structures.ts';

const judged = async (file: Uint8Array) =>
  decide(verify(question({ submitted: await signedInEarnest(file), issued: TINY_ISSUED })), BOUND);

describe('what a doctor’s own program has signed', () => {
  it('is VALID when nothing in it is wrong', async () => {
    expect((await judged(signedBy(TINY_ISSUED))).result).toBe('VALID');
  });

  it.each(STRUCTURES.map((attack) => [attack.name, attack] as const))(
    'is not believed: %s',
    async (_, { make, found }) => {
      const verdict = await judged(make(TINY_ISSUED));
      expect(verdict.result).not.toBe('VALID');
      const [name, code] = found.split(' ');
      const check = verdict.checks.find((one) => one.name === name)!;
      expect(['failed', 'undecided']).toContain(check.status);
      expect(`${check.code} ${check.evidence?.codes ?? ''} ${check.detail}`).toContain(code);
    },
  );
});
