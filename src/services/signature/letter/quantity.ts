import { concept, type Element } from './element.ts';
import { readDay } from './wareki.ts';

/** Quantities, times and choices as a reader writes them. */

/** `< 0.5 mg/dL`, `3 錠`. */
export function quantity(element: Element): string | undefined {
  const value = element.number('value');
  if (value === undefined) return undefined;
  const unit = element.text('unit') ?? element.text('code');
  const apart = unit && /^[ -~]/.test(unit) ? ' ' : '';
  return `${element.text('comparator') ?? ''}${value}${unit ? apart + unit : ''}`;
}

function range(element: Element): string | undefined {
  const low = quantity(element.get('low'));
  const high = quantity(element.get('high'));
  return low || high ? `${low ?? ''}～${high ?? ''}` : undefined;
}

export function ratio(element: Element): string | undefined {
  const [numerator, denominator] = [quantity(element.get('numerator')), quantity(element.get('denominator'))];
  return numerator && denominator ? `${numerator}/${denominator}` : numerator;
}

const UNITS: Readonly<Record<string, string>> = Object.freeze({
  min: '分',
  h: '時間',
  d: '日',
  wk: '週',
  mo: 'か月',
  a: '年',
});

/** A Duration in Japanese: `7日`. */
export function duration(element: Element): string | undefined {
  const value = element.number('value');
  if (value === undefined) return undefined;
  const unit = element.text('unit');
  return value + (UNITS[element.text('code') ?? ''] ?? UNITS[unit ?? ''] ?? unit ?? '');
}

/** `2026年11月22日`, or what of it is known. */
export function dayText(value: string | undefined): string | undefined {
  const day = readDay(value);
  if (!day) return value;
  return `${day.year}年${day.month ? `${day.month}月` : ''}${day.day ? `${day.day}日` : ''}`;
}

function period(element: Element): string | undefined {
  const [start, end] = [dayText(element.text('start')), dayText(element.text('end'))];
  return start || end ? `${start ?? ''}～${end ?? ''}` : undefined;
}

/** A choice of types, `onset[x]` or `value[x]`: whichever is there, as text. */
export function choice(element: Element, name: string): string | undefined {
  const of = (type: string) => element.get(`${name}${type}`);
  const truth = of('Boolean').value;
  return (
    quantity(of('Quantity')) ??
    (of('CodeableConcept').present ? concept(of('CodeableConcept')) : undefined) ??
    of('String').text() ??
    of('Integer').number() ??
    range(of('Range')) ??
    ratio(of('Ratio')) ??
    dayText(of('DateTime').text() ?? of('Date').text()) ??
    of('Time').text() ??
    period(of('Period')) ??
    ageText(of('Age')) ??
    (typeof truth === 'boolean' ? (truth ? 'あり' : 'なし') : undefined)
  );
}

const ageText = (element: Element): string | undefined => {
  const value = element.number('value');
  return value && (element.text('code') === 'a' ? `${value}歳` : quantity(element));
};
