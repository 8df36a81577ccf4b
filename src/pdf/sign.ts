import type { ByteRange, SignatureSubFilter } from './examine.ts';

export interface SignatureOptions {
  readonly fieldName: string;
  readonly reason?: string;
  readonly location?: string;
  readonly name?: string;
  /** Epoch milliseconds. */
  readonly signingTime?: number;
  readonly subFilter: SignatureSubFilter;
  /** Bytes to keep free for the signature value; 16,384 unless told. */
  readonly contentsSize?: number;
}

export interface PreparedSignature {
  readonly bytes: Uint8Array;
  readonly byteRange: ByteRange;
  /** Of the first hex digit. */
  readonly contentsOffset: number;
  readonly contentsSize: number;
}

export function prepareSignature(_pdf: Uint8Array, _options: SignatureOptions): PreparedSignature {
  throw new Error('not yet');
}

export function prepareDocumentTimestamp(
  _pdf: Uint8Array,
  _options: { readonly contentsSize?: number } = {},
): PreparedSignature {
  throw new Error('not yet');
}

/** The file with the DER signature value (or time-stamp token) in its place. */
export function fillContents(_prepared: PreparedSignature, _der: Uint8Array): Uint8Array {
  throw new Error('not yet');
}
