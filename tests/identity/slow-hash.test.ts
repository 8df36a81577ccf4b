import { argon2 } from 'node:crypto';
import { promisify } from 'node:util';
import { ARGON2, argon2id, atMost } from '../../src/identity/slow-hash.ts';

describe('argon2id', () => {
  it('is RFC 9106’s: the test vector of its section 5.3', async () => {
    const tag = await promisify(argon2)('argon2id', {
      message: Buffer.alloc(32, 1),
      nonce: Buffer.alloc(16, 2),
      secret: Buffer.alloc(8, 3),
      associatedData: Buffer.alloc(12, 4),
      parallelism: 4,
      tagLength: 32,
      memory: 32,
      passes: 3,
    });
    expect(tag.toString('hex')).toBe('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659');
  });

  it('costs what the design says', () => {
    expect(ARGON2).toEqual({ memory: 19_456, passes: 2, parallelism: 1 });
  });

  it('answers 32 bytes that depend on message and salt alone', async () => {
    const [message, salt] = [Buffer.from('message'), Buffer.alloc(16, 7)];
    const first = await argon2id(message, salt);
    expect(first).toHaveLength(32);
    expect(await argon2id(message, salt)).toEqual(first);
    expect(await argon2id(Buffer.from('messagf'), salt)).not.toEqual(first);
    expect(await argon2id(message, Buffer.alloc(16, 8))).not.toEqual(first);
  });
});

describe('at most so many at once', () => {
  /** Work that ends when it is told to. */
  function stage() {
    const begun: number[] = [];
    const ends = new Map<number, PromiseWithResolvers<string>>();
    const work = (n: number) => {
      begun.push(n);
      const end = Promise.withResolvers<string>();
      ends.set(n, end);
      return end.promise;
    };
    return { begun, ends, work };
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('runs two, and the next in line when one ends', async () => {
    const { begun, ends, work } = stage();
    const limited = atMost(2, work);
    const results = [1, 2, 3, 4].map((n) => limited(n));
    await turn();
    expect(begun).toEqual([1, 2]);
    ends.get(2)!.resolve('two');
    await turn();
    expect(begun).toEqual([1, 2, 3]);
    ends.get(1)!.resolve('one');
    await turn();
    expect(begun).toEqual([1, 2, 3, 4]);
    ends.get(3)!.resolve('three');
    ends.get(4)!.resolve('four');
    expect(await Promise.all(results)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('gives the place of one that fails to the next', async () => {
    const { begun, ends, work } = stage();
    const limited = atMost(1, work);
    const first = limited(1);
    const second = limited(2);
    ends.get(1)!.reject(new Error('failed'));
    await expect(first).rejects.toThrow('failed');
    await turn();
    expect(begun).toEqual([1, 2]);
    ends.get(2)!.resolve('two');
    expect(await second).toBe('two');
  });

  it('never lets a newcomer in between', async () => {
    let running = 0;
    let most = 0;
    const limited = atMost(2, async () => {
      running += 1;
      most = Math.max(most, running);
      await turn();
      running -= 1;
    });
    const results: Promise<void>[] = [];
    for (let i = 0; i < 30; i++) {
      results.push(limited());
      if (i % 3 === 0) await turn();
    }
    await Promise.all(results);
    expect(most).toBe(2);
  });
});
