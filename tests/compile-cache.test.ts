import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const PROGRAM = `import { keepCompiled } from './src/compile-cache.ts';
process.stdout.write(JSON.stringify(keepCompiled(process.argv[1])));
await import('./src/config.ts');`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-cache-`));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What a process of its own answers, in which Node has no other cache. */
const keepCompiled = (dataDir: string): string | null => {
  const env = { PATH: process.env.PATH ?? '' };
  const args = ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', PROGRAM, dataDir];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' }));
};
const mode = (path: string) => statSync(path).mode & 0o777;

it('is kept in the data directory, for this user alone', () => {
  const dataDir = join(directory, 'data');
  const kept = keepCompiled(dataDir);
  expect(kept?.startsWith(join(dataDir, 'compile-cache'))).toBe(true);
  expect(readdirSync(join(dataDir, 'compile-cache'), { recursive: true }).length).toBeGreaterThan(5);
  expect([mode(join(dataDir, 'compile-cache')), mode(dataDir)]).toEqual([0o700, 0o711]);
  expect(keepCompiled(dataDir)).toBe(kept);
});

it('is not kept where others may write or look, nor behind a link', () => {
  const cache = join(directory, 'compile-cache');
  mkdirSync(cache);
  chmodSync(cache, 0o770);
  expect(keepCompiled(directory)).toBeNull();
  expect(readdirSync(cache)).toEqual([]);
  rmSync(cache, { recursive: true });
  mkdirSync(join(directory, 'elsewhere'), { mode: 0o700 });
  symlinkSync(join(directory, 'elsewhere'), cache);
  expect(keepCompiled(directory)).toBeNull();
  expect(readdirSync(join(directory, 'elsewhere'))).toEqual([]);
});

it('is done without where there can be none', () => {
  const file = join(root, 'package.json');
  expect(keepCompiled(join(file, 'data'))).toBeNull();
  expect(existsSync(join(file, 'data'))).toBe(false);
});
