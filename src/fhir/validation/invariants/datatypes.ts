/** Invariants of data types, by key. True: the element keeps it. One that cannot be decided (values without a common order) is kept. */
import { inOrder } from '../dates.ts';
import type { Native } from './native.ts';
import { child, has, hasChoice, list, number, text, values } from './nodes.ts';

const UCUM = 'http://unitsofmeasure.org';
const CURRENCIES = 'urn:iso:std:iso:4217';

const isUcumOrNone = (v: Parameters<Native>[0]) => !has(v, 'system') || v.system === UCUM;

export const datatypes: Readonly<Record<string, Native>> = {
  'ext-1': (v) => has(v, 'extension') !== hasChoice(v, 'value'),
  'age-1': (v) =>
    (has(v, 'code') || !has(v, 'value')) && isUcumOrNone(v) && (v.value === undefined || number(v, 'value')! > 0),
  'qty-3': (v) => !has(v, 'code') || has(v, 'system'),
  'att-1': (v) => !has(v, 'data') || has(v, 'contentType'),
  'cpt-2': (v) => !has(v, 'value') || has(v, 'system'),
  'cnt-3': (v) =>
    (has(v, 'code') || !has(v, 'value')) &&
    isUcumOrNone(v) &&
    (!has(v, 'code') || v.code === '1') &&
    (v.value === undefined || Number.isInteger(number(v, 'value'))),
  'drq-1': (v) => has(v, 'path') !== has(v, 'searchParam'),
  'drq-2': (v) => has(v, 'path') !== has(v, 'searchParam'),
  'dis-1': (v) => (has(v, 'code') || !has(v, 'value')) && isUcumOrNone(v),
  'drt-1': (v) => !has(v, 'code') || (v.system === UCUM && has(v, 'value')),
  'exp-1': (v) => has(v, 'expression') || has(v, 'reference'),
  'per-1': (v) => inOrder(text(v, 'start'), text(v, 'end')),
  'rng-2': (v) => {
    const low = child(v, 'low');
    const high = child(v, 'high');
    if (low?.value === undefined || high?.value === undefined) return true;
    const sameUnit =
      low.code !== undefined || high.code !== undefined
        ? low.code === high.code && low.system === high.system
        : low.unit === high.unit;
    return !sameUnit || number(low, 'value')! <= number(high, 'value')!;
  },
  'rat-1': (v) => has(v, 'numerator') === has(v, 'denominator') && (has(v, 'numerator') || has(v, 'extension')),
  'mqty-1': (v) => (has(v, 'code') || !has(v, 'value')) && (!has(v, 'system') || v.system === CURRENCIES),
  'sqty-1': (v) => !has(v, 'comparator'),
  'tim-1': (v) => !has(v, 'duration') || has(v, 'durationUnit'),
  'tim-2': (v) => !has(v, 'period') || has(v, 'periodUnit'),
  'tim-4': (v) => v.duration === undefined || number(v, 'duration')! >= 0,
  'tim-5': (v) => v.period === undefined || number(v, 'period')! >= 0,
  'tim-6': (v) => !has(v, 'periodMax') || has(v, 'period'),
  'tim-7': (v) => !has(v, 'durationMax') || has(v, 'duration'),
  'tim-8': (v) => !has(v, 'countMax') || has(v, 'count'),
  'tim-9': (v) =>
    !has(v, 'offset') || (has(v, 'when') && values(v, 'when').every((when) => !['C', 'CM', 'CD', 'CV'].includes(when))),
  'tim-10': (v) => !has(v, 'timeOfDay') || !has(v, 'when'),
  'trd-1': (v) => !has(v, 'data') || !hasChoice(v, 'timing'),
  'trd-2': (v) => !has(v, 'condition') || has(v, 'data'),
  'trd-3': (v) => {
    const type = text(v, 'type') ?? '';
    return (
      (type !== 'named-event' || has(v, 'name')) &&
      (type !== 'periodic' || hasChoice(v, 'timing')) &&
      (!type.startsWith('data-') || has(v, 'data'))
    );
  },
  'eld-2': (v) => v.min === undefined || v.max === undefined || v.max === '*' || number(v, 'min')! <= Number(v.max),
  'eld-3': (v) => (v as unknown) === '*' || /^\d+$/.test(v as unknown as string),
  'eld-4': (v) => !has(v, 'aggregation') || v.code === 'Reference' || v.code === 'canonical',
  'eld-5': (v) =>
    !has(v, 'contentReference') ||
    !(
      ['type', 'example', 'maxLength', 'binding'].some((name) => has(v, name)) ||
      ['defaultValue', 'fixed', 'pattern', 'minValue', 'maxValue'].some((name) => hasChoice(v, name))
    ),
  'eld-6': (v) => !hasChoice(v, 'fixed') || list(v, 'type').length <= 1,
  'eld-7': (v) => !hasChoice(v, 'pattern') || list(v, 'type').length <= 1,
  'eld-8': (v) => !hasChoice(v, 'pattern') || !hasChoice(v, 'fixed'),
  'eld-12': (v) => v.valueSet === undefined || /^(?:http:|https|urn:)/.test(v.valueSet as string),
  'eld-13': (v) => distinctTexts(v, 'type', 'code'),
  'eld-14': (v) => distinctTexts(v, 'constraint', 'key'),
  'eld-15': (v) => !hasChoice(v, 'defaultValue') || !has(v, 'meaningWhenMissing'),
  'eld-17': (v) => v.code === 'Reference' || v.code === 'canonical' || !has(v, 'targetProfile'),
  'eld-18': (v) => v.isModifier !== true || has(v, 'isModifierReason'),
  'eld-22': (v) => !has(v, 'sliceIsConstraining') || has(v, 'sliceName'),
  'eld-1': (v) => has(v, 'discriminator') || has(v, 'description'),
};

function distinctTexts(v: Parameters<Native>[0], name: string, key: string): boolean {
  const all = list(v, name).flatMap((entry) => (entry[key] === undefined ? [] : [entry[key]]));
  return new Set(all).size === all.length;
}
