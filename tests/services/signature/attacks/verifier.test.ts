import type { Check, Verdict } from '../../../../src/services/signature/verdict.ts';
import { decide, Verifier } from '../../../../src/services/signature/verify/index.ts';
import { BOUND, question } from '../../../support/signature/trust.ts';
import { ISSUED, letter } from '../verify/ask.ts';
import type { Case } from './attack.ts';
import { COSTS } from './cost.ts';

const MB = 1024 * 1024;

describe('the verifier under costly files', () => {
  it('tells each for what it is, stays within its memory, and goes on', async () => {
    const verifier = new Verifier({ workers: 1, queue: 4 });
    const ask = async (made: Case): Promise<Verdict> =>
      decide(await verifier.verify(question({ issued: ISSUED, ...made })), BOUND);
    try {
      const genuine = { submitted: await letter() };
      const cases = await Promise.all(COSTS.map(async (cost) => ({ ...cost, made: await cost.make() })));
      const round = async () => {
        for (const { made, check, code, result } of cases) {
          const verdict = await ask(made);
          const found = verdict.checks.find(({ name }: Check) => name === check);
          expect([found?.code, verdict.result]).toEqual([code, result]);
        }
        expect((await ask(genuine)).result).toBe('VALID');
        return process.memoryUsage().rss;
      };
      const first = await round();
      expect((await round()) - first).toBeLessThan(256 * MB);
    } finally {
      await verifier.close();
    }
  });
});
