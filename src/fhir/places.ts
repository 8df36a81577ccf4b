import { errorInEntry } from './check.ts';

/** Where the changes of a transaction stand in its Bundle; undefined for a change that came alone. */
export type Places = readonly number[] | undefined;

/** Runs a step of the change with this index; an error is named by the entry of the change. */
export async function inEntry<T>(places: Places, index: number, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw places === undefined ? error : errorInEntry(error, places[index] as number);
  }
}
