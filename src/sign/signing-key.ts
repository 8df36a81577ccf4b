import { createHash } from 'node:crypto';
import type { Scheme } from '../pki/algorithms.ts';

/** A key that signs, wherever it is: what leaves a card is signatures and certificates only. */
export interface SigningKey {
  /** The signer's, DER. */
  readonly certificate: Uint8Array;
  /** Other certificates that came with it, DER: its issuers, as far as they are there. */
  readonly chain: readonly Uint8Array[];
  readonly scheme: Scheme;
  /** Signs the bytes, hashing included; ECDSA as DER. */
  sign(bytes: Uint8Array): Uint8Array;
  close(): void;
}

/** Why a key cannot be used; the code is of `words.ts`, the detail for whoever looks after the machine. */
export class KeyError extends Error {
  readonly code:
    | 'CARD_LIBRARY'
    | 'CARD_ABSENT'
    | 'CARD_EMPTY'
    | 'CARD_CHOICE'
    | 'CARD_REFUSED'
    | 'PIN_WRONG'
    | 'PIN_LOCKED'
    | 'PKCS12_WRONG'
    | 'PKCS12_EMPTY'
    | 'KEY_UNSUITABLE';

  constructor(code: KeyError['code'], detail: string) {
    super(detail);
    this.code = code;
  }
}

/** SHA-256 of a certificate, hex: how it is named to people and to the server. */
export const fingerprint = (certificate: Uint8Array): string => createHash('sha256').update(certificate).digest('hex');
