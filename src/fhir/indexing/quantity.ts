import type { Keys } from '../../store/keys.ts';
import { keysOf } from './keys-of.ts';
import type { Leaf, Rows } from './leaf.ts';
import { HIGHEST, LOWEST, numberOf } from './number.ts';

/**
 * Systems of units whose codes are understood without naming them: a row with such a unit is stored once, under system and code,
 * and a search for the bare unit asks for these too.
 */
export const UNIT_SYSTEMS = ['http://unitsofmeasure.org', 'urn:iso:std:iso:4217'] as const;

/** Index rows of a quantity parameter (R4 §3.1.1.4.13) for a value of this datatype, or null where it is no quantity. */
export function quantityLeaf(datatype: string, param: bigint, keys: Keys): Leaf | null {
  const bounds = BOUNDS[datatype];
  if (!bounds) return null;
  return (value, rows) => {
    for (const unit of bounds(value as Readonly<Record<string, unknown>>)) add(unit, param, keys, rows);
  };
}

interface Measured {
  readonly low: number;
  readonly high: number;
  /** A Quantity that says the unit. */
  readonly unit: Readonly<Record<string, unknown>>;
}

/** One row for each way in which a search may name the unit; most quantities have one. */
function add({ low, high, unit }: Measured, param: bigint, keys: Keys, rows: Rows): void {
  const { system, code, unit: text } = unit;
  const names: bigint[] = [];
  const known = typeof system === 'string' && (UNIT_SYSTEMS as readonly string[]).includes(system);
  if (typeof code === 'string') {
    if (typeof system === 'string') names.push(keysOf.unit(keys, system, code));
    if (!known) names.push(keysOf.unit(keys, '', code));
  }
  if (typeof text === 'string' && (text !== code || !known)) names.push(keysOf.unit(keys, '', text));
  for (const name of names.length > 0 ? names : [0n]) rows.range(param, low, high, name);
}

type Bounds = (value: Readonly<Record<string, unknown>>) => readonly Measured[];

/** A comparator opens the range: `<5` lies anywhere below 5. */
const ofQuantity: Bounds = (quantity) => {
  const number = numberOf(quantity.value);
  if (number === null) return [];
  const { comparator } = quantity;
  const low = comparator === '<' || comparator === '<=' ? LOWEST : number;
  const high = comparator === '>' || comparator === '>=' ? HIGHEST : number;
  return [{ low, high, unit: quantity }];
};

const ofMoney: Bounds = ({ value, currency }) =>
  ofQuantity({ value, code: currency, system: currency === undefined ? undefined : 'urn:iso:std:iso:4217' });

const ofRange: Bounds = ({ low, high }) => {
  const first = low as Readonly<Record<string, unknown>> | undefined;
  const last = high as Readonly<Record<string, unknown>> | undefined;
  const from = numberOf(first?.value);
  const to = numberOf(last?.value);
  if (from === null && to === null) return [];
  return [{ low: from ?? LOWEST, high: to ?? HIGHEST, unit: (from === null ? last : first) ?? {} }];
};

/** The bounds of the samples, in the unit of the origin; `E`, `U` and `L` stand for no number. */
const ofSampledData: Bounds = ({ origin, factor, data }) => {
  const zero = origin as Readonly<Record<string, unknown>> | undefined;
  const base = numberOf(zero?.value);
  if (base === null || !zero || typeof data !== 'string') return [];
  const scale = numberOf(factor) ?? 1;
  let low = HIGHEST;
  let high = LOWEST;
  for (const word of data.split(/\s+/)) {
    const sample = numberOf(word);
    if (sample === null) continue;
    low = Math.min(low, base + sample * scale);
    high = Math.max(high, base + sample * scale);
  }
  return low <= high ? [{ low, high, unit: zero }] : [];
};

const BOUNDS: Readonly<Record<string, Bounds>> = {
  Quantity: ofQuantity,
  Age: ofQuantity,
  Count: ofQuantity,
  Distance: ofQuantity,
  Duration: ofQuantity,
  Money: ofMoney,
  Range: ofRange,
  SampledData: ofSampledData,
};
