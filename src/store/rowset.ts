import { bigints, type Values } from './sql.ts';

/** A column of rows that are handed to a statement: its name, the type of its values, and where they come from. */
export interface Column<T> {
  readonly name: string;
  readonly type: string;
  readonly of: (row: T, place: number) => unknown;
}

/**
 * Rows as an item of a FROM clause. One row is a VALUES list, which PostgreSQL takes without calling a function; more are arrays to
 * unnest, so that the text of the statement does not depend on how many they are. A column of type `bigint[]` holds lists and comes out
 * as text where there are several rows: cast it again.
 */
export function rowset<T>(rows: readonly T[], columns: readonly Column<T>[], values: Values): string {
  const names = columns.map(({ name }) => name).join(', ');
  const [only] = rows;
  if (rows.length === 1) {
    return `(VALUES (${columns.map(({ type, of }) => values.add(of(only as T, 1), type)).join(', ')})) AS u(${names})`;
  }
  const arrays = columns.map(({ type, of }) => {
    const list = rows.map((row, i) => of(row, i + 1));
    return type === 'bigint[]' ? values.add(list.map(literal), 'text[]') : values.add(list, `${type}[]`);
  });
  return `unnest(${arrays.join(', ')}) AS u(${names})`;
}

const literal = (list: unknown) => (list === null ? null : bigints(list as readonly bigint[]));
