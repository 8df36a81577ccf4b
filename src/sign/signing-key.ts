import { createHash } from 'node:crypto';
import type { Scheme } from '../pki/algorithms.ts';

/** A key that signs, wherever it is: what leaves a card is signatures and certificates only. */
export interface SigningKey {
  /** The signer's, DER. */
  readonly certificate: Uint8Array;
  /** Its issuers, DER, the nearest first, as far as they came with it. */
  readonly chain: readonly Uint8Array[];
  readonly scheme: Scheme;
  /** Signs the bytes, hashing included; ECDSA as DER. @throws KeyError */
  sign(bytes: Uint8Array): Uint8Array;
  /** Logs out. Nothing can be signed afterwards; never throws. */
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
    | 'KEY_UNSUITABLE'
    | 'SIGNATURE_WRONG';

  constructor(code: KeyError['code'], detail: string) {
    super(detail);
    this.code = code;
  }
}

/** SHA-256 of a certificate, hex: how it is named to people and to the server. */
export const fingerprint = (certificate: Uint8Array): string => createHash('sha256').update(certificate).digest('hex');
