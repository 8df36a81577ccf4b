import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { Access, type Caller } from '../access/access.ts';
import { clientCertificate } from '../http/client-certificate.ts';
import { refuse } from '../http/errors.ts';
import type { Logger } from '../http/log.ts';
import { acceptsJson, wantedType } from '../http/negotiate.ts';
import { parseQuery } from '../http/query.ts';
import { normalise, reply, replyError, stackOf } from '../http/reply.ts';
import { Turns } from '../http/turns.ts';
import type { CallerRequest, Callers } from '../identity/index.ts';
import type { StandingWatch } from '../store/standing-watch.ts';
import type { Answer, Engine } from './engine.ts';
import { operationAt, takenType } from './operate.ts';
import { dispatchAudited as dispatch } from './refused.ts';
import { filtersOf } from './scope-query.ts';
import { fresh } from './still-standing.ts';

export interface EndpointOptions {
  readonly engine: Engine;
  readonly callers: Callers;
  readonly maxDepth: number;
  /** After decompression. */
  readonly maxBodyBytes: number;
  /** Where long answers are registered, to end with the standing of who reads them. */
  readonly standing: Pick<StandingWatch, 'register'>;
  readonly log: Logger;
}

/** The FHIR base: who calls, then the body, then the interaction; whatever is thrown becomes an OperationOutcome. */
export function fhirEndpoint(options: EndpointOptions): RequestHandler {
  const readBody = bodyReader();
  const turns = new Turns<unknown>(MOST_LARGE, MOST_LARGE_WAITING);
  return (request, response) => {
    const requestId = requestIdOf(request);
    response.setHeader('X-Request-Id', requestId);
    const headOnly = request.method === 'HEAD';
    const report = (error: unknown) =>
      options.log('error', 'defect', { requestId, method: request.method, error: stackOf(error) });
    serve(options, request, response, requestId, { readBody, turns }, report).then(
      (served) => {
        reply(response, served.answer, headOnly);
        endWithStanding(options.standing, request, response, served);
      },
      (thrown: unknown) => {
        const known = normalise(thrown);
        if (known.status === 500) report(thrown);
        replyError(response, known, headOnly);
      },
    );
  };
}

/** Of requests with bodies that an operation `takes`, from one institution: each is in memory more than once. The others are not read yet. */
const MOST_LARGE = 2;
const MOST_LARGE_WAITING = 64;

interface Served {
  readonly answer: Answer;
  /** Who asked, and how to look whether they still may; absent for what is public. */
  readonly reader?: Caller;
  readonly lookUp?: LookUp;
}

/** Who calls: when a request begins, or again; then `unasked`, where the server looks by itself. */
type LookUp = (again?: Pick<CallerRequest, 'begun' | 'unasked'>) => Promise<Access>;

type BodyReader = (request: Request, response: Response, limit: number) => Promise<Buffer>;

async function serve(
  { engine, callers, maxDepth, maxBodyBytes }: EndpointOptions,
  request: Request,
  response: Response,
  requestId: string,
  { readBody, turns }: { readonly readBody: BodyReader; readonly turns: Turns<unknown> },
  report: (error: unknown) => void,
): Promise<Served> {
  // A proxy may name the whole address (RFC 9112, 3.2.2).
  const url = request.url.replace(/^https?:\/\/[^/?]*/i, '');
  const at = url.indexOf('?');
  const path = segments(at < 0 ? url : url.slice(0, at));
  const isPublic = path.length === 1 && path[0] === 'metadata';
  const lookUp: LookUp = (again) => accessOf(engine, callers, request, requestId, again);
  const access = isPublic ? Access.system('metadata') : await lookUp();
  const query = at < 0 ? [] : parseQuery(url.slice(at + 1));
  const operation = operationAt(engine, path);
  const format = query.find(([name]) => name === '_format')?.[1];
  if (path[0] !== 'Binary' && wantedType(request.headers.accept, operation?.gives ?? [], format) === undefined)
    acceptsJson(request.headers.accept, format);
  // Only now: who may not come in cannot make the server read anything.
  const taken = takenType(operation, request.headers['content-type']);
  const limit = taken === undefined ? maxBodyBytes : (operation?.takes?.maxBytes ?? maxBodyBytes);
  const header = (name: string) => request.headers[name] as string | undefined;
  const work = async () => {
    if (request.destroyed) throw refuse.badRequest('The request ended before its body was complete');
    const body = await readBody(request, response, limit);
    // A turn and a body can take half a minute: nobody who was shut out meanwhile gets in by having begun before.
    const lookAgain = access.caller ? () => lookUp({ begun: true }) : undefined;
    const now = await fresh(access, lookAgain);
    const { method } = request;
    return dispatch({ engine, access: now, method, path, query, header, body, maxDepth, lookAgain, dispatch, report });
  };
  const answer = await (operation?.takes ? turns.run(access.caller?.organization, work) : work());
  return { answer, ...(access.caller && { reader: access.caller, lookUp }) };
}

/** Of bytes. What is smaller is out at once. */
const LONG = 256 * 1024;

/** Breaks an answer off that somebody is still taking who is shut out meanwhile. */
function endWithStanding(
  standing: EndpointOptions['standing'],
  request: Request,
  response: Response,
  { reader, lookUp }: Served,
): void {
  // Without a socket it waits behind the answers to requests before it on the same connection.
  const isOut = response.writableFinished || (response.socket !== null && response.socket.writableLength < LONG);
  const { socket } = request;
  if (!reader || !lookUp || isOut || socket.destroyed) return;
  const { organization: institution, clientId: client, person } = reader;
  const terminal = clientCertificate(request)?.sha256 ?? null;
  const holder = { institution, client, person: person?.id ?? null, session: person?.session ?? null, terminal };
  const alive = () =>
    lookUp({ begun: true, unasked: true }).then(
      () => true,
      () => false,
    );
  // The connection, not the answer: what waits would be sent although it is destroyed, and is not told that its connection ends.
  const release = standing.register(holder, alive, () => socket.destroy());
  const end = () => {
    release();
    socket.off('close', end);
  };
  response.once('close', end);
  socket.once('close', end);
}

const NOTHING = Buffer.alloc(0);

function bodyReader(): BodyReader {
  const readers = new Map<number, ReturnType<typeof express.raw>>();
  return (request, response, limit) =>
    new Promise((resolve, reject) => {
      const raw = readers.get(limit) ?? express.raw({ type: () => true, limit });
      readers.set(limit, raw);
      raw(request, response, (error?: unknown) =>
        error ? reject(error) : resolve(Buffer.isBuffer(request.body) ? request.body : NOTHING),
      );
    });
}

async function accessOf(
  engine: Engine,
  callers: Callers,
  request: Request,
  requestId: string,
  again?: Pick<CallerRequest, 'begun' | 'unasked'>,
): Promise<Access> {
  const caller = await authenticate(callers, request, { requestId, ...again });
  return Access.of(caller, filtersOf(engine, caller));
}

async function authenticate(callers: Callers, request: Request, asked: CallerRequest) {
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!token) {
    throw refuse.unauthorized(
      'A Bearer token is needed; get one at the token endpoint that /fhir/.well-known/smart-configuration names',
    );
  }
  const purpose = request.headers['x-purpose-of-use'] as string | undefined;
  const caller = await callers.callerOf(token, {
    ...asked,
    purpose,
    certificate: clientCertificate(request)?.sha256,
  });
  if (!caller) throw refuse.unauthorized('The token is not valid or no longer valid; get a new one');
  return caller;
}

/** The client's own id where it is harmless, for it goes into the log and the audit. */
function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}

function segments(path: string): string[] {
  try {
    return path.split('/').flatMap((segment) => (segment === '' ? [] : [decodeURIComponent(segment)]));
  } catch {
    throw refuse.badRequest('The path is not well-formed percent-encoding');
  }
}
