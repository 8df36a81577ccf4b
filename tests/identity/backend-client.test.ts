import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '../../src/demo/backend-client.ts';
import type { Database } from '../../src/store/database.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import { addClient, addInstitutions, type Client, HOSPITAL, keyPair, type Process, startProcess } from './world.ts';

let clone: Clone;
let database: Database;
let process: Process;
let hospital: Client;

beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
  await addInstitutions(database, [HOSPITAL]);
  process = await startProcess(database);
  hospital = await addClient(database, HOSPITAL.rid);
});

afterAll(async () => {
  await process.close();
  await clone.drop();
});

const options = (client: Client) => ({
  clientId: client.clientId,
  privateKeyJwk: client.key.privateJwk,
  scope: 'system/*.cruds',
});

describe('our own Backend Services client', () => {
  it.each(['ES384', 'RS384'] as const)('finds the token endpoint and gets a token with %s', async (alg) => {
    const client = await addClient(database, HOSPITAL.rid, { alg });
    const token = await createClient({ baseUrl: process.baseUrl, ...options(client) }).token();
    expect(await process.callers.callerOf(token, { requestId: 'r' })).toMatchObject({ clientId: client.clientId });
  });

  it('asks once for all who want a token at the same time, and again only when it runs out', async () => {
    const client = createClient({ tokenUrl: process.tokenUrl, ...options(hospital) });
    const before = process.issued.length;
    const tokens = await Promise.all([client.token(), client.token(), client.token()]);
    tokens.push(await client.token());
    expect(new Set(tokens).size).toBe(1);
    expect(process.issued).toHaveLength(before + 1);
  });

  it('does not reuse a token that has less than 30 s to live', async () => {
    const brief = await startProcess(database, { tokenSeconds: 30 });
    const client = createClient({ tokenUrl: brief.tokenUrl, ...options(hospital) });
    expect(await client.token()).not.toBe(await client.token());
    await brief.close();
  });

  it('says what the server refused, tries again the next time, and tells no secret', async () => {
    const stranger = createClient({ tokenUrl: process.tokenUrl, ...options({ ...hospital, key: keyPair('ES384') }) });
    await expect(stranger.token()).rejects.toThrow(/answered 401 invalid_client client authentication failed$/);
    const late = createClient({ tokenUrl: process.tokenUrl, ...options(hospital), scope: 'nonsense' });
    await expect(late.token()).rejects.toThrow(/answered 400 invalid_scope/);
    await expect(late.token()).rejects.toThrow(/answered 400 invalid_scope/);
  });

  it('recovers when the server was away', async () => {
    let away = true;
    const relay: Server = createServer((request, response) => {
      if (away) return void request.socket.destroy();
      response.setHeader('content-type', 'application/json');
      response.end('{"access_token":"t","expires_in":300}');
    });
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    const client = createClient({
      tokenUrl: `http://127.0.0.1:${(relay.address() as AddressInfo).port}/`,
      ...options(hospital),
    });
    await expect(client.token()).rejects.toThrow();
    away = false;
    expect(await client.token()).toBe('t');
    relay.close();
    relay.closeAllConnections();
  });

  it('does not start without knowing where, or without a kid', async () => {
    await expect(createClient(options(hospital)).token()).rejects.toThrow(/baseUrl or a tokenUrl/);
    const { kid: _, ...bare } = hospital.key.privateJwk;
    const client = createClient({ tokenUrl: process.tokenUrl, ...options(hospital), privateKeyJwk: bare as never });
    await expect(client.token()).rejects.toThrow(/kid/);
  });
});
