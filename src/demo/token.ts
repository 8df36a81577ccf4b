import { createClient } from './backend-client.ts';
import { CLIENT_NAMES, type ClientName, demoFilePath, readDemoFile } from './demo-file.ts';

/** Why there is no token; the message is for the person at the command line. */
export class TokenError extends Error {}

/**
 * An access token for a demo client (`hospital`, `clinic` …) from the server that is running, by DATA_DIR/demo.json. Rejects with a
 * TokenError where the demo was never told, the name is not one of its clients, or the server does not answer or refuses.
 */
export async function demoToken(dataDir: string, name: string | undefined): Promise<string> {
  if (!isClientName(name))
    throw new TokenError(`usage: npm run --silent token -- <client>, one of ${CLIENT_NAMES.join(', ')}`);
  const file = await readDemoFile(dataDir);
  const client = file?.clients[name];
  if (!file || !client)
    throw new TokenError(`${demoFilePath(dataDir)} has no client ${name}: start the demo first (npm run demo)`);
  const { clientId, privateKeyJwk, scope } = client;
  try {
    return await createClient({ tokenUrl: file.tokenUrl, clientId, privateKeyJwk, scope }).token();
  } catch (error) {
    throw new TokenError(
      isUnreachable(error)
        ? `no server answers at ${file.tokenUrl}: start it first (npm run demo, npm start)`
        : `${file.tokenUrl} gave no token for ${name}: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

const isClientName = (name: string | undefined): name is ClientName => CLIENT_NAMES.some((known) => known === name);

/** fetch rejects with a TypeError when it gets no answer at all. */
function isUnreachable(error: unknown): boolean {
  return (error as Error).name === 'TypeError';
}
