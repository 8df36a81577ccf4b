import { createReadStream } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Day, Seal } from '../store/audit-encoding.ts';

/**
 * What is known of the chain outside of the database: a file to which lines of JSON are added, each on the disk before the next step. It names no
 * patient and no person. Where several machines serve one database, each has its own; a verification takes them all.
 */
export type Anchor =
  /** A day that was closed. */
  | {
      readonly kind: 'day';
      readonly number: number;
      readonly day: string;
      readonly hash: string;
      readonly rows: string;
    }
  /** Where the chain stood within a day. */
  | { readonly kind: 'seal'; readonly number: string; readonly hash: string }
  /** The time-stamp of a day's hash: RFC 3161, DER in base64. */
  | { readonly kind: 'time-stamp'; readonly number: number; readonly hash: string; readonly token: string }
  /** Written by the operator after a restore from a backup: later days and seals that were anchored before this line were lost with it. */
  | { readonly kind: 'restored'; readonly after: number; readonly reason: string };

/** With when it was written, ISO 8601, for people. */
type Line = Anchor & { readonly at: string };

export const anchorOfDay = ({ number, day, hash, rows }: Day): Anchor => ({
  kind: 'day',
  number,
  day,
  rows: String(rows),
  hash: hash.toString('hex'),
});

export const anchorOfSeal = ({ number, hash }: Seal): Anchor => ({
  kind: 'seal',
  number: String(number),
  hash: hash.toString('hex'),
});

/** Adds a line and waits until it is on the disk. Makes the file where there is none. */
export async function appendAnchor(path: string, anchor: Anchor, at: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const isNew = (await stat(path).catch(() => undefined)) === undefined;
  const file = await open(path, 'a+', 0o644);
  try {
    const line: Line = { ...anchor, at: new Date(at).toISOString() };
    await file.appendFile(`${(await endsInLine(file)) ? '' : '\n'}${JSON.stringify(line)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  if (isNew) await syncDirectory(dirname(path));
}

/** False where a line was cut off, by a full disk or a loss of power. */
async function endsInLine(file: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === 0x0a;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The lines of the file in order; undefined for one that cannot be read. None where there is no file. */
export async function* readAnchors(path: string): AsyncGenerator<Anchor | undefined> {
  if ((await stat(path).catch(() => undefined)) === undefined) return;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY }))
    if (line.trim() !== '') yield parse(line);
}

const HASH = /^[0-9a-f]{64}$/;
const NUMBER = /^[1-9]\d{0,18}$/;
const whole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

function parse(text: string): Anchor | undefined {
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (line === null || typeof line !== 'object') return undefined;
  const hashed = typeof line.hash === 'string' && HASH.test(line.hash);
  switch (line.kind) {
    case 'day':
      return hashed && whole(line.number) && typeof line.day === 'string' ? (line as unknown as Anchor) : undefined;
    case 'seal':
      return hashed && NUMBER.test(String(line.number)) ? (line as unknown as Anchor) : undefined;
    case 'time-stamp':
      return hashed && whole(line.number) && typeof line.token === 'string' ? (line as unknown as Anchor) : undefined;
    case 'restored':
      return whole(line.after) ? ({ ...line, reason: String(line.reason ?? '') } as unknown as Anchor) : undefined;
    default:
      return undefined;
  }
}
