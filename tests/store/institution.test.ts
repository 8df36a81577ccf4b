import { Access } from '../../src/access/access.ts';
import type { Database } from '../../src/store/database.ts';
import { type Affiliation, putAffiliation, putInstitution, removeAffiliation } from '../../src/store/institution.ts';
import { institutions } from '../../src/store/read.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

const system = Access.system('a test');
let clone: Clone;
let database: Database;
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
});
afterAll(() => clone.drop());

const institution = { rid: 1n, id: 'clinic', kind: 'medical', name: 'さくら診療所', active: true };

describe('an institution', () => {
  it('is registered, and brought up to date under the same key and id', async () => {
    await putInstitution(system, database, institution);
    await putInstitution(system, database, {
      ...institution,
      kind: 'care',
      name: '𠮷野',
      active: false,
      id: 'ignored',
    });
    const { rows } = await database.query('SELECT rid, id, kind, name, active FROM institution WHERE rid = 1');
    expect(rows).toEqual([{ rid: 1n, id: 'clinic', kind: 'care', name: '𠮷野', active: false }]);
  });

  it('is found among Organizations by its key, active or not', async () => {
    await putInstitution(system, database, { ...institution, active: false });
    await putInstitution(system, database, { ...institution, rid: 2n, id: 'other' });
    const found = await institutions(system, database, [1n, 2n, 3n]);
    expect([...found]).toEqual([
      [1n, { rid: 1n, kind: 'medical', active: false }],
      [2n, { rid: 2n, kind: 'medical', active: true }],
    ]);
    expect(await institutions(system, database, [])).toEqual(new Map());
  });

  it('is not registered when its transaction fails', async () => {
    const failing = database.transaction(async (transaction) => {
      await putInstitution(system, transaction, { ...institution, rid: 9n, id: 'ghost' });
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect((await institutions(system, database, [9n])).size).toBe(0);
  });
});

describe('an affiliation', () => {
  const affiliation = (more: Partial<Affiliation> = {}): Affiliation => ({
    rid: 10n,
    hospital: 1n,
    member: 2n,
    medical: true,
    care: false,
    timeline: true,
    active: true,
    starts: null,
    ends: null,
    ...more,
  });
  const stored = async () =>
    (
      await database.query(
        `SELECT rid, hospital, member, medical, care, timeline, active, starts::text, ends::text,
           starts <= now() AND ends > now() AS live FROM affiliation ORDER BY rid`,
      )
    ).rows;
  beforeEach(() => database.query('TRUNCATE affiliation'));

  it('without a period has no bounds', async () => {
    await putAffiliation(system, database, affiliation());
    expect(await stored()).toEqual([{ ...affiliation(), starts: '-infinity', ends: 'infinity', live: true }]);
  });

  it('with a period is live within it', async () => {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    await putAffiliation(system, database, affiliation({ rid: 1n, starts: at(-60_000), ends: at(60_000) }));
    await putAffiliation(system, database, affiliation({ rid: 2n, starts: at(60_000) }));
    await putAffiliation(system, database, affiliation({ rid: 3n, ends: at(-60_000) }));
    expect((await stored()).map(({ live }) => live)).toEqual([true, false, false]);
  });

  it('is replaced as a whole, its period too', async () => {
    await putAffiliation(
      system,
      database,
      affiliation({ starts: '2026-01-01T00:00:00Z', ends: '2026-02-01T00:00:00Z' }),
    );
    const next = affiliation({ hospital: 5n, member: 6n, medical: false, care: true, timeline: false, active: false });
    await putAffiliation(system, database, next);
    expect(await stored()).toEqual([{ ...next, starts: '-infinity', ends: 'infinity', live: true }]);
  });

  it('is removed alone', async () => {
    await putAffiliation(system, database, affiliation());
    await putAffiliation(system, database, affiliation({ rid: 11n, member: 3n }));
    await removeAffiliation(system, database, 10n);
    await removeAffiliation(system, database, 10n);
    expect((await stored()).map(({ rid }) => rid)).toEqual([11n]);
  });

  it('is neither made nor removed without an Access', async () => {
    const none = undefined as unknown as Access;
    await expect(putAffiliation(none, database, affiliation())).rejects.toThrow('Access');
    await expect(removeAffiliation(none, database, 10n)).rejects.toThrow('Access');
    await expect(putInstitution(none, database, institution)).rejects.toThrow('Access');
    await expect(institutions(none, database, [1n])).rejects.toThrow('Access');
    expect(await stored()).toEqual([]);
  });
});
