import { Access } from '../../access/access.ts';
import type { Engine } from '../../fhir/engine.ts';
import type { Logger } from '../../http/log.ts';
import { stackOf } from '../../http/reply.ts';
import type { Job } from '../../jobs/scheduler.ts';
import { dueContracts, lockContract } from '../../store/contract.ts';
import { dayAt } from './day.ts';
import { perform } from './due.ts';
import { dueOn } from './events.ts';

const MINUTE = 60_000;
const BATCH = 50;

/**
 * The job `contracts`: whatever falls due in the life of a contract, on its day in the server's zone or, where nothing ran, later. Each event is
 * one transaction, which the row of the contract says is done: so it is done once, however many processes there are and wherever one dies.
 */
export function contractJob(engine: Engine, log: Logger): Job {
  return {
    name: 'contracts',
    everyMs: MINUTE,
    run: async (now, signal) => {
      const system = Access.system('contracts fall due');
      const today = dayAt(engine.zone, now);
      const at: Engine = { ...engine, now: () => now };
      let failures = 0;
      for (let after: bigint | null = null; ; ) {
        const due: readonly bigint[] = await dueContracts(system, engine.database, today, { after, limit: BATCH });
        for (const rid of due) {
          if (signal.aborted) return;
          try {
            while (!signal.aborted && (await step(at, system, rid, today, log)));
          } catch (error) {
            failures++;
            log('error', 'contract could not be worked off', { contract: String(rid), error: stackOf(error) });
          }
        }
        after = due.at(-1) ?? null;
        if (due.length < BATCH) break;
      }
      // The others are done; these are tried again.
      if (failures > 0) throw new Error(`${failures} contracts could not be worked off`);
    },
  };
}

/** One event of one contract; false where there is none. */
function step(engine: Engine, system: Access, rid: bigint, today: string, log: Logger): Promise<boolean> {
  return engine.database.transaction(async (transaction) => {
    const row = await lockContract(system, transaction, rid);
    const due = row && dueOn(row, today);
    if (!due) return false;
    await perform({ engine, system, transaction }, row, due, today);
    if (due.event === 'acceptance-overdue') log('warn', 'contract acceptance overdue', { contract: row.id });
    return true;
  });
}
