import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { derOf } from '../../src/demo/hpki/authorities.ts';
import { doctorsCard, PIN } from '../../src/demo/hpki/card.ts';
import { examine } from '../../src/pdf/examine.ts';
import { rejectedResponse } from '../../src/pki/timestamp.ts';
import { main } from '../../src/sign/main.ts';
import { fingerprint } from '../../src/sign/signing-key.ts';
import { root } from '../house/source.ts';
import { objections } from '../pdf/letters.ts';
import { type Changes, issued, letterServer, outcome, sha256, verdict } from './fhir-server.ts';
import { type Answered, type Asked, type Served, serve } from './http-server.ts';
import { hpki, letter, stamping } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'tasuki-sign-'));
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const card = put('card.p12', doctorsCard(hpki));
const pin = put('pin', `${PIN}\n`);
const token = put('token', 'at-himitsu\n');
const crls = Object.entries(hpki.crls).map(([name, pem]) => put(`${name}.crl.pem`, pem));
const lists = crls.flatMap((path) => ['--crl', path]);

let authority: Served;
beforeAll(async () => {
  const answers: Answered = { headers: { 'content-type': 'application/timestamp-reply' } };
  authority = await serve(async ({ body }: Asked) => ({ ...answers, body: await stamping()(body) }));
});
afterAll(async () => {
  await authority[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly asked: readonly Asked[];
}

/** What is said on the console meanwhile. */
async function heard(work: () => Promise<number>): Promise<Omit<Run, 'asked'>> {
  const { log, error } = console;
  const [out, err]: [string[], string[]] = [[], []];
  console.log = (...words: unknown[]) => void out.push(words.join(' '));
  console.error = (...words: unknown[]) => void err.push(words.join(' '));
  try {
    return { code: await work(), out: out.join('\n'), err: err.join('\n') };
  } finally {
    Object.assign(console, { log, error });
  }
}

/** In this process. */
async function run(args: readonly string[], changes: Changes = {}): Promise<Run> {
  await using served = await letterServer(changes);
  const given = ['--server', `${served.url}/fhir`, '--access-token', token, ...args];
  return { ...(await heard(() => main(given))), asked: served.asked };
}

const withKey = () => ['--pkcs12', card, '--secret', pin, '--tsa', authority.url];
const submitted = ({ asked }: Run): Buffer[] =>
  asked.filter(({ path }) => path.endsWith('$submit-signed')).map(({ body }) => body);

describe('tasuki-sign', () => {
  it('gets a letter, signs it, sends it back and says in Japanese what the server found', async () => {
    const done = await run([...withKey(), ...lists, '--reason', '診療情報提供書', 'Task/t1']);
    expect(done).toMatchObject({ code: 0, err: '' });
    const [signed] = submitted(done);
    expect(objections(examine(signed!, letter))).toEqual([]);
    expect(done.out).toContain(`受け取りました。SHA-256: ${sha256(letter)}`);
    expect(done.out).toContain(`署名者: 桜井 春香 SHA-256 ${fingerprint(derOf(hpki.doctor))}`);
    expect(done.out).toContain('検証結果: VALID 有効な署名です。');
    expect(done.out).toContain('  ○ 署名は正しいです。');
    for (const { headers } of done.asked) expect(headers['accept-language']).toBe('ja');
  });

  it('speaks English where it is asked to', async () => {
    const done = await run([...withKey(), '--lang', 'en', 'Bundle/1'], {
      'POST /fhir/Task/t1/$submit-signed': { body: verdict('INDETERMINATE', 'It cannot be told.') },
    });
    expect(done.code).toBe(1);
    expect(done.out).toContain('Result: INDETERMINATE It cannot be told.');
    expect(done.out).toContain('  △ ');
    expect(done.asked[0]?.headers['accept-language']).toBe('en');
  });

  it('ends with 1 where a letter is refused, with 2 where one could not be tried, and tries them all', async () => {
    const changes: Changes = { 'POST /fhir/Task/t1/$submit-signed': { body: verdict('INVALID', '無効です。') } };
    expect((await run([...withKey(), 'Bundle/1'], changes)).code).toBe(1);
    const some = await run([...withKey(), 'Bundle/9', 'Bundle/1', 'Task/t1']);
    expect(some.code).toBe(2);
    expect(some.err).toMatch(/^Bundle\/9 サーバーが受け付けませんでした。\n {2}POST Bundle\/9\/\$render: 404 /);
    expect(submitted(some)).toHaveLength(2);
  });

  it('takes an access token with the client’s key', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    await using tokens = await serve(() => ({ body: { access_token: 'at-2' } }));
    const client = {
      clientId: 'c',
      tokenUrl: `${tokens.url}/token`,
      scope: 's',
      privateKeyJwk: privateKey.export({ format: 'jwk' }),
    };
    await using served = await letterServer();
    const args = [
      '--server',
      `${served.url}/fhir`,
      '--client',
      put('client.json', JSON.stringify(client)),
      ...withKey(),
      'Task/t1',
    ];
    expect((await heard(() => main(args))).code).toBe(0);
    for (const { headers } of served.asked) expect(headers.authorization).toBe('Bearer at-2');
  });

  it('saves what it sends, in a folder a file for each', async () => {
    const one = join(folder, 'one.pdf');
    const done = await run([...withKey(), '--save', one, 'Task/t1']);
    expect(done.out).toContain(`保存しました: ${one}`);
    expect(readFileSync(one).equals(submitted(done)[0]!)).toBe(true);
    const several = join(folder, 'several');
    mkdirSync(several);
    const both = await run([...withKey(), '--save', several, 'Task/t1', 'Bundle/1']);
    expect(both.code).toBe(0);
    expect(readFileSync(join(several, 'Task-t1.pdf')).equals(submitted(both)[0]!)).toBe(true);
    expect(readFileSync(join(several, 'Bundle-1.pdf')).equals(submitted(both)[1]!)).toBe(true);
  });

  it('saves before it sends: a time-stamp is not spent for nothing', async () => {
    const place = join(folder, 'kept.pdf');
    const done = await run([...withKey(), '--save', place, 'Task/t1'], {
      'POST /fhir/Task/t1/$submit-signed': outcome(503, 'later'),
    });
    expect(done.code).toBe(2);
    expect(objections(examine(readFileSync(place), letter))).toEqual([]);
  });

  it('gets a letter to be read, without a key', async () => {
    const place = join(folder, 'read.pdf');
    const done = await run(['--get', place, 'Task/t1']);
    expect(done.code).toBe(0);
    expect(done.out).toContain(sha256(letter));
    expect(readFileSync(place).equals(letter)).toBe(true);
    expect(submitted(done)).toEqual([]);
  });

  it('signs the letter that was read, and no other', async () => {
    const stamps = authority.asked.length;
    const other = await run([...withKey(), '--sha256', 'ab'.repeat(32), 'Task/t1']);
    expect(other.code).toBe(2);
    expect(other.err).toMatch(/指定された文書ではありません/);
    expect(submitted(other)).toEqual([]);
    expect(authority.asked).toHaveLength(stamps);
    expect((await run([...withKey(), '--sha256', sha256(letter).toUpperCase(), 'Task/t1'])).code).toBe(0);
  });

  it('asks for the password of the authority once, and sends it there alone', async () => {
    const secret = put('tsa-secret', 'tsa-himitsu\n');
    const before = authority.asked.length;
    const done = await run([...withKey(), '--tsa-user', 'clinic', '--tsa-secret', secret, 'Task/t1', 'Bundle/1']);
    expect(done.code).toBe(0);
    const basic = `Basic ${Buffer.from('clinic:tsa-himitsu').toString('base64')}`;
    expect(authority.asked.slice(before).map(({ headers }) => headers.authorization)).toEqual([basic, basic]);
    expect(JSON.stringify(done)).not.toContain('tsa-himitsu');
  });

  it('sends nothing without a time-stamp, and tries no further letter', async () => {
    await using refusing = await serve(() => ({ body: rejectedResponse('systemFailure', 'no contract') }));
    const done = await run([...withKey(), '--tsa', refusing.url, 'Task/t1', 'Bundle/1']);
    expect(done.code).toBe(2);
    expect(done.err).toBe('タイムスタンプを取得できませんでした。\n  refused: no contract, systemFailure');
    expect(submitted(done)).toEqual([]);
    expect(refusing.asked).toHaveLength(1);
  });

  it('spends no time-stamp on a letter that is signed already, and still gets it', async () => {
    const task = { resourceType: 'Task', status: 'completed', focus: { reference: 'Bundle/1' } };
    const changes: Changes = { 'GET /fhir/Task/t1': { body: task } };
    const stamps = authority.asked.length;
    const done = await run([...withKey(), 'Bundle/1'], changes);
    expect(done.code).toBe(2);
    expect(done.err).toContain('Task/t1 is of a letter that is validly signed already');
    expect(submitted(done)).toEqual([]);
    expect(authority.asked).toHaveLength(stamps);
    expect((await run(['--get', join(folder, 'again.pdf'), 'Task/t1'], changes)).code).toBe(0);
  });

  it('says what cannot be signed', async () => {
    const body = 'no PDF';
    const done = await run([...withKey(), 'Task/t1'], {
      'GET /fhir/Binary/b1': { body },
      'POST /fhir/Bundle/1/$render': { body: issued({ digest: sha256(Buffer.from(body)) }) },
    });
    expect(done.code).toBe(2);
    expect(done.err).toMatch(/この PDF には署名できません/);
  });

  it('shows what a server says, and lets it do nothing to the terminal', async () => {
    const done = await run([...withKey(), 'Task/t1'], {
      'POST /fhir/Task/t1/$submit-signed': { body: verdict('INVALID', '\u001b[2J\u001b[32m有効\u0007') },
    });
    expect(done.out).toContain('INVALID  [2J [32m有効');
    expect(done.out).not.toContain('\u001b');
  });

  it.each<[string, () => string[], RegExp]>([
    [
      'a wrong password',
      () => ['--pkcs12', card, '--secret', token, '--tsa', authority.url],
      /パスワードを確かめてください/,
    ],
    [
      'no such key',
      () => ['--pkcs12', join(folder, 'none'), '--secret', pin, '--tsa', authority.url],
      /読めません: .*ENOENT/,
    ],
    [
      'no such secret',
      () => ['--pkcs12', card, '--secret', join(folder, 'none'), '--tsa', authority.url],
      /読めません/,
    ],
    ['another certificate', () => [...withKey(), '--certificate', 'ab'.repeat(32)], /--certificate で指定/],
    ['no such list', () => [...withKey(), '--crl', join(folder, 'none')], /読めません/],
    ['no place to save', () => [...withKey(), '--save', join(folder, 'none', 'x.pdf')], /保存できません/],
    [
      'no such library',
      () => ['--card', join(folder, 'none.so'), '--secret', pin, '--tsa', authority.url],
      /PKCS#11 ライブラリを読み込めません/,
    ],
    [
      'a library that is none',
      () => ['--card', card, '--secret', pin, '--tsa', authority.url],
      /ライブラリを読み込めません/,
    ],
  ])('says in words what is wrong: %s', async (_name, args, message) => {
    const done = await run([...args(), 'Task/t1']);
    expect(done.code).toBe(2);
    expect(done.err).toMatch(message);
    expect(done.err).not.toMatch(/\n\s+at /);
    expect(submitted(done)).toEqual([]);
    for (const secret of [PIN, 'at-himitsu']) expect(done.out + done.err).not.toContain(secret);
  });

  it('warns of a server without https', async () => {
    const args = ['--server', 'http://0.0.0.0:9/fhir', '--access-token', token, '--get', join(folder, 'x.pdf')];
    const { code, err } = await heard(() => main([...args, 'Task/t1']));
    expect(code).toBe(2);
    expect(err).toMatch(/^警告: .* http:\/\/0\.0\.0\.0:9\n/);
  });
});

describe('tasuki-sign as a program', () => {
  function program(
    args: readonly string[],
    input?: string,
  ): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(process.execPath, [join(root, 'src/sign/main.ts'), ...args], { stdio: 'pipe' });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    // Left open without an end: the program must not wait for it.
    if (input !== undefined) child.stdin.write(input);
    else child.stdin.end();
    return new Promise((resolve) =>
      child.on('close', (code) => resolve({ code, out: String(Buffer.concat(out)), err: String(Buffer.concat(err)) })),
    );
  }

  it('helps in both languages', async () => {
    const [ja, en] = await Promise.all([program(['--help']), program(['--help', '--lang', 'en'])]);
    expect(ja).toMatchObject({ code: 0, err: '' });
    expect(ja.out).toMatch(/^tasuki-sign \[オプション\]/);
    expect(en.out).toMatch(/^tasuki-sign \[options\]/);
    const options = (text: string) => text.match(/--[a-z0-9-]+/g);
    expect(new Set(options(ja.out))).toEqual(new Set(options(en.out)));
  });

  it('says what it does not understand', async () => {
    const { code, out, err } = await program(['--pin', '1234', 'Task/1']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/オプションが正しくありません: .*--pin/);
    expect(err).not.toContain('1234');
  });

  it('asks for the password and for the authority’s, line by line, and shows neither', async () => {
    await using served = await letterServer();
    const args = ['--server', `${served.url}/fhir`, '--access-token', token, '--pkcs12', card, '--tsa', authority.url];
    const done = await program([...args, '--tsa-user', 'clinic', 'Task/t1', 'Bundle/1'], `${PIN}\r\ntsa-himitsu\n`);
    expect(done.code).toBe(0);
    expect(done.err).toBe(
      'PKCS#12 ファイルのパスワードを入力してください: \nタイムスタンプ局のパスワードを入力してください: \n',
    );
    expect(done.out + done.err).not.toMatch(/himitsu/);
    expect(done.out + done.err).not.toContain(PIN);
  });

  it('ends where nobody answers', async () => {
    await using served = await letterServer();
    const args = ['--server', `${served.url}/fhir`, '--access-token', token, '--pkcs12', card, '--tsa', authority.url];
    const done = await program([...args, 'Task/t1']);
    expect(done.code).toBe(2);
    expect(done.err).toContain('入力が中断されました。');
  });
});
