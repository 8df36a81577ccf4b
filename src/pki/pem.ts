/** Files of certificates and revocation lists: DER, or PEM (RFC 7468). */

/** What a file should hold. */
export type PemLabel = 'CERTIFICATE' | 'X509 CRL';

export type PemFault =
  /** A private key is a mistake wherever it stands where others may look. */
  | { readonly code: 'private-key' }
  /** It holds something else. */
  | { readonly code: 'other'; readonly label: string }
  /** Neither DER nor a whole PEM block. */
  | { readonly code: 'none' };

/** Why the file cannot be used, or its values as DER, one at least. */
export type PemFile = { readonly fault: PemFault } | { readonly ders: readonly Uint8Array[] };

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n([A-Za-z0-9+/=\r\n]*?)-----END \1-----/g;
const SEQUENCE = 0x30;

/** A file of DER (one value) or PEM (one or several, with whatever text stands around). Whether the DER is well-formed is for its reader. */
export function readPemFile(bytes: Uint8Array, label: PemLabel): PemFile {
  if (bytes[0] === SEQUENCE) return isPrivateKey(bytes) ? { fault: { code: 'private-key' } } : { ders: [bytes] };
  const text = Buffer.from(bytes).toString('latin1');
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)) return { fault: { code: 'private-key' } };
  const blocks = [...text.matchAll(BLOCK)];
  const other = blocks.find(([, is]) => is !== label)?.[1];
  if (other) return { fault: { code: 'other', label: other } };
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN ').length - 1) return { fault: { code: 'none' } };
  return { ders: blocks.map(([, , base64 = '']) => Buffer.from(base64, 'base64')) };
}

/** PKCS#8, PKCS#12 and bare RSA and EC keys begin with a version number; certificates and lists with a sequence. */
function isPrivateKey(bytes: Uint8Array): boolean {
  const length = bytes[1] ?? 0;
  const first = length < 0x80 ? 2 : 2 + (length & 0x7f);
  return bytes[first] === 0x02 && bytes[first + 1] === 0x01;
}
