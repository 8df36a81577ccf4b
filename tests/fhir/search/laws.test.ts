import fc from 'fast-check';
import { resourceTypes } from '../../../src/definitions/index.ts';
import { branches, walk } from '../../../src/fhir/indexing/branch.ts';
import { interval } from '../../../src/fhir/indexing/date.ts';
import { fold } from '../../../src/fhir/indexing/fold.ts';
import { indexedParameters, targetsOf } from '../../../src/fhir/indexing/parameters.ts';
import { evaluatePlan } from '../../support/evaluate-query.ts';
import { sample } from '../indexing/samples.ts';
import { plan, row, type Stored } from './find.ts';

const escaped = (text: string): string => text.replace(/[\\,|$]/g, '\\$&');
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

type Fields = Readonly<Record<string, unknown>>;

/** Searches by which a resource must find itself, from a value that it holds: `[modifier, value]`. */
const SEARCHES: Readonly<Record<string, (value: unknown) => readonly (readonly [string, string])[]>> = {
  Coding: (value) => {
    const { system, code, display } = value as Fields;
    return [
      ...(isText(system) && isText(code)
        ? ([
            ['', `${escaped(system)}|${escaped(code)}`],
            ['', `${escaped(system)}|`],
          ] as const)
        : []),
      ...(isText(code) ? ([['', escaped(code)]] as const) : []),
      ...(isText(display)
        ? ([
            [':text', escaped(display)],
            [':text', escaped(display.slice(0, 3))],
          ] as const)
        : []),
    ];
  },
  CodeableConcept: (value) => {
    const { coding = [], text } = value as { coding?: unknown[]; text?: unknown };
    return [
      ...coding.flatMap((one) => SEARCHES.Coding?.(one) ?? []),
      ...(isText(text) ? ([[':text', escaped(text)]] as const) : []),
    ];
  },
  Identifier: (value) => {
    const { system, value: number } = value as Fields;
    return isText(system) && isText(number)
      ? [
          ['', `${escaped(system)}|${escaped(number)}`],
          ['', escaped(number)],
        ]
      : [];
  },
  ContactPoint: (value) => SEARCHES.string_?.((value as Fields).value) ?? [],
  boolean: (value) => [['', String(value)]],
  code: (value) => SEARCHES.string_?.(value) ?? [],
  id: (value) => SEARCHES.string_?.(value) ?? [],
  string_: (value) => (isText(value) ? [['', escaped(value)]] : []),
  string: (value) => (isText(value) ? [['', escaped(value)]] : []),
  markdown: (value) =>
    isText(value)
      ? [
          ['', escaped(value)],
          [':exact', escaped(value)],
          [':contains', escaped(value.slice(-3))],
        ]
      : [],
  HumanName: (value) => {
    const { text, family, given } = value as { text?: string; family?: string; given?: string[] };
    const whole = family && given ? [`${family}${given.join('')}`, `${family}　${given.join(' ')}`] : [];
    return [text, family, ...(given ?? []), ...whole].filter(isText).map((one) => ['', escaped(one)]);
  },
  Address: (value) => {
    const { city, state, postalCode, line } = value as {
      city?: string;
      state?: string;
      postalCode?: string;
      line?: string[];
    };
    return [city, state, postalCode, ...(line ?? [])].filter(isText).map((one) => ['', escaped(one)]);
  },
  Reference: (value) => {
    const { reference } = value as Fields;
    return isText(reference)
      ? [
          ['', reference],
          ['', reference.slice(reference.indexOf('/') + 1)],
        ]
      : [];
  },
  canonical: (value) =>
    isText(value)
      ? [
          ['', escaped(value)],
          ['', value.replace(/\|.*/, '')],
        ]
      : [],
  uri: (value) => (isText(value) ? [['', escaped(value)]] : []),
  url: (value) => (isText(value) ? [['', escaped(value)]] : []),
  date: (value) => dates(value),
  dateTime: (value) => dates(value),
  instant: (value) => dates(value),
  Period: (value) => {
    const { start, end } = value as { start?: string; end?: string };
    const ordered =
      start && end && (interval(start, 'Asia/Tokyo')?.low ?? 0) <= (interval(end, 'Asia/Tokyo')?.low ?? 0);
    return ordered
      ? [
          ['', `ap${start}`],
          ['', `ge${start}`],
          ['', `le${end}`],
          ['', `ap${end}`],
        ]
      : [];
  },
  decimal: (value) => numbers(value),
  integer: (value) => numbers(value),
  Quantity: (value) => quantities(value),
  Age: (value) => quantities(value),
  Duration: (value) => quantities(value),
  Money: (value) => {
    const { value: number, currency } = value as Fields;
    return typeof number === 'number' && isText(currency)
      ? [
          ['', `${number}||${escaped(currency)}`],
          ['', String(number)],
        ]
      : [];
  },
};

function dates(value: unknown): readonly (readonly [string, string])[] {
  if (!isText(value)) return [];
  return [
    ['', value],
    ['', `ge${value}`],
    ['', `le${value}`],
    ['', `ap${value}`],
    ['', value.slice(0, 10)],
    ['', value.slice(0, 7)],
    ['', value.slice(0, 4)],
  ];
}

function numbers(value: unknown): readonly (readonly [string, string])[] {
  return typeof value === 'number'
    ? [
        ['', String(value)],
        ['', `ge${value}`],
        ['', `le${value}`],
        ['', `ap${value}`],
      ]
    : [];
}

function quantities(value: unknown): readonly (readonly [string, string])[] {
  const { value: number, system, code, unit, comparator } = value as Fields;
  if (typeof number !== 'number' || comparator !== undefined) return [];
  const units = [
    ...(isText(system) && isText(code) ? [`|${escaped(system)}|${escaped(code)}`] : []),
    ...[code, unit].filter(isText).map((one) => `||${escaped(one)}`),
  ];
  return ['', ...units].flatMap((suffix) => [
    ['', `${number}${suffix}`] as const,
    ['', `ap${number}${suffix}`] as const,
  ]);
}

/** A bare id stands for the types to which the parameter is declared to lead; the definitions let some elements hold others. */
function leadsTo(type: string, code: string, value: unknown, text: string): boolean {
  const { reference } = value as Fields;
  return (
    typeof reference !== 'string' ||
    text.includes('/') ||
    targetsOf(type, code).some((target) => reference.startsWith(`${target}/`))
  );
}

describe('a resource', () => {
  it.each(resourceTypes())('is found by each of its own values: %s', (type) => {
    for (const seed of [11, 12, 13]) {
      const resource = sample(type, seed) as unknown as Stored;
      const rows = [row(resource)];
      const lost: string[] = [];
      for (const { code, type: kind, expression } of indexedParameters(type).values()) {
        if (code === '_lastUpdated') continue;
        for (const branch of branches(type, expression)) {
          walk<null>(branch, (value, _, datatype) => {
            for (const [modifier, text] of SEARCHES[kind === 'token' && datatype === 'string' ? 'string_' : datatype]?.(
              value,
            ) ?? []) {
              if (kind === 'string' && fold(text) === '') continue;
              if (kind === 'date' && datatype === 'string') continue;
              if (kind === 'reference' && !leadsTo(type, code, value, text)) continue;
              if (modifier !== '' && kind !== 'token' && datatype !== 'markdown') continue;
              const found = evaluatePlan(plan(type, `${code}${modifier}=${text}`).plan, rows);
              if (found.matches.length !== 1) lost.push(`${code}${modifier}=${text}`);
            }
          })(resource, null);
        }
      }
      expect(lost).toEqual([]);
    }
  });

  it.each(['Patient', 'Observation', 'Encounter', 'MedicationRequest', 'Appointment'])(
    'either has a parameter or misses it: %s',
    (type) => {
      const rows = [sample(type, 1), sample(type, 2), { resourceType: type, id: 'empty' }].map((one) =>
        row(one as unknown as Stored),
      );
      for (const code of indexedParameters(type).keys()) {
        if (code === '_id' || code === '_lastUpdated') continue;
        const ids = (value: boolean) => evaluatePlan(plan(type, `${code}:missing=${value}`).plan, rows).matches;
        expect([...ids(true), ...ids(false)].sort()).toEqual(rows.map((one) => one.rid).sort());
      }
    },
  );
});

describe('joining', () => {
  const rows = Array.from({ length: 12 }, (_, seed) => row(sample('Observation', seed) as unknown as Stored));
  const ids = (query: string) => new Set(evaluatePlan(plan('Observation', query).plan, rows).matches);
  const filter = fc.constantFrom(
    'status=final',
    'status=code-1',
    'subject=t1',
    'patient=t2',
    'performer:missing=false',
    'code:text=文字列',
    'value-quantity=gt0',
    'value-quantity=lt10',
    'date=ge2024-03-10',
    'date=lt2024-03-20',
    'value-string:contains=9',
    'issued:missing=true'.replace('issued', 'specimen'),
    'value-date:missing=false',
  );

  it('by repetition is the intersection, in any order', () => {
    fc.assert(
      fc.property(filter, filter, (a, b) => {
        expect(ids(`${a}&${b}`)).toEqual(ids(a).intersection(ids(b)));
        expect(ids(`${b}&${a}`)).toEqual(ids(`${a}&${b}`));
      }),
    );
  });

  it('by commas is the union', () => {
    const values = fc.constantFrom('final', 'amended', 'registered', 'code-0', 'code-1', 'code-2', 'code-3');
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(ids(`status=${a},${b}`)).toEqual(ids(`status=${a}`).union(ids(`status=${b}`)));
        expect(ids(`status:not=${a},${b}`)).toEqual(ids(`status:not=${a}`).intersection(ids(`status:not=${b}`)));
      }),
    );
  });

  it('of :not is the complement', () => {
    const everything = new Set(rows.map((one) => one.rid));
    for (const value of ['final', 'amended', 'x']) {
      expect(ids(`status:not=${value}`)).toEqual(everything.difference(ids(`status=${value}`)));
    }
  });
});
