import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Access } from '../../src/access/access.ts';
import { type AuditKeeping, auditJobs } from '../../src/audit/jobs.ts';
import { sealAudit, type Turn } from '../../src/audit/seal.ts';
import { loadAnchors } from '../../src/audit/verify/anchored.ts';
import { type Report, type Verification, verifyAudit } from '../../src/audit/verify/index.ts';
import { type AuditRow, actRow, insertAudit } from '../../src/store/audit.ts';
import { readDays } from '../../src/store/audit-chain.ts';
import { ensureAuditPartitions } from '../../src/store/audit-partitions.ts';
import type { Database } from '../../src/store/database.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

export const SYSTEM = Access.system('a test of the chain');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const ZONE = 'Asia/Tokyo';
/** Noon of 23 November 2026 in Japan. */
export const NOON = Date.parse('2026-11-23T03:00:00Z');

let number = 0;
/** A row as reads and writes leave them, every column filled. */
export const full = (at: number, more: Partial<AuditRow> = {}): AuditRow => ({
  ...actRow(at, 'search-type', { outcome: 0 }),
  organization: 11n,
  person: '0190a1b2-0000-7000-8000-0000000000aa',
  client: 'client-1',
  purpose: 'TREAT',
  patient: 22n,
  type: 'Patient',
  resource: 33n,
  resourceId: `p-${number++}`,
  version: 2,
  request: `request-${number}`,
  detail: 'name=試験',
  ...more,
});

/** Waits for those who write elsewhere in this cluster: their transactions hold back the horizon, and other tests have some. */
export async function calm(database: Pick<Database, 'query'>): Promise<void> {
  const { rows } = await database.query<{ id: bigint }>('SELECT pg_current_xact_id()::text::bigint AS id');
  for (let i = 0; i < 3000; i++) {
    const now = await database.query<{ least: bigint }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS least',
    );
    if ((now.rows[0]?.least ?? 0n) > (rows[0]?.id ?? 0n)) return;
    await pause(10);
  }
  throw new Error('a transaction of another test does not end');
}

/** A database with an audit whose chain the test drives by hand, and an anchor file beside it. */
export class Chain {
  readonly database: Database;
  readonly anchorFile: string;
  readonly logged: { level: string; event: string; fields: unknown }[] = [];
  readonly #clone: Clone;
  readonly #directory: string;

  private constructor(clone: Clone, database: Database, directory: string) {
    this.#clone = clone;
    this.database = database;
    this.#directory = directory;
    this.anchorFile = join(directory, 'anchors.jsonl');
  }

  static async open(): Promise<Chain> {
    const clone = await cloneDatabase();
    const database = await clone.open();
    await ensureAuditPartitions(SYSTEM, database, new Date(NOON));
    return new Chain(clone, database, mkdtempSync(join(tmpdir(), 'tasuki-chain-')));
  }

  /** Each list in a transaction of its own. */
  async add(...transactions: readonly (readonly AuditRow[])[]): Promise<void> {
    for (const rows of transactions) await insertAudit(SYSTEM, this.database, rows);
  }

  calm = (): Promise<void> => calm(this.database);

  /** A turn, once all that was written before can be sealed. */
  async seal(now: number, most?: number): Promise<Turn> {
    await this.calm();
    return this.sealNow(now, most);
  }

  sealNow(now: number, most?: number): Promise<Turn> {
    return sealAudit(SYSTEM, this.database, { now, zone: ZONE, ...(most !== undefined && { most }) });
  }

  /** For DATABASE_URL. */
  get url(): string {
    return this.#clone.url;
  }

  /** As another process has it. */
  anotherPool(): Promise<Database> {
    return this.#clone.open({ poolSize: 2 });
  }

  sealBy(database: Database, now: number): Promise<Turn> {
    return sealAudit(SYSTEM, database, { now, zone: ZONE });
  }

  /** The jobs, as one process has them. */
  jobs(more: Partial<AuditKeeping> = {}) {
    const jobs = auditJobs({
      database: this.database,
      log: (level, event, fields) => void this.logged.push({ level, event, fields }),
      zone: ZONE,
      anchorFile: this.anchorFile,
      retention: 5,
      stamp: async () => undefined,
      ...more,
    });
    return async (name: string, now: number) => {
      const job = jobs.find((one) => one.name === name);
      if (!job) throw new Error(`no job ${name}`);
      await job.run(now, new AbortController().signal);
    };
  }

  async verify(more: Partial<Verification> & { readonly files?: readonly string[] } = {}): Promise<Report> {
    const { files, ...asked } = more;
    const days = new Map((await readDays(SYSTEM, this.database)).map((day) => [day.number, day.lastSeal]));
    const anchors = files && { anchors: await loadAnchors(files, (day) => days.get(day)) };
    return verifyAudit(SYSTEM, this.database, { now: NOON + 10 * DAY, ...anchors, ...asked });
  }

  /** What a report says first, and how many it found. */
  async found(more: Partial<Verification> & { readonly files?: readonly string[] } = {}): Promise<string | undefined> {
    const [first] = (await this.verify(more)).problems;
    return first && `${first.kind}${first.seal ? ` ${first.seal}` : ''}`;
  }

  /** As somebody would who has the database and no respect: constraints out of the way. */
  async tamper(sql: string, values: readonly unknown[] = []): Promise<number> {
    return (await this.database.query(sql, values)).count;
  }

  async close(): Promise<void> {
    await this.#clone.drop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
