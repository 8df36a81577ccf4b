import type { Database } from '../../src/store/database.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import { type Process, startProcess } from './world.ts';

let clone: Clone;
let database: Database;
let process: Process;

beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
  process = await startProcess(database, { baseUrl: 'https://tasuki.example/east' });
});

afterAll(async () => {
  await process.close();
  await clone.drop();
});

const path = '/fhir/.well-known/smart-configuration';

describe('the SMART configuration document', () => {
  it('has what SMART 2.2 requires of a Backend Services server, and promises nothing more', async () => {
    const response = await fetch(`${process.baseUrl}${path}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      token_endpoint: 'https://tasuki.example/east/oauth/token',
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['ES384', 'RS384'],
      grant_types_supported: ['client_credentials'],
      scopes_supported: ['system/*.cruds', 'system/*.rs'],
      response_types_supported: [],
      code_challenge_methods_supported: ['S256'],
      capabilities: ['client-confidential-asymmetric', 'permission-v1', 'permission-v2'],
    });
  });

  it.each([undefined, 'application/fhir+json', 'text/html', 'application/xml'])(
    'is application/json, with Accept: %s',
    async (accept) => {
      const response = await fetch(`${process.baseUrl}${path}`, { headers: accept ? { accept } : {} });
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    },
  );

  it('may be read by any origin', async () => {
    const response = await fetch(`${process.baseUrl}${path}`, { headers: { origin: 'https://app.example' } });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const preflight = await fetch(`${process.baseUrl}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'x-request-id',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('x-request-id');
  });

  it('answers HEAD, and refuses POST', async () => {
    expect((await fetch(`${process.baseUrl}${path}`, { method: 'HEAD' })).status).toBe(200);
    const post = await fetch(`${process.baseUrl}${path}`, { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, OPTIONS']);
  });
});
