import { smartConfiguration } from '../../src/identity/index.ts';
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
  it('says of every address where it is, and promises what there is', async () => {
    const response = await fetch(`${process.baseUrl}${path}`);
    expect(response.status).toBe(200);
    const document = (await response.json()) as Record<string, string[] | string>;
    const at = (name: string) => `https://tasuki.example/east/oauth/${name}`;
    expect(document).toMatchObject({
      issuer: 'https://tasuki.example/east',
      jwks_uri: at('jwks'),
      authorization_endpoint: at('authorize'),
      token_endpoint: at('token'),
      introspection_endpoint: at('introspect'),
      revocation_endpoint: at('revoke'),
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
      token_endpoint_auth_signing_alg_values_supported: ['ES384', 'RS384'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
    });
    expect(document.capabilities).not.toContain('client-confidential-symmetric');
    expect(document.capabilities).not.toContain('context-ehr-encounter');
    expect(document.registration_endpoint).toBeUndefined();
    expect(document.scopes_supported).not.toContain('launch/encounter');
  });

  it('has what OpenID Connect Discovery requires beside it', async () => {
    const response = await fetch(`${process.baseUrl}/.well-known/openid-configuration`);
    expect(await response.json()).toMatchObject({
      issuer: 'https://tasuki.example/east',
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'ES256', 'ES384'],
      authorization_response_iss_parameter_supported: true,
    });
  });

  it('promises certificates where clients can come with them', () => {
    expect(smartConfiguration('https://tasuki.example', true)).toMatchObject({
      tls_client_certificate_bound_access_tokens: true,
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'none', 'tls_client_auth'],
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
