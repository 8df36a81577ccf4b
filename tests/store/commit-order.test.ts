import { Access } from '../../src/access/access.ts';
import type { Database } from '../../src/store/database.ts';
import { Keys } from '../../src/store/keys.ts';
import { lock } from '../../src/store/read.ts';
import { type Put, write } from '../../src/store/write.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

const system = Access.system('test of the commit order');
const keys = new Keys('a secret of the tests, thirty-two characters long');
const rid = keys.rid('Observation', 'contended');

const version = (number: number): Put => ({
  rid,
  type: 'Observation',
  id: 'contended',
  class: 'c',
  interaction: number === 1 ? 'c' : 'u',
  version: number,
  owner: 1n,
  home: null,
  patients: [],
  date: null,
  updated: Date.now(),
  sealed: false,
  rows: { keys: [], ranges: [], strings: [] },
  content: Buffer.from('{}'),
});

describe('the commit order of one resource', () => {
  let clone: Clone;
  let database: Database;

  beforeAll(async () => {
    clone = await cloneDatabase();
    database = await clone.open({ poolSize: 20 });
  });
  afterAll(async () => {
    await database?.close();
    await clone?.drop();
  });

  it('is the order of its versions, however its writers met', async () => {
    await write(system, database, [version(1)], []);
    const update = () =>
      database.transaction(async (transaction) => {
        const current = (await lock(system, transaction, [rid])).get(rid);
        await write(system, transaction, [version((current?.version ?? 0) + 1)], []);
      });
    for (let round = 0; round < 4; round++) await Promise.all(Array.from({ length: 20 }, update));
    const { rows } = await database.query<{ version: number }>(
      'SELECT version FROM resource_version WHERE rid = $1::bigint ORDER BY tx, version',
      [rid],
    );
    expect(rows.map((row) => row.version)).toEqual(Array.from({ length: 81 }, (_, i) => i + 1));
    const { rows: behind } = await database.query<{ version: number }>(
      `SELECT v.version FROM resource_version v JOIN resource_version o ON o.rid = v.rid AND o.version = v.version - 1
       WHERE v.rid = $1::bigint AND v.tx < o.tx`,
      [rid],
    );
    expect(behind).toEqual([]);
  });
});
