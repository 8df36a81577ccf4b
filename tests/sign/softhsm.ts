/** Tokens of SoftHSM in a folder of their own. Its configuration is read by native code: only child processes see it. */
import { spawn, spawnSync } from 'node:child_process';
import type { KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../house/source.ts';
import type { PutOnToken } from './put-on-token.ts';

export const LIBRARY = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
].find((path) => existsSync(path));

export const hasSofthsm = LIBRARY !== undefined && spawnSync('softhsm2-util', ['--version']).status === 0;

export interface OnToken {
  /** In hex. */
  readonly id: string;
  readonly key?: KeyObject;
  /** Whether the key, which then is RSA, wants the PIN for each signature. */
  readonly asks?: boolean;
  /** DER. */
  readonly certificate?: Uint8Array;
}

export class SoftHsm {
  readonly folder = mkdtempSync(join(tmpdir(), 'softhsm-'));
  readonly environment: NodeJS.ProcessEnv;

  constructor() {
    const tokens = join(this.folder, 'tokens');
    mkdirSync(tokens);
    const configuration = this.put(
      'softhsm2.conf',
      `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`,
    );
    this.environment = { ...process.env, SOFTHSM2_CONF: configuration };
  }

  put(name: string, content: string | Uint8Array): string {
    writeFileSync(join(this.folder, name), content);
    return join(this.folder, name);
  }

  /** Makes a token, and puts keys and certificates on it. */
  async token(label: string, pin: string, objects: readonly OnToken[]): Promise<void> {
    this.#softhsm('--init-token', '--free', '--label', label, '--so-pin', '12345678', '--pin', pin);
    for (const { id, key, asks } of objects) {
      if (!key || asks) continue;
      const file = this.put(`${label}-${id}.pem`, String(key.export({ format: 'pem', type: 'pkcs8' })));
      this.#softhsm('--import', file, '--token', label, '--label', id, '--id', id, '--pin', pin, '--no-public-key');
    }
    const certificates = objects.flatMap(({ id, certificate }) =>
      certificate ? [{ id, certificate: Buffer.from(certificate).toString('base64') }] : [],
    );
    const asking = objects.flatMap(({ id, key, asks }) =>
      key && asks ? [{ id, key: key.export({ format: 'jwk' }) }] : [],
    );
    const input: PutOnToken = { library: LIBRARY ?? '', label, pin, certificates, asking };
    await this.run('put-on-token.ts', input);
  }

  /** Runs a program of this folder in a process that sees the tokens: JSON in, JSON out. */
  async run<Out>(program: string, input: unknown): Promise<Out> {
    const { out, err, code } = await this.node([join(root, 'tests/sign', program)], JSON.stringify(input));
    if (code !== 0) throw new Error(`${program}: ${err}`);
    return JSON.parse(out) as Out;
  }

  node(args: readonly string[], input = ''): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(process.execPath, [...args], { env: this.environment, stdio: 'pipe' });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.end(input);
    return new Promise((resolve) => {
      child.on('close', (code) => resolve({ code, out: String(Buffer.concat(out)), err: String(Buffer.concat(err)) }));
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #softhsm(...args: string[]): void {
    const { status, stdout, stderr } = spawnSync('softhsm2-util', args, { env: this.environment });
    if (status !== 0) throw new Error(`softhsm2-util ${args.join(' ')}: ${stdout}${stderr}`);
  }
}
