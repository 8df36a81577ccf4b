import { randomUUID } from 'node:crypto';
import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

/** How software that was issued left the institution again. */
export const SOFTWARE_OUTCOMES = ['returned', 'uninstalled', 'disabled', 'lost'] as const;
export type SoftwareOutcome = (typeof SOFTWARE_OUTCOMES)[number];

export interface NewSoftware {
  /** rid. */
  readonly institution: bigint;
  readonly name: string;
  readonly version: string | null;
  /** Who answers for it. */
  readonly issuedTo: string;
  /** What it gets in by, where it does. */
  readonly client?: string;
  readonly terminal?: string;
  readonly at: Date;
}

/** An entry of the register. Instants are epoch milliseconds. */
export interface Software {
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  readonly issuedTo: string;
  readonly client: string | null;
  readonly terminal: string | null;
  readonly issuedAt: number;
  /** Null: it is still out. */
  readonly returnedAt: number | null;
  readonly outcome: SoftwareOutcome | null;
  readonly note: string | null;
}

/** @returns id of the entry; undefined where client or terminal are not the institution's */
export async function issueSoftware(access: Access, tx: Queryable, one: NewSoftware): Promise<string | undefined> {
  if (!access) throw new Error('issueSoftware() without an Access');
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO software (id, institution, client, terminal, name, version, issued_to, issued_at)
     SELECT $1::uuid, $2::bigint, $3, $4::uuid, $5, $6, $7, $8::timestamptz
     WHERE ($3::text IS NULL OR EXISTS (SELECT FROM client WHERE id = $3 AND institution = $2::bigint))
       AND ($4::uuid IS NULL OR EXISTS (SELECT FROM terminal WHERE id = $4::uuid AND institution = $2::bigint))
     RETURNING id`,
    [
      randomUUID(),
      one.institution,
      one.client ?? null,
      one.terminal ?? null,
      one.name,
      one.version,
      one.issuedTo,
      one.at,
    ],
  );
  return rows[0]?.id;
}

/** All that was issued to the institution, what is still out first: the list to go through when it leaves. */
export async function softwareOf(
  access: Access,
  database: Queryable,
  institution: bigint,
): Promise<readonly Software[]> {
  if (!access) throw new Error('softwareOf() without an Access');
  const { rows } = await database.query<Software>(
    `SELECT id, name, version, issued_to AS "issuedTo", client, terminal, issued_at AS "issuedAt", returned_at AS "returnedAt", outcome, note
     FROM software WHERE institution = $1::bigint ORDER BY returned_at IS NOT NULL, issued_at, id`,
    [institution],
  );
  return rows;
}

/** What the entry got in by, for it is to be shut out now; undefined where there is no such entry that is still out. */
export async function returnSoftware(
  access: Access,
  tx: Queryable,
  one: { id: string; institution: bigint; outcome: SoftwareOutcome; note: string | null; at: Date },
): Promise<{ readonly client: string | null; readonly terminal: string | null } | undefined> {
  if (!access) throw new Error('returnSoftware() without an Access');
  const { rows } = await tx.query<{ client: string | null; terminal: string | null }>(
    `UPDATE software SET returned_at = $3::timestamptz, outcome = $4, note = $5
     WHERE id = $1::uuid AND institution = $2::bigint AND returned_at IS NULL RETURNING client, terminal`,
    [one.id, one.institution, one.at, one.outcome, one.note],
  );
  return rows[0];
}
