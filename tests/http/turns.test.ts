import { setImmediate as soon } from 'node:timers/promises';
import fc from 'fast-check';
import { Turns } from '../../src/http/turns.ts';

describe('turns', () => {
  it('are so many at a time of each, in order, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: fc.nat(2), fails: fc.boolean(), long: fc.nat(3) }), { maxLength: 30 }),
        async (works) => {
          const turns = new Turns<number>(2, 100);
          const running = new Map<number, number>();
          const begun: number[] = [];
          const results = await Promise.allSettled(
            works.map(({ key, fails, long }, i) =>
              turns.run(key, async () => {
                begun.push(i);
                running.set(key, (running.get(key) ?? 0) + 1);
                expect(running.get(key)).toBeLessThanOrEqual(2);
                for (let n = 0; n < long; n++) await soon();
                running.set(key, (running.get(key) ?? 0) - 1);
                if (fails) throw new Error('failed');
                return i;
              }),
            ),
          );
          expect(results.map(({ status }) => status === 'rejected')).toEqual(works.map(({ fails }) => fails));
          for (const key of [0, 1, 2]) {
            const own = begun.filter((i) => works[i]?.key === key);
            expect(own).toEqual(own.toSorted((a, b) => a - b));
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are refused to who would wait behind too many', async () => {
    const turns = new Turns<string>(1, 1);
    const end = Promise.withResolvers<void>();
    const [first, second] = [turns.run('a', () => end.promise), turns.run('a', () => end.promise)];
    await expect(turns.run('a', async () => undefined)).rejects.toMatchObject({ status: 503 });
    await expect(turns.run('b', async () => 1)).resolves.toBe(1);
    end.resolve();
    await Promise.all([first, second]);
    await expect(turns.run('a', async () => 2)).resolves.toBe(2);
  });
});
