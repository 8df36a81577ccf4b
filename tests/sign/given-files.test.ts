import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { derOf } from '../../src/demo/hpki/authorities.ts';
import {
  readBytes,
  readClient,
  readLine,
  readRevocationList,
  readToken,
  saveFile,
  savingPlaces,
} from '../../src/sign/given-files.ts';
import { UsageError } from '../../src/sign/usage.ts';
import { serve } from './http-server.ts';
import { hpki } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'sign-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
async function refused(work: () => unknown): Promise<UsageError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a secret in a file', () => {
  it.each([
    ['1234', '1234'],
    ['1234\n', '1234'],
    ['1234\r\n', '1234'],
    ['\uFEFF1234\r\n', '1234'],
    [' 12 34 \n', ' 12 34 '],
    ['暗証番号', '暗証番号'],
  ])('%j is %j', (content, secret) => {
    expect(readLine(put('secret', content))).toBe(secret);
  });
});

describe('a file', () => {
  it('that is not there, or no file, is said to be so', async () => {
    const error = await refused(() => readBytes(join(folder, 'none')));
    expect(error.words.ja).toMatch(/読めません: .*none \(ENOENT\)/);
    expect(error.words.en).toMatch(/cannot be read: .*none \(ENOENT\)/);
    expect((await refused(() => readBytes(folder))).words.en).toMatch(/EISDIR/);
  });

  it('with a client holds all that it needs', async () => {
    const client = { clientId: 'c', tokenUrl: 'https://t', scope: 's', privateKeyJwk: { kty: 'EC', d: 'himitsu' } };
    expect(readClient(put('client', `\uFEFF${JSON.stringify(client)}`))).toEqual(client);
    for (const name of Object.keys(client)) {
      const less = JSON.stringify({ ...client, [name]: undefined });
      expect((await refused(() => readClient(put('client', less)))).words.en).toMatch(name);
    }
    for (const text of ['{"d":"himitsu"', 'null', '7', '', '"himitsu"']) {
      const { words } = await refused(() => readClient(put('client', text)));
      expect(words.ja + words.en).not.toContain('himitsu');
    }
  });

  it('with an access token holds nothing else', async () => {
    expect(readToken(put('token', ' eyJ.a-b_c.~+/== \r\n'))).toBe('eyJ.a-b_c.~+/==');
    for (const text of ['', 'himitsu\nhimitsu', 'himitsu token', '{"himitsu":1}']) {
      const { words } = await refused(() => readToken(put('token', text)));
      expect(words.ja + words.en).not.toContain('himitsu');
    }
  });
});

describe('a revocation list', () => {
  const der = derOf(hpki.crls.issuer);

  it('is read from a file or an address, as DER or PEM', async () => {
    expect(await readRevocationList(put('list', der))).toEqual(der);
    expect(await readRevocationList(put('list', `issuer\n${hpki.crls.issuer}`))).toEqual(der);
    await using served = await serve(() => ({ body: der }));
    expect(await readRevocationList(`${served.url}/list.crl`)).toEqual(der);
  });

  it.each([
    ['a certificate', derOf(hpki.issuer)],
    ['a certificate in PEM', hpki.issuer],
    ['text', 'none'],
    ['nothing', ''],
    ['half a list', der.subarray(0, 100)],
  ])('is not %s', async (_name, content) => {
    expect((await refused(() => readRevocationList(put('list', content)))).words.en).toMatch(/not a revocation list/);
  });

  it('that is not there is said to be so', async () => {
    await using served = await serve(() => ({ status: 404 }));
    expect((await refused(() => readRevocationList(`${served.url}/l`))).words.en).toMatch(/fetched: .*\(404\)/);
    expect((await refused(() => readRevocationList('http://127.0.0.1:9/l'))).words.ja).toMatch(/取得できません/);
    expect((await refused(() => readRevocationList(join(folder, 'none')))).words.ja).toMatch(/読めません/);
  });
});

describe('where letters are saved', () => {
  it('is the file, or a file for each in a folder', () => {
    const file = join(folder, 'signed.pdf');
    expect([...savingPlaces(file, ['Task/1'])]).toEqual([['Task/1', file]]);
    expect([...savingPlaces(folder, ['Task/1', 'https://h/fhir/Bundle/../x'])]).toEqual([
      ['Task/1', join(folder, 'Task-1.pdf')],
      ['https://h/fhir/Bundle/../x', join(folder, 'https-h-fhir-Bundle-..-x.pdf')],
    ]);
  });

  it('is a folder where there are several', async () => {
    const error = await refused(() => savingPlaces(join(folder, 'signed.pdf'), ['Task/1', 'Task/2']));
    expect(error.words.ja).toMatch(/フォルダー/);
  });

  it('is tried before anything is signed', async () => {
    const error = await refused(() => savingPlaces(join(folder, 'none', 'signed.pdf'), ['Task/1']));
    expect(error.words.en).toMatch(/ENOENT/);
  });

  it('may still refuse', async () => {
    expect((await refused(() => saveFile(folder, Buffer.from('x')))).words.en).toMatch(/cannot be written/);
  });
});
