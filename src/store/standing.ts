import { randomUUID } from 'node:crypto';
import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

/** Why somebody is shut out. */
export const STANDING_REASONS = ['theft', 'loss', 'misuse', 'other'] as const;
export type StandingReason = (typeof STANDING_REASONS)[number];

export type StandingActName = 'suspend' | 'lift' | 'disable' | 'retire';

/** Who is concerned: an institution as a whole, or one of what belongs to it. */
export interface Subject {
  /** rid of its Organization. */
  readonly institution: bigint;
  /** At most one of these. */
  readonly person?: string;
  readonly client?: string;
  readonly terminal?: string;
}

/** What is kept of an act, beside who did it. */
export interface StandingAct {
  readonly at: Date;
  /** Null for a lifting. */
  readonly reason: StandingReason | null;
  readonly words: string | null;
  /** Who told it to the desk. */
  readonly reporter: string | null;
}

/** `already`: it is so, and nothing was written. */
export type Changed = 'done' | 'already' | 'unknown';

/** Shuts an institution out, whole, from the commit on. Its operator cannot be; `unknown` then too. */
export async function suspendInstitution(
  access: Access,
  tx: Queryable,
  institution: bigint,
  act: StandingAct,
): Promise<Changed> {
  return change(access, tx, 'suspend', { institution }, act, {
    update: `UPDATE institution SET suspended_at = $2::timestamptz
      WHERE rid = $1::bigint AND suspended_at IS NULL AND kind <> 'operator'`,
    values: [institution, act.at],
    exists: `SELECT FROM institution WHERE rid = $1::bigint AND kind <> 'operator'`,
    key: institution,
  });
}

/** Lets an institution in again. What was shut out with it stays dead: there are new tokens, sessions and codes. */
export async function liftInstitution(
  access: Access,
  tx: Queryable,
  institution: bigint,
  act: StandingAct,
): Promise<Changed> {
  return change(access, tx, 'lift', { institution }, act, {
    update: `WITH ${launchesOf('institution', 'i.rid = $1::bigint AND launch.institution = i.rid')}
      UPDATE institution SET suspended_at = NULL WHERE rid = $1::bigint AND suspended_at IS NOT NULL`,
    values: [institution],
    exists: 'SELECT FROM institution WHERE rid = $1::bigint',
    key: institution,
  });
}

export async function suspendPerson(
  access: Access,
  tx: Queryable,
  person: Individual,
  act: StandingAct,
): Promise<Changed> {
  return change(access, tx, 'suspend', { institution: person.institution, person: person.id }, act, {
    update: 'UPDATE person SET suspended_at = $2::timestamptz WHERE id = $1::uuid AND suspended_at IS NULL',
    values: [person.id, act.at],
    exists: 'SELECT FROM person WHERE id = $1::uuid',
    key: person.id,
  });
}

export async function liftPerson(
  access: Access,
  tx: Queryable,
  person: Individual,
  act: StandingAct,
): Promise<Changed> {
  return change(access, tx, 'lift', { institution: person.institution, person: person.id }, act, {
    update: `WITH ${launchesOf('person', 'i.id = $1::uuid AND launch.person = i.id')}
      UPDATE person SET suspended_at = NULL WHERE id = $1::uuid AND suspended_at IS NOT NULL`,
    values: [person.id],
    exists: 'SELECT FROM person WHERE id = $1::uuid',
    key: person.id,
  });
}

/** Shuts a system or app out, for good. */
export async function disableClientOf(
  access: Access,
  tx: Queryable,
  client: { readonly id: string; readonly institution: bigint },
  act: StandingAct,
): Promise<Changed> {
  return change(access, tx, 'disable', { institution: client.institution, client: client.id }, act, {
    update:
      'UPDATE client SET active = false, disabled_at = $3::timestamptz WHERE id = $1 AND institution = $2::bigint AND active',
    values: [client.id, client.institution, act.at],
    exists: 'SELECT FROM client WHERE id = $1',
    key: client.id,
  });
}

/** Shuts a terminal out, for good: its certificate is never taken again. */
export async function retireTerminal(
  access: Access,
  tx: Queryable,
  terminal: { readonly id: string; readonly institution: bigint },
  act: StandingAct,
): Promise<Changed> {
  return change(access, tx, 'retire', { institution: terminal.institution, terminal: terminal.id }, act, {
    update: `UPDATE terminal SET active = false, retired_at = $3::timestamptz
      WHERE id = $1::uuid AND institution = $2::bigint AND active`,
    values: [terminal.id, terminal.institution, act.at],
    exists: 'SELECT FROM terminal WHERE id = $1::uuid',
    key: terminal.id,
  });
}

/** Launches made before have no generation: they go when who made them is let in again, and until then nobody can follow them. */
const launchesOf = (table: string, whose: string): string =>
  `launches AS (DELETE FROM launch USING ${table} i WHERE ${whose} AND i.suspended_at IS NOT NULL)`;

interface Statements {
  /** Changes one row, unless it is so already. Of two at once the second waits, and finds that it is. */
  readonly update: string;
  readonly values: readonly unknown[];
  /** Whether there is a row at all; $1 is `key`. */
  readonly exists: string;
  readonly key: unknown;
}

async function change(
  access: Access,
  tx: Queryable,
  act: StandingActName,
  subject: Subject,
  what: StandingAct,
  { update, values, exists, key }: Statements,
): Promise<Changed> {
  if (!access) throw new Error(`${act} without an Access`);
  const { count } = await tx.query(update, values);
  if (count === 0) return (await tx.query(exists, [key])).rows.length > 0 ? 'already' : 'unknown';
  await insertEvent(access, tx, act, subject, what);
  return 'done';
}

async function insertEvent(
  access: Access,
  tx: Queryable,
  act: StandingActName,
  { institution, person, client, terminal }: Subject,
  { at, reason, words, reporter }: StandingAct,
): Promise<void> {
  const caller = access.behalf;
  await tx.query(
    `INSERT INTO standing_event (id, at, act, institution, person, client, terminal, reason, words, reporter,
       by_organization, by_client, by_person, request)
     VALUES ($1::uuid, $2::timestamptz, $3, $4::bigint, $5::uuid, $6, $7::uuid, $8, $9, $10, $11::bigint, $12, $13::uuid, $14)`,
    [
      randomUUID(),
      at,
      act,
      institution,
      person ?? null,
      client ?? null,
      terminal ?? null,
      reason,
      words,
      reporter,
      caller?.organization ?? null,
      caller?.clientId ?? null,
      caller?.person?.id ?? null,
      caller?.requestId ?? null,
    ],
  );
}

/** An account, so far as its standing goes. */
export interface Individual {
  readonly id: string;
  readonly institution: bigint;
  readonly name: string;
  readonly active: boolean;
  /** Epoch milliseconds. */
  readonly suspendedAt: number | null;
}

/** The account of which a Practitioner stands for the person; undefined where there is none. */
export async function personOfPractitioner(
  access: Access,
  database: Queryable,
  practitioner: bigint,
): Promise<Individual | undefined> {
  if (!access) throw new Error('personOfPractitioner() without an Access');
  const { rows } = await database.query<Individual>(
    `SELECT id, institution, name, active, suspended_at AS "suspendedAt" FROM person WHERE practitioner = $1::bigint`,
    [practitioner],
  );
  return rows[0];
}

export interface InstitutionStanding {
  readonly rid: bigint;
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly active: boolean;
  readonly suspendedAt: number | null;
  readonly mtls: 'required' | 'optional';
  /** Sum of SERVICES that its contract gives it now. */
  readonly services: number;
}

/** The institution that an Organization is; undefined for one that is no more than an entry in a directory. */
export async function standingOf(
  access: Access,
  database: Queryable,
  institution: bigint,
): Promise<InstitutionStanding | undefined> {
  if (!access) throw new Error('standingOf() without an Access');
  const { rows } = await database.query<InstitutionStanding>(
    `SELECT rid, id, kind, name, active, suspended_at AS "suspendedAt", mtls, services FROM institution WHERE rid = $1::bigint`,
    [institution],
  );
  return rows[0];
}

/** Who has to be told that an institution was shut out: the hospitals that registered it and, where it is one, those it registered. */
export async function networkPartners(
  access: Access,
  database: Queryable,
  institution: bigint,
): Promise<readonly string[]> {
  if (!access) throw new Error('networkPartners() without an Access');
  const { rows } = await database.query<{ id: string }>(
    `SELECT DISTINCT i.id FROM affiliation a
     JOIN institution i ON i.rid = CASE WHEN a.member = $1::bigint THEN a.hospital ELSE a.member END
     WHERE (a.member = $1::bigint OR a.hospital = $1::bigint) AND i.rid <> $1::bigint AND i.active
       AND a.active AND a.starts <= now() AND now() < a.ends
     ORDER BY i.id`,
    [institution],
  );
  return rows.map(({ id }) => id);
}
