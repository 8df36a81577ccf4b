import { setTimeout as pause } from 'node:timers/promises';
import { type Job, retryAt, Scheduler } from '../../src/jobs/scheduler.ts';
import type { Database } from '../../src/store/database.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

let clone: Clone;
let database: Database;
let logged: string[] = [];
const open: Scheduler[] = [];
const AT = Date.parse('2026-06-01T00:00:00Z');

beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open({ poolSize: 3 });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  logged = [];
});
afterAll(() => clone.drop());

let jobs = 0;
const job = (run: Job['run'], everyMs = 60_000): Job => ({ name: `job-${++jobs}`, everyMs, run });

function scheduler(list: readonly Job[], { now = () => AT, lookMs = 5 } = {}): Scheduler {
  const log = (level: string, event: string) => void logged.push(`${level} ${event}`);
  const made = new Scheduler({ database, log, now, lookMs }, list);
  open.push(made);
  return made;
}

/** Until it is so; the test's own time limit ends what never comes. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(5);
}

describe('a scheduler', () => {
  it('does what is due, by the clock that it is given', async () => {
    let now = AT;
    const turns: number[] = [];
    const one = job(async (at) => void turns.push(at), 1000);
    scheduler([one], { now: () => now }).start();
    await until(() => turns.length === 1);
    now += 1000;
    await until(() => turns.length === 2);
    expect(turns).toEqual([AT, AT + 1000]);
  });

  it('does a job once, however many there are', async () => {
    let done = 0;
    let most = 0;
    let atWork = 0;
    const one = job(async () => {
      most = Math.max(most, ++atWork);
      await pause(20);
      atWork--;
      done++;
    });
    for (let i = 0; i < 4; i++) scheduler([one]).start();
    await until(() => done > 0);
    await pause(50);
    expect([done, most]).toEqual([1, 1]);
  });

  it('logs a failure, goes on with the others, and tries again later', async () => {
    let now = AT;
    let tries = 0;
    let other = 0;
    const bad = job(async () => {
      tries++;
      throw new Error('no');
    }, 1000);
    const good = job(async () => void other++, 1000);
    scheduler([bad, good], { now: () => now }).start();
    await until(() => tries === 1 && other === 1);
    expect(logged).toEqual(['error job failed']);
    now += 250;
    await until(() => tries === 2);
    expect(other).toBe(1);
  });

  it('runs a job when it is told to, due or not, and throws what it threw', async () => {
    let runs = 0;
    const one = job(async () => void runs++);
    const two = job(async () => {
      throw new RangeError('no');
    });
    const made = scheduler([one, two]);
    expect(await made.run(one.name)).toBe(true);
    expect(await made.run(one.name, AT)).toBe(true);
    expect(runs).toBe(2);
    await expect(made.run(two.name)).rejects.toThrow(RangeError);
    await expect(made.run('another')).rejects.toThrow('no job');
  });

  it('works with a single connection', async () => {
    const narrow = await clone.open({ poolSize: 1 });
    const one = job(async () => void (await narrow.query('SELECT 1')));
    const made = new Scheduler({ database: narrow, log: () => undefined, now: () => AT }, [one]);
    expect(await made.run(one.name)).toBe(true);
    await made.close();
  });

  it('tells a job at work to end, and waits for it', async () => {
    let began = false;
    let ended = false;
    const one = job(async (_, signal) => {
      began = true;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended = true;
    });
    const made = scheduler([one]);
    made.start();
    await until(() => began);
    await made.close();
    expect(ended).toBe(true);
    made.start();
  });
});

it('tries again after a quarter of the interval, then twice as long each time, up to an hour or the interval', () => {
  const [minute, hour] = [60_000, 3_600_000];
  const waits = (everyMs: number) => [0, 1, 2, 30].map((failures) => retryAt(everyMs, failures, AT) - AT);
  expect(waits(4 * minute)).toEqual([minute, 2 * minute, 4 * minute, hour]);
  expect(waits(4 * hour)).toEqual([hour, 2 * hour, 4 * hour, 4 * hour]);
});
