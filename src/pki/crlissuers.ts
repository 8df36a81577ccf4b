/** Who may sign the revocation lists of an authority in a path, and whether a list is signed so (RFC 5280 §6.3.3 (f), (g)). */
import { isRefused } from './algorithms.ts';
import { type Certificate, isSignedBy } from './certificate.ts';
import type { Crl } from './crl.ts';
import { sameBytes } from './der.ts';
import { sameName } from './names.ts';
import { keyRefusal } from './pathvalidation.ts';

/** All mean that the list is ignored. */
export type CrlFaultCode =
  /** The signature on the list is not by its issuer. */
  | 'CRL_SIGNATURE_WRONG'
  /** The list says that it is signed by a key other than those known of its issuer. */
  | 'CRL_OTHER_KEY'
  /** The algorithm of its signature is not accepted. */
  | 'CRL_ALGORITHM'
  /** The certificate of the key by which it is signed does not allow that. */
  | 'CRL_SIGN_MISSING'
  /** The key by which it is signed is not shown to be in good standing. */
  | 'CRL_SIGNER_REVOKED';

/** The lists by which a signer, whose own issuer is at `depth` in the path, is in good standing; undefined where it is not. */
type Standing = (signer: Certificate, depth: number, crl: Crl) => readonly Crl[] | undefined;

/** By whom a list is signed, where that is not the authority's own key. */
export interface CrlSigner {
  readonly certificate: Certificate;
  /** By which it is in good standing. */
  readonly crls: readonly Crl[];
}

/** Signers tried for one list. */
const MOST_SIGNERS = 8;

export class CrlIssuers {
  private readonly path: readonly Certificate[];
  private readonly signers: readonly Certificate[];
  private readonly standing: Standing;
  private readonly others = new Map<Crl, CrlSigner>();
  /** By the depth of the authority. */
  private readonly faults = new Map<Crl, Map<number, CrlFaultCode | undefined>>();

  /** `path` is valid, leaf first; `signers` are not trusted. */
  constructor(path: readonly Certificate[], signers: readonly Certificate[], standing: Standing) {
    this.path = path;
    this.signers = signers;
    this.standing = standing;
  }

  /** What is wrong with the signature on a list that has the name of the authority at `depth`. */
  faultOf(crl: Crl, depth: number): CrlFaultCode | undefined {
    const known = this.faults.get(crl) ?? new Map<number, CrlFaultCode | undefined>();
    this.faults.set(crl, known);
    if (!known.has(depth)) known.set(depth, this.examine(crl, depth));
    return known.get(depth);
  }

  /** Of a list without fault, where the authority did not sign it itself. */
  signerOf(crl: Crl): CrlSigner | undefined {
    return this.others.get(crl);
  }

  private examine(crl: Crl, depth: number): CrlFaultCode | undefined {
    if (isRefused(crl.scheme)) return 'CRL_ALGORITHM';
    const authority = this.path[depth]!;
    if (isSignedBy(crl, authority.spki)) return mayNotSign(authority) ? 'CRL_SIGN_MISSING' : undefined;
    const signers = this.signers.filter(({ subject }) => sameName(subject, authority.subject)).slice(0, MOST_SIGNERS);
    for (const signer of signers) {
      if (!isSignedBy(crl, signer.spki)) continue;
      const above = this.issuerOf(signer, depth, crl.thisUpdate);
      if (above === undefined) return 'CRL_SIGN_MISSING';
      const crls = this.standing(signer, above, crl);
      if (!crls) return 'CRL_SIGNER_REVOKED';
      this.others.set(crl, { certificate: signer, crls });
      return undefined;
    }
    const identifiers = [authority, ...signers].map(({ known }) => known.subjectKeyIdentifier);
    const named = crl.authorityKeyIdentifier;
    const isOther = named !== undefined && identifiers.every((own) => own !== undefined && !sameBytes(own, named));
    return isOther ? 'CRL_OTHER_KEY' : 'CRL_SIGNATURE_WRONG';
  }

  /** Where in the path the signer's issuer is: the authority itself or the one above it. Undefined when it may not sign lists. */
  private issuerOf(signer: Certificate, depth: number, at: number): number | undefined {
    const { known, unknownCritical, notBefore, notAfter } = signer;
    const isFit =
      known.keyUsage?.has('cRLSign') === true &&
      unknownCritical.length === 0 &&
      notBefore <= at &&
      at <= notAfter &&
      keyRefusal(signer) === undefined;
    if (!isFit) return undefined;
    return [depth, depth + 1].find((above) => {
      const issuer = this.path[above];
      return issuer !== undefined && sameName(signer.issuer, issuer.subject) && isSignedBy(signer, issuer.spki);
    });
  }
}

/** Without the extension it may (RFC 5280 §6.3.3 (f)); in a valid path only an anchor can be without. */
const mayNotSign = ({ known: { keyUsage } }: Certificate): boolean =>
  keyUsage !== undefined && !keyUsage.has('cRLSign');
