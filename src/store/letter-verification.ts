import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

/** Why a verification was made: of a new submission, when a signer was decided on, on time, or after something was added to the file. */
export type Cause = 'submitted' | 'decided' | 'rechecked' | 'preserved' | 'renewed';

export interface VerificationRow<Record> {
  readonly id: bigint;
  readonly letter: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly cause: Cause;
  readonly result: 'VALID' | 'INVALID' | 'INDETERMINATE';
  /** SHA-256 of the file. */
  readonly file: Buffer;
  /** SHA-256 of the signer's certificate. */
  readonly certificate: Buffer | null;
  readonly record: Record;
}

export type NewVerification<Record> = Omit<VerificationRow<Record>, 'id'>;

const COLUMNS = 'v.id, v.letter, v.at, v.cause, v.result, v.file, v.certificate, v.record';

/** A bytea shares memory with what was received. */
const copied = <R>(row: VerificationRow<R>): VerificationRow<R> => ({
  ...row,
  file: Buffer.from(row.file),
  certificate: row.certificate && Buffer.from(row.certificate),
});

function bySystem(access: Access): void {
  if (!access?.isSystem) throw new Error('verifications are kept by the system');
}

export async function insertVerification<R extends object>(
  access: Access,
  transaction: Queryable,
  one: NewVerification<R>,
): Promise<bigint> {
  bySystem(access);
  const { rows } = await transaction.query<{ id: bigint }>(
    `INSERT INTO letter_verification (letter, at, cause, result, file, certificate, record)
     VALUES ($1::uuid, $2::timestamptz, $3::text, $4::text, $5::bytea, $6::bytea, $7::json) RETURNING id`,
    [one.letter, new Date(one.at), one.cause, one.result, one.file, one.certificate, JSON.stringify(one.record)],
  );
  return (rows[0] as { id: bigint }).id;
}

export async function verificationById<R>(
  access: Access,
  database: Queryable,
  id: bigint,
): Promise<VerificationRow<R> | undefined> {
  bySystem(access);
  const { rows } = await database.query<VerificationRow<R>>(
    `SELECT ${COLUMNS} FROM letter_verification v WHERE v.id = $1::bigint`,
    [id],
  );
  return rows.map((row) => copied(row))[0];
}

/** The latest verification of a letter, whether or not it stands. */
export async function latestVerification<R>(
  access: Access,
  database: Queryable,
  letter: string,
): Promise<VerificationRow<R> | undefined> {
  bySystem(access);
  const { rows } = await database.query<VerificationRow<R>>(
    `SELECT ${COLUMNS} FROM letter_verification v WHERE v.letter = $1::uuid ORDER BY v.id DESC LIMIT 1`,
    [letter],
  );
  return rows.map((row) => copied(row))[0];
}

/** The latest verification of one of the institution's letters that was signed with the certificate. */
export async function verificationWith<R>(
  access: Access,
  database: Queryable,
  organization: bigint,
  certificate: Buffer,
): Promise<VerificationRow<R> | undefined> {
  bySystem(access);
  const { rows } = await database.query<VerificationRow<R>>(
    `SELECT ${COLUMNS} FROM letter_verification v JOIN letter l ON l.id = v.letter
     WHERE v.certificate = $1::bytea AND l.organization = $2::bigint ORDER BY v.id DESC LIMIT 1`,
    [certificate, organization],
  );
  return rows.map((row) => copied(row))[0];
}

/**
 * The institution's letters whose standing verification is of a signature with the certificate, that are not void, and whose file is kept.
 * They are due to be verified anew from now on. Answers their ids.
 */
export async function lettersSignedWith(
  access: Access,
  transaction: Queryable,
  { organization, certificate, now }: { organization: bigint; certificate: Buffer; now: number },
): Promise<string[]> {
  bySystem(access);
  const { rows } = await transaction.query<{ id: string }>(
    `UPDATE letter l SET recheck_at = $3::timestamptz FROM letter_verification v
     WHERE v.id = l.verification AND v.certificate = $2::bytea AND l.organization = $1::bigint AND l.state <> 'void'
       AND EXISTS (SELECT 1 FROM evidence e WHERE e.sha256 = v.file)
     RETURNING l.id`,
    [organization, certificate, new Date(now)],
  );
  return rows.map(({ id }) => id).sort();
}
