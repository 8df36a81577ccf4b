import { FhirError } from '../../../src/http/errors.ts';
import { isContention, isStarting, sqlState, translate } from '../../../src/store/postgres/failures.ts';
import { ConnectionLost } from '../../../src/store/postgres/session.ts';

const postgres = (code: string) => Object.assign(new Error(`inside ${code}`), { code });

describe('what the floors above see of a database error', () => {
  it.each(['08006', '53300', '53100', '57P01', '57P02', '57P03', '58030', '25006', '55P03', '40001', '40P01'])(
    '%s: 503, worth another attempt',
    (code) => {
      const error = translate(postgres(code), 5000) as FhirError;
      expect(error).toBeInstanceOf(FhirError);
      expect(error.status).toBe(503);
      expect(error.issues[0]?.code).toBe('transient');
      expect(Number(error.headers['Retry-After'])).toBeGreaterThan(0);
    },
  );

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT'])('%s: 503', (code) => {
    expect(translate(postgres(code), 5000)).toMatchObject({ status: 503 });
  });

  it.each([
    'timeout exceeded when trying to connect',
    'Connection terminated unexpectedly',
    'Cannot use a pool after calling end on the pool',
  ])('"%s": 503', (message) => {
    expect(translate(new Error(message), 5000)).toMatchObject({ status: 503 });
  });

  it('the statement timeout: 400 too-costly, which names the limit', () => {
    const error = translate(postgres('57014'), 5000) as FhirError;
    expect(error.status).toBe(400);
    expect(error.issues[0]).toMatchObject({ code: 'too-costly', diagnostics: expect.stringContaining('5000 ms') });
  });

  it.each(['22021', '22P05'])('text that cannot be stored (%s): 400', (code) => {
    expect(translate(postgres(code), 5000)).toMatchObject({ status: 400 });
  });

  it.each(['23505', '42P01', 'P0001', 'XX000'])('%s is left to whoever knows the statement', (code) => {
    const error = postgres(code);
    expect(translate(error, 5000)).toBe(error);
  });

  it('says nothing of the inside, and keeps the cause', () => {
    const cause = postgres('57P01');
    const error = translate(cause, 5000) as FhirError;
    expect(JSON.stringify(error.issues)).not.toContain('inside');
    expect(error.cause).toBe(cause);
    expect(sqlState(error)).toBe('57P01');
  });

  it('leaves a refusal as it is', () => {
    const refusal = new FhirError(409, []);
    expect(translate(refusal, 5000)).toBe(refusal);
  });
});

describe('an error', () => {
  it('is contention when it is a serialization failure or a deadlock, wrapped or not', () => {
    expect(isContention(postgres('40001'))).toBe(true);
    expect(isContention(translate(postgres('40P01'), 5000))).toBe(true);
    expect(isContention(postgres('23505'))).toBe(false);
    expect(isContention(undefined)).toBe(false);
  });

  it('of Node has no SQLSTATE', () => {
    expect(sqlState(postgres('EPIPE'))).toBeUndefined();
    expect(sqlState('40001')).toBeUndefined();
  });

  it('is of a server that is merely not there yet when nobody listens, or it starts or stops', () => {
    expect(isStarting(postgres('ECONNREFUSED'))).toBe(true);
    expect(isStarting(postgres('57P03'))).toBe(true);
    expect(isStarting(new ConnectionLost('lost'))).toBe(true);
    expect(isStarting(new ConnectionLost('lost', { cause: postgres('ECONNRESET') }))).toBe(true);
    expect(isStarting(new ConnectionLost('lost', { cause: postgres('57P01') }))).toBe(true);
    expect(isStarting(new ConnectionLost('lost', { cause: postgres('08P01') }))).toBe(false);
    expect(isStarting(postgres('28P01'))).toBe(false);
    expect(isStarting(new TypeError('a defect'))).toBe(false);
  });

  it('of a lost connection is 503 whatever the server gave for closing it', () => {
    expect(translate(new ConnectionLost('lost', { cause: postgres('25P03') }), 5000)).toMatchObject({ status: 503 });
  });
});
