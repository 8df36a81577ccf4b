import type { Database } from '../../src/store/database.ts';
import { endTurn, holdTurn, type Turn, takeTurn } from '../../src/store/job.ts';
import { access, Stage, SYSTEM } from './stage.ts';

let stage: Stage;
let database: Database;
beforeAll(async () => {
  stage = await Stage.open();
  ({ database } = stage);
});
afterAll(() => stage.close());

const AT = Date.parse('2026-06-01T00:00:00Z');
const take = (name: string, now = AT, force = false) => takeTurn(SYSTEM, database, name, { now, force });
/** As if the process that holds it had died a minute ago. */
const die = (name: string) =>
  database.query("UPDATE job SET held_until = now() - interval '1 second' WHERE name = $1::text", [name]);

describe('a turn of a job', () => {
  it('is got by one of all who ask', async () => {
    const turns = await Promise.all(Array.from({ length: 8 }, () => take('once')));
    expect(turns.filter(Boolean)).toHaveLength(1);
  });

  it('comes again when it is due', async () => {
    const turn = (await take('again')) as Turn;
    expect(turn).toMatchObject({ name: 'again', failures: 0 });
    await endTurn(SYSTEM, database, turn, { dueAt: AT + 1000 });
    expect(await take('again', AT + 999)).toBeUndefined();
    expect(await take('again', AT + 1000)).toBeDefined();
  });

  it('may be forced, but not out of another’s hands', async () => {
    const turn = (await take('forced')) as Turn;
    expect(await take('forced', AT, true)).toBeUndefined();
    await endTurn(SYSTEM, database, turn, { dueAt: AT + 1000 });
    expect(await take('forced', AT, true)).toBeDefined();
  });

  it('counts failures in a row, and keeps the last for the operator', async () => {
    for (const failures of [0, 1, 2]) {
      const turn = (await take('failing')) as Turn;
      expect(turn.failures).toBe(failures);
      await endTurn(SYSTEM, database, turn, { dueAt: AT, failure: `no ${failures}` });
    }
    const { rows } = await database.query("SELECT failures, failure FROM job WHERE name = 'failing'");
    expect(rows).toEqual([{ failures: 3, failure: 'no 2' }]);
    const turn = (await take('failing')) as Turn;
    await endTurn(SYSTEM, database, turn, { dueAt: AT });
    expect((await take('failing'))?.failures).toBe(0);
  });

  it('passes on from a process that died, which then cannot end or hold it', async () => {
    const dead = (await take('dead')) as Turn;
    expect(await holdTurn(SYSTEM, database, dead)).toBe(true);
    await die('dead');
    const next = (await take('dead')) as Turn;
    expect(next.id).not.toBe(dead.id);
    expect(await holdTurn(SYSTEM, database, dead)).toBe(false);
    await endTurn(SYSTEM, database, dead, { dueAt: AT + 5000 });
    expect(await holdTurn(SYSTEM, database, next)).toBe(true);
  });

  it('is the system’s', async () => {
    await expect(takeTurn(access('clinic'), database, 'x', { now: AT })).rejects.toThrow('system');
  });
});
