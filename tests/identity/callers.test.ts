import { FhirError } from '../../src/http/errors.ts';
import { tokenHash } from '../../src/identity/callers.ts';
import { Callers } from '../../src/identity/index.ts';
import type { Queryable } from '../../src/store/database.ts';
import { CLINIC, openWorld, tokenOf, type World } from './world.ts';

let world: World;
let database: World['database'];
let process: World['process'];
let hospital: World['hospital'];
let clinic: World['clinic'];

beforeAll(async () => {
  world = await openWorld();
  ({ database, process, hospital, clinic } = world);
});

afterAll(() => world.close());

beforeEach(async () => {
  await database.query('DELETE FROM affiliation');
  await database.query('UPDATE institution SET active = true, suspended_at = NULL');
});

const callerOf = (token: string, callers: Callers = process.callers) => callers.callerOf(token, { requestId: 'r-1' });

/** Counts the statements that go to the database. */
function counting(queryable: Queryable): Queryable & { statements: number } {
  const counter: Queryable & { statements: number } = {
    statements: 0,
    query: (text, values) => {
      counter.statements++;
      return queryable.query(text, values);
    },
  };
  return counter;
}

describe('the caller behind a token', () => {
  it('is the institution, the client, what was granted, and the request', async () => {
    const token = await tokenOf(process, clinic, 'system/Patient.cruds system/Appointment.c');
    expect(await process.callers.callerOf(token, { requestId: 'r-7', purpose: 'CAREMGT' })).toEqual({
      organization: CLINIC.rid,
      organizationId: 'clinic',
      kind: 'medical',
      clientId: clinic.clientId,
      scopes: [
        { type: 'Appointment', c: true, r: false, u: false, d: false, s: false },
        { type: 'Patient', c: false, r: true, u: false, d: false, s: true },
      ],
      networks: [],
      medical: [],
      care: [],
      timeline: [],
      services: 63,
      purpose: 'CAREMGT',
      requestId: 'r-7',
      token: tokenHash(token),
      lookedUp: expect.any(Number),
    });
  });

  it.each([
    ['nothing', ''],
    ['a word', 'token'],
    ['43 characters that were never given out', 'A'.repeat(43)],
    ['a token and more', `${'A'.repeat(43)} `],
    ['a hash', 'x'.repeat(64)],
    ['an attack', "' OR 1=1 --"],
    ['NUL', '\0'],
    ['a megabyte', 'A'.repeat(1_000_000)],
  ])('is nobody for %s', async (_name, token) => {
    expect(await callerOf(token)).toBeNull();
  });

  it('is nobody for the hash that the table holds', async () => {
    const token = await tokenOf(process, hospital);
    const { rows } = await database.query<{ hash: string }>('SELECT hash FROM access_token');
    for (const { hash } of rows) expect(await callerOf(hash)).toBeNull();
    expect(await callerOf(token)).not.toBeNull();
  });

  it('is nobody once the token has expired', async () => {
    const token = await tokenOf(process, hospital);
    await database.query(`UPDATE access_token SET expires_at = now() + interval '1 minute'`);
    expect(await callerOf(token)).not.toBeNull();
    await database.query('UPDATE access_token SET expires_at = now()');
    expect(await callerOf(token)).toBeNull();
  });
});

describe('the session of a token', () => {
  it('is used by who asks, and not by the server that looks whether a long answer may go on', async () => {
    const token = await tokenOf(process, hospital);
    const person = {
      query: async (text: string, values?: readonly unknown[]) => {
        const { rows, ...result } = await database.query<object>(text, values);
        return { ...result, rows: rows.map((row) => ({ ...row, session: 's-1' })) } as never;
      },
    };
    const used: string[] = [];
    const callers = new Callers(person, (session) => used.push(session));
    expect(await callers.callerOf(token, { requestId: 'r', unasked: true })).not.toBeNull();
    expect(used).toEqual([]);
    expect(await callers.callerOf(token, { requestId: 'r' })).not.toBeNull();
    expect(used).toEqual(['s-1']);
  });
});

describe('the purpose of use', () => {
  it.each(['TREAT', 'HPAYMT', 'HOPERAT', 'CAREMGT', 'PUBHLTH'])('may be %s', async (purpose) => {
    const token = await tokenOf(process, hospital);
    expect(await process.callers.callerOf(token, { requestId: 'r', purpose })).toMatchObject({ purpose });
  });

  it('is treatment where nothing is said', async () => {
    expect(await callerOf(await tokenOf(process, hospital))).toMatchObject({ purpose: 'TREAT' });
  });

  it.each(['', 'treat', 'ETREAT', 'BTG', 'TREAT, TREAT', 'toString'])('cannot be %j', async (purpose) => {
    const token = await tokenOf(process, hospital);
    const failing = process.callers.callerOf(token, { requestId: 'r', purpose });
    await expect(failing).rejects.toThrow(FhirError);
    await expect(failing).rejects.toMatchObject({ status: 400 });
  });

  it('is not looked at before the token: nobody stays nobody', async () => {
    expect(await process.callers.callerOf('x', { requestId: 'r', purpose: 'nonsense' })).toBeNull();
  });
});

describe('look-ups that come together', () => {
  it('share one statement, and each gets its own', async () => {
    const counter = counting(database);
    const callers = new Callers(counter);
    const tokens = await Promise.all([hospital, clinic, hospital, clinic].map((client) => tokenOf(process, client)));
    const asked = [...tokens, ...tokens, 'A'.repeat(43), 'nonsense'];
    const found = await Promise.all(asked.map((token) => callers.callerOf(token, { requestId: token.slice(0, 8) })));
    expect(counter.statements).toBe(1);
    const ids = [hospital, clinic, hospital, clinic].map(({ clientId }) => clientId);
    expect(found.map((caller) => caller?.clientId)).toEqual([...ids, ...ids, undefined, undefined]);
    expect(found[5]?.requestId).toBe(asked[5]?.slice(0, 8));
  });

  it('see a suspension that was committed before they came, though a statement was under way', async () => {
    const token = await tokenOf(process, clinic);
    const gate = Promise.withResolvers<void>();
    const slow: Queryable = {
      query: async (text, values) => {
        const result = await database.query(text, values);
        await gate.promise;
        return result as never;
      },
    };
    const callers = new Callers(slow);
    const before = callers.callerOf(token, { requestId: 'before' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await database.query('UPDATE institution SET suspended_at = now() WHERE rid = 11');
    const after = callers.callerOf(token, { requestId: 'after' });
    gate.resolve();
    expect(await before).not.toBeNull();
    expect(await after).toBeNull();
  });

  it('all fail when the statement fails, and the next does not', async () => {
    let broken = true;
    const callers = new Callers({
      query: (text, values) => (broken ? Promise.reject(new Error('no connection')) : database.query(text, values)),
    });
    const token = await tokenOf(process, hospital);
    const failed = await Promise.allSettled([callerOf(token, callers), callerOf(token, callers)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    broken = false;
    expect(await callerOf(token, callers)).not.toBeNull();
  });
});
