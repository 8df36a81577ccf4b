import { openDatabase } from '../src/store/database.ts';

export interface Storage {
  /** pg_database_size, the audit included. */
  readonly bytes: number;
  readonly auditBytes: number;
  readonly auditRows: number;
  readonly resources: number;
  /** As PostgreSQL says it. */
  readonly version: string;
}

/** What the embedded database in DATA_DIR holds, seen from beside the server that works on it. */
export async function measureStorage(dataDir: string): Promise<Storage> {
  const settings = { databaseUrl: null, dataDir, poolSize: 1, statementTimeoutMs: 60_000 };
  const database = await openDatabase(settings, () => undefined);
  try {
    const { rows } = await database.query<Storage>(
      `SELECT pg_database_size(current_database())::float8 AS bytes,
        (SELECT sum(pg_total_relation_size(relid))::float8 FROM pg_partition_tree('audit')) AS "auditBytes",
        (SELECT count(*)::float8 FROM audit) AS "auditRows", (SELECT count(*)::float8 FROM resource) AS resources,
        current_setting('server_version') AS version`,
    );
    return rows[0] as Storage;
  } finally {
    await database.close();
  }
}
