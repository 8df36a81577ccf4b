/** Authorities, a server and terminals with certificates made anew; nothing of it is used by anyone. */
import type { KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request as plainRequest, type Server } from 'node:http';
import { type Agent, request as tlsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { loadConfig } from '../../src/config.ts';
import { clientAddress } from '../../src/http/client-address.ts';
import { clientCertificate } from '../../src/http/client-certificate.ts';
import { Entrance, type EntranceOptions } from '../../src/http/entrance.ts';
import { type Crl, readCrl } from '../../src/pki/crl.ts';
import { type CrlEntryParts, type ExtensionParts, issueCrl } from '../../src/pki/issue.ts';
import { authority, DAY, ecKey, type Party, type PartyParts, party } from '../pki/authorities.ts';

export const NOW = Date.now();
export const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

export const around = (from = -DAY, to = DAY): Pick<PartyParts, 'notBefore' | 'notAfter'> => ({
  notBefore: NOW + from,
  notAfter: NOW + to,
});

const YEARS = around(-400 * DAY, 400 * DAY);

export const certifier = (name: string, issuer?: Party, extensions: ExtensionParts = {}): Party =>
  authority(name, issuer, extensions, YEARS);

export const TERMINAL: ExtensionParts = Object.freeze({
  keyUsage: ['digitalSignature'] as const,
  extendedKeyUsage: [CLIENT_AUTHENTICATION],
});

export const terminal = (name: string, issuer: Party | undefined, parts: PartyParts = {}): Party =>
  party(name, issuer, { ...around(), ...parts, extensions: { ...TERMINAL, ...parts.extensions } });

/** Made an hour ago, due in a day. */
export const listOf = (issuer: Party, revoked: readonly Party[] = [], more: { nextUpdate?: number } = {}): Crl => {
  const entries: CrlEntryParts[] = revoked.map(({ certificate }) => ({
    serial: certificate.serial,
    revocationDate: NOW - 2 * 3_600_000,
  }));
  return readCrl(issueCrl({ issuer, thisUpdate: NOW - 3_600_000, nextUpdate: NOW + DAY, entries, ...more }));
};

export const pem = (der: Uint8Array, label = 'CERTIFICATE'): string =>
  `-----BEGIN ${label}-----\n${(
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n')}\n-----END ${label}-----\n`;

export const keyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string;
export const pemOf = (...parties: readonly Party[]): string =>
  parties.map(({ certificate }) => pem(certificate.der)).join('');
export const pemOfLists = (...lists: readonly Crl[]): string => lists.map(({ der }) => pem(der, 'X509 CRL')).join('');

/** What a TLS client shows. */
export const shows = (one: Party, ...between: readonly Party[]): SecureContextOptions => ({
  cert: pemOf(one, ...between),
  key: keyPem(one.key),
});

const serverRoot = certifier('Server root');
export const serverCertificate = (name = '127.0.0.1', parts: PartyParts = {}): Party =>
  party(name, serverRoot, {
    ...around(-DAY, 90 * DAY),
    ...parts,
    extensions: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] },
  });
/** By whom the test's client trusts the server. Its name is not checked here. */
export const serverCa = pemOf(serverRoot);

/** A directory of files, removed at the end. */
export class Files {
  readonly directory = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-tls-`));
  write(name: string, text: string | Uint8Array): string {
    const path = join(this.directory, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }
  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export const server = serverCertificate();
export const serverFiles = (files: Files): { TLS_CERT_FILE: string; TLS_KEY_FILE: string } => ({
  TLS_CERT_FILE: files.write('server.pem', pemOf(server)),
  TLS_KEY_FILE: files.write('server.key', keyPem(server.key)),
});

/** What the server knew of a request. */
export interface Seen {
  readonly status: number;
  readonly sha256: string | undefined;
  readonly address?: string;
  readonly text: string;
  readonly protocol?: string | null;
}

/** A server that only tells what it knows of each request. */
export class Echo {
  readonly entrance: Entrance;
  readonly port: number;
  readonly logs: string[];

  private constructor(entrance: Entrance, port: number, logs: string[]) {
    this.entrance = entrance;
    this.port = port;
    this.logs = logs;
  }

  static async open(env: Readonly<Record<string, string>>, more: Partial<EntranceOptions> = {}): Promise<Echo> {
    const logs: string[] = [];
    const entrance = await Entrance.open({
      config: loadConfig(env),
      log: (level, event, fields) => void logs.push(JSON.stringify({ level, event, ...fields })),
      now: () => NOW,
      ...more,
    });
    const http: Server = entrance.http;
    http.on('request', (request: IncomingMessage, response) =>
      entrance.arrival(request, response, () =>
        response.end(JSON.stringify({ sha256: clientCertificate(request)?.sha256, address: clientAddress(request) })),
      ),
    );
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    // A test that fails before it closes holds nothing up.
    http.unref();
    return new Echo(entrance, (http.address() as AddressInfo).port, logs);
  }

  /** Asks by TLS where the server speaks it. Rejects where no answer comes. */
  ask(
    tls: SecureContextOptions | undefined,
    headers: Readonly<Record<string, string | string[]>> = {},
    agent: Agent | false = false,
  ): Promise<Seen> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, headers, agent };
      const sent = tls
        ? tlsRequest({ ...options, ca: serverCa, checkServerIdentity: () => undefined, ...tls })
        : plainRequest(options);
      sent.on('error', reject).end();
      sent.on('response', async (answer) => {
        const protocol = (answer.socket as { getProtocol?: () => string | null }).getProtocol?.();
        const text = Buffer.concat(await answer.toArray()).toString();
        const told = answer.statusCode === 200 ? (JSON.parse(text) as object) : {};
        resolve({
          sha256: undefined,
          status: answer.statusCode ?? 0,
          text,
          ...(protocol !== undefined && { protocol }),
          ...told,
        });
      });
    });
  }

  async close(): Promise<void> {
    await this.entrance.close();
    this.entrance.http.closeAllConnections();
    await new Promise((resolve) => this.entrance.http.close(resolve));
  }
}

export { DAY, ecKey, type Party, party };
