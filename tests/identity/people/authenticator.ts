import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

interface Site {
  readonly rpId: string;
  readonly origin: string;
  /** The passkey of another: the same key and id. */
  readonly like?: Authenticator;
  /** The id of another passkey, with a key of its own. */
  readonly id?: string;
}

interface Changes {
  /** 0x01 present, 0x04 verified, 0x40 with a new credential. */
  readonly flags?: number;
  readonly counter?: number;
}

/** A security key in software: one credential, ES256, no attestation (https://www.w3.org/TR/webauthn-3/). */
export class Authenticator {
  readonly credentialId: string;
  readonly #site: Site;
  readonly #keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  #counter = 5;

  constructor(site: Site) {
    this.#site = site;
    this.credentialId = site.like?.credentialId ?? site.id ?? randomBytes(32).toString('base64url');
    this.#keys = site.like ? site.like.#keys : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    if (site.like) this.#counter = site.like.#counter + 1000;
  }

  /** What `navigator.credentials.create` answers. Each time a credential of its own, unless this was made with an id. */
  create(options: object | null, { flags = 0x45 }: Changes = {}): object {
    if (!this.#site.id && !this.#site.like)
      Object.assign(this, { credentialId: randomBytes(32).toString('base64url') });
    const id = Buffer.from(this.credentialId, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const data = Buffer.concat([this.#head(flags, this.#counter), Buffer.alloc(16), length, id, this.#coseKey()]);
    return {
      id: this.credentialId,
      rawId: this.credentialId,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: this.#clientData('webauthn.create', options).toString('base64url'),
        attestationObject: attestation(data).toString('base64url'),
        transports: ['usb', 'nfc'],
      },
    };
  }

  /** What `navigator.credentials.get` answers. */
  get(options: object | null, { flags = 0x05, counter = ++this.#counter }: Changes = {}): object {
    const data = this.#head(flags, counter);
    const client = this.#clientData('webauthn.get', options);
    const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
    return {
      id: this.credentialId,
      rawId: this.credentialId,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', signed, this.#keys.privateKey).toString('base64url'),
      },
    };
  }

  #head(flags: number, counter: number): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([createHash('sha256').update(this.#site.rpId).digest(), Buffer.from([flags]), count]);
  }

  #clientData(type: string, options: object | null): Buffer {
    const { challenge } = options as { challenge: string };
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.#site.origin, crossOrigin: false }));
  }

  /** {1: 2, 3: -7, -1: 1, -2: x, -3: y} in CBOR (RFC 9052, 7.1). */
  #coseKey(): Buffer {
    const { x, y } = this.#keys.publicKey.export({ format: 'jwk' });
    const bytes = (text: string | undefined) =>
      Buffer.concat([Buffer.from([0x58, 32]), Buffer.from(text ?? '', 'base64url')]);
    const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]);
    return Buffer.concat([head, bytes(x), Buffer.from([0x22]), bytes(y)]);
  }
}

/** {fmt: 'none', attStmt: {}, authData} in CBOR. */
function attestation(data: Buffer): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)]);
  const length = Buffer.from([0x59, data.length >> 8, data.length & 255]);
  return Buffer.concat([
    Buffer.from([0xa3]),
    text('fmt'),
    text('none'),
    text('attStmt'),
    Buffer.from([0xa0]),
    text('authData'),
    length,
    data,
  ]);
}
