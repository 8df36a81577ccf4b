import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

/**
 * SQL: whether a certificate is that of a living terminal of an institution at the statement's start.
 *
 * @param sha256       expression of the certificate's SHA-256 in base64url; false where it is NULL
 * @param institution  expression of the institution's rid
 */
export const isLivingTerminal = (sha256: string, institution: string): string =>
  `EXISTS (SELECT FROM terminal tm WHERE tm.sha256 = ${sha256} AND tm.institution = ${institution}
    AND tm.active AND tm.revoked_at IS NULL AND tm.not_before <= now() AND now() < tm.not_after)`;

/**
 * SQL: whether an institution `i` lets people in on a connection: it does not demand terminals, or this is one of its own.
 *
 * @param sha256  as above
 */
export const admits = (i: string, sha256: string): string =>
  `(${i}.mtls <> 'required' OR ${isLivingTerminal(sha256, `${i}.rid`)})`;

/** A terminal as it is registered. Instants are epoch milliseconds. */
export interface Terminal {
  readonly id: string;
  /** Of its certificate, base64url. */
  readonly sha256: string;
  readonly name: string;
  readonly place: string | null;
  /** RFC 4514. */
  readonly subject: string;
  readonly issuer: string;
  /** Hexadecimal. */
  readonly serial: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface RegisteredTerminal extends Terminal {
  readonly registeredAt: number;
  readonly active: boolean;
  readonly retiredAt: number | null;
  readonly revokedAt: number | null;
}

/** False where the certificate is registered already, wherever and however long ago. */
export async function insertTerminal(
  access: Access,
  tx: Queryable,
  terminal: Terminal & { readonly institution: bigint; readonly certificate: Buffer; readonly at: Date },
): Promise<boolean> {
  if (!access) throw new Error('insertTerminal() without an Access');
  const { count } = await tx.query(
    `INSERT INTO terminal (id, sha256, institution, name, place, subject, issuer, serial, certificate, not_before, not_after, registered_at)
     VALUES ($1::uuid, $2, $3::bigint, $4, $5, $6, $7, $8, $9::bytea, $10::timestamptz, $11::timestamptz, $12::timestamptz)
     ON CONFLICT (sha256) DO NOTHING`,
    [
      terminal.id,
      terminal.sha256,
      terminal.institution,
      terminal.name,
      terminal.place,
      terminal.subject,
      terminal.issuer,
      terminal.serial,
      terminal.certificate,
      new Date(terminal.notBefore),
      new Date(terminal.notAfter),
      terminal.at,
    ],
  );
  return count === 1;
}

export async function terminalsOf(
  access: Access,
  database: Queryable,
  institution: bigint,
): Promise<readonly RegisteredTerminal[]> {
  if (!access) throw new Error('terminalsOf() without an Access');
  const { rows } = await database.query<RegisteredTerminal>(
    `SELECT id, sha256, name, place, subject, issuer, serial, not_before AS "notBefore", not_after AS "notAfter",
       registered_at AS "registeredAt", active, retired_at AS "retiredAt", revoked_at AS "revokedAt"
     FROM terminal WHERE institution = $1::bigint ORDER BY active DESC, registered_at, id`,
    [institution],
  );
  return rows;
}

/**
 * Whether the institution's systems and people get in at its terminals only. Required only where it has a living one: else nobody
 * could get in. False where it has none.
 */
export async function requireTerminals(
  access: Access,
  tx: Queryable,
  institution: bigint,
  required: boolean,
): Promise<boolean> {
  if (!access) throw new Error('requireTerminals() without an Access');
  const { count } = await tx.query(
    `UPDATE institution i SET mtls = CASE WHEN $2 THEN 'required' ELSE 'optional' END
     WHERE rid = $1::bigint AND (NOT $2 OR EXISTS (SELECT FROM terminal t WHERE t.institution = i.rid
       AND t.active AND t.revoked_at IS NULL AND t.not_before <= now() AND now() < t.not_after))`,
    [institution, required],
  );
  return count === 1;
}

/** Certificates in use, to be held against new revocation lists: a page after that id. */
export async function terminalCertificates(
  access: Access,
  database: Queryable,
  after: string | null,
  limit: number,
): Promise<readonly { readonly id: string; readonly certificate: Buffer }[]> {
  if (!access?.isSystem) throw new Error('terminalCertificates() needs the Access of the system');
  const { rows } = await database.query<{ id: string; certificate: Buffer }>(
    `SELECT id, certificate FROM terminal WHERE active AND revoked_at IS NULL AND now() < not_after
       AND ($1::uuid IS NULL OR id > $1::uuid) ORDER BY id LIMIT $2`,
    [after, limit],
  );
  return rows.map(({ id, certificate }) => ({ id, certificate: Buffer.from(certificate) }));
}

/** Notes that a revocation list has its certificate. The institution it is of; undefined where it was noted before. */
export async function terminalRevoked(
  access: Access,
  tx: Queryable,
  id: string,
  at: Date,
): Promise<{ readonly institution: bigint; readonly organizationId: string; readonly name: string } | undefined> {
  if (!access?.isSystem) throw new Error('terminalRevoked() needs the Access of the system');
  const { rows } = await tx.query<{ institution: bigint; organizationId: string; name: string }>(
    `UPDATE terminal t SET revoked_at = $2::timestamptz FROM institution i
     WHERE t.id = $1::uuid AND t.revoked_at IS NULL AND i.rid = t.institution
     RETURNING t.institution, i.id AS "organizationId", t.name`,
    [id, at],
  );
  return rows[0];
}
