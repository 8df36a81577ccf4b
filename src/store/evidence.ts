import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

function bySystem(access: Access): void {
  if (!access?.isSystem) throw new Error('evidence needs the Access of the system');
}

/** Keeps these bytes for good under their SHA-256 (the keys, hex), each once; revocation lists that are in the archive stay there alone. */
export async function keepEvidence(
  access: Access,
  transaction: Queryable,
  items: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  bySystem(access);
  const digests = [...items.keys()].sort();
  if (digests.length === 0) return;
  const { rows } = await transaction.query<{ sha256: string }>(
    `SELECT encode(d, 'hex') AS sha256 FROM unnest($1::bytea[]) d
     WHERE NOT EXISTS (SELECT 1 FROM evidence e WHERE e.sha256 = d) AND NOT EXISTS (SELECT 1 FROM crl c WHERE c.sha256 = d) ORDER BY 1`,
    [digests.map((digest) => Buffer.from(digest, 'hex'))],
  );
  for (const { sha256 } of rows) {
    await transaction.query(
      'INSERT INTO evidence (sha256, bytes) VALUES ($1::bytea, $2::bytea) ON CONFLICT (sha256) DO NOTHING',
      [Buffer.from(sha256, 'hex'), Buffer.from(items.get(sha256) as Uint8Array)],
    );
  }
}

/** The bytes of these SHA-256 (hex) that are kept, with the archive of revocation lists. */
export async function evidenceOf(
  access: Access,
  database: Queryable,
  digests: readonly string[],
): Promise<Map<string, Buffer>> {
  bySystem(access);
  if (digests.length === 0) return new Map();
  const { rows } = await database.query<{ sha256: Buffer; bytes: Buffer }>(
    `SELECT sha256, bytes FROM evidence WHERE sha256 = ANY($1::bytea[])
     UNION ALL SELECT sha256, der FROM crl WHERE sha256 = ANY($1::bytea[])`,
    [[...new Set(digests)].map((digest) => Buffer.from(digest, 'hex'))],
  );
  return new Map(rows.map(({ sha256, bytes }) => [sha256.toString('hex'), Buffer.from(bytes)]));
}
