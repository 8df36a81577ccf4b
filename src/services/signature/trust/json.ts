import { type Mistake, type Words, wrong } from './mistake.ts';

/**
 * A value of a JSON file that people write by hand. Each reader says what it found wrong, and where, in the list of mistakes, and then
 * returns a value of its type, so that one reading finds every mistake.
 */
export class JsonValue {
  readonly file: string;
  /** JSONPath. */
  readonly path: string;
  readonly #value: unknown;
  readonly #mistakes: Mistake[];

  constructor(file: string, path: string, value: unknown, mistakes: Mistake[]) {
    this.file = file;
    this.path = path;
    this.#value = value;
    this.#mistakes = mistakes;
  }

  complain(words: Words, path = this.path): void {
    this.#mistakes.push({ file: this.file, path, words });
  }

  /** The fields of an object that has every one of the required keys and none but these and the optional ones. */
  fields<R extends string, O extends string>(
    required: readonly R[],
    optional: readonly O[],
  ): Readonly<Partial<Record<R | O, JsonValue>>> {
    const known: readonly string[] = [...required, ...optional];
    const fields = Object.fromEntries(known.map((key) => [key, undefined])) as Partial<Record<string, JsonValue>>;
    if (typeof this.#value !== 'object' || this.#value === null || Array.isArray(this.#value)) {
      this.complain(wrong.object());
      return fields as Partial<Record<R | O, JsonValue>>;
    }
    for (const [key, value] of Object.entries(this.#value)) {
      if (known.includes(key)) fields[key] = new JsonValue(this.file, `${this.path}.${key}`, value, this.#mistakes);
      else this.complain(wrong.unknown(key, known));
    }
    for (const key of required) if (!fields[key]) this.complain(wrong.missing(key));
    return fields as Partial<Record<R | O, JsonValue>>;
  }

  list(what: string, { empty }: { empty: boolean }): JsonValue[] {
    if (!Array.isArray(this.#value)) {
      this.complain(wrong.list(what));
      return [];
    }
    if (this.#value.length === 0 && !empty) this.complain(wrong.empty(what));
    return this.#value.map((one, i) => new JsonValue(this.file, `${this.path}[${i}]`, one, this.#mistakes));
  }

  text(): string {
    return this.matching(/^(?!\s)[^\p{Cc}]+(?<!\s)$/u, wrong.text);
  }

  matching(pattern: RegExp, complaint: (value: unknown) => Words): string {
    if (typeof this.#value === 'string' && pattern.test(this.#value)) return this.#value;
    this.complain(complaint(this.#value));
    return '';
  }

  /** X.660: the first number is 0, 1 or 2, the second below 40 under the first two. */
  oid(): string {
    return this.matching(/^(?:[01]\.[1-3]?\d|2\.(?:0|[1-9]\d{0,19}))(?:\.(?:0|[1-9]\d{0,38}))+$/, wrong.oid);
  }

  url(): string {
    const value = this.#value;
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
    if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.hash) return url.href;
    this.complain(wrong.url(value));
    return '';
  }

  flag(): boolean {
    if (typeof this.#value !== 'boolean') this.complain(wrong.flag(this.#value));
    return this.#value === true;
  }

  days(): number {
    const value = this.#value;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 3650) return value;
    this.complain(wrong.days(value));
    return 1;
  }

  /** A path that stays below its directory. */
  relativePath(): string {
    return this.matching(/^(?!\/)(?!.*(?:^|\/)\.{0,2}(?:\/|$))[^\\\p{Cc}:]+$/u, wrong.file);
  }
}
