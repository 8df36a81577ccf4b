import { Worker } from 'node:worker_threads';
import { refuse } from '../../../http/errors.ts';
import type { Report } from './pages.ts';
import type { Answer } from './worker.ts';

/** Milliseconds that a report may take, megabytes of heap that it may have, and how many are made at once. */
const [TIME, MEMORY, AT_ONCE] = [30_000, 384, 2];

let under = 0;

/**
 * The report as PDF, made in a thread of its own, which ends with it.
 *
 * @throws FhirError 503 where others are being made, 422 where it takes too much
 */
export async function renderReport(report: Report): Promise<Uint8Array> {
  if (under >= AT_ONCE) throw refuse.unavailable('Other access reports are being made; ask again soon, or for CSV');
  under++;
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    env: {},
    name: 'access-report',
    resourceLimits: { maxOldGenerationSizeMb: MEMORY, maxYoungGenerationSizeMb: 32 },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      const tooMuch = (what: string) =>
        reject(
          refuse.unprocessable(
            `The report takes too much ${what}; shorten the period, or ask for CSV`,
            undefined,
            'too-costly',
          ),
        );
      timer = setTimeout(() => tooMuch('time'), TIME);
      worker.once('message', (answer: Answer) =>
        'pdf' in answer ? resolve(answer.pdf) : reject(refuse.internal(new Error(answer.failed))),
      );
      worker.once('error', (error: Error & { code?: string }) =>
        error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch('memory') : reject(refuse.internal(error)),
      );
      worker.postMessage(report);
    });
  } finally {
    clearTimeout(timer);
    under--;
    await worker.terminate();
  }
}
