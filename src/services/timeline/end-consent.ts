import type { Access } from '../../access/access.ts';
import { commit } from '../../fhir/commit.ts';
import type { Engine, Resource } from '../../fhir/engine.ts';
import type { Queryable } from '../../store/database.ts';
import { content, type Locked } from '../../store/read.ts';

/**
 * Makes a Consent, which is locked in the transaction, inactive. Answers its bytes, and whether it was active before; the grant is the
 * caller's to remove or to replace.
 *
 * @param access  of the system: nobody else writes a Consent
 */
export async function endConsent(
  engine: Engine,
  access: Access,
  transaction: Queryable,
  { rid, id, version }: Locked,
): Promise<{ readonly bytes: Buffer; readonly ended: boolean }> {
  const bytes = (await content(access, transaction, rid, version)) as Buffer;
  const resource = JSON.parse(String(bytes)) as Resource;
  if (resource.status === 'inactive') return { bytes, ended: false };
  const change = {
    interaction: 'update',
    type: 'Consent',
    id,
    resource: { ...resource, status: 'inactive' },
  } as const;
  const [inactive] = await commit(engine, access, [change], { within: transaction });
  return { bytes: inactive?.content as Buffer, ended: true };
}
