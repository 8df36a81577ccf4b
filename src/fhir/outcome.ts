import type { Put } from '../store/write.ts';
import type { Prepared, Resolved } from './engine.ts';

/** What became of one change. */
export interface Outcome {
  /** `unchanged`: a conditional create that found its resource, or a deletion of nothing. */
  readonly result: 'created' | 'updated' | 'deleted' | 'unchanged';
  readonly type: string;
  readonly id: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The bytes as stored; undefined for a deletion, and for what was found. */
  readonly content?: Buffer;
}

/** In the order of the changes. */
export function outcomes(
  resolved: readonly Resolved[],
  prepared: readonly (Prepared | undefined)[],
  puts: readonly Put[],
  at: number,
): Outcome[] {
  const byRid = new Map(puts.map((p) => [p.rid, p]));
  const results = { create: 'created', update: 'updated', delete: 'deleted' } as const;
  return resolved.map((r, i) => {
    const change = prepared[i];
    if (!change && !r.found) return { result: 'deleted', type: r.type, id: r.id ?? '', version: 0, at };
    if (!change)
      return {
        result: 'unchanged',
        type: r.type,
        id: r.found?.id ?? '',
        version: r.found?.version ?? 0,
        at: r.found?.at ?? at,
        ...(r.found?.content && { content: r.found.content }),
      };
    const put = byRid.get(change.rid) as Put;
    return {
      result: results[change.interaction],
      type: change.type,
      id: change.id,
      version: put.version,
      at,
      ...(put.content && { content: put.content }),
    };
  });
}
