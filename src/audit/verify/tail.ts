import type { Access } from '../../access/access.ts';
import { chainedRows, readClock, somewhatOn } from '../../store/audit-chain.ts';
import type { Seal } from '../../store/audit-encoding.ts';
import type { Queryable } from '../../store/database.ts';
import { readDrop } from '../retention.ts';
import type { Findings } from './findings.ts';
import type { RowCheck } from './rows.ts';

const ROWS = 5_000;
const HOUR = 3_600_000;
const [LEAST, MOST] = [-(2n ** 63n), 2n ** 63n - 1n];

/** Rows that no seal has yet; those of transactions that there have not been were made up. */
export async function readTail(
  access: Access,
  database: Queryable,
  { head, check, findings, now }: { head: Seal | undefined; check: RowCheck; findings: Findings; now: number },
): Promise<number> {
  let after = head?.toTx ?? LEAST;
  let [unsealed, oldest, madeUp, behind] = [0, Number.POSITIVE_INFINITY, 0, false];
  for (;;) {
    const upTo = await somewhatOn(access, database, { after, below: MOST, rows: ROWS });
    const rows = await chainedRows(access, database, {
      after,
      upTo: upTo === MOST - 1n ? MOST : upTo,
      most: 10 * ROWS,
    });
    const { next } = await readClock(access, database);
    behind = head !== undefined && head.toTx >= next;
    for (const row of rows) {
      check.note(row);
      oldest = Math.min(oldest, Number(row.at) * 1000);
      if (BigInt(row.tx) >= next && !behind) madeUp++;
    }
    unsealed += rows.length;
    if (upTo >= MOST - 1n) break;
    after = upTo;
  }
  if (madeUp > 0)
    findings.problem('row-inserted', { detail: `${madeUp} rows of transactions that there have not been` });
  if (behind) findings.note('clock-behind');
  if (oldest < now - HOUR) findings.note('unsealed', { detail: `${Math.round((now - oldest) / HOUR)} h` });
  return unsealed;
}

/** Whether the row that should say so was met, and was due at its time. */
export function provesDrop(record: RowCheck['record'], before: string): boolean {
  const said = readDrop(record?.detail ?? '');
  if (!record?.at || said?.before !== before || said.years < 1) return false;
  const due = new Date(before);
  due.setUTCFullYear(due.getUTCFullYear() + said.years);
  return due.getTime() <= record.at;
}

/** What began to be blanked after the verification did may have been read in part, and what was dropped since was not read at all. */
export function checkErasures({ blanked, erasures, dropped }: RowCheck, findings: Findings, horizon: bigint): void {
  for (const [id, set] of blanked) {
    const said = erasures.get(id);
    if (!said) findings.problem('erasure-unproved', { detail: `${set.rows} rows blanked by ${id}` });
    else if (said.tx < horizon && said.said !== String(set) && (!dropped || Number.parseInt(said.said, 10) < set.rows))
      findings.problem('erasure-unproved', { detail: `${id} says ${said.said.split(',')[0]}; ${set.rows} are blank` });
  }
  for (const [id, { tx, said }] of erasures)
    if (!dropped && !blanked.has(id) && tx < horizon)
      findings.problem('erasure-unproved', { detail: `${id} says ${said.split(',')[0]}; none is blank` });
}
