import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type CheckOptions, checkTrust, readCheckArguments } from '../../../../src/services/signature/trust/check.ts';
import type { Report } from '../../../../src/services/signature/trust/report.ts';
import { root as repository } from '../../../house/source.ts';
import { type Clone, cloneDatabase } from '../../../support/database.ts';
import { type ListServer, listServer } from './list-server.ts';
import {
  ca,
  crl,
  DAY,
  type Directory,
  FILES,
  NOW,
  pem,
  root,
  signing,
  trustDirectory,
  trustJson,
  tsaRoot,
} from './pki.ts';

let clone: Clone;
let server: ListServer;
let directory: Directory;
beforeAll(async () => {
  [clone, server] = await Promise.all([cloneDatabase(), listServer()]);
});
afterAll(async () => {
  await server.close();
  await clone.drop();
});
beforeEach(async () => {
  directory = await trustDirectory();
});
afterEach(() => directory.remove());

async function check(more: Partial<CheckOptions> = {}): Promise<{ code: number; text: string }> {
  let text = '';
  const code = await checkTrust({
    directory: directory.path,
    database: null,
    fetch: false,
    json: false,
    language: 'en',
    now: NOW,
    print: (more) => {
      text += more;
    },
    ...more,
  });
  return { code, text };
}

async function report(more: Partial<CheckOptions> = {}): Promise<Report & { code: number }> {
  const { code, text } = await check({ ...more, json: true });
  return { ...(JSON.parse(text) as Report), code };
}

/** Codes of its findings. */
const codes = ({ findings }: Report) => findings.map(({ code }) => code);
const others = (of: Report) => codes(of).filter((code) => code !== 'ROLE_UNCONFIRMED');

const lists = { 'root.crl': crl(root), 'signing.crl': crl(signing), 'tsa.crl': crl(tsaRoot) };
const listed = {
  issuer: { crls: [{ file: 'root.crl' }, { file: 'signing.crl' }] },
  authority: { crls: [{ file: 'tsa.crl' }], url: 'https://tsa.example/' },
};
/** All is well, but for what the test changes. */
const write = (json: Parameters<typeof trustJson>[0] = {}, files = {}) =>
  directory.write({ ...FILES, ...lists, 'trust.json': trustJson({ ...listed, ...json }), ...files });

describe('tasuki trust check', () => {
  it('finds nothing wrong where all is well', async () => {
    await write();
    const found = await report();
    expect([found.code, found.result, others(found)]).toEqual([0, 'ok', []]);
    expect(found.authorities[0]?.certificates[0]).toMatchObject({
      use: 'anchors',
      file: 'root.pem',
      subject: 'CN=Root,O=Tasuki test,C=JP',
      notAfter: new Date(NOW + 1000 * DAY).toISOString(),
      daysLeft: 1000,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(found.authorities[1]?.lists[0]).toMatchObject({
      place: 'tsa.crl',
      list: {
        number: '1',
        revoked: 0,
        signedBy: expect.stringMatching(/^CN=TSA Root,O=Tasuki test,C=JP [0-9a-f]{64}$/),
      },
    });
  });

  it('shows it to people', async () => {
    await write();
    const { code, text } = await check();
    expect(code).toBe(0);
    expect(text.replace(directory.path, 'DIR').replaceAll(/[0-9A-F]{2}(:[0-9A-F]{2}){31}/g, 'AB:CD')).toBe(
      `What is trusted: DIR, 2026-04-01 00:00 UTC

  environment       test
  policies          1.2.392.100495.1.5.1.1
  refused policies  1.2.392.100495.1.5.1.2
  roles             medical: Medical Doctor
                    dental: Medical Doctor, Dentist

Issuer: 試験認証局 (Test CA)
  anchor        CN=Root,O=Tasuki test,C=JP
                until 2028-12-26, 1000 days left; root.pem
                SHA-256 AB:CD
  intermediate  CN=HPKI-01-TestSignCA-forNonRepudiation,O=Tasuki test,C=JP
                until 2028-12-26, 1000 days left; signing.cer
                SHA-256 AB:CD
  list          root.crl
                of 2026-03-31 00:00, next 2026-04-07 00:00 (UTC), 0 revoked; number 1
                signed by CN=Root,O=Tasuki test,C=JP
  list          signing.crl
                of 2026-03-31 00:00, next 2026-04-07 00:00 (UTC), 0 revoked; number 1
                signed by CN=HPKI-01-TestSignCA-forNonRepudiation,O=Tasuki test,C=JP

Time-stamp authority: 試験時刻局 (Test TSA)
  anchor  CN=TSA Root,O=Tasuki test,C=JP
          until 2028-12-26, 1000 days left; tsa.pem
          SHA-256 AB:CD
  list    tsa.crl
          of 2026-03-31 00:00, next 2026-04-07 00:00 (UTC), 0 revoked; number 1
          signed by CN=TSA Root,O=Tasuki test,C=JP

note: The spelling of the role "Dentist" was not seen in a published certificate: compare it with a real one
Nothing is wrong.
`,
    );
  });

  it('in Japanese too, in columns that stand under each other', async () => {
    await write();
    const { text } = await check({ language: 'ja' });
    expect(text).toContain(
      '発行者: 試験認証局 (Test CA)\n  信頼点      CN=Root,O=Tasuki test,C=JP\n              2028-12-26 まで、あと 1000 日; root.pem\n',
    );
    expect(text).toContain('\n  中間証明書  CN=HPKI-01');
    expect(text.endsWith('問題はありません。\n')).toBe(true);
  });

  it('writes no control character of a name to the terminal', async () => {
    const odd = ca('Odd\u001b[2J\u202e');
    await write(
      { authority: { name: { ja: '試験\u2066', en: 'x' }, anchors: ['odd.pem'] } },
      { 'odd.pem': pem(odd.der) },
    );
    const { text } = await check();
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('ends with 2 where nothing can be found valid', async () => {
    expect(await report()).toMatchObject({ code: 2, findings: [{ code: 'NOTHING_TRUSTED', level: 'error' }] });
    await write({ issuers: [], timestampAuthorities: [] });
    expect(codes(await report())).toEqual(expect.arrayContaining(['NO_ISSUER', 'NO_TIMESTAMP_AUTHORITY']));
  });

  it('tells each mistake, with its place, in both languages', async () => {
    await write({ warnDays: 0 });
    const found = await report();
    expect(found).toMatchObject({ code: 2, environment: null, authorities: [] });
    expect(found.findings).toMatchObject([
      {
        code: 'MISTAKE',
        words: {
          en: expect.stringMatching(/^trust\.json \$\.warnDays: must be a whole/),
          ja: expect.stringMatching(/日数/),
        },
      },
    ]);
  });

  it.each([
    ['long before its end', 91, 0, []],
    ['ahead of its end', 89, 1, ['CERTIFICATE_ENDS_SOON']],
    ['on its last day', 0.5, 1, ['CERTIFICATE_ENDS_SOON']],
    ['after its end', -1, 2, ['ANCHOR_EXPIRED']],
    ['before its beginning', 2000, 2, ['NOT_YET_VALID']],
  ])('of an anchor says %s', async (_, days, code, expected) => {
    const notAfter = NOW + days * DAY;
    const anchor = ca('TSA Root', { key: 2, notAfter, notBefore: days === 2000 ? NOW + DAY : NOW - 200 * DAY });
    await write({}, { 'tsa.pem': pem(anchor.der), 'tsa.crl': crl(anchor) });
    const found = await report();
    expect([found.code, others(found)]).toEqual([code, expected]);
  });

  it('says nothing of an end when the successor is there, nor of what is retired', async () => {
    const ending = ca('TSA Root', { key: 2, notAfter: NOW + 10 * DAY });
    const over = ca('TSA Root', { key: 1, notAfter: NOW - 10 * DAY });
    await write(
      { authority: { ...listed.authority, anchors: ['tsa.pem', 'ending.pem'], retired: ['over.pem'] } },
      { 'ending.pem': pem(ending.der), 'over.pem': pem(over.der) },
    );
    expect(others(await report())).toEqual([]);
  });

  it('of an intermediate that has ended warns, for older signatures rest on it', async () => {
    const old = ca('Old', { issuer: root, key: 2, notAfter: NOW - DAY });
    await write({ issuer: { ...listed.issuer, intermediates: ['signing.cer', 'old.cer'] } }, { 'old.cer': old.der });
    expect(await report()).toMatchObject({ code: 1, findings: [{ code: 'CERTIFICATE_EXPIRED' }, {}] });
  });

  it.each([
    ['that has ended', crl(root, { nextUpdate: NOW - 1000 }), 2, ['LIST_EXPIRED']],
    ['that is about to end', crl(root, { nextUpdate: NOW + DAY / 2 }), 1, ['LIST_ENDS_SOON']],
    ['that is forged', crl({ certificate: root.certificate, key: tsaRoot.key }), 2, ['LIST_UNUSABLE']],
  ])('of a list in a file says %s', async (_, der, code, expected) => {
    await write({}, { 'root.crl': der });
    const found = await report();
    expect([found.code, others(found)]).toEqual([code, expected]);
  });

  it('misses the list of an authority', async () => {
    await write({ issuer: { crls: [{ file: 'root.crl' }] } });
    expect(await report()).toMatchObject({
      code: 1,
      findings: [{ code: 'NO_LIST', words: { en: expect.stringMatching(/^No list of CN=HPKI-01-Test/) } }, {}],
    });
  });

  it('warns when authentication or, in production, test certificates would be taken', async () => {
    await write({ environment: 'production', refusedPolicies: ['2.999.1'] });
    expect(codes(await report())).toEqual(expect.arrayContaining(['AUTHENTICATION_POLICY_TAKEN', 'TEST_POLICY_TAKEN']));
    await write({ environment: 'production' });
    expect(others(await report())).toEqual([]);
  });

  it('finds a policy that is accepted and refused at once', async () => {
    await write({ refusedPolicies: ['1.2.392.100495.1.5.1'] });
    expect(await report()).toMatchObject({ code: 2, findings: [{ code: 'POLICY_REFUSED' }, {}] });
  });

  it('notes roles that nobody has seen spelled, and a time-stamp authority that cannot be asked', async () => {
    await write({
      roles: { medical: ['Medical Doctor', 'Pharmacist', 'Midwife'] },
      authority: { crls: [{ file: 'tsa.crl' }] },
    });
    const found = await report();
    expect([found.code, codes(found)]).toEqual([0, ['NO_TIMESTAMP_SERVICE', 'ROLE_UNCONFIRMED', 'ROLE_UNCONFIRMED']]);
  });
});

describe('tasuki trust check and lists behind URLs', () => {
  const at = (path: string) => ({ url: server.url(path), allowPrivate: true });
  const behind = (path: string) => ({ issuer: { crls: [{ file: 'signing.crl' }, at(path)] } });

  it('does not ask for them unless it is told to', async () => {
    server.put('/a.crl', crl(root));
    await write(behind('/a.crl'));
    expect(others(await report())).toEqual(['LIST_NOT_LOOKED_AT']);
    expect(server.asked('/a.crl')).toBe(0);
    const found = await report({ fetch: true });
    expect([found.code, others(found)]).toEqual([0, []]);
    expect(found.authorities[0]?.lists[1]).toMatchObject({ checkedAt: new Date(NOW).toISOString(), failure: null });
  });

  it('says why there is none', async () => {
    await write(behind('/none.crl'));
    const found = await report({ fetch: true });
    expect([found.code, others(found)]).toEqual([2, ['LIST_MISSING']]);
    expect(found.findings[0]?.words.en).toMatch(/answers with status 404/);
  });

  it('shows those that the server has, and keeps what it fetches for the server', async () => {
    const database = await clone.open({ poolSize: 2 });
    server.put('/b.crl', crl(root));
    await write(behind('/b.crl'));
    expect(others(await report({ database }))).toEqual(['LIST_NOT_LOOKED_AT']);
    expect(others(await report({ database, fetch: true }))).toEqual([]);
    expect(others(await report({ database }))).toEqual([]);
    server.put('/b.crl', Buffer.from('down'));
    expect(others(await report({ database, fetch: true }))).toEqual(['LIST_NOT_FETCHED']);
    expect(others(await report({ database, now: NOW + 6 * DAY }))).toContain('LIST_EXPIRED');
    expect(server.asked('/b.crl')).toBe(2);
  });
});

describe('the arguments of tasuki trust', () => {
  it.each([
    [['check'], { fetch: false, database: false, json: false, language: undefined }],
    [['check', '--fetch', '--database', '--json'], { fetch: true, database: true, json: true, language: undefined }],
    [['check', '--lang', 'ja'], { fetch: false, database: false, json: false, language: 'ja' }],
    [['check', '--lang=en'], { fetch: false, database: false, json: false, language: 'en' }],
    [[], undefined],
    [['list'], undefined],
    [['check', '--lang', 'fr'], undefined],
    [['check', '--lang'], undefined],
    [['check', '--force'], undefined],
    [['check', 'x'], undefined],
  ])('%j', (args, expected) => expect(readCheckArguments(args)).toEqual(expected));

  it('are those of the command line, which ends with what was found', async () => {
    await directory.write({ ...FILES, 'trust.json': trustJson() });
    const env = { ...process.env, TRUST_DIR: directory.path, LANG: 'ja_JP.UTF-8', DATA_DIR: directory.path };
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, ['src/main.ts', 'trust', ...args], { cwd: repository, env }).then(
        ({ stdout }) => ({ code: 0, stdout }),
        ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
      );
    const [ja, en, none] = await Promise.all([run('check'), run('check', '--lang', 'en'), run('show')]);
    expect(ja).toMatchObject({ code: 1, stdout: expect.stringMatching(/^信頼するもの: /) });
    expect(en).toMatchObject({ code: 1, stdout: expect.stringMatching(/WARNING: Test CA: No list of CN=Root/) });
    expect(none).toMatchObject({ code: 2, stdout: '' });
  });
});
