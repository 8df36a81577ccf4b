import { createHash } from 'node:crypto';
import { isRefused, verifySignature } from '../../../pki/algorithms.ts';
import type { Certificate } from '../../../pki/certificate.ts';
import { type Crl, readCrl } from '../../../pki/crl.ts';
import { DerError } from '../../../pki/der.ts';
import { formatName, sameName } from '../../../pki/names.ts';
import { type Words, wrong } from './mistake.ts';
import { openPem } from './pem.ts';

/** A revocation list that an authority which is known here has signed. Whether it is fresh is another question. */
export interface SignedList {
  readonly der: Uint8Array;
  /** SHA-256, hex. */
  readonly sha256: string;
  /** RFC 4514. */
  readonly issuer: string;
  readonly number: bigint | null;
  /** Epoch milliseconds. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** How many certificates it revokes. */
  readonly size: number;
  readonly signedBy: Certificate;
}

/** What came is no list that can be used. */
export class ListError extends Error {
  readonly words: Words;

  constructor(words: Words) {
    super(words.en);
    this.words = words;
  }
}

/**
 * Reads a complete, direct list, DER or PEM, and finds the certificate whose key has signed it among those given. Throws ListError. The
 * verifier looks at everything once more; here it is kept out of the cache what could only be in the way.
 */
export function readSignedList(bytes: Uint8Array, issuers: readonly Certificate[]): SignedList {
  const opened = openPem(bytes, 'X509 CRL');
  if ('wrong' in opened) throw new ListError(opened.wrong);
  const [der, ...others] = opened.ders;
  if (!der || others.length > 0) throw new ListError(wrong.oneList());
  const crl = read(der);
  const { nextUpdate } = crl;
  if (crl.deltaBase !== undefined) throw new ListError(wrong.listKind('delta'));
  if (crl.hasCertificateIssuer || crl.issuingDistributionPoint?.indirectCRL)
    throw new ListError(wrong.listKind('indirect'));
  if (crl.unknownCritical.length > 0) throw new ListError(wrong.listCritical(crl.unknownCritical.join(', ')));
  if (nextUpdate === undefined || nextUpdate <= crl.thisUpdate) throw new ListError(wrong.noNextUpdate());
  return {
    der,
    sha256: createHash('sha256').update(der).digest('hex'),
    issuer: formatName(crl.issuer),
    number: crl.crlNumber ?? null,
    thisUpdate: crl.thisUpdate,
    nextUpdate,
    size: crl.size,
    signedBy: signerOf(crl, issuers),
  };
}

function read(der: Uint8Array): Crl {
  try {
    return readCrl(der);
  } catch (error) {
    if (error instanceof DerError) throw new ListError(wrong.listDer(error.message));
    throw error;
  }
}

/** Of the name that the list has, allowed to sign lists (RFC 5280 §6.3.3 (f)), and with the key. */
function signerOf(crl: Crl, issuers: readonly Certificate[]): Certificate {
  const { scheme } = crl;
  if (isRefused(scheme)) throw new ListError(wrong.weak(scheme.detail));
  const named = issuers.filter(({ subject }) => sameName(subject, crl.issuer));
  if (named.length === 0) throw new ListError(wrong.listStranger(formatName(crl.issuer)));
  const signer = named.find(
    ({ known, spki }) =>
      known.keyUsage?.has('cRLSign') !== false && verifySignature(scheme, spki, crl.tbs, crl.signature),
  );
  if (!signer) throw new ListError(wrong.listForged(formatName(crl.issuer)));
  return signer;
}
