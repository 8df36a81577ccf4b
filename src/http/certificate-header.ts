import type { IncomingMessage } from 'node:http';
import { readPemFile } from '../pki/pem.ts';
import { refuse } from './errors.ts';
import { headerLines } from './proxies.ts';

/**
 * How a trusted proxy names the certificate of the client whose TLS connection ends there: `client-cert` of RFC 9440 (DER as a byte sequence, with
 * what stands between in `client-cert-chain`), or `x-client-cert` as nginx writes it (`$ssl_client_escaped_cert`, PEM with percent-escapes).
 */
export const CERTIFICATE_HEADERS = ['none', 'client-cert', 'x-client-cert'] as const;
export type CertificateHeader = (typeof CERTIFICATE_HEADERS)[number];

/** What was presented, not yet judged: DER. */
export interface Presented {
  readonly leaf: Buffer;
  /** What the client or the proxy sent with it; not trusted. */
  readonly between: readonly Buffer[];
}

const MOST_BETWEEN = 8;

/**
 * The certificate that a trusted proxy names; undefined where it names none.
 *
 * @throws FhirError 400 for a header that is there twice or cannot be read: a proxy that adds its own to what the client sent would let
 * the client choose
 */
export function presentedInHeader(request: IncomingMessage, header: CertificateHeader): Presented | undefined {
  if (header === 'none') return undefined;
  const lines = headerLines(request, header);
  if (lines.length > 1) throw refuse.badRequest(`The header ${header} is there more than once`);
  const text = lines[0]?.trim() ?? '';
  if (text === '') return undefined;
  if (header === 'x-client-cert') return { leaf: escapedPem(text), between: [] };
  const between = headerLines(request, 'client-cert-chain').flatMap((line) => line.split(','));
  if (between.length > MOST_BETWEEN) throw refuse.badRequest(`The header client-cert-chain has too many certificates`);
  return {
    leaf: byteSequence(text, header),
    between: between.map((item) => byteSequence(item.trim(), 'client-cert-chain')),
  };
}

/** A byte sequence of structured fields (RFC 9651, section 3.3.5), in canonical base64 and without parameters. */
function byteSequence(text: string, header: string): Buffer {
  const base64 = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(text)?.[1];
  const bytes = Buffer.from(base64 ?? '', 'base64');
  if (base64 === undefined || bytes.toString('base64') !== base64)
    throw refuse.badRequest(`The header ${header} is not a byte sequence of RFC 9440`);
  return bytes;
}

function escapedPem(text: string): Buffer {
  const pem = readPemFile(Buffer.from(unescaped(text), 'latin1'), 'CERTIFICATE');
  const [leaf, ...more] = 'ders' in pem ? pem.ders : [];
  if (!leaf || more.length > 0) throw refuse.badRequest('The header x-client-cert is not one certificate in PEM');
  return Buffer.from(leaf);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
