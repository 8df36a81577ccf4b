import { refuse } from '../http/errors.ts';
import type { Json, Resource } from './engine.ts';
import { BEGINNING, END, type Interval, interval } from './indexing/date.ts';

/** Reads the parameters of an operation, with refusals that say which one and what it must be. */
export class Asked {
  readonly #operation: string;
  readonly #list: readonly Json[];

  /** @param known  names that the operation has; any other is refused, so that a misspelt one is not left out silently */
  constructor(
    operation: string,
    body: Resource | undefined,
    query: readonly (readonly [string, string])[],
    known: readonly string[],
  ) {
    this.#operation = operation;
    if (body !== undefined && body.resourceType !== 'Parameters')
      throw refuse.badRequest(`$${operation} takes a Parameters resource`, 'resourceType', 'structure');
    const sent = (body?.parameter ?? []) as unknown;
    const list = Array.isArray(sent) ? sent.filter((one): one is Json => !!one && typeof one === 'object') : [];
    const asked = query.filter(([name]) => name !== '_format').map(([name, valueString]) => ({ name, valueString }));
    this.#list = [...list, ...asked];
    const unknown = this.#list.find(({ name }) => !known.includes(String(name)));
    if (unknown)
      throw refuse.badRequest(
        `$${operation} has no parameter ${JSON.stringify(String(unknown.name).slice(0, 64))}; it has ${known.join(', ')}`,
        undefined,
        'not-supported',
      );
  }

  refuse(name: string, must: string): Error {
    return refuse.badRequest(`$${this.#operation}: ${name} ${must}`, `Parameters.parameter('${name}')`, 'value');
  }

  values(name: string): unknown[] {
    return this.#list
      .filter((one) => one.name === name)
      .map((one) => Object.entries(one).find(([key]) => key.startsWith('value'))?.[1]);
  }

  /** Trimmed; undefined where it is absent. In code points at most `most`. */
  text(name: string, most: number): string | undefined {
    const [value, ...more] = this.values(name);
    if (value === undefined) {
      if (this.#list.some((one) => one.name === name)) throw this.refuse(name, 'must have a value');
      return undefined;
    }
    if (more.length > 0) throw this.refuse(name, 'is given once');
    if (typeof value !== 'string' || value.trim() === '') throw this.refuse(name, 'must be a text');
    const text = value.trim();
    if ([...text].length > most) throw this.refuse(name, `must have ${most} characters at most`);
    return text;
  }

  needed(name: string, most: number): string {
    const text = this.text(name, most);
    if (text === undefined)
      throw refuse.badRequest(`$${this.#operation} needs ${name}`, `Parameters.parameter('${name}')`, 'required');
    return text;
  }

  code<T extends string>(name: string, codes: readonly T[]): T | undefined {
    const text = this.text(name, 64);
    const found = codes.find((code) => code === text);
    if (text !== undefined && found === undefined) throw this.refuse(name, `must be one of ${codes.join(', ')}`);
    return found;
  }

  flag(name: string): boolean {
    const [value = false] = this.values(name);
    if (value === 'true' || value === 'false') return value === 'true';
    if (typeof value !== 'boolean') throw this.refuse(name, 'must be true or false');
    return value;
  }

  integer(name: string, least: number, most: number): number | undefined {
    const [value] = this.values(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most)
      throw this.refuse(name, `must be a whole number from ${least} to ${most}`);
    return number;
  }

  /** All the instants that a date or time may mean. */
  time(name: string, zone: string): Interval | undefined {
    const [value] = this.values(name);
    return value === undefined ? undefined : this.#interval(name, value, zone);
  }

  /** A Period, or a date or time, which is then its start. Bounds that are not given are null. */
  period(name: string, zone: string): { readonly starts: number | null; readonly ends: number | null } | undefined {
    const [value] = this.values(name);
    if (value === undefined) return undefined;
    if (typeof value === 'string') return { starts: this.#interval(name, value, zone).low, ends: null };
    if (!value || typeof value !== 'object') throw this.refuse(name, 'must be a Period, a date or a time');
    const { start, end } = value as { start?: unknown; end?: unknown };
    const starts = start === undefined ? null : this.#interval(name, start, zone).low;
    // The end of a Period belongs to it; as an instant of ours it is the first one after.
    const ends = end === undefined ? null : this.#end(name, end, zone);
    if (starts !== null && ends !== null && ends <= starts) throw this.refuse(name, 'must end after it starts');
    return { starts, ends };
  }

  #end(name: string, end: unknown, zone: string): number {
    const { low, high } = this.#interval(name, end, zone);
    return /T/.test(String(end)) ? low : high + 1;
  }

  #interval(name: string, value: unknown, zone: string): Interval {
    const found = typeof value === 'string' ? interval(value, zone) : null;
    if (!found || found.low <= BEGINNING || found.high >= END || !/^[1-9]\d{3}/.test(String(value)))
      throw this.refuse(name, 'must be a FHIR date or time');
    return found;
  }

  /** Ids of references to a type, `Organization/[id]`. */
  references(name: string, type: string): string[] {
    return this.values(name).map((value) => {
      const text = typeof value === 'string' ? value : (value as { reference?: unknown } | null)?.reference;
      const [, id] = typeof text === 'string' ? (new RegExp(`^${type}/([A-Za-z0-9.-]{1,64})$`).exec(text) ?? []) : [];
      if (id === undefined) throw this.refuse(name, `must be a reference ${type}/[id]`);
      return id;
    });
  }
}
