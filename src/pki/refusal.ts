/** What is well-formed and understood, but not accepted. */
export type RefusalCode =
  /** MD5, SHA-1 and other hashes that are too weak. */
  | 'HASH_WEAK'
  /** Two places that must name the same hash do not. */
  | 'HASH_MISMATCH'
  | 'ALGORITHM_UNKNOWN'
  /** RSA of less than 2048 bits or with a public exponent below 65537. */
  | 'KEY_WEAK'
  /** A kind of key, a size or a curve that is not accepted. */
  | 'KEY_UNKNOWN';

export interface Refusal {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  /** Object identifier of what is refused. */
  readonly oid: string;
  readonly detail: string;
}

export const refuse = (code: RefusalCode, oid: string, detail: string): Refusal => ({
  kind: 'refused',
  code,
  oid,
  detail,
});

export const isRefused = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && (value as Refusal).kind === 'refused';
