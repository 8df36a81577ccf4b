import { parentPort } from 'node:worker_threads';
import { FhirError, type Issue } from '../../../http/errors.ts';
import { type LetterJob, renderLetter } from './render.ts';

/** What the worker answers to each job, in turn. */
export type Answer =
  | { readonly pdf: Uint8Array }
  | { readonly refused: { readonly status: number; readonly issues: readonly Issue[] } }
  | { readonly failed: string };

parentPort?.on('message', async (job: LetterJob) => {
  try {
    const pdf = await renderLetter(job);
    parentPort?.postMessage({ pdf } satisfies Answer, [pdf.buffer as ArrayBuffer]);
  } catch (error) {
    parentPort?.postMessage(explain(error));
  }
});

function explain(error: unknown): Answer {
  if (error instanceof FhirError) return { refused: { status: error.status, issues: error.issues } };
  return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
