/** Which of the keys at hand signs, and what belongs to its certificate. */
import { createPublicKey } from 'node:crypto';
import { type Scheme, schemeFor } from '../pki/algorithms.ts';
import { type Certificate, displayName, isSelfIssued, isSignedBy, readCertificate } from '../pki/certificate.ts';
import { DerError } from '../pki/der.ts';
import { sameName } from '../pki/names.ts';
import { fingerprint, KeyError } from './signing-key.ts';

/** A private key, as a card or a file names it, and the certificate beside it. */
export interface Candidate<Key> {
  readonly key: Key;
  readonly certificate: Certificate;
}

/**
 * The key of the certificate that was asked for, by its SHA-256 in hex; else the only one; else the only one whose certificate says that
 * it is for signatures of persons (nonRepudiation): HPKI cards hold one for authentication besides. @throws KeyError
 */
export function choose<Key>(candidates: readonly Candidate<Key>[], wanted: string | undefined): Candidate<Key> {
  const all = candidates.length === 1 || wanted !== undefined ? candidates : preferred(candidates);
  const named = wanted === undefined ? all : all.filter(({ certificate }) => fingerprint(certificate.der) === wanted);
  const [only, ...others] = named;
  if (only && others.length === 0) return only;
  const list = candidates.map(({ certificate }) => `\n  ${fingerprint(certificate.der)} ${displayName(certificate)}`);
  throw new KeyError('CARD_CHOICE', `${wanted === undefined ? 'choose one' : `no ${wanted}`} of:${list.join('')}`);
}

function preferred<Key>(candidates: readonly Candidate<Key>[]): readonly Candidate<Key>[] {
  const signing = candidates.filter(({ certificate }) => certificate.known.keyUsage?.has('nonRepudiation'));
  return signing.length > 0 ? signing : candidates;
}

/** The issuers of a certificate among others, the nearest first, up to and with the root if it is there; DER. */
export function chainOf(certificate: Certificate, others: readonly Certificate[]): readonly Uint8Array[] {
  const chain: Certificate[] = [];
  let last = certificate;
  while (!isSelfIssued(last)) {
    const { issuer } = last;
    const subject = last;
    const next = others.find((one) => sameName(one.subject, issuer) && isSignedBy(subject, one.spki));
    if (!next || chain.includes(next)) break;
    chain.push(next);
    last = next;
  }
  return chain.map(({ der }) => der);
}

/** Those that can be read; a verifier would believe no other. */
export function readable(certificates: readonly Uint8Array[]): readonly Certificate[] {
  return certificates.flatMap((der) => {
    try {
      return [readCertificate(der)];
    } catch (error) {
      if (error instanceof DerError) return [];
      throw error;
    }
  });
}

/** The scheme of a certificate's key. @throws KeyError for keys that no verifier accepts. */
export function schemeOf({ spki }: Certificate): Scheme {
  try {
    return schemeFor(createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }));
  } catch (error) {
    throw new KeyError('KEY_UNSUITABLE', (error as Error).message);
  }
}
