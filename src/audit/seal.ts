import { setImmediate } from 'node:timers/promises';
import type { Access } from '../access/access.ts';
import {
  chainedRows,
  inChain,
  insertDay,
  insertSeal,
  lastDay,
  lastSeal,
  readClock,
  sealedSince,
  somewhatOn,
} from '../store/audit-chain.ts';
import { type Day, dayHash, GENESIS, MonthDigests, type Seal, sealHash } from '../store/audit-encoding.ts';
import type { Database, Transaction } from '../store/database.ts';

/** Rows that are sealed together where there are so many; those of one transaction are never parted. */
const MOST_ROWS = 5_000;
/** Rows that are hashed before requests have their turn again: about two milliseconds. */
const AT_A_STRETCH = 250;
/** More rows than one transaction has; what is read of them stands in memory at once. */
const ALL = 2 ** 31 - 1;
/** Below every transaction. */
const BEGINNING = -(2n ** 63n);

/** What one turn has done. */
export interface Turn {
  readonly rows: number;
  readonly seals: number;
  /** Days that were closed: one at most, as turns are many a day. */
  readonly closed: readonly Day[];
  /** Transactions are numbered below what is sealed: the database was restored while the server ran, or was not started since. */
  readonly behind: boolean;
}

export interface Sealing {
  /** Epoch milliseconds. */
  readonly now: number;
  /** IANA zone of the chain's days. */
  readonly zone: string;
  readonly signal?: AbortSignal;
  /** Instead of 5,000. */
  readonly most?: number;
}

/**
 * Seals the rows of all transactions that have ended and are older than any that still runs. Once a day has ended it is closed first: its
 * hash is what is anchored. The day's name is that of the clock, whichever way it was set; the order is that of the numbers.
 */
export async function sealAudit(
  access: Access,
  database: Pick<Database, 'transaction'>,
  { now, zone, signal, most = MOST_ROWS }: Sealing,
): Promise<Turn> {
  const today = dayOf(now, zone);
  const day = await inChain(access, database, (transaction) => closeDay(access, transaction, today, now));
  const done = { rows: 0, seals: 0, closed: day ? [day] : [] };
  while (!signal?.aborted) {
    const step = await inChain(access, database, (transaction) => sealSome(access, transaction, { today, now, most }));
    if (step === 'behind') return { ...done, behind: true };
    if (step === undefined) break;
    done.rows += step.months.reduce((sum, { rows }) => sum + rows, 0);
    done.seals++;
  }
  return { ...done, behind: false };
}

/** The calendar day of an instant, `2026-11-23`. */
export function dayOf(now: number, zone: string): string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
}

async function closeDay(
  access: Access,
  transaction: Transaction,
  today: string,
  now: number,
): Promise<Day | undefined> {
  const [last, before] = [await lastSeal(access, transaction), await lastDay(access, transaction)];
  if (!last || last.day === today || last.number === before?.lastSeal) return undefined;
  const open = {
    number: (before?.number ?? 0) + 1,
    day: last.day,
    firstSeal: (before?.lastSeal ?? 0n) + 1n,
    lastSeal: last.number,
    rows: await sealedSince(access, transaction, before?.lastSeal ?? 0n),
    closedAt: Math.floor(now),
  };
  const day = { ...open, hash: dayHash(open, last.hash) };
  await insertDay(access, transaction, day);
  return day;
}

async function sealSome(
  access: Access,
  transaction: Transaction,
  { today, now, most }: { readonly today: string; readonly now: number; readonly most: number },
): Promise<Seal | 'behind' | undefined> {
  const [last, before] = [await lastSeal(access, transaction), await lastDay(access, transaction)];
  const { horizon, next } = await readClock(access, transaction);
  const after = last?.toTx ?? BEGINNING;
  if (after >= next) return 'behind';
  if (after >= horizon - 1n) return undefined;
  const upTo = await somewhatOn(access, transaction, { after, below: horizon, rows: most });
  const digests = new MonthDigests();
  for (const [index, row] of (await chainedRows(access, transaction, { after, upTo, most: ALL })).entries()) {
    digests.add(row);
    if (index % AT_A_STRETCH === 0) await setImmediate();
  }
  const months = digests.end();
  if (months.length === 0) return undefined;
  const open = {
    number: (last?.number ?? 0n) + 1n,
    // A day goes on under the name that it began with: a clock that was set in the midst of a turn parts no day.
    day: last && last.number !== before?.lastSeal ? last.day : today,
    sealedAt: Math.floor(now),
    fromTx: after,
    toTx: upTo,
    months,
    previous: last === undefined ? GENESIS : last.number === before?.lastSeal ? before.hash : last.hash,
  };
  const seal = { ...open, hash: sealHash(open) };
  await insertSeal(access, transaction, seal);
  return seal;
}
