import type { Access, Caller } from '../access/access.ts';
import type { Queryable } from './database.ts';
import { isLivingInstitution, isLivingPerson, isLivingSession } from './standing-sql.ts';
import { findTokens } from './token.ts';

/**
 * Whether the caller is in good standing, and stays so until the transaction ends: who shuts out the institution, the client, the client's
 * institution or the person waits for it. What the caller came by – the token with all it hangs on, or the session – is looked at after that
 * wait, and must hold. For what must not be done after a suspension was answered, though the request came before it.
 */
export async function standsFirm(access: Access, tx: Queryable): Promise<boolean> {
  const caller: Caller | null | undefined = access?.behalf;
  if (!caller) throw new Error('standsFirm() needs an Access of a caller, or on behalf of one');
  const { organization, clientId, person, token } = caller;
  await tx.query(
    `WITH c AS (SELECT FROM client WHERE id = $2 FOR SHARE),
       i AS (SELECT FROM institution WHERE rid IN ($1::bigint, (SELECT institution FROM client WHERE id = $2)) ORDER BY rid FOR SHARE),
       p AS (SELECT FROM person WHERE id = $3::uuid FOR SHARE)
     SELECT (SELECT count(*) FROM c) + (SELECT count(*) FROM i) + (SELECT count(*) FROM p) AS held`,
    [organization, clientId, person?.id ?? null],
  );
  // A statement of its own, which sees what those did whom this one waited for.
  if (token !== undefined) return (await findTokens(tx, [token], { begun: true })).length === 1;
  const { rows } = await tx.query<{ firm: boolean }>(
    `SELECT coalesce((SELECT ${isLivingInstitution('i')} FROM institution i WHERE i.rid = $1::bigint), false)
       AND coalesce((SELECT active FROM client WHERE id = $2), true)
       AND ($3::uuid IS NULL OR EXISTS (SELECT FROM person p WHERE p.id = $3::uuid AND ${isLivingPerson('p')}))
       AND ($4::uuid IS NULL OR ${isLivingSession('$4::uuid')}) AS firm`,
    [organization, clientId, person?.id ?? null, person?.session ?? null],
  );
  return rows[0]?.firm === true;
}
