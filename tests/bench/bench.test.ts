import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { BUDGETS } from '../../bench/budgets.ts';
import { markdown, plain } from '../../bench/report.ts';
import { type BenchResult, bench } from '../../bench/run.ts';
import { SCENARIOS } from '../../bench/scenarios.ts';
import { CHART } from '../../bench/seed.ts';

const here = () => readdirSync(tmpdir()).filter((name) => name.startsWith('tasuki-bench-'));
const linux = existsSync('/proc/self/stat');

describe('a benchmark of one patient', () => {
  const scenarios = SCENARIOS.map(({ name }) => name);
  const before = here();
  let result: BenchResult;
  beforeAll(async () => {
    const options = { patients: 1, seconds: 0.2, warmUp: 0, concurrency: 2, scenarios, restarts: 1 };
    result = await bench(options, () => undefined);
  });

  it('has measured every request that has a budget, without an error', () => {
    expect(result.scenarios.map(({ scenario }) => scenario)).toEqual(Object.keys(BUDGETS));
    expect(result.scenarios.filter(({ errors }) => errors > 0)).toEqual([]);
  });

  it.each(scenarios)('knows what %s took', (name) => {
    const one = result.scenarios.find(({ scenario }) => scenario === name);
    expect(one).toMatchObject({ requests: expect.any(Number), budget: BUDGETS[name] });
    expect(one?.requests).toBeGreaterThan(0);
    expect(one?.p50).toBeGreaterThan(0);
    expect(one?.p99).toBeGreaterThanOrEqual(one?.p50 as number);
    expect(one?.bytes).toBeGreaterThan(0);
    if (linux) expect(one?.cpu?.together).toBeCloseTo((one?.cpu?.server ?? 0) + (one?.cpu?.database ?? 0), 9);
  });

  it('knows what the server takes as a whole', () => {
    const { empty, seeded, loaded } = result.storage;
    expect(seeded.resources - empty.resources).toBe(CHART + 1);
    expect(loaded.resources).toBeGreaterThan(seeded.resources);
    expect(loaded.auditRows).toBeGreaterThan(seeded.auditRows);
    expect(result.start).toEqual({ empty: expect.any(Number), existing: expect.any(Number) });
    if (linux) expect(result.memory?.peak).toBeGreaterThanOrEqual(result.memory?.resident as number);
  });

  it('is reported with each request in a row of its own', () => {
    for (const text of [plain(result), markdown(result)]) {
      for (const { title } of SCENARIOS) expect(text.replaceAll('`', '')).toContain(title.replaceAll('`', ''));
      expect(text).not.toMatch(/NaN|undefined/);
    }
  });

  it('leaves nothing behind', () => {
    expect(here()).toEqual(before);
  });
});
