import { Access } from '../access/access.ts';
import { daysWithout, keepToken, lastSeal, markAnchored } from '../store/audit-chain.ts';
import { ensureAuditPartitions } from '../store/audit-partitions.ts';
import type { Database } from '../store/database.ts';
import type { Log } from '../store/log.ts';
import { anchorOfDay, anchorOfSeal, appendAnchor } from './anchors.ts';
import { dropOldMonths } from './retention.ts';
import { sealAudit } from './seal.ts';

export interface AuditKeeping {
  readonly database: Database;
  readonly log: Log;
  /** IANA zone of the chain's days. */
  readonly zone: string;
  /** AUDIT_ANCHOR_FILE. */
  readonly anchorFile: string;
  /** AUDIT_RETENTION, years; 0: for good. */
  readonly retention: number;
  /** Asks the time-stamp authority that is configured; undefined where none is. Throws where it gives none. */
  stamp(hash: Buffer, now: number, signal: AbortSignal): Promise<Uint8Array | undefined>;
}

/** As jobs/scheduler.ts has it. */
interface Job {
  readonly name: string;
  readonly everyMs: number;
  run(now: number, signal: AbortSignal): Promise<void>;
}

const MINUTE = 60_000;
/** Within a day the chain is anchored so often. */
const HEAD_MS = 60 * MINUTE;
/** Days that are anchored or stamped in one turn. */
const MOST_DAYS = 100;

/**
 * What keeps the audit. Sealing needs the database alone and waits for nothing else; anchors and time-stamps follow it, and what fails there is
 * tried again.
 */
export function auditJobs(keeping: AuditKeeping): readonly Job[] {
  const { database, log, zone, anchorFile, retention } = keeping;
  let headAt = Number.NEGATIVE_INFINITY;
  let headNumber = 0n;

  const seal = async (now: number, signal: AbortSignal) => {
    const turn = await sealAudit(Access.system('seal-audit'), database, { now, zone, signal });
    for (const { number, day, rows, hash } of turn.closed)
      log('info', 'audit day closed', { number, day, rows: String(rows), hash: hash.toString('hex') });
    if (turn.behind)
      throw new Error('Transactions are numbered below what is sealed: was the database restored? Restart the server');
  };

  const anchor = async (now: number) => {
    const access = Access.system('anchor-audit');
    for (const day of await daysWithout(access, database, 'anchor', MOST_DAYS)) {
      await appendAnchor(anchorFile, anchorOfDay(day), now);
      await markAnchored(access, database, day.number, now);
    }
    if (Math.abs(now - headAt) < HEAD_MS) return;
    const head = await lastSeal(access, database);
    if (!head || head.number === headNumber) return;
    await appendAnchor(anchorFile, anchorOfSeal(head), now);
    [headAt, headNumber] = [now, head.number];
    log('info', 'audit chain', { seal: String(head.number), hash: head.hash.toString('hex') });
  };

  const stamp = async (now: number, signal: AbortSignal) => {
    const access = Access.system('stamp-audit');
    for (const day of await daysWithout(access, database, 'token', MOST_DAYS)) {
      const token = await keeping.stamp(day.hash, now, signal);
      if (!token) return;
      const kept = Buffer.from(token);
      const { number } = day;
      const line = {
        kind: 'time-stamp',
        number,
        hash: day.hash.toString('hex'),
        token: kept.toString('base64'),
      } as const;
      await appendAnchor(anchorFile, line, now);
      await keepToken(access, database, number, kept, now);
    }
  };

  const months = async (now: number) => {
    const access = Access.system('audit-months');
    await ensureAuditPartitions(access, database, new Date(now));
    const dropped = await dropOldMonths(access, database, { now, years: retention });
    if (dropped) log('info', 'audit months dropped', { before: dropped.before, rows: dropped.rows });
  };

  return [
    { name: 'seal-audit', everyMs: 10_000, run: seal },
    { name: 'anchor-audit', everyMs: MINUTE, run: anchor },
    { name: 'stamp-audit', everyMs: 15 * MINUTE, run: stamp },
    { name: 'audit-months', everyMs: 6 * HEAD_MS, run: months },
  ];
}
