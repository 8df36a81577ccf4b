import { isOperator } from '../../access/administers.ts';
import { Asked } from '../../fhir/asked.ts';
import { auditOfAct } from '../../fhir/audit.ts';
import type { Operation } from '../../fhir/engine.ts';
import { startOfDay } from '../../fhir/indexing/zone.ts';
import { refuse } from '../../http/errors.ts';
import { insertAudit } from '../../store/audit.ts';
import { type Metric, type Tally, tally } from '../../store/statistics.ts';
import { CSV, CSV_HEADERS, csv } from './csv.ts';
import { suppress } from './suppress.ts';

const METRICS: readonly Metric[] = ['users', 'logins', 'messages', 'bookings'];
const MOST_MONTHS = 24;
const TOTAL = 'total';

/** `$statistics`: numbers of the service by month, in which nobody can be told (Art. 17, 2 ②). */
export const statisticsOperation = (least: number): Operation => ({
  name: 'statistics',
  types: ['Practitioner'],
  level: 'system',
  methods: ['GET', 'POST'],
  kinds: ['operator'],
  roles: ['operator'],
  permission: 'r',
  gives: [CSV],
  documentation: `Numbers by month of users, logins, messages or bookings, by kind of institution or network, also as text/csv; months that are over; what fewer than ${least} have contributed to, or would tell it, is left out, and networks are rounded to ${least}. In: metric, by, from (yyyy-mm), months. Out: row* with cell*.`,
  run: async ({ engine, access, body, query, wants }) => {
    if (!isOperator(access)) throw refuse.forbidden('Statistics are made by the operator');
    const asked = new Asked('statistics', body, query, ['metric', 'by', 'from', 'months']);
    const metric = asked.code('metric', METRICS) ?? 'users';
    const by = asked.code('by', ['kind', 'network'] as const) ?? 'kind';
    const from = asked.needed('from', 7);
    const [, year, month] = /^([1-9]\d{3})-(0[1-9]|1[0-2])$/.exec(from) ?? [];
    if (year === undefined) throw asked.refuse('from', 'must be a month, yyyy-mm');
    const count = asked.integer('months', 1, MOST_MONTHS) ?? 12;
    const now = engine.now();
    const months = Array.from({ length: count + 1 }, (_, i) => {
      const index = Number(year) * 12 + Number(month) - 1 + i;
      return [Math.floor(index / 12), (index % 12) + 1] as const;
    });
    // A month that is not over would be told again with what one more day brought.
    const bounds = months.map(([y, m]) => startOfDay(engine.zone, y, m, 1)).filter((at, i) => i === 0 || at <= now);
    if (bounds.length < 2) throw asked.refuse('from', 'must be a month that is over');
    const found = await tally(access, engine.database, { metric, by, bounds });
    const { names, table } = published(found, bounds.length - 1, least, by);
    const detail = `${metric} ${by} ${from} ${bounds.length - 1}`;
    await insertAudit(access, engine.database, [auditOfAct(access, now, 'statistics', { outcome: 0, detail })]);
    const columns = months.slice(0, bounds.length - 1).map(([y, m]) => `${y}-${String(m).padStart(2, '0')}`);
    const rows = table.map((row, r) => ({ name: names[r] ?? TOTAL, row }));
    if (wants === CSV)
      return {
        status: 200,
        body: csv(
          [by, ...columns],
          rows.map(({ name, row }) => [name, ...row.map((value) => value ?? '*')]),
        ),
        headers: CSV_HEADERS,
      };
    return {
      status: 200,
      body: {
        resourceType: 'Parameters',
        parameter: [
          { name: 'metric', valueCode: metric },
          { name: 'least', valueInteger: least },
          ...rows.map(({ name, row }) => ({
            name: 'row',
            part: [
              { name: by, valueString: name },
              ...row.map((value, c) => ({
                name: columns[c] as string,
                ...(value === null ? { valueCode: 'suppressed' } : { valueInteger: value }),
              })),
            ],
          })),
        ],
      },
    };
  },
});

/**
 * What may be read of each row and month, the total of the rows last. Each month is a table by itself, and nothing is added up over months: so a month
 * reads the same whichever others are asked for with it, and two answers tell no more than one. Networks cut across kinds, so that the two tables of
 * a month could be taken from each other: those of networks are rounded to `least`.
 */
function published(
  found: readonly Tally[],
  months: number,
  least: number,
  by: 'kind' | 'network',
): { readonly names: readonly string[]; readonly table: readonly (readonly (number | null)[])[] } {
  const names = [...new Set(found.map(({ row }) => row))];
  if (names.length === 0) return { names, table: [] };
  const told = (value: number | null) => (value === null || by === 'kind' ? value : Math.round(value / least) * least);
  const columns = Array.from({ length: months }, (_, i) => {
    const cells = names.map((name) => {
      const cell = found.find(({ row, month }) => row === name && month === i);
      return [{ value: cell?.value ?? 0, contributors: cell?.contributors ?? 0 }];
    });
    return suppress(cells, least).map(([value = null]) => told(value));
  });
  const rows = [...names, TOTAL];
  return { names, table: rows.map((_, r) => columns.map((column) => column[r] ?? null)) };
}
