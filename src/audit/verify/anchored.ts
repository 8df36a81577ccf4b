import type { ClosedDay } from '../../store/audit-chain.ts';
import { type Anchor, readAnchors } from '../anchors.ts';
import type { Findings } from './findings.ts';

/** What the anchor files say, by the numbers of days and seals. Hashes in hex; all of a number should be one. */
export interface Anchored {
  readonly days: ReadonlyMap<number, ReadonlySet<string>>;
  readonly seals: ReadonlyMap<string, ReadonlySet<string>>;
  /** Time-stamps of a day, DER. */
  readonly tokens: ReadonlyMap<number, readonly Buffer[]>;
  readonly restored: readonly { readonly after: number; readonly reason: string }[];
  readonly unreadable: number;
}

type Growing = {
  days: Map<number, Set<string>>;
  seals: Map<string, Set<string>>;
  tokens: Map<number, Buffer[]>;
  restored: { after: number; reason: string }[];
  unreadable: number;
};

/**
 * Reads anchor files. What a file had of days after one to which the database was restored, before the line that says so, is let go.
 *
 * @param lastSealOf  the last seal of a day, by its number
 */
export async function loadAnchors(
  paths: readonly string[],
  lastSealOf: (day: number) => bigint | undefined,
): Promise<Anchored> {
  const all: Growing = { days: new Map(), seals: new Map(), tokens: new Map(), restored: [], unreadable: 0 };
  for (const path of paths) {
    const one: Growing = { days: new Map(), seals: new Map(), tokens: new Map(), restored: [], unreadable: 0 };
    for await (const anchor of readAnchors(path)) take(one, anchor, lastSealOf);
    for (const [number, hashes] of one.days) for (const hash of hashes) add(all.days, number, hash);
    for (const [number, hashes] of one.seals) for (const hash of hashes) add(all.seals, number, hash);
    for (const [number, tokens] of one.tokens) all.tokens.set(number, [...(all.tokens.get(number) ?? []), ...tokens]);
    all.restored.push(...one.restored);
    all.unreadable += one.unreadable;
  }
  return all;
}

function take(to: Growing, anchor: Anchor | undefined, lastSealOf: (day: number) => bigint | undefined): void {
  switch (anchor?.kind) {
    case undefined:
      to.unreadable++;
      return;
    case 'day':
      add(to.days, anchor.number, anchor.hash);
      return;
    case 'seal':
      add(to.seals, anchor.number, anchor.hash);
      return;
    case 'time-stamp':
      to.tokens.set(anchor.number, [...(to.tokens.get(anchor.number) ?? []), Buffer.from(anchor.token, 'base64')]);
      return;
    case 'restored': {
      const last = anchor.after === 0 ? 0n : lastSealOf(anchor.after);
      for (const number of to.days.keys()) if (number > anchor.after) to.days.delete(number);
      for (const number of to.tokens.keys()) if (number > anchor.after) to.tokens.delete(number);
      for (const number of to.seals.keys()) if (last === undefined || BigInt(number) > last) to.seals.delete(number);
      to.restored.push({ after: anchor.after, reason: anchor.reason });
    }
  }
}

function add<K>(to: Map<K, Set<string>>, key: K, hash: string): void {
  const known = to.get(key);
  if (known) known.add(hash);
  else to.set(key, new Set([hash]));
}

/** A day is anchored soon after it was closed, unless something is wrong. */
const SOON_MS = 3_600_000;

export interface AnchorCheck {
  readonly now: number;
  readonly anchors?: Anchored;
  stampFault?(token: Buffer, hash: Buffer): Promise<string | undefined>;
  /** Every day of the chain, and whether it was verified to its end. */
  readonly all: readonly ClosedDay[];
  readonly whole: boolean;
  readonly findings: Findings;
}

/**
 * Compares the days that were verified, and the seals that anchors name, with what is known outside of the database.
 *
 * @param seals  hashes in hex of those seals that anchors name and that were read
 * @returns how many days have a time-stamp that was found right
 */
export async function checkAnchors(
  days: readonly ClosedDay[],
  {
    seals,
    read,
  }: { readonly seals: ReadonlyMap<string, string>; readonly read: { readonly after: bigint; readonly last: bigint } },
  check: AnchorCheck,
): Promise<number> {
  const { anchors, findings } = check;
  if (anchors) {
    for (const one of days) checkDay(one, anchors, check);
    checkLost(anchors, check);
    for (const [number, hashes] of anchors.seals) {
      const hash = seals.get(number);
      const missed = hash === undefined && check.whole && BigInt(number) > read.after;
      if (missed || (hash !== undefined && !only(hashes, hash)))
        findings.problem('anchor-differs', {
          seal: number,
          detail: missed ? 'it is not in the database' : 'another hash was anchored',
        });
    }
    for (const { after, reason } of anchors.restored)
      findings.note('restored', { detail: `after day ${after}: ${reason.slice(0, 200)}` });
    if (anchors.unreadable > 0) findings.note('anchor-unreadable', { detail: `${anchors.unreadable}` });
  } else findings.note('anchors-unchecked');
  let stamped = 0;
  for (const day of days) if (await checkStamps(day, check)) stamped++;
  return stamped;
}

const only = (hashes: ReadonlySet<string>, hash: string): boolean => hashes.size === 1 && hashes.has(hash);

function checkDay({ number, day, hash, closedAt }: ClosedDay, anchors: Anchored, { now, findings }: AnchorCheck): void {
  const hashes = anchors.days.get(number);
  if (hashes && !only(hashes, hash.toString('hex')))
    findings.problem('anchor-differs', { day, detail: `day ${number}: another hash was anchored` });
  if (!hashes && closedAt < now - SOON_MS) findings.problem('anchor-missing', { day, detail: `day ${number}` });
}

/** Days that were anchored and are in the database no more. */
function checkLost(anchors: Anchored, { all, whole, findings }: AnchorCheck): void {
  if (!whole) return;
  const known = new Set(all.map(({ number }) => number));
  for (const number of anchors.days.keys())
    if (!known.has(number))
      findings.problem('day-removed', { detail: `day ${number} was anchored, and is not in the database` });
}

async function checkStamps(day: ClosedDay, { anchors, stampFault, findings }: AnchorCheck): Promise<boolean> {
  const tokens = [...(day.token ? [day.token] : []), ...(anchors?.tokens.get(day.number) ?? [])];
  if (tokens.length === 0) return false;
  if (!stampFault) {
    if (!findings.notes.some(({ kind }) => kind === 'stamps-unchecked')) findings.note('stamps-unchecked');
    return false;
  }
  const seen = new Set<string>();
  for (const token of tokens) {
    const text = token.toString('base64');
    if (seen.has(text)) continue;
    seen.add(text);
    const fault = await stampFault(token, day.hash);
    if (fault !== undefined) {
      findings.problem('time-stamp-wrong', { day: day.day, detail: fault });
      return false;
    }
  }
  return true;
}
