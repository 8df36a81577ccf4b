import type { Access } from '../access/access.ts';
import { actRow } from '../store/audit.ts';
import { countBefore, dropMonths, lastDropped } from '../store/audit-partitions.ts';
import type { Database } from '../store/database.ts';

/** The interaction of the row that says that months were dropped. */
export const DROP = 'drop-audit';

const dropDetail = (before: string, rows: bigint, years: number): string =>
  `before ${before}, ${rows} rows, kept for ${years} years`;

/** What such a row says. */
export function readDrop(detail: string): { readonly before: string; readonly years: number } | undefined {
  const match = /^before (\d{4}-\d\d-01), \d+ rows, kept for (\d+) years$/.exec(detail);
  return match?.[1] === undefined ? undefined : { before: match[1], years: Number(match[2]) };
}

/**
 * Drops whole months (UTC) that are older than the retention, once every row of them is sealed and anchored; the seals stay. Undefined where
 * nothing was to be dropped, or may be yet.
 *
 * @param years  0: nothing ever is
 */
export async function dropOldMonths(
  access: Access,
  database: Database,
  { now, years }: { readonly now: number; readonly years: number },
): Promise<{ readonly before: string; readonly rows: string } | undefined> {
  if (years === 0) return undefined;
  const date = new Date(now);
  const before = new Date(Date.UTC(date.getUTCFullYear() - years, date.getUTCMonth(), 1)).toISOString().slice(0, 10);
  const last = await lastDropped(access, database);
  if (last && last.before >= before) return undefined;
  const rows = await countBefore(access, database, before);
  if (rows === 0n) return undefined;
  const record = actRow(now, DROP, { outcome: 0, type: 'AuditEvent', detail: dropDetail(before, rows, years) });
  return (await dropMonths(access, database, { before, rows, record })) ? { before, rows: String(rows) } : undefined;
}
