import { type Callers, disableClient } from '../../src/identity/index.ts';
import { addClient, CLINIC, openWorld, startProcess, tokenOf, type World } from './world.ts';

let world: World;
let clone: World['clone'];
let database: World['database'];
let process: World['process'];
let clinic: World['clinic'];

beforeAll(async () => {
  world = await openWorld();
  ({ clone, database, process, clinic } = world);
});

afterAll(() => world.close());

beforeEach(async () => {
  await database.query('DELETE FROM affiliation');
  await database.query('UPDATE institution SET active = true, suspended_at = NULL');
});

const callerOf = (token: string, callers: Callers = process.callers) => callers.callerOf(token, { requestId: 'r-1' });

describe('who is shut out', () => {
  const out = [
    [
      'its institution is suspended',
      'UPDATE institution SET suspended_at = now() WHERE rid = 11',
      'UPDATE institution SET suspended_at = NULL WHERE rid = 11',
    ],
    [
      'its institution is not active',
      'UPDATE institution SET active = false WHERE rid = 11',
      'UPDATE institution SET active = true WHERE rid = 11',
    ],
  ] as const;

  it.each(out)(
    'is nobody on the next look-up when %s, and its old tokens stay dead when it comes back',
    async (_name, shut, open) => {
      const token = await tokenOf(process, clinic);
      expect(await callerOf(token)).not.toBeNull();
      await database.query(shut);
      expect(await callerOf(token)).toBeNull();
      await database.query(open);
      expect(await callerOf(token)).toBeNull();
      expect(await callerOf(await tokenOf(process, clinic))).not.toBeNull();
    },
  );

  it('stays out by any change of a suspended institution but the lifting', async () => {
    const token = await tokenOf(process, clinic);
    await database.query(`UPDATE institution SET name = 'Renamed' WHERE rid = 11`);
    expect(await callerOf(token)).not.toBeNull();
    await database.query('UPDATE institution SET suspended_at = now() WHERE rid = 11');
    await database.query(`UPDATE institution SET name = 'Renamed again' WHERE rid = 11`);
    expect(await callerOf(token)).toBeNull();
  });

  it('is nobody when its client is disabled; other clients of the institution stay', async () => {
    const other = await addClient(database, CLINIC.rid);
    const [mine, theirs] = [await tokenOf(process, clinic), await tokenOf(process, other)];
    expect(await disableClient(database, other.clientId)).toBe(true);
    expect(await disableClient(database, other.clientId)).toBe(false);
    expect(await callerOf(theirs)).toBeNull();
    expect(await callerOf(mine)).not.toBeNull();
    await database.query('UPDATE client SET active = true WHERE id = $1', [other.clientId]);
    expect(await callerOf(theirs)).toBeNull();
  });

  it('gets no token that was on its way', async () => {
    const racing = await addClient(database, CLINIC.rid);
    const held = await startProcess(database, { issued: () => Promise.resolve() });
    // Whatever the order: a token that comes out of the race is dead, or there is none.
    const [answer] = await Promise.allSettled([
      tokenOf(held, racing),
      database.query('UPDATE institution SET suspended_at = now() WHERE rid = 11'),
    ]);
    if (answer.status === 'fulfilled') expect(await callerOf(answer.value)).toBeNull();
    await database.query('UPDATE institution SET suspended_at = NULL WHERE rid = 11');
    if (answer.status === 'fulfilled') expect(await callerOf(answer.value)).toBeNull();
    await held.close();
  });
});

describe('two processes', () => {
  it('agree: what one gave out the other takes, what one shut out the other refuses', async () => {
    const other = await startProcess(await clone.open());
    const token = await tokenOf(other, clinic);
    expect(await callerOf(token)).not.toBeNull();
    await database.query('UPDATE institution SET suspended_at = now() WHERE rid = 11');
    expect(await callerOf(token, other.callers)).toBeNull();
    await other.close();
  });
});
