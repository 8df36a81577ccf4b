import { Access } from '../../access/access.ts';
import { AuditQueue } from '../../audit/queue.ts';
import type { Config } from '../../config.ts';
import type { Engine } from '../../fhir/engine.ts';
import { actRow, insertAudit } from '../../store/audit.ts';
import type { Database } from '../../store/database.ts';
import { Keys } from '../../store/keys.ts';
import { correctNotice, stopsNow } from '../../store/notice.ts';
import { lock } from '../../store/read.ts';
import { readSecrets } from '../../store/secret.ts';
import { rewrite } from './change.ts';
import { communicationOf } from './communication.ts';

const NOTE = '予定より早く再開しました。(The service was opened again earlier than announced.)';

/**
 * `tasuki reopen`: ends an announced stop of the service before its time. While it lasts nobody, the operator neither, is let in to correct the
 * notice: so this does, with a new version that tells until when it did stop. Every process answers again within seconds. Answers how many notices
 * stopped the service.
 */
export function reopen(engine: Engine, now: number): Promise<number> {
  const system = Access.system('the service was opened again');
  return engine.database.transaction(async (transaction) => {
    // Resources first, as in every other write; what meanwhile was corrected or withdrawn is seen once they are locked.
    const rids = (await stopsNow(system, transaction, now)).map(({ rid }) => rid);
    await lock(system, transaction, rids);
    const stopping = (await stopsNow(system, transaction, now)).filter(({ rid }) => rids.includes(rid));
    for (const before of stopping) {
      const next = { ...before, ends: now };
      await rewrite(engine, system, transaction, before, (sender) => communicationOf(next, sender, { note: NOTE }));
      await correctNotice(system, transaction, before.rid, next);
      const act = { type: 'Communication', resource: before.rid, resourceId: before.id, outcome: 0 } as const;
      await insertAudit(system, transaction, [
        actRow(now, 'maintenance-ended', { ...act, detail: 'on the command line' }),
      ]);
    }
    return stopping.length;
  });
}

/** What writes a notice without the server: as much of it as a command needs. */
export async function engineAlone(
  { baseUrl, timeZone }: Pick<Config, 'baseUrl' | 'timeZone'>,
  database: Database,
  now: () => number = Date.now,
): Promise<Engine> {
  return {
    database,
    keys: new Keys((await readSecrets(database)).get('keys') ?? ''),
    audits: new AuditQueue(database),
    baseUrl,
    zone: timeZone,
    updateCreate: false,
    maxEntries: 0,
    cursorSecret: '',
    rules: [],
    operations: [],
    now,
  };
}
