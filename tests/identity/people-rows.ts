import type { Database } from '../../src/store/database.ts';
import { keys } from './people-world.ts';

/** A Patient of a hospital as the tables have it; its rid. */
export async function addPatientRow(database: Database, owner: bigint, id: string): Promise<bigint> {
  const rid = keys.rid('Patient', id);
  await database.query(
    `INSERT INTO resource (rid, owner, home, patient, updated, version, class, deleted, sealed, type, id, keys)
     VALUES ($1, $2, $2, $1, 0, 1, 'c', false, false, 'Patient', $3, '{}')`,
    [rid, owner, id],
  );
  await database.query(
    `INSERT INTO resource_version (rid, patient, at, version, place, interaction, content) VALUES ($1, $1, 0, 1, 0, 'c', $2)`,
    [rid, Buffer.from(JSON.stringify({ resourceType: 'Patient', id }))],
  );
  return rid;
}
