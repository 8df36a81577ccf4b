import { LIMITS, verdict } from './budgets.ts';
import type { Measured } from './measure.ts';
import type { BenchResult } from './run.ts';

type Row = readonly string[];

const fixed = (number: number, digits: number) => (Number.isFinite(number) ? number.toFixed(digits) : 'n/a');
/** Three digits that mean something. */
const milliseconds = (number: number | undefined) =>
  number === undefined ? 'n/a' : fixed(number, number >= 10 ? 1 : number >= 1 ? 2 : 3);
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

const REQUESTS: Row = ['request', 'req/s', 'p50 ms', 'p99 ms', 'CPU server', 'database', 'together', 'budget', ''];

function requestRow({ title, perSecond, p50, p99, cpu, budget, errors }: Measured): Row {
  return [
    title,
    fixed(perSecond, 0),
    milliseconds(p50),
    milliseconds(p99),
    milliseconds(cpu?.server),
    milliseconds(cpu?.database),
    milliseconds(cpu?.together),
    budget === null ? '–' : String(budget),
    errors > 0 ? `${errors} errors` : verdict(cpu?.together ?? null, budget),
  ];
}

const WHOLE: Row = ['the server as a whole', 'measured', 'budget', ''];

function wholeRows({ memory, start, storage }: BenchResult): Row[] {
  const { empty, seeded, loaded } = storage;
  const resources = seeded.resources - empty.resources;
  const grown = (of: (state: typeof seeded) => number) => (of(seeded) - of(empty)) / resources;
  const each = grown(({ bytes, auditBytes }) => bytes - auditBytes);
  const limit = (title: string, shown: string, measured: number | null, budget: number, unit: string): Row => [
    title,
    shown,
    `${budget} ${unit}`,
    verdict(measured, budget),
  ];
  const resident = memory?.resident ?? null;
  return [
    limit(
      'resident memory after load',
      memory ? megabytes(memory.resident) : 'n/a',
      resident && resident / 1e6,
      LIMITS.residentBytes / 1e6,
      'MB',
    ),
    ['resident memory at most', memory ? megabytes(memory.peak) : 'n/a', '–', ''],
    limit('start on an empty database', `${start.empty} ms`, start.empty, LIMITS.startEmptyMs, 'ms'),
    limit('start on an existing database', `${start.existing} ms`, start.existing, LIMITS.startExistingMs, 'ms'),
    limit('database bytes per resource, without audit', fixed(each, 0), each, LIMITS.bytesPerResource, 'B'),
    [
      'database bytes per resource, with audit',
      fixed(
        grown(({ bytes }) => bytes),
        0,
      ),
      '–',
      '',
    ],
    ['bytes per audit row', fixed(loaded.auditBytes / loaded.auditRows, 0), '–', ''],
    ['empty database', megabytes(empty.bytes), '–', ''],
  ];
}

/** The figures as tables to be read in a terminal. */
export function plain(result: BenchResult): string {
  const tables = [
    [REQUESTS, ...result.scenarios.map(requestRow)],
    [WHOLE, ...wholeRows(result)],
  ];
  return [...conditions(result), ...tables.map(aligned)].join('\n\n');
}

/** The figures as docs/performance.md shows them. */
export function markdown(result: BenchResult): string {
  const table = ([head, ...rows]: [Row, ...Row[]]) =>
    [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
  const list = conditions(result).map((line) => `* ${line}`);
  const tables = [table([REQUESTS, ...result.scenarios.map(requestRow)]), table([WHOLE, ...wholeRows(result)])];
  return [list.join('\n'), ...tables].join('\n\n');
}

function conditions({ conditions: c, seeded, storage, scenarios }: BenchResult): string[] {
  const mean = (of: (one: Measured) => number) =>
    fixed(scenarios.reduce((sum, one) => sum + of(one), 0) / scenarios.length, 2);
  return [
    `${c.at.slice(0, 16).replace('T', ' ')} UTC · ${c.cores} cores, ${c.processor} · ${c.platform}`,
    `Node ${c.node.slice(1)}, PostgreSQL ${c.postgres} (embedded, fsync on)`,
    `${c.options.patients} patients, ${seeded.resources} resources, ${megabytes(storage.seeded.bytes)}; ` +
      `seeded at ${fixed(seeded.resources / seeded.seconds, 0)} resources/s; ${storage.loaded.resources} resources at the end`,
    `concurrency ${c.options.concurrency}, ${c.options.warmUp} s warm-up and ${c.options.seconds} s each, CPU in ms per request`,
    `load average before ${fixed(c.load, 2)}; during it, cores used by the load generator ${mean((m) => m.cores.client)}, ` +
      `by others on this machine ${mean((m) => m.cores.others)}`,
  ];
}

function aligned(rows: readonly Row[]): string {
  const plainText = rows.map((row) => row.map((cell) => cell.replaceAll('`', '')));
  const widths = (plainText[0] as Row).map((_, i) => Math.max(...plainText.map((row) => (row[i] as string).length)));
  const line = (row: Row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join('  ');
  return plainText.map((row) => line(row).trimEnd()).join('\n');
}
