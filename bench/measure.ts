import type { RunningServer } from '../tests/support/server.ts';
import { BUDGETS, type ScenarioName } from './budgets.ts';
import { type Client, drive, quantile } from './drive.ts';
import { cpuTime, machineBusy, ownCpu } from './processes.ts';
import { Draw } from './random.ts';
import { fault, type Scenario } from './scenarios.ts';
import type { Seeded } from './seed.ts';

/** Times in milliseconds; CPU time is that of one request. */
export interface Measured {
  readonly scenario: ScenarioName;
  readonly title: string;
  readonly requests: number;
  readonly errors: number;
  readonly error: string | undefined;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Mean size of an answer's body. */
  readonly bytes: number;
  /** Null where the platform does not tell. */
  readonly cpu: { readonly server: number; readonly database: number; readonly together: number } | null;
  readonly budget: number | null;
  /** Processors, on average: what the load itself took, and what others on this machine did meanwhile. */
  readonly cores: { readonly client: number; readonly others: number };
}

/** Checks one answer, warms up, and measures. Throws an Error when the answer is not what the scenario must get. */
export async function measure(
  server: RunningServer,
  client: Client,
  scenario: Scenario,
  seeded: Seeded,
  options: { readonly seconds: number; readonly warmUp: number; readonly concurrency: number },
): Promise<Measured> {
  const draw = new Draw(20_261_122);
  const call = scenario.next(seeded, draw);
  const wrong = fault(scenario, await client.send(call));
  if (wrong) throw new Error(`${scenario.name}: ${call.method} /${call.path}: ${wrong}`);
  const width = options.concurrency;
  await drive(client, scenario, seeded, draw, { seconds: options.warmUp, width });
  const before = sample(server);
  const load = await drive(client, scenario, seeded, draw, { seconds: options.seconds, width });
  const after = sample(server);
  const requests = load.latencies.length;
  const spent = { server: after.server - before.server, database: after.database - before.database };
  const client_ = after.client - before.client;
  const others = after.machine - before.machine - client_ - spent.server - spent.database;
  return {
    scenario: scenario.name,
    title: scenario.title,
    requests,
    errors: load.errors,
    error: load.error,
    perSecond: requests / load.seconds,
    p50: quantile(load.latencies, 0.5),
    p99: quantile(load.latencies, 0.99),
    bytes: load.bytes / requests,
    cpu: Number.isNaN(spent.server)
      ? null
      : {
          server: spent.server / requests,
          database: spent.database / requests,
          together: (spent.server + spent.database) / requests,
        },
    budget: BUDGETS[scenario.name],
    cores: { client: client_ / load.seconds / 1000, others: Math.max(0, others / load.seconds / 1000) },
  };
}

/** CPU time used so far, in milliseconds; NaN for what the platform does not tell. */
function sample({ pid, dataDir }: RunningServer) {
  const { server, database } = cpuTime(pid, dataDir) ?? { server: Number.NaN, database: Number.NaN };
  return { server, database, client: ownCpu(), machine: machineBusy() };
}
