import { timestampRequest } from '../../src/pki/timestamp.ts';
import { askAuthority } from '../../src/sign/authority.ts';
import { isPlain } from '../../src/sign/http.ts';
import { TimestampError } from '../../src/sign/sign-letter.ts';
import { type Answered, serve } from './http-server.ts';

const request = timestampRequest({ imprint: new Uint8Array(32), nonce: 5n });

async function ask(answer: Answered | undefined, options: { user?: string; password?: string; timeout?: number } = {}) {
  await using served = await serve(() => answer);
  const result = await askAuthority({ url: `${served.url}/tsa?customer=1`, ...options }, request).catch(
    (error) => error,
  );
  return { result, asked: served.asked };
}

describe('a time-stamp authority over HTTP', () => {
  it('is given the request and gives its answer, byte for byte', async () => {
    const body = Buffer.from([0x30, 0x03, 0x02, 0x01, 0x00]);
    const { result, asked } = await ask({ body });
    expect(result).toEqual(new Uint8Array(body));
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/tsa?customer=1' });
    expect(asked[0]?.headers['content-type']).toBe('application/timestamp-query');
    expect(asked[0]?.headers.accept).toBe('application/timestamp-reply');
    expect(asked[0]?.headers.authorization).toBeUndefined();
    expect(new Uint8Array(asked[0]!.body)).toEqual(request);
  });

  it.each([
    [{ user: 'clinic', password: 'pä:ss 語' }, 'clinic:pä:ss 語'],
    [{ user: 'clinic' }, 'clinic:'],
  ])('is told who asks: %j', async (options, credentials) => {
    const { asked } = await ask({ body: 'x' }, options);
    expect(asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from(credentials).toString('base64')}`);
  });

  it.each<[string, Answered, RegExp]>([
    ['401', { status: 401, body: 'who are you' }, /answered 401$/],
    ['503', { status: 503 }, /answered 503$/],
    ['too much', { body: Buffer.alloc(1024 * 1024 + 1) }, /more than 1048576 bytes/],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.example/' } }, /redirect/],
  ])('that answers %s', async (_name, answer, message) => {
    const { result } = await ask(answer, { user: 'clinic', password: 'himitsu' });
    expect(result).toBeInstanceOf(TimestampError);
    expect(result.message).toMatch(message);
    expect(result.message).not.toMatch(/himitsu|customer/);
  });

  it('that does not answer is not waited for without end', async () => {
    const { result } = await ask(undefined, { timeout: 20 });
    expect(result).toBeInstanceOf(TimestampError);
    expect(result.message).toMatch(/no answer in time/);
  });

  it.each([
    'nowhere',
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'http://user:himitsu@127.0.0.1/',
    'http://127.0.0.1:9/',
  ])('is not at %s', async (url) => {
    const error = await askAuthority({ url }, request).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(TimestampError);
    expect(error.message).not.toContain('himitsu');
  });
});

describe('what can be read on the way', () => {
  it.each([
    ['http://tsa.example/', true],
    ['https://tsa.example/', false],
    ['http://127.0.0.1:3000/fhir', false],
    ['http://localhost:3000/fhir', false],
    ['http://[::1]:3000/fhir', false],
    ['http://127.0.0.1.example/', true],
    ['nowhere', false],
  ])('%s: %s', (url, plain) => {
    expect(isPlain(url)).toBe(plain);
  });
});
