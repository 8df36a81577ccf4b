import { type AuditRow, actRow, insertAudit } from '../../src/store/audit.ts';
import { insertDay, insertSeal, markAnchored } from '../../src/store/audit-chain.ts';
import { countBefore, dropMonths, ensureAuditPartitions, lastDropped } from '../../src/store/audit-partitions.ts';
import type { Database } from '../../src/store/database.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import { DAY, NO_ACCESS, of, system } from './people-stage.ts';

let clone: Clone;
let [database, second] = [] as unknown as [Database, Database];
beforeEach(async () => {
  clone = await cloneDatabase();
  [database, second] = [await clone.open(), await clone.open()];
});
afterEach(() => clone.drop());

const utc = (text: string) => Date.parse(`${text}Z`);
const row = (text: string, more: Partial<AuditRow> = {}): AuditRow => ({
  ...actRow(utc(text), 'read', { outcome: 0, organization: 7n, detail: text }),
  ...more,
});
const ensure = (text: string, on = database) => ensureAuditPartitions(system, on, new Date(utc(text)));
const store = (...rows: readonly AuditRow[]) => insertAudit(system, database, rows);

async function partitions(): Promise<readonly string[]> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit'::regclass ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}
/** Which partition has which rows, by their details. */
async function places(): Promise<Readonly<Record<string, string>>> {
  const { rows } = await database.query<{ detail: string; place: string }>(
    'SELECT detail, tableoid::regclass::text AS place FROM audit ORDER BY detail',
  );
  return Object.fromEntries(rows.map(({ detail, place }) => [detail, place]));
}

describe('partitions', () => {
  it('are of the month of a time and the two that follow, over the end of a year', async () => {
    await ensure('2026-11-30T23:59:59.999');
    expect(await partitions()).toEqual(['audit_2026_11', 'audit_2026_12', 'audit_2027_01', 'audit_rest']);
    await ensure('2026-12-01T00:00:00');
    expect(await partitions()).toContain('audit_2027_02');
  });

  it('are the months that follow at the end of a long month too', async () => {
    await ensure('2027-01-31T12:00:00');
    expect(await partitions()).toEqual(['audit_2027_01', 'audit_2027_02', 'audit_2027_03', 'audit_rest']);
  });

  it('begin and end by UTC, to the millisecond; other times go to the rest', async () => {
    await ensure('2026-11-15T00:00:00');
    const [before, first, last, next, late] = [
      '2026-10-31T23:59:59.999',
      '2026-11-01T00:00:00.000',
      '2026-11-30T23:59:59.999',
      '2026-12-01T00:00:00.000',
      '2027-02-01T00:00:00.000',
    ] as const;
    await store(row(before), row(first), row(last), row(next), row(late));
    expect(await places()).toEqual({
      [before]: 'audit_rest',
      [first]: 'audit_2026_11',
      [last]: 'audit_2026_11',
      [next]: 'audit_2026_12',
      [late]: 'audit_rest',
    });
  });

  it('take what was recorded while there were none, every column as it was', async () => {
    const rows = ['2026-10-31T23:59:59.999', '2026-11-01T00:00:00', '2026-12-24T12:00:00', '2027-03-01T00:00:00'].map(
      (at) => row(at, { person: '0190a1b2-0000-7000-8000-0000000000aa', patient: 3n, version: 2, request: 'r' }),
    );
    await store(...rows);
    const all = async () => (await database.query('SELECT a.*, a.tx::text FROM audit a ORDER BY at')).rows;
    const before = await all();
    await ensure('2026-11-15T00:00:00');
    expect(await all()).toEqual(before);
    expect(Object.values(await places())).toEqual(['audit_rest', 'audit_2026_11', 'audit_2026_12', 'audit_rest']);
  });

  it('have what the whole has: indexes, and constraints that refuse a row that was half erased', async () => {
    await ensure('2026-11-15T00:00:00');
    await store(row('2026-11-15T00:00:00'));
    const indexes = async (table: string) =>
      (
        await database.query<{ of: string }>(
          `SELECT string_agg(a.amname || ' ' || i.indkey::text, ', ' ORDER BY a.amname, i.indkey::text) AS of FROM pg_index i
           JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam WHERE i.indrelid = $1::text::regclass`,
          [table],
        )
      ).rows[0]?.of.split(', ').length;
    expect(await indexes('audit_2026_11')).toBe(await indexes('audit_rest'));
    await expect(database.query('UPDATE audit SET salt = NULL')).rejects.toMatchObject({ code: '23514' });
  });

  it('are made once by several at a time, and nobody who writes meanwhile is refused', async () => {
    const early = Array.from({ length: 20 }, (_, i) => row(`2026-11-${String(i + 1).padStart(2, '0')}T00:00:00`));
    await store(...early);
    const late = Array.from({ length: 20 }, (_, i) => row(`2026-12-${String(i + 1).padStart(2, '0')}T00:00:00`));
    await Promise.all([
      ...[database, second, database, second].map((one) => ensure('2026-11-15T00:00:00', one)),
      ...late.map((one, i) => insertAudit(system, i % 2 ? database : second, [one])),
    ]);
    const found = await places();
    expect(Object.keys(found)).toHaveLength(40);
    expect(new Set(Object.values(found))).toEqual(new Set(['audit_2026_11', 'audit_2026_12']));
  });
});

/** Seals all that is there, and closes a day over it; anchored unless told otherwise. */
async function seal(number: number, anchored = true): Promise<void> {
  const { rows } = await database.query<{ low: bigint; top: bigint; n: bigint }>(
    `SELECT coalesce((SELECT max(to_tx) FROM audit_seal), min(tx) - 1) AS low, max(tx) AS top, count(*) AS n FROM audit`,
  );
  const { low, top, n } = rows[0] as { low: bigint; top: bigint; n: bigint };
  const hash = Buffer.alloc(32, number);
  const months = [{ month: '2026-11', rows: Number(n), digest: hash }];
  const at = utc('2027-01-01T00:00:00') + number * DAY;
  const day = new Date(at).toISOString().slice(0, 10);
  const sealed = { number: BigInt(number), day, sealedAt: at, fromTx: low, toTx: top, months, previous: hash, hash };
  await insertSeal(system, database, sealed);
  const closed = { number, day, firstSeal: BigInt(number), lastSeal: BigInt(number), rows: n, closedAt: at, hash };
  await insertDay(system, database, closed);
  if (anchored) await markAnchored(system, database, number, at);
}

const RECORD = row('2032-01-02T00:00:00', { interaction: 'drop-audit', detail: 'dropped' });
const drop = (before: string, on = database, record = RECORD) => dropMonths(system, on, { before, rows: 2n, record });

describe('dropping', () => {
  const [SEPTEMBER, OCTOBER, NOVEMBER] = ['2026-09-30T23:59:59.999', '2026-10-31T23:59:59.999', '2026-11-01T00:00:00'];
  beforeEach(async () => {
    await ensure('2026-10-15T00:00:00');
    await store(row(SEPTEMBER as string));
    await store(row(OCTOBER as string), row(NOVEMBER as string));
  });

  it('counts what is before a day', async () => {
    const counts = ['2026-09-30', '2026-10-01', '2026-10-31', '2026-11-01', '2026-11-02'].map((day) =>
      countBefore(system, database, day),
    );
    expect(await Promise.all(counts)).toEqual([0n, 1n, 1n, 2n, 3n]);
  });

  it('takes the months before one out of their partitions and out of the rest, and says so', async () => {
    await seal(1);
    expect(await lastDropped(system, database)).toBeUndefined();
    expect(await drop('2026-11-01')).toBe(true);
    expect(await places()).toEqual({ [NOVEMBER as string]: 'audit_2026_11', dropped: 'audit_rest' });
    expect(await partitions()).toEqual(['audit_2026_11', 'audit_2026_12', 'audit_rest']);
    expect(await lastDropped(system, second)).toMatchObject({ record: RECORD.id, rows: 2n });
  });

  it('does nothing where one of their rows is not sealed in a day that is anchored', async () => {
    const whole = await places();
    expect(await drop('2026-11-01')).toBe(false);
    await seal(1, false);
    expect(await drop('2026-11-01')).toBe(false);
    await markAnchored(system, database, 1, utc('2027-01-03T00:00:00'));
    await store(row('2026-10-05T00:00:00'));
    expect(await drop('2026-11-01')).toBe(false);
    expect(await places()).toEqual({ ...whole, '2026-10-05T00:00:00': 'audit_2026_10' });
    expect(await lastDropped(system, database)).toBeUndefined();
    await seal(2);
    expect(await drop('2026-11-01')).toBe(true);
  });

  it('minds only the rows that it takes', async () => {
    await seal(1);
    await store(row('2026-11-20T00:00:00'));
    expect(await drop('2026-11-01')).toBe(true);
    expect(Object.keys(await places())).toEqual([NOVEMBER, '2026-11-20T00:00:00', 'dropped']);
  });

  it('is done once by two at a time; of the other nothing stays', async () => {
    await seal(1);
    const done = await Promise.allSettled([
      drop('2026-11-01'),
      drop('2026-11-01', second, row('2032-01-02T00:00:01', { interaction: 'drop-audit', detail: 'by the other' })),
    ]);
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const records = Object.keys(await places()).filter((detail) => !detail.startsWith('2026'));
    expect(records).toHaveLength(1);
  });

  it('goes on month by month, and tells of the last', async () => {
    await seal(1);
    await drop('2026-10-01');
    expect(Object.keys(await places())).toEqual([OCTOBER, NOVEMBER, 'dropped']);
    const again = row('2032-02-02T00:00:00', { interaction: 'drop-audit', detail: 'again' });
    expect(await drop('2026-11-01', database, again)).toBe(true);
    expect(await lastDropped(system, database)).toMatchObject({ record: again.id });
  });
});

it('is the system’s alone', async () => {
  for (const access of [NO_ACCESS, of(5n)]) {
    await expect(countBefore(access, database, '2026-01-01')).rejects.toThrow('needs the Access of the system');
    await expect(lastDropped(access, database)).rejects.toThrow('needs the Access of the system');
    const asked = { before: '2026-01-01', rows: 0n, record: RECORD };
    await expect(dropMonths(access, database, asked)).rejects.toThrow('needs the Access of the system');
  }
  await expect(ensureAuditPartitions(NO_ACCESS, database, new Date(0))).rejects.toThrow('without an Access');
});
