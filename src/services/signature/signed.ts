import { createHash } from 'node:crypto';
import type { Access } from '../../access/access.ts';
import { commit } from '../../fhir/commit.ts';
import type { Change, Engine, Resource } from '../../fhir/engine.ts';
import type { Queryable } from '../../store/database.ts';
import { type LetterPart, type LetterRow, putLetterPart, removeLetterPart } from '../../store/letter.ts';
import { idsOf, referenced } from '../../store/read.ts';
import { LETTER_TYPE, PDF, PROFILE } from './terms.ts';
import type { Result, Verdict } from './verdict.ts';

/** What is stored of a signed letter, beside its Task. */
export interface SignedLetter {
  readonly row: LetterRow;
  /** The file. */
  readonly bytes: Uint8Array;
  /** Whether it takes the place of the one that is there. */
  readonly isNew: boolean;
  readonly verdict: Verdict;
  /** Id of the Practitioner to whom the certificate is bound. */
  readonly practitioner: string | undefined;
  /** Whether that is another than before. */
  readonly isOther: boolean;
}

const TYPES: Readonly<Record<Exclude<LetterPart, 'task' | 'issued'>, string>> = {
  signed: 'Binary',
  document: 'DocumentReference',
  provenance: 'Provenance',
};

interface Work {
  readonly engine: Engine;
  readonly system: Access;
  readonly transaction: Queryable;
}

/**
 * Brings Binary, DocumentReference and Provenance in line with the verdict. A file that is refused at once is not kept; one that was
 * kept before stays, marked as an error. The Provenance, which says who signed, is there as long as the signature is valid.
 */
export async function storeSigned(work: Work, letter: SignedLetter): Promise<void> {
  const { row, bytes, isNew, verdict, practitioner, isOther } = letter;
  const { result } = verdict;
  if (result === 'INVALID' && !row.parts.signed) return;
  let { signed } = row.parts;
  if (!signed || (isNew && result !== 'INVALID')) {
    const data = Buffer.from(bytes).toString('base64');
    signed = await put(work, row, 'signed', { resourceType: 'Binary', contentType: PDF, data });
  }
  const document = await put(work, row, 'document', await documentReference(work, letter, signed));
  const { provenance } = row.parts;
  if (result === 'VALID' && (!provenance || isOther) && practitioner !== undefined)
    await put(work, row, 'provenance', await signatureProvenance(work, letter, document, practitioner));
  if (result !== 'VALID' && provenance) {
    await commit(work.engine, work.system, [{ interaction: 'delete', type: 'Provenance', id: provenance }], {
      within: work.transaction,
    });
    await removeLetterPart(work.system, work.transaction, row.id, 'provenance');
  }
}

async function put(
  { engine, system, transaction }: Work,
  { id: letter, parts, organization }: LetterRow,
  part: keyof typeof TYPES,
  resource: Resource,
): Promise<string> {
  const type = TYPES[part];
  const known = parts[part];
  const change: Change =
    known === undefined
      ? { interaction: 'create', type, resource, owner: organization }
      : { interaction: 'update', type, id: known, resource: { ...resource, id: known } };
  const [stored] = await commit(engine, system, [change], { within: transaction });
  const id = stored?.id as string;
  if (known === undefined)
    await putLetterPart(system, transaction, letter, part, { rid: engine.keys.rid(type, id), id });
  return id;
}

const DOC_STATUS: Readonly<Record<Result, object>> = {
  VALID: { status: 'current', docStatus: 'final' },
  INDETERMINATE: { status: 'current', docStatus: 'preliminary' },
  INVALID: { status: 'entered-in-error', docStatus: 'entered-in-error' },
};

const organizationReference = async ({ system, transaction }: Work, { organization }: LetterRow) => ({
  reference: `Organization/${(await idsOf(system, transaction, [organization])).get(organization)}`,
});

async function documentReference(
  work: Work,
  { row, bytes, verdict, practitioner }: SignedLetter,
  binary: string,
): Promise<Resource> {
  const { signedAt, result } = verdict;
  const related = [`Bundle/${row.bundleId}`, ...row.orders.map((id) => `ServiceRequest/${id}`)];
  const institution = await organizationReference(work, row);
  return {
    resourceType: 'DocumentReference',
    meta: { profile: [PROFILE.signedLetter] },
    ...DOC_STATUS[result],
    type: { coding: [LETTER_TYPE] },
    ...(await ownPatient(work, row)),
    date: new Date(work.engine.now()).toISOString(),
    author: practitioner === undefined ? [institution] : [{ reference: `Practitioner/${practitioner}` }],
    custodian: institution,
    content: [
      {
        attachment: {
          contentType: PDF,
          language: 'ja',
          url: `Binary/${binary}`,
          size: bytes.length,
          hash: createHash('sha1').update(bytes).digest('base64'),
          title: '診療情報提供書（電子署名）',
          ...(signedAt !== undefined && { creation: new Date(signedAt).toISOString() }),
        },
      },
    ],
    context: { related: related.map((reference) => ({ reference })) },
  };
}

/** Only the sender's own patient: about another's it would be an entry in that hospital's timeline. */
async function ownPatient({ engine, system, transaction }: Work, row: LetterRow): Promise<object> {
  if (row.patient === null) return {};
  const rid = engine.keys.rid('Patient', row.patient.slice('Patient/'.length));
  const owner = (await referenced(system, transaction, [rid], ['Patient'])).get(rid)?.owner;
  return owner === row.organization ? { subject: { reference: row.patient } } : {};
}

const AUTHOR_SIGNATURE = {
  system: 'urn:iso-astm:E1762-95:2013',
  code: '1.2.840.10065.1.12.1.1',
  display: "Author's Signature",
};

async function signatureProvenance(
  work: Work,
  { row, verdict }: SignedLetter,
  document: string,
  practitioner: string,
): Promise<Resource> {
  const when = new Date(verdict.signedAt as number).toISOString();
  const who = { reference: `Practitioner/${practitioner}` };
  return {
    resourceType: 'Provenance',
    meta: { profile: [PROFILE.signatureProvenance] },
    target: [{ reference: `DocumentReference/${document}` }],
    occurredDateTime: when,
    recorded: new Date(work.engine.now()).toISOString(),
    agent: [
      {
        type: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'author' }],
        },
        who,
        onBehalfOf: await organizationReference(work, row),
      },
    ],
    entity: [{ role: 'source', what: { reference: `Bundle/${row.bundleId}` } }],
    // The signature itself is in the file: PAdES, with its certificates and its time-stamp.
    signature: [{ type: [AUTHOR_SIGNATURE], when, who, targetFormat: PDF, sigFormat: PDF }],
  };
}

/** A letter that is void keeps its document: replaced by the next version, or in error where the letter itself was deleted. */
export async function endDocument(
  { engine, system, transaction }: Work,
  { parts }: LetterRow,
  resource: Resource,
  status: 'superseded' | 'entered-in-error',
): Promise<void> {
  const change = { interaction: 'update', type: 'DocumentReference', id: parts.document as string } as const;
  await commit(engine, system, [{ ...change, resource: { ...resource, status } }], { within: transaction });
}
