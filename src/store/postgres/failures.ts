import { FhirError, refuse } from '../../http/errors.ts';
import { ConnectionLost } from './session.ts';

/** SQLSTATE of an error that PostgreSQL reported (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof FhirError) return sqlState(error.cause);
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** The transaction lost against another one and may be tried again as a whole: serialization_failure, deadlock_detected. */
export const isContention = (error: unknown): boolean => ['40001', '40P01'].includes(sqlState(error) ?? '');

/** Node's codes for a server that is not there or went away. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EACCES',
]);

/** Classes and codes of conditions of the server, not of the statement: it starts or stops, is full, or is a standby. */
const TRANSIENT = /^(08...|53...|57P0.|58...|25006|55P03|40001|40P01)$/;

/**
 * What the floors above see of a database error: 503 where a later attempt may go through, 400 too-costly for the statement timeout and for
 * text that PostgreSQL cannot store; anything else (a constraint, a defect) unchanged, for the store to interpret.
 */
export function translate(error: unknown, statementTimeoutMs: number): unknown {
  if (error instanceof FhirError) return error;
  const state = sqlState(error);
  if (state === '57014') {
    const diagnostics = `The request needs more than the ${statementTimeoutMs} ms that one database statement may take (STATEMENT_TIMEOUT_MS); narrow it`;
    return new FhirError(400, [{ severity: 'error', code: 'too-costly', diagnostics }], {}, error);
  }
  if (state === '22021' || state === '22P05')
    return withCause(refuse.badRequest('Text contains a character that cannot be stored', undefined, 'value'), error);
  if (isUnreachable(error) || (state && TRANSIENT.test(state))) {
    const seconds = isContention(error) || state === '55P03' ? 1 : 5;
    return withCause(
      refuse.unavailable('The database is not available for this request now; try again', seconds),
      error,
    );
  }
  return error;
}

/** Whether the error says that there is no connection, rather than what became of a statement. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true;
  if (!(error instanceof Error)) return false;
  if (UNREACHABLE.has((error as NodeJS.ErrnoException).code ?? '')) return true;
  return /^(Connection terminated|timeout e|Cannot use a pool after|Client (was closed|has encountered))/.test(
    error.message,
  );
}

/** Whether the server is merely not there yet: starting, stopping, or not listening. */
export function isStarting(error: unknown): boolean {
  const state = sqlState(error) ?? sqlState((error as Error | undefined)?.cause);
  return state === undefined ? isUnreachable(error) : /^57P0/.test(state);
}

const withCause = (refusal: FhirError, cause: unknown) =>
  new FhirError(refusal.status, refusal.issues, refusal.headers, cause);
