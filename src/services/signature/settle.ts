import type { Access } from '../../access/access.ts';
import type { Engine } from '../../fhir/engine.ts';
import { stillAsked } from '../../fhir/still-standing.ts';
import { refuse } from '../../http/errors.ts';
import type { Queryable } from '../../store/database.ts';
import { keepEvidence } from '../../store/evidence.ts';
import {
  type LetterChange,
  type LetterRow,
  type LetterState,
  letterById,
  lockLetter,
  updateLetter,
} from '../../store/letter.ts';
import {
  type Cause,
  insertVerification,
  type VerificationRow,
  verificationById,
} from '../../store/letter-verification.ts';
import { lock } from '../../store/read.ts';
import { lockSigner } from '../../store/signer.ts';
import { lockNames } from '../../store/write.ts';
import { type Binding, bindingOf } from './binding.ts';
import { recordOf, sha256, type VerificationRecord } from './evidence.ts';
import { due } from './schedule.ts';
import { storeSigned } from './signed.ts';
import { putTask } from './task.ts';
import type { Result, Verdict, VerificationInput } from './verdict.ts';
import { decide } from './verify/index.ts';
import { summaryOf } from './words.ts';

export type Verification = VerificationRow<VerificationRecord>;

/** A verification that was made outside of any transaction, and of what. */
export interface Made {
  readonly cause: Cause;
  readonly letter: LetterRow;
  readonly input: VerificationInput;
  /** Of the bytes; the binding is decided here. */
  readonly verdict: Verdict;
  /** SHA-256 (hex) of the file whose place the submitted one takes, where it is the service itself that adds to a file. */
  readonly after?: string;
}

export interface Settled {
  readonly row: LetterRow;
  readonly verification: Verification;
  /** Whether it is what the letter goes by from now on. */
  readonly stands: boolean;
}

/** What is not to be settled: since the verification began, another has found the signature to be bad, by what this one did not know. */
export const OVERTAKEN = 'overtaken';

const STATES: Readonly<Record<Result, LetterState>> = {
  VALID: 'verified',
  INDETERMINATE: 'signed',
  INVALID: 'refused',
};

/**
 * Makes a verification count, in one transaction: evidence, verification, file, DocumentReference, Provenance and Task together or none
 * of them. Undefined where the file that the service verified anew is not the letter's any more; `OVERTAKEN` where it is to be verified once more.
 *
 * @throws FhirError 409 where the letter is void by now, or has a valid signature that is not this one
 */
export function settle(engine: Engine, system: Access, made: Made): Promise<Settled | typeof OVERTAKEN | undefined> {
  return engine.database.transaction((transaction) => settleWithin(engine, system, transaction, made));
}

async function settleWithin(
  engine: Engine,
  system: Access,
  transaction: Queryable,
  { cause, letter, input, verdict, after }: Made,
): Promise<Settled | typeof OVERTAKEN | undefined> {
  const { signer } = verdict;
  if (signer) await lockSigner(system, transaction, letter.organization, Buffer.from(signer.certificate, 'hex'));
  const row = await lockStanding(engine, system, transaction, letter);
  await stillAsked(system, transaction);
  if (!row) {
    if (cause === 'submitted') throw voided();
    return undefined;
  }
  const standing = await standingOf(system, transaction, row);
  const file = sha256(input.submitted);
  const before = standing?.file.toString('hex');
  if (cause === 'submitted' && standing?.result === 'VALID') {
    if (before === file) return { row, verification: standing, stands: true };
    throw signedAlready();
  }
  if (cause !== 'submitted' && before !== (after ?? file)) return undefined;

  const binding = signer && bound(cause, standing, await bindingOf(system, transaction, row.organization, signer));
  const decided = binding ? decide(verdict, binding.check) : verdict;
  if (isOvertaken(letter, row, standing, decided, file)) return OVERTAKEN;
  const stands = counts(cause, standing?.result, decided.result);
  const { record, items } = recordOf(input, decided);
  const kept = stands && decided.result !== 'INVALID' ? [[file, input.submitted] as const] : [];
  await keepEvidence(system, transaction, new Map([...items, ...kept]));
  const entry = {
    letter: row.id,
    at: input.now,
    cause,
    result: decided.result,
    file: Buffer.from(file, 'hex'),
    certificate: signer ? Buffer.from(signer.certificate, 'hex') : null,
    record,
  };
  const verification = { ...entry, id: await insertVerification(system, transaction, entry) };
  if (!stands) {
    const { recheckAt } = due(row, decided, input.now);
    if (cause === 'rechecked') await updateLetter(system, transaction, row.id, { recheckAt });
    return { row, verification, stands };
  }
  const preserved = cause === 'preserved' || cause === 'renewed' || (row.preserved && before === file);
  const change = { state: STATES[decided.result], verification: verification.id, preserved };
  const settled = { ...row, ...change };
  const isOther = standing !== undefined && signerIn(standing.record.verdict) !== signerIn(decided);
  if (row.state !== settled.state || before !== file || standing?.result !== decided.result || isOther) {
    const isNew = before !== file || !row.parts.signed;
    const { practitioner } = binding ?? {};
    const signed = { row, bytes: input.submitted, isNew, verdict: decided, practitioner, isOther };
    await storeSigned({ engine, system, transaction }, signed);
  }
  await showTask(
    engine,
    system,
    transaction,
    settled,
    decided,
    { ...change, ...due(settled, decided, input.now) },
    standing,
  );
  return { row: (await letterById(system, transaction, row.id)) as LetterRow, verification, stands };
}

const bindingIn = ({ checks }: Pick<Verdict, 'checks'>) => checks.find(({ name }) => name === 'binding');
const signerIn = (verdict: Pick<Verdict, 'checks'>) => bindingIn(verdict)?.evidence?.practitioner;

/** What was signed while the practitioner was there stays signed: that one has left says nothing against it. */
function bound(cause: Cause, standing: Verification | undefined, binding: Binding): Binding {
  if (!binding.left || cause === 'submitted' || standing?.result !== 'VALID') return binding;
  const before = bindingIn(standing.record.verdict);
  return before?.evidence?.practitioner === binding.left ? { ...binding, check: before } : binding;
}

/** Nobody makes good by an older verdict what a newer one has found to be bad: of the same file, or of the same certificate. */
function isOvertaken(
  { verification }: LetterRow,
  row: LetterRow,
  standing: Verification | undefined,
  { result, signer }: Verdict,
  file: string,
): boolean {
  if (row.verification === verification || standing?.result !== 'INVALID' || result === 'INVALID') return false;
  return standing.file.toString('hex') === file || standing.certificate?.toString('hex') === signer?.certificate;
}

/**
 * What a verification may take the place of. A submission never of a better one; what the service verifies anew never makes a valid
 * signature undecided: what once proved it is kept.
 */
function counts(cause: Cause, before: Result | undefined, now: Result): boolean {
  if (cause === 'submitted') return !(before === 'INDETERMINATE' && now === 'INVALID');
  if (cause === 'preserved' || cause === 'renewed') return now === 'VALID';
  return !(before === 'VALID' && now === 'INDETERMINATE');
}

/** Stores what changed of the letter, and its Task where people would see a difference. */
async function showTask(
  engine: Engine,
  system: Access,
  transaction: Queryable,
  row: LetterRow,
  verdict: Verdict,
  change: LetterChange,
  standing: Verification | undefined,
): Promise<void> {
  await updateLetter(system, transaction, row.id, change);
  const now = (await letterById(system, transaction, row.id)) as LetterRow;
  const { result } = verdict;
  const said = summaryOf(verdict);
  const same = standing && standing.result === result && summaryOf(standing.record.verdict).ja === said.ja;
  const parts = JSON.stringify([now.parts, now.state]) === JSON.stringify([row.parts, row.state]);
  if (same && parts) return;
  await putTask(engine, system, transaction, row.id);
}

/** The letter, locked after the name and the row of its Bundle, and what it follows; undefined when it is void or its Bundle is another by now. */
async function lockStanding(
  engine: Engine,
  system: Access,
  transaction: Queryable,
  { id, bundle, orders }: LetterRow,
): Promise<LetterRow | undefined> {
  await lockNames(system, transaction, [bundle]);
  const rids = [bundle, ...orders.map((order) => engine.keys.rid('ServiceRequest', order))];
  const current = (await lock(system, transaction, rids)).get(bundle);
  const row = await lockLetter(system, transaction, id);
  return row && row.state !== 'void' && current?.version === row.version && !current.deleted ? row : undefined;
}

export async function standingOf(
  system: Access,
  database: Queryable,
  { verification }: LetterRow,
): Promise<Verification | undefined> {
  return verification === null ? undefined : verificationById<VerificationRecord>(system, database, verification);
}

export const voided = () =>
  refuse.conflict(
    'The letter that this signature belongs to is void: there is a new version of it, or none any more. Issue the letter again, and sign that',
    'Task.status',
  );

export const signedAlready = () =>
  refuse.conflict(
    'The letter has a valid signature, which stays. To sign something else, store a new version of the letter and issue that',
    'Task.status',
  );
