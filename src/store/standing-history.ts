import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import type { StandingActName, StandingReason } from './standing.ts';

/** Something that was done to somebody's standing, with the names of those concerned as they are now. */
export interface StandingEvent {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly act: StandingActName;
  readonly reason: StandingReason | null;
  readonly words: string | null;
  readonly reporter: string | null;
  readonly practitionerId: string | null;
  readonly client: string | null;
  readonly terminal: string | null;
  /** Id of the Organization, what acted, and who: an account's name. */
  readonly byOrganizationId: string | null;
  readonly byClient: string | null;
  readonly byPractitionerId: string | null;
  readonly byPersonName: string | null;
}

/** The latest first, of an institution with all that belongs to it, or of one person. */
export async function standingEvents(
  access: Access,
  database: Queryable,
  { institution, person, limit }: { institution: bigint; person?: string; limit: number },
): Promise<readonly StandingEvent[]> {
  if (!access) throw new Error('standingEvents() without an Access');
  const { rows } = await database.query<StandingEvent>(
    `SELECT e.id, e.at, e.act, e.reason, e.words, e.reporter, p.practitioner_id AS "practitionerId", e.client, e.terminal,
       o.id AS "byOrganizationId", e.by_client AS "byClient", b.practitioner_id AS "byPractitionerId", b.name AS "byPersonName"
     FROM standing_event e
     LEFT JOIN person p ON p.id = e.person
     LEFT JOIN institution o ON o.rid = e.by_organization
     LEFT JOIN person b ON b.id = e.by_person
     WHERE e.institution = $1::bigint AND ($2::uuid IS NULL OR e.person = $2::uuid)
     ORDER BY e.place DESC LIMIT $3`,
    [institution, person ?? null, limit],
  );
  return rows;
}
