import { type Words, wrong } from './mistake.ts';

/** What a file should hold. */
export type PemLabel = 'CERTIFICATE' | 'X509 CRL';

/** Words that say why the file cannot be used, or its values as DER. */
export type Opened = { readonly wrong: Words } | { readonly ders: readonly Uint8Array[] };

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n([A-Za-z0-9+/=\r\n]*?)-----END \1-----/g;
const SEQUENCE = 0x30;

/**
 * A file of DER (one value) or PEM (RFC 7468; one or several, with whatever text stands around). A private key is a mistake wherever it stands: it
 * has no business where a server looks for what others may know.
 */
export function openPem(bytes: Uint8Array, label: PemLabel): Opened {
  if (bytes[0] === SEQUENCE) return isPrivateKey(bytes) ? { wrong: wrong.privateKey() } : { ders: [bytes] };
  const text = Buffer.from(bytes).toString('latin1');
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)) return { wrong: wrong.privateKey() };
  const blocks = [...text.matchAll(BLOCK)];
  const other = blocks.find(([, is]) => is !== label)?.[1];
  if (other) return { wrong: wrong.pem(other, label) };
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN ').length - 1)
    return { wrong: wrong.noPem(label) };
  return { ders: blocks.map(([, , base64 = '']) => Buffer.from(base64, 'base64')) };
}

/** PKCS#8, PKCS#12 and bare RSA and EC keys begin with a version number; certificates and lists with a sequence. */
function isPrivateKey(bytes: Uint8Array): boolean {
  const length = bytes[1] ?? 0;
  const first = length < 0x80 ? 2 : 2 + (length & 0x7f);
  return bytes[first] === 0x02 && bytes[first + 1] === 0x01;
}
