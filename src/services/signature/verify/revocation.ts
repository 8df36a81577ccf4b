import { type Certificate, fingerprint } from '../../../pki/certificate.ts';
import type { Crl, Reason } from '../../../pki/crl.ts';
import { type CertificateStatus, checkRevocation } from '../../../pki/revocation.ts';
import type { Code } from '../codes.ts';
import { type Facts, type Finding, failed, iso, noted, passed, undecided } from './outcome.ts';

/** What is asked of the lists about one chain. */
export interface RevocationQuestion {
  /** In evidence: `signer` or `tsa`. */
  readonly whose: 'signer' | 'tsa';
  readonly path: readonly Certificate[];
  readonly crls: readonly Crl[];
  readonly crlSigners: readonly Certificate[];
  /** When the chain was used; epoch milliseconds. */
  readonly at: number;
  readonly now: number;
  /** When it is proven that what the chain signed was there: by a later time-stamp, else `now`. */
  readonly proven: number;
}

export interface RevocationAnswer {
  /** The worst first. */
  readonly findings: readonly Finding[];
  /** Those that decided. */
  readonly crls: readonly Crl[];
  /** Certificates of who signed them, where the authorities did not themselves. */
  readonly signers: readonly Certificate[];
  /** When a list that is newer than the use is due. */
  readonly recheck?: number;
}

/**
 * Reasons for which an authority's time-stamps of before the revocation stay good (RFC 3161 §4). `unspecified` is none of them here: a list
 * without reason reads the same.
 */
const HARMLESS: ReadonlySet<Reason> = new Set<Reason>(['affiliationChanged', 'superseded', 'cessationOfOperation']);

const RANK = Object.freeze({ failed: 0, undecided: 1, noted: 2, passed: 3, skipped: 4 });
export const worstFirst = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted((left, right) => RANK[left.status] - RANK[right.status]);

/** Whether any certificate of the chain was revoked when it was used, by lists that its issuers signed. */
export function askRevocation(question: RevocationQuestion): RevocationAnswer {
  const { path, crls, crlSigners, at, now } = question;
  const statuses = checkRevocation({ path, crls, crlSigners, at, now });
  const rechecks = statuses.flatMap(({ recheck }) => recheck ?? []);
  return {
    findings: worstFirst(statuses.map((status, index) => findingOf(status, index, question))),
    crls: statuses.flatMap(({ crl, revocation, crlSigners: others = [] }) => [
      ...(crl ? [crl] : []),
      ...(revocation ? [revocation.crl] : []),
      ...others.flatMap((other) => other.crls),
    ]),
    signers: statuses.flatMap(({ crlSigners: others = [] }) => others.map(({ certificate }) => certificate)),
    ...(rechecks.length > 0 && { recheck: Math.min(...rechecks) }),
  };
}

function findingOf(status: CertificateStatus, index: number, question: RevocationQuestion): Finding {
  const { certificate, state, detail, crl, revocation, notes } = status;
  const { whose, at, proven } = question;
  const evidence: Facts = {
    whose: `${whose} ${index}`,
    certificate: fingerprint(certificate),
    serial: certificate.serialHex,
    at: iso(at),
    ...(notes.length > 0 && { notes: [...new Set(notes.map(({ code }) => code))].join(' ') }),
    ...(crl && { thisUpdate: iso(crl.thisUpdate) }),
    ...(crl?.nextUpdate !== undefined && { nextUpdate: iso(crl.nextUpdate) }),
    ...(revocation && { revoked: iso(revocation.date), reason: revocation.reason }),
    ...(revocation?.invalidityDate !== undefined && { invalidSince: iso(revocation.invalidityDate) }),
  };
  if (state === 'revoked') {
    // Revoked later, but because the key or the certificate had become bad before.
    if (revocation && revocation.date > at)
      return failed(whose === 'tsa' ? 'TSA_COMPROMISED' : 'CERT_COMPROMISED', detail, evidence);
    return failed(whose === 'tsa' ? 'TSA_REVOKED' : index === 0 ? 'CERT_REVOKED' : 'CA_REVOKED', detail, evidence);
  }
  // Whoever has the key of an authority can make a time-stamp of any time: only a time-stamp by another proves that this one was there.
  if (revocation && whose === 'tsa' && !HARMLESS.has(revocation.reason) && proven >= revocation.date)
    return failed(
      'TSA_COMPROMISED',
      `revoked later, and nothing proves the time-stamp to be older: ${detail}`,
      evidence,
    );
  if (state === 'none') return undecided(whyNone(status), detail, evidence);
  if (revocation) return noted(whose === 'tsa' ? 'TSA_REVOKED_LATER' : 'CERT_REVOKED_LATER', detail, evidence);
  return state === 'pending' ? noted('REVOCATION_PENDING', detail, evidence) : passed(detail, evidence);
}

/** The reason why lists that were there did not help; none was there where there is no note. */
const whyNone = ({ notes }: CertificateStatus): Code => notes[0]?.code ?? 'CRL_MISSING';
