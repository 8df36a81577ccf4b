import { createPrivateKey } from 'node:crypto';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fingerprintNow, type Loaded, loadTrust } from '../../../../src/services/signature/trust/load.ts';
import { TrustError } from '../../../../src/services/signature/trust/mistake.ts';
import { ca, crl, type Directory, FILES, pem, root, signing, trustDirectory, trustJson, tsaRoot } from './pki.ts';

let directory: Directory;
beforeEach(async () => {
  directory = await trustDirectory();
  await directory.write({ ...FILES, 'trust.json': trustJson() });
});
afterEach(() => directory.remove());

async function loaded(): Promise<Loaded> {
  const { result } = await loadTrust(directory.path);
  if (result === 'absent' || result instanceof Error) throw result;
  return result;
}

async function mistakes(): Promise<string[]> {
  const { result } = await loadTrust(directory.path);
  return result instanceof TrustError ? result.message.split('\n') : [];
}

describe('the trust directory', () => {
  it('gives each authority its certificates', async () => {
    const { issuers, timestampAuthorities } = await loaded();
    expect(issuers[0]?.certificates.map(({ use, subject }) => [use, subject])).toEqual([
      ['anchors', 'CN=Root,O=Tasuki test,C=JP'],
      ['intermediates', 'CN=HPKI-01-TestSignCA-forNonRepudiation,O=Tasuki test,C=JP'],
    ]);
    expect(timestampAuthorities[0]?.certificates[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('takes several certificates of one PEM file, with text between, and files below folders and behind links', async () => {
    const other = ca('Other root', { key: 2 });
    await directory.write({ 'in/here/two.pem': `Subject: Root\n${pem(root.der)}\r\nand\n${pem(other.der)}` });
    await symlink('in/here/two.pem', join(directory.path, 'link.pem'));
    await directory.write({ 'trust.json': trustJson({ issuer: { anchors: ['link.pem'] } }) });
    expect((await loaded()).issuers[0]?.certificates).toHaveLength(3);
  });

  it('without trust.json is absent, as without the directory itself', async () => {
    const empty = await trustDirectory();
    expect((await loadTrust(empty.path)).result).toBe('absent');
    await empty.remove();
    expect((await loadTrust(empty.path)).result).toBe('absent');
  });

  const cases: [string, Record<string, string | Uint8Array | object>, string][] = [
    [
      'a file that is not there',
      { 'trust.json': trustJson({ issuer: { anchors: ['gone.pem'] } }) },
      'gone.pem $.issuers[0].anchors[0]: cannot be read: ENOENT',
    ],
    [
      'no certificate',
      { 'root.pem': 'hello' },
      'root.pem $.issuers[0].anchors[0]: has neither DER nor a whole PEM block "CERTIFICATE"',
    ],
    [
      'half a certificate',
      { 'root.pem': pem(root.der).slice(0, 300) },
      'root.pem $.issuers[0].anchors[0]: has neither',
    ],
    [
      'one whole and one half',
      { 'root.pem': pem(root.der) + pem(root.der).slice(0, 300) },
      'root.pem $.issuers[0].anchors[0]: has neither',
    ],
    [
      'broken DER',
      { 'signing.cer': signing.der.subarray(0, -1) },
      'signing.cer $.issuers[0].intermediates[0]: is no certificate that can be read',
    ],
    [
      'more behind the DER',
      { 'signing.cer': Buffer.concat([signing.der, Buffer.of(0)]) },
      'signing.cer $.issuers[0].intermediates[0]: is no certificate',
    ],
    [
      'a list of revocations',
      { 'root.pem': pem(crl(root), 'X509 CRL') },
      'root.pem $.issuers[0].anchors[0]: has a PEM block "X509 CRL"',
    ],
    ['a list as DER', { 'signing.cer': crl(root) }, 'signing.cer $.issuers[0].intermediates[0]: is no certificate'],
    [
      'a private key beside it',
      { 'root.pem': pem(root.der) + pem(Buffer.from('x'), 'PRIVATE KEY') },
      'root.pem $.issuers[0].anchors[0]: holds a private key',
    ],
    [
      'an encrypted private key',
      { 'root.pem': pem(Buffer.from('x'), 'ENCRYPTED PRIVATE KEY') },
      'root.pem $.issuers[0].anchors[0]: holds a private key',
    ],
    [
      'a private key as DER',
      {
        'signing.cer': createPrivateKey(root.key.export({ format: 'pem', type: 'pkcs8' })).export({
          format: 'der',
          type: 'sec1',
        }),
      },
      'signing.cer $.issuers[0].intermediates[0]: holds a private key',
    ],
    [
      'a root among what stands between',
      { 'signing.cer': root.der },
      'signing.cer $.issuers[0].intermediates[0]: CN=Root,O=Tasuki test,C=JP is signed by itself',
    ],
    [
      'what is not self-signed among the anchors',
      { 'root.pem': signing.der },
      'root.pem $.issuers[0].anchors[0]: CN=HPKI-01',
    ],
    [
      'a certificate of nobody here',
      { 'signing.cer': ca('Lost', { issuer: tsaRoot, key: 1 }).der },
      'signing.cer $.issuers[0].intermediates[0]: CN=Lost,O=Tasuki test,C=JP was issued by none',
    ],
    [
      'one that only says it was issued here',
      { 'signing.cer': ca('Liar', { issuer: { ...root, key: tsaRoot.key }, key: 1 }).der },
      'signing.cer $.issuers[0].intermediates[0]: CN=Liar',
    ],
    [
      'no authority',
      { 'root.pem': ca('Doctor', { extensions: { basicConstraints: { ca: false } } }).der },
      'root.pem $.issuers[0].anchors[0]: CN=Doctor,O=Tasuki test,C=JP is no certificate of an authority',
    ],
    [
      'an authority that may not issue',
      { 'root.pem': ca('Mute', { extensions: { keyUsage: ['cRLSign'] } }).der },
      'root.pem $.issuers[0].anchors[0]: CN=Mute',
    ],
    [
      'what is critical and not known',
      {
        'tsa.pem': ca('Odd', { extensions: { raw: [{ oid: '1.2.3.4', critical: true, value: Uint8Array.of(5, 0) }] } })
          .der,
      },
      'tsa.pem $.timestampAuthorities[0].anchors[0]: CN=Odd,O=Tasuki test,C=JP has critical extensions that are not known here (1.2.3.4)',
    ],
    [
      'a folder',
      { 'trust.json': trustJson({ issuer: { anchors: ['folder'] } }) },
      'folder $.issuers[0].anchors[0]: cannot be read: it is no file',
    ],
    [
      'far too much',
      { 'root.pem': Buffer.alloc(300 * 1024, 'x') },
      'root.pem $.issuers[0].anchors[0]: is larger than 262144 bytes',
    ],
    ['no JSON', { 'trust.json': '{' }, 'trust.json $: is not JSON'],
  ];
  it.each(cases)('with %s is not taken, and says where', async (_, files, message) => {
    await mkdir(join(directory.path, 'folder'));
    await directory.write(files);
    const found = await mistakes();
    expect(found.filter((one) => one.startsWith(message))).toHaveLength(1);
  });

  it('tells the mistakes of all files at once', async () => {
    await directory.write({ 'root.pem': 'x', 'tsa.pem': 'y' });
    expect(await mistakes()).toHaveLength(3);
  });

  it('keeps a list in a file with who has signed it, and with what is wrong the rest stands', async () => {
    await directory.write({
      'trust.json': trustJson({ issuer: { crls: [{ file: 'good.crl' }, { file: 'bad.crl' }, { file: 'gone.crl' }] } }),
      'good.crl': crl(root),
      'bad.crl': crl(tsaRoot),
    });
    const lists = (await loaded()).issuers[0]?.lists.map(({ file, list, mistake }) => [
      file,
      list?.issuer,
      mistake?.en,
    ]);
    expect(lists).toEqual([
      ['good.crl', 'CN=Root,O=Tasuki test,C=JP', undefined],
      ['bad.crl', undefined, expect.stringMatching(/none of the certificates/)],
      ['gone.crl', undefined, 'cannot be read: ENOENT'],
    ]);
  });
});

describe('the fingerprint of what was read', () => {
  const changed = async (before: string) => (await fingerprintNow(directory.path, before)) !== before;

  it('stays while nothing changes', async () => {
    const { fingerprint } = await loadTrust(directory.path);
    expect(await changed(fingerprint)).toBe(false);
  });

  it('changes with any file that was read, or would have been', async () => {
    await directory.write({ 'trust.json': trustJson({ issuer: { crls: [{ file: 'later.crl' }] } }) });
    const changes: (() => Promise<void>)[] = [
      () => directory.write({ 'trust.json': trustJson({ issuer: { crls: [{ file: 'later.crl' }] }, warnDays: 10 }) }),
      () => directory.write({ 'signing.cer': Buffer.concat([signing.der, Buffer.of(0)]) }),
      () => directory.write({ 'later.crl': crl(root) }),
      () => rename(join(directory.path, 'tsa.pem'), join(directory.path, 'gone.pem')),
      async () => {
        await writeFile(join(directory.path, 'new'), pem(tsaRoot.der));
        await rename(join(directory.path, 'new'), join(directory.path, 'tsa.pem'));
      },
    ];
    for (const change of changes) {
      const { fingerprint } = await loadTrust(directory.path);
      await change();
      expect(await changed(fingerprint)).toBe(true);
    }
  });

  it('changes when the directory comes to be', async () => {
    const later = await trustDirectory();
    await later.remove();
    const { fingerprint } = await loadTrust(later.path);
    expect(await fingerprintNow(later.path, fingerprint)).toBe(fingerprint);
    await later.write({ 'trust.json': trustJson() });
    expect(await fingerprintNow(later.path, fingerprint)).not.toBe(fingerprint);
    await later.remove();
  });

  it('does not change with other files', async () => {
    const { fingerprint } = await loadTrust(directory.path);
    await directory.write({ 'notes.txt': 'fingerprints compared by telephone on 2026-04-01' });
    expect(await changed(fingerprint)).toBe(false);
  });
});
