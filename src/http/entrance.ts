import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Config } from '../config.ts';
import { arrival } from './arrival.ts';
import { ClientTrust } from './client-trust.ts';
import { ClientTrustFiles, type FetchedLists } from './client-trust-files.ts';
import type { Logger } from './log.ts';
import { trustedProxies } from './proxies.ts';
import { TlsListener } from './tls.ts';

export interface EntranceOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Revocation lists that are fetched; absent: those in files are all. */
  readonly fetched?: FetchedLists;
}

/** Node's own limits are too patient with those who send nothing. */
const LIMITS: ServerOptions = Object.freeze({
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
});
const MOST_CONNECTIONS = 2_000;

/** How often certificate files are looked at, and lists, milliseconds. */
const LOOK_MS = 10_000;

/** Where requests come in: plain or by TLS, and what is known of who sends them before anything else is. */
export class Entrance {
  readonly http: Server;
  readonly trust: ClientTrust;
  /** First on the way of every request. */
  readonly arrival: (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
  readonly #options: EntranceOptions;
  readonly #tls: TlsListener | undefined;
  readonly #files: ClientTrustFiles;
  #timer: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> | undefined;

  private constructor(options: EntranceOptions, trust: ClientTrust, files: ClientTrustFiles, tls?: TlsListener) {
    const { config, log, now } = options;
    this.#options = options;
    this.#files = files;
    this.#tls = tls;
    this.trust = trust;
    this.http = tls?.server ?? createServer(LIMITS);
    this.http.maxConnections = MOST_CONNECTIONS;
    const isTrusted = trustedProxies(config.trustedProxies);
    this.arrival = arrival({ isTrusted, header: config.proxyCertificateHeader, trust, now, log });
  }

  /** @throws Error that an operator understands, where a file cannot be used */
  static async open(options: EntranceOptions): Promise<Entrance> {
    const { config, log, now } = options;
    const trust = new ClientTrust(config.tlsClientRevocation);
    const files = { caFile: config.tlsClientCaFile, crlFile: config.tlsClientCrlFile, fetched: options.fetched };
    const trustFiles = await ClientTrustFiles.open(files, trust, log);
    const { tlsCertFile: certFile, tlsKeyFile: keyFile, tlsClientCaFile: clientCaFile } = config;
    const minVersion = `TLSv${config.tlsMinVersion}` as const;
    const tls =
      certFile !== null && keyFile !== null
        ? await TlsListener.open({ certFile, keyFile, minVersion, clientCaFile }, LIMITS, { log, now })
        : undefined;
    return new Entrance(options, trust, trustFiles, tls);
  }

  /** Keeps up with the files from now on. Keeps no process alive. */
  start(): void {
    if (this.#timer || (!this.#tls && this.#options.config.tlsClientCaFile === null)) return;
    void this.refresh();
    this.#timer = setInterval(() => void this.refresh(), LOOK_MS);
    this.#timer.unref();
  }

  /** Takes what files and lists say now; failures are logged. */
  refresh(): Promise<void> {
    this.#refreshing ??= Promise.all([this.#tls?.reload(), this.#files.refresh(this.#options.now())])
      .then(() => undefined)
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#refreshing;
  }
}
