import type { Picks } from './picks.ts';

/** A resource of a random world. Ids are numbers of the world, one row of them for all types. */
export interface Json {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

/** What a resource may refer to: the ids that there are, by type. */
export type Ids = Readonly<Record<string, readonly string[] | undefined>>;

/** Values that come again and again, so that random searches find something. */
export const CODES = [
  { system: 'https://a.example', code: 'x' },
  { system: 'https://a.example', code: 'y' },
  { system: 'https://b.example', code: 'x' },
  { code: 'z' },
] as const;
export const DAYS = [
  '2026-01-10',
  '2026-01-10T09:30:00+09:00',
  '2026-01-10T23:30:00Z',
  '2026-01',
  '2025-12-31',
  '2026-02-03T12:00:00.250+09:00',
] as const;
export const INSTANTS = [
  '2026-01-10T09:00:00+09:00',
  '2026-01-10T13:00:00+09:00',
  '2026-01-11T09:00:00+09:00',
] as const;
export const NAMES = ['山田', 'ヤマダ', '佐藤', 'Sato', 'サトウ'] as const;
export const NUMBERS = [1, 2.5, 2.5, 10] as const;
export const UNDELIVERED = {
  system: 'http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication',
  code: 'UNDELIVERED',
};
export const TAG = { system: 'https://a.example', code: 'x' };
export const ROLE = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }],
};

/** Draws the elements of one resource. */
export class Sheet {
  readonly #picks: Picks;
  readonly #ids: Ids;
  /** The institution that writes it, as `Organization/…`. */
  readonly owner: string;
  readonly #id: string;

  constructor(picks: Picks, ids: Ids, owner: string, id: string) {
    this.#picks = picks;
    this.#ids = ids;
    this.owner = owner;
    this.#id = id;
  }

  of = <T>(list: readonly T[]): T => this.#picks.of(list);
  once = (inTimes: number): boolean => this.#picks.once(inTimes);

  /** A reference to one of the types; nothing where there is none, or sometimes. */
  to(...types: readonly string[]): { reference: string } | undefined {
    const all = types.flatMap((type) => (this.#ids[type] ?? []).map((id) => ({ reference: `${type}/${id}` })));
    const one = this.#picks.any(all);
    return this.once(4) ? undefined : one;
  }

  /** As `to`, where the element must be there. */
  surely(...types: readonly string[]): { reference: string } | undefined {
    const all = types.flatMap((type) => (this.#ids[type] ?? []).map((id) => ({ reference: `${type}/${id}` })));
    return this.#picks.any(all);
  }

  list(...types: readonly string[]): { reference: string }[] | undefined {
    const found = [this.to(...types), ...(this.once(3) ? [this.to(...types)] : [])].filter((one) => one !== undefined);
    return found.length > 0 ? found : undefined;
  }

  /** References to one that was made before, so that what follows others never goes round in a circle. */
  before(type: string): { reference: string }[] | undefined {
    const number = (id: string) => Number(id.slice(1));
    const one = this.#picks.any((this.#ids[type] ?? []).filter((id) => number(id) < number(this.#id)));
    return one === undefined ? undefined : [{ reference: `${type}/${one}` }];
  }

  code = () => ({ coding: [this.of(CODES)], ...(this.once(3) && { text: this.of(NAMES) }) });
  identifier = () =>
    this.once(2) ? [{ system: 'https://id.example', value: String(this.#picks.nat() % 3) }] : undefined;
  day = () => (this.once(4) ? undefined : this.of(DAYS));
}
