import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import { Values } from './sql.ts';

export type Metric = 'users' | 'logins' | 'messages' | 'bookings';

export interface TallyAsked {
  readonly metric: Metric;
  /** Rows: kinds of institution, or networks by their hospital. */
  readonly by: 'kind' | 'network';
  /** Where each month begins and the last one ends, epoch milliseconds. */
  readonly bounds: readonly number[];
}

export interface Tally {
  readonly row: string;
  /** Number of the month, from 0. */
  readonly month: number;
  readonly value: number;
  /** How many people (users, logins) or institutions (messages, bookings) it comes from. */
  readonly contributors: number;
}

/** What each row stands for, with `i` the institution and `m` the month: a member counts in the months in which its affiliation holds. */
const ROWS = {
  kind: '(SELECT i.kind AS name)',
  network: `(SELECT h.name || ' (' || h.id || ')' AS name FROM institution h WHERE h.kind = 'cooperating-hospital'
    AND (h.rid = i.rid OR EXISTS (SELECT FROM affiliation a WHERE a.hospital = h.rid AND a.member = i.rid AND a.active
      AND a.starts < m.ends AND a.ends > m.starts)))`,
} as const;

const EVENTS = (type: string) =>
  `audit e ON e.at >= m.starts AND e.at < m.ends AND e.interaction = 'create' AND e.type = '${type}' AND e.outcome = 0`;

/** What is counted, with `m` the month, and of whom. */
const COUNTED: Readonly<
  Record<Metric, { readonly from: string; readonly institution: string; readonly whom: string }>
> = {
  users: { from: 'person e ON e.created_at < m.ends AND e.active', institution: 'e.institution', whom: 'e.id' },
  logins: {
    from: `audit e ON e.at >= m.starts AND e.at < m.ends AND e.interaction = 'log-in' AND e.outcome = 0`,
    institution: 'e.organization',
    whom: 'e.person',
  },
  messages: { from: EVENTS('Communication'), institution: 'e.organization', whom: 'e.organization' },
  bookings: { from: EVENTS('Appointment'), institution: 'e.organization', whom: 'e.organization' },
};

/** Counts by row and month; what there is none of is missing. The operator's own are not counted. */
export async function tally(access: Access, database: Queryable, { metric, by, bounds }: TallyAsked): Promise<Tally[]> {
  if (!access) throw new Error('tally() without an Access');
  const values = new Values();
  const months = bounds.slice(0, -1).map((start, month) => {
    const span = [start, bounds[month + 1] as number].map((at) => values.add(new Date(at), 'timestamptz'));
    return `(${month}, ${span.join(', ')})`;
  });
  const { from, institution, whom } = COUNTED[metric];
  const { rows } = await database.query<Tally>(
    `SELECT n.name AS row, m.month, count(*)::float8 AS value, count(DISTINCT ${whom})::float8 AS contributors
     FROM (VALUES ${months.join(', ')}) AS m (month, starts, ends) JOIN ${from}
     JOIN institution i ON i.rid = ${institution} AND i.kind <> 'operator' CROSS JOIN LATERAL ${ROWS[by]} n
     GROUP BY n.name, m.month ORDER BY n.name, m.month`,
    values.list,
  );
  return rows;
}
