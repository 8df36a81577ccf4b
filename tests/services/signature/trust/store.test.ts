import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Access } from '../../../../src/access/access.ts';
import { TrustStore, type TrustStoreOptions } from '../../../../src/services/signature/trust/store.ts';
import { archivedCrls } from '../../../../src/store/crl.ts';
import type { Database } from '../../../../src/store/database.ts';
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
  TSA_NAME,
  trustDirectory,
  trustJson,
  tsaRoot,
} from './pki.ts';

let clone: Clone;
let database: Database;
let server: ListServer;
beforeAll(async () => {
  [clone, server] = await Promise.all([cloneDatabase(), listServer()]);
  database = await clone.open();
});
afterAll(async () => {
  await server.close();
  await clone.drop();
});

let directory: Directory;
let log: { level: string; event: string; fields: Readonly<Record<string, unknown>> }[];
const stores: TrustStore[] = [];
beforeEach(async () => {
  directory = await trustDirectory();
  await directory.write({ ...FILES, 'trust.json': trustJson() });
  log = [];
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await directory.remove();
});

async function open(more: Partial<TrustStoreOptions> = {}): Promise<TrustStore> {
  const store = await TrustStore.open({
    directory: directory.path,
    database,
    log: (level, event, fields = {}) => log.push({ level, event, fields }),
    now: () => NOW,
    ...more,
  });
  stores.push(store);
  return store;
}

const logged = (level: string) => log.filter((line) => line.level === level).map(({ event }) => event);
const same = (left: readonly Uint8Array[], ...right: readonly Uint8Array[]) =>
  expect(left.map((one) => Buffer.from(one).toString('hex')).sort()).toEqual(
    right.map((one) => Buffer.from(one).toString('hex')).sort(),
  );

let paths = 0;
/** A URL that has this list, for trust.json. */
function served(der?: Uint8Array) {
  paths += 1;
  const path = `/store-${paths}.crl`;
  if (der) server.put(path, der);
  return { path, entry: { url: server.url(path), allowPrivate: true } };
}

describe('what is trusted', () => {
  it('is what the directory says', async () => {
    await directory.write({
      'trust.json': trustJson({
        authority: { url: 'https://tsa.example/', policy: '1.2.3' },
        policies: ['2.999.1'],
        refusedPolicies: ['2.999.2'],
      }),
    });
    const { trust, environment, roles, timestampServices } = await (await open()).current();
    same(trust.anchors, root.der);
    same(trust.intermediates, signing.der);
    same(trust.timestampAnchors, tsaRoot.der);
    expect(trust).toMatchObject({
      timestampIntermediates: [],
      crls: [],
      policies: ['2.999.1'],
      refusedPolicies: ['2.999.2'],
    });
    expect({ environment, roles, timestampServices }).toEqual({
      environment: 'test',
      roles: { medical: ['Medical Doctor'], dental: ['Medical Doctor', 'Dentist'] },
      timestampServices: [{ name: TSA_NAME, url: 'https://tsa.example/', policy: '1.2.3', allowPrivate: false }],
    });
    expect(logged('info')).toEqual(['trust read']);
  });

  it('is each certificate once, though several issuers have the same root', async () => {
    const [issuer] = trustJson().issuers;
    await directory.write({ 'trust.json': trustJson({ issuers: [issuer, { ...issuer, intermediates: [] }] }) });
    const { trust } = await (await open()).current();
    same(trust.anchors, root.der);
  });

  it('is nothing without a directory, and the log says so once', async () => {
    const store = await open({ directory: join(directory.path, 'nowhere') });
    for (let i = 0; i < 3; i++)
      expect(await store.current(NOW + i * DAY)).toMatchObject({
        environment: 'none',
        trust: { anchors: [], crls: [] },
      });
    expect(logged('warn')).toEqual(['nothing is trusted']);
  });

  it('is nothing when the directory cannot be used, and the log says why', async () => {
    await directory.write({ 'root.pem': 'x' });
    expect((await (await open()).current()).trust.anchors).toEqual([]);
    expect(log).toMatchObject([
      {
        level: 'error',
        event: 'trust cannot be read',
        fields: { trusted: 'nothing', mistakes: [expect.any(String), expect.any(String)] },
      },
    ]);
  });

  it('has no anchor that has ended, unless it is kept as retired', async () => {
    const after = root.certificate.notAfter + 1;
    const store = await open();
    expect((await store.current(root.certificate.notAfter)).trust.anchors).toHaveLength(1);
    expect((await store.current(after)).trust.anchors).toEqual([]);
    const next = ca('Root', { key: 2, notAfter: after + 1000 * DAY });
    await directory.write({
      'next.pem': pem(next.der),
      'trust.json': trustJson({ issuer: { anchors: ['next.pem'], retired: ['root.pem'] } }),
    });
    same((await store.current(after + DAY)).trust.anchors, next.der, root.der);
  });
});

describe('a change of the directory', () => {
  const later = NOW + 10_000;

  it('is taken up without a restart, after some seconds', async () => {
    const store = await open();
    await directory.write({ 'trust.json': trustJson({ environment: 'staging' }) });
    expect((await store.current(NOW + 1000)).environment).toBe('test');
    expect((await store.current(later)).environment).toBe('staging');
    expect(logged('info')).toEqual(['trust read', 'trust read']);
  });

  it('that cannot be used leaves what was good before, is logged once, and is taken up when it is mended', async () => {
    const store = await open();
    await directory.write({ 'signing.cer': 'half a fi' });
    for (let i = 0; i < 3; i++) same((await store.current(later + i * 10_000)).trust.intermediates, signing.der);
    expect(logged('error')).toEqual(['trust cannot be read']);
    expect(log.at(-1)?.fields.trusted).toBe('as before');
    const other = ca('Other', { issuer: root, key: 2 });
    await directory.write({ 'signing.cer': other.der });
    same((await store.current(later + 60_000)).trust.intermediates, other.der);
  });

  it('is seen by all who ask at once', async () => {
    const store = await open();
    await directory.write({ 'trust.json': trustJson({ environment: 'staging' }) });
    const all = await Promise.all(Array.from({ length: 5 }, () => store.current(later)));
    expect(all.map(({ environment }) => environment)).toEqual(Array(5).fill('staging'));
  });

  it('that takes trust.json away takes the trust away', async () => {
    const store = await open();
    await rm(join(directory.path, 'trust.json'));
    expect((await store.current(later)).trust.anchors).toEqual([]);
  });

  it('that makes the directory is taken up too', async () => {
    const store = await open({ directory: join(directory.path, 'later') });
    expect((await store.current()).environment).toBe('none');
    await directory.write({
      ...Object.fromEntries(Object.entries(FILES).map(([name, content]) => [`later/${name}`, content])),
      'later/trust.json': trustJson(),
    });
    expect((await store.current(later)).environment).toBe('test');
  });
});

describe('the lists of what is trusted', () => {
  it('come from files and are archived', async () => {
    const der = crl(root, { crlNumber: 77n });
    await directory.write({ 'root.crl': der, 'trust.json': trustJson({ issuer: { crls: [{ file: 'root.crl' }] } }) });
    const store = await open();
    same((await store.current()).trust.crls, der);
    const sha256 = createHash('sha256').update(der).digest();
    expect(await archivedCrls(Access.system('test'), database, [sha256])).toMatchObject([
      { number: 77n, url: null, fetchedAt: NOW },
    ]);
  });

  it('of files are archived later when the database does not answer at once', async () => {
    const der = crl(root, { crlNumber: 78n });
    await directory.write({ 'root.crl': der, 'trust.json': trustJson({ issuer: { crls: [{ file: 'root.crl' }] } }) });
    let down = true;
    const query: Database['query'] = (...of) =>
      down ? Promise.reject(new Error('no connection')) : database.query(...of);
    const store = await open({ database: { ...database, query } });
    expect(logged('error')).toEqual(['revocation list not archived']);
    down = false;
    same((await store.current(NOW + 10_000)).trust.crls, der);
    const sha256 = createHash('sha256').update(der).digest();
    expect(await archivedCrls(Access.system('test'), database, [sha256])).toHaveLength(1);
  });

  it('of files that break stay as they were, and the log says so', async () => {
    const der = crl(root);
    await directory.write({ 'root.crl': der, 'trust.json': trustJson({ issuer: { crls: [{ file: 'root.crl' }] } }) });
    const store = await open();
    await directory.write({ 'root.crl': der.subarray(0, 50) });
    same((await store.current(NOW + 10_000)).trust.crls, der);
    expect(logged('error')).toEqual(['revocation list cannot be used']);
    const newer = crl(root, { crlNumber: 2n });
    await directory.write({ 'root.crl': newer });
    same((await store.current(NOW + 20_000)).trust.crls, newer);
  });

  it('of files that break are gone with the certificate that signed them', async () => {
    await directory.write({
      'root.crl': crl(root),
      'trust.json': trustJson({ issuer: { crls: [{ file: 'root.crl' }] } }),
    });
    const store = await open();
    const other = ca('Root', { key: 2 });
    await directory.write({
      'root.pem': pem(other.der),
      'root.crl': 'x',
      'trust.json': trustJson({ issuer: { intermediates: [], crls: [{ file: 'root.crl' }] } }),
    });
    expect((await store.current(NOW + 10_000)).trust.crls).toEqual([]);
  });

  it('are fetched when they are first needed', async () => {
    const [rootList, tsaList] = [crl(root), crl(tsaRoot)];
    const [one, two] = [served(rootList), served(tsaList)];
    await directory.write({
      'trust.json': trustJson({ issuer: { crls: [one.entry] }, authority: { crls: [two.entry] } }),
    });
    const store = await open();
    same((await store.current()).trust.crls, rootList, tsaList);
    await store.current(NOW + DAY);
    expect([server.asked(one.path), server.asked(two.path)]).toEqual([1, 1]);
  });

  it('are shared by processes', async () => {
    const der = crl(root);
    const { path, entry } = served(der);
    await directory.write({ 'trust.json': trustJson({ issuer: { crls: [entry] } }) });
    await (await open()).current();
    const second = await open();
    same((await second.current()).trust.crls, der);
    expect(server.asked(path)).toBe(1);
    const newer = crl(root, { crlNumber: 2n, thisUpdate: NOW });
    server.put(path, newer);
    await (await open()).refresh(NOW + 1, { force: true });
    same((await second.current(NOW + 2)).trust.crls, newer);
    expect(server.asked(path)).toBe(2);
  });

  it('that are half over are fetched meanwhile: nobody waits', async () => {
    const der = crl(root);
    const { path, entry } = served(der);
    await directory.write({ 'trust.json': trustJson({ issuer: { crls: [entry] } }) });
    const store = await open();
    await store.current();
    const newer = crl(root, { crlNumber: 2n, thisUpdate: NOW + DAY, nextUpdate: NOW + 9 * DAY });
    const reached = Promise.withResolvers<() => void>();
    server.put(path, (_request, response) => reached.resolve(() => void response.end(newer)));
    same((await store.current(NOW + 3 * DAY)).trust.crls, der);
    (await reached.promise)();
    await store.refresh(NOW + 3 * DAY);
    same((await store.current(NOW + 3 * DAY)).trust.crls, newer);
    expect(server.asked(path)).toBe(2);
  });

  it('that have ended stay when no newer one comes in time', async () => {
    const der = crl(root);
    const { path, entry } = served(der);
    await directory.write({ 'trust.json': trustJson({ issuer: { crls: [entry] } }) });
    const store = await open({ waitMs: 20 });
    await store.current();
    server.put(path, () => undefined);
    same((await store.current(NOW + 30 * DAY)).trust.crls, der);
  });

  it('that never came are none, and nobody fails for it', async () => {
    const { path, entry } = served();
    await directory.write({ 'trust.json': trustJson({ issuer: { crls: [entry] } }) });
    const store = await open();
    expect((await store.current()).trust.crls).toEqual([]);
    expect((await store.current(NOW + 1)).trust.crls).toEqual([]);
    expect(server.asked(path)).toBe(1);
    expect(logged('warn')).toEqual(['revocation list not fetched']);
  });

  it('that were accepted once are not used when their issuer is trusted no more', async () => {
    const { entry } = served(crl(root));
    await directory.write({ 'trust.json': trustJson({ issuer: { crls: [entry] } }) });
    const store = await open();
    expect((await store.current()).trust.crls).toHaveLength(1);
    await directory.write({
      'root.pem': pem(ca('Root', { key: 2 }).der),
      'trust.json': trustJson({ issuer: { intermediates: [], crls: [entry] } }),
    });
    expect((await store.current(NOW + 10_000)).trust.crls).toEqual([]);
  });

  it('of one URL may be signed by any issuer that names it', async () => {
    const der = crl(signing);
    const { path, entry } = served(der);
    const [issuer] = trustJson().issuers;
    await directory.write({
      'trust.json': trustJson({
        issuers: [
          { ...issuer, intermediates: [], crls: [entry] },
          { ...issuer, crls: [entry] },
        ],
      }),
    });
    same((await (await open()).current()).trust.crls, der);
    expect(server.asked(path)).toBe(1);
  });
});
