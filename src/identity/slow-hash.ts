import { argon2 } from 'node:crypto';

/** 256 bits from a message and a salt of 16 bytes, slowly. */
export type SlowHash = (message: Buffer, salt: Buffer, cost?: Cost) => Promise<Buffer>;

/** What Argon2id (RFC 9106) is told: `memory` in KiB. */
export interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** About 50–80 ms and 19 MiB each. A change of these makes every issued keycode invalid; passwords are hashed anew at the next log-in. */
export const ARGON2: Cost = Object.freeze({ memory: 19_456, passes: 2, parallelism: 1 });

const BYTES = 32;

/** Two hashes at once leave the thread pool its other two threads, for files and name look-ups. */
const AT_ONCE = 2;

/** The same function, of which no more than `places` calls run at a time; the rest wait in the order in which they came. */
export function atMost<A extends readonly unknown[], R>(
  places: number,
  work: (...args: A) => Promise<R>,
): ((...args: A) => Promise<R>) & { waiting(): number } {
  const line: (() => void)[] = [];
  let free = places;
  const limited = async (...args: A) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => line.push(resolve));
    try {
      return await work(...args);
    } finally {
      // The place goes straight to the next in line: whoever comes meanwhile cannot take it.
      const next = line.shift();
      if (next) next();
      else free += 1;
    }
  };
  return Object.assign(limited, { waiting: () => line.length });
}

/** Argon2id off the main thread, at most two at once in this process, whatever is hashed. `waiting()`: how many stand in line. */
export const argon2id = atMost(
  AT_ONCE,
  (message: Buffer, salt: Buffer, cost: Cost = ARGON2) =>
    new Promise<Buffer>((resolve, reject) => {
      const { memory, passes, parallelism } = cost;
      argon2('argon2id', { memory, passes, parallelism, tagLength: BYTES, message, nonce: salt }, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    }),
);
