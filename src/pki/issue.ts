/**
 * Makes certificates and revocation lists: for the demo's own authority and for tests, faulty ones included. It checks nothing; an authority
 * that others rely on needs far more than this.
 */
import { type KeyObject, randomBytes } from 'node:crypto';
import { digest, type Scheme, schemeFor, sign, spkiOf, writeScheme } from './algorithms.ts';
import type { Certificate } from './certificate.ts';
import { CRL_EXTENSIONS, ENTRY_EXTENSIONS, REASONS, type Reason } from './crl.ts';
import {
  bits,
  context,
  enumerated,
  generalizedTime,
  integer,
  readDer,
  readSequence,
  readWholeBits,
  sequence,
  time,
} from './der.ts';
import { EXTENSIONS, type Extension } from './extensions.ts';
import {
  certificateExtensions,
  type ExtensionParts,
  type IssuingDistributionPointParts,
  writeCertificateIssuer,
  writeExtensions,
  writeIssuingDistributionPoint,
} from './extensionwriter.ts';
import { type NameParts, writeName } from './names.ts';

export type {
  DistributionPointParts,
  ExtensionParts,
  GeneralNameParts,
  IssuingDistributionPointParts,
} from './extensionwriter.ts';

export interface Issuer {
  readonly key: KeyObject;
  /** Gives the issuer's name and key identifier; without it and `name`, a certificate is issued by its own subject. */
  readonly certificate?: Certificate;
  /** In place of the subject of `certificate`: parts or DER. */
  readonly name?: NameParts | Uint8Array;
}

/** How it is signed, when not as suits the key. */
export interface Signing {
  readonly scheme?: Scheme;
  /** AlgorithmIdentifier, DER, written in place of the scheme's: inside of what is signed, and outside. */
  readonly innerAlgorithm?: Uint8Array;
  readonly outerAlgorithm?: Uint8Array;
  /** In place of a signature by the issuer's key. */
  readonly sign?: (tbs: Uint8Array) => Uint8Array;
}

export interface CertificateParts extends Signing {
  readonly subject: NameParts | Uint8Array;
  readonly issuer: Issuer;
  /** Of the subject; private, public, or SubjectPublicKeyInfo in DER. */
  readonly key: KeyObject | Uint8Array;
  /** Epoch milliseconds; written to the second. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** 16 random bytes, when left out. */
  readonly serial?: bigint;
  readonly extensions?: ExtensionParts;
  /** 3 when left out; 1 leaves out all extensions. */
  readonly version?: 1 | 3;
}

const nameDer = (name: NameParts | Uint8Array): Uint8Array => (name instanceof Uint8Array ? name : writeName(name));

/** RFC 7093 §2, method 1: 160 bits of the SHA-256 hash of the key. */
export function keyIdentifier(spki: Uint8Array): Uint8Array {
  const [, key] = readSequence(readDer(spki));
  return digest('sha256', readWholeBits(key!)).subarray(0, 20);
}

const randomSerial = (): bigint => BigInt(`0x40${randomBytes(15).toString('hex')}`);

function signed(write: (algorithm: Uint8Array) => Uint8Array, key: KeyObject, how: Signing): Uint8Array {
  const scheme = how.scheme ?? schemeFor(key);
  const algorithm = writeScheme(scheme);
  const tbs = write(how.innerAlgorithm ?? algorithm);
  const signature = how.sign === undefined ? sign(scheme, key, tbs) : how.sign(tbs);
  return sequence(tbs, how.outerAlgorithm ?? algorithm, bits(signature));
}

/** DER. */
export function issueCertificate(parts: CertificateParts): Uint8Array {
  const { issuer, key, version = 3, serial = randomSerial(), extensions = {} } = parts;
  const subject = nameDer(parts.subject);
  const issuerName = issuer.name === undefined ? (issuer.certificate?.subject.der ?? subject) : nameDer(issuer.name);
  const spki = key instanceof Uint8Array ? key : spkiOf(key);
  const own = extensions.subjectKeyIdentifier ?? keyIdentifier(spki);
  const issuers = issuer.certificate === undefined ? own : issuer.certificate.known.subjectKeyIdentifier;
  const authority = extensions.authorityKeyIdentifier ?? issuers;
  const written = certificateExtensions(
    { ...extensions, subjectKeyIdentifier: own || undefined, authorityKeyIdentifier: authority || undefined },
    extensions,
  );
  const optional = version === 1 || written.length === 0 ? [] : [context(3, true, writeExtensions(written))];
  return signed(
    (algorithm) =>
      sequence(
        ...(version === 1 ? [] : [context(0, true, integer(2))]),
        integer(serial),
        algorithm,
        issuerName,
        sequence(time(parts.notBefore), time(parts.notAfter)),
        subject,
        spki,
        ...optional,
      ),
    issuer.key,
    parts,
  );
}

export interface CrlEntryParts {
  readonly serial: bigint;
  readonly revocationDate: number;
  readonly reason?: Reason;
  readonly invalidityDate?: number;
  /** Of an indirect list. */
  readonly certificateIssuer?: NameParts;
  readonly raw?: readonly Extension[];
}

export interface CrlParts extends Signing {
  /** With a certificate or a name. */
  readonly issuer: Issuer;
  /** Epoch milliseconds; written to the second. */
  readonly thisUpdate: number;
  /** Left out when null. */
  readonly nextUpdate: number | null;
  readonly entries?: readonly CrlEntryParts[];
  /** 1 when not given, left out when null. */
  readonly crlNumber?: bigint | null;
  /** BaseCRLNumber: makes it a delta list. */
  readonly deltaBase?: bigint;
  readonly issuingDistributionPoint?: IssuingDistributionPointParts;
  readonly expiredCertsOnCrl?: number;
  readonly authorityKeyIdentifier?: Uint8Array | false;
  /** Added as they are, at the end. */
  readonly raw?: readonly Extension[];
  /** 2 when left out; 1 leaves out all extensions. */
  readonly version?: 1 | 2;
}

/** DER. @throws RangeError without a name of the issuer. */
export function issueCrl(parts: CrlParts): Uint8Array {
  const { issuer, entries = [], version = 2 } = parts;
  const name = issuer.name ?? issuer.certificate?.subject.der;
  if (name === undefined) throw new RangeError('a revocation list needs the name of its issuer');
  const extensions = version === 1 ? [] : listExtensions(parts);
  return signed(
    (algorithm) =>
      sequence(
        ...(version === 1 ? [] : [integer(1)]),
        algorithm,
        nameDer(name),
        time(parts.thisUpdate),
        ...(parts.nextUpdate === null ? [] : [time(parts.nextUpdate)]),
        ...(entries.length === 0 ? [] : [sequence(...entries.map((entry) => writeEntry(entry, version)))]),
        ...(extensions.length === 0 ? [] : [context(0, true, writeExtensions(extensions))]),
      ),
    issuer.key,
    parts,
  );
}

function listExtensions(parts: CrlParts): Extension[] {
  const { crlNumber = 1n, deltaBase, issuingDistributionPoint, expiredCertsOnCrl, raw = [] } = parts;
  const key = parts.authorityKeyIdentifier ?? parts.issuer.certificate?.known.subjectKeyIdentifier;
  const extension = (oid: string, critical: boolean, value: Uint8Array | undefined): Extension[] =>
    value === undefined ? [] : [{ oid, critical, value }];
  return [
    ...extension(EXTENSIONS.authorityKeyIdentifier, false, key ? sequence(context(0, false, key)) : undefined),
    ...extension(CRL_EXTENSIONS.crlNumber, false, crlNumber === null ? undefined : integer(crlNumber)),
    ...extension(CRL_EXTENSIONS.deltaCRLIndicator, true, deltaBase === undefined ? undefined : integer(deltaBase)),
    ...extension(
      CRL_EXTENSIONS.issuingDistributionPoint,
      true,
      issuingDistributionPoint && writeIssuingDistributionPoint(issuingDistributionPoint),
    ),
    ...extension(
      CRL_EXTENSIONS.expiredCertsOnCRL,
      false,
      expiredCertsOnCrl === undefined ? undefined : generalizedTime(expiredCertsOnCrl),
    ),
    ...raw,
  ];
}

function writeEntry(entry: CrlEntryParts, version: 1 | 2): Uint8Array {
  const { reason, invalidityDate, certificateIssuer, raw = [] } = entry;
  const extensions: Extension[] = [];
  const add = (oid: string, critical: boolean, value: Uint8Array) => extensions.push({ oid, critical, value });
  if (reason !== undefined) add(ENTRY_EXTENSIONS.reasonCode, false, enumerated(REASONS.indexOf(reason)));
  if (invalidityDate !== undefined) add(ENTRY_EXTENSIONS.invalidityDate, false, generalizedTime(invalidityDate));
  if (certificateIssuer !== undefined) {
    add(ENTRY_EXTENSIONS.certificateIssuer, true, writeCertificateIssuer(certificateIssuer));
  }
  extensions.push(...raw);
  return sequence(
    integer(entry.serial),
    time(entry.revocationDate),
    ...(version === 1 || extensions.length === 0 ? [] : [writeExtensions(extensions)]),
  );
}
