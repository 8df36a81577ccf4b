import type { Keys } from '../../store/keys.ts';
import type { SearchPlan } from '../../store/query.ts';

/** A search URL's parameters, in the order given, decoded. */
export type SearchParams = readonly (readonly [name: string, value: string])[];

export interface SearchContext {
  readonly keys: Keys;
  /** `http://host:8080`; references below its `/fhir/` are to this server. */
  readonly baseUrl: string;
  /** IANA time zone of dates and times without an offset, `Asia/Tokyo`. */
  readonly zone: string;
  /** `Prefer: handling=lenient`: what the server does not know is ignored instead of refused. */
  readonly lenient: boolean;
  /** The instant from which `ap` measures how far away a date is; epoch milliseconds. Absent: `ap` means overlap. */
  readonly now?: number;
  /** Types that chains, `_has` and includes may reach; all but AuditEvent if absent. */
  readonly types?: ReadonlySet<string>;
  /** Values joined by commas in one parameter. */
  readonly maxOr?: number;
  /** Filters in one search. */
  readonly maxFilters?: number;
  readonly maxCount?: number;
  readonly defaultCount?: number;
  readonly maxIncludes?: number;
  readonly maxSort?: number;
}

export type Limits = Required<
  Pick<SearchContext, 'maxOr' | 'maxFilters' | 'maxCount' | 'defaultCount' | 'maxIncludes' | 'maxSort'>
>;

export const DEFAULT_LIMITS: Limits = Object.freeze({
  maxOr: 200,
  maxFilters: 50,
  maxCount: 1000,
  defaultCount: 20,
  maxIncludes: 10,
  maxSort: 5,
});

export interface Planned {
  readonly plan: SearchPlan;
  /**
   * The query string of the search as it was understood, for the self link: parameters in the order given, percent-encoded, without
   * those ignored, without `_cursor` and without a leading `?`.
   */
  readonly self: string;
  /** Names of the parameters that were ignored, as lenient handling allows. */
  readonly ignored: readonly string[];
  /** Only the number of matches was asked for. */
  readonly summary?: 'count';
  /** The opaque page token of `_cursor`. */
  readonly cursor?: string;
  readonly pretty?: boolean;
}
