/**
 * Certification paths (RFC 5280 §6.1): looked for among what is at hand, from the leaf upwards, each link by its signature, and validated
 * when an anchor is reached. Whoever supplies candidates can make many; the search gives up at a bound instead.
 */
import { isRefused } from './algorithms.ts';
import { type Certificate, fingerprint, isSelfIssued, isSignedBy } from './certificate.ts';
import { sameBytes } from './der.ts';
import { formatName, nameKey, sameName } from './names.ts';
import { type Fault, keyRefusal, type ValidationFailureCode, validatePath } from './pathvalidation.ts';

export type PathFailureCode =
  /** The issuer's certificate, with that name and key, is not at hand. */
  | 'NO_ANCHOR'
  /** It ends in a root that is not trusted. */
  | 'UNTRUSTED_ROOT'
  /** The certificate with the key that should have issued has another name. */
  | 'NAME_CHAINING'
  | 'SIGNATURE_WRONG'
  /** Certificates that issue each other, and no anchor. */
  | 'CYCLE'
  /** The certificate itself is an anchor: nobody vouches for it but itself. */
  | 'LEAF_IS_ANCHOR'
  /** More or longer paths than are worth trying. */
  | 'SEARCH_LIMIT'
  | ValidationFailureCode;

export interface PathRequest {
  readonly leaf: Certificate;
  /** What may stand between, in any order; not trusted. */
  readonly candidates: readonly Certificate[];
  /** Trusted by name and key; their validity, basicConstraints, keyUsage and nameConstraints count all the same. */
  readonly anchors: readonly Certificate[];
  /** The time for which every certificate must be valid; epoch milliseconds. */
  readonly at: number;
  /** An extended key usage: the leaf must have it, and a certificate between must not exclude it. */
  readonly purpose?: string;
}

export interface PathFound {
  readonly ok: true;
  /** The leaf first, the anchor last; two at least. */
  readonly path: readonly Certificate[];
  /** Policies that are valid for the leaf along the whole path; has 2.5.29.32.0 (anyPolicy) where any is. */
  readonly policies: ReadonlySet<string>;
}

export interface PathFailure extends Fault<PathFailureCode> {
  readonly ok: false;
}

/** Certificates in a path, the anchor included. */
const LONGEST = 10;
/** Signatures that are verified at most: a true path needs two or three. */
const MOST_SIGNATURES = 100;
/** Certificates that are looked at, each as often as it is. */
const MOST_LOOKS = 20_000;

/** One path of all, or the most informative of the failures. The same for any order of candidates and anchors. */
export const buildPath = (request: PathRequest): PathFound | PathFailure => new Search(request).run();

/** How much a failure tells, in this order, and of these the one that got farther. */
type Rank = 'dead end' | 'link' | 'validation';
const RANKS: readonly Rank[] = ['dead end', 'link', 'validation'];

class Exhausted extends Error {}

class Search {
  readonly request: PathRequest;
  readonly anchors: Pool;
  readonly candidates: Pool;
  private readonly links = new Map<Certificate, Map<string, boolean>>();
  private signatures = 0;
  private looks = 0;
  private failure: { readonly fault: Fault<PathFailureCode>; readonly worth: number } | undefined;

  constructor(request: PathRequest) {
    this.request = request;
    this.anchors = new Pool(request.anchors, request.at);
    this.candidates = new Pool(request.candidates, request.at);
  }

  run(): PathFound | PathFailure {
    const { leaf, anchors } = this.request;
    const fail = (fault: Fault<PathFailureCode>): PathFailure => ({ ok: false, ...fault });
    if (anchors.some((anchor) => isSameEntity(anchor, leaf))) {
      return fail({ code: 'LEAF_IS_ANCHOR', detail: 'the certificate itself is an anchor', certificate: leaf });
    }
    try {
      return this.extend([leaf]) ?? fail(this.failure!.fault);
    } catch (error) {
      if (!(error instanceof Exhausted)) throw error;
      return fail({ code: 'SEARCH_LIMIT', detail: error.message, certificate: leaf });
    }
  }

  /** `path`: leaf first, each signed by the next. */
  private extend(path: readonly Certificate[]): PathFound | undefined {
    const { at, purpose } = this.request;
    const last = path.at(-1)!;
    const broken: Fault<PathFailureCode>[] = [];
    let linked = false;
    for (const anchor of this.anchors.issuersOf(last)) {
      if (!this.isLinked(last, anchor, broken)) continue;
      linked = true;
      const whole = [...path, anchor];
      const validated = anchorFault(anchor) ?? validatePath(whole, at, purpose);
      if (!('code' in validated)) return { ok: true, path: whole, policies: validated };
      this.note(path, 'validation', validated);
    }
    if (isSelfIssued(last) && this.isSigned(last, last)) {
      this.note(path, 'link', fault('UNTRUSTED_ROOT', last, 'a root that is not trusted'));
      return undefined;
    }
    if (path.length + 1 >= LONGEST) {
      this.note(path, 'link', fault('SEARCH_LIMIT', last, `a path of more than ${LONGEST} certificates`));
      return undefined;
    }
    for (const candidate of this.candidates.issuersOf(last)) {
      if (path.some((earlier) => isSameEntity(earlier, candidate))) {
        this.look();
        this.note(path, 'dead end', fault('CYCLE', candidate, 'certificates that issue each other'));
      } else if (this.isLinked(last, candidate, broken)) {
        linked = true;
        const found = this.extend([...path, candidate]);
        if (found !== undefined) return found;
      }
    }
    if (!linked) this.noteMissing(path, broken[0]);
    return undefined;
  }

  /** Nobody at hand issued the last one. */
  private noteMissing(path: readonly Certificate[], broken: Fault<PathFailureCode> | undefined): void {
    const last = path.at(-1)!;
    if (broken !== undefined) this.note(path, 'link', broken);
    else if (this.anchors.hasKeyOf(last) || this.candidates.hasKeyOf(last)) {
      const detail = 'the certificate with the key of its issuer has another name';
      this.note(path, 'dead end', fault('NAME_CHAINING', last, detail));
    } else {
      const detail = 'the certificate of its issuer is not at hand, or not with this key';
      this.note(path, 'dead end', fault('NO_ANCHOR', last, detail));
    }
  }

  /** Whether this one issued it, whose name fits; else why not is added to `broken`. */
  private isLinked(certificate: Certificate, issuer: Certificate, broken: Fault<PathFailureCode>[]): boolean {
    this.look();
    const { scheme } = certificate;
    if (isRefused(scheme)) {
      broken.push(fault(scheme.code, certificate, scheme.detail));
      return false;
    }
    if (this.isSigned(certificate, issuer)) return true;
    const refusal = keyRefusal(issuer);
    if (refusal !== undefined) broken.push(fault(refusal.code, issuer, refusal.detail));
    // Another key of the same name is nothing wrong: authorities renew their keys.
    else if (keyMatch(certificate, issuer) !== 'other') {
      broken.push(fault('SIGNATURE_WRONG', certificate, 'the signature on it is not by its issuer'));
    }
    return false;
  }

  private isSigned(certificate: Certificate, { spki }: Certificate): boolean {
    const known = this.links.get(certificate) ?? new Map<string, boolean>();
    this.links.set(certificate, known);
    const key = Buffer.from(spki.buffer, spki.byteOffset, spki.length).toString('latin1');
    let signed = known.get(key);
    if (signed === undefined) {
      this.signatures += 1;
      if (this.signatures > MOST_SIGNATURES) throw new Exhausted(`more than ${MOST_SIGNATURES} signatures`);
      signed = isSignedBy(certificate, spki);
      known.set(key, signed);
    }
    return signed;
  }

  private look(): void {
    this.looks += 1;
    if (this.looks > MOST_LOOKS) throw new Exhausted(`more than ${MOST_LOOKS} certificates looked at`);
  }

  private note(path: readonly Certificate[], rank: Rank, found: Fault<PathFailureCode>): void {
    const worth = RANKS.indexOf(rank) * LONGEST + path.length;
    if (this.failure === undefined || worth > this.failure.worth) this.failure = { fault: found, worth };
  }
}

const fault = (code: PathFailureCode, certificate: Certificate, detail: string): Fault<PathFailureCode> => ({
  code,
  detail: `${formatName(certificate.subject)}: ${detail}`,
  certificate,
});

/** An anchor needs nobody's signature; but a root whose own is wrong is not the one that was meant to be trusted. */
function anchorFault(anchor: Certificate): Fault<PathFailureCode> | undefined {
  const broken = isSelfIssued(anchor) && !isRefused(anchor.scheme) && !isSignedBy(anchor, anchor.spki);
  return broken ? fault('SIGNATURE_WRONG', anchor, 'the signature on the anchor is not its own') : undefined;
}

/** The same name and the same key, in whatever certificate. */
const isSameEntity = (left: Certificate, right: Certificate): boolean =>
  sameBytes(left.spki, right.spki) && sameName(left.subject, right.subject);

/** By authority and subject key identifiers: a hint in what order to try, never a reason to trust (RFC 5280 §4.2.1.1). */
function keyMatch(
  { known: { authorityKeyIdentifier } }: Certificate,
  issuer: Certificate,
): 'same' | 'unknown' | 'other' {
  const { subjectKeyIdentifier } = issuer.known;
  if (authorityKeyIdentifier === undefined || subjectKeyIdentifier === undefined) return 'unknown';
  return sameBytes(authorityKeyIdentifier, subjectKeyIdentifier) ? 'same' : 'other';
}

const MATCHES = ['same', 'unknown', 'other'] as const;

/** Certificates by their subject, each once, in an order that does not depend on the one in which they came. */
class Pool {
  private readonly at: number;
  private readonly bySubject: ReadonlyMap<string, readonly Certificate[]>;
  private readonly byKeyIdentifier: ReadonlyMap<string, readonly Certificate[]>;

  constructor(certificates: readonly Certificate[], at: number) {
    this.at = at;
    const byDigest = new Map(certificates.map((certificate) => [fingerprint(certificate), certificate]));
    const ordered = [...byDigest]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([, certificate]) => certificate);
    this.bySubject = Map.groupBy(ordered, ({ subject }) => nameKey(subject));
    const identified = ordered.filter(({ known }) => known.subjectKeyIdentifier !== undefined);
    this.byKeyIdentifier = Map.groupBy(identified, ({ known }) => identifierKey(known.subjectKeyIdentifier!));
  }

  /** Those with the issuer's name: with its key identifier first, valid at the time first. */
  issuersOf(certificate: Certificate): readonly Certificate[] {
    const named = this.bySubject.get(nameKey(certificate.issuer)) ?? [];
    const order = (issuer: Certificate): number =>
      MATCHES.indexOf(keyMatch(certificate, issuer)) * 2 +
      (issuer.notBefore <= this.at && this.at <= issuer.notAfter ? 0 : 1);
    return named.length < 2 ? named : named.toSorted((left, right) => order(left) - order(right));
  }

  /** Whether there is a certificate with the issuer's key identifier, but another name. */
  hasKeyOf({ issuer, known: { authorityKeyIdentifier } }: Certificate): boolean {
    if (authorityKeyIdentifier === undefined) return false;
    const identified = this.byKeyIdentifier.get(identifierKey(authorityKeyIdentifier)) ?? [];
    return identified.some(({ subject }) => !sameName(subject, issuer));
  }
}

const identifierKey = (identifier: Uint8Array): string => Buffer.from(identifier).toString('latin1');
