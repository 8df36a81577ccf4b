import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Request, type Response } from 'express';
import { auditJobs } from './audit/jobs.ts';
import { AuditQueue } from './audit/queue.ts';
import { prepareAudit } from './audit/start.ts';
import { type Config, listeningOn } from './config.ts';
import { fhirEndpoint } from './fhir/endpoint.ts';
import type { Engine, Service } from './fhir/engine.ts';
import { renewIndex } from './fhir/indexing/renew.ts';
import { noticesForPages } from './fhir/notices-for-pages.ts';
import { everythingOperation } from './fhir/operations/everything.ts';
import { patientsForPages } from './fhir/patients-for-pages.ts';
import { understandsQuery } from './fhir/scope-query.ts';
import { closedGate } from './http/closed.ts';
import { crossOrigin } from './http/cross-origin.ts';
import { drainable } from './http/drain.ts';
import { Entrance } from './http/entrance.ts';
import { refuse } from './http/errors.ts';
import type { Logger } from './http/log.ts';
import { Maintenance } from './http/maintenance.ts';
import { type Outbound, outbound } from './http/outbound.ts';
import { replyError, stackOf } from './http/reply.ts';
import {
  auditToken,
  browserSessions,
  mountIdentity,
  SigningKeys,
  sessionUse,
  signingKeyJob,
  type TokenIssued,
  type TokenRefused,
} from './identity/index.ts';
import { JwksByUrl } from './identity/jwks-by-url.ts';
import { mountPages, oauthErrorPage } from './identity/pages/index.ts';
import { openIdentitySecrets, People, policyOf } from './identity/people/index.ts';
import { Terms } from './identity/terms.ts';
import { Scheduler } from './jobs/scheduler.ts';
import { bookingService } from './services/booking/index.ts';
import { contractJob, contractService, publishForms } from './services/contract/index.ts';
import { erasureJob, erasureService } from './services/erasure/index.ts';
import { launchService } from './services/launch/index.ts';
import { announce, noticesService } from './services/notices/index.ts';
import { Board } from './services/notices/status/board.ts';
import { closedPageOf, mountStatus } from './services/notices/status/routes.ts';
import { peopleService } from './services/people/index.ts';
import { privacyService } from './services/privacy/index.ts';
import { firstTimestamp } from './services/signature/first-timestamp.ts';
import { letterJobs, type SignatureParts, signatureService } from './services/signature/index.ts';
import { signatureParts } from './services/signature/open.ts';
import { ListsByUrl } from './services/signature/trust/lists-by-url.ts';
import { standingService } from './services/standing/index.ts';
import { revokedTerminalsJob } from './services/standing/revoked-terminals.ts';
import { termsService } from './services/terms/index.ts';
import { timelineService } from './services/timeline/index.ts';
import { type Database, openDatabase } from './store/database.ts';
import { Keys } from './store/keys.ts';
import { migrate } from './store/migrate.ts';
import { Reads } from './store/reads.ts';
import { answers, readSecrets } from './store/secret.ts';
import { StandingWatch } from './store/standing-watch.ts';

export interface Server {
  readonly config: Config;
  readonly engine: Engine;
  readonly database: Database;
  /** What is done in the background. */
  readonly jobs: Scheduler;
  readonly entrance: Entrance;
  /** Where whatever outlasts its request is registered, to be ended with the standing of its holder. */
  readonly standing: StandingWatch;
  readonly people: People;
  /** What the status page knows. */
  readonly board: Board;
  /** Stops taking connections, lets what is under way end, closes the database. */
  close(): Promise<void>;
}

/** What tests put in the place of the real parts. */
export interface Instead {
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly signature?: Partial<SignatureParts>;
  /** The way out. */
  readonly send?: Outbound;
  /** Jobs are done when they are told to, and not by time. */
  readonly jobsWait?: boolean;
}

/** Opens the database, brings its schema up to date, and listens. */
export async function startServer(config: Config, log: Logger, instead: Instead = {}): Promise<Server> {
  const database = await openDatabase(config, log);
  const signing = new AsyncDisposableStack();
  try {
    await migrate(database, undefined, log);
    const now = instead.now ?? Date.now;
    await prepareAudit(database, log, now());
    const secrets = await readSecrets(database);
    const keys = new Keys(secrets.get('keys') ?? '');
    await renewIndex(database, { keys, baseUrl: config.baseUrl, zone: config.timeZone }, log);
    const send = instead.send ?? outbound;
    const entrance = await openEntrance(config, database, { log, now, send }, signing);
    const jwks = new JwksByUrl({ log, send, now, privateHosts: config.jwksPrivateHosts });
    const { http } = entrance;
    const standing = await StandingWatch.open(database);
    signing.defer(() => standing.close());
    const drain = drainable(http);
    const signature = { ...(await signatureParts(config, database, log, now, signing)), ...instead.signature };
    const identitySecrets = await openIdentitySecrets(config.identitySecretFile, database, new Date(now()));
    const maintenance = new Maintenance(config.maintenanceWindow, config.timeZone);
    const board = await Board.open({ database, maintenance, file: config.statusFile, log, now });
    signing.defer(() => board.close());
    await board.refresh();
    const services = await Promise.all([
      contractService(config),
      standingService({ trust: entrance.trust, jwks }),
      bookingService(),
      erasureService(config),
      timelineService(config, database),
      signatureService(signature),
      noticesService(() => void board.refresh()),
      termsService(announce),
      privacyService(config),
      launchService(),
    ]);
    await new Promise<void>((resolve, reject) => http.once('error', reject).listen(config.port, config.host, resolve));
    // From here to the handler nothing waits, so that no request comes before it.
    const listening = listeningOn(config, (http.address() as AddressInfo).port);
    const { baseUrl } = listening;
    const terms = new Terms({ database, now });
    const termsDue = terms.due.bind(terms);
    const people = new People({ database, now, policy: policyOf(config), secrets: identitySecrets, baseUrl, termsDue });
    const engine = makeEngine(listening, database, secrets, [...services, peopleService(people)], now);
    const keeping = auditJobs({
      database,
      log,
      zone: config.timeZone,
      anchorFile: config.auditAnchorFile,
      retention: config.auditRetention,
      stamp: (hash, at) => firstTimestamp(signature, [hash], at),
    });
    const signingKeys = new SigningKeys({ database, secrets: identitySecrets, now, log });
    const jobs = new Scheduler({ database, log, now }, [
      ...letterJobs(engine, signature, log),
      contractJob(engine, log),
      erasureJob(engine, log, config.erasureGraceDays),
      ...keeping,
      signingKeyJob(signingKeys),
      revokedTerminalsJob(engine, entrance.trust, log),
    ]);
    http.on(
      'request',
      application(
        listening,
        engine,
        database,
        { entrance, people, signingKeys, jwks, terms, maintenance, board, standing },
        log,
      ),
    );
    await publishForms(engine);
    log('info', 'listening', { port: listening.port, baseUrl: listening.baseUrl, pid: process.pid });
    if (!instead.jobsWait) {
      jobs.start();
      entrance.start();
      board.start();
    }
    const close = async () => {
      await Promise.all([drain(), jobs.close()]);
      await signing.disposeAsync();
      await database.close();
    };
    return { config: listening, engine, database, jobs, entrance, standing, people, board, close };
  } catch (error) {
    await signing.disposeAsync();
    await database.close();
    throw error;
  }
}

/** Where requests come in, with the lists by which certificates of terminals are judged. */
async function openEntrance(
  config: Config,
  database: Database,
  { send, ...clock }: { log: Logger; now: () => number; send: Outbound },
  stack: AsyncDisposableStack,
): Promise<Entrance> {
  const urls = config.tlsClientCrlUrls;
  const lists = new ListsByUrl({ database, urls, send, log: clock.log });
  stack.defer(() => lists.close());
  const fetched = urls.length > 0 ? { fetched: lists.current.bind(lists) } : {};
  const entrance = await Entrance.open({ config, ...clock, ...fetched });
  stack.defer(() => entrance.close());
  return entrance;
}

function makeEngine(
  config: Config,
  database: Database,
  secrets: ReadonlyMap<string, string>,
  services: readonly Service[],
  now: () => number,
): Engine {
  return {
    database,
    reads: new Reads(database),
    keys: new Keys(secrets.get('keys') ?? ''),
    cursorSecret: secrets.get('cursor') ?? '',
    audits: new AuditQueue(database),
    baseUrl: config.baseUrl,
    zone: config.timeZone,
    updateCreate: config.updateCreate,
    maxEntries: config.maxBundleEntries,
    rules: services.flatMap((service) => service.rules),
    operations: [everythingOperation, ...services.flatMap((service) => service.operations)],
    now,
  };
}

interface ApplicationParts {
  readonly entrance: Entrance;
  readonly people: People;
  readonly signingKeys: SigningKeys;
  readonly jwks: JwksByUrl;
  readonly terms: Terms;
  readonly maintenance: Maintenance;
  readonly board: Board;
  readonly standing: StandingWatch;
}

/** The way of a request, from top to bottom. */
function application(
  config: Config,
  engine: Engine,
  database: Database,
  { entrance, people, signingKeys, jwks, terms, maintenance, board, standing }: ApplicationParts,
  log: Logger,
): (request: IncomingMessage, response: ServerResponse) => void {
  const app = express().set('env', 'production');
  app.disable('x-powered-by').disable('etag').set('query parser', false);
  app.use(entrance.arrival);
  app.get('/livez', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', async (_request, response) => {
    const ready = await answers(database);
    response.status(ready ? 200 : 503).json({ status: ready ? 'ok' : 'database unavailable' });
  });
  mountStatus(app, { board, maintenance, zone: config.timeZone, serving: true, now: engine.now });
  app.use(closedGate(maintenance, engine.now, closedPageOf(config.timeZone)));
  const issued = (event: TokenIssued) => auditToken(database, event, engine.now());
  const failed = (error: unknown) => log('error', 'defect', { error: stackOf(error) });
  const refused = (event: TokenRefused) => log('warn', 'token refused', { ...event });
  const { callers, interactions } = mountIdentity(app, {
    database,
    keys: engine.keys,
    signingKeys,
    baseUrl: config.baseUrl,
    tls: config.tlsClientCaFile !== null,
    tokenSeconds: config.tokenSeconds,
    personTokenSeconds: config.personTokenSeconds,
    sessionOf: browserSessions(people, config.baseUrl),
    used: sessionUse(database, { now: engine.now, idleMs: config.sessionIdleMinutes * 60_000 }),
    keysByUrl: (url, kid, whose) => jwks.keysFor(url, kid, whose),
    understands: (type, query) => understandsQuery(engine, type, query),
    errorPage: (request, error) => oauthErrorPage(config.baseUrl, request, error),
    issued,
    refused,
    failed,
  });
  const callerOf = callers.callerOfSession.bind(callers);
  const asking = { engine, callerOf, maxDepth: config.maxDepth, report: failed };
  mountPages(app, {
    people,
    interactions,
    terms,
    patients: patientsForPages(asking),
    notices: noticesForPages(asking),
    baseUrl: config.baseUrl,
    zone: config.timeZone,
    now: engine.now,
    failed: (error, id) => log('error', 'defect', { requestId: id, error: stackOf(error) }),
  });
  app.use(
    '/fhir',
    crossOrigin,
    fhirEndpoint({ engine, callers, standing, maxDepth: config.maxDepth, maxBodyBytes: config.maxBodyBytes, log }),
  );
  app.use((_request: Request, response: Response) =>
    replyError(response, refuse.unknown('There is nothing here; FHIR is at /fhir')),
  );
  return app as unknown as (request: IncomingMessage, response: ServerResponse) => void;
}
