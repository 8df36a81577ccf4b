/** Certificate revocation lists (RFC 5280 §5). */
import type { Refusal, Scheme } from './algorithms.ts';
import { readSigned } from './certificate.ts';
import { CrlEntries, type CrlEntry } from './crlentries.ts';
import {
  DER_LIMITS,
  DerError,
  isContext,
  isUniversal,
  readBoolean,
  readDer,
  readGeneralizedTime,
  readInteger,
  readNamedBits,
  readOctets,
  readSequence,
  readTime,
  sameBytes,
  TAGS,
  type Tlv,
} from './der.ts';
import { EXTENSIONS, type Extension, readExtensions } from './extensions.ts';
import { type GeneralName, readDistributionPointName, readExplicit, readFields } from './generalname.ts';
import { type Name, readName } from './names.ts';

export { type CrlEntry, ENTRY_EXTENSIONS, REASONS, type Reason } from './crlentries.ts';

export const CRL_EXTENSIONS = Object.freeze({
  crlNumber: '2.5.29.20',
  deltaCRLIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  /** X.509 §9.5.2.8. */
  expiredCertsOnCRL: '2.5.29.60',
});

export interface IssuingDistributionPoint {
  readonly names: readonly GeneralName[];
  readonly onlyContainsUserCerts: boolean;
  readonly onlyContainsCACerts: boolean;
  readonly onlyContainsAttributeCerts: boolean;
  readonly onlySomeReasons: boolean;
  readonly indirectCRL: boolean;
}

export interface Crl {
  readonly der: Uint8Array;
  /** tbsCertList as it was signed. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2;
  readonly issuer: Name;
  /** Epoch milliseconds. */
  readonly thisUpdate: number;
  readonly nextUpdate?: number;
  /** How many entries. */
  readonly size: number;
  /** The entries of this serial number: one at most, unless the authority made a mistake. */
  lookup(serial: bigint): readonly CrlEntry[];
  readonly crlNumber?: bigint;
  readonly authorityKeyIdentifier?: Uint8Array;
  readonly issuingDistributionPoint?: IssuingDistributionPoint;
  /** BaseCRLNumber of a delta list, which alone proves nothing. */
  readonly deltaBase?: bigint;
  /** Certificates that expired at this time or later stay on the list; epoch milliseconds. */
  readonly expiredCertsOnCrl?: number;
  /** An entry names another issuer: then the list is indirect, whatever else it says. */
  readonly hasCertificateIssuer: boolean;
  /** Object identifiers of critical extensions, of the list and of any entry, that are not understood: then it must not be used. */
  readonly unknownCritical: readonly string[];
  readonly scheme: Scheme | Refusal;
  readonly signature: Uint8Array;
}

/** @throws DerError on anything malformed. */
export function readCrl(der: Uint8Array): Crl {
  const { tbs, scheme, signature, algorithm } = readSigned(der, DER_LIMITS);
  const fields = [...readSequence(tbs)];
  const isFirst = (tag: number): boolean => fields[0] !== undefined && isUniversal(fields[0], tag);
  const version = isFirst(TAGS.INTEGER) ? readVersion(fields.shift()!) : 1;
  const inner = fields.shift();
  const issuer = readName(fields.shift());
  const thisUpdate = fields.shift();
  if (inner === undefined || thisUpdate === undefined) throw new DerError('a list without its fields', tbs.offset);
  if (!sameBytes(inner.bytes, algorithm)) throw new DerError('two different signature algorithms', inner.offset);
  const nextUpdate = isFirst(TAGS.UTC_TIME) || isFirst(TAGS.GENERALIZED_TIME) ? readTime(fields.shift()!) : undefined;
  const revoked = isFirst(TAGS.SEQUENCE) ? fields.shift() : undefined;
  const [extensions, ...rest] = fields;
  if (rest.length > 0 || (extensions !== undefined && !isContext(extensions, 0))) {
    throw new DerError('a field that is not expected here', tbs.offset);
  }
  if (extensions !== undefined && version === 1) throw new DerError('extensions of a later version', extensions.offset);
  const entries = new CrlEntries(der, revoked, version);
  return {
    der,
    tbs: tbs.bytes,
    version,
    issuer,
    thisUpdate: readTime(thisUpdate),
    ...(nextUpdate !== undefined && { nextUpdate }),
    size: entries.serials.length,
    lookup: (serial) => entries.lookup(serial),
    hasCertificateIssuer: entries.hasCertificateIssuer,
    scheme,
    signature,
    ...listExtensions(extensions === undefined ? [] : readExtensions(readExplicit(extensions)), issuer, entries),
  };
}

function readVersion(tlv: Tlv): 2 {
  if (readInteger(tlv) !== 1n) throw new DerError('not a version of revocation lists', tlv.offset);
  return 2;
}

type ListExtensions = Pick<
  Crl,
  | 'crlNumber'
  | 'authorityKeyIdentifier'
  | 'issuingDistributionPoint'
  | 'deltaBase'
  | 'expiredCertsOnCrl'
  | 'unknownCritical'
>;

function listExtensions(extensions: readonly Extension[], issuer: Name, entries: CrlEntries): ListExtensions {
  const unknownCritical = [...entries.unknownCritical];
  const found: { -readonly [name in keyof ListExtensions]: ListExtensions[name] } = { unknownCritical };
  for (const { oid, critical, value } of extensions) {
    switch (oid) {
      case CRL_EXTENSIONS.crlNumber:
        found.crlNumber = readInteger(readDer(value));
        break;
      case CRL_EXTENSIONS.deltaCRLIndicator:
        found.deltaBase = readInteger(readDer(value));
        break;
      case CRL_EXTENSIONS.issuingDistributionPoint:
        found.issuingDistributionPoint = readIssuingDistributionPoint(readDer(value), issuer);
        break;
      case CRL_EXTENSIONS.expiredCertsOnCRL:
        found.expiredCertsOnCrl = readGeneralizedTime(readDer(value));
        break;
      case EXTENSIONS.authorityKeyIdentifier: {
        const [key] = readFields(readDer(value), 2);
        if (key !== undefined) found.authorityKeyIdentifier = readOctets(key, 0);
        break;
      }
      default:
        if (critical) unknownCritical.push(oid);
    }
  }
  return found;
}

function readIssuingDistributionPoint(tlv: Tlv, issuer: Name): IssuingDistributionPoint {
  const fields = readFields(tlv, 5);
  const flag = (tag: number): boolean => fields[tag] !== undefined && readBoolean(fields[tag], tag);
  if (fields[3] !== undefined) readNamedBits(fields[3], 3);
  return {
    names: fields[0] === undefined ? [] : readDistributionPointName(fields[0], issuer),
    onlyContainsUserCerts: flag(1),
    onlyContainsCACerts: flag(2),
    onlyContainsAttributeCerts: flag(5),
    onlySomeReasons: fields[3] !== undefined,
    indirectCRL: flag(4),
  };
}
