import type { Access } from '../../access/access.ts';
import type { Engine } from '../../fhir/engine.ts';
import { addDss } from '../../pdf/dss.ts';
import { signedBytes } from '../../pdf/examine.ts';
import { fillContents, prepareDocumentTimestamp } from '../../pdf/sign.ts';
import type { LetterRow } from '../../store/letter.ts';
import { currentFile, inputFor } from './anew.ts';
import { sha256 } from './evidence.ts';
import { firstTimestamp } from './first-timestamp.ts';
import type { SignatureParts } from './parts.ts';
import { OVERTAKEN, type Settled, settle } from './settle.ts';
import { resultOf, type Verdict } from './verdict.ts';

/** What was added to a file did not leave it valid: then the file stays as it was. */
class NotPreserved extends Error {}

/**
 * Puts certificates and revocation lists into the file (DSS, ETSI EN 319 142-1 §5.4.2), so that it can be verified without us: B-LT. The
 * file takes the place of the one before only if it is valid itself.
 */
export async function preserve(
  engine: Engine,
  parts: SignatureParts,
  system: Access,
  letter: string,
  now: number,
): Promise<Settled | undefined> {
  const found = await currentFile(engine, system, letter);
  if (!found || found.row.preserved) return undefined;
  const { row, bytes } = found;
  const input = await inputFor(engine, parts, system, row, bytes, now);
  const verdict = await parts.verify(input);
  const submitted = withDss(bytes, verdict);
  return replace(engine, parts, system, row, { before: bytes, after: submitted, cause: 'preserved', now });
}

/** A document time-stamp over everything, with the proof of what was there before it: B-LTA (ETSI EN 319 142-1 §5.4.3). */
export async function renew(
  engine: Engine,
  parts: SignatureParts,
  system: Access,
  letter: string,
  now: number,
): Promise<Settled | undefined> {
  const found = await currentFile(engine, system, letter);
  // Another may have done so since it was found to be due.
  if (!found || found.row.renewAt === null || found.row.renewAt > now) return undefined;
  const { row, bytes } = found;
  const input = await inputFor(engine, parts, system, row, bytes, now);
  const verdict = await parts.verify(input);
  // No time-stamp is spent on what it would not make valid.
  if (!isValidButForBinding(verdict)) throw new NotPreserved(`${row.id}: the file is ${verdict.result} as it is`);
  const proven = withDss(bytes, verdict);
  const prepared = prepareDocumentTimestamp(proven);
  const data = signedBytes(prepared.bytes, prepared.byteRange);
  const token = await stamped(parts, data, now);
  return replace(engine, parts, system, row, {
    before: bytes,
    after: fillContents(prepared, token),
    cause: 'renewed',
    now,
  });
}

const isValidButForBinding = ({ checks }: Verdict): boolean =>
  resultOf(checks.map((check) => (check.name === 'binding' ? { ...check, status: 'passed' } : check))) === 'VALID';

const withDss = (bytes: Uint8Array, { evidence: { certificates, crls } }: Verdict): Uint8Array =>
  certificates.length + crls.length === 0 ? bytes : addDss(bytes, { certificates, crls });

async function stamped(parts: SignatureParts, data: readonly Uint8Array[], now: number): Promise<Uint8Array> {
  const token = await firstTimestamp(parts, data, now);
  if (!token) throw new AggregateError([], 'no time-stamp authority answers');
  return token;
}

interface Replacement {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly cause: 'preserved' | 'renewed';
  readonly now: number;
}

async function replace(
  engine: Engine,
  parts: SignatureParts,
  system: Access,
  row: LetterRow,
  { before, after, cause, now }: Replacement,
): Promise<Settled | undefined> {
  const input = await inputFor(engine, parts, system, row, after, now);
  const verdict = await parts.verify(input);
  const settled = await settle(engine, system, { cause, letter: row, input, verdict, after: sha256(before) });
  if (settled === OVERTAKEN) return undefined;
  if (settled && !settled.stands)
    throw new NotPreserved(`${row.id}: with what was added the file is ${settled.verification.result}`);
  return settled;
}
