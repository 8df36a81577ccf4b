import { Access } from '../access/access.ts';
import { actRow, insertAudit, insertTokenAudit, timeUuid } from '../store/audit.ts';
import type { Queryable } from '../store/database.ts';
import type { TokenIssued } from './client-credentials.ts';

/**
 * Notes a token in the audit before it is sent: of a system, or of a person at an app.
 *
 * @param at  epoch milliseconds
 */
export async function auditToken(database: Queryable, event: TokenIssued, at: number): Promise<void> {
  const { clientId: client, scope: detail, person, institution: organization } = event;
  const access = Access.system('token');
  if (person === undefined) return insertTokenAudit(access, database, client, detail, at, timeUuid(at));
  const row = actRow(at, 'issue-token', { client, person, detail, organization: organization ?? null, outcome: 0 });
  await insertAudit(access, database, [row]);
}
