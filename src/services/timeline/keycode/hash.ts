import { argon2 } from 'node:crypto';

/** 256 bits from a message and a salt of 16 bytes, slowly. */
export type SlowHash = (message: Buffer, salt: Buffer) => Promise<Buffer>;

/** Argon2id (RFC 9106): `memory` in KiB. About 50–80 ms and 19 MiB each. A change of these makes every issued keycode invalid. */
export const ARGON2 = Object.freeze({ memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 });

/** Two hashes at once leave the thread pool its other two threads, for files and name look-ups. */
const AT_ONCE = 2;

/** The same function, of which no more than `places` calls run at a time; the rest wait in the order in which they came. */
export function atMost<A extends readonly unknown[], R>(
  places: number,
  work: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  const waiting: (() => void)[] = [];
  let free = places;
  return async (...args) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work(...args);
    } finally {
      // The place goes straight to the next in line: whoever comes meanwhile cannot take it.
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}

/** Argon2id off the main thread, at most two at once in this process. */
export const argon2id: SlowHash = atMost(
  AT_ONCE,
  (message: Buffer, salt: Buffer) =>
    new Promise<Buffer>((resolve, reject) => {
      argon2('argon2id', { ...ARGON2, message, nonce: salt }, (error, key) => (error ? reject(error) : resolve(key)));
    }),
);
