import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

export const SECRET_BYTES = 32;
const NONCE = 12;
const TAG = 16;

/** A key that is not in the database: who steals the database alone can neither guess what was hashed with it nor read what it sealed. */
export class Secret {
  readonly kid: string;
  readonly #bytes: Buffer;

  constructor(kid: string, bytes: Buffer) {
    this.kid = kid;
    this.#bytes = bytes;
  }

  /** A key of its own for one purpose (HKDF-SHA256, RFC 5869): what is made for one can never be taken for another. */
  derive(purpose: string): Secret {
    return new Secret(this.kid, Buffer.from(hkdfSync('sha256', this.#bytes, '', purpose, SECRET_BYTES)));
  }

  /** HMAC-SHA256 of the text. */
  mac(text: string): Buffer {
    return createHmac('sha256', this.#bytes).update(text).digest();
  }

  /** AES-256-GCM under a derived key: nonce, tag, ciphertext. `belongsTo` must be told again to open it: what is copied elsewhere does not open. */
  seal(plain: Buffer, belongsTo: string): Buffer {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#sealingKey(), nonce, { authTagLength: TAG });
    cipher.setAAD(Buffer.from(belongsTo));
    const text = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]);
  }

  /** Throws where it was sealed with another key, for somebody else, or was changed. */
  unseal(sealed: Buffer, belongsTo: string): Buffer {
    if (sealed.length < NONCE + TAG) throw new Error('what was sealed is too short');
    const cipher = createDecipheriv('aes-256-gcm', this.#sealingKey(), sealed.subarray(0, NONCE), {
      authTagLength: TAG,
    });
    cipher.setAAD(Buffer.from(belongsTo)).setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
    return Buffer.concat([cipher.update(sealed.subarray(NONCE + TAG)), cipher.final()]);
  }

  #sealingKey(): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#bytes, '', 'seal', SECRET_BYTES));
  }
}
