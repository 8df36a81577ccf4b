import { parentPort } from 'node:worker_threads';

/** A worker that does what the document says. */
parentPort.on('message', ({ document }) => {
  const what = new TextDecoder().decode(document);
  if (what === 'exit') process.exit(3);
  if (what === 'throw') throw new Error('thrown');
  while (what === 'loop');
  const kept = [];
  while (what === 'memory') kept.push(new Array(10_000).fill(kept.length));
  parentPort.postMessage({ pdf: document });
});
