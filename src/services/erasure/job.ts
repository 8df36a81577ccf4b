import { Access } from '../../access/access.ts';
import type { Engine } from '../../fhir/engine.ts';
import type { Logger } from '../../http/log.ts';
import { stackOf } from '../../http/reply.ts';
import type { Job } from '../../jobs/scheduler.ts';
import { endedContracts } from '../../store/contract.ts';
import { dueErasures, planErasure } from '../../store/erasure.ts';
import { erasureStep, PACE, type Pace } from './work.ts';

const MINUTE = 60_000;

/**
 * The job `erasures`: plans the erasure of each institution whose contract has ended, and carries out what is due, step by step. A process that
 * dies leaves it where it is, and the next goes on.
 */
export function erasureJob(engine: Engine, log: Logger, graceDays: number, pace: Pace = PACE): Job {
  return {
    name: 'erasures',
    everyMs: MINUTE,
    run: async (now, signal) => {
      const system = Access.system('erasures fall due');
      const at: Engine = { ...engine, now: () => now };
      await planEnded(at, graceDays);
      let failures = 0;
      for (const id of await dueErasures(system, engine.database, now)) {
        try {
          for (let said = 'more'; said === 'more' && !signal.aborted; ) said = await erasureStep(at, id, pace);
        } catch (error) {
          failures++;
          log('error', 'erasure could not go on', { erasure: id, error: stackOf(error) });
        }
        if (signal.aborted) return;
      }
      if (failures > 0) throw new Error(`${failures} erasures could not go on`);
    },
  };
}

/** Plans what follows from the contracts that have ended, each once. */
export async function planEnded(engine: Engine, graceDays: number, institution?: bigint): Promise<void> {
  const system = Access.system('erasures follow from the end of contracts');
  for (const contract of await endedContracts(system, engine.database)) {
    if (contract.ends === null || (institution !== undefined && contract.institution !== institution)) continue;
    await planErasure(system, engine.database, {
      institution: contract.institution,
      institutionId: contract.institutionId,
      contract: contract.id,
      ended: contract.ends,
      zone: engine.zone,
      graceDays,
    });
  }
}
