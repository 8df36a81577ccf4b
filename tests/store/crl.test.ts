import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Access } from '../../src/access/access.ts';
import {
  type ArchivedCrl,
  archiveCrl,
  archivedCrls,
  claimCrlSource,
  crlFailed,
  crlFetched,
  crlSources,
} from '../../src/store/crl.ts';
import type { Database } from '../../src/store/database.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import { caller, SYSTEM } from './stage.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-04-01T00:00:00Z');
const TURN = { now: NOW, until: NOW + 60_000 };

let clone: Clone;
let database: Database;
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
});
afterAll(() => clone.drop());

let made = 0;
/** A list that nobody has archived yet; the store does not look inside. */
function list(more: Partial<ArchivedCrl> = {}): ArchivedCrl {
  made += 1;
  const der = more.der ?? Buffer.from(`list ${made}`);
  return {
    sha256: createHash('sha256').update(der).digest(),
    der,
    issuer: 'CN=Test CA,O=Tasuki,C=JP',
    number: BigInt(made),
    thisUpdate: NOW,
    nextUpdate: NOW + 24 * HOUR,
    url: 'http://crl.example/ca.crl',
    fetchedAt: NOW + 1000,
    ...more,
  };
}

const place = () => {
  made += 1;
  return `http://crl.example/${made}.crl`;
};
const source = async (url: string) => (await crlSources(SYSTEM, database, [url]))[0];
const claim = (url: string, more: Partial<Parameters<typeof claimCrlSource>[3]> = {}) =>
  claimCrlSource(SYSTEM, database, url, { ...TURN, ...more });
const answered = (more = {}) => ({
  etag: '"1"',
  lastModified: 'Wed, 01 Apr 2026 00:00:00 GMT',
  checkedAt: NOW,
  dueAt: NOW + HOUR,
  ...more,
});
async function archived(more: Partial<ArchivedCrl> = {}): Promise<ArchivedCrl> {
  const crl = list(more);
  await archiveCrl(SYSTEM, database, crl);
  return crl;
}

describe('the archive of revocation lists', () => {
  it('gives a list back as it was put in', async () => {
    const crl = await archived();
    expect(await archivedCrls(SYSTEM, database, [crl.sha256])).toEqual([crl]);
  });

  it('whatever bytes it has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2000 }), async (bytes) => {
        const crl = await archived({ der: Buffer.from(bytes) });
        const [found] = await archivedCrls(SYSTEM, database, [crl.sha256]);
        expect(found?.der.equals(bytes)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('keeps numbers of twenty octets, and lists without number or from a file', async () => {
    const long = await archived({ number: 2n ** 160n - 1n });
    const none = await archived({ number: null, url: null });
    const found = await archivedCrls(SYSTEM, database, [long.sha256, none.sha256]);
    expect(new Set(found)).toEqual(new Set([long, none]));
  });

  it('keeps the first of the same list, with where and when it came from', async () => {
    const crl = await archived();
    await archiveCrl(SYSTEM, database, { ...crl, url: 'http://mirror.example/', fetchedAt: NOW + HOUR });
    expect(await archivedCrls(SYSTEM, database, [crl.sha256])).toEqual([crl]);
  });

  it('of two processes that bring it at once too', async () => {
    const crl = list();
    await Promise.all(Array.from({ length: 5 }, () => archiveCrl(SYSTEM, database, crl)));
    expect(await archivedCrls(SYSTEM, database, [crl.sha256])).toHaveLength(1);
  });

  it('knows nothing of others', async () => {
    expect(await archivedCrls(SYSTEM, database, [])).toEqual([]);
    expect(await archivedCrls(SYSTEM, database, [list().sha256])).toEqual([]);
  });

  it('takes no list that ends before it begins, and none under what is no digest', async () => {
    await expect(archived({ nextUpdate: NOW })).rejects.toThrow(/check constraint/);
    await expect(archived({ sha256: Buffer.from('short') })).rejects.toThrow(/check constraint/);
  });
});

describe('the turn to ask a place', () => {
  it('is had by the first, who learns that nothing is known', async () => {
    const url = place();
    expect(await crlSources(SYSTEM, database, [url])).toEqual([]);
    expect(await claim(url)).toEqual({
      url,
      crl: null,
      etag: null,
      lastModified: null,
      checkedAt: null,
      dueAt: TURN.until,
      failures: 0,
      failure: null,
    });
  });

  it('is had by one of many', async () => {
    const url = place();
    const turns = await Promise.all(Array.from({ length: 8 }, () => claim(url)));
    expect(turns.filter(Boolean)).toHaveLength(1);
  });

  it('is had by one of many when it is due again', async () => {
    const url = place();
    await claim(url);
    await crlFetched(SYSTEM, database, url, (await archived()).sha256, answered());
    const turn = { now: NOW + HOUR, until: NOW + HOUR + 60_000 };
    expect(await claim(url, { now: NOW + HOUR - 1 })).toBeUndefined();
    const turns = await Promise.all(Array.from({ length: 8 }, () => claim(url, turn)));
    expect(turns.filter(Boolean)).toHaveLength(1);
  });

  it('passes on when the one who has it died', async () => {
    const url = place();
    await claim(url);
    expect(await claim(url, { now: TURN.until - 1, until: TURN.until + 60_000 })).toBeUndefined();
    expect(await claim(url, { now: TURN.until, until: TURN.until + 60_000 })).toBeDefined();
  });

  it('is had before it is due by who insists', async () => {
    const url = place();
    await claim(url);
    expect(await claim(url, { force: true })).toBeDefined();
  });

  it('of one place does not touch another', async () => {
    const [one, other] = [place(), place()];
    await claim(one);
    expect(await claim(other)).toBeDefined();
    expect((await crlSources(SYSTEM, database, [one, other, place()])).map(({ url }) => url).sort()).toEqual(
      [one, other].sort(),
    );
  });
});

describe('what a place answered', () => {
  it('is its list from then on', async () => {
    const url = place();
    await claim(url);
    const crl = await archived();
    expect(await crlFetched(SYSTEM, database, url, crl.sha256, answered())).toBe(true);
    expect(await source(url)).toEqual({ url, crl: crl.sha256, ...answered(), failures: 0, failure: null });
  });

  it('stays its list when it has no newer one', async () => {
    const url = place();
    await claim(url);
    const crl = await archived();
    await crlFetched(SYSTEM, database, url, crl.sha256, answered());
    const later = answered({ etag: '"2"', checkedAt: NOW + HOUR, dueAt: NOW + 2 * HOUR });
    expect(await crlFetched(SYSTEM, database, url, null, later)).toBe(true);
    expect(await source(url)).toMatchObject({ crl: crl.sha256, ...later });
  });

  it('must be in the archive', async () => {
    const url = place();
    await claim(url);
    await expect(crlFetched(SYSTEM, database, url, list().sha256, answered())).rejects.toThrow(/foreign key/);
  });

  it('never goes back to an older list of the same issuer', async () => {
    const url = place();
    await claim(url);
    const [older, newer] = [await archived(), await archived({ thisUpdate: NOW + 1 })];
    await crlFetched(SYSTEM, database, url, newer.sha256, answered());
    expect(await crlFetched(SYSTEM, database, url, older.sha256, answered({ etag: '"0"' }))).toBe(false);
    expect(await source(url)).toMatchObject({ crl: newer.sha256, etag: '"1"' });
  });

  it('may be a list of another issuer, when the operator has changed whom they trust', async () => {
    const url = place();
    await claim(url);
    const [newer, other] = [await archived({ thisUpdate: NOW + 1 }), await archived({ issuer: 'CN=Other CA' })];
    await crlFetched(SYSTEM, database, url, newer.sha256, answered());
    expect(await crlFetched(SYSTEM, database, url, other.sha256, answered())).toBe(true);
  });

  it('that cannot be used is counted, and leaves the list', async () => {
    const url = place();
    await claim(url);
    const crl = await archived();
    await crlFetched(SYSTEM, database, url, crl.sha256, answered());
    await crlFailed(SYSTEM, database, url, 'answers with status 500', NOW + 60_000);
    await crlFailed(SYSTEM, database, url, 'answers with status 503', NOW + 120_000);
    expect(await source(url)).toMatchObject({
      crl: crl.sha256,
      etag: '"1"',
      failures: 2,
      failure: 'answers with status 503',
      dueAt: NOW + 120_000,
    });
    await crlFetched(SYSTEM, database, url, null, answered());
    expect(await source(url)).toMatchObject({ failures: 0, failure: null });
  });

  it('of a place that was never asked is nothing', async () => {
    expect(await crlFetched(SYSTEM, database, place(), null, answered())).toBe(false);
    await crlFailed(SYSTEM, database, place(), 'no', NOW);
    expect(await crlSources(SYSTEM, database, [])).toEqual([]);
  });
});

describe('revocation lists are the system’s', () => {
  const none = undefined as unknown as Access;
  it.each([
    ['of a caller', Access.of(caller('hospital'))],
    ['missing', none],
  ])('an Access %s opens nothing', async (_, access) => {
    const attempts = [
      () => archiveCrl(access, database, list()),
      () => archivedCrls(access, database, []),
      () => crlSources(access, database, []),
      () => claimCrlSource(access, database, place(), TURN),
      () => crlFetched(access, database, place(), null, answered()),
      () => crlFailed(access, database, place(), 'no', NOW),
    ];
    for (const attempt of attempts)
      await expect(attempt()).rejects.toThrow('revocation lists need the Access of the system');
  });
});
