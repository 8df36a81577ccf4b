import { Access } from '../../access/access.ts';
import { auditOfSearch } from '../../fhir/audit.ts';
import type { Answer, Engine, Operation, OperationRequest, Resource } from '../../fhir/engine.ts';
import { parameter } from '../../fhir/parameters.ts';
import { refuse } from '../../http/errors.ts';
import { type LetterRow, letterOfPart, lettersOfBundle } from '../../store/letter.ts';
import { reserveSubmission } from '../../store/letter-attempt.ts';
import { referenced } from '../../store/read.ts';
import { verifySubmitted } from './anew.ts';
import { verificationAnswer } from './answer.ts';
import { sha256 } from './evidence.ts';
import { LETTER_TYPES, letterNamed, notTheirs, seen } from './letters.ts';
import type { SignatureParts } from './parts.ts';
import { signedAlready, standingOf, voided } from './settle.ts';
import { PDF } from './terms.ts';

/** Of a signed PDF. */
export const MAX_SIGNED_BYTES = 20 * 1024 * 1024;
const HOUR = 3_600_000;
/** Submissions of one letter in an hour. */
const MOST_PER_HOUR = 20;

/** `Task/[id]/$submit-signed`, also on what names the letter: takes the signed PDF, verifies it and answers every check. */
export const submitSignedOperation = (parts: SignatureParts): Operation => ({
  name: 'submit-signed',
  types: ['Task', ...LETTER_TYPES],
  level: 'instance',
  methods: ['POST'],
  kinds: [],
  roles: ['physician', 'pharmacist', 'coordinator'],
  service: 'signature',
  permission: 'u',
  documentation:
    'Takes the signed letter, as application/pdf or as Parameters with a Binary in signed, at most 20 MB, and verifies it. For the institution that wrote it. Out: result (VALID, INVALID, INDETERMINATE), summary, task, document, and each check with its code, status, words and evidence.',
  takes: { types: [PDF], maxBytes: MAX_SIGNED_BYTES },
  run: (request) => submit(parts, request),
});

async function submit(parts: SignatureParts, request: OperationRequest): Promise<Answer> {
  const { engine, access, language } = request;
  const letter = await letterOf(request);
  const submitted = bytesOf(request);
  const system = Access.system('a signed letter was submitted', access.caller);
  const standing = await standingOf(system, engine.database, letter);
  if (standing?.result === 'VALID') {
    if (standing.file.toString('hex') !== sha256(submitted)) throw signedAlready();
    await audit(request, letter, 'VALID, as before');
    return { status: 200, body: verificationAnswer(letter, standing, language) };
  }
  await reserve(engine, system, letter);
  const settled = await verifySubmitted(engine, parts, system, letter, submitted);
  if (!settled) throw voided();
  const { row, verification, stands } = settled;
  await audit(request, row, stands ? verification.result : `${verification.result}, what was submitted before stands`);
  return { status: 200, body: verificationAnswer(row, verification, language) };
}

/** The letter that the request names: that of a Task, or the current version of the one that is named. */
async function letterOf(request: OperationRequest): Promise<LetterRow> {
  const { engine, access, type, id } = request;
  const system = Access.system('a signed letter was submitted', access.caller);
  if (type !== 'Task') {
    const { bundle, version } = await letterNamed(request);
    const rows = await lettersOfBundle(system, engine.database, bundle);
    return submittable(rows.find((row) => row.version === version));
  }
  const task = await seen(engine, access, 'Task', id as string);
  const owner = (await referenced(access, engine.database, [task.rid])).get(task.rid)?.owner;
  if (owner !== access.caller?.organization) throw notTheirs();
  const row = await letterOfPart(system, engine.database, task.rid);
  if (!row) throw refuse.unprocessable('The Task is not that of a letter which is signed', 'Task.code');
  return submittable(row);
}

function submittable(row: LetterRow | undefined): LetterRow {
  if (row?.state === 'void') throw voided();
  if (!row?.issued)
    throw refuse.conflict(
      'The letter is not issued; issue it with $render-letter or $render, and sign that',
      'Task.status',
    );
  return row;
}

function bytesOf({ content, body }: OperationRequest): Buffer {
  if (content) return content.bytes;
  const expression = "Parameters.parameter('signed')";
  const binary = parameter(body, 'signed')?.resource as Resource | undefined;
  if (binary?.resourceType !== 'Binary' || typeof binary.data !== 'string' || binary.data === '')
    throw refuse.badRequest(
      'Send the signed letter as application/pdf, or Parameters with a Binary in signed',
      expression,
      'required',
    );
  if (binary.contentType !== PDF) throw refuse.mediaType(`The Binary in signed must be ${PDF}`);
  const bytes = fromBase64(binary.data);
  if (!bytes) throw refuse.badRequest('Binary.data must be base64', expression, 'value');
  if (bytes.length === 0) throw refuse.badRequest('The Binary in signed is empty', expression, 'required');
  if (bytes.length > MAX_SIGNED_BYTES) throw refuse.tooLarge(`A signed letter has at most ${MAX_SIGNED_BYTES} bytes`);
  return bytes;
}

/**
 * RFC 4648 §4, with whitespace as FHIR has it; undefined for anything else. Decoding skips what it does not know, so that the length tells: no
 * expression that goes back over what it has read sees a text of this size.
 */
function fromBase64(data: string): Buffer | undefined {
  const text = data.replace(/[ \t\r\n]/g, '');
  if (text.length % 4 !== 0 || text.includes('-') || text.includes('_')) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === (text.length / 4) * 3 - padding ? bytes : undefined;
}

async function reserve(engine: Engine, system: Access, letter: LetterRow): Promise<void> {
  const now = engine.now();
  const since = now - HOUR;
  const oldest = await engine.database.transaction((transaction) =>
    reserveSubmission(system, transaction, letter.id, { now, since, most: MOST_PER_HOUR }),
  );
  if (oldest === undefined) return;
  const seconds = Math.max(1, Math.ceil((oldest + HOUR - now) / 1000));
  throw refuse.throttled(`A letter is submitted at most ${MOST_PER_HOUR} times in an hour; try again later`, seconds);
}

function audit({ engine, access, type, id }: OperationRequest, letter: LetterRow, outcome: string): Promise<void> {
  const patient = letter.patient === null ? null : engine.keys.rid('Patient', letter.patient.slice('Patient/'.length));
  const detail = `${id}/$submit-signed: ${outcome}`;
  return engine.audits.add(
    auditOfSearch(access, engine.now(), 'operation', type as string, detail, [{ patient, patients: null }]),
  );
}
