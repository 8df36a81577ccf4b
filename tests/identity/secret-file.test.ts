import { createHmac } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Secret } from '../../src/identity/secret.ts';
import { SecretFile } from '../../src/identity/secret-file.ts';
import { addPepper, openPeppers } from '../../src/services/timeline/keycode/pepper.ts';

const NOW = new Date('2026-04-01T00:00:00Z');
let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pepper-'));
  file = join(folder, 'data', 'keycode.pepper');
});
afterEach(() => rm(folder, { recursive: true }));

const kids = async (): Promise<string[]> =>
  JSON.parse(await readFile(file, 'utf8')).secrets.map((pepper: { kid: string }) => pepper.kid);
const kid = async (peppers: SecretFile) => (await peppers.newest()).kid;

describe('a file of secrets', () => {
  it('is made at first use, for its owner alone', async () => {
    const peppers = await openPeppers(file, [], NOW);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await kids()).toEqual([await kid(peppers)]);
    const [pepper] = JSON.parse(await readFile(file, 'utf8')).secrets;
    expect(Buffer.from(pepper.secret, 'base64url')).toHaveLength(32);
    expect(pepper.created).toBe(NOW.toISOString());
  });

  it('is the same for processes that start together, and nothing else stays behind', async () => {
    const opened = await Promise.all(Array.from({ length: 12 }, () => openPeppers(file, [], NOW)));
    const found = await Promise.all(opened.map(kid));
    expect(new Set(found).size).toBe(1);
    expect(new Set(opened.map((peppers) => peppers.any().mac('text').toString('hex'))).size).toBe(1);
    expect(await readdir(join(folder, 'data'))).toEqual(['keycode.pepper']);
  });

  it('is kept from start to start', async () => {
    const first = await openPeppers(file, [], NOW);
    const second = await openPeppers(file, [await kid(first)], NOW);
    expect(second.any().mac('text')).toEqual(first.any().mac('text'));
  });

  it('differs from that of any other server', async () => {
    const one = await openPeppers(file, [], NOW);
    const other = await openPeppers(`${file}.other`, [], NOW);
    expect(one.any().mac('text')).not.toEqual(other.any().mac('text'));
    expect(await kid(one)).not.toBe(await kid(other));
  });
});

describe('rotation', () => {
  it('issues with the newest and accepts the older, also in a process that is running', async () => {
    const peppers = await openPeppers(file, [], NOW);
    const old = peppers.any();
    await addPepper(file, NOW);
    const next = await peppers.newest();
    expect(next.kid).not.toBe(old.kid);
    expect(await kids()).toEqual([old.kid, next.kid]);
    expect((await peppers.of(old.kid)).mac('text')).toEqual(old.mac('text'));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('is seen by a process that meets the new kid in the database first', async () => {
    const peppers = await openPeppers(file, [], NOW);
    await addPepper(file, NOW);
    const next = await kid(await openPeppers(file, [], NOW));
    expect((await peppers.of(next)).kid).toBe(next);
  });

  it('loses none when two rotate at once', async () => {
    await openPeppers(file, [], NOW);
    const results = await Promise.allSettled([addPepper(file, NOW), addPepper(file, NOW)]);
    const added = results.filter((result) => result.status === 'fulfilled').length;
    expect(added).toBeGreaterThanOrEqual(1);
    expect(await kids()).toHaveLength(1 + added);
  });

  it('needs a file', async () => {
    await expect(addPepper(file, NOW)).rejects.toThrow(`${file} is missing`);
  });
});

describe('a start that cannot go well', () => {
  it('says that the file is missing where keycodes need it, and makes none', async () => {
    await expect(openPeppers(file, ['spring', 'autumn'], NOW)).rejects.toThrow(
      `the keycode pepper file ${file} is missing, but the database has keycodes made with spring, autumn`,
    );
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('says which pepper the file lacks', async () => {
    const known = await kid(await openPeppers(file, [], NOW));
    await expect(openPeppers(file, [known, 'spring'], NOW)).rejects.toThrow(`${file} lacks spring, with which`);
  });

  it.each([0o604, 0o644, 0o660, 0o666])('says that the file is open to others (%o)', async (mode) => {
    await openPeppers(file, [], NOW);
    await chmod(file, mode);
    await expect(openPeppers(file, [], NOW)).rejects.toThrow('open to others: chmod 600');
  });

  it.each([0o400, 0o440, 0o600, 0o640])('accepts a file of mode %o', async (mode) => {
    await openPeppers(file, [], NOW);
    await chmod(file, mode);
    await expect(openPeppers(file, [], NOW)).resolves.toBeInstanceOf(SecretFile);
  });

  const secret = Buffer.alloc(32, 1).toString('base64url');
  it.each([
    ['no JSON', `{"secrets":[{"kid":"a","secret":"${secret}"`],
    ['empty', ''],
    ['null', 'null'],
    ['without secrets', '{"secrets":[]}'],
    ['with a short secret', '{"secrets":[{"kid":"a","secret":"c2hvcnQ"}]}'],
    ['with a kid that is none', `{"secrets":[{"kid":1,"secret":"${secret}"}]}`],
    [
      'with the same kid twice',
      JSON.stringify({
        secrets: [
          { kid: 'a', secret },
          { kid: 'a', secret },
        ],
      }),
    ],
    ['with a null', '{"secrets":[null]}'],
  ])('says that the file is damaged, without showing it: %s', async (_, text) => {
    await openPeppers(file, [], NOW);
    await writeFile(file, text);
    const error = await openPeppers(file, [], NOW).then(
      () => new Error('it opened'),
      (reason: Error) => reason,
    );
    expect(error.message).toBe(`the keycode pepper file ${file} is damaged: restore it from a copy`);
    expect(inspect(error)).not.toContain(secret.slice(0, 12));
  });

  it('says later that a pepper is gone', async () => {
    const peppers = await openPeppers(file, [], NOW);
    await expect(peppers.of('gone')).rejects.toThrow(`${file} lacks gone`);
  });
});

describe('a secret', () => {
  it('is HMAC-SHA256 with the secret of the file', async () => {
    await openPeppers(file, [], NOW);
    const key = Buffer.alloc(32, 0x0b).toString('base64url');
    await writeFile(file, JSON.stringify({ secrets: [{ kid: 'a', created: '', secret: key }] }));
    const expected = createHmac('sha256', Buffer.alloc(32, 0x0b)).update('Hi There').digest();
    expect((await openPeppers(file, ['a'], NOW)).any().mac('Hi There')).toEqual(expected);
  });

  it('does not show itself', async () => {
    const peppers = await openPeppers(file, [], NOW);
    const [pepper] = JSON.parse(await readFile(file, 'utf8')).secrets;
    expect(inspect(peppers, { depth: 9, showHidden: true })).not.toContain(pepper.secret);
    expect(JSON.stringify(peppers.any())).toBe(JSON.stringify({ kid: pepper.kid }));
  });

  it('is read from a file of peppers as it was made before', async () => {
    await openPeppers(file, [], NOW);
    const key = Buffer.alloc(32, 0x0b).toString('base64url');
    await writeFile(file, JSON.stringify({ peppers: [{ kid: 'old', created: '', secret: key }] }));
    expect((await openPeppers(file, ['old'], NOW)).any().kid).toBe('old');
    await addPepper(file, NOW);
    expect((await kids())[0]).toBe('old');
  });
});

describe('what a secret seals', () => {
  const secret = (fill: number) => new Secret('a', Buffer.alloc(32, fill));
  const plain = Buffer.from('a seed of twenty bytes');

  it('opens for whom it was sealed, and reads differently each time', () => {
    const [one, other] = [secret(1).seal(plain, 'person 1'), secret(1).seal(plain, 'person 1')];
    expect(secret(1).unseal(one, 'person 1')).toEqual(plain);
    expect(one).not.toEqual(other);
    expect(one.includes(plain)).toBe(false);
  });

  it('opens for nobody else, with no other key, and not when a bit was changed', () => {
    const sealed = secret(1).seal(plain, 'person 1');
    expect(() => secret(1).unseal(sealed, 'person 2')).toThrow();
    expect(() => secret(2).unseal(sealed, 'person 1')).toThrow();
    expect(() => secret(1).derive('other').unseal(sealed, 'person 1')).toThrow();
    for (let byte = 0; byte < sealed.length; byte++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(byte) ^ 1, byte);
      expect(() => secret(1).unseal(changed, 'person 1')).toThrow();
    }
    for (let length = 0; length < sealed.length; length++)
      expect(() => secret(1).unseal(sealed.subarray(0, length), 'person 1')).toThrow();
  });

  it('may be empty', () => {
    expect(secret(1).unseal(secret(1).seal(Buffer.alloc(0), 'x'), 'x')).toEqual(Buffer.alloc(0));
  });

  it('has a key for each purpose', () => {
    const macs = ['password', 'recovery code'].map((purpose) => secret(1).derive(purpose).mac('text').toString('hex'));
    expect(new Set([...macs, secret(1).mac('text').toString('hex')]).size).toBe(3);
    expect(secret(1).derive('password').mac('text')).toEqual(secret(1).derive('password').mac('text'));
    expect(secret(1).derive('password').kid).toBe('a');
  });
});
