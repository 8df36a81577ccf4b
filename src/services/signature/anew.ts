import type { Access } from '../../access/access.ts';
import type { Engine } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { evidenceOf } from '../../store/evidence.ts';
import { type LetterRow, letterById } from '../../store/letter.ts';
import type { Cause } from '../../store/letter-verification.ts';
import type { SignatureParts } from './parts.ts';
import { organizationOf, rolesOf } from './role.ts';
import { OVERTAKEN, type Settled, settle, standingOf } from './settle.ts';
import type { VerificationInput } from './verdict.ts';

/** What the verification of a file as this letter is asked, with what is trusted now. */
export async function inputFor(
  engine: Engine,
  parts: SignatureParts,
  system: Access,
  letter: LetterRow,
  submitted: Uint8Array,
  now: number,
): Promise<VerificationInput> {
  const digest = (letter.issued as Buffer).toString('hex');
  const [kept, organization, current] = await Promise.all([
    evidenceOf(system, engine.database, [digest]),
    organizationOf(system, engine.database, letter.organization),
    parts.trust(now),
  ]);
  const issued = kept.get(digest);
  if (!issued) throw refuse.internal(new Error(`the issued bytes ${digest} are gone`));
  return { submitted, issued, trust: current.trust, roles: rolesOf(current.roles, organization), now };
}

/** The file by which a letter goes now; undefined where there is none that is kept. */
export async function currentFile(
  engine: Engine,
  system: Access,
  letter: string,
): Promise<{ readonly row: LetterRow; readonly bytes: Buffer } | undefined> {
  const row = await letterById(system, engine.database, letter);
  const standing = row && row.state !== 'void' ? await standingOf(system, engine.database, row) : undefined;
  if (!row || !standing) return undefined;
  const digest = standing.file.toString('hex');
  const bytes = (await evidenceOf(system, engine.database, [digest])).get(digest);
  return bytes && { row, bytes };
}

/** How often a verification is made once more because another has overtaken it. */
const MOST_TRIES = 3;

/** Verifies the letter's file with what is trusted and known now. */
export async function verifyAnew(
  engine: Engine,
  parts: SignatureParts,
  system: Access,
  letter: string,
  cause: Cause,
  now: number,
): Promise<Settled | undefined> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const found = await currentFile(engine, system, letter);
    if (!found) return undefined;
    const input = await inputFor(engine, parts, system, found.row, found.bytes, now);
    const verdict = await parts.verify(input);
    const settled = await settle(engine, system, { cause, letter: found.row, input, verdict });
    if (settled !== OVERTAKEN) return settled;
  }
  throw overtaken();
}

/** Verifies what was submitted as the letter. */
export async function verifySubmitted(
  engine: Engine,
  parts: SignatureParts,
  system: Access,
  letter: LetterRow,
  submitted: Uint8Array,
): Promise<Settled | undefined> {
  let row: LetterRow | undefined = letter;
  for (let tries = 0; row && tries < MOST_TRIES; tries++) {
    const input = await inputFor(engine, parts, system, row, submitted, engine.now());
    const verdict = await parts.verify(input);
    const settled = await settle(engine, system, { cause: 'submitted', letter: row, input, verdict });
    if (settled !== OVERTAKEN) return settled;
    row = await letterById(system, engine.database, letter.id);
  }
  throw overtaken();
}

const overtaken = () => refuse.unavailable('The letter is being verified by others too; try again');
