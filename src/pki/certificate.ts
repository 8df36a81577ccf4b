/** X.509 certificates (RFC 5280 §4), read strictly; every known extension is read with them, so that what is malformed is refused at once. */
import { digest, isRefused, type Refusal, readScheme, type Scheme, verifySignature } from './algorithms.ts';
import {
  DerError,
  hex,
  isContext,
  readBits,
  readDer,
  readInteger,
  readSequence,
  readTime,
  readWholeBits,
  sameBytes,
  type Tlv,
} from './der.ts';
import { type Extension, type KnownExtensions, readExtensions, understand } from './extensions.ts';
import { readExplicit } from './generalname.ts';
import { commonName, formatName, type Name, readName, sameName } from './names.ts';

export interface Certificate {
  readonly der: Uint8Array;
  /** tbsCertificate as it was signed, tag and length included. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2 | 3;
  readonly serial: bigint;
  /** Of the serial number: lower case, whole bytes, without a leading zero byte; `-` before a negative one. */
  readonly serialHex: string;
  readonly issuer: Name;
  readonly subject: Name;
  /** Epoch milliseconds; both ends belong to it. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** A Refusal where the certificate is signed by an algorithm that is not accepted. */
  readonly scheme: Scheme | Refusal;
  readonly signature: Uint8Array;
  /** All, in their order. */
  readonly extensions: readonly Extension[];
  /** Those that are understood. */
  readonly known: KnownExtensions;
  /** Object identifiers of critical extensions that are not understood: such a certificate must be refused (RFC 5280 §4.2). */
  readonly unknownCritical: readonly string[];
}

const LIMITS = Object.freeze({ bytes: 64 * 1024, nodes: 10_000 });

/** RFC 5280 §4.1.2.2. */
const MOST_SERIAL_BYTES = 20;

/** @throws DerError on anything malformed. */
export function readCertificate(der: Uint8Array): Certificate {
  const { tbs, scheme, signature, algorithm } = readSigned(der, LIMITS);
  const fields = [...readSequence(tbs)];
  const version = fields[0] !== undefined && isContext(fields[0], 0) ? readVersion(fields.shift()!) : 1;
  const [serial, inner, issuerTlv, validity, subject, spki, ...optional] = fields;
  if (spki === undefined) throw new DerError('a certificate without all its fields', tbs.offset);
  if (!sameBytes(inner!.bytes, algorithm)) throw new DerError('two different signature algorithms', inner!.offset);
  const number = readInteger(serial!);
  const serialHex = serialNumberHex(number);
  if (serialHex.length > MOST_SERIAL_BYTES * 2 + 1) throw new DerError('a serial number too long', serial!.offset);
  const [notBefore, notAfter, ...more] = readSequence(validity);
  if (notBefore === undefined || notAfter === undefined || more.length > 0) {
    throw new DerError('not a Validity', validity!.offset);
  }
  readSequence(spki);
  const issuer = readName(issuerTlv);
  const extensions = readOptional(optional, version);
  return {
    der,
    tbs: tbs.bytes,
    version,
    serial: number,
    serialHex,
    issuer,
    subject: readName(subject),
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    spki: spki.bytes,
    scheme,
    signature,
    extensions,
    ...understand(extensions, issuer),
  };
}

/** SIGNED{…} (RFC 5280 §4.1, §5.1): what is signed, the algorithm outside of it, and the signature. @throws DerError */
export function readSigned(
  der: Uint8Array,
  limits: { readonly bytes: number; readonly nodes: number },
): { tbs: Tlv; scheme: Scheme | Refusal; signature: Uint8Array; algorithm: Uint8Array } {
  const [tbs, algorithm, signature, ...rest] = readSequence(readDer(der, limits));
  if (tbs === undefined || algorithm === undefined || signature === undefined || rest.length > 0) {
    throw new DerError('not three parts: what is signed, by what algorithm, the signature', 0);
  }
  return { tbs, scheme: readScheme(algorithm), signature: readWholeBits(signature), algorithm: algorithm.bytes };
}

function readVersion(tlv: Tlv): 2 | 3 {
  const version = readInteger(readExplicit(tlv));
  if (version !== 1n && version !== 2n) throw new DerError('not a version of certificates', tlv.offset);
  return version === 1n ? 2 : 3;
}

/** issuerUniqueID, subjectUniqueID and extensions. */
function readOptional(fields: readonly Tlv[], version: 1 | 2 | 3): readonly Extension[] {
  let last = 0;
  let extensions: readonly Extension[] = [];
  for (const field of fields) {
    if (!isContext(field) || field.tag <= last || field.tag > 3) {
      throw new DerError('a field that is not expected here', field.offset);
    }
    last = field.tag;
    if (version < (field.tag === 3 ? 3 : 2)) throw new DerError('a field of a later version', field.offset);
    if (field.tag === 3) extensions = readExtensions(readExplicit(field));
    else readBits(field, field.tag);
  }
  return extensions;
}

export function serialNumberHex(serial: bigint): string {
  const digits = (serial < 0n ? -serial : serial).toString(16);
  return (serial < 0n ? '-' : '') + (digits.length % 2 === 0 ? digits : `0${digits}`);
}

/** SHA-256 of the whole, hex. */
export const fingerprint = ({ der }: Certificate): string => hex(digest('sha256', der));

/** Subject and issuer are the same name (RFC 5280 §6.1: self-issued). */
export const isSelfIssued = ({ subject, issuer }: Certificate): boolean => sameName(subject, issuer);

/** Whether the signature on the certificate or list is by the key in `spki`; never by an algorithm that is not accepted. */
export const isSignedBy = (
  { scheme, tbs, signature }: Pick<Certificate, 'scheme' | 'tbs' | 'signature'>,
  spki: Uint8Array,
): boolean => !isRefused(scheme) && verifySignature(scheme, spki, tbs, signature);

/**
 * As a person reads it: the common name of the directory name among the alternative names (kanji, in HPKI), else that of the subject, else
 * the whole subject.
 */
export function displayName({ subject, known }: Certificate): string {
  const alternative = known.subjectAltName?.find((name) => name.kind === 'directoryName');
  return (alternative && commonName(alternative.name)) ?? commonName(subject) ?? formatName(subject);
}
