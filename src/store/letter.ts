import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import { bigints } from './sql.ts';

/** Where a letter is (CodeSystem letter-status). */
export type LetterState = 'to-sign' | 'issued' | 'signed' | 'verified' | 'refused' | 'void';

/** Resources that the service stores for a letter. */
export type LetterPart = 'task' | 'issued' | 'signed' | 'document' | 'provenance';

/** One version of a letter. Instants are epoch milliseconds. */
export interface LetterRow {
  readonly id: string;
  /** rid and id of its document Bundle. */
  readonly bundle: bigint;
  readonly bundleId: string;
  /** Of the Bundle. */
  readonly version: number;
  /** rid of the sending institution. */
  readonly organization: bigint;
  /** `Patient/id` */
  readonly patient: string | null;
  readonly state: LetterState;
  readonly createdAt: number;
  /** SHA-256 of the bytes that were issued. */
  readonly issued: Buffer | null;
  readonly issuedAt: number | null;
  /** The verification that stands. */
  readonly verification: bigint | null;
  /** Its Bundle was deleted: it goes to nobody any more. */
  readonly withdrawn: boolean;
  /** The file that stands carries certificates and lists. */
  readonly preserved: boolean;
  readonly recheckAt: number | null;
  readonly renewAt: number | null;
  /** Ids of its resources. */
  readonly parts: Readonly<Partial<Record<LetterPart, string>>>;
  /** Ids of the ServiceRequests that it goes with. */
  readonly orders: readonly string[];
}

/** Letters are looked up by what their callers have already been shown, or by the service itself. */
function needed(access: Access): void {
  if (!access) throw new Error('letters need an Access');
}

const COLUMNS = `l.id, l.bundle, l.bundle_id AS "bundleId", l.version, l.organization, l.patient, l.state, l.created_at AS "createdAt",
  l.issued, l.issued_at AS "issuedAt", l.verification, l.withdrawn, l.preserved, l.recheck_at AS "recheckAt", l.renew_at AS "renewAt",
  coalesce((SELECT jsonb_object_agg(p.part, p.id) FROM letter_part p WHERE p.letter = l.id), '{}') AS parts,
  coalesce((SELECT jsonb_agg(o.id ORDER BY o.id) FROM letter_order o WHERE o.letter = l.id), '[]') AS orders`;

/** A bytea shares memory with what was received. */
const copied = (row: LetterRow): LetterRow => ({ ...row, issued: row.issued && Buffer.from(row.issued) });

export type NewLetter = Pick<LetterRow, 'id' | 'bundle' | 'bundleId' | 'version' | 'organization' | 'patient'> & {
  readonly createdAt: number;
};

/** A letter that is to be signed. One for each version of a Bundle: else unique_violation (23505). */
export async function insertLetter(access: Access, transaction: Queryable, one: NewLetter): Promise<void> {
  needed(access);
  await transaction.query(
    `INSERT INTO letter (id, bundle, bundle_id, version, organization, patient, state, created_at)
     VALUES ($1::uuid, $2::bigint, $3::text, $4::int, $5::bigint, $6::text, 'to-sign', $7::timestamptz)`,
    [one.id, one.bundle, one.bundleId, one.version, one.organization, one.patient, new Date(one.createdAt)],
  );
}

/** What changes of a letter; what is not named stays. */
export type LetterChange = Partial<
  Pick<
    LetterRow,
    | 'version'
    | 'state'
    | 'issued'
    | 'issuedAt'
    | 'verification'
    | 'withdrawn'
    | 'preserved'
    | 'recheckAt'
    | 'renewAt'
    | 'patient'
  >
>;

const TYPES: Readonly<Record<keyof LetterChange, readonly [column: string, type: string]>> = {
  version: ['version', 'int'],
  state: ['state', 'text'],
  issued: ['issued', 'bytea'],
  issuedAt: ['issued_at', 'timestamptz'],
  verification: ['verification', 'bigint'],
  withdrawn: ['withdrawn', 'boolean'],
  preserved: ['preserved', 'boolean'],
  recheckAt: ['recheck_at', 'timestamptz'],
  renewAt: ['renew_at', 'timestamptz'],
  patient: ['patient', 'text'],
};

/** Changes a letter, which is locked. */
export async function updateLetter(
  access: Access,
  transaction: Queryable,
  id: string,
  change: LetterChange,
): Promise<void> {
  needed(access);
  const entries = Object.entries(change) as [keyof LetterChange, unknown][];
  if (entries.length === 0) return;
  const values = entries.map(([name, value]) =>
    TYPES[name][1] === 'timestamptz' && typeof value === 'number' ? new Date(value) : value,
  );
  const set = entries.map(([name], i) => `${TYPES[name][0]} = $${i + 2}::${TYPES[name][1]}`).join(', ');
  await transaction.query(`UPDATE letter SET ${set} WHERE id = $1::uuid`, [id, ...values]);
}

/** The resource is the letter's from now on, in place of another of the same part. */
export async function putLetterPart(
  access: Access,
  transaction: Queryable,
  letter: string,
  part: LetterPart,
  { rid, id }: { readonly rid: bigint; readonly id: string },
): Promise<void> {
  needed(access);
  await transaction.query(
    `INSERT INTO letter_part (letter, part, rid, id) VALUES ($1::uuid, $2::text, $3::bigint, $4::text)
     ON CONFLICT (letter, part) DO UPDATE SET rid = EXCLUDED.rid, id = EXCLUDED.id`,
    [letter, part, rid, id],
  );
}

export async function removeLetterPart(
  access: Access,
  transaction: Queryable,
  letter: string,
  part: LetterPart,
): Promise<void> {
  needed(access);
  await transaction.query('DELETE FROM letter_part WHERE letter = $1::uuid AND part = $2::text', [letter, part]);
}

/** The letter goes with the ServiceRequest too; false when it did already. */
export async function addLetterOrder(
  access: Access,
  transaction: Queryable,
  letter: string,
  { rid, id }: { readonly rid: bigint; readonly id: string },
): Promise<boolean> {
  needed(access);
  const { count } = await transaction.query(
    'INSERT INTO letter_order (letter, rid, id) VALUES ($1::uuid, $2::bigint, $3::text) ON CONFLICT DO NOTHING',
    [letter, rid, id],
  );
  return count === 1;
}

export async function removeLetterOrder(
  access: Access,
  transaction: Queryable,
  letter: string,
  rid: bigint,
): Promise<void> {
  needed(access);
  await transaction.query('DELETE FROM letter_order WHERE letter = $1::uuid AND rid = $2::bigint', [letter, rid]);
}

export async function letterById(access: Access, database: Queryable, id: string): Promise<LetterRow | undefined> {
  needed(access);
  const { rows } = await database.query<LetterRow>(`SELECT ${COLUMNS} FROM letter l WHERE l.id = $1::uuid`, [id]);
  return rows.map(copied)[0];
}

/** The letter to which a resource belongs. */
export async function letterOfPart(access: Access, database: Queryable, rid: bigint): Promise<LetterRow | undefined> {
  needed(access);
  const { rows } = await database.query<LetterRow>(
    `SELECT ${COLUMNS} FROM letter l WHERE l.id = (SELECT letter FROM letter_part WHERE rid = $1::bigint)`,
    [rid],
  );
  return rows.map(copied)[0];
}

/** The letters made of the versions of a Bundle, those that are void excepted, the newest first. */
export async function lettersOfBundle(access: Access, database: Queryable, bundle: bigint): Promise<LetterRow[]> {
  needed(access);
  const { rows } = await database.query<LetterRow>(
    `SELECT ${COLUMNS} FROM letter l WHERE l.bundle = $1::bigint AND l.state <> 'void' ORDER BY l.version DESC`,
    [bundle],
  );
  return rows.map(copied);
}

/** The letters made of the versions of a Bundle that have not been withdrawn, those that are void too. */
export async function goingLetters(access: Access, database: Queryable, bundle: bigint): Promise<LetterRow[]> {
  needed(access);
  const { rows } = await database.query<LetterRow>(
    `SELECT ${COLUMNS} FROM letter l WHERE l.bundle = $1::bigint AND NOT l.withdrawn ORDER BY l.version DESC`,
    [bundle],
  );
  return rows.map(copied);
}

/** The letters that go with a ServiceRequest, those that are void too. */
export async function lettersOfOrder(access: Access, database: Queryable, order: bigint): Promise<LetterRow[]> {
  needed(access);
  const { rows } = await database.query<LetterRow>(
    `SELECT ${COLUMNS} FROM letter l JOIN letter_order o ON o.letter = l.id
     WHERE o.rid = $1::bigint ORDER BY l.id`,
    [order],
  );
  return rows.map(copied);
}

/** Locks a letter until the end of the transaction, and answers it as the last commit left it. Its Bundle must be locked before. */
export async function lockLetter(access: Access, transaction: Queryable, id: string): Promise<LetterRow | undefined> {
  needed(access);
  await transaction.query('SELECT 1 FROM letter WHERE id = $1::uuid FOR UPDATE', [id]);
  // A statement of its own: what was waited for shows only to the next.
  return letterById(access, transaction, id);
}

/**
 * Those of the Bundles whose letter has a valid signature in the version that is current, of an institution's own. They stay so until the end
 * of the transaction.
 */
export async function verifiedBundles(
  access: Access,
  transaction: Queryable,
  bundles: readonly bigint[],
  organization: bigint,
): Promise<Set<bigint>> {
  needed(access);
  const { rows } = await transaction.query<{ bundle: bigint }>(
    `SELECT l.bundle FROM letter l JOIN resource r ON r.rid = l.bundle
     WHERE l.bundle = ANY($1::bigint[]) AND l.organization = $2::bigint AND l.state = 'verified'
       AND r.owner = l.organization AND r.version = l.version AND NOT r.deleted
     ORDER BY l.id FOR SHARE OF l`,
    [bigints(bundles), organization],
  );
  return new Set(rows.map(({ bundle }) => bundle));
}

export type Due = 'recheck' | 'renew';

/** Ids of letters for which something is due, the longest waiting first. */
export async function dueLetters(
  access: Access,
  database: Queryable,
  due: Due,
  now: number,
  limit: number,
): Promise<string[]> {
  if (!access?.isSystem) throw new Error('what is due is the system’s to know');
  const column = due === 'recheck' ? 'recheck_at' : 'renew_at';
  const { rows } = await database.query<{ id: string }>(
    `SELECT id FROM letter WHERE ${column} <= $1::timestamptz AND state IN ('signed', 'verified', 'refused') ORDER BY ${column} LIMIT $2::int`,
    [new Date(now), limit],
  );
  return rows.map(({ id }) => id);
}

/** What is due is due later; nothing where it is not due any more. */
export async function postponeLetter(
  access: Access,
  database: Queryable,
  id: string,
  { due, now, until }: { readonly due: Due; readonly now: number; readonly until: number },
): Promise<void> {
  needed(access);
  const column = due === 'recheck' ? 'recheck_at' : 'renew_at';
  await database.query(
    `UPDATE letter SET ${column} = $3::timestamptz WHERE id = $1::uuid AND ${column} <= $2::timestamptz`,
    [id, new Date(now), new Date(until)],
  );
}
