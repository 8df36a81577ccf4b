/**
 * The format of PKCS#12 files in password privacy and integrity mode (RFC 7292): keys and certificates, byte for byte as they were put in.
 * node-forge reads the BER and undoes the protection, old kinds included; its own reader would write certificates anew, and knows no Japanese
 * password.
 */
import { timingSafeEqual } from 'node:crypto';
import forge from 'node-forge';

export interface PfxContents {
  /** PrivateKeyInfo, DER. */
  readonly keys: readonly Uint8Array[];
  /** DER. */
  readonly certificates: readonly Uint8Array[];
}

const OID = Object.freeze({
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  safeContentsBag: '1.2.840.113549.1.12.10.1.6',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  pbes2: '1.2.840.113549.1.5.13',
});

const HASHES: Readonly<Record<string, { readonly make: () => forge.md.MessageDigest; readonly size: number }>> =
  Object.freeze({
    '1.3.14.3.2.26': { make: () => forge.md.sha1.create(), size: 20 },
    '2.16.840.1.101.3.4.2.1': { make: () => forge.md.sha256.create(), size: 32 },
    '2.16.840.1.101.3.4.2.2': { make: () => forge.md.sha384.create(), size: 48 },
    '2.16.840.1.101.3.4.2.3': { make: () => forge.md.sha512.create(), size: 64 },
  });

type Node = forge.asn1.Asn1;
/** Bytes, one in each character, as node-forge has them. */
type Binary = string;

/** What password-based encryption of node-forge its types leave out. */
const { getCipher } = (
  forge.pki as unknown as {
    pbe: { getCipher(oid: string, parameters: Node, password: string | null): forge.cipher.BlockCipher };
  }
).pbe;

/** @throws Error where the password is wrong or the file is none. */
export function readPfx(file: Uint8Array, password: string): PfxContents {
  const [, authSafe, mac] = items(parse(Buffer.from(file).toString('latin1')));
  const [type, content] = items(authSafe);
  if (oidOf(type) !== OID.data) throw new Error('a PKCS#12 file without password integrity');
  const safes = octets(items(content)[0]);
  // The empty password is written in two ways: as an empty text, and as none.
  const passwords = password === '' ? ['', null] : [password];
  const right = mac ? passwords.find((one) => macMatches(mac, safes, one)) : passwords[0];
  if (right === undefined) throw new Error('the password is wrong, or the file was changed');
  const bags = items(parse(safes)).flatMap((info) => safeBags(info, right));
  return {
    keys: bags.flatMap((bag) => keyOf(bag, right)).map(bytes),
    certificates: bags.flatMap(certificateOf).map(bytes),
  };
}

/** RFC 7292 §4, Appendix B. */
function macMatches(mac: Node, safes: Binary, password: string | null): boolean {
  const [info, salt, iterations] = items(mac);
  const [algorithm, value] = items(info);
  const hash = HASHES[oidOf(items(algorithm)[0])];
  if (!hash) throw new Error(`integrity by ${oidOf(items(algorithm)[0])}, which is not known here`);
  const rounds = iterations ? Number(BigInt(`0x${forge.util.bytesToHex(octets(iterations))}`)) : 1;
  const generate = forge.pkcs12.generateKey as unknown as (
    password: string | null,
    salt: forge.util.ByteStringBuffer,
    ...more: unknown[]
  ) => forge.util.ByteStringBuffer;
  const key = generate(password, forge.util.createBuffer(octets(salt)), 3, rounds, hash.size, hash.make());
  const hmac = forge.hmac.create();
  hmac.start(hash.make() as never, key as never);
  hmac.update(safes);
  const [made, expected] = [bytes(hmac.digest().getBytes()), bytes(octets(value))];
  return made.length === expected.length && timingSafeEqual(made, expected);
}

interface Bag {
  readonly type: string;
  readonly value: Node;
}

function safeBags(info: Node, password: string | null): Bag[] {
  const [type, explicit] = items(info);
  const [content] = items(explicit);
  if (oidOf(type) === OID.data) return bagsIn(parse(octets(content)));
  if (oidOf(type) !== OID.encryptedData) throw new Error(`a part of type ${oidOf(type)}, which is not known here`);
  const [, algorithm, encrypted] = items(items(content)[1]);
  return bagsIn(parse(decrypt(algorithm, octets(encrypted), password)));
}

const bagsIn = (contents: Node): Bag[] =>
  items(contents).flatMap((bag) => {
    const [type, explicit] = items(bag);
    const [value] = items(explicit);
    if (!value) throw new Error('an empty bag');
    return oidOf(type) === OID.safeContentsBag ? bagsIn(value) : [{ type: oidOf(type), value }];
  });

function keyOf({ type, value }: Bag, password: string | null): Binary[] {
  if (type === OID.keyBag) return [forge.asn1.toDer(value).getBytes()];
  if (type !== OID.shroudedKeyBag) return [];
  const [algorithm, encrypted] = items(value);
  return [decrypt(algorithm, octets(encrypted), password)];
}

function certificateOf({ type, value }: Bag): Binary[] {
  if (type !== OID.certBag) return [];
  const [kind, explicit] = items(value);
  return oidOf(kind) === OID.x509Certificate ? [octets(items(explicit)[0])] : [];
}

/** In PBES2 a password is UTF-8 (RFC 8018 §3); the older kinds take it as text (RFC 7292 Appendix B.1). */
function decrypt(algorithm: Node | undefined, encrypted: Binary, password: string | null): Binary {
  const [scheme, parameters] = items(algorithm);
  if (!parameters) throw new Error('encryption without parameters');
  const type = oidOf(scheme);
  const cipher = getCipher(type, parameters, type === OID.pbes2 ? forge.util.encodeUtf8(password ?? '') : password);
  cipher.update(forge.util.createBuffer(encrypted));
  if (!cipher.finish()) throw new Error('the password is wrong');
  return cipher.output.getBytes();
}

const parse = (binary: Binary): Node => forge.asn1.fromDer(forge.util.createBuffer(binary));
const bytes = (binary: Binary): Uint8Array => new Uint8Array(Buffer.from(binary, 'latin1'));

function items(node: Node | undefined): readonly Node[] {
  if (!node || typeof node.value === 'string') throw new Error('not a PKCS#12 file');
  return node.value;
}

/** Of an OCTET STRING or INTEGER, also where it is in pieces. */
function octets(node: Node | undefined): Binary {
  if (!node) throw new Error('not a PKCS#12 file');
  return typeof node.value === 'string' ? node.value : node.value.map(octets).join('');
}

function oidOf(node: Node | undefined): string {
  if (!node || node.type !== forge.asn1.Type.OID || typeof node.value !== 'string')
    throw new Error('not a PKCS#12 file');
  return forge.asn1.derToOid(node.value);
}
