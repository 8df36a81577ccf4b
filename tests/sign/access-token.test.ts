import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { jwtVerify } from 'jose';
import { accessToken, accessTokens } from '../../src/sign/access-token.ts';
import { ServerError } from '../../src/sign/server.ts';
import { type Answered, serve } from './http-server.ts';

const curve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const pairs: Readonly<Record<string, { publicKey: KeyObject; privateKey: KeyObject }>> = {
  ES384: curve('P-384'),
  RS384: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};
const jwk = (key: KeyObject): JsonWebKey => key.export({ format: 'jwk' });

async function ask(privateKeyJwk: JsonWebKey, answer: Answered = { body: { access_token: 'at-1' } }) {
  await using served = await serve(() => answer);
  const tokenUrl = `${served.url}/token`;
  const client = { clientId: 'clinic', tokenUrl, scope: 'system/Task.ru', privateKeyJwk };
  const token = await accessToken(client).catch((error) => error);
  return { token, asked: served.asked, tokenUrl };
}

describe('an access token', () => {
  it.each(['ES384', 'RS384'])('is asked for with an assertion that others verify: %s', async (alg) => {
    const { publicKey, privateKey } = pairs[alg]!;
    const { token, asked, tokenUrl } = await ask({ ...jwk(privateKey), kid: 'k1' });
    expect(token).toBe('at-1');
    const form = new URLSearchParams(String(asked[0]?.body));
    expect(form.get('grant_type')).toBe('client_credentials');
    expect(form.get('scope')).toBe('system/Task.ru');
    expect(form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    const { payload, protectedHeader } = await jwtVerify(form.get('client_assertion') ?? '', publicKey, {
      algorithms: [alg],
      issuer: 'clinic',
      subject: 'clinic',
      audience: tokenUrl,
    });
    expect(protectedHeader).toEqual({ alg, typ: 'JWT', kid: 'k1' });
    expect(payload.exp! - payload.iat!).toBeLessThanOrEqual(300);
    expect(payload.jti).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is asked for with a new assertion each time', async () => {
    const key = jwk(pairs.ES384!.privateKey);
    const assertions = await Promise.all(
      [ask(key), ask(key)].map(async (one) =>
        String(new URLSearchParams(String((await one).asked[0]?.body)).get('client_assertion')),
      ),
    );
    const ids = assertions.map((text) => JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString()).jti);
    expect(new Set(ids).size).toBe(2);
  });

  it.each([
    [300, ['at-1', 'at-1', 'at-2', 'at-2', 'at-3']],
    [undefined, ['at-1', 'at-2', 'at-3', 'at-4', 'at-5']],
  ])('is asked for again when half of its %s seconds are over', async (lifetime, tokens) => {
    let count = 0;
    await using served = await serve(() => ({ body: { access_token: `at-${++count}`, expires_in: lifetime } }));
    const privateKeyJwk = jwk(pairs.ES384!.privateKey);
    let time = 0;
    const token = accessTokens({ clientId: 'c', tokenUrl: served.url, scope: 's', privateKeyJwk }, () => time);
    const given: string[] = [];
    for (time of [0, 149_000, 150_000, 299_000, 301_000]) given.push(await token());
    expect(given).toEqual(tokens);
  });

  it.each<[string, Answered, RegExp]>([
    [
      'refused',
      { status: 401, body: { error: 'invalid_client', error_description: 'unknown key' } },
      /401 invalid_client: unknown key$/,
    ],
    ['refused in silence', { status: 500 }, /no access token: 500$/],
    ['not there', { body: {} }, /no access token: 200$/],
    ['no text', { body: { access_token: 7 } }, /no access token/],
    ['no JSON', { body: '<html>' }, /no access token/],
    ['elsewhere', { status: 307, headers: { location: 'https://elsewhere.example/' } }, /redirect/],
  ])('that is %s', async (_name, answer, message) => {
    const { token } = await ask(jwk(pairs.ES384!.privateKey), answer);
    expect(token).toBeInstanceOf(ServerError);
    expect(token.message).toMatch(message);
  });

  it.each<[string, JsonWebKey]>([
    ['P-256', jwk(curve('P-256').privateKey)],
    ['a public key', jwk(pairs.ES384!.publicKey)],
    ['half of a key', { ...jwk(pairs.RS384!.privateKey), q: '!' }],
    ['nothing', {}],
  ])('is not asked for with %s', async (_name, key) => {
    const { token, asked } = await ask(key);
    expect(token).toBeInstanceOf(ServerError);
    expect(token.message).toMatch(/the client's key/);
    expect(asked).toEqual([]);
  });
});
