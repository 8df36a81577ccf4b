/** OpenSSL on files of its own, for the tests that cross-check. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

export interface Bench {
  /** @returns the file's path */
  put(name: string, content: Uint8Array | string): string;
  get(name: string): Uint8Array;
  path(name: string): string;
  /** Both outputs; throws with them where OpenSSL fails. */
  openssl(...args: readonly string[]): string;
  /** Both outputs of what must fail. */
  fails(...args: readonly string[]): string;
  remove(): void;
}

export function bench(): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'pki-'));
  const path = (name: string) => join(folder, name);
  const run = (args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync('openssl', [...args], { cwd: folder, timeout: 30_000 });
    return { status, output: `${stdout}${stderr}` };
  };
  return {
    path,
    put: (name, content) => {
      writeFileSync(path(name), content);
      return path(name);
    },
    get: (name) => new Uint8Array(readFileSync(path(name))),
    openssl: (...args) => {
      const { status, output } = run(args);
      if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${output}`);
      return output;
    },
    fails: (...args) => {
      const { status, output } = run(args);
      if (status === 0) throw new Error(`openssl ${args.join(' ')} passed: ${output}`);
      return output;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
