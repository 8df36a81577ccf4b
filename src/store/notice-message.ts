import type { Access } from '../access/access.ts';
import { type Queryable, textArray } from './database.ts';
import { bigints } from './sql.ts';

/** What the service itself says to single institutions, beside the notices that are published: codes of `notice.kind`. */
export const MESSAGE_KINDS = ['contract', 'standing'] as const;

export interface Message {
  /** rid and id of its Communication. */
  readonly rid: bigint;
  readonly id: string;
  /** rid of the institution that is told. */
  readonly institution: bigint;
}

/**
 * Puts messages among the notices of those whom they tell, in the transaction of their Communications: `$notices` shows them to people whose role
 * opens no messages too, administrators first of all. Their words stay in the Communication alone.
 *
 * @param sent  epoch milliseconds; they are shown at once, also where the clock of the service is ahead of the database's
 */
export async function insertMessages(
  access: Access,
  transaction: Queryable,
  publisher: bigint,
  kind: (typeof MESSAGE_KINDS)[number],
  messages: readonly Message[],
  sent: number,
): Promise<void> {
  if (!access?.isSystem) throw new Error('messages of the service are written by the system alone');
  if (messages.length === 0) return;
  await transaction.query(
    `INSERT INTO notice (rid, id, publisher, kind, everyone, networks, institutions, published, title, body)
     SELECT m.rid, m.id, $1::bigint, $2, false, '{}', ARRAY[m.institution], least($3::timestamptz, now()), '', ''
     FROM unnest($4::bigint[], $5::text[], $6::bigint[]) AS m (rid, id, institution)`,
    [
      publisher,
      kind,
      new Date(sent),
      bigints(messages.map(({ rid }) => rid)),
      textArray(messages.map(({ id }) => id)),
      bigints(messages.map(({ institution }) => institution)),
    ],
  );
}
