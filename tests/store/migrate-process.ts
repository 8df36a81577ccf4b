/** A process that migrates: `node migrate-process.ts URL DIRECTORY` prints the names of what it applied, as JSON. */
import { connectDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';

const [url, directory] = process.argv.slice(2);
const database = await connectDatabase(
  { connectionString: url as string },
  { poolSize: 2, statementTimeoutMs: 5000 },
  () => undefined,
);
try {
  console.log(JSON.stringify(await migrate(database, directory)));
} finally {
  await database.close();
}
