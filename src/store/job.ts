import { randomUUID } from 'node:crypto';
import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

/** A turn that was got. */
export interface Turn {
  readonly name: string;
  readonly id: string;
  /** In a row, before this turn. */
  readonly failures: number;
}

/** A turn is held for so long, unless it is held on; milliseconds. */
export const HELD_MS = 60_000;

const HELD = `now() + interval '${HELD_MS} milliseconds'`;

function bySystem(access: Access): void {
  if (!access?.isSystem) throw new Error('jobs need the Access of the system');
}

/**
 * Takes a turn of a job, when it is due and nobody is at it: of all processes one gets it. A process that dies leaves it to pass.
 *
 * @param force  whether or not it is due
 */
export async function takeTurn(
  access: Access,
  database: Queryable,
  name: string,
  { now, force = false }: { readonly now: number; readonly force?: boolean },
): Promise<Turn | undefined> {
  bySystem(access);
  const { rows } = await database.query<Turn>(
    `INSERT INTO job AS j (name, due_at, held_by, held_until) VALUES ($1::text, $2::timestamptz, $3::uuid, ${HELD})
     ON CONFLICT (name) DO UPDATE SET held_by = EXCLUDED.held_by, held_until = EXCLUDED.held_until
       WHERE (j.held_until IS NULL OR j.held_until <= now()) AND ($4::boolean OR j.due_at <= $2::timestamptz)
     RETURNING name, held_by AS id, failures`,
    [name, new Date(now), randomUUID(), force],
  );
  return rows[0];
}

/** Holds a turn on; false when it has passed to another. */
export async function holdTurn(access: Access, database: Queryable, { name, id }: Turn): Promise<boolean> {
  bySystem(access);
  const { count } = await database.query(
    `UPDATE job SET held_until = ${HELD} WHERE name = $1::text AND held_by = $2::uuid`,
    [name, id],
  );
  return count === 1;
}

/** Gives a turn back: when the next is due, and what went wrong, if anything did. Nothing where it has passed to another. */
export async function endTurn(
  access: Access,
  database: Queryable,
  { name, id }: Turn,
  { dueAt, failure }: { readonly dueAt: number; readonly failure?: string },
): Promise<void> {
  bySystem(access);
  await database.query(
    `UPDATE job SET due_at = $3::timestamptz, held_by = NULL, held_until = NULL, failure = $4::text,
       failures = CASE WHEN $4::text IS NULL THEN 0 ELSE failures + 1 END
     WHERE name = $1::text AND held_by = $2::uuid`,
    [name, id, new Date(dueAt), failure ?? null],
  );
}
