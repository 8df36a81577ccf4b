/** What a signature needs of the certificate that it names (RFC 5280 §4.1), read without judging the certificate. */
import {
  children,
  DerError,
  isContext,
  readDer,
  readInteger,
  readOctets,
  readOid,
  readSequence,
  type Tlv,
} from './der.ts';

export interface Outline {
  /** The whole TLV. */
  readonly issuer: Uint8Array;
  readonly serial: bigint;
  readonly subject: Uint8Array;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly keyId: Uint8Array | undefined;
  /** GeneralNames as they stand. */
  readonly alternativeNames: readonly Uint8Array[];
}

const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';

/** @throws DerError */
export function readOutline(certificate: Uint8Array): Outline {
  const [tbs] = readSequence(readDer(certificate));
  const fields = readSequence(tbs);
  const [serial, , issuer, , subject, spki, ...optional] =
    fields[0] && isContext(fields[0], 0) ? fields.slice(1) : fields;
  if (spki === undefined) throw new DerError('not a certificate', 0);
  const extension = extensions(optional.find((field) => isContext(field, 3)));
  const keyId = extension(SUBJECT_KEY_IDENTIFIER);
  const names = extension(SUBJECT_ALTERNATIVE_NAME);
  return {
    issuer: issuer!.bytes,
    serial: readInteger(serial!),
    subject: subject!.bytes,
    spki: spki.bytes,
    keyId: keyId && readOctets(keyId),
    alternativeNames: names ? readSequence(names).map(({ bytes }) => bytes) : [],
  };
}

/** By object identifier; the same twice is an error (RFC 5280 §4.2). */
function extensions(field: Tlv | undefined): (wanted: string) => Tlv | undefined {
  const found = new Map<string, Tlv>();
  for (const extension of field ? readSequence(children(field)[0]) : []) {
    const parts = readSequence(extension);
    if (parts.length < 2) throw new DerError('not an Extension', extension.offset);
    const oid = readOid(parts[0]!);
    if (found.has(oid)) throw new DerError(`the extension ${oid} twice`, extension.offset);
    found.set(oid, parts.at(-1)!);
  }
  return (wanted) => {
    const value = found.get(wanted);
    return value && readDer(readOctets(value));
  };
}
