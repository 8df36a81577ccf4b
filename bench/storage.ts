import { type Database, openDatabase } from '../src/store/database.ts';

export interface Storage {
  /** pg_database_size, the audit included. */
  readonly bytes: number;
  readonly auditBytes: number;
  readonly auditRows: number;
  readonly resources: number;
  /** As PostgreSQL says it. */
  readonly version: string;
}

/** What the embedded database in DATA_DIR holds. */
export function measureStorage(dataDir: string): Promise<Storage> {
  return beside(dataDir, async (database) => {
    const { rows } = await database.query<Storage>(
      `SELECT pg_database_size(current_database())::float8 AS bytes,
        (SELECT sum(pg_total_relation_size(relid))::float8 FROM pg_partition_tree('audit')) AS "auditBytes",
        (SELECT count(*)::float8 FROM audit) AS "auditRows", (SELECT count(*)::float8 FROM resource) AS resources,
        current_setting('server_version') AS version`,
    );
    return rows[0] as Storage;
  });
}

/** Does at once what autovacuum does within some minutes, so that it is done before the measuring and not in the midst of it. */
export async function settle(dataDir: string): Promise<void> {
  await beside(dataDir, (database) => database.query('VACUUM (ANALYZE)'));
}

/** Works on the database beside the server that uses it. */
async function beside<T>(dataDir: string, work: (database: Database) => Promise<T>): Promise<T> {
  const settings = { databaseUrl: null, dataDir, poolSize: 1, statementTimeoutMs: 60_000 };
  const database = await openDatabase(settings, () => undefined);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
