import type { Access } from '../../access/access.ts';
import type { Resource } from '../../fhir/engine.ts';
import type { Queryable } from '../../store/database.ts';
import { readMany, referenced } from '../../store/read.ts';
import { signerOf } from '../../store/signer.ts';
import { isNamed, namesOf } from './names.ts';
import type { Check, CheckStatus, Signer } from './verdict.ts';

/** What is said of a signer's certificate, and whose it is. */
export interface Binding {
  readonly check: Check;
  /** Id of the Practitioner, where it is confirmed and registered. */
  readonly practitioner?: string;
  /** `Practitioner/id` that it is confirmed to be of, and that is not registered or not active any more. */
  readonly left?: string;
}

const check = (
  status: CheckStatus,
  code: string,
  detail: string,
  evidence: Readonly<Record<string, string>>,
): Check => ({ name: 'binding', status, code, detail, evidence });

/**
 * Whether the certificate is that of a registered Practitioner of the institution, as its coordinator said. The name decides nothing: where
 * it differs, both are shown.
 */
export async function bindingOf(
  access: Access,
  database: Queryable,
  organization: bigint,
  signer: Signer,
): Promise<Binding> {
  const known = await signerOf(access, database, organization, Buffer.from(signer.certificate, 'hex'));
  const facts = { certificate: signer.certificate, name: signer.name };
  if (!known)
    return { check: check('undecided', 'SIGNER_UNCONFIRMED', 'nothing was said of the certificate yet', facts) };
  const said = { ...facts, decided: new Date(known.decidedAt).toISOString() };
  if (!known.confirmed)
    return { check: check('failed', 'SIGNER_REFUSED', 'the institution refused the certificate', said) };
  const practitioner = await practitionerOf(access, database, organization, known.practitioner);
  if (!practitioner) {
    const gone = 'the Practitioner of the certificate is not registered or not active any more';
    const row = (await referenced(access, database, [known.practitioner], ['Practitioner'])).get(known.practitioner);
    return {
      check: check('undecided', 'SIGNER_UNCONFIRMED', gone, said),
      left: `Practitioner/${known.practitionerId}`,
      ...(row && { practitioner: row.id }),
    };
  }
  const registered = namesOf(practitioner).join(' / ');
  const evidence = { ...said, practitioner: `Practitioner/${known.practitionerId}`, registered };
  return {
    practitioner: known.practitionerId,
    check: isNamed(practitioner, signer.name)
      ? check('passed', 'OK', 'the certificate is confirmed, and the names are the same', evidence)
      : check('noted', 'SIGNER_NAME_DIFFERS', 'the certificate is confirmed, and the names differ', evidence),
  };
}

/** A Practitioner that the institution itself registers, and that is active. */
export async function practitionerOf(
  access: Access,
  database: Queryable,
  organization: bigint,
  rid: bigint,
): Promise<Resource | undefined> {
  const [found] = await readMany(access, database, ['Practitioner'], [rid]);
  const owner = (await referenced(access, database, [rid], ['Practitioner'])).get(rid)?.owner;
  if (!found?.content || owner !== organization) return undefined;
  const resource = JSON.parse(String(found.content)) as Resource;
  return resource.active === false ? undefined : resource;
}
