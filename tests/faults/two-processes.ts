import { type Clone, cloneDatabase, emptyDatabase } from '../support/database.ts';
import { type Member, type Network, openNetwork } from '../support/network.ts';
import { type RunningServer, startServer } from '../support/server.ts';

/** Two server processes on one database. */
export interface TwoProcesses {
  readonly database: Clone;
  readonly servers: readonly [RunningServer, RunningServer];
  readonly network: Network;
  /** The member at both processes in turn: the i-th request goes to the i-th of these, around and around. */
  spread(member: Member, i: number): Member;
  close(): Promise<void>;
}

/** With `empty` both start at once on a database without a schema. */
export async function startTwo({ empty = false } = {}): Promise<TwoProcesses> {
  const database = await (empty ? emptyDatabase() : cloneDatabase());
  // Nothing here may depend on how fast this machine is: no request is given up for having waited.
  const env = { STATEMENT_TIMEOUT_MS: '60000' };
  const started = await Promise.allSettled([startServer({ database, env }), startServer({ database, env })]);
  const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const close = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await database.drop();
  };
  const [first, second] = servers;
  if (!first || !second) {
    await close();
    throw (started.find((one) => one.status === 'rejected') as PromiseRejectedResult).reason;
  }
  const elsewhere = new Map<Member, Member>();
  return {
    database,
    servers: [first, second],
    network: await openNetwork(first),
    spread: (member, i) => {
      if (i % 2 === 0) return member;
      const there = elsewhere.get(member) ?? member.at(second);
      elsewhere.set(member, there);
      return there;
    },
    close,
  };
}

/** `work` as often as told, all at once; the results in order. */
export const atOnce = <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)));

/** How often each value occurs. */
export const tally = <T extends string | number>(values: readonly T[]): Record<T, number> => {
  const counts = {} as Record<T, number>;
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
};
