/**
 * Certificate revocation lists (RFC 5280 §5). A list may have a hundred thousand entries, of which one is looked for: every entry is
 * checked once, when the list is read, and nothing is kept of it but where it is.
 */
import type { Refusal, Scheme } from './algorithms.ts';
import { readSigned } from './certificate.ts';
import {
  children,
  DER_LIMITS,
  DerError,
  integer,
  isContext,
  isUniversal,
  readBoolean,
  readDer,
  readEnumerated,
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
import {
  type GeneralName,
  readDistributionPointName,
  readExplicit,
  readFields,
  readGeneralNames,
} from './generalname.ts';
import { type Name, readName } from './names.ts';

/** By their number (RFC 5280 §5.3.1); 7 is not used. */
export const REASONS = Object.freeze([
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  undefined,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const);

export type Reason = NonNullable<(typeof REASONS)[number]>;

export const CRL_EXTENSIONS = Object.freeze({
  crlNumber: '2.5.29.20',
  deltaCRLIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  /** X.509 §9.5.2.8. */
  expiredCertsOnCRL: '2.5.29.60',
});

export const ENTRY_EXTENSIONS = Object.freeze({
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  certificateIssuer: '2.5.29.29',
});

export interface CrlEntry {
  /** Epoch milliseconds. */
  readonly revocationDate: number;
  readonly reason: Reason;
  /** When the key is known or suspected to have been compromised, or the certificate became invalid; epoch milliseconds. */
  readonly invalidityDate?: number;
}

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
  const entries = new Entries(der, revoked, version);
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

function listExtensions(extensions: readonly Extension[], issuer: Name, entries: Entries): ListExtensions {
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

const MOST_REMEMBERED = 64;
const MOST_REMEMBERED_BYTES = 64;

/** revokedCertificates. */
class Entries {
  readonly der: Uint8Array;
  readonly revoked: Tlv | undefined;
  /** Where the serial number of each is, in `der`. */
  readonly serials: Uint32Array;
  readonly unknownCritical = new Set<string>();
  hasCertificateIssuer = false;
  /** Most entries have one of a few extensions, byte by byte: those were checked already. */
  private readonly checked = new Set<string>();

  constructor(der: Uint8Array, revoked: Tlv | undefined, version: 1 | 2) {
    this.der = der;
    this.revoked = revoked;
    const entries = revoked === undefined ? [] : children(revoked);
    this.serials = new Uint32Array(entries.length);
    for (const [at, entry] of entries.entries()) this.serials[at] = this.check(entry, version);
  }

  /** Gives where the serial number is. @throws DerError */
  private check(entry: Tlv, version: 1 | 2): number {
    const [serial, date, extensions, ...rest] = readSequence(entry);
    if (serial === undefined || date === undefined || rest.length > 0) {
      throw new DerError('not an entry of a revocation list', entry.offset);
    }
    checkSerial(serial);
    readTime(date);
    if (extensions !== undefined && version === 1) throw new DerError('extensions of a later version', entry.offset);
    if (extensions !== undefined) this.checkExtensions(extensions);
    return serial.offset;
  }

  private checkExtensions(tlv: Tlv): void {
    const { content } = tlv;
    if (content.length > MOST_REMEMBERED_BYTES) {
      this.readEntryExtensions(tlv);
      return;
    }
    const key = Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1');
    if (this.checked.has(key)) return;
    this.readEntryExtensions(tlv);
    if (this.checked.size < MOST_REMEMBERED) this.checked.add(key);
  }

  /** A linear search: without index a list costs four bytes for each entry, and one look at each takes microseconds. */
  lookup(serial: bigint): readonly CrlEntry[] {
    const wanted = integer(serial);
    const { der, serials } = this;
    const found: number[] = [];
    for (let at = 0; at < serials.length; at += 1) {
      let offset = serials[at]!;
      let same = 0;
      while (same < wanted.length && der[offset] === wanted[same]) {
        same += 1;
        offset += 1;
      }
      if (same === wanted.length) found.push(at);
    }
    if (found.length === 0) return [];
    const entries = children(this.revoked!);
    return found.map((at) => this.readEntry(entries[at]!));
  }

  private readEntry(entry: Tlv): CrlEntry {
    const [, date, extensions] = readSequence(entry);
    return {
      revocationDate: readTime(date!),
      ...(extensions === undefined ? { reason: 'unspecified' } : this.readEntryExtensions(extensions)),
    };
  }

  private readEntryExtensions(tlv: Tlv): Omit<CrlEntry, 'revocationDate'> {
    let reason: Reason = 'unspecified';
    let invalidityDate: number | undefined;
    for (const { oid, critical, value } of readExtensions(tlv)) {
      if (oid === ENTRY_EXTENSIONS.reasonCode) reason = readReason(readDer(value));
      else if (oid === ENTRY_EXTENSIONS.invalidityDate) invalidityDate = readGeneralizedTime(readDer(value));
      else if (oid === ENTRY_EXTENSIONS.certificateIssuer) {
        readGeneralNames(readDer(value));
        this.hasCertificateIssuer = true;
      } else if (critical) this.unknownCritical.add(oid);
    }
    return { reason, ...(invalidityDate !== undefined && { invalidityDate }) };
  }
}

/** As readInteger, without making the number: an encoding other than the shortest would hide it from lookup. */
function checkSerial(serial: Tlv): void {
  const { content } = serial;
  const [first, second] = content;
  const padded = second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (!isUniversal(serial, TAGS.INTEGER) || first === undefined || padded) {
    throw new DerError('not a serial number', serial.offset);
  }
}

function readReason(tlv: Tlv): Reason {
  const reason = REASONS[readEnumerated(tlv)];
  if (reason === undefined) throw new DerError('not a reason of revocation', tlv.offset);
  return reason;
}
