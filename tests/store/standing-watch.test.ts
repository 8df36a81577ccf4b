import type { Database } from '../../src/store/database.ts';
import { type Alive, type Holder, StandingWatch } from '../../src/store/standing-watch.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

let clone: Clone;
let database: Database;
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
  await database.query(
    `INSERT INTO institution (rid, id, kind, name, services) VALUES (1, 'a', 'medical', 'A', 63), (2, 'b', 'medical', 'B', 63)`,
  );
  await database.query(
    `INSERT INTO client (id, institution, name, scope, jwks) VALUES ('c', 1, 'C', 'system/*.rs', '{"keys":[]}'), ('d', 1, 'D', 'system/*.rs', '{"keys":[]}')`,
  );
});
afterAll(() => clone.drop());

/** As a token asked anew would say. */
const stands: Alive = async () => {
  const { rows } = await database.query<{ ok: boolean }>(
    `SELECT i.suspended_at IS NULL AND c.active AS ok FROM institution i JOIN client c ON c.id = 'c' WHERE i.rid = 1`,
  );
  return rows[0]?.ok === true;
};

/** Something that goes on. */
function stream(watch: StandingWatch, holder: Holder, alive: Alive = stands) {
  const { promise, resolve } = Promise.withResolvers<void>();
  let looks = 0;
  let stops = 0;
  const release = watch.register(
    holder,
    () => {
      looks++;
      return alive();
    },
    () => {
      stops++;
      resolve();
    },
  );
  return { ended: promise, release, looks: () => looks, stops: () => stops };
}

const always: Alive = () => Promise.resolve(true);
/** All messages that were sent before have come: they come in their order. */
async function settled(watch: StandingWatch): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let looks = 0;
  const alive = async () => {
    looks++;
    if (looks > 1) resolve();
    return true;
  };
  const release = watch.register({ institution: 98n }, alive, () => undefined);
  await new Promise((next) => setImmediate(next));
  await database.query(`SELECT pg_notify('standing', 'institution 98')`);
  await promise;
  release();
}

const suspend = (rid: number, at = 'now()') =>
  database.query(`UPDATE institution SET suspended_at = ${at} WHERE rid = ${rid}`);

describe('what goes on by somebody’s standing', () => {
  let here: StandingWatch;
  let there: StandingWatch;
  beforeEach(async () => {
    // As two processes have it.
    [here, there] = await Promise.all([
      StandingWatch.open(database),
      StandingWatch.open(await clone.open({ poolSize: 1 })),
    ]);
  });
  afterEach(async () => {
    await Promise.all([here.close(), there.close()]);
    await database.query('UPDATE institution SET suspended_at = NULL');
  });

  it('ends in every process when the institution is suspended; that of others goes on', async () => {
    const [one, two] = [
      stream(here, { institution: 1n, client: 'c' }),
      stream(there, { institution: 1n, client: 'c' }),
    ];
    const other = stream(there, { institution: 2n }, always);
    await suspend(1);
    await Promise.all([one.ended, two.ended]);
    await settled(there);
    expect([one.stops(), two.stops(), other.stops()]).toEqual([1, 1, 0]);
    expect([here.size, there.size]).toEqual([0, 1]);
  });

  it('ends when its client is disabled, not when another is', async () => {
    const one = stream(here, { institution: 1n, client: 'c' });
    await database.query(`UPDATE client SET active = false WHERE id = 'd'`);
    await settled(here);
    expect(one.stops()).toBe(0);
    await database.query(`UPDATE client SET active = false WHERE id = 'c'`);
    await one.ended;
    await database.query('UPDATE client SET active = true');
  });

  it.each(['person', 'session', 'terminal'] as const)('ends by its %s', async (kind) => {
    let alive = true;
    const one = stream(here, { institution: 1n, [kind]: 'x' }, async () => alive);
    await settled(here);
    alive = false;
    await database.query(`SELECT pg_notify('standing', '${kind} x')`);
    await one.ended;
  });

  it('goes on when only a change came that does not concern it', async () => {
    const one = stream(here, { institution: 1n, client: 'c' });
    await database.query(`UPDATE institution SET name = 'A2' WHERE rid = 1`);
    await settled(here);
    expect(one.looks()).toBeGreaterThan(1);
    expect(one.stops()).toBe(0);
  });

  it('ends though the message came before it was registered', async () => {
    await suspend(1);
    await stream(here, { institution: 1n, client: 'c' }).ended;
  });

  it('ends where nobody can tell whether it may go on', async () => {
    await stream(here, { institution: 1n }, () => Promise.reject(new Error('no'))).ended;
  });

  it('that ended by itself is not stopped', async () => {
    const one = stream(here, { institution: 1n, client: 'c' });
    one.release();
    await suspend(1);
    await settled(here);
    expect(one.stops()).toBe(0);
    expect(here.size).toBe(0);
  });

  it('is looked at again when a message comes while it is looked at', async () => {
    let alive = true;
    const first = Promise.withResolvers<void>();
    let looks = 0;
    const one = stream(here, { institution: 1n }, async () => {
      if (looks++ > 0) return alive;
      await first.promise;
      return true;
    });
    await settled(here);
    alive = false;
    await database.query(`SELECT pg_notify('standing', 'institution 1')`);
    await settled(here);
    first.resolve();
    await one.ended;
  });

  it('ends with the process, and is not begun after', async () => {
    const one = stream(here, { institution: 1n, client: 'c' });
    await here.close();
    await one.ended;
    await stream(here, { institution: 1n, client: 'c' }).ended;
  });

  it('is looked at when the connection that tells was lost', async () => {
    let alive = true;
    const one = stream(here, { institution: 1n }, async () => alive);
    await settled(here);
    alive = false;
    await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
    );
    await one.ended;
  });
});
