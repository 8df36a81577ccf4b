import { Access } from '../access/access.ts';
import { actRow, insertAudit } from '../store/audit.ts';
import { mendClock } from '../store/audit-chain.ts';
import { ensureAuditPartitions } from '../store/audit-partitions.ts';
import type { Database } from '../store/database.ts';
import type { Log } from '../store/log.ts';

/**
 * Makes the audit ready to be written into: before a server takes its first request.
 *
 * @param now  epoch milliseconds
 */
export async function prepareAudit(database: Database, log: Log, now: number): Promise<void> {
  const access = Access.system('prepare-audit');
  const moved = await mendClock(access, database);
  await ensureAuditPartitions(access, database, new Date(now));
  if (moved === 0n) return;
  log('warn', 'audit goes on after a restore', { moved: String(moved) });
  const detail = `transaction ids began anew; numbers moved on by ${moved}`;
  await insertAudit(access, database, [actRow(now, 'restore-audit', { outcome: 0, type: 'AuditEvent', detail })]);
}
