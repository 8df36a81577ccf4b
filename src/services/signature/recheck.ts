import { Access } from '../../access/access.ts';
import type { Engine } from '../../fhir/engine.ts';
import type { Logger } from '../../http/log.ts';
import { stackOf } from '../../http/reply.ts';
import type { Job } from '../../jobs/scheduler.ts';
import { type Due, dueLetters, postponeLetter } from '../../store/letter.ts';
import { verifyAnew } from './anew.ts';
import type { SignatureParts } from './parts.ts';
import { preserve, renew } from './preserve.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BATCH = 50;

/**
 * The jobs of signed letters. `recheck-letters` verifies anew what newer revocation lists may say something of, and puts the proof into the file
 * when nothing more can be said; `renew-letters` adds an archive time-stamp before the last one's certificate ends.
 */
export function letterJobs(engine: Engine, parts: SignatureParts, log: Logger): Job[] {
  const recheck = async (letter: string, system: Access, now: number) => {
    const settled = await verifyAnew(engine, parts, system, letter, 'rechecked', now);
    if (!settled?.stands) return settled;
    const { row, verification } = settled;
    if (verification.result === 'INVALID') log('warn', 'letter refused', { task: row.parts.task });
    if (verification.result === 'VALID' && verification.record.verdict.recheckAfter === undefined && !row.preserved)
      await preserve(engine, parts, system, letter, now);
    return settled;
  };
  return [
    {
      name: 'recheck-letters',
      everyMs: 5 * MINUTE,
      run: (now, signal) => {
        const system = Access.system('signatures are verified anew');
        return eachDue('recheck', HOUR, system, now, signal, (letter) => recheck(letter, system, now));
      },
    },
    {
      name: 'renew-letters',
      everyMs: HOUR,
      run: async (now, signal) => {
        const system = Access.system('signatures are preserved');
        const { timestampServices } = await parts.trust(now);
        if (timestampServices.length === 0) return;
        await eachDue('renew', 24 * HOUR, system, now, signal, (letter) => renew(engine, parts, system, letter, now));
      },
    },
  ];

  /** One letter that cannot be worked off does not hold up the others: it comes again later. `work` answers undefined where it did nothing. */
  async function eachDue(
    due: Due,
    wait: number,
    system: Access,
    now: number,
    signal: AbortSignal,
    work: (letter: string) => Promise<unknown>,
  ): Promise<void> {
    const done = new Set<string>();
    const postpone = (letter: string) =>
      postponeLetter(system, engine.database, letter, { due, now, until: now + wait });
    for (;;) {
      const letters = await dueLetters(system, engine.database, due, now, BATCH);
      const fresh = letters.filter((letter) => !done.has(letter));
      if (fresh.length === 0) return;
      for (const letter of fresh) {
        if (signal.aborted) return;
        done.add(letter);
        try {
          if ((await work(letter)) === undefined) await postpone(letter);
        } catch (error) {
          log('error', 'letter could not be worked off', { job: due, letter, error: stackOf(error) });
          await postpone(letter);
        }
      }
    }
  }
}
