import { Access } from '../../../access/access.ts';
import {
  type ArchivedCrl,
  archiveCrl,
  archivedCrls,
  type CrlAnswer,
  type CrlSource,
  claimCrlSource,
  crlFailed,
  crlFetched,
  crlSources,
} from '../../../store/crl.ts';
import type { Database } from '../../../store/database.ts';

/** Where fetched lists are kept, and who fetches next is agreed. Instants are epoch milliseconds, digests SHA-256. */
export interface ListCache {
  sources(urls: readonly string[]): Promise<readonly CrlSource[]>;
  lists(sha256: readonly Buffer[]): Promise<readonly ArchivedCrl[]>;
  archive(crl: ArchivedCrl): Promise<void>;
  claim(url: string, turn: { now: number; until: number; force?: boolean }): Promise<CrlSource | undefined>;
  fetched(url: string, sha256: Buffer | null, answer: CrlAnswer): Promise<boolean>;
  failed(url: string, failure: string, dueAt: number): Promise<void>;
}

/** The cache that all processes of a server share. */
export function databaseCache(database: Database): ListCache {
  const access = Access.system('revocation lists');
  return {
    sources: (urls) => crlSources(access, database, urls),
    lists: (sha256) => archivedCrls(access, database, sha256),
    archive: (crl) => archiveCrl(access, database, crl),
    claim: (url, turn) => claimCrlSource(access, database, url, turn),
    fetched: (url, sha256, answer) => crlFetched(access, database, url, sha256, answer),
    failed: (url, failure, dueAt) => crlFailed(access, database, url, failure, dueAt),
  };
}

/** A cache of this process alone, for the command line without a database. */
export function memoryCache(): ListCache {
  const sources = new Map<string, CrlSource>();
  const lists = new Map<string, ArchivedCrl>();
  const list = (sha256: Buffer | null) => (sha256 ? lists.get(sha256.toString('hex')) : undefined);
  const change = (url: string, how: (source: CrlSource) => Partial<CrlSource>) => {
    const source = sources.get(url);
    if (source) sources.set(url, { ...source, ...how(source) });
  };
  return {
    sources: async (urls) => urls.flatMap((url) => sources.get(url) ?? []),
    lists: async (sha256) => sha256.flatMap((one) => list(one) ?? []),
    archive: async (crl) => {
      const key = crl.sha256.toString('hex');
      if (!lists.has(key)) lists.set(key, crl);
    },
    claim: async (url, { now, until, force = false }) => {
      const source = sources.get(url) ?? { ...NEVER_ASKED, url, dueAt: now };
      if (source.dueAt > now && !force) return undefined;
      sources.set(url, { ...source, dueAt: until });
      return sources.get(url);
    },
    fetched: async (url, sha256, answer) => {
      const [was, is] = [list(sources.get(url)?.crl ?? null), list(sha256)];
      if (was && is && was.issuer === is.issuer && was.thisUpdate > is.thisUpdate) return false;
      change(url, ({ crl }) => ({ ...answer, crl: sha256 ?? crl, failures: 0, failure: null }));
      return true;
    },
    failed: async (url, failure, dueAt) => change(url, ({ failures }) => ({ failures: failures + 1, failure, dueAt })),
  };
}

const NEVER_ASKED = { crl: null, etag: null, lastModified: null, checkedAt: null, failures: 0, failure: null };
