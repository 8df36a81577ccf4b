import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Certificate, readCertificate } from '../pki/certificate.ts';
import { type Crl, readCrl } from '../pki/crl.ts';
import { DerError } from '../pki/der.ts';
import { type PemLabel, readPemFile } from '../pki/pem.ts';
import type { ClientTrust } from './client-trust.ts';
import type { Logger } from './log.ts';

/** Lists that come from elsewhere: those of these authorities that are known now, DER. */
export type FetchedLists = (authorities: readonly Certificate[], now: number) => Promise<readonly Uint8Array[]>;

export interface TrustFiles {
  /** Null: there are no terminals with certificates. */
  readonly caFile: string | null;
  readonly crlFile: string | null;
  readonly fetched: FetchedLists | undefined;
}

/** Keeps what ClientTrust stands on up to date with the files and with the lists that were fetched. */
export class ClientTrustFiles {
  readonly #files: TrustFiles;
  readonly #trust: ClientTrust;
  readonly #log: Logger;
  #loaded = '';
  #certificates: readonly Certificate[] = [];
  #crls: readonly Crl[] = [];

  private constructor(files: TrustFiles, trust: ClientTrust, log: Logger) {
    this.#files = files;
    this.#trust = trust;
    this.#log = log;
  }

  /** @throws Error that an operator understands, where a file cannot be used. Lists that are fetched may come later. */
  static async open(files: TrustFiles, trust: ClientTrust, log: Logger): Promise<ClientTrustFiles> {
    const opened = new ClientTrustFiles(files, trust, log);
    await opened.#read();
    opened.#replace([]);
    return opened;
  }

  /** What is there now. A file that cannot be used is logged, and what it held before stays; so with lists that cannot be got. */
  async refresh(now: number): Promise<void> {
    if (this.#files.caFile === null) return;
    const failed = (error: unknown) =>
      this.#log('error', 'what terminals are trusted by cannot be renewed; what was loaded before stays', {
        error: (error as Error).message,
      });
    await this.#read().catch(failed);
    const lists = await this.#files.fetched?.(this.#certificates, now).catch(failed);
    if (lists || !this.#files.fetched) this.#replace(lists ?? []);
  }

  async #read(): Promise<void> {
    const { caFile, crlFile } = this.#files;
    if (caFile === null) return;
    const certificates = (await ders(caFile, 'CERTIFICATE', 'TLS_CLIENT_CA_FILE')).map((der) =>
      understood(caFile, 'TLS_CLIENT_CA_FILE', () => readCertificate(der)),
    );
    const crls =
      crlFile === null
        ? []
        : (await ders(crlFile, 'X509 CRL', 'TLS_CLIENT_CRL_FILE')).map((der) =>
            understood(crlFile, 'TLS_CLIENT_CRL_FILE', () => readCrl(der)),
          );
    this.#certificates = certificates;
    this.#crls = crls;
  }

  #replace(fetched: readonly Uint8Array[]): void {
    const hash = createHash('sha256');
    for (const { der } of [...this.#certificates, ...this.#crls]) hash.update(`${der.length}:`).update(der);
    for (const der of fetched) hash.update(`${der.length}:`).update(der);
    const loaded = hash.digest('base64url');
    if (loaded === this.#loaded) return;
    this.#loaded = loaded;
    const others = fetched.flatMap((der) => readable(der, this.#log));
    this.#trust.replace({ certificates: this.#certificates, crls: [...this.#crls, ...others] });
    const lists = this.#crls.length + others.length;
    this.#log('info', 'authorities of terminals loaded', { certificates: this.#certificates.length, lists });
  }
}

async function ders(file: string, label: PemLabel, setting: string): Promise<readonly Uint8Array[]> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${setting} ${file} cannot be read: ${error.code}`);
  });
  const pem = readPemFile(bytes, label);
  if ('fault' in pem) {
    const found = { 'private-key': 'a private key', other: 'something else', none: 'nothing of the kind' }[
      pem.fault.code
    ];
    throw new Error(`${setting} ${file} must hold ${label} in PEM or DER, and holds ${found}`);
  }
  return pem.ders;
}

function understood<T>(file: string, setting: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) throw new Error(`${setting} ${file} cannot be understood: ${error.message}`);
    throw error;
  }
}

function readable(der: Uint8Array, log: Logger): readonly Crl[] {
  try {
    return [readCrl(der)];
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    log('warn', 'a fetched revocation list cannot be read', { error: error.message });
    return [];
  }
}
