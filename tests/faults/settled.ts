import { setTimeout as pause } from 'node:timers/promises';
import type { Queryable } from '../../src/store/database.ts';

/** Waits until no transaction of the whole cluster, which other suites use too, is older than what this database holds. */
export async function settled(database: Queryable): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ settled: boolean }>(
      'SELECT coalesce(max(tx) < pg_snapshot_xmin(pg_current_snapshot()), true) AS settled FROM resource_version',
    );
    if (rows[0]?.settled) return;
    await pause(5);
  }
}
