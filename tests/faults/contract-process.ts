import { loadConfig } from '../../src/config.ts';
import { startServer } from '../../src/server.ts';

/** One turn of the job of contracts in a process of its own: `contract-process.ts <database url> <data directory> <secret file> <instant>`. */
const [, , databaseUrl, dataDir, secret, at] = process.argv as unknown as string[];
const config = loadConfig({
  HOST: '127.0.0.1',
  PORT: '0',
  DATA_DIR: dataDir as string,
  DATABASE_URL: databaseUrl as string,
  IDENTITY_SECRET_FILE: secret as string,
});
const log = (_level: string, event: string) => {
  if (event === 'contract acceptance overdue') process.stdout.write('overdue\n');
};
const now = Date.parse(at as string);
const server = await startServer(config, log, { jobsWait: true, now: () => now });
process.stdout.write('ready\n');
await server.jobs.run('contracts', now);
process.stdout.write('done\n');
await server.close();
