/**
 * A process that uses the embedded PostgreSQL: `node embedded-process.ts DATA_DIR [path of the sources]`. Prints one line of JSON when it
 * is up; then answers each line on standard input, a statement, with one line of JSON; stops at the end of input or SIGTERM.
 */
import { createInterface } from 'node:readline';

const [dataDir, source = new URL('../../src/', import.meta.url).href] = process.argv.slice(2);
const { connectDatabase } = (await import(
  `${source}store/database.ts`
)) as typeof import('../../src/store/database.ts');
const { startEmbedded } = (await import(
  `${source}store/embedded/index.ts`
)) as typeof import('../../src/store/embedded/index.ts');

const say = (value: object) =>
  console.log(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one)));
const log = (level: string, event: string, fields?: object) =>
  process.stderr.write(`${JSON.stringify({ level, event, ...fields })}\n`);

try {
  const embedded = await startEmbedded(dataDir as string, log);
  const database = await connectDatabase(embedded.connection, { poolSize: 2, statementTimeoutMs: 5000 }, log, () =>
    embedded.stop(),
  );
  process.once('SIGTERM', async () => {
    await database.close();
    process.exit(0);
  });
  say({ pid: embedded.pid, host: embedded.connection.host, uid: process.getuid?.() });
  for await (const statement of createInterface({ input: process.stdin })) {
    say(
      await database.query(statement).then(
        ({ rows }) => ({ rows }),
        (error: Error) => ({ error: error.message }),
      ),
    );
  }
  await database.close();
  say({ stopped: true });
} catch (error) {
  say({ error: (error as Error).message });
  process.exitCode = 1;
}
