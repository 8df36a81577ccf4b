/**
 * The entries of a revocation list (RFC 5280 §5.3). There may be a hundred thousand, of which one is looked for: every one is checked
 * once, when the list is read, and nothing is kept of it but where it is.
 */
import {
  children,
  DerError,
  integer,
  isUniversal,
  readDer,
  readEnumerated,
  readGeneralizedTime,
  readSequence,
  readTime,
  TAGS,
  type Tlv,
} from './der.ts';
import { readExtensions } from './extensions.ts';
import { readGeneralNames } from './generalname.ts';

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

const MOST_REMEMBERED = 64;
const MOST_REMEMBERED_BYTES = 64;

/** revokedCertificates. */
export class CrlEntries {
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
