/** Keys and certificates for the tests of formats: just enough of X.509 to be named and to verify, with no judgement in it. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { schemeFor, sign, spkiOf, writeScheme } from '../../src/pki/algorithms.ts';
import {
  bits,
  boolean,
  context,
  integer,
  namedBits,
  octets,
  oid,
  sequence,
  set,
  time,
  utf8,
} from '../../src/pki/der.ts';

export interface Signatory {
  readonly key: KeyObject;
  /** Self-signed, DER. */
  readonly certificate: Uint8Array;
}

type KeyKind = 'rsa' | 'rsa-pss' | 'P-256' | 'P-384';

const keys = new Map<string, KeyObject>();

/** A new key for each name, the same for the same name: RSA keys cost a while. */
export function keyOf(kind: KeyKind, name = 'one'): KeyObject {
  const known = keys.get(`${kind} ${name}`);
  if (known) return known;
  const { privateKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : kind === 'rsa-pss'
        ? generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: kind });
  keys.set(`${kind} ${name}`, privateKey);
  return privateKey;
}

export const named = (commonName: string): Uint8Array => sequence(set(sequence(oid('2.5.4.3'), utf8(commonName))));

interface Shape {
  readonly key: KeyObject;
  readonly name?: string;
  readonly serial?: bigint;
  readonly purpose?: 'signing' | 'time-stamping';
  readonly pss?: boolean;
}

export function selfSigned({
  key,
  name = 'Signer',
  serial = 4711n,
  purpose = 'signing',
  pss = false,
}: Shape): Uint8Array {
  const scheme = schemeFor(key, undefined, { pss });
  const extension = (id: string, critical: boolean, value: Uint8Array) =>
    sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
  const timeStamping = extension('2.5.29.37', true, sequence(oid('1.3.6.1.5.5.7.3.8')));
  const tbs = sequence(
    context(0, true, integer(2)),
    integer(serial),
    writeScheme(scheme),
    named(name),
    sequence(time(Date.UTC(2020, 0, 1)), time(Date.UTC(2049, 11, 31))),
    named(name),
    spkiOf(key),
    context(
      3,
      true,
      sequence(
        extension('2.5.29.14', false, octets(Uint8Array.of(1, 2, 3, 4))),
        // Path builders take the certificate for its own issuer, which must then be a CA.
        extension('2.5.29.15', true, purpose === 'signing' ? namedBits(0, 1, 5) : namedBits(0, 1)),
        ...(purpose === 'signing' ? [extension('2.5.29.19', true, sequence(boolean(true)))] : [timeStamping]),
      ),
    ),
  );
  return sequence(tbs, writeScheme(scheme), bits(sign(scheme, key, tbs)));
}

export const signatory = (kind: KeyKind, shape: Omit<Shape, 'key'> = {}): Signatory => {
  const key = keyOf(kind, shape.name);
  return { key, certificate: selfSigned({ ...shape, key }) };
};

export const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

export const keyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string;
export const keyFrom = (text: string): KeyObject => createPrivateKey(text);
