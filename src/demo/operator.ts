import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { type DemoClient, readDemoFile } from './demo-file.ts';

export type DemoOperator = DemoClient & { readonly tokenUrl: string; readonly publicJwk: object };

/** The operator's client of the demo: the one of an earlier demo on these data, or a new key pair. */
export async function demoOperator(dataDir: string, baseUrl: string): Promise<DemoOperator> {
  const file = await readDemoFile(dataDir);
  const privateKeyJwk = (file?.clients.operator.privateKeyJwk ?? newKey()) as Record<string, unknown>;
  const { d: _, ...publicJwk } = privateKeyJwk;
  return {
    clientId: 'demo-operator',
    organization: 'operator',
    scope: 'system/*.cruds',
    tokenUrl: await tokenUrlOf(baseUrl),
    privateKeyJwk: privateKeyJwk as DemoClient['privateKeyJwk'],
    publicJwk,
  };
}

function newKey(): object {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'ES384', use: 'sig' };
}

/** As any client finds it: by SMART discovery. */
async function tokenUrlOf(baseUrl: string): Promise<string> {
  const response = await fetch(`${baseUrl}/fhir/.well-known/smart-configuration`);
  const { token_endpoint } = (await response.json()) as { token_endpoint: string };
  return token_endpoint;
}
