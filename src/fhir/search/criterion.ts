import type { SearchParameter } from '../../definitions/index.ts';
import type { Keys } from '../../store/keys.ts';
import type { SearchContext } from './context.ts';

/** One `name:modifier=value` of a search, resolved to the parameter that it names. */
export interface Criterion {
  /** The resource type that is searched. */
  readonly type: string;
  readonly parameter: SearchParameter;
  readonly modifier: string | null;
  /** The name as the caller wrote it, for errors. */
  readonly name: string;
  readonly keys: Keys;
  readonly context: SearchContext;
}
