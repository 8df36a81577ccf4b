import { FhirError } from '../../src/http/errors.ts';
import { disableClient, ensureOperator, registerClient } from '../../src/identity/index.ts';
import type { Database } from '../../src/store/database.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import { addInstitutions, CLINIC, keyPair, type Process, startProcess, tokenOf } from './world.ts';

let clone: Clone;
let database: Database;
let process: Process;
const key = keyPair('ES384');
const jwks = { keys: [key.publicJwk] };

beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
  await addInstitutions(database, [CLINIC]);
  process = await startProcess(database);
});

afterAll(async () => {
  await process.close();
  await clone.drop();
});

const registration = { organization: CLINIC.rid, name: '電子カルテ', jwks, scope: 'system/*.cruds' };

const refusalOf = async (changes: Partial<Record<keyof typeof registration | 'id', unknown>>) => {
  const { rows: before } = await database.query('SELECT id FROM client');
  const error = await registerClient(database, { ...registration, ...changes } as never).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(FhirError);
  const { rows: after } = await database.query('SELECT id FROM client');
  expect(after).toHaveLength(before.length);
  return { status: (error as FhirError).status, message: (error as FhirError).message };
};

describe('a client that is registered', () => {
  it('has a random id, public keys only, and its scope in normal form', async () => {
    const { clientId } = await registerClient(database, {
      ...registration,
      scope: 'system/Patient.read system/Patient.s system/*.r',
    });
    expect(clientId).toMatch(/^[0-9a-f-]{36}$/);
    const { rows } = await database.query('SELECT name, scope, jwks FROM client WHERE id = $1', [clientId]);
    expect(rows).toEqual([
      {
        name: '電子カルテ',
        scope: 'system/*.r system/Patient.rs',
        jwks: {
          keys: [
            { kty: 'EC', kid: key.kid, alg: 'ES384', use: 'sig', crv: 'P-384', x: key.publicJwk.x, y: key.publicJwk.y },
          ],
        },
      },
    ]);
  });

  it('may have an id that the operator chose, and keys as text', async () => {
    const registered = await registerClient(database, {
      ...registration,
      id: 'clinic-his',
      jwks: JSON.stringify(jwks),
    });
    expect(registered).toEqual({ clientId: 'clinic-his' });
    expect(await tokenOf(process, { clientId: 'clinic-his', key })).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('may have two keys, and uses either: so keys rotate', async () => {
    const next = keyPair('RS384');
    const { clientId } = await registerClient(database, {
      ...registration,
      jwks: { keys: [key.publicJwk, next.publicJwk] },
    });
    for (const each of [key, next]) await tokenOf(process, { clientId, key: each });
  });

  it('is not there when its transaction is rolled back', async () => {
    const failing = database.transaction(async (transaction) => {
      await registerClient(transaction, { ...registration, id: 'undone' });
      throw new Error('the rest failed');
    });
    await expect(failing).rejects.toThrow('the rest failed');
    expect(await disableClient(database, 'undone')).toBe(false);
  });
});

describe('a registration is refused', () => {
  it.each<[string, Parameters<typeof refusalOf>[0], number, RegExp]>([
    ['for an institution that is not there', { organization: 12345n }, 422, /no such institution/],
    ['without keys', { jwks: undefined }, 422, /JWK Set/],
    ['with a private key', { jwks: { keys: [key.privateJwk] } }, 422, /private/],
    ['without a scope', { scope: '' }, 422, /scope/],
    ['with a scope that is none', { scope: 'system/Patient.dus' }, 422, /scope/],
    ["with a person's scope", { scope: 'user/Patient.rs' }, 422, /scope/],
    ['with an endless scope', { scope: 'system/Patient.r '.repeat(2000).trim() }, 422, /scope/],
    ['without a name', { name: '' }, 422, /name/],
    ['with a name with NUL', { name: 'a\0b' }, 422, /name/],
    ['with half a character in its name', { name: 'a\ud800' }, 422, /name/],
    ['with an endless name', { name: 'あ'.repeat(201) }, 422, /name/],
    ['with an id that would need escaping', { id: 'a b' }, 422, /client id/],
    ['with an endless id', { id: 'a'.repeat(129) }, 422, /client id/],
    ['with an empty id', { id: '' }, 422, /client id/],
  ])('%s', async (_name, changes, status, message) => {
    const refusal = await refusalOf(changes);
    expect(refusal.status).toBe(status);
    expect(refusal.message).toMatch(message);
  });

  it('with an id that is taken, and the client that has it stays as it is', async () => {
    await registerClient(database, { ...registration, id: 'taken' });
    const thief = keyPair('ES384');
    expect(await refusalOf({ id: 'taken', jwks: { keys: [thief.publicJwk] } })).toMatchObject({ status: 409 });
    await tokenOf(process, { clientId: 'taken', key });
    await expect(tokenOf(process, { clientId: 'taken', key: thief })).rejects.toThrow('invalid_client');
  });
});

it('nobody can be disabled who is not there', async () => {
  for (const id of ['nobody', '', 'a\0b', "' OR 1=1 --"]) expect(await disableClient(database, id)).toBe(false);
});

describe('the operator', () => {
  const operatorKey = keyPair('ES384');
  const operator = { rid: 500n, name: 'Operator', clientId: 'operator', jwk: operatorKey.publicJwk };

  it('is set up once, however often that is asked for', async () => {
    for (let i = 0; i < 3; i++) expect(await ensureOperator(database, operator)).toEqual({ clientId: 'operator' });
    const { rows } = await database.query(`SELECT rid, id, kind, name FROM institution WHERE kind = 'operator'`);
    expect(rows).toEqual([{ rid: 500n, id: 'operator', kind: 'operator', name: 'Operator' }]);
    const token = await tokenOf(process, { clientId: 'operator', key: operatorKey });
    expect(await process.callers.callerOf(token, { requestId: 'r' })).toMatchObject({
      kind: 'operator',
      organizationId: 'operator',
      networks: [],
    });
  });

  it('by two processes at once', async () => {
    const other = await clone.open();
    const both = { ...operator, rid: 501n, clientId: 'operator-2' };
    await Promise.all([ensureOperator(database, both), ensureOperator(other, both), ensureOperator(database, both)]);
    await tokenOf(process, { clientId: 'operator-2', key: operatorKey });
  });

  it('gets a new key when it brings one, and the old one is good for nothing', async () => {
    const next = keyPair('ES384');
    await ensureOperator(database, { ...operator, jwk: next.publicJwk });
    await tokenOf(process, { clientId: 'operator', key: next });
    await expect(tokenOf(process, { clientId: 'operator', key: operatorKey })).rejects.toThrow('invalid_client');
  });

  it('is not let in again by a start when it was suspended', async () => {
    await database.query('UPDATE institution SET suspended_at = now() WHERE rid = 500');
    await ensureOperator(database, operator);
    await expect(tokenOf(process, { clientId: 'operator', key: operatorKey })).rejects.toThrow('invalid_client');
  });

  it('needs a public key', async () => {
    await expect(ensureOperator(database, { ...operator, jwk: operatorKey.privateJwk })).rejects.toMatchObject({
      status: 422,
    });
  });
});
