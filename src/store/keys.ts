import { hash } from 'node:crypto';

/**
 * 64-bit index keys. A key is the first eight bytes of SHA-256 over the database's own random secret and the text: nobody
 * outside can craft two texts with one key. Every resource has a `rid`, the key of `Type/id`; a reference parameter
 * has a `salt`, and a reference is indexed as `salt XOR rid(target)`, so that SQL can walk it in both
 * directions without a table of edges: `target.rid = key # salt`, `key = target.rid # salt`.
 *
 * Parts are separated by U+001F; values with control characters never reach the index as they are refused on write.
 */
export class Keys {
  readonly #prefix: string;
  readonly #seen = new Map<string, bigint>();

  constructor(secret: string) {
    if (secret.length < 32) throw new Error('the key secret is too short');
    this.#prefix = `${secret}\u001e`;
  }

  /** Signed 64-bit, as PostgreSQL's bigint. */
  of(text: string): bigint {
    const known = this.#seen.get(text);
    if (known !== undefined) return known;
    const key = firstEightBytes(hash('sha256', this.#prefix + text, 'binary'));
    if (this.#seen.size >= 50_000) this.#seen.clear();
    this.#seen.set(text, key);
    return key;
  }

  /** The resource key of `Type/id`. */
  rid(type: string, id: string): bigint {
    return this.of(`${type}/${id}`);
  }

  /** What is XORed with a target's rid to index a reference parameter; also the number of a range or string parameter. */
  param(type: string, code: string): bigint {
    return this.of(`${type}\u001f${code}`);
  }

  /** A token, uri, exact string or any other discrete value of a parameter. `kind` keeps the kinds of value apart. */
  value(type: string, code: string, kind: string, value: string): bigint {
    return this.of(`${type}\u001f${code}\u001f${kind}\u001f${value}`);
  }

  /** The key that a resource carries for a reference to `rid` through the parameter. */
  reference(type: string, code: string, rid: bigint): bigint {
    return this.param(type, code) ^ rid;
  }
}

const bytes = new DataView(new ArrayBuffer(8));

/** A string of bytes costs half of what a Buffer does, which a key does not need. */
function firstEightBytes(text: string): bigint {
  for (let i = 0; i < 8; i++) bytes.setUint8(i, text.charCodeAt(i));
  return bytes.getBigInt64(0, true);
}
