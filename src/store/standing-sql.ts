/**
 * Who is in good standing, as SQL: the same conditions wherever it is asked. Generations are compared beside them, so that what was
 * given out before somebody was shut out stays dead when they are let in again.
 */

/** An institution that may use the service: active, not suspended, and with a running contract, but for the operator. */
export const isLivingInstitution = (i: string): string =>
  `${i}.active AND ${i}.suspended_at IS NULL AND (${i}.services <> 0 OR ${i}.kind = 'operator')`;

/** A client that has not been shut out; its institution is asked beside it. */
export const isLivingClient = (c: string): string => `${c}.active`;

export const isLivingPerson = (p: string): string => `${p}.active AND ${p}.suspended_at IS NULL`;

/** Whether the session is not over: it was not ended, which would have deleted it, nor left idle. */
export const isLivingSession = (id: string): string =>
  `EXISTS (SELECT FROM session ls WHERE ls.id = ${id} AND ls.idle_at > now() AND ls.expires_at > now())`;

/**
 * An authorization `g` that holds now, joined to its client `c`, the institution `o` whose client it is, the person `p` and the
 * person's institution `i`.
 */
export const LIVING_GRANT = `authorization_grant g
  JOIN client c ON c.id = g.client AND c.generation = g.client_generation AND ${isLivingClient('c')}
  JOIN institution o ON o.rid = c.institution AND o.generation = g.owner_generation AND ${isLivingInstitution('o')}
  JOIN person p ON p.id = g.person AND p.generation = g.person_generation AND ${isLivingPerson('p')}
  JOIN institution i ON i.rid = p.institution AND i.generation = g.institution_generation AND ${isLivingInstitution('i')}`;

/** Beside LIVING_GRANT. */
export const GRANT_HOLDS = `g.ended_at IS NULL AND g.expires_at > now() AND (g.session IS NULL OR ${isLivingSession('g.session')})`;

/** Rows that nobody can use any more go a few at a time with each new one, so that no job is needed and no write waits long. @param spare  seconds that they stay */
export const sweep = (table: string, key = 'hash', spare = 0): string =>
  `swept AS (DELETE FROM ${table} WHERE ${key} IN (
     SELECT ${key} FROM ${table} WHERE expires_at < now() - interval '${spare} seconds' ORDER BY expires_at LIMIT 10 FOR UPDATE SKIP LOCKED))`;
