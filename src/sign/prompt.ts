import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Asks for a secret: what is typed is not shown. Without a terminal it is the next line of standard input. */
export async function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY === true });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
