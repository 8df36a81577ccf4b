import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { schemeFor, sign } from '../../../../src/pki/algorithms.ts';
import { readCertificate } from '../../../../src/pki/certificate.ts';
import { bits, children, readDer, sequence, type Tlv } from '../../../../src/pki/der.ts';
import type { Member } from '../../../support/signature/authority.ts';

/** Fields of a tbsCertificate: 0 version, 1 serial number, 2 algorithm, 3 issuer, 4 validity, 5 subject, 6 key, 7 extensions. */
export type Fields = Uint8Array[];

const partsOf = ({ certificate }: Member): readonly Tlv[] => children(readDer(certificate));

export const fieldsOf = (member: Member): Fields => children(partsOf(member)[0]!).map(({ bytes }) => bytes);

const changed = (member: Member, change: (fields: Fields) => void): Uint8Array => {
  const fields = fieldsOf(member);
  change(fields);
  return sequence(...fields);
};

/** A certificate with fields exchanged, signed anew by its issuer. It need not be one that can be read. */
export function reissued(member: Member, { key }: Member, change: (fields: Fields) => void): Uint8Array {
  const tbs = changed(member, change);
  return sequence(tbs, partsOf(member)[1]!.bytes, bits(sign(schemeFor(key), key, tbs)));
}

/** With fields exchanged and the signature left as it was. */
export function altered(member: Member, change: (fields: Fields) => void): Member {
  const [, algorithm, signature] = partsOf(member);
  const certificate = sequence(changed(member, change), algorithm!.bytes, signature!.bytes);
  return { ...member, certificate, x509: readCertificate(certificate) };
}

let smallExponent: KeyObject | undefined;

/** An RSA key with the public exponent 3, of which nobody has the private half. */
export function keyOfThree(): KeyObject {
  smallExponent ??= generateKeyPairSync('rsa', { modulusLength: 3072, publicExponent: 3 }).publicKey;
  return smallExponent;
}
