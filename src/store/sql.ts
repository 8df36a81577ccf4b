/** Collects the values of one statement while its text is being written. The same value object gets one parameter. */
export class Values {
  readonly list: unknown[] = [];
  readonly #numbers = new Map<unknown, string>();

  /** `$n`, with a cast where PostgreSQL could not tell the type. */
  add(value: unknown, cast = ''): string {
    this.list.push(value);
    return `$${this.list.length}${cast && `::${cast}`}`;
  }

  /** As `add`, but the same `name` is added once for the statement. */
  once(name: string, value: unknown, cast = ''): string {
    const known = this.#numbers.get(name);
    if (known) return known;
    const parameter = this.add(value, cast);
    this.#numbers.set(name, parameter);
    return parameter;
  }
}

/** PostgreSQL's array literal of 64-bit keys. */
export function bigints(list: readonly bigint[]): string {
  return `{${list.join(',')}}`;
}
