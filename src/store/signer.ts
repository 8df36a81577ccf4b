import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

/** What an institution said of a certificate. */
export interface SignerRow {
  readonly organization: bigint;
  /** SHA-256. */
  readonly certificate: Buffer;
  /** rid and id of the Practitioner. */
  readonly practitioner: bigint;
  readonly practitionerId: string;
  /** false: it is not this person's. */
  readonly confirmed: boolean;
  /** As the certificate gives it. */
  readonly name: string;
  /** Epoch milliseconds. */
  readonly decidedAt: number;
  /** Id of the client. */
  readonly decidedBy: string;
}

/** First key of the advisory locks on what institutions say of certificates. */
const LOCKS = 7_827_355;

/**
 * Waits until nobody else decides on the certificate, or on what it signed, for this institution; until the end of the transaction. Before
 * any other lock.
 */
export async function lockSigner(
  access: Access,
  transaction: Queryable,
  organization: bigint,
  certificate: Buffer,
): Promise<void> {
  if (!access) throw new Error('lockSigner() without an Access');
  await transaction.query('SELECT pg_advisory_xact_lock($1::int, hashtext($2::text))', [
    LOCKS,
    `${organization} ${certificate.toString('hex')}`,
  ]);
}

export async function signerOf(
  access: Access,
  database: Queryable,
  organization: bigint,
  certificate: Buffer,
): Promise<SignerRow | undefined> {
  if (!access) throw new Error('signerOf() without an Access');
  const { rows } = await database.query<SignerRow>(
    `SELECT organization, certificate, practitioner, practitioner_id AS "practitionerId", confirmed, name,
       decided_at AS "decidedAt", decided_by AS "decidedBy"
     FROM signer WHERE organization = $1::bigint AND certificate = $2::bytea`,
    [organization, certificate],
  );
  return rows.map((row) => ({ ...row, certificate: Buffer.from(row.certificate) }))[0];
}

/** The latest word counts. */
export async function putSigner(access: Access, transaction: Queryable, one: SignerRow): Promise<void> {
  if (!access) throw new Error('putSigner() without an Access');
  await transaction.query(
    `INSERT INTO signer (organization, certificate, practitioner, practitioner_id, confirmed, name, decided_at, decided_by)
     VALUES ($1::bigint, $2::bytea, $3::bigint, $4::text, $5::boolean, $6::text, $7::timestamptz, $8::text)
     ON CONFLICT (organization, certificate) DO UPDATE SET practitioner = EXCLUDED.practitioner, practitioner_id = EXCLUDED.practitioner_id,
       confirmed = EXCLUDED.confirmed, name = EXCLUDED.name, decided_at = EXCLUDED.decided_at, decided_by = EXCLUDED.decided_by`,
    [
      one.organization,
      one.certificate,
      one.practitioner,
      one.practitionerId,
      one.confirmed,
      one.name,
      new Date(one.decidedAt),
      one.decidedBy,
    ],
  );
}
