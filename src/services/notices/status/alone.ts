import { createServer, type Server } from 'node:http';
import express from 'express';
import type { Config } from '../../../config.ts';
import { closedGate } from '../../../http/closed.ts';
import { crossOrigin } from '../../../http/cross-origin.ts';
import { operationOutcome, refuse } from '../../../http/errors.ts';
import type { Logger } from '../../../http/log.ts';
import { Maintenance } from '../../../http/maintenance.ts';
import { reply } from '../../../http/reply.ts';
import { Board } from './board.ts';
import { closedPageOf, mountStatus } from './routes.ts';

const RETRY_SECONDS = 60;

/**
 * The status page without the service, `tasuki status-page`: for a machine whose database is gone, or whose service is being replaced. It tells what
 * the service last wrote into its data directory; anything else is answered with 503.
 */
export async function statusPageAlone(
  config: Pick<Config, 'host' | 'port' | 'timeZone' | 'maintenanceWindow' | 'statusFile'>,
  log: Logger,
  now: () => number = Date.now,
): Promise<Server> {
  const maintenance = new Maintenance(config.maintenanceWindow, config.timeZone);
  const board = await Board.open({ database: null, maintenance, file: config.statusFile, log, now });
  const app = express().set('env', 'production');
  app.disable('x-powered-by').disable('etag').set('query parser', false);
  app.use(closedGate(maintenance, now, closedPageOf(config.timeZone)));
  mountStatus(app, { board, maintenance, zone: config.timeZone, serving: false, now });
  app.get('/livez', (_request, response) => void response.json({ status: 'ok' }));
  app.use('/fhir', crossOrigin);
  app.use((_request, response) => {
    const { issues } = refuse.unavailable('The service is not running; /status tells more', RETRY_SECONDS);
    reply(response, {
      status: 503,
      body: operationOutcome(issues),
      headers: { 'Retry-After': String(RETRY_SECONDS) },
    });
  });
  const server = createServer(app);
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(config.port, config.host, () => resolve()),
  );
  log('info', 'status page', { address: server.address() });
  return server;
}
