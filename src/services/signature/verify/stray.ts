import { readAlgorithmIdentifier } from '../../../pki/algorithms.ts';
import { type Certificate, isSignedBy, readCertificate } from '../../../pki/certificate.ts';
import { ATTRIBUTES, type SignedData } from '../../../pki/cms.ts';
import { readCrl } from '../../../pki/crl.ts';
import { readDer, sameBytes } from '../../../pki/der.ts';
import { sameName } from '../../../pki/names.ts';
import { readTimestampToken } from '../../../pki/timestamp.ts';
import { type Finding, undecided } from './outcome.ts';
import { wellFormed } from './signature.ts';

/**
 * Certificates and lists stand outside of what is signed, so that one could be changed, or put there, and nothing else would tell when it is not
 * needed. Each must be one that is trusted or used, or at least signed by one that is at hand; and of the unsigned attributes PAdES knows the
 * time-stamp alone (ETSI EN 319 142-1 §6.3). A signature that carries something else was changed or made carelessly: undecided.
 */
export function checkStrays(
  cms: SignedData,
  tokens: readonly Uint8Array[],
  known: readonly Certificate[],
): Finding | undefined {
  const isVouched = vouching();
  const carriers = [cms, ...tokens.map((token) => readTimestampToken(token).cms)];
  for (const [index, { certificates, crls, signers, digestAlgorithms }] of carriers.entries()) {
    const where = index === 0 ? 'the signature' : 'a time-stamp';
    const used = new Set(signers.map(({ digestAlgorithm }) => readAlgorithmIdentifier(readDer(digestAlgorithm)).oid));
    const unused = digestAlgorithms.find((algorithm) => !used.has(algorithm));
    if (unused) return stray(`the digest algorithm ${unused} in ${where}, by which nothing is signed`);
    const unsigned = signers.flatMap(({ unsignedAttributes }) => unsignedAttributes.map(({ oid }) => oid));
    const odd = unsigned.find((oid) => index > 0 || oid !== ATTRIBUTES.signatureTimeStampToken);
    if (odd) return stray(`the unsigned attribute ${odd} in ${where}`);
    const read: Certificate[] = [];
    for (const der of certificates) {
      const parsed = wellFormed(() => readCertificate(der), 'CMS_STRAY');
      if ('finding' in parsed) return stray(`a malformed certificate in ${where}`);
      read.push(parsed.value);
    }
    const atHand = [...known, ...read];
    const lost = read.find(
      (certificate) => !known.some((one) => same(one, certificate)) && !isVouched(certificate, atHand),
    );
    if (lost) return stray(`certificate ${lost.serialHex} in ${where} is of nobody that is known`);
    for (const der of crls) {
      const parsed = wellFormed(() => readCrl(der), 'CMS_STRAY');
      if ('finding' in parsed) return stray(`a malformed list in ${where}`);
      if (!isVouched(parsed.value, atHand)) return stray(`a list in ${where} is of nobody that is known`);
    }
  }
  return undefined;
}

const stray = (detail: string): Finding => undecided('CMS_STRAY', detail);

const same = (left: Certificate, right: Certificate): boolean => sameBytes(left.der, right.der);

/** Signatures that are verified at most: a true file needs little more than one for each certificate and list. */
const MOST_SIGNATURES = 256;

/** Whether one of the issuers signed it; not, when that costs too much to find out. */
function vouching(): (
  signed: Parameters<typeof isSignedBy>[0] & Pick<Certificate, 'issuer'>,
  issuers: readonly Certificate[],
) => boolean {
  let left = MOST_SIGNATURES;
  return (signed, issuers) =>
    issuers.some(({ subject, spki }) => {
      if (left === 0 || !sameName(subject, signed.issuer)) return false;
      left -= 1;
      return isSignedBy(signed, spki);
    });
}
