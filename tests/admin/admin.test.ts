import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { withCommands } from '../../scripts/admin-commands.ts';
import { flagOf, operands } from '../../src/admin/command.ts';
import { COMMANDS } from '../../src/admin/commands.ts';
import { keep, readKept } from '../../src/admin/credentials.ts';
import { helpOn } from '../../src/admin/help.ts';
import { aligned, plainly, widthOf } from '../../src/admin/print.ts';
import { inTurn } from '../../src/admin/turn.ts';
import type { Operation } from '../../src/fhir/engine.ts';
import { ensureOperator } from '../../src/identity/index.ts';
import { Stage } from '../services/contract/stage.ts';

let stage: Stage;
let directory: string;
let key: string;

beforeAll(async () => {
  stage = await Stage.open(new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(Date.now()));
  directory = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-admin-`));
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const kid = randomUUID();
  key = join(directory, 'operator.jwk');
  writeFileSync(key, JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid }), { mode: 0o600 });
  await ensureOperator(stage.database, {
    rid: stage.server.engine.keys.rid('Organization', 'operator'),
    name: 'Operator',
    clientId: 'operator',
    jwk: { ...publicKey.export({ format: 'jwk' }), kid },
  });
}, 30_000);
afterAll(async () => {
  await stage?.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line as a process. */
const tasuki = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', 'src/main.ts', 'admin', ...args],
      {
        env: {
          PATH: process.env.PATH ?? '',
          NODE_COMPILE_CACHE: process.env.TASUKI_TEST_COMPILED ?? '',
          ADMIN_DIR: directory,
          LANG: 'en',
          ...env,
        },
      },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
    child.stdin?.end();
  });
const operator = (...args: string[]) =>
  tasuki(['--server', stage.server.config.baseUrl, '--client', 'operator', '--key', key, ...args]);

/** Operations of administrators and the operator that have no command, and why. */
const WITHOUT: Readonly<Record<string, string>> = {};

it('has a command for each operation that is for administrators or the operator', () => {
  const theirs = (one: Operation) =>
    one.roles?.some((role) => role === 'administrator' || role === 'operator') ||
    (one.kinds.length > 0 && one.kinds.every((kind) => kind === 'operator'));
  const named = new Set(COMMANDS.flatMap(({ path }) => /\$[a-z-]+$/.exec(path)?.[0] ?? []));
  const missing = stage.server.engine.operations.flatMap((one) =>
    theirs(one) && !named.has(`$${one.name}`) && WITHOUT[one.name] === undefined ? [one.name] : [],
  );
  expect(missing).toEqual([]);
});

it('names operations that the server has, as the server offers them', () => {
  const wrong = COMMANDS.filter(({ path, method }) => {
    const name = /\$([a-z-]+)$/.exec(path)?.[1];
    if (name === undefined) return false;
    const parts = path.split('/');
    const level = parts.length === 1 ? 'system' : parts.length === 2 ? 'type' : 'instance';
    return !stage.server.engine.operations.some(
      (one) =>
        one.name === name &&
        one.level === level &&
        one.methods.includes(method) &&
        (level === 'system' || one.types.includes(parts[0] as string)),
    );
  });
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

it('takes what the documentation of the operations says that they take', () => {
  const missing = COMMANDS.flatMap(({ name, path, parameters = [] }) => {
    const parts = path.split('/');
    const operation = stage.server.engine.operations.find(
      (one) => `$${one.name}` === parts.at(-1) && (parts.length === 1 || one.types.includes(parts[0] as string)),
    );
    const said = (operation?.documentation ?? '').split(' In: ')[1]?.split(' Out: ')[0] ?? '';
    return parameters.flatMap((one) => (operation && !said.includes(one.name) ? [`${name} ${one.name}`] : []));
  });
  expect(missing).toEqual([]);
});

it.each([
  ['docs/admin.md', 'en'],
  ['docs/admin.ja.md', 'ja'],
] as const)('is documented in %s as the program has it', (file, language) => {
  const document = readFileSync(file, 'utf8');
  expect(withCommands(document, language)).toBe(document);
});

it('has commands that can be told apart, each with help in both languages', () => {
  expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length);
  for (const command of COMMANDS) {
    for (const language of ['ja', 'en'] as const) {
      const help = helpOn(command.name, language);
      for (const { name } of command.parameters ?? []) expect(help).toContain(flagOf(name));
      for (const { name } of operands(command)) expect(help).toContain(name.toUpperCase());
    }
  }
});

describe('as a process', () => {
  it('shows help, in Japanese too, and ends with 2 for what it does not understand', async () => {
    expect((await tasuki(['help'])).out).toContain('register-client INSTITUTION');
    expect((await tasuki(['--lang', 'ja', 'help', 'invite'])).out).toContain('招待コードは一度だけ表示');
    expect(await tasuki(['dance'])).toMatchObject({ code: 2, out: '' });
    expect((await operator('invite', 'x')).err).toContain('--login is needed');
    expect((await operator('add-institution', '--name', 'x', '--kind', 'zoo')).code).toBe(2);
    expect((await tasuki(['people', 'x'])).err).toContain('Nobody is logged in');
    expect(
      (await tasuki(['--server', 'http://example.com', '--client', 'a', '--key', key, 'people', 'x'])).err,
    ).toContain('https');
  });

  it('adds an institution, invites people, and says once what is shown once', async () => {
    const added = await operator('add-institution', '--name', 'ひばり薬局', '--kind', 'medical', '--json');
    expect(added).toMatchObject({ code: 0, err: '' });
    const { id } = JSON.parse(added.out) as { id: string };
    const listed = await operator('institutions');
    expect(listed.out).toContain('ひばり薬局');
    const hospital = stage.hospital.organization;
    const invited = await operator(
      'invite',
      hospital,
      '--login',
      'hibari.kanri',
      '--name',
      '管理 花子',
      '--role',
      'administrator',
      '--role',
      'clerk',
    );
    expect(invited).toMatchObject({ code: 0, err: '' });
    expect(invited.out).toMatch(/code:\s+\S+/);
    const people = await operator('people', hospital);
    expect(people.out).toContain('hibari.kanri');
    expect(people.out).not.toContain(/code:\s+(\S+)/.exec(invited.out)?.[1]);
    expect((await operator('people', id)).code).toBe(0);
  });

  it('asks before what cannot be undone, and suspends and lifts', async () => {
    const { id } = JSON.parse(
      (await operator('add-institution', '--name', '停止医院', '--kind', 'medical', '--json')).out,
    ) as { id: string };
    const why = ['--reason', 'loss', '--text', 'a laptop was lost'];
    expect(await operator('suspend', id, ...why)).toMatchObject({ code: 2, out: '' });
    expect((await operator('standing', id)).out).toMatch(/suspended:\s+false/);
    expect((await operator('suspend', id, ...why, '--yes')).out).toMatch(/suspended:\s+true/);
    expect((await operator('lift', id, '--text', 'found')).out).toMatch(/suspended:\s+false/);
  });

  it('takes the file of the demo, in which the operator is one of the clients', async () => {
    const file = join(directory, 'demo.json');
    const of = { clientId: 'operator', privateKeyJwk: JSON.parse(readFileSync(key, 'utf8')) };
    const { baseUrl } = stage.server.config;
    writeFileSync(file, JSON.stringify({ baseUrl, clients: { operator: of } }), { mode: 0o600 });
    expect(await tasuki(['--key', file, 'institutions'])).toMatchObject({ code: 0, err: '' });
    const unknown = await tasuki(['--key', file, '--client', 'nobody', 'institutions']);
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('--client')]);
  });

  it('says what the server says when it refuses, and what to do', async () => {
    const refused = await operator('erase', stage.hospital.organization, '--confirm', 'みなと総合病院', '--yes');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('409');
    expect((await operator('erasure', 'nobody')).err).toContain('Check the id');
  });

  it('writes what the institution owns, page by page, to a file', async () => {
    const file = join(directory, 'own.ndjson');
    const refused = await operator('export', stage.hospital.organization, '--output', file);
    expect([refused.code, refused.err.includes('409')]).toEqual([1, true]);
    const { organization } = await stage.network.register('medical');
    expect(await operator('export', organization, '--output', file)).toMatchObject({ code: 0, out: '' });
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).resourceType)).toContain('Organization');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

describe('a login', () => {
  it('is known to every server: a public client that comes back to this machine', async () => {
    const url = new URL(`${stage.server.config.baseUrl}/oauth/authorize`);
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: 'tasuki-admin',
      redirect_uri: 'http://127.0.0.1:43210/callback',
      scope: 'openid fhirUser online_access user/*.cruds',
      state: 'abcdefghijklmnop',
      aud: `${stage.server.config.baseUrl}/fhir`,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    }))
      url.searchParams.set(name, value);
    const reply = await fetch(url, { redirect: 'manual' });
    expect([reply.status, reply.headers.get('location') ?? '']).toEqual([
      303,
      expect.stringMatching(/\/interaction\//),
    ]);
  });

  it('is kept for its owner alone', async () => {
    const places = { adminDir: join(directory, 'kept'), dataDir: directory };
    const kept = { server: 'http://127.0.0.1:1', accessToken: 'x', expiresAt: 0 };
    await keep(places, kept);
    expect(await readKept(places)).toEqual(kept);
    expect(statSync(join(directory, 'kept', 'admin.json')).mode & 0o777).toBe(0o600);
  });
});

describe('a turn', () => {
  it('is one process’s after the other’s, and not lost with a process that was killed', async () => {
    const path = join(directory, 'turn');
    const order: number[] = [];
    const work = (i: number) =>
      inTurn(path, async () => {
        order.push(i);
        await pause(20);
        order.push(i);
      });
    await Promise.all([1, 2, 3].map(work));
    expect([order[0], order[2], order[4]]).toEqual([order[1], order[3], order[5]]);
    await expect(inTurn(path, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    mkdirSync(path);
    const longAgo = new Date(Date.now() - 600_000);
    utimesSync(path, longAgo, longAgo);
    expect(await inTurn(path, async () => 'done')).toBe('done');
    await expect(inTurn(join(directory, 'nowhere', 'turn'), async () => 'done')).rejects.toThrow('ENOENT');
  });
});

describe('what is printed', () => {
  it('stands in columns, whatever the width of the characters', () => {
    expect(widthOf('ひばり')).toBe(6);
    expect(widthOf('ﾋﾊﾞﾘ')).toBe(4);
    expect(widthOf('𠮷')).toBe(2);
    expect(
      aligned([
        ['ひばり', 'x'],
        ['a', 'y'],
      ]),
    ).toBe('ひばり  x\na       y');
  });

  it('moves no cursor', () => {
    expect(plainly({ resourceType: 'Parameters', parameter: [{ name: 'a', valueString: '\u001b[2Jx' }] })).toBe(
      'a:   [2Jx',
    );
  });
});

it.each(['{"kty":"EC","d":"very-secret-part"', 'null', '"very-secret-part"'])(
  'says of a key file that cannot be read what is wrong, and nothing that stands in it: %s',
  async (text) => {
    const file = join(directory, 'damaged.jwk');
    writeFileSync(file, text, { mode: 0o600 });
    const ended = await tasuki(['--server', 'http://127.0.0.1:1', '--client', 'a', '--key', file, 'people', 'x']);
    expect([ended.code, ended.out]).toEqual([2, '']);
    expect(ended.err).toContain('it is not JSON');
    expect(ended.err).not.toContain('secret');
  },
);
