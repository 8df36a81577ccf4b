import fc from 'fast-check';
import { type Cell, suppress } from '../../../src/services/privacy/suppress.ts';

const cell = (value: number, contributors = value): Cell => ({ value, contributors });
const of = (...rows: readonly (readonly number[])[]) => rows.map((row) => row.map((value) => cell(value)));

it('leaves a table without small numbers as it is, with its totals', () => {
  expect(suppress(of([5, 10], [0, 7]), 5)).toEqual([
    [5, 10, 15],
    [0, 7, 7],
    [5, 17, 22],
  ]);
});

it('leaves out what would tell a small number by taking away', () => {
  const table = suppress(of([3, 10, 20], [30, 40, 50], [60, 70, 80]), 5);
  expect(table[0]?.[0]).toBeNull();
  expect(table[0]?.filter((value) => value === null).length).toBeGreaterThan(1);
  expect(table.map((row) => row[0]).filter((value) => value === null).length).toBeGreaterThan(1);
});

it('leaves out a number with few contributors however large it is', () => {
  expect(suppress([[cell(1000, 1), cell(2000, 9)]], 5)[0]?.[0]).toBeNull();
});

it('tells zeros, of which nobody is one', () => {
  expect(suppress(of([0, 0], [0, 0]), 5)).toEqual([
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

it('leaves out the totals of a table with nothing but one small number', () => {
  expect(suppress(of([2]), 5)).toEqual([
    [null, null],
    [null, null],
  ]);
});

it('does not leave four ones beside totals of two, which could be nothing else', () => {
  const table = suppress(of([1, 1], [1, 1]), 5);
  expect(table[2]?.[0]).toBeNull();
});

const tables = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 })).chain(([height, width]) =>
  fc.array(
    fc.array(
      fc.oneof(
        fc.constant(cell(0)),
        fc.integer({ min: 1, max: 6 }).map((n) => cell(n)),
        fc
          .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }))
          .map(([a, b]) => cell(Math.max(a, b), Math.min(a, b))),
      ),
      { minLength: width, maxLength: width },
    ),
    { minLength: height, maxLength: height },
  ),
);

/** The equations that a reader has – each row and each column adds up – reduced; the unknowns that they determine. */
function determined(table: readonly (readonly (number | null)[])[]): Set<string> {
  const unknown = table.flatMap((row, r) => row.flatMap((value, c) => (value === null ? [`${r} ${c}`] : [])));
  const height = table.length;
  const width = table[0]?.length ?? 0;
  const line = (places: readonly (readonly [number, number])[]) => {
    const equation = new Array<number>(unknown.length).fill(0);
    for (const [i, [r, c]] of places.entries()) {
      const index = unknown.indexOf(`${r} ${c}`);
      if (index >= 0) equation[index] = i === places.length - 1 ? -1 : 1;
    }
    return equation;
  };
  const rows = Array.from({ length: height }, (_, r) => line(Array.from({ length: width }, (_, c) => [r, c] as const)));
  const columns = Array.from({ length: width }, (_, c) =>
    line(Array.from({ length: height }, (_, r) => [r, c] as const)),
  );
  const matrix = [...rows, ...columns];
  let rank = 0;
  for (let column = 0; column < unknown.length; column++) {
    const pivot = matrix.findIndex((row, i) => i >= rank && Math.abs(row[column] as number) > 1e-9);
    if (pivot < 0) continue;
    [matrix[rank], matrix[pivot]] = [matrix[pivot] as number[], matrix[rank] as number[]];
    const base = matrix[rank] as number[];
    const head = base[column] as number;
    for (const [i, row] of matrix.entries()) {
      if (i === rank) continue;
      const factor = (row[column] as number) / head;
      if (factor !== 0) for (let k = 0; k < row.length; k++) row[k] = (row[k] as number) - factor * (base[k] as number);
    }
    rank++;
  }
  return new Set(
    matrix.slice(0, rank).flatMap((row) => {
      const terms = row.flatMap((factor, i) => (Math.abs(factor) > 1e-9 ? [i] : []));
      return terms.length === 1 ? [unknown[terms[0] as number] as string] : [];
    }),
  );
}

it('lets no small number be computed from what is published', () => {
  fc.assert(
    fc.property(tables, fc.integer({ min: 2, max: 8 }), (cells, least) => {
      const table = suppress(cells, least);
      const known = determined(table);
      for (const [r, row] of cells.entries())
        for (const [c, { value, contributors }] of row.entries())
          if (value > 0 && contributors < least) {
            expect(table[r]?.[c]).toBeNull();
            expect(known.has(`${r} ${c}`)).toBe(false);
          }
    }),
    { numRuns: 400 },
  );
});

it('publishes true numbers, and every zero', () => {
  fc.assert(
    fc.property(tables, (cells) => {
      const table = suppress(cells, 5);
      for (const [r, row] of cells.entries())
        for (const [c, { value }] of row.entries()) {
          if (value === 0) expect(table[r]?.[c]).toBe(0);
          if (table[r]?.[c] !== null) expect(table[r]?.[c]).toBe(value);
        }
    }),
  );
});

/** All ways to fill in a small table with whole numbers of 1 or more, so that it adds up. */
function fillings(table: readonly (readonly (number | null)[])[], most: number): (readonly number[])[] {
  const places = table.flatMap((row, r) => row.flatMap((value, c) => (value === null ? [[r, c] as const] : [])));
  const found: number[][] = [];
  const filled = table.map((row) => [...row]);
  const adds = () =>
    filled.every((row) => (row.slice(0, -1) as number[]).reduce((a, b) => a + b, 0) === row.at(-1)) &&
    (filled[0] as number[]).every(
      (_, c) => filled.slice(0, -1).reduce((sum, row) => sum + (row[c] as number), 0) === filled.at(-1)?.[c],
    );
  const fill = (i: number): void => {
    const place = places[i];
    if (!place) {
      if (adds()) found.push(places.map(([r, c]) => filled[r]?.[c] as number));
      return;
    }
    for (let value = 1; value <= most; value++) {
      (filled[place[0]] as number[])[place[1]] = value;
      fill(i + 1);
    }
  };
  fill(0);
  return found;
}

it('leaves a reader who knows that what is left out is 1 or more with another way to fill it in', () => {
  const small = fc.array(
    fc.array(
      fc.integer({ min: 0, max: 3 }).map((n) => cell(n)),
      { minLength: 1, maxLength: 1 },
    ),
    { minLength: 1, maxLength: 2 },
  );
  fc.assert(
    fc.property(small, (cells) => {
      const table = suppress(cells, 3);
      const places = table.flatMap((row, r) => row.flatMap((value, c) => (value === null ? [`${r} ${c}`] : [])));
      const ways = fillings(table, 8);
      for (const [r, row] of cells.entries())
        for (const [c, { value }] of row.entries())
          if (value > 0 && value < 3) {
            const i = places.indexOf(`${r} ${c}`);
            expect(new Set(ways.map((way) => way[i])).size).toBeGreaterThan(1);
          }
    }),
    { numRuns: 30 },
  );
});
