import fc from 'fast-check';

/**
 * Decisions that fast-check has drawn, taken one after the other by whoever builds something from them. Smaller numbers make simpler
 * things, so that a counterexample shrinks to what is needed: 0 takes the first of a list and leaves out what may be left out.
 */
export class Picks {
  readonly #drawn: readonly number[];
  #next = 0;

  constructor(drawn: readonly number[]) {
    this.#drawn = drawn;
  }

  nat(): number {
    return this.#drawn[this.#next++] ?? 0;
  }

  /** One of the list. */
  of<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('nothing to pick from');
    return list[this.nat() % list.length] as T;
  }

  /** One of the list, or nothing where it is empty. */
  any<T>(list: readonly T[]): T | undefined {
    const drawn = this.nat();
    return list.length === 0 ? undefined : list[drawn % list.length];
  }

  /** True once in so many times. */
  once(inTimes: number): boolean {
    return this.nat() % inTimes === inTimes - 1;
  }

  /** Up to `most` different ones of the list. */
  some<T>(list: readonly T[], most: number): T[] {
    const found = new Set<T>();
    for (let i = this.nat() % (most + 1); i > 0; i--) {
      const one = this.any(list);
      if (one !== undefined) found.add(one);
    }
    return [...found];
  }
}

/** Draws for one thing of about so many decisions. */
export const drawn = (decisions: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat(9999), { minLength: decisions, maxLength: decisions, size: 'max' });
