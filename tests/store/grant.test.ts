import { Access } from '../../src/access/access.ts';
import type { Database } from '../../src/store/database.ts';
import { type Grant, grantEnds, grantedBy, grantsOf, putGrant, removeGrant } from '../../src/store/grant.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

const system = Access.system('a test');
let clone: Clone;
let database: Database;
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
});
afterAll(() => clone.drop());
beforeEach(() => database.query('TRUNCATE "grant"'));

const START = Date.parse('2026-01-01T00:00:00.123Z');
const END = Date.parse('2027-01-01T00:00:00.456Z');
const grant = (more: Partial<Grant> = {}): Grant => ({
  organization: 1n,
  patient: 2n,
  hospital: 3n,
  consent: 4n,
  starts: START,
  ends: END,
  ...more,
});
const rows = async () =>
  (await database.query('SELECT organization, patient, hospital, consent FROM "grant" ORDER BY organization, patient'))
    .rows;

describe('a grant', () => {
  it('is found by its Consent, with its end to the millisecond, and by whom it is for', async () => {
    await putGrant(system, database, grant());
    expect(await grantEnds(system, database, 4n)).toBe(END);
    expect(await grantedBy(system, database, 1n, 2n)).toBe(4n);
    expect(await rows()).toEqual([{ organization: 1n, patient: 2n, hospital: 3n, consent: 4n }]);
  });

  it('is not found by anything else', async () => {
    await putGrant(system, database, grant());
    expect(await grantEnds(system, database, 5n)).toBeUndefined();
    expect(await grantedBy(system, database, 2n, 2n)).toBeUndefined();
    expect(await grantedBy(system, database, 1n, 1n)).toBeUndefined();
  });

  it('takes the place of the one before: one institution, one patient, one grant', async () => {
    await putGrant(system, database, grant());
    await putGrant(system, database, grant({ consent: 5n, hospital: 6n, ends: END + 1 }));
    expect(await rows()).toEqual([{ organization: 1n, patient: 2n, hospital: 6n, consent: 5n }]);
    expect(await grantEnds(system, database, 4n)).toBeUndefined();
    expect(await grantEnds(system, database, 5n)).toBe(END + 1);
  });

  it('is removed with its Consent, and no other is', async () => {
    await putGrant(system, database, grant());
    await putGrant(system, database, grant({ organization: 7n, consent: 8n }));
    await removeGrant(system, database, 9n);
    expect(await rows()).toHaveLength(2);
    await removeGrant(system, database, 4n);
    expect(await rows()).toEqual([expect.objectContaining({ organization: 7n, consent: 8n })]);
    await removeGrant(system, database, 4n);
  });

  it('that a newer one replaced is not removed with the old Consent', async () => {
    await putGrant(system, database, grant());
    await putGrant(system, database, grant({ consent: 5n }));
    await removeGrant(system, database, 4n);
    expect(await grantedBy(system, database, 1n, 2n)).toBe(5n);
  });

  it('comes and goes with its transaction', async () => {
    const failing = database.transaction(async (transaction) => {
      await putGrant(system, transaction, grant());
      expect(await grantEnds(system, transaction, 4n)).toBe(END);
      expect(await grantEnds(system, database, 4n)).toBeUndefined();
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await rows()).toEqual([]);
  });

  it('is one of all that a patient has given', async () => {
    await putGrant(system, database, grant());
    await putGrant(system, database, grant({ organization: 7n, consent: 8n }));
    await putGrant(system, database, grant({ patient: 3n, consent: 9n }));
    expect(await grantsOf(system, database, 2n)).toEqual([4n, 8n]);
    expect(await grantsOf(system, database, 99n)).toEqual([]);
  });

  it('keeps the whole range of keys', async () => {
    const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];
    await putGrant(system, database, grant({ organization: least, patient: most, consent: least }));
    expect(await grantedBy(system, database, least, most)).toBe(least);
  });
});

it('nothing is told or changed without an Access', async () => {
  const none = undefined as unknown as Access;
  await expect(putGrant(none, database, grant())).rejects.toThrow('Access');
  await expect(removeGrant(none, database, 4n)).rejects.toThrow('Access');
  await expect(grantEnds(none, database, 4n)).rejects.toThrow('Access');
  await expect(grantedBy(none, database, 1n, 2n)).rejects.toThrow('Access');
  await expect(grantsOf(none, database, 2n)).rejects.toThrow('Access');
  expect(await rows()).toEqual([]);
});
