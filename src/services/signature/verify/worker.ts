import { parentPort } from 'node:worker_threads';
import type { Trust, VerificationInput } from '../verdict.ts';
import { verify } from './verify.ts';

/** One question to the thread. What is trusted comes only when it is another than the time before. */
export interface Question {
  readonly input: Omit<VerificationInput, 'trust'>;
  readonly trust?: Trust;
}

let trust: Trust | undefined;

parentPort?.on('message', (question: Question) => {
  trust = question.trust ?? trust;
  if (!trust) throw new Error('the first question must bring what is trusted');
  parentPort?.postMessage(verify({ ...question.input, trust }));
});
