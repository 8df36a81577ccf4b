import type { Access } from '../../access/access.ts';
import { readClock, readDays } from '../../store/audit-chain.ts';
import type { Queryable } from '../../store/database.ts';
import { type Anchored, checkAnchors } from './anchored.ts';
import { Findings, type Note, type Problem } from './findings.ts';
import { RowCheck } from './rows.ts';
import { rangeOf, walkSeals } from './seals.ts';
import { checkErasures, provesDrop, readTail } from './tail.ts';

export interface Verification {
  /** Epoch milliseconds. */
  readonly now: number;
  /** First and last day of the chain that is verified, `2026-11-23`; all unless told. */
  readonly from?: string;
  readonly to?: string;
  /** Undefined: anchors are not checked. */
  readonly anchors?: Anchored;
  /** What is wrong with a time-stamp (DER) of a day's hash; undefined: nothing. Without it time-stamps are not checked. */
  stampFault?(token: Buffer, hash: Buffer): Promise<string | undefined>;
  /** Told now and then how many rows were read. */
  progress?(rows: number): void;
}

export interface Report {
  readonly ok: boolean;
  /** In the order of the chain, a hundred at most. */
  readonly problems: readonly Problem[];
  /** All that were found. */
  readonly count: number;
  readonly notes: readonly Note[];
  readonly days: number;
  readonly seals: number;
  readonly rows: number;
  /** Read rows that are not sealed yet. */
  readonly unsealed: number;
  /** Read rows whose details were erased. */
  readonly erased: number;
  /** Days whose time-stamp was found right. */
  readonly stamped: number;
  /** The last seal that was read. */
  readonly head: { readonly seal: string; readonly hash: string } | null;
}

/**
 * Verifies the chain from the rows up, reading only and holding no lock that anybody waits for: beside a server that works. What is not sealed
 * yet is read too, but nothing stands for it.
 */
export async function verifyAudit(access: Access, database: Queryable, asked: Verification): Promise<Report> {
  const findings = new Findings();
  const before = await readClock(access, database);
  const days = await readDays(access, database);
  const check = await RowCheck.begin(access, database, findings);
  const range = rangeOf(days, asked);
  const walked = await walkSeals(access, database, {
    days,
    range,
    check,
    findings,
    anchored: asked.anchors?.seals,
    ...(asked.progress && { progress: asked.progress }),
  });
  const unsealed = range.open
    ? await readTail(access, database, { head: walked.head, check, findings, now: asked.now })
    : 0;
  if (range.open && range.after === 0n) {
    checkErasures(check, findings, before.horizon);
    if (check.dropped && !provesDrop(check.record, check.dropped))
      findings.problem('drop-unproved', { detail: `before ${check.dropped}` });
  } else if (check.blanked.size > 0) findings.note('erasures-unchecked');
  if (check.dropped) findings.note('dropped', { detail: check.record?.detail ?? `before ${check.dropped}` });
  const within = days.filter(({ lastSeal }) => lastSeal > range.after && lastSeal <= walked.last);
  const seals = { seals: walked.anchoredSeals, read: { after: range.after, last: walked.last } };
  const stamped = await checkAnchors(within, seals, { ...asked, all: days, whole: range.open, findings });
  const erased = [...check.blanked.values()].reduce((sum, { rows }) => sum + rows, 0);
  return {
    ok: findings.count === 0,
    problems: findings.sorted(),
    count: findings.count,
    notes: findings.notes,
    days: within.length,
    seals: walked.seals,
    rows: check.rows,
    unsealed,
    erased,
    stamped,
    head: walked.head ? { seal: String(walked.head.number), hash: walked.head.hash.toString('hex') } : null,
  };
}
