import { type Certificate, fingerprint } from '../../../pki/certificate.ts';
import { EXTENSIONS, TIME_STAMPING } from '../../../pki/extensions.ts';
import { formatName } from '../../../pki/names.ts';
import { buildPath, type PathFailure, type PathFailureCode, type PathFound } from '../../../pki/path.ts';
import type { Code } from '../codes.ts';
import { type Facts, type Finding, failed, iso, passed, undecided } from './outcome.ts';

/** Where a chain is sought. */
export interface Ways {
  readonly candidates: readonly Certificate[];
  readonly anchors: readonly Certificate[];
}

export interface Chain {
  readonly finding: Finding;
  readonly found?: PathFound;
}

/** Under which name a failure of the signer's chain is told; the others have the same name as in src/pki/path.ts. */
const SIGNER_CODES: Readonly<Partial<Record<PathFailureCode, Code>>> = Object.freeze({
  NO_ANCHOR: 'UNTRUSTED',
  UNTRUSTED_ROOT: 'UNTRUSTED',
  CYCLE: 'UNTRUSTED',
  EXPIRED: 'CERT_EXPIRED',
  NOT_YET_VALID: 'CERT_NOT_YET_VALID',
});

const TSA_CODES: Readonly<Partial<Record<PathFailureCode, Code>>> = Object.freeze({
  NO_ANCHOR: 'TST_UNTRUSTED',
  UNTRUSTED_ROOT: 'TST_UNTRUSTED',
  CYCLE: 'TST_UNTRUSTED',
  EXPIRED: 'TST_CERT_EXPIRED',
  NOT_YET_VALID: 'TST_CERT_NOT_YET_VALID',
  PURPOSE: 'TST_EKU',
});

const names = (path: readonly Certificate[]): Facts =>
  Object.fromEntries(path.map((certificate, index) => [`certificate.${index}`, formatName(certificate.subject)]));

const fault = ({ certificate, detail }: PathFailure, at: number): [string, Facts] => [
  detail,
  {
    certificate: fingerprint(certificate),
    subject: formatName(certificate.subject),
    issuer: formatName(certificate.issuer),
    notBefore: iso(certificate.notBefore),
    notAfter: iso(certificate.notAfter),
    at: iso(at),
  },
];

/** RFC 5280 §6.1, at the time of the signature. */
export function signerChain(leaf: Certificate, { candidates, anchors }: Ways, at: number): Chain {
  if (anchors.length === 0) return { finding: undecided('NO_ANCHOR', 'no anchor of signers is configured') };
  const found = buildPath({ leaf, candidates, anchors, at });
  if (!found.ok) return { finding: failed(SIGNER_CODES[found.code] ?? found.code, ...fault(found, at)) };
  const evidence = { ...names(found.path), anchor: fingerprint(found.path.at(-1)!), at: iso(at) };
  return { finding: passed('chains to a trusted anchor', evidence), found };
}

/** RFC 3161 §2.3: the certificate is for time-stamping and for nothing else, and says so critically; and chains to an anchor. */
export function timestampChain(leaf: Certificate, { candidates, anchors }: Ways, at: number): Chain {
  if (anchors.length === 0)
    return { finding: undecided('TST_NO_ANCHOR', 'no anchor of time-stamp authorities is configured') };
  const wrong = wrongForTimestamps(leaf);
  if (wrong) return { finding: wrong };
  const found = buildPath({ leaf, candidates, anchors, at, purpose: TIME_STAMPING });
  if (!found.ok) {
    const [detail, evidence] = fault(found, at);
    return { finding: failed(TSA_CODES[found.code] ?? 'TST_PATH', `${found.code}: ${detail}`, evidence) };
  }
  return { finding: passed('chains to a trusted anchor', names(found.path)), found };
}

function wrongForTimestamps({ known, extensions }: Certificate): Finding | undefined {
  const usages = known.extendedKeyUsage;
  if (!usages?.has(TIME_STAMPING)) return failed('TST_EKU', 'the certificate is not for time-stamping');
  if (usages.size > 1) return failed('TST_EKU', 'the certificate is for other things besides time-stamping');
  if (!extensions.some(({ oid, critical }) => oid === EXTENSIONS.extendedKeyUsage && critical))
    return failed('TST_EKU', 'the extended key usage is not critical');
  const { keyUsage } = known;
  if (keyUsage && !keyUsage.has('digitalSignature') && !keyUsage.has('nonRepudiation'))
    return failed('TST_KEY_USAGE', 'the key is not for signatures');
  if (known.basicConstraints?.ca)
    return failed('TST_KEY_USAGE', 'the certificate is that of a certification authority');
  return undefined;
}
