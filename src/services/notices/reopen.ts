import { Access } from '../../access/access.ts';
import { actRow, insertAudit } from '../../store/audit.ts';
import type { Database } from '../../store/database.ts';
import { endStops } from '../../store/notice.ts';

/**
 * `tasuki reopen`: ends an announced stop of the service before its time. While it lasts nobody, the operator neither, is let in to correct the
 * notice. Every process answers again within seconds. Answers how many notices stopped the service.
 */
export function reopen(database: Pick<Database, 'transaction'>, now: number): Promise<number> {
  const system = Access.system('the service was opened again');
  return database.transaction(async (transaction) => {
    const ended = await endStops(system, transaction, now);
    if (ended > 0)
      await insertAudit(system, transaction, [
        actRow(now, 'maintenance-ended', { outcome: 0, detail: `${ended} notices, on the command line` }),
      ]);
    return ended;
  });
}
