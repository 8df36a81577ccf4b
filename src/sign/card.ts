import { digest, HASHES, type Scheme } from '../pki/algorithms.ts';
import { integer, nil, octets, oid, sequence } from '../pki/der.ts';
import { type Candidate, chainOf, choose, readable, schemeOf } from './choice.ts';
import { CKA, CKM, CKO, CKU, Cryptoki, CryptokiError, ulong } from './cryptoki.ts';
import { KeyError, type SigningKey } from './signing-key.ts';

export interface CardOptions {
  /** Path of the card maker's PKCS#11 library, such as `HpkiSigP11_MPKCS11H.dll`. */
  readonly library: string;
  readonly pin: string;
  /** Label of the token, where several are there. */
  readonly token?: string;
  /** SHA-256 of the certificate in hex, where the card holds several that may sign. */
  readonly certificate?: string;
}

/**
 * Opens a card through PKCS#11 and finds the key that signs, with its certificate. The PIN goes to the library, once, and is kept only for
 * cards that ask for it at each signature. @throws KeyError
 */
export function openCard({ library, pin, token, certificate }: CardOptions): SigningKey {
  // A card counts what is wrong: nothing is no PIN, and is not tried.
  if (pin === '') throw new KeyError('PIN_WRONG', 'no PIN was given');
  const cryptoki = load(library);
  try {
    const session = cryptoki.openSession(slotOf(cryptoki, token));
    cryptoki.login(session, CKU.USER, pin);
    const certificates = objects(cryptoki, session, CKO.CERTIFICATE).flatMap(({ handle, id }) => {
      const value = cryptoki.attribute(session, handle, CKA.VALUE);
      return readable(value ? [new Uint8Array(value)] : []).map((read) => ({ id, read }));
    });
    const candidates = signingKeys(cryptoki, session).flatMap(({ handle, id }): Candidate<number>[] => {
      const own = certificates.find((one) => id !== undefined && one.id === id);
      return own ? [{ key: handle, certificate: own.read }] : [];
    });
    if (candidates.length === 0) throw new KeyError('CARD_EMPTY', `${certificates.length} certificates on the card`);
    const chosen = choose(candidates, certificate);
    const scheme = schemeOf(chosen.certificate);
    if (scheme.kind === 'rsa-pss') throw new KeyError('KEY_UNSUITABLE', 'PSS is not made with cards here');
    const again = asksAgain(cryptoki, session, chosen.key)
      ? () => cryptoki.login(session, CKU.CONTEXT_SPECIFIC, pin)
      : undefined;
    return {
      certificate: chosen.certificate.der,
      chain: chainOf(
        chosen.certificate,
        certificates.map(({ read }) => read),
      ),
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
  const slots = cryptoki.slots().flatMap((slot) => {
    const info = cryptoki.token(slot);
    return info && (info.initialized || info.label !== '') ? [{ slot, label: info.label }] : [];
  });
  const named = token === undefined ? slots : slots.filter(({ label }) => label === token);
  const labels = slots.map(({ label }) => JSON.stringify(label)).join(', ');
  const [only, ...others] = named;
  if (!only) throw new KeyError('CARD_ABSENT', `tokens: ${labels || 'none'}`);
  if (others.length > 0) throw new KeyError('CARD_CHOICE', `choose a token: ${labels}`);
  return only.slot;
}

interface CardObject {
  readonly handle: number;
  /** CKA_ID in hex: the same for a key and its certificate. */
  readonly id: string | undefined;
}

const objects = (cryptoki: Cryptoki, session: number, kind: number): CardObject[] =>
  cryptoki
    .find(session, [[CKA.CLASS, ulong(kind)]])
    .map((handle) => ({ handle, id: cryptoki.attribute(session, handle, CKA.ID)?.toString('hex') }));

/** Private keys, but for those that say that they do not sign. */
const signingKeys = (cryptoki: Cryptoki, session: number): CardObject[] =>
  objects(cryptoki, session, CKO.PRIVATE_KEY).filter(
    ({ handle }) => cryptoki.attribute(session, handle, CKA.SIGN)?.every((byte) => byte === 0) !== true,
  );

const asksAgain = (cryptoki: Cryptoki, session: number, key: number): boolean =>
  cryptoki.attribute(session, key, CKA.ALWAYS_AUTHENTICATE)?.some((byte) => byte !== 0) === true;

function signWith(
  cryptoki: Cryptoki,
  session: number,
  key: number,
  { kind, hash }: Scheme,
  bytes: Uint8Array,
  again: (() => void) | undefined,
): Uint8Array {
  const hashed = digest(hash, bytes);
  if (kind === 'ecdsa') {
    // The card gives r and s side by side; CMS wants Ecdsa-Sig-Value (RFC 3279 §2.2.3).
    const pair = cryptoki.sign(session, key, CKM.ECDSA, hashed, again).toString('hex');
    const [r, s] = [pair.slice(0, pair.length / 2), pair.slice(pair.length / 2)];
    return sequence(integer(BigInt(`0x${r}`)), integer(BigInt(`0x${s}`)));
  }
  // DigestInfo (RFC 8017 §9.2), with the NULL that CMS leaves out.
  const info = sequence(sequence(oid(HASHES[hash].oid), nil()), octets(hashed));
  return new Uint8Array(cryptoki.sign(session, key, CKM.RSA_PKCS, info, again));
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw keyError(error);
  }
}

const CODES: Readonly<Record<string, KeyError['code']>> = Object.freeze({
  CKR_PIN_INCORRECT: 'PIN_WRONG',
  CKR_PIN_INVALID: 'PIN_WRONG',
  CKR_PIN_LEN_RANGE: 'PIN_WRONG',
  CKR_PIN_LOCKED: 'PIN_LOCKED',
  CKR_PIN_EXPIRED: 'PIN_LOCKED',
  CKR_SLOT_ID_INVALID: 'CARD_ABSENT',
  CKR_TOKEN_NOT_PRESENT: 'CARD_ABSENT',
  CKR_TOKEN_NOT_RECOGNIZED: 'CARD_ABSENT',
  CKR_DEVICE_REMOVED: 'CARD_ABSENT',
});

const keyError = (error: unknown): unknown =>
  error instanceof CryptokiError ? new KeyError(CODES[error.code] ?? 'CARD_REFUSED', error.message) : error;
