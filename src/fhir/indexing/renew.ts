import { Access } from '../../access/access.ts';
import type { Database } from '../../store/database.ts';
import type { Log } from '../../store/log.ts';
import { currentAfter, lockIndexState, putIndexState, replaceIndex } from '../../store/reindex.ts';
import { type IndexContext, indexResource } from './index.ts';

/**
 * Number of the indexing rules: whoever changes which rows a resource gets counts it up, so that rows that were made by older rules are
 * made anew before anybody searches with the new ones. 2: days as keys.
 */
export const INDEX_RELEASE = 2;

const BATCH = 500;

/**
 * Makes the index rows anew when they are of an older release, batch by batch; where it was interrupted it goes on. Processes that start
 * together take turns. Returns how many resources this call indexed. No process of the older release may be writing meanwhile.
 */
export async function renewIndex(
  database: Database,
  context: IndexContext,
  log: Log,
  release = INDEX_RELEASE,
): Promise<number> {
  const access = Access.system('indexing');
  const started = performance.now();
  let count = 0;
  for (;;) {
    const done = await database.transaction(async (transaction) => {
      const state = await lockIndexState(access, transaction);
      if (state.release > release)
        throw new Error(`The index was made by a newer release (${state.release}) than this one (${release})`);
      if (state.release === release) return true;
      const current = await currentAfter(access, transaction, state.after, BATCH);
      const indexed = current.map((one) => ({
        ...one,
        rows: indexResource(JSON.parse(String(one.content)), context),
      }));
      await replaceIndex(access, transaction, indexed);
      count += current.length;
      const last = current.at(-1);
      await putIndexState(
        access,
        transaction,
        last ? { release: state.release, after: last.rid } : { release, after: null },
      );
      return false;
    });
    if (done) break;
  }
  if (count > 0)
    log('info', 'index made anew', {
      release,
      resources: count,
      milliseconds: Math.round(performance.now() - started),
    });
  return count;
}
