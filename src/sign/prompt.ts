import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Nobody answered: the input ended, or whoever sits there broke off. */
export class PromptError extends Error {}

/** Asks for a secret: what is typed is not shown. Without a terminal it is the next line of standard input. @throws PromptError */
export async function ask(question: string): Promise<string> {
  process.stderr.write(question);
  try {
    return await (process.stdin.isTTY ? typed() : nextLine());
  } finally {
    process.stderr.write('\n');
  }
}

function typed(): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    // After a line this changes nothing; before it, it is Ctrl+C or the end of input.
    lines.once('close', () => reject(new PromptError('broken off')));
    lines.once('line', () => lines.close());
  });
}

const decoder = new StringDecoder('utf8');
/** What was read of standard input and is not yet asked for. */
let ahead = '';

async function nextLine(): Promise<string> {
  const { stdin } = process;
  // A pipe that stays open must not keep the process from ending.
  const pipe = stdin as { ref?(): void; unref?(): void };
  pipe.ref?.();
  try {
    if (!ahead.includes('\n')) {
      for await (const chunk of stdin.iterator({ destroyOnReturn: false })) {
        ahead += decoder.write(chunk as Buffer);
        if (ahead.includes('\n')) break;
      }
    }
  } finally {
    pipe.unref?.();
  }
  if (ahead === '') throw new PromptError('standard input ended');
  const end = ahead.indexOf('\n') < 0 ? ahead.length : ahead.indexOf('\n');
  const line = ahead.slice(0, end);
  ahead = ahead.slice(end + 1);
  return line.replace(/\r$/, '');
}
