import { Access } from '../../src/access/access.ts';
import type { Queryable } from '../../src/store/database.ts';
import {
  insertKeycode,
  keycodesOf,
  lockKeycode,
  ownsPatient,
  pepperKids,
  redeemed,
  redemptionOf,
  revokeKeycode,
  rotateKeycode,
} from '../../src/store/keycode.ts';
import {
  DAY,
  HOSPITAL,
  HOUR,
  hashOf,
  hospital,
  later,
  locator,
  OTHER_HOSPITAL,
  on,
  openStage,
  partner,
  START,
  type Stage,
  storeKeycode,
  storePatient,
} from './keycode-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const other = on(OTHER_HOSPITAL);
const year = { now: START, notBefore: null, expiresAt: later(365 * DAY), boundTo: null, maxRedemptions: null };
const lock = (id: string) => stage.database.transaction((tx) => lockKeycode(hospital, tx, id));
const statuses = async (patient: bigint) =>
  (await keycodesOf(hospital, stage.database, patient)).map((keycode) => keycode.status);

describe('a keycode in the database', () => {
  it('is read as it was stored', async () => {
    const patient = await storePatient(stage.database);
    const { id } = await storeKeycode(stage.database, {
      patient,
      notBefore: later(HOUR),
      expiresAt: later(30 * DAY),
      boundTo: 77n,
      maxRedemptions: 1,
    });
    expect(await lock(id)).toEqual({
      id,
      patient,
      hospital: HOSPITAL,
      status: 'active',
      createdAt: START,
      notBefore: later(HOUR),
      expiresAt: later(30 * DAY),
      boundTo: 77n,
      maxRedemptions: 1,
      redemptions: 0,
      failCount: 0,
      lockedUntil: null,
    });
  });

  it('is not made for the patient of another hospital, nor for one that is not there or was deleted', async () => {
    const patient = await storePatient(stage.database, OTHER_HOSPITAL);
    const deleted = await storePatient(stage.database);
    await stage.database.query('UPDATE resource SET deleted = true WHERE rid = $1', [deleted]);
    for (const rid of [patient, deleted, 424_242n]) {
      expect(await ownsPatient(hospital, stage.database, rid)).toBe(false);
      const insert = insertKeycode(hospital, stage.database, { ...year, patient: rid }, hashOf(locator()));
      expect(await insert).toBeNull();
      expect(await keycodesOf(hospital, stage.database, rid)).toEqual([]);
    }
    expect(await ownsPatient(other, stage.database, patient)).toBe(true);
  });

  it('is not made for a resource of another type', async () => {
    const rid = await storePatient(stage.database);
    await stage.database.query(`UPDATE resource SET type = 'Observation' WHERE rid = $1`, [rid]);
    expect(await ownsPatient(hospital, stage.database, rid)).toBe(false);
    expect(await insertKeycode(hospital, stage.database, { ...year, patient: rid }, hashOf(locator()))).toBeNull();
  });

  it('has a locator of its own: one that is taken stores nothing', async () => {
    const first = await storeKeycode(stage.database);
    const patient = await storePatient(stage.database);
    expect(await insertKeycode(hospital, stage.database, { ...year, patient }, hashOf(first.locator))).toBeNull();
    expect(await keycodesOf(hospital, stage.database, patient)).toEqual([]);
    expect((await lock(first.id))?.patient).toBe(first.patient);
  });

  it('is the only active one of its patient', async () => {
    const { patient } = await storeKeycode(stage.database);
    const insert = insertKeycode(hospital, stage.database, { ...year, patient }, hashOf(locator()));
    await expect(insert).rejects.toMatchObject({ code: '23505' });
  });

  it.each([
    ['lives longer than 365 days', { expiresAt: later(365 * DAY + 1) }],
    ['ends before it begins', { notBefore: later(2 * HOUR), expiresAt: later(HOUR) }],
    ['ends when it is made', { expiresAt: START }],
    ['can be redeemed by nobody', { maxRedemptions: 0 }],
  ])('is refused by the database itself where it %s', async (_, fields) => {
    await expect(storeKeycode(stage.database, fields)).rejects.toMatchObject({ code: '23514' });
  });

  it.each(['ILOU00', 'abcdef', 'ABCDE', 'ABCDEFG', 'ABC-EF'])('has no locator like %s', async (text) => {
    const patient = await storePatient(stage.database);
    const insert = insertKeycode(hospital, stage.database, { ...year, patient }, hashOf(text));
    await expect(insert).rejects.toMatchObject({ code: '23514' });
  });
});

describe('rotation and revocation', () => {
  const rotate = (patient: bigint, access = hospital) =>
    stage.database.transaction((tx) => rotateKeycode(access, tx, patient, later(HOUR)));

  it('end the active keycode and say which it was', async () => {
    const { id, patient } = await storeKeycode(stage.database);
    expect(await rotate(patient)).toBe(id);
    expect(await statuses(patient)).toEqual(['rotated']);
    const next = await storeKeycode(stage.database, { patient, now: later(HOUR) });
    expect(await revokeKeycode(hospital, stage.database, patient, later(HOUR))).toBe(next.id);
    expect(await statuses(patient)).toEqual(['revoked', 'rotated']);
    const { rows } = await stage.database.query('SELECT ended_at FROM keycode WHERE patient = $1', [patient]);
    expect(rows).toEqual([{ ended_at: later(HOUR).getTime() }, { ended_at: later(HOUR).getTime() }]);
  });

  it('find nothing where nothing is active', async () => {
    const { patient } = await storeKeycode(stage.database);
    await rotate(patient);
    expect(await rotate(patient)).toBeNull();
    expect(await revokeKeycode(hospital, stage.database, patient, START)).toBeNull();
    expect(await statuses(patient)).toEqual(['rotated']);
  });

  it('are the issuing hospital’s alone', async () => {
    const { patient } = await storeKeycode(stage.database);
    expect(await rotate(patient, other)).toBeNull();
    expect(await revokeKeycode(other, stage.database, patient, START)).toBeNull();
    expect(await keycodesOf(other, stage.database, patient)).toEqual([]);
    expect(await statuses(patient)).toEqual(['active']);
  });

  it('come to nothing with their transaction', async () => {
    const { patient } = await storeKeycode(stage.database);
    const work = stage.database.transaction(async (tx) => {
      await rotateKeycode(hospital, tx, patient, START);
      throw new Error('changed its mind');
    });
    await expect(work).rejects.toThrow('changed its mind');
    expect(await statuses(patient)).toEqual(['active']);
  });

  it('leave one active of any number issued at the same time, from two processes', async () => {
    const patient = await storePatient(stage.database);
    const issue = (n: number) =>
      (n % 2 === 0 ? stage.database : stage.second).transaction(async (tx) => {
        await rotateKeycode(hospital, tx, patient, START);
        return insertKeycode(hospital, tx, { ...year, patient }, hashOf(locator()));
      });
    const ids = await Promise.all(Array.from({ length: 16 }, (_, n) => issue(n)));
    expect(new Set(ids).size).toBe(16);
    const found = await statuses(patient);
    expect(found.filter((status) => status === 'active')).toHaveLength(1);
    expect(found.filter((status) => status === 'rotated')).toHaveLength(15);
  });
});

describe('redemptions', () => {
  const redeem = (id: string, n: number, consent: string, at = START) =>
    stage.database.transaction(async (tx) => {
      await lockKeycode(partner(n), tx, id);
      await redeemed(partner(n), tx, id, { consent, at });
    });

  it('are one for each institution, however often it comes back', async () => {
    const { id } = await storeKeycode(stage.database);
    await redeem(id, 1, 'consent-1');
    await redeem(id, 2, 'consent-2');
    await redeem(id, 1, 'consent-1');
    expect((await lock(id))?.redemptions).toBe(2);
    expect(await redemptionOf(partner(1), stage.database, id)).toEqual({ consent: 'consent-1', at: START });
    expect(await redemptionOf(partner(3), stage.database, id)).toBeNull();
  });

  it('name the last Consent that came of them', async () => {
    const { id } = await storeKeycode(stage.database);
    await redeem(id, 1, 'consent-1');
    await redeem(id, 1, 'consent-9', later(DAY));
    expect(await redemptionOf(partner(1), stage.database, id)).toEqual({ consent: 'consent-9', at: later(DAY) });
    expect((await lock(id))?.redemptions).toBe(1);
  });

  it('never exceed what the keycode allows, whoever forgot to look', async () => {
    const { id } = await storeKeycode(stage.database, { maxRedemptions: 1 });
    await redeem(id, 1, 'consent-1');
    await redeem(id, 1, 'consent-1');
    await expect(redeem(id, 2, 'consent-2')).rejects.toMatchObject({ code: '23514' });
    expect((await lock(id))?.redemptions).toBe(1);
  });
});

describe('a locked keycode', () => {
  it('waits for whoever has it', async () => {
    const { id, patient } = await storeKeycode(stage.database);
    const order: string[] = [];
    let waiting: Promise<unknown> = Promise.resolve();
    await stage.database.transaction(async (tx) => {
      await lockKeycode(hospital, tx, id);
      waiting = stage.second.transaction(async (second) => {
        const keycode = await lockKeycode(hospital, second, id);
        order.push(`second sees ${keycode?.status}`);
      });
      await revokeKeycode(hospital, tx, patient, START);
      order.push('first revoked it');
    });
    await waiting;
    expect(order).toEqual(['first revoked it', 'second sees revoked']);
  });

  it('is null where there is none', async () => {
    expect(await lock('00000000-0000-4000-8000-000000000000')).toBeNull();
  });
});

describe('peppers in use', () => {
  it('are those of keycodes that can still be redeemed', async () => {
    const own = await openStage();
    try {
      const system = Access.system('test');
      const store = async (kid: string, expiresAt: Date) => {
        const patient = await storePatient(own.database);
        await insertKeycode(hospital, own.database, { ...year, patient, expiresAt }, hashOf(locator(), kid));
        return patient;
      };
      expect(await pepperKids(system, own.database, START)).toEqual([]);
      await store('spring', later(DAY));
      await store('autumn', later(365 * DAY));
      await store('autumn', later(365 * DAY));
      await revokeKeycode(hospital, own.database, await store('lost', later(DAY)), START);
      expect(await pepperKids(system, own.database, START)).toEqual(['autumn', 'spring']);
      expect(await pepperKids(system, own.database, later(DAY))).toEqual(['autumn']);
    } finally {
      await own.close();
    }
  });
});

describe('without the Access of a caller', () => {
  const never = { query: () => Promise.reject(new Error('a statement was sent')) } as unknown as Queryable;
  const cases: [string, (access: Access) => Promise<unknown>][] = [
    ['rotateKeycode', (access) => rotateKeycode(access, never, 1n, START)],
    ['revokeKeycode', (access) => revokeKeycode(access, never, 1n, START)],
    ['ownsPatient', (access) => ownsPatient(access, never, 1n)],
    ['insertKeycode', (access) => insertKeycode(access, never, { ...year, patient: 1n }, hashOf('000000'))],
    ['lockKeycode', (access) => lockKeycode(access, never, 'id')],
    ['keycodesOf', (access) => keycodesOf(access, never, 1n)],
    ['redemptionOf', (access) => redemptionOf(access, never, 'id')],
    ['redeemed', (access) => redeemed(access, never, 'id', { consent: 'id', at: START })],
  ];

  it.each(cases)('%s sends nothing', async (_, run) => {
    await expect(run(undefined as unknown as Access)).rejects.toThrow('need the Access of a caller');
    await expect(run(Access.system('a job'))).rejects.toThrow('need the Access of a caller');
  });

  it('pepperKids sends nothing without any', async () => {
    await expect(pepperKids(undefined as unknown as Access, never, START)).rejects.toThrow('without an Access');
  });
});
