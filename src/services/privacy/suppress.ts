/** A number of a table, and how many people or institutions it comes from. */
export interface Cell {
  readonly value: number;
  readonly contributors: number;
}

/**
 * A table with its totals, in the last row and the last column, from which no number that fewer than `least` have contributed to can be told:
 * null stands for what is left out. Zeros tell of nobody and stay.
 *
 * Whoever reads it knows that rows and columns add up, and that what was left out is 1 or more. So a small number is safe only if what is left out
 * could also be other numbers. As rows and columns are the two sides of a graph whose edges are the numbers, that is so if the small one lies on
 * a circle of numbers left out along which one can be added and taken away in turn, none falling below 1. For each small number the circle that
 * takes away the least else is found; there always is one, through the totals.
 */
export function suppress(cells: readonly (readonly Cell[])[], least: number): (number | null)[][] {
  const table = withTotals(cells);
  const hidden = table.map((row) => row.map(({ value, contributors }) => value > 0 && contributors < least));
  const small = hidden.flatMap((row, r) => row.flatMap((is, c) => (is ? [[r, c] as const] : [])));
  for (const [r, c] of small)
    for (const [row, column] of circle(table, hidden, r, c)) (hidden[row] as boolean[])[column] = true;
  return table.map((row, r) => row.map(({ value }, c) => (hidden[r]?.[c] ? null : value)));
}

/** Contributors of a total are at least those of any of its parts; more cannot be told, as they may be the same ones. */
function withTotals(cells: readonly (readonly Cell[])[]): Cell[][] {
  const total = (list: readonly Cell[]): Cell => ({
    value: list.reduce((sum, { value }) => sum + value, 0),
    contributors: Math.max(0, ...list.map(({ contributors }) => contributors)),
  });
  const rows = cells.map((row) => [...row, total(row)]);
  const width = rows[0]?.length ?? 1;
  return [...rows, Array.from({ length: width }, (_, c) => total(rows.map((row) => row[c] as Cell)))];
}

type Place = readonly [row: number, column: number];

/** The places of a circle through (r, c), that one left out, as cheap as there is: Dijkstra from its column to its row. */
function circle(
  table: readonly (readonly Cell[])[],
  hidden: readonly (readonly boolean[])[],
  r: number,
  c: number,
): Place[] {
  const height = table.length;
  const width = table[0]?.length ?? 0;
  const sign = (row: number, column: number) => (row === height - 1 ? -1 : 1) * (column === width - 1 ? -1 : 1);
  const up = sign(r, c);
  /** Infinite where the number is 0, or would fall below 1. What goes up from a column to a row is counted against the sign of the start. */
  const cost = (row: number, column: number, toRow: boolean): number => {
    const value = table[row]?.[column]?.value ?? 0;
    const change = (toRow ? -up : up) * sign(row, column);
    if ((row === r && column === c) || value < (change < 0 ? 2 : 1)) return Number.POSITIVE_INFINITY;
    return hidden[row]?.[column] ? 0 : 1 + value;
  };
  // Nodes: rows first, then columns.
  const distance = new Array<number>(height + width).fill(Number.POSITIVE_INFINITY);
  const before = new Array<number>(height + width).fill(-1);
  const open = new Set(distance.keys());
  distance[height + c] = 0;
  while (open.size > 0) {
    const node = [...open].reduce((a, b) => ((distance[b] as number) < (distance[a] as number) ? b : a));
    open.delete(node);
    if (node === r || distance[node] === Number.POSITIVE_INFINITY) break;
    const fromColumn = node >= height;
    for (let next = fromColumn ? 0 : height; next < (fromColumn ? height : height + width); next++) {
      const step = fromColumn ? cost(next, node - height, true) : cost(node, next - height, false);
      const total = (distance[node] as number) + step;
      if (total < (distance[next] as number)) {
        distance[next] = total;
        before[next] = node;
      }
    }
  }
  const places: Place[] = [];
  for (let node = r; before[node] !== -1; node = before[node] as number) {
    const other = before[node] as number;
    places.push(node < height ? [node, other - height] : [other, node - height]);
  }
  return places;
}
