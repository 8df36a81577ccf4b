import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLIENT_NAMES, type DemoFile, writeDemoFile } from '../../src/demo/demo-file.ts';
import { demoToken, TokenError } from '../../src/demo/token.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const privateKeyJwk = { ...privateKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES384' };

function demoFile(tokenUrl: string): DemoFile {
  const clients = CLIENT_NAMES.map((name) => [
    name,
    { clientId: `${name}-id`, organization: 'o', privateKeyJwk, scope: 'system/*.rs' },
  ]);
  const patients = { shared: 's', closed: 'c' };
  return { baseUrl: 'http://127.0.0.1', tokenUrl, clients: Object.fromEntries(clients), patients };
}

describe('a token for the command line', () => {
  let dataDir: string;
  let server: Server;
  let tokenUrl: string;
  const asked: URLSearchParams[] = [];
  let answer: { status: number; body: object };

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'tasuki-token-'));
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        asked.push(new URLSearchParams(body));
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(dataDir, { recursive: true });
  });
  beforeEach(async () => {
    await writeDemoFile(dataDir, demoFile(tokenUrl));
    answer = { status: 200, body: { access_token: 'opaque', token_type: 'bearer', expires_in: 300 } };
  });

  it('is asked for at the token endpoint of demo.json, as the named client', async () => {
    expect(await demoToken(dataDir, 'hospital')).toBe('opaque');
    const assertion = asked.at(-1)?.get('client_assertion')?.split('.')[1] ?? '';
    expect(JSON.parse(Buffer.from(assertion, 'base64url').toString()).iss).toBe('hospital-id');
    expect(asked.at(-1)?.get('scope')).toBe('system/*.rs');
  });

  it.each([undefined, '', 'nobody', '__proto__', 'toString'])(
    'is not there for %s; the names are told',
    async (name) => {
      await expect(demoToken(dataDir, name)).rejects.toThrow(
        /one of operator, hospital, hospital2, clinic, clinic2, careagency/,
      );
    },
  );

  it('is not there before the demo was told', async () => {
    const failure = demoToken(join(dataDir, 'elsewhere'), 'clinic');
    await expect(failure).rejects.toThrow(TokenError);
    await expect(failure).rejects.toThrow(/start the demo first/);
  });

  it('is not there when no server runs', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    await writeDemoFile(dataDir, demoFile(`http://127.0.0.1:${port}/token`));
    await expect(demoToken(dataDir, 'clinic')).rejects.toThrow(
      /^no server answers at http:\/\/127\.0\.0\.1:\d+\/token/,
    );
  });

  it('is not there when the server refuses; what it says is told', async () => {
    answer = { status: 401, body: { error: 'invalid_client' } };
    await expect(demoToken(dataDir, 'clinic')).rejects.toThrow(/gave no token for clinic: .*401.*invalid_client/);
  });
});
