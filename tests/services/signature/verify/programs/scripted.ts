import { parentPort } from 'node:worker_threads';
import type { Question } from '../../../../../src/services/signature/verify/worker.ts';

/** Does what the submitted text says, so that the bounds of the verifier can be tested. Answers with what it was given. */
parentPort?.on('message', ({ input, trust }: Question) => {
  const [word] = Buffer.from(input.submitted).toString().split(' ');
  const hoard: unknown[] = [];
  if (word === 'hang') for (;;);
  if (word === 'hoard') for (;;) hoard.push(new Array(100_000).fill(hoard.length));
  if (word === 'throw') throw new Error('as told');
  if (word === 'exit') process.exit(3);
  const detail = JSON.stringify({
    submitted: input.submitted.length,
    pool: input.submitted.buffer.byteLength,
    issued: input.issued?.length,
    trust: trust?.policies,
    environment: Object.keys(process.env),
  });
  parentPort?.postMessage({
    result: 'INDETERMINATE',
    checks: [{ name: 'cms', code: 'OK', status: 'passed', detail }],
    evidence: { certificates: [], crls: [] },
  });
});
