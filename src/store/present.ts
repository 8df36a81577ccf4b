import type { Queryable } from './database.ts';
import { isLivingInstitution, isLivingPerson, isLivingSession } from './standing-sql.ts';
import { admits } from './terminal.ts';

/** Who somebody is, with the network of the institution as it is at the statement's start. Of a system all about the person is null. */
export interface WhoRow {
  /** The institution's rid. */
  readonly institution: bigint;
  readonly institution_id: string;
  readonly kind: string;
  /** What its contract gives it now, as bits of SERVICES. */
  readonly contracted: number;
  /** The hospital of each affiliation that holds now; null where there is none. A hospital may stand here more than once. */
  readonly hospitals: readonly bigint[] | null;
  /** For what, side by side with `hospitals`: the sum of 1 medical, 2 care, 4 timeline. */
  readonly services: readonly number[] | null;
  readonly person: string | null;
  readonly name: string | null;
  readonly practitioner: bigint | null;
  readonly practitioner_id: string | null;
  readonly roles: readonly string[] | null;
}

/** The columns of a WhoRow, for the institution `i`, its network `n` and the person `p`. */
export const WHO = `i.rid AS institution, i.id AS institution_id, i.kind, i.services AS contracted, n.hospitals, n.services,
  p.id::text AS person, p.name, p.practitioner, p.practitioner_id, p.roles`;

/** The hospitals in whose network an institution `i` is now, and for what, as far as the contracts of both give it; as `n`. */
export const NETWORK = `LEFT JOIN LATERAL (
    SELECT array_agg(a.hospital) AS hospitals, array_agg((a.medical::int + 2 * a.care::int + 4 * a.timeline::int) & i.services & h.services) AS services
    FROM affiliation a
    JOIN institution h ON h.rid = a.hospital AND h.kind = 'cooperating-hospital' AND ${isLivingInstitution('h')}
    WHERE a.member = i.rid AND a.active AND a.starts <= now() AND now() < a.ends
  ) n ON true`;

/** Who an account is that may come in now; undefined where person or institution are shut out. */
export async function findAccount(
  database: Queryable,
  person: string,
): Promise<{ readonly id: string; readonly name: string; readonly practitioner_id: string | null } | undefined> {
  const { rows } = await database.query<{ id: string; name: string; practitioner_id: string | null }>(
    `SELECT p.id::text AS id, p.name, p.practitioner_id FROM person p JOIN institution i ON i.rid = p.institution
     WHERE p.id = $1::uuid AND ${isLivingPerson('p')} AND ${isLivingInstitution('i')}`,
    [person],
  );
  return rows[0];
}

export interface PresentRow extends WhoRow {
  readonly strong: boolean;
  /** Epoch milliseconds. */
  readonly authenticated: number;
}

/**
 * A person in a session that stands; undefined where it does not, person or institution are shut out, or the institution lets its people in at its
 * terminals only and this is none.
 *
 * @param certificate  SHA-256 of that of the connection, base64url
 */
export async function findPresent(
  database: Queryable,
  person: string,
  session: string,
  certificate: string | null = null,
): Promise<PresentRow | undefined> {
  const { rows } = await database.query<PresentRow>(
    `SELECT ${WHO}, s.strong, extract(epoch FROM s.authenticated_at)::float8 * 1000 AS authenticated
     FROM session s
     JOIN person p ON p.id = s.person AND p.generation = s.person_generation AND ${isLivingPerson('p')}
     JOIN institution i ON i.rid = p.institution AND i.generation = s.institution_generation AND ${isLivingInstitution('i')}
     ${NETWORK}
     WHERE s.id = $1::uuid AND p.id = $2::uuid AND ${isLivingSession('s.id')}
       AND ${admits('i', '$3::text')}`,
    [session, person, certificate],
  );
  return rows[0];
}
