import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Access } from '../../src/access/access.ts';
import type { Database, Queryable } from '../../src/store/database.ts';
import { insertKeycode, type NewKeycode, rotateKeycode } from '../../src/store/keycode.ts';
import type { AttemptLimits } from '../../src/store/keycode-attempt.ts';
import { cloneDatabase } from '../support/database.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** When the tests begin; every other instant is counted from it. */
export const START = new Date('2026-04-01T00:00:00.000Z');
export const later = (milliseconds: number): Date => new Date(START.getTime() + milliseconds);

/** rids of the network. */
export const HOSPITAL = 1_000n;
export const OTHER_HOSPITAL = 2_000n;

/** The limits of the service, but so many by everyone that only the limit under test is met. */
export const WIDE: AttemptLimits = {
  client: { failures: 1_000_000, window: 15 * MINUTE },
  institution: { failures: 1_000_000, window: DAY },
  everyone: { failures: 1_000_000, window: MINUTE },
  keycode: { failures: 5, window: HOUR, firstLock: 15 * MINUTE, longestLock: DAY, total: 10 },
};

/** On whose behalf: the institution with this rid, by one of its clients; in the hospital's network unless told otherwise. */
export function on(
  organization: bigint,
  clientId = `client-of-${organization}`,
  timeline: readonly bigint[] = [HOSPITAL],
): Access {
  return Access.of({
    organization,
    organizationId: `organization-${organization}`,
    kind: organization === HOSPITAL || organization === OTHER_HOSPITAL ? 'cooperating-hospital' : 'medical',
    clientId,
    scopes: [],
    networks: timeline,
    medical: [],
    care: [],
    timeline,
    purpose: 'TREAT',
    requestId: 'request',
  });
}

export const hospital = on(HOSPITAL);
/** The n-th partner institution. */
export const partner = (n: number): Access => on(10_000n + BigInt(n));

/** Stands in for argon2 where a test is not about it: as long an answer, at once. */
export const quickHash = async (message: Buffer, salt: Buffer): Promise<Buffer> =>
  createHash('sha256').update(message).update(salt).digest();

export interface Stage {
  /** Two pools on one database, as two server processes have them. */
  readonly database: Database;
  readonly second: Database;
  /** A folder for the pepper file. */
  readonly folder: string;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const clone = await cloneDatabase();
  const [database, second] = await Promise.all([clone.open(), clone.open()]);
  const folder = await mkdtemp(join(tmpdir(), 'keycode-'));
  return {
    database,
    second,
    folder,
    async close() {
      await clone.drop();
      await rm(folder, { recursive: true });
    },
  };
}

let patients = 0n;

/** Stores a Patient of an institution and returns its rid. */
export async function storePatient(database: Queryable, owner: bigint = HOSPITAL): Promise<bigint> {
  patients += 1n;
  const rid = 500_000n + patients;
  await database.query(
    `INSERT INTO resource (rid, owner, home, patient, updated, version, class, deleted, sealed, type, id, keys)
     VALUES ($1::bigint, $2::bigint, $2::bigint, $1::bigint, 0, 1, 'c', false, false, 'Patient', $3, '{}')`,
    [rid, owner, `patient-${rid}`],
  );
  return rid;
}

/** A locator that no other call returns: the number in Crockford's alphabet. */
let locators = 0;
export function locator(): string {
  locators += 1;
  return Array.from({ length: 6 }, (_, i) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[(locators >> (5 * (5 - i))) & 31]).join(
    '',
  );
}

/** What a keycode's row holds to compare with; here only the bytes matter. */
export const hashOf = (text: string, kid = 'kid-1') => ({
  locator: text,
  hash: createHash('sha256').update(text).digest(),
  salt: createHash('md5').update(text).digest(),
  kid,
});

/** Stores a keycode for a new patient of the hospital, without any service above the store. */
export async function storeKeycode(
  database: Database,
  fields: Partial<NewKeycode> = {},
): Promise<{ id: string; locator: string; patient: bigint }> {
  const patient = fields.patient ?? (await storePatient(database));
  const text = locator();
  const keycode: NewKeycode = {
    patient,
    now: START,
    notBefore: null,
    expiresAt: later(365 * DAY),
    boundTo: null,
    maxRedemptions: null,
    ...fields,
  };
  const id = await database.transaction(async (tx) => {
    await rotateKeycode(hospital, tx, patient, keycode.now);
    return insertKeycode(hospital, tx, keycode, hashOf(text));
  });
  if (!id) throw new Error('the keycode was not stored');
  return { id, locator: text, patient };
}
