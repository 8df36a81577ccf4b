import { X509Certificate } from 'node:crypto';
import { digest, HASHES, type Scheme, schemeFor } from '../pki/algorithms.ts';
import { integer, nil, octets, oid, sequence } from '../pki/der.ts';
import { CKA, CKM, CKO, CKU, Cryptoki, CryptokiError, ulong } from './cryptoki.ts';
import { fingerprint, KeyError, type SigningKey } from './signing-key.ts';

export interface CardOptions {
  /** Path of the card maker's PKCS#11 library, such as `HpkiSigP11_MPKCS11H.dll`. */
  readonly library: string;
  readonly pin: string;
  /** Label of the token, where several are there. */
  readonly token?: string;
  /** SHA-256 of the certificate in hex, where the card holds several that may sign. */
  readonly certificate?: string;
}

interface Candidate {
  readonly key: number;
  readonly certificate: Uint8Array;
}

/**
 * Opens a card through PKCS#11 and finds the key that signs, with its certificate. The PIN goes to the library and is kept only for cards
 * that ask for it at each signature. @throws KeyError
 */
export function openCard({ library, pin, token, certificate }: CardOptions): SigningKey {
  const cryptoki = load(library);
  try {
    const slot = slotOf(cryptoki, token);
    const session = cryptoki.openSession(slot);
    cryptoki.login(session, CKU.USER, pin);
    const certificates = all(cryptoki, session, CKO.CERTIFICATE).flatMap(({ handle, id }) => {
      const value = cryptoki.attribute(session, handle, CKA.VALUE);
      return value ? [{ id, der: new Uint8Array(value) }] : [];
    });
    const candidates = all(cryptoki, session, CKO.PRIVATE_KEY).flatMap(({ handle, id }): Candidate[] => {
      const own = certificates.find((one) => id !== undefined && one.id === id);
      return own ? [{ key: handle, certificate: own.der }] : [];
    });
    const chosen = choose(candidates, certificate);
    const scheme = schemeOf(chosen.certificate);
    const asks = cryptoki.attribute(session, chosen.key, CKA.ALWAYS_AUTHENTICATE)?.some((byte) => byte !== 0);
    const again = asks ? () => cryptoki.login(session, CKU.CONTEXT_SPECIFIC, pin) : undefined;
    return {
      certificate: chosen.certificate,
      chain: certificates.map(({ der }) => der).filter((der) => der !== chosen.certificate),
      scheme,
      sign: (bytes) => translated(() => signWith(cryptoki, session, chosen.key, scheme, bytes, again)),
      close: () => cryptoki.close(),
    };
  } catch (error) {
    cryptoki.close();
    throw keyError(error);
  }
}

function load(library: string): Cryptoki {
  try {
    return new Cryptoki(library);
  } catch (error) {
    throw new KeyError('CARD_LIBRARY', `${library}: ${(error as Error).message}`);
  }
}

function slotOf(cryptoki: Cryptoki, token: string | undefined): number {
  const slots = cryptoki.slots().map((slot) => ({ slot, label: cryptoki.tokenLabel(slot) }));
  const named =
    token === undefined ? slots.filter(({ label }) => label !== '') : slots.filter((s) => s.label === token);
  const labels = slots.map(({ label }) => JSON.stringify(label)).join(', ');
  if (named.length === 0) throw new KeyError('CARD_ABSENT', `tokens: ${labels || 'none'}`);
  if (named.length > 1) throw new KeyError('CARD_CHOICE', `choose a token: ${labels}`);
  return named[0]?.slot as number;
}

function all(cryptoki: Cryptoki, session: number, kind: number): { handle: number; id: string | undefined }[] {
  return cryptoki
    .find(session, [[CKA.CLASS, ulong(kind)]])
    .map((handle) => ({ handle, id: cryptoki.attribute(session, handle, CKA.ID)?.toString('hex') }));
}

/** The certificate that was asked for, or the only one that is there. */
function choose(candidates: readonly Candidate[], wanted: string | undefined): Candidate {
  const named =
    wanted === undefined ? candidates : candidates.filter(({ certificate }) => fingerprint(certificate) === wanted);
  const [only, ...others] = named;
  if (!only) throw new KeyError('CARD_EMPTY', `${candidates.length} keys with a certificate on the card`);
  if (others.length > 0) {
    const list = named.map(
      ({ certificate }) =>
        `${fingerprint(certificate)} ${new X509Certificate(certificate).subject.replaceAll('\n', ', ')}`,
    );
    throw new KeyError('CARD_CHOICE', `choose a certificate:\n${list.join('\n')}`);
  }
  return only;
}

/** The scheme of a certificate's key. @throws KeyError for keys that no verifier accepts. */
export function schemeOf(certificate: Uint8Array): Scheme {
  try {
    return schemeFor(new X509Certificate(certificate).publicKey);
  } catch (error) {
    throw new KeyError('KEY_UNSUITABLE', (error as Error).message);
  }
}

function signWith(
  cryptoki: Cryptoki,
  session: number,
  key: number,
  { kind, hash }: Scheme,
  bytes: Uint8Array,
  again: (() => void) | undefined,
): Uint8Array {
  const hashed = digest(hash, bytes);
  if (kind === 'rsa-pkcs1') {
    // DigestInfo (RFC 8017 §9.2), with the NULL that CMS leaves out.
    const info = sequence(sequence(oid(HASHES[hash].oid), nil()), octets(hashed));
    return new Uint8Array(cryptoki.sign(session, key, CKM.RSA_PKCS, info, again));
  }
  if (kind === 'ecdsa') {
    // The card gives r and s side by side; CMS wants Ecdsa-Sig-Value (RFC 3279 §2.2.3).
    const pair = cryptoki.sign(session, key, CKM.ECDSA, hashed, again).toString('hex');
    const [r, s] = [pair.slice(0, pair.length / 2), pair.slice(pair.length / 2)];
    return sequence(integer(BigInt(`0x${r}`)), integer(BigInt(`0x${s}`)));
  }
  throw new KeyError('KEY_UNSUITABLE', `${kind} is not made with cards here`);
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw keyError(error);
  }
}

function keyError(error: unknown): unknown {
  if (!(error instanceof CryptokiError)) return error;
  const codes: Readonly<Record<string, KeyError['code']>> = {
    CKR_PIN_INCORRECT: 'PIN_WRONG',
    CKR_PIN_INVALID: 'PIN_WRONG',
    CKR_PIN_LEN_RANGE: 'PIN_WRONG',
    CKR_PIN_LOCKED: 'PIN_LOCKED',
    CKR_PIN_EXPIRED: 'PIN_LOCKED',
    CKR_TOKEN_NOT_PRESENT: 'CARD_ABSENT',
    CKR_TOKEN_NOT_RECOGNIZED: 'CARD_ABSENT',
    CKR_DEVICE_REMOVED: 'CARD_ABSENT',
  };
  return new KeyError(codes[error.code] ?? 'CARD_REFUSED', error.message);
}
