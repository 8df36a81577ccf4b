import { createHash } from 'node:crypto';
import { outbound } from '../../../../src/http/outbound.ts';
import { databaseCache, type ListCache, memoryCache } from '../../../../src/services/signature/trust/cache.ts';
import { Fetcher, type Place } from '../../../../src/services/signature/trust/fetch.ts';
import { type Clone, cloneDatabase } from '../../../support/database.ts';
import { type ListServer, listServer } from './list-server.ts';
import { ca, crl, DAY, NOW, root, signing, tsaRoot } from './pki.ts';

let clone: Clone;
let server: ListServer;
beforeAll(async () => {
  [clone, server] = await Promise.all([cloneDatabase(), listServer()]);
});
afterAll(async () => {
  await server.close();
  await clone.drop();
});

const caches: [string, () => Promise<ListCache>][] = [
  ['in memory', async () => memoryCache()],
  ['in the database', async () => databaseCache(await clone.open({ poolSize: 2 }))],
];

let places = 0;
function place(more: Partial<Place> = {}): Place & { readonly path: string } {
  places += 1;
  const path = `/${places}.crl`;
  return { path, url: server.url(path), allowPrivate: true, issuers: [root.certificate, signing.certificate], ...more };
}

const sha256 = (der: Uint8Array) => createHash('sha256').update(der).digest();

describe.each(caches)('lists that are fetched and kept %s', (_, openCache) => {
  let cache: ListCache;
  let log: string[];
  let fetcher: Fetcher;
  beforeEach(async () => {
    cache = await openCache();
    log = [];
    fetcher = new Fetcher(cache, outbound, (level, event, fields) =>
      log.push(`${level} ${event}: ${fields?.reason ?? ''}`),
    );
  });
  const source = async ({ url }: Place) => (await cache.sources([url]))[0];
  const held = async (of: Place) => {
    const digest = (await source(of))?.crl;
    return digest ? (await cache.lists([digest]))[0]?.der : undefined;
  };

  it('come, are archived, and are not asked for before they are due', async () => {
    const of = place();
    const der = crl(signing, { crlNumber: 3n });
    server.put(of.path, der);
    await fetcher.ask(of, NOW);
    expect((await held(of))?.equals(der)).toBe(true);
    expect(await cache.lists([sha256(der)])).toMatchObject([
      { issuer: 'CN=HPKI-01-TestSignCA-forNonRepudiation,O=Tasuki test,C=JP', number: 3n, url: of.url, fetchedAt: NOW },
    ]);
    expect(await source(of)).toMatchObject({ checkedAt: NOW, dueAt: NOW + 2.5 * DAY, failures: 0 });
    await fetcher.ask(of, NOW + 2.5 * DAY - 1);
    expect(server.asked(of.path)).toBe(1);
    expect(log).toEqual(['info revocation list fetched: ']);
  });

  it('are asked for anew when due, and only sent when they have changed', async () => {
    const of = place();
    server.put(of.path, crl(signing));
    await fetcher.ask(of, NOW);
    await fetcher.ask(of, NOW + 3 * DAY);
    expect([server.asked(of.path), server.unchanged(of.path)]).toEqual([2, 1]);
    expect(await source(of)).toMatchObject({ checkedAt: NOW + 3 * DAY, dueAt: NOW + 3 * DAY + 6 * 3_600_000 });
    const newer = crl(signing, { crlNumber: 2n, thisUpdate: NOW + 3 * DAY, nextUpdate: NOW + 10 * DAY });
    server.put(of.path, newer);
    await fetcher.ask(of, NOW + 4 * DAY);
    expect((await held(of))?.equals(newer)).toBe(true);
  });

  it('are asked for before they are due by who insists', async () => {
    const of = place();
    server.put(of.path, crl(signing));
    await fetcher.ask(of, NOW);
    await fetcher.ask(of, NOW, true);
    expect(server.asked(of.path)).toBe(2);
  });

  it('are asked for once by many at once, of one process or of several', async () => {
    const of = place();
    server.put(of.path, (_request, response) => setTimeout(() => response.end(crl(signing)), 20));
    const other = new Fetcher(cache, outbound, () => undefined);
    await Promise.all([fetcher, fetcher, other, fetcher, other].map((one) => one.ask(of, NOW)));
    expect(server.asked(of.path)).toBe(1);
    expect(await held(of)).toBeDefined();
  });

  const good = () => crl(signing, { crlNumber: 5n });
  it.each<[string, () => Uint8Array, RegExp]>([
    [
      'older than what is here',
      () => crl(signing, { crlNumber: 6n, thisUpdate: NOW - 2 * DAY }),
      /is older than the list/,
    ],
    ['with a lower number', () => crl(signing, { crlNumber: 4n, thisUpdate: NOW }), /is older than the list/],
    ['from the future', () => crl(signing, { crlNumber: 6n, thisUpdate: NOW + DAY }), /from the future/],
    ['of another authority', () => crl(tsaRoot), /is a list of CN=TSA Root/],
    [
      'with a forged signature',
      () => crl({ certificate: signing.certificate, key: tsaRoot.key }),
      /is not signed by a key/,
    ],
    ['that are deltas', () => crl(signing, { crlNumber: 6n, deltaBase: 5n }), /is a delta list/],
    ['that are pages', () => Buffer.from('<html>maintenance</html>'), /has neither DER/],
    ['that are empty', () => Buffer.alloc(0), /has neither DER/],
  ])('are refused when they come %s; what is here stays', async (_, bad, reason) => {
    const of = place();
    server.put(of.path, good());
    await fetcher.ask(of, NOW);
    const before = await held(of);
    server.put(of.path, bad());
    await fetcher.ask(of, NOW + 1, true);
    expect(await held(of)).toEqual(before);
    expect(await source(of)).toMatchObject({
      failures: 1,
      failure: expect.stringMatching(reason),
      dueAt: NOW + 1 + 60_000,
    });
    expect(log[1]).toMatch(new RegExp(`^warn revocation list not fetched: .*${reason.source}`));
  });

  it('may begin anew when the authority was set up anew and its old key is trusted no more', async () => {
    const of = place();
    server.put(of.path, crl(signing, { crlNumber: 500n }));
    await fetcher.ask(of, NOW);
    const again = ca('HPKI-01-TestSignCA-forNonRepudiation', { issuer: root, key: 2 });
    const first = crl(again, { crlNumber: 1n, thisUpdate: NOW });
    server.put(of.path, first);
    await fetcher.ask({ ...of, issuers: [root.certificate, again.certificate] }, NOW + 1, true);
    expect((await held(of))?.equals(first)).toBe(true);
  });

  it('that do not come are asked for rarer and rarer, until they come', async () => {
    const of = place();
    const due: number[] = [];
    for (let now = NOW; due.length < 4; now = due.at(-1)!) {
      await fetcher.ask(of, now);
      due.push((await source(of))!.dueAt);
    }
    expect(due.map((at) => (at - NOW) / 60_000)).toEqual([1, 3, 7, 15]);
    await fetcher.ask(of, due[2]!);
    expect(server.asked(of.path)).toBe(4);
    expect((await source(of))?.failure).toBe('127.0.0.1 answers with status 404');
    server.put(of.path, crl(signing));
    await fetcher.ask(of, due[3]!);
    expect(await source(of)).toMatchObject({ failures: 0, failure: null });
  });

  it('are not believed unchanged by who has none', async () => {
    const of = place();
    server.put(of.path, (_request, response) => response.writeHead(304).end());
    await fetcher.ask(of, NOW);
    expect(await source(of)).toMatchObject({ crl: null, failures: 1 });
  });

  it('are not asked of private addresses without the operator’s word', async () => {
    const of = place({ allowPrivate: false });
    server.put(of.path, crl(signing));
    await fetcher.ask(of, NOW);
    expect(server.asked(of.path)).toBe(0);
    expect((await source(of))?.failure).toMatch(/^Port \d+ of 127\.0\.0\.1 is none of 80/);
  });

  it('are called off at the end, and then nothing is asked any more', async () => {
    const of = place();
    const reached = Promise.withResolvers<void>();
    server.put(of.path, () => reached.resolve());
    const asking = fetcher.ask(of, NOW);
    await reached.promise;
    await fetcher.close();
    await asking;
    expect(await source(of)).toMatchObject({ dueAt: NOW });
    await fetcher.ask(of, NOW);
    expect(server.asked(of.path)).toBe(1);
  });
});

it('a cache that fails is logged, and fails nobody', async () => {
  const log: string[] = [];
  const cache = { ...memoryCache(), claim: () => Promise.reject(new Error('no connection')) };
  await new Fetcher(cache, outbound, (level, event) => log.push(`${level} ${event}`)).ask(place(), NOW);
  expect(log).toEqual(['error revocation list cache failed']);
});
