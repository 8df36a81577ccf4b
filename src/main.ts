#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { keepCompiled } from './compile-cache.ts';
import { type Config, loadConfig } from './config.ts';
import { createLogger, type Logger } from './http/log.ts';
import type { Server } from './server.ts';
import type { Database } from './store/database.ts';

// What a command needs is loaded by that command: `tasuki admin` is a client and has no use for the server's modules, and the server's
// own modules come from the cache of compiled code once that is open.

const USAGE = `tasuki start                     serve on the data that is there
tasuki demo [--exit]             create the demo network, play its story, keep serving (or end after the story)
tasuki token NAME                print an access token of a demo client: operator, hospital, clinic …
tasuki status-page               serve the status page alone, from what the service last wrote into DATA_DIR (docs/notices.md)
tasuki reopen                    end an announced maintenance that stops the service now, before its time
tasuki migrate                   bring the database schema up to date, and end
tasuki operator FILE             register the operator's client by the public JWK in FILE, print its id
tasuki trust check [--fetch] [--database] [--json] [--lang ja|en]
                                 show what signatures are trusted by, until when, and what is wrong with it (docs/trust.md);
                                 --fetch fetches the revocation lists, --database shows and keeps them where the server does;
                                 ends with 0, with 1 for warnings, with 2 for errors
tasuki audit verify [--from DAY] [--to DAY] [--anchors FILE]… [--no-anchors] [--json] [--lang ja|en]
                                 verify that no audit row was changed, removed or inserted, and that the chain is the one that was
                                 anchored (docs/audit.md); reads only, beside a running server; ends with 0, else with 2
tasuki admin [help [COMMAND]]    what the operator and the administrators do, over FHIR (docs/admin.md)`;

/** Errors whose message says all that an operator needs to mend them. */
const PLAIN: readonly string[] = ['Error', 'ConfigError', 'MigrationError'];

async function main([command = 'start', ...args]: string[]): Promise<number | undefined> {
  const config = loadConfig();
  switch (command) {
    case 'start': {
      keepCompiled(config.dataDir);
      const { startServer } = await import('./server.ts');
      return serve(await startServer(config, createLogger(config.logLevel)));
    }
    case 'demo':
      return runDemo(config, args.includes('--exit'));
    case 'token':
      return printToken(config.dataDir, args[0]);
    case 'status-page': {
      const { statusPageAlone } = await import('./services/notices/status/alone.ts');
      const server = await statusPageAlone(config, createLogger(config.logLevel));
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => server.close());
      return undefined;
    }
    case 'reopen':
      return withDatabase(config, async (database) => {
        const { engineAlone, reopen } = await import('./services/notices/reopen.ts');
        console.log(`${await reopen(await engineAlone(config, database), Date.now())} notices stopped the service`);
      });
    case 'migrate':
      return withDatabase(config, async (database, log) => {
        const { migrate } = await import('./store/migrate.ts');
        await migrate(database, undefined, log);
      });
    case 'operator': {
      const file = args[0];
      if (!file) return usage();
      return withDatabase(config, (database, log) => registerOperator(database, log, file));
    }
    case 'trust':
      return trust(config, args);
    case 'audit':
      return audit(config, args);
    case 'admin':
      return (await import('./admin/main.ts')).admin(args, config);
    case 'help':
    case '--help':
      console.log(USAGE);
      return 0;
    default:
      return usage();
  }
}

function usage(): number {
  console.error(USAGE);
  return 2;
}

async function registerOperator(database: Database, log: Logger, file: string): Promise<void> {
  const [{ migrate }, { Keys }, { readSecrets }, { ensureOperator }] = await Promise.all([
    import('./store/migrate.ts'),
    import('./store/keys.ts'),
    import('./store/secret.ts'),
    import('./identity/index.ts'),
  ]);
  await migrate(database, undefined, log);
  const jwk = JSON.parse(await readFile(file, 'utf8')) as object;
  const rid = new Keys((await readSecrets(database)).get('keys') ?? '').rid('Organization', 'operator');
  console.log((await ensureOperator(database, { rid, name: 'Operator', clientId: 'operator', jwk })).clientId);
}

async function printToken(dataDir: string, name: string | undefined): Promise<number> {
  const { demoToken, TokenError } = await import('./demo/token.ts');
  try {
    console.log(await demoToken(dataDir, name));
    return 0;
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    console.error(error.message);
    return 1;
  }
}

async function trust(config: Config, args: string[]): Promise<number> {
  const { checkTrust, readCheckArguments } = await import('./services/signature/trust/check.ts');
  const asked = readCheckArguments(args);
  if (!asked) return usage();
  const check = (database: Database | null) =>
    checkTrust({
      directory: config.trustDir,
      database,
      fetch: asked.fetch,
      json: asked.json,
      language: asked.language ?? config.language,
      now: Date.now(),
      print: (text) => void process.stdout.write(text),
    });
  if (!asked.database) return check(null);
  let code = 2;
  await withDatabase(config, async (database) => {
    code = await check(database);
  });
  return code;
}

async function audit(config: Config, args: string[]): Promise<number> {
  const { readVerifyArguments, verifyCommand } = await import('./audit/command.ts');
  const asked = readVerifyArguments(args);
  if (!asked) return usage();
  const [{ loneStampFault }, { TrustStore }] = await Promise.all([
    import('./services/signature/verify/lone-stamp.ts'),
    import('./services/signature/trust/store.ts'),
  ]);
  let code = 2;
  await withDatabase(config, async (database, log) => {
    const store = await TrustStore.open({ directory: config.trustDir, database: null, log });
    const { trust } = await store.current();
    await store.close();
    code = await verifyCommand({
      ...asked,
      language: asked.language ?? config.language,
      database,
      anchorFile: config.auditAnchorFile,
      now: Date.now(),
      print: (text) => void process.stdout.write(text),
      stampFault: async (token, hash) => loneStampFault(token, [hash], trust, Date.now()),
    });
  });
  return code;
}

async function withDatabase(config: Config, work: (database: Database, log: Logger) => Promise<void>): Promise<number> {
  const log = createLogger(config.logLevel, (line) => void process.stderr.write(line));
  const { openDatabase } = await import('./store/database.ts');
  const database = await openDatabase(config, log);
  try {
    await work(database, log);
    return 0;
  } finally {
    await database.close();
  }
}

/** Serves until SIGTERM or SIGINT. A second signal ends at once. */
function serve(server: Server): undefined {
  let ending = false;
  const end = () => {
    if (ending) process.exit(1);
    ending = true;
    server.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', end).on('SIGINT', end);
}

async function runDemo(config: Config, exit: boolean): Promise<number | undefined> {
  keepCompiled(config.dataDir);
  const [{ startServer }, { ensureOperator }, { demo }, { demoOperator }, { trustDemo }] = await Promise.all([
    import('./server.ts'),
    import('./identity/index.ts'),
    import('./demo/index.ts'),
    import('./demo/operator.ts'),
    import('./demo/hpki/trust.ts'),
  ]);
  await trustDemo({ dataDir: config.dataDir, trustDir: config.trustDir, now: new Date() });
  const server = await startServer(config, createLogger('warn'));
  serve(server);
  const operator = await demoOperator(config.dataDir, server.config.baseUrl);
  await ensureOperator(server.database, {
    rid: server.engine.keys.rid('Organization', 'operator'),
    name: '運営者',
    clientId: operator.clientId,
    jwk: operator.publicJwk,
  });
  const { ok } = await demo({
    baseUrl: server.config.baseUrl,
    dataDir: config.dataDir,
    operator,
    print: (line) => console.log(line),
  });
  if (!exit && ok) {
    console.log(`\nServing at ${server.config.baseUrl}/fhir until Ctrl-C`);
    return undefined;
  }
  await server.close();
  return ok ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => code !== undefined && process.exit(code),
  (error: unknown) => {
    // Anything else than what an operator can mend is a defect and shows where it happened.
    const plain = error instanceof Error && PLAIN.includes(error.constructor.name);
    console.error(plain ? error.message : error);
    process.exit(1);
  },
);
