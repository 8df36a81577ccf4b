/**
 * Whether the certificates of a path were revoked at a time, by lists (RFC 5280 §6.3). What a list of the issuer says against a
 * certificate counts however old the list is; for it speaks only a list that is complete and new enough for the time asked about.
 */
import type { Certificate } from './certificate.ts';
import type { Crl, CrlEntry, Reason } from './crl.ts';
import { type CrlFaultCode, CrlIssuers, type CrlSigner } from './crlissuers.ts';
import { scopeOf } from './crlscope.ts';
import { sameBytes } from './der.ts';
import { formatName, sameName } from './names.ts';

export type CrlNoteCode =
  | CrlFaultCode
  /** A delta list: it can show a revocation, not that there is none. */
  | 'CRL_DELTA'
  /** A list of the certificates of several issuers: not used. */
  | 'CRL_INDIRECT'
  /** Not used. */
  | 'CRL_UNKNOWN_CRITICAL_EXTENSION'
  /** The list is of other certificates of the issuer: another distribution point or another kind. */
  | 'CRL_OUT_OF_SCOPE'
  /** It can show a revocation, not that there is none. */
  | 'CRL_FROM_FUTURE'
  /** The list covers some reasons only: it can show a revocation, not that there is none. */
  | 'CRL_SOME_REASONS'
  /** Older than the time asked about, and not known to be current. */
  | 'CRL_NO_NEXT_UPDATE'
  /** Older than the time asked about, and no longer current. */
  | 'CRL_STALE'
  /** Made after the certificate expired, when its entry may have been taken off (RFC 5280 §3.3). */
  | 'CRL_AFTER_EXPIRY'
  /** Made after the issuer's own certificate ended: it can show a revocation, not that there is none (RFC 5280 §6.3.3 (f)). */
  | 'CRL_SIGNER_ENDED';

export interface CrlNote {
  readonly code: CrlNoteCode;
  readonly crl: Crl;
}

export interface RevocationRequest {
  /** As buildPath gives it: leaf first, anchor last. */
  readonly path: readonly Certificate[];
  /** In any order, of any issuer. */
  readonly crls: readonly Crl[];
  /** Certificates by which lists may be signed, where an authority signs them with another key. Not trusted. */
  readonly crlSigners?: readonly Certificate[];
  /** The time asked about; epoch milliseconds. */
  readonly at: number;
  /** The time of asking. */
  readonly now: number;
}

export interface Revocation {
  /** Epoch milliseconds. */
  readonly date: number;
  readonly reason: Reason;
  readonly invalidityDate?: number;
  readonly crl: Crl;
}

/**
 * `good`: a list made at the time asked about or later does not have it. `pending`: only a current list that is older says so; a later
 * revocation may not be known before `recheck`. `none`: undecided.
 */
export type RevocationState = 'good' | 'pending' | 'revoked' | 'none';

export interface CertificateStatus {
  readonly certificate: Certificate;
  readonly state: RevocationState;
  /** For engineers, in English. */
  readonly detail: string;
  /** The list that decided. */
  readonly crl?: Crl;
  /** With `revoked`, the revocation that counts; with any other state, one that came later. */
  readonly revocation?: Revocation;
  /** Who signed `crl` and the list of `revocation`, so far as the authority did not itself. */
  readonly crlSigners?: readonly CrlSigner[];
  /** With `pending`: when a newer list is due; epoch milliseconds. */
  readonly recheck?: number;
  /** Lists of the issuer that were not used or not enough, and why. */
  readonly notes: readonly CrlNote[];
}

/** Clocks differ. */
const SKEW = 5 * 60_000;

/** Of one issuer. Beyond it nothing is decided, so that no list goes unread. */
const MOST_LISTS = 256;

/** One for each certificate but the anchor, in the order of the path. */
export function checkRevocation(request: RevocationRequest): readonly CertificateStatus[] {
  const { path, crlSigners = [] } = request;
  // A signer of lists must be in good standing itself, by a list that its own issuer signed: no signer vouches for another.
  const direct = new CrlIssuers(path, [], () => undefined);
  const standingOf = (signer: Certificate, depth: number, list: Crl): readonly Crl[] | undefined => {
    const { state, revocation, crl } = statusOf(signer, depth, { ...request, at: list.thisUpdate }, direct);
    return (state === 'good' || state === 'pending') && revocation === undefined && crl ? [crl] : undefined;
  };
  const issuers = new CrlIssuers(path, crlSigners, standingOf);
  return path.slice(0, -1).map((certificate, depth) => {
    const status = statusOf(certificate, depth + 1, request, issuers);
    const lists = [...(status.crl ? [status.crl] : []), ...(status.revocation ? [status.revocation.crl] : [])];
    const signers = [...new Set(lists)].flatMap((list) => issuers.signerOf(list) ?? []);
    return signers.length === 0 ? status : { ...status, crlSigners: signers };
  });
}

/** A list that may be used. */
interface Usable {
  readonly crl: Crl;
  readonly entries: readonly CrlEntry[];
  /** Whether a certificate that it does not have is not revoked. */
  readonly isComplete: boolean;
}

/** `depth`: of the issuer in the path. */
function statusOf(
  certificate: Certificate,
  depth: number,
  request: RevocationRequest,
  issuers: CrlIssuers,
): CertificateStatus {
  const lists = distinct(request.crls.filter((crl) => sameName(crl.issuer, certificate.issuer)));
  const notes: CrlNote[] = [];
  const undecided = (detail: string): CertificateStatus => ({ certificate, state: 'none', detail, notes });
  if (lists.length === 0) return undecided(`no list of ${formatName(certificate.issuer)}`);
  if (lists.length > MOST_LISTS) return undecided(`more than ${MOST_LISTS} lists of one issuer`);

  const usable = lists
    .toSorted(newestFirst)
    .flatMap((crl) => usableFor(certificate, crl, depth, request, issuers, notes));
  const revocations = usable.flatMap((list) => list.entries.flatMap((entry) => revocationBy(entry, list, usable)));
  const effective = revocations.filter((revocation) => revocation.from <= request.at && request.at < revocation.until);
  const [earliest] = effective.toSorted((left, right) => left.from - right.from);
  if (earliest !== undefined) {
    const { revocation } = earliest;
    const detail = `revoked at ${iso(revocation.date)}: ${revocation.reason}`;
    return { certificate, state: 'revoked', detail, crl: revocation.crl, revocation, notes };
  }
  const [later] = revocations
    .filter(({ from }) => from > request.at)
    .toSorted((left, right) => left.from - right.from)
    .map(({ revocation }) => revocation);
  return { ...standing(certificate, usable, request, notes), ...(later && { revocation: later }) };
}

/** Without a revocation that counts: what the newest complete list is worth. */
function standing(
  certificate: Certificate,
  usable: readonly Usable[],
  { at, now }: RevocationRequest,
  notes: CrlNote[],
): CertificateStatus {
  const complete = usable.filter(({ isComplete }) => isComplete).map(({ crl }) => crl);
  const after = complete.find((crl) => crl.thisUpdate >= at);
  if (after !== undefined) {
    return { certificate, state: 'good', detail: `not revoked by ${iso(after.thisUpdate)}`, crl: after, notes };
  }
  // The newest alone: that an older one names a later end does not make it current again.
  const [crl] = complete;
  // Written so that a time that is not a number is refused.
  if (crl?.nextUpdate !== undefined && crl.nextUpdate >= Math.max(at, now)) {
    const detail = `not revoked by ${iso(crl.thisUpdate)}, before the time asked about`;
    return { certificate, state: 'pending', detail, crl, recheck: crl.nextUpdate, notes };
  }
  if (crl) notes.push({ code: crl.nextUpdate === undefined ? 'CRL_NO_NEXT_UPDATE' : 'CRL_STALE', crl });
  return { certificate, state: 'none', detail: 'no list that is enough', notes };
}

/** Of two that were made at once, the one that ends sooner. */
const newestFirst = (left: Crl, right: Crl): number =>
  right.thisUpdate - left.thisUpdate || (left.nextUpdate ?? 0) - (right.nextUpdate ?? 0);

const iso = (ms: number): string => new Date(ms).toISOString();

const distinct = (lists: readonly Crl[]): readonly Crl[] =>
  lists.filter((list, at) => lists.findIndex((other) => other === list || sameBytes(other.der, list.der)) === at);

/** Empty, with a note, when the list must not be used; with a note, too, when it is not complete. */
function usableFor(
  certificate: Certificate,
  crl: Crl,
  depth: number,
  { path, now }: RevocationRequest,
  issuers: CrlIssuers,
  notes: CrlNote[],
): readonly Usable[] {
  const unused = (code: CrlNoteCode): [] => {
    notes.push({ code, crl });
    return [];
  };
  const fault = issuers.faultOf(crl, depth);
  if (fault !== undefined) return unused(fault);
  if (crl.unknownCritical.length > 0) return unused('CRL_UNKNOWN_CRITICAL_EXTENSION');
  if (crl.issuingDistributionPoint?.indirectCRL === true || crl.hasCertificateIssuer) return unused('CRL_INDIRECT');
  const scope = scopeOf(crl, certificate);
  if (scope === 'out') return unused('CRL_OUT_OF_SCOPE');

  const lacking: CrlNoteCode[] = [];
  if (crl.deltaBase !== undefined) lacking.push('CRL_DELTA');
  if (scope === 'some reasons') lacking.push('CRL_SOME_REASONS');
  if (crl.thisUpdate > now + SKEW) lacking.push('CRL_FROM_FUTURE');
  const { notAfter } = certificate;
  if (crl.thisUpdate > notAfter && (crl.expiredCertsOnCrl === undefined || crl.expiredCertsOnCrl > notAfter)) {
    lacking.push('CRL_AFTER_EXPIRY');
  }
  if (crl.thisUpdate > path[depth]!.notAfter) lacking.push('CRL_SIGNER_ENDED');
  notes.push(...lacking.map((code) => ({ code, crl })));
  return [{ crl, entries: crl.lookup(certificate.serial), isComplete: lacking.length === 0 }];
}

interface Effect {
  readonly revocation: Revocation;
  /** Epoch milliseconds; `until` is not in it. */
  readonly from: number;
  readonly until: number;
}

/**
 * From when until when an entry counts. From the date on which the key or the certificate became bad, where the list says that it was
 * earlier than the revocation. For ever: a newer list without it does not undo it, except that a hold is lifted by the first newer
 * complete list that no longer has the certificate. `removeFromCRL` is for delta lists and holds; alone it says nothing.
 */
function revocationBy(entry: CrlEntry, { crl }: Usable, usable: readonly Usable[]): readonly Effect[] {
  const { revocationDate: date, reason, invalidityDate } = entry;
  if (reason === 'removeFromCRL') return [];
  const lifting = usable
    .filter((other) => other.isComplete && other.crl.thisUpdate > crl.thisUpdate && !isHeld(other))
    .map((other) => other.crl.thisUpdate);
  return [
    {
      revocation: { date, reason, ...(invalidityDate !== undefined && { invalidityDate }), crl },
      from: Math.min(date, invalidityDate ?? date),
      until: reason === 'certificateHold' ? Math.min(Number.POSITIVE_INFINITY, ...lifting) : Number.POSITIVE_INFINITY,
    },
  ];
}

const isHeld = ({ entries }: Usable): boolean => entries.some(({ reason }) => reason !== 'removeFromCRL');
