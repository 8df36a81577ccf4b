import type { Config } from '../../config.ts';
import type { Logger } from '../../http/log.ts';
import type { Database } from '../../store/database.ts';
import { LetterRenderer } from './letter/renderer.ts';
import type { SignatureParts } from './parts.ts';
import { TrustStore } from './trust/store.ts';
import { requestTimestamp } from './trust/timestamp-client.ts';
import { Verifier } from './verify/index.ts';

/** Renderer, verifier and trust, each with threads or fetches of its own that end with the stack. */
export async function signatureParts(
  { trustDir }: Config,
  database: Database,
  log: Logger,
  now: () => number,
  stack: AsyncDisposableStack,
): Promise<SignatureParts> {
  const trust = await TrustStore.open({ directory: trustDir, database, log, now });
  stack.defer(() => trust.close());
  const renderer = new LetterRenderer();
  stack.defer(() => renderer.close());
  const verifier = new Verifier();
  stack.defer(() => verifier.close());
  return {
    render: (letter) => renderer.render(letter),
    verify: (input) => verifier.verify(input),
    trust: (at) => trust.current(at),
    stamp: requestTimestamp,
  };
}
