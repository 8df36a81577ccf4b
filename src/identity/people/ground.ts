import { Access } from '../../access/access.ts';
import { actRow, insertAudit } from '../../store/audit.ts';
import type { Database, Queryable } from '../../store/database.ts';
import type { SecretFile } from '../secret-file.ts';
import type { PasswordHashes } from './passwords/hash.ts';
import type { PeoplePolicy } from './policy.ts';
import type { Tries } from './tries.ts';

/** What the parts of People stand on. */
export interface Ground {
  readonly access: Access;
  readonly database: Database;
  readonly now: () => number;
  readonly policy: PeoplePolicy;
  readonly secrets: SecretFile;
  readonly hashes: PasswordHashes;
  readonly tries: Tries;
  /** BASE_URL. */
  readonly baseUrl: string;
  readonly termsDue: (person: string) => Promise<boolean>;
}

/** These statements come before there is a Caller: they are what tells who comes in. */
export const PEOPLE = Access.system('people log in');

/** Whom an act concerns; null where nobody has that login. */
export interface Concerned {
  readonly id: string;
  readonly institution: bigint;
  readonly practitioner: bigint | null;
  readonly practitioner_id: string | null;
}

/** Writes an act of a person, or against one, into the audit. @param detail  never a password, a code or what was typed as a login */
export async function record(
  ground: Ground,
  database: Queryable,
  interaction: PeopleAct,
  person: Concerned | null,
  { detail, outcome = 0 }: { readonly detail: string; readonly outcome?: 0 | 4 },
): Promise<void> {
  await insertAudit(ground.access, database, [
    actRow(ground.now(), interaction, {
      outcome,
      detail,
      organization: person?.institution ?? null,
      person: person?.id ?? null,
      ...(person?.practitioner_id && {
        type: 'Practitioner',
        resource: person.practitioner,
        resourceId: person.practitioner_id,
      }),
    }),
  ]);
}

export type PeopleAct =
  | 'log-in'
  | 'log-in-refused'
  | 'log-out'
  | 'password-changed'
  | 'factor-added'
  | 'factor-removed'
  | 'recovery-codes-renewed'
  | 'session-ended';

/** A transaction that lets others' commits be seen by each of its statements: it locks before it looks. */
export function transaction<T>(ground: Ground, work: (tx: Queryable) => Promise<T>): Promise<T> {
  return ground.database.transaction(work, { isolation: 'read committed' });
}

/** Thrown within a transaction to undo it; nothing is wrong but the try. */
class Undone extends Error {}

/** As `transaction`; null, with nothing changed, where the work says so by calling `undo`. */
export async function attempt<T>(
  ground: Ground,
  work: (tx: Queryable, undo: () => never) => Promise<T>,
): Promise<T | null> {
  try {
    return await transaction(ground, (tx) =>
      work(tx, () => {
        throw new Undone();
      }),
    );
  } catch (error) {
    if (error instanceof Undone) return null;
    throw error;
  }
}
