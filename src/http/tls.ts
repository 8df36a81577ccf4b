import { constants, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ServerOptions } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Logger } from './log.ts';

export interface TlsFiles {
  /** PEM: the server's certificate, and those between it and its root. */
  readonly certFile: string;
  /** PEM, not encrypted. */
  readonly keyFile: string;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** PEM: authorities whose certificates clients may show; null: clients are not asked for one. */
  readonly clientCaFile: string | null;
}

interface Clock {
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Suites with forward secrecy and authenticated encryption alone, as the "high security" type of CRYPTREC's and IPA's TLS guideline has them; those of
 * TLS 1.3 are all of that kind.
 */
const SUITES = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

const HANDSHAKE_MS = 10_000;
const MONTH_MS = 30 * 86_400_000;

/** Node's own TLS. What a client shows is not judged in the handshake but for each request, so that a connection ends with its certificate. */
export class TlsListener {
  readonly server: Server;
  readonly #files: TlsFiles;
  readonly #clock: Clock;
  #loaded: string;

  private constructor(server: Server, files: TlsFiles, loaded: string, clock: Clock) {
    this.server = server;
    this.#files = files;
    this.#loaded = loaded;
    this.#clock = clock;
  }

  /** @throws Error that an operator understands, where a file cannot be used */
  static async open(files: TlsFiles, options: ServerOptions, clock: Clock): Promise<TlsListener> {
    const { log } = clock;
    const { context, text } = await load(files);
    const server = createServer({
      ...options,
      ...context,
      requestCert: files.clientCaFile !== null,
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_MS,
      ALPNProtocols: ['http/1.1'],
    });
    // Without a listener Node would print nothing, but a probe that speaks no TLS is worth a line.
    server.on('tlsClientError', (error: NodeJS.ErrnoException) =>
      log('debug', 'tls handshake failed', { code: error.code }),
    );
    warnOfEnd(text, clock);
    return new TlsListener(server, files, text, clock);
  }

  /** Takes what the files hold now, for new connections; what cannot be used is logged, and what was there stays. True when it changed. */
  async reload(): Promise<boolean> {
    try {
      const { context, text } = await load(this.#files);
      if (text === this.#loaded) return false;
      this.server.setSecureContext(context);
      this.#loaded = text;
      this.#clock.log('info', 'tls certificate reloaded');
      warnOfEnd(text, this.#clock);
      return true;
    } catch (error) {
      this.#clock.log('error', 'tls files cannot be used; what was loaded before stays', {
        error: (error as Error).message,
      });
      return false;
    }
  }
}

async function load({ certFile, keyFile, minVersion, clientCaFile }: TlsFiles) {
  const [cert, key, ca] = await Promise.all([
    readFile(certFile, 'latin1'),
    readFile(keyFile, 'latin1'),
    clientCaFile === null ? undefined : readFile(clientCaFile, 'latin1'),
  ]);
  checkPair(certFile, cert, keyFile, key);
  const context: SecureContextOptions = {
    cert,
    key,
    // Only to tell the client whose certificates are wanted.
    ...(ca !== undefined && { ca }),
    minVersion,
    maxVersion: 'TLSv1.3',
    ciphers: SUITES,
    ecdhCurve: 'X25519:P-256:P-384',
    honorCipherOrder: true,
    // No tickets: whoever opens a connection shows the certificate and proves its key again.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
  try {
    createSecureContext(context);
  } catch (error) {
    throw new Error(`TLS_CERT_FILE, TLS_KEY_FILE and TLS_CLIENT_CA_FILE cannot be used: ${(error as Error).message}`);
  }
  return { context, text: [cert, key, ca].join('\0') };
}

function checkPair(certFile: string, cert: string, keyFile: string, key: string): void {
  const certificate = attempt(() => new X509Certificate(cert));
  if (!certificate) throw new Error(`TLS_CERT_FILE ${certFile} holds no certificate in PEM`);
  const privateKey = attempt(() => createPrivateKey(key));
  if (!privateKey) throw new Error(`TLS_KEY_FILE ${keyFile} holds no private key in PEM without a password`);
  if (!certificate.checkPrivateKey(privateKey))
    throw new Error(`TLS_KEY_FILE ${keyFile} is not the key of the first certificate in TLS_CERT_FILE ${certFile}`);
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function warnOfEnd(text: string, { log, now }: Clock): void {
  const ends = new X509Certificate(text).validToDate;
  if (ends.getTime() < now() + MONTH_MS)
    log('warn', 'the server certificate ends soon or has ended', { notAfter: ends.toISOString() });
}
