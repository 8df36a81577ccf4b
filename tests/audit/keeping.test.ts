import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dropOldMonths } from '../../src/audit/retention.ts';
import { prepareAudit } from '../../src/audit/start.ts';
import { insertAudit } from '../../src/store/audit.ts';
import { readDays } from '../../src/store/audit-chain.ts';
import { ensureAuditPartitions } from '../../src/store/audit-partitions.ts';
import { Chain, DAY, full, HOUR, NOON, SYSTEM } from './chain.ts';

let chain: Chain;
beforeEach(async () => {
  chain = await Chain.open();
});
afterEach(() => chain.close());

const lines = () =>
  readFileSync(chain.anchorFile, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const verified = () => chain.verify({ files: [chain.anchorFile] });

describe('anchors', () => {
  it('are written of each day that is closed, and of the chain within a day once an hour', async () => {
    const run = chain.jobs();
    await run('anchor-audit', NOON);
    expect(existsSync(chain.anchorFile)).toBe(false);
    for (const hours of [0, 0.5, 1, 1.5, 24]) {
      const now = NOON + hours * HOUR;
      await chain.add([full(now)]);
      await chain.calm();
      await run('seal-audit', now);
      await run('anchor-audit', now);
    }
    expect(lines().map(({ kind, number }) => [kind, number])).toEqual([
      ['seal', '1'],
      ['seal', '3'],
      ['day', 1],
      ['seal', '5'],
    ]);
    const [day] = await readDays(SYSTEM, chain.database);
    expect(lines()[2]).toEqual({
      kind: 'day',
      number: 1,
      day: '2026-11-23',
      rows: '4',
      hash: day?.hash.toString('hex'),
      at: new Date(NOON + DAY).toISOString(),
    });
    expect(day?.anchoredAt).toBe(NOON + DAY);
    expect(chain.logged.filter(({ event }) => event === 'audit day closed')).toEqual([
      {
        level: 'info',
        event: 'audit day closed',
        fields: { number: 1, day: '2026-11-23', rows: '4', hash: day?.hash.toString('hex') },
      },
    ]);
    expect(await verified()).toMatchObject({ ok: true, notes: [] });
  });

  it('go on after a line that was cut off, and after a clock that was set back', async () => {
    const run = chain.jobs();
    await chain.add([full(NOON)]);
    await chain.seal(NOON);
    await run('anchor-audit', NOON);
    writeFileSync(chain.anchorFile, `${readFileSync(chain.anchorFile, 'utf8')}{"kind":"se`);
    await chain.add([full(NOON)]);
    await chain.seal(NOON);
    await run('anchor-audit', NOON - DAY);
    const text = readFileSync(chain.anchorFile, 'utf8').split('\n');
    expect(text.map((line) => line.slice(0, 14))).toEqual(['{"kind":"seal"', '{"kind":"se', '{"kind":"seal"', '']);
    expect(await verified()).toMatchObject({ ok: true, notes: [{ kind: 'anchor-unreadable' }] });
  });

  it('that cannot be written are written later, and sealing goes on meanwhile', async () => {
    const run = chain.jobs({ anchorFile: `${chain.anchorFile}/not/a/directory` });
    writeFileSync(chain.anchorFile, '');
    for (const day of [0, 1, 2]) {
      await chain.add([full(NOON + day * DAY)]);
      await chain.calm();
      await run('seal-audit', NOON + day * DAY);
      await expect(run('anchor-audit', NOON + day * DAY)).rejects.toThrow(/ENOTDIR|EEXIST/);
    }
    expect((await verified()).problems.map(({ kind }) => kind)).toEqual(['anchor-missing', 'anchor-missing']);
    await chain.jobs()('anchor-audit', NOON + 3 * DAY);
    expect(lines().filter(({ kind }) => kind === 'day')).toHaveLength(2);
    expect(await verified()).toMatchObject({ ok: true });
  });
});

describe('time-stamps', () => {
  const close = async (days: number, run: ReturnType<Chain['jobs']>) => {
    for (let day = 0; day < days; day++) {
      await chain.add([full(NOON + day * DAY)]);
      await chain.calm();
      await run('seal-audit', NOON + day * DAY);
      await run('anchor-audit', NOON + day * DAY);
    }
  };
  const stampFault = async (token: Buffer, hash: Buffer) =>
    token.toString() === `stamp of ${hash.toString('hex')}` ? undefined : 'of other bytes';

  it('are of the hash of each day, kept in the database and beside the anchor', async () => {
    const asked: string[] = [];
    const run = chain.jobs({
      stamp: async (hash) => {
        asked.push(hash.toString('hex'));
        return Buffer.from(`stamp of ${hash.toString('hex')}`);
      },
    });
    await close(3, run);
    await run('stamp-audit', NOON + 3 * DAY);
    await run('stamp-audit', NOON + 3 * DAY);
    const days = await readDays(SYSTEM, chain.database);
    expect(asked).toEqual(days.map(({ hash }) => hash.toString('hex')));
    expect(days.map(({ token }) => token?.toString())).toEqual(asked.map((hash) => `stamp of ${hash}`));
    expect(lines().filter(({ kind }) => kind === 'time-stamp')).toHaveLength(2);
    expect(await chain.verify({ files: [chain.anchorFile], stampFault })).toMatchObject({ ok: true, stamped: 2 });
    await chain.tamper('UPDATE audit_day SET token = NULL, stamped_at = NULL');
    expect(await chain.verify({ files: [chain.anchorFile], stampFault })).toMatchObject({ ok: true, stamped: 2 });
  });

  it('are tried again where the authority gives none, and not asked for where none is named', async () => {
    let works = false;
    const run = chain.jobs({
      stamp: async (hash) => {
        if (!works) throw new Error('busy');
        return Buffer.from(`stamp of ${hash.toString('hex')}`);
      },
    });
    await close(2, run);
    await chain.jobs()('stamp-audit', NOON + 2 * DAY);
    await expect(run('stamp-audit', NOON + 2 * DAY)).rejects.toThrow('busy');
    expect(await chain.verify({ files: [chain.anchorFile], stampFault })).toMatchObject({ ok: true, stamped: 0 });
    works = true;
    await run('stamp-audit', NOON + 2 * DAY);
    expect(await chain.verify({ files: [chain.anchorFile], stampFault })).toMatchObject({ ok: true, stamped: 1 });
  });
});

describe('months', () => {
  const named = async () =>
    (
      await chain.database.query<{ name: string }>(
        `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit'::regclass ORDER BY 1`,
      )
    ).rows.map(({ name }) => name);

  it('are made ready while the server runs', async () => {
    await chain.jobs()('audit-months', Date.parse('2031-05-31T23:00:00Z'));
    expect(await named()).toEqual(expect.arrayContaining(['audit_2031_05', 'audit_2031_06', 'audit_2031_07']));
  });

  const THEN = Date.parse('2021-10-31T14:00:00Z');
  const NEXT = Date.parse('2021-11-01T00:00:00Z');
  /** Rows of two months five years ago, with one seal over the end of the first, and some of now; all anchored. */
  const years = async (run: ReturnType<Chain['jobs']>) => {
    await ensureAuditPartitions(SYSTEM, chain.database, new Date(THEN));
    for (const rows of [
      [full(THEN - 40 * DAY)],
      [full(THEN), full(THEN)],
      [full(NEXT - 1), full(NEXT)],
      [full(NEXT + DAY)],
    ]) {
      await chain.add(rows);
      const at = rows.at(-1)?.at ?? 0;
      await chain.calm();
      await run('seal-audit', at);
      await run('anchor-audit', at);
    }
    await chain.add([full(NOON)]);
    await chain.calm();
    await run('seal-audit', NOON);
    await run('anchor-audit', NOON);
  };

  it('that are past the retention are dropped whole, and the chain of what is left verifies', async () => {
    const run = chain.jobs();
    await years(run);
    await run('audit-months', NOON);
    expect(await named()).not.toContain('audit_2021_10');
    expect(await named()).toContain('audit_2021_11');
    const { rows } = await chain.database.query<{ least: number; n: number }>(
      `SELECT min(at) AS least, count(*)::int AS n FROM audit WHERE interaction <> 'drop-audit'`,
    );
    expect(rows[0]).toEqual({ least: NEXT, n: 3 });
    expect(chain.logged.at(-1)).toMatchObject({
      event: 'audit months dropped',
      fields: { before: '2021-11-01', rows: '4' },
    });
    const report = await chain.verify({ files: [chain.anchorFile], now: NOON });
    expect(report).toMatchObject({
      ok: true,
      rows: 4,
      notes: [{ kind: 'dropped', detail: 'before 2021-11-01, 4 rows, kept for 5 years' }],
    });
    await chain.seal(NOON);
    await run('audit-months', NOON + DAY);
    expect(await chain.verify({ files: [chain.anchorFile], now: NOON })).toMatchObject({ ok: true, rows: 4 });
    await run('audit-months', NOON + 20 * DAY);
    expect(await named()).not.toContain('audit_2021_11');
    expect(await chain.verify({ files: [chain.anchorFile], now: NOON })).toMatchObject({ ok: true, rows: 3 });
  });

  it('are not dropped before their rows are sealed and their day is anchored', async () => {
    await ensureAuditPartitions(SYSTEM, chain.database, new Date(THEN));
    const drop = () => dropOldMonths(SYSTEM, chain.database, { now: NOON, years: 5 });
    await chain.add([full(THEN)]);
    expect(await drop()).toBeUndefined();
    await chain.seal(THEN);
    expect(await drop()).toBeUndefined();
    await chain.seal(NOON);
    expect(await drop()).toBeUndefined();
    await chain.jobs()('anchor-audit', NOON);
    // A row that comes late for its month keeps it.
    await chain.add([full(THEN)]);
    expect(await drop()).toBeUndefined();
    await chain.seal(NOON);
    await chain.seal(NOON + DAY);
    await chain.jobs()('anchor-audit', NOON + DAY);
    expect(await drop()).toEqual({ before: '2021-11-01', rows: '2' });
    expect(await chain.verify()).toMatchObject({ ok: true });
  });

  it('are kept for good where the retention is 0, and to the month where it is told', async () => {
    const run = chain.jobs({ retention: 0 });
    await years(run);
    await run('audit-months', NOON + 10_000 * DAY);
    expect(await named()).toContain('audit_2021_10');
    await chain.jobs({ retention: 1 })('audit-months', NOON);
    expect((await named()).filter((name) => name < 'audit_2026')).toEqual([]);
    expect(await chain.verify({ now: NOON })).toMatchObject({ ok: true });
  });

  it('are dropped from what no partition has, too', async () => {
    const run = chain.jobs();
    await years(run);
    await insertAudit(SYSTEM, chain.database, [full(Date.parse('2010-01-01T00:00:00Z'))]);
    await chain.seal(NOON);
    await chain.seal(NOON + DAY);
    await run('anchor-audit', NOON + DAY);
    await run('audit-months', NOON + DAY);
    expect((await chain.database.query(`SELECT FROM audit_rest WHERE at < '2021-11-01'`)).count).toBe(0);
    expect(await chain.verify()).toMatchObject({ ok: true });
  });

  it('that somebody dropped himself, or said were dropped, are missed', async () => {
    const run = chain.jobs();
    await years(run);
    await chain.database.transaction((transaction) => transaction.script('DROP TABLE audit_2021_10'));
    expect(await chain.found()).toMatch(/^row-removed/);
    await chain.tamper(`INSERT INTO audit_dropped VALUES ('2021-11-01', gen_random_uuid(), 4, now())`);
    expect(await chain.found()).toMatch(/^row-inserted/);
    await chain.tamper(`DELETE FROM audit_rest WHERE at < '2021-11-01'`);
    expect(await chain.found()).toBe('drop-unproved');
  });

  it('said to be dropped in the wrong time are not believed', async () => {
    const run = chain.jobs();
    await years(run);
    await chain.tamper(
      `INSERT INTO audit (id, at, outcome, interaction, detail) VALUES ('00000000-0000-7000-8000-000000000001', $1::timestamptz, 0, 'drop-audit',
      'before 2026-12-01, 6 rows, kept for 5 years')`,
      [new Date(NOON)],
    );
    await chain.tamper(
      `INSERT INTO audit_dropped VALUES ('2026-12-01', '00000000-0000-7000-8000-000000000001', 6, now())`,
    );
    await chain.tamper(`DELETE FROM audit WHERE interaction <> 'drop-audit'`);
    expect((await chain.verify()).problems.map(({ kind }) => kind)).toContain('drop-unproved');
  });

  it('are dropped while others read and write', async () => {
    const run = chain.jobs();
    await years(run);
    const other = await chain.anotherPool();
    const writing = (async () => {
      for (let i = 0; i < 50; i++) await insertAudit(SYSTEM, other, [full(NOON)]);
    })();
    const reports = Promise.all(Array.from({ length: 5 }, () => verified()));
    await run('audit-months', NOON);
    await writing;
    expect((await reports).flatMap(({ problems }) => problems)).toEqual([]);
    await chain.seal(NOON);
    expect(await verified()).toMatchObject({ ok: true });
  });
});

it('a start makes the audit ready, and says in it when numbers began anew', async () => {
  const log = (level: string, event: string, fields: unknown) => void chain.logged.push({ level, event, fields });
  await prepareAudit(chain.database, log, NOON);
  expect(chain.logged).toEqual([]);
  await chain.add([full(NOON)]);
  await chain.seal(NOON);
  await chain.database.transaction((transaction) => transaction.script('UPDATE audit_clock SET shift = shift - 1000'));
  await Promise.all([prepareAudit(chain.database, log, NOON), prepareAudit(chain.database, log, NOON)]);
  expect(chain.logged).toEqual([expect.objectContaining({ level: 'warn', event: 'audit goes on after a restore' })]);
  const { rows } = await chain.database.query(`SELECT detail FROM audit WHERE interaction = 'restore-audit'`);
  expect(rows).toEqual([{ detail: expect.stringMatching(/numbers moved on by \d+/) }]);
  await chain.seal(NOON);
  expect(await chain.found()).toBeUndefined();
});
