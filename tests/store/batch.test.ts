import fc from 'fast-check';
import { Batch } from '../../src/store/batch.ts';

/** A database whose statements end when the test says so. */
function slowDatabase() {
  const statements: { keys: string[]; answer: (values: Map<string, string>) => void; fail: (error: Error) => void }[] =
    [];
  const load = (keys: string[]) =>
    new Promise<Map<string, string>>((answer, fail) => {
      statements.push({ keys, answer, fail });
    });
  return { statements, load };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const at = <T>(list: readonly T[], index: number): T => {
  const found = list[index];
  if (found === undefined) throw new Error(`there is no ${index}`);
  return found;
};

describe('look-ups that share a statement', () => {
  it('are those of one turn, each key once', async () => {
    const { statements, load } = slowDatabase();
    const batch = new Batch<string>(load);
    const answers = Promise.all([batch.get('a'), batch.get('b'), batch.get('a')]);
    await turn();
    expect(statements.map(({ keys }) => keys)).toEqual([['a', 'b']]);
    at(statements, 0).answer(new Map([['a', '1']]));
    expect(await answers).toEqual(['1', undefined, '1']);
  });

  it('that come while a statement is under way wait for the next, even for the same key', async () => {
    const { statements, load } = slowDatabase();
    const batch = new Batch<string>(load);
    const first = batch.get('a');
    await turn();
    const second = Promise.all([batch.get('a'), batch.get('b')]);
    await turn();
    expect(statements).toHaveLength(1);
    at(statements, 0).answer(new Map([['a', 'old']]));
    expect(await first).toBe('old');
    await turn();
    expect(at(statements, 1).keys).toEqual(['a', 'b']);
    at(statements, 1).answer(new Map([['a', 'new']]));
    expect(await second).toEqual(['new', undefined]);
  });

  it('fail together, and the next are served', async () => {
    const { statements, load } = slowDatabase();
    const batch = new Batch<string>(load);
    const failing = Promise.allSettled([batch.get('a'), batch.get('b')]);
    await turn();
    at(statements, 0).fail(new Error('the connection is gone'));
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = batch.get('a');
    await turn();
    at(statements, 1).answer(new Map([['a', '1']]));
    expect(await next).toBe('1');
  });

  it('are cut into statements of bounded size', async () => {
    const sizes: number[] = [];
    const batch = new Batch<string>(async (keys) => {
      sizes.push(keys.length);
      return new Map(keys.map((key) => [key, key]));
    }, 10);
    const keys = Array.from({ length: 25 }, (_, index) => `k${index}`);
    expect(await Promise.all(keys.map((key) => batch.get(key)))).toEqual(keys);
    expect(sizes).toEqual([10, 10, 5]);
  });
});

it('no look-up is answered from a statement that began before it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(3)), { minLength: 1, maxLength: 40 }),
      async (asks) => {
        let clock = 0;
        const batch = new Batch<number>(async (keys) => {
          const began = ++clock;
          await turn();
          return new Map(keys.map((key) => [key, began]));
        }, 2);
        const checks: Promise<void>[] = [];
        for (const [key, turns] of asks) {
          const came = clock;
          checks.push(batch.get(key).then((began) => expect(began).toBeGreaterThan(came)));
          for (let i = 0; i < turns; i++) await turn();
        }
        await Promise.all(checks);
      },
    ),
  );
});
