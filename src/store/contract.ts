import type { Access } from '../access/access.ts';
import { type Queryable, textArray } from './database.ts';

/**
 * - `applied`: received, neither accepted nor refused;
 * - `accepted`: service has not started yet; `running`: it has; `ended`: it is over.
 */
export type ContractState = 'applied' | 'refused' | 'withdrawn' | 'accepted' | 'running' | 'ended';

/** A contract as the job and the operations go by it; its Contract is made of it. Days are `YYYY-MM-DD` in the server's zone. */
export interface ContractRow {
  /** Of the Contract. */
  readonly rid: bigint;
  readonly id: string;
  /** 契約者ID. */
  readonly number: string;
  /** rid and id of the Organization. */
  readonly institution: bigint;
  readonly institutionId: string;
  readonly state: ContractState;
  /** Id of the QuestionnaireResponse. */
  readonly application: string;
  /** linkIds of what the form asks for and nobody answered. */
  readonly omissions: readonly string[];
  /** References to scans, `DocumentReference/…` and `Binary/…`. */
  readonly papers: readonly string[];
  /** Sum of SERVICES: applied for, and from the acceptance on agreed. */
  readonly services: number;
  readonly received: string;
  readonly accepted: string | null;
  readonly starts: string | null;
  /** The last day of the period that runs. */
  readonly termEnd: string | null;
  /** When the user's notice to end it was received. */
  readonly notice: string | null;
  /** When the operator spoke with the user before ending it (Art. 25). */
  readonly contacted: string | null;
  /** The last day of service; null: none is set. */
  readonly ends: string | null;
  /** Code of the code system contract-end. */
  readonly cause: string | null;
  /** What the services change to, and on which day. */
  readonly nextServices: number | null;
  readonly nextServicesOn: string | null;
  /** Reminders that are done with. */
  readonly told: readonly string[];
  /** When there is something to do next; null: nothing. */
  readonly due: string | null;
}

/** What may change of a contract: whose it is, its number and when its application was received never do. */
export type ContractChange = Partial<
  Omit<ContractRow, 'rid' | 'id' | 'number' | 'institution' | 'institutionId' | 'received'>
>;

const COLUMNS: Readonly<Record<keyof ContractRow, readonly [name: string, type: string]>> = {
  rid: ['rid', 'bigint'],
  id: ['id', 'text'],
  number: ['number', 'text'],
  institution: ['institution', 'bigint'],
  institutionId: ['institution_id', 'text'],
  state: ['state', 'text'],
  application: ['application', 'text'],
  omissions: ['omissions', 'text[]'],
  papers: ['papers', 'text[]'],
  services: ['services', 'smallint'],
  received: ['received', 'date'],
  accepted: ['accepted', 'date'],
  starts: ['starts', 'date'],
  termEnd: ['term_end', 'date'],
  notice: ['notice', 'date'],
  contacted: ['contacted', 'date'],
  ends: ['ends', 'date'],
  cause: ['cause', 'text'],
  nextServices: ['next_services', 'smallint'],
  nextServicesOn: ['next_services_on', 'date'],
  told: ['told', 'text[]'],
  due: ['due', 'date'],
};
const SELECT = Object.entries(COLUMNS)
  .map(([name, [column]]) => `c.${column} AS "${name}"`)
  .join(', ');

function needed(access: Access): void {
  if (!access) throw new Error('contracts need an Access');
}

const parameterOf = (value: unknown) => (Array.isArray(value) ? textArray(value as readonly string[]) : value);

/** A new contract. An institution that has one that is not over gets no second: unique_violation (23505). */
export async function insertContract(access: Access, transaction: Queryable, row: ContractRow): Promise<void> {
  needed(access);
  const entries = Object.entries(COLUMNS) as [keyof ContractRow, readonly [string, string]][];
  const values = entries.map(([, [, type]], i) => `$${i + 1}::${type}`);
  await transaction.query(
    `INSERT INTO contract (${entries.map(([, [column]]) => column).join(', ')}) VALUES (${values.join(', ')})`,
    entries.map(([name]) => parameterOf(row[name])),
  );
}

/** Changes a contract whose row is locked. */
export async function updateContract(
  access: Access,
  transaction: Queryable,
  rid: bigint,
  change: ContractChange,
): Promise<void> {
  needed(access);
  const entries = Object.entries(change) as [keyof ContractChange, unknown][];
  const sets = entries.map(([name], i) => `${COLUMNS[name][0]} = $${i + 2}::${COLUMNS[name][1]}`);
  if (sets.length === 0) return;
  await transaction.query(`UPDATE contract SET ${sets.join(', ')} WHERE rid = $1::bigint`, [
    rid,
    ...entries.map(([, value]) => parameterOf(value)),
  ]);
}

/** Locks a contract until the end of the transaction, and answers it as the last commit left it. */
export async function lockContract(
  access: Access,
  transaction: Queryable,
  rid: bigint,
): Promise<ContractRow | undefined> {
  needed(access);
  await transaction.query('SELECT 1 FROM contract WHERE rid = $1::bigint FOR UPDATE', [rid]);
  // A statement of its own: what was waited for shows only to the next.
  return contractByRid(access, transaction, rid);
}

export async function contractByRid(
  access: Access,
  database: Queryable,
  rid: bigint,
): Promise<ContractRow | undefined> {
  needed(access);
  const { rows } = await database.query<ContractRow>(`SELECT ${SELECT} FROM contract c WHERE c.rid = $1::bigint`, [
    rid,
  ]);
  return rows[0];
}

export async function contractByNumber(
  access: Access,
  database: Queryable,
  number: string,
): Promise<ContractRow | undefined> {
  needed(access);
  const { rows } = await database.query<ContractRow>(`SELECT ${SELECT} FROM contract c WHERE c.number = $1::text`, [
    number,
  ]);
  return rows[0];
}

/** All contracts that an institution ever had, the newest first. */
export async function contractsOf(
  access: Access,
  database: Queryable,
  institution: bigint,
): Promise<readonly ContractRow[]> {
  needed(access);
  const { rows } = await database.query<ContractRow>(
    `SELECT ${SELECT} FROM contract c WHERE c.institution = $1::bigint ORDER BY c.received DESC, c.rid`,
    [institution],
  );
  return rows;
}

/** The contract of an institution that is not over, or its application. */
export async function openContract(
  access: Access,
  database: Queryable,
  institution: bigint,
): Promise<ContractRow | undefined> {
  needed(access);
  const { rows } = await database.query<ContractRow>(
    `SELECT ${SELECT} FROM contract c WHERE c.institution = $1::bigint AND c.state IN ('applied', 'accepted', 'running')`,
    [institution],
  );
  return rows[0];
}

/**
 * Institutions whose contracts are all over, each with the one that ended last: what they own may be erased (Art. 26). Those that never had a
 * contract, or had but an application, are not among them.
 */
export async function endedContracts(access: Access, database: Queryable): Promise<readonly ContractRow[]> {
  if (!access?.isSystem) throw new Error('which contracts have ended is the system’s to know');
  const { rows } = await database.query<ContractRow>(
    `SELECT DISTINCT ON (c.institution) ${SELECT} FROM contract c
     WHERE c.state = 'ended' AND NOT EXISTS (
       SELECT 1 FROM contract o WHERE o.institution = c.institution AND o.state IN ('applied', 'accepted', 'running'))
     ORDER BY c.institution, c.ends DESC, c.rid`,
  );
  return rows;
}

/** Keys of contracts with something to do on a day or before, in the order of their keys. */
export async function dueContracts(
  access: Access,
  database: Queryable,
  today: string,
  { after, limit }: { readonly after: bigint | null; readonly limit: number },
): Promise<readonly bigint[]> {
  if (!access?.isSystem) throw new Error('what is due is the system’s to know');
  const { rows } = await database.query<{ rid: bigint }>(
    `SELECT rid FROM contract WHERE due <= $1::date AND ($2::bigint IS NULL OR rid > $2::bigint) ORDER BY rid LIMIT $3::int`,
    [today, after, limit],
  );
  return rows.map(({ rid }) => rid);
}
