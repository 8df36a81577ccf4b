import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Access } from '../src/access/access.ts';
import { sealAudit } from '../src/audit/seal.ts';
import { verifyAudit } from '../src/audit/verify/index.ts';
import { type AuditRow, actRow, insertAudit } from '../src/store/audit.ts';
import { ensureAuditPartitions } from '../src/store/audit-partitions.ts';
import { openDatabase } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { cpuTime, ownCpu } from './processes.ts';

/**
 * What keeping the audit costs: `node bench/audit.ts [--rows N]` inserts as reads do, eight rows a statement on four connections, seals, verifies.
 * CPU is that of this process and of the database together.
 */
const { values } = parseArgs({ options: { rows: { type: 'string', default: '200000' } } });
const wanted = Number(values.rows);
const access = Access.system('a measurement');
const dataDir = mkdtempSync(join(tmpdir(), 'tasuki-bench-audit-'));
const database = await openDatabase(
  { databaseUrl: null, dataDir, poolSize: 8, statementTimeoutMs: 60_000 },
  () => undefined,
);
const AT = Date.parse('2026-11-01T00:00:00Z');
let made = 0;

function row(): AuditRow {
  const patient = BigInt(made % 300) * 3_000_000_019n;
  return {
    ...actRow(AT + Math.floor(made++ / 3), 'read', { outcome: 0 }),
    organization: BigInt(made % 20),
    client: 'client-of-somebody',
    purpose: 'TREAT',
    patient,
    type: 'Observation',
    resource: patient * 7n,
    resourceId: crypto.randomUUID(),
    version: 1,
    request: crypto.randomUUID(),
  };
}

async function measured<T>(name: string, rows: number, work: () => Promise<T>): Promise<T> {
  const spent = () => ({ database: cpuTime(process.pid, dataDir)?.database ?? Number.NaN, own: ownCpu() });
  const [before, start] = [spent(), performance.now()];
  const result = await work();
  const [after, ms] = [spent(), performance.now() - start];
  const each = (cpu: number) => ((cpu / rows) * 1000).toFixed(1);
  console.log(
    `${name}: ${Math.round((rows / ms) * 1000)} rows/s, CPU µs a row: database ${each(after.database - before.database)}, here ${each(after.own - before.own)}; resident ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`,
  );
  return result;
}

try {
  await migrate(database);
  await ensureAuditPartitions(access, database, new Date(AT));
  const statement = () => insertAudit(access, database, Array.from({ length: 8 }, row));
  await measured('insert', wanted, () =>
    Promise.all(
      Array.from({ length: 4 }, async () => {
        while (made < wanted) await statement();
      }),
    ),
  );
  const { rows: sizes } = await database.query<{ bytes: number }>(
    `SELECT (sum(pg_total_relation_size(relid)) / $1::float8)::float8 AS bytes FROM pg_partition_tree('audit')`,
    [made],
  );
  console.log(`${Math.round(sizes[0]?.bytes ?? 0)} bytes a row`);
  await measured('seal', made, () => sealAudit(access, database, { now: AT, zone: 'Asia/Tokyo' }));
  const report = await measured('verify', made, () => verifyAudit(access, database, { now: AT }));
  console.log(`${report.rows} rows, ${report.seals} seals: ${report.ok ? 'whole' : 'broken'}`);
} finally {
  await database.close();
  rmSync(dataDir, { recursive: true, force: true });
}
