import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../src/config.ts';

/**
 * Pastes the README's examples into a shell, as a reader would, against `npm start` on a data directory in which the demo has
 * been. Settings (PORT, DATA_DIR, DATABASE_URL) come from the environment as for the server. An `sh` block must end well, and
 * where a `text` block follows it, print exactly that. Exit code 1 and both texts if one does not.
 */
interface Example {
  readonly commands: string;
  readonly expected: string | undefined;
}

/** The `sh` blocks between `<!-- examples -->` and `<!-- /examples -->`, each with the `text` block right behind it. */
export function examples(readme: string): Example[] {
  const part = /<!-- examples -->\n([\s\S]*?)<!-- \/examples -->/.exec(readme)?.[1] ?? '';
  const block = /^```sh\n([\s\S]*?)^```$(?:\n+```text\n([\s\S]*?)^```$)?/gm;
  return [...part.matchAll(block)].map(([, commands = '', expected]) => ({ commands, expected }));
}

const config = loadConfig();

/** One shell for all blocks, so that variables live on; a mark on a line of its own parts their outputs. */
function script(all: readonly Example[]): string {
  const mark = 'printf "\\n\\036\\n"';
  return ['set -euo pipefail', ...all.map(({ commands }) => `${commands}\n${mark}`)]
    .join('\n')
    .replaceAll('http://127.0.0.1:8080', config.baseUrl)
    .replaceAll('./data/', `${config.dataDir}/`);
}

async function ready(): Promise<void> {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`${config.baseUrl}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    if (answer?.ok) return;
    if (tries === 300) throw new Error('the server did not become ready within 30 s');
    await sleep(100);
  }
}

async function paste(all: readonly Example[]): Promise<number> {
  const shell = spawn('bash', ['-c', script(all)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(shell, 'close');
  const outputs = output.split('\n\x1e\n');
  let failed = 0;
  all.forEach(({ commands, expected }, index) => {
    const got = outputs[index];
    const ended = index < outputs.length - 1;
    const ok = ended && (expected === undefined || got?.trimEnd() === expected.trimEnd());
    if (!ok) failed += 1;
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${commands.trimEnd().replaceAll('\n', '\n     ')}`);
    if (!ok) console.log(`--- expected\n${expected ?? '(to end well)'}\n--- printed\n${got ?? '(nothing)'}`);
  });
  return failed;
}

if (import.meta.main) {
  const server = spawn('node', ['src/main.ts', 'start'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(server, 'exit');
  try {
    await Promise.race([ready(), ended.then(() => Promise.reject(new Error('the server ended before it was ready')))]);
    const all = examples(readFileSync('README.md', 'utf8'));
    const failed = await paste(all);
    console.log(`${all.length} examples, ${failed} failed`);
    process.exitCode = failed > 0 || all.length === 0 ? 1 : 0;
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
}
