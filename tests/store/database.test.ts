import { type Clone, cloneDatabase } from '../support/database.ts';

describe('a clone', () => {
  let clone: Clone;
  beforeAll(async () => {
    clone = await cloneDatabase();
  });
  afterAll(() => clone.drop());
  it('has the tables of the migrations', async () => {
    const database = await clone.open();
    const { rows } = await database.query<{ n: bigint }>('SELECT count(*) AS n FROM schema_migration');
    expect(rows[0]?.n).toBeGreaterThan(0n);
  });
});
