import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

export interface Grant {
  readonly organization: bigint;
  readonly patient: bigint;
  readonly hospital: bigint;
  readonly consent: bigint;
  /** Epoch milliseconds. */
  readonly starts: number;
  /** Epoch milliseconds; the first instant at which it is over. */
  readonly ends: number;
}

/** Opens a patient's timeline to an institution, in the transaction of the Consent that says so. */
export async function putGrant(access: Access, transaction: Queryable, grant: Grant): Promise<void> {
  if (!access) throw new Error('putGrant() without an Access');
  await transaction.query(
    `INSERT INTO "grant" (organization, patient, hospital, consent, starts, ends)
     VALUES ($1::bigint, $2::bigint, $3::bigint, $4::bigint, to_timestamp($5::float8 / 1000), to_timestamp($6::float8 / 1000))
     ON CONFLICT (organization, patient) DO UPDATE SET hospital = EXCLUDED.hospital, consent = EXCLUDED.consent, starts = EXCLUDED.starts, ends = EXCLUDED.ends`,
    [grant.organization, grant.patient, grant.hospital, grant.consent, grant.starts, grant.ends],
  );
}

/** Ends what a Consent opened: from the commit on, no statement finds it. */
export async function removeGrant(access: Access, transaction: Queryable, consent: bigint): Promise<void> {
  if (!access) throw new Error('removeGrant() without an Access');
  await transaction.query('DELETE FROM "grant" WHERE consent = $1::bigint', [consent]);
}

/** Until when the Consent opens the timeline, epoch milliseconds; undefined when it does not any more. */
export async function grantEnds(access: Access, transaction: Queryable, consent: bigint): Promise<number | undefined> {
  if (!access) throw new Error('grantEnds() without an Access');
  const { rows } = await transaction.query<{ ends: number }>(
    'SELECT extract(epoch FROM ends)::float8 * 1000 AS ends FROM "grant" WHERE consent = $1::bigint',
    [consent],
  );
  return rows[0]?.ends;
}

/** The Consents by which the patient's timeline is open to others, or was until they ended. */
export async function grantsOf(access: Access, transaction: Queryable, patient: bigint): Promise<bigint[]> {
  if (!access) throw new Error('grantsOf() without an Access');
  const { rows } = await transaction.query<{ consent: bigint }>(
    'SELECT consent FROM "grant" WHERE patient = $1::bigint ORDER BY consent',
    [patient],
  );
  return rows.map(({ consent }) => consent);
}

/** The Consent by which the institution has, or had until it ended, the patient's timeline; undefined where there is none. */
export async function grantedBy(
  access: Access,
  transaction: Queryable,
  organization: bigint,
  patient: bigint,
): Promise<bigint | undefined> {
  if (!access) throw new Error('grantedBy() without an Access');
  const { rows } = await transaction.query<{ consent: bigint }>(
    'SELECT consent FROM "grant" WHERE organization = $1::bigint AND patient = $2::bigint',
    [organization, patient],
  );
  return rows[0]?.consent;
}
