import { INDEX_RELEASE, renewIndex } from '../../../src/fhir/indexing/renew.ts';
import type { Database } from '../../../src/store/database.ts';
import { Keys } from '../../../src/store/keys.ts';
import { readSecrets } from '../../../src/store/secret.ts';
import { type Clone, cloneDatabase } from '../../support/database.ts';
import { openWorld, type World } from '../../support/world.ts';
import { fresh, observation, patient } from '../interactions/samples.ts';

let clone: Clone;
let world: World;
let database: Database;
let context: { keys: Keys; baseUrl: string; zone: string };
const ids: string[] = [];
let gone: string;

const logged: unknown[][] = [];
const log = (...line: unknown[]) => void logged.push(line);
const renew = (release?: number) => renewIndex(database, context, log, release);

/** Every index row of the database, as text in one order. */
async function index(): Promise<unknown> {
  const all = async (text: string) => (await database.query(text)).rows;
  return {
    keys: await all(
      'SELECT rid, version, ARRAY(SELECT unnest(keys) ORDER BY 1)::text AS keys FROM resource ORDER BY rid',
    ),
    ranges: await all('SELECT * FROM range ORDER BY rid, param, low, high, unit'),
    strings: await all('SELECT * FROM string ORDER BY rid, param, value'),
    versions: await all('SELECT count(*)::int AS n FROM resource_version'),
  };
}

/** As an older release would have left it: no keys, and rows that mean nothing. */
async function forget(): Promise<void> {
  await database.query(`UPDATE resource SET keys = '{}'`);
  await database.query('UPDATE range SET low = low - 1e9, high = high - 1e9');
  await database.query('DELETE FROM string WHERE param % 2 = 0');
  await database.query('UPDATE index_state SET release = 1, after = NULL');
}

beforeAll(async () => {
  clone = await cloneDatabase();
  world = await openWorld({ database: clone });
  const { hospital } = world;
  for (let i = 0; i < 8; i++) {
    const { id } = await hospital.create(patient(fresh()));
    ids.push(id);
    await hospital.create(observation(`Patient/${id}`, { effectiveDateTime: '2026-11-20T09:30:00+09:00' }));
  }
  gone = (await hospital.create(patient(fresh()))).id;
  await hospital.send('DELETE', `Patient/${gone}`);
  database = await clone.open({ poolSize: 4 });
  const secrets = await readSecrets(database);
  context = { keys: new Keys(secrets.get('keys') ?? ''), baseUrl: world.server.baseUrl, zone: 'Asia/Tokyo' };
});
afterAll(async () => {
  await world.close();
  await clone.drop();
});

describe('the index', () => {
  it('of a new database is of this release, and nothing is made anew', async () => {
    expect((await database.query('SELECT release, after FROM index_state')).rows).toEqual([
      { release: INDEX_RELEASE, after: null },
    ]);
    expect(await renew()).toBe(0);
  });

  it('of an older release is made as the writes made it, and no version is', async () => {
    const before = await index();
    await forget();
    expect(await index()).not.toEqual(before);
    const count = await renew();
    expect(count).toBeGreaterThanOrEqual(16);
    expect(await index()).toEqual(before);
    expect(await renew()).toBe(0);
    expect(logged.some(([, event]) => event === 'index made anew')).toBe(true);
  });

  it('is made by one of the processes that start together', async () => {
    const before = await index();
    await forget();
    const counts = await Promise.all([renew(), renew(), renew()]);
    await forget();
    expect(counts.reduce((sum, n) => sum + n)).toBe(await renew());
    expect(await index()).toEqual(before);
  });

  it('is gone on with where it was interrupted', async () => {
    await forget();
    const whole = await renew();
    const { rows } = await database.query<{ rid: bigint }>('SELECT rid FROM resource WHERE NOT deleted ORDER BY rid');
    await database.query('UPDATE index_state SET release = 1, after = $1::bigint', [rows[4]?.rid]);
    expect(await renew()).toBe(whole - 5);
  });

  it('of a newer release is not touched', async () => {
    await expect(renew(INDEX_RELEASE - 1)).rejects.toThrow('newer release');
  });

  it('finds after a renewal what it found before', async () => {
    await forget();
    const lost = await world.hospital.get(`Patient?_id=${ids[0]}`);
    await renew();
    const found = await world.hospital.get(`Observation?patient=${ids[0]}&date=ge2026-11-20&date=lt2026-11-21`);
    expect(lost.status).toBe(200);
    expect(found.body.total ?? found.body.entry.length).toBe(1);
  });
});
