import { Access } from '../../access/access.ts';
import { auditOfSearch } from '../../fhir/audit.ts';
import type { Answer, Operation, OperationRequest } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { Turns } from '../../http/turns.ts';
import { evidenceOf } from '../../store/evidence.ts';
import { type LetterRow, letterOfPart } from '../../store/letter.ts';
import { verificationAnswer } from './answer.ts';
import { inputOf, neededFor } from './evidence.ts';
import { seen } from './letters.ts';
import type { SignatureParts } from './parts.ts';
import { standingOf, type Verification } from './settle.ts';
import type { Check, Verdict } from './verdict.ts';
import { decide } from './verify/index.ts';

/** `Task/[id]/$verification`: what the verification of a letter found, for whoever sees its Task: sender and receiving hospital. */
export const verificationOperation: Operation = {
  name: 'verification',
  types: ['Task'],
  level: 'instance',
  methods: ['GET'],
  kinds: [],
  permission: 'r',
  documentation:
    'The result of the verification that a signed letter goes by, each check in words (Accept-Language: ja, en), as it was recorded. Out: as $submit-signed.',
  run: async (request) => {
    const { row, verification } = await shown(request);
    return { status: 200, body: verificationAnswer(row, verification, request.language) };
  },
};

/** Of one institution: so that who asks again and again does not keep others from submitting. */
const MOST_AT_ONCE = 1;
const MOST_WAITING = 8;

/** `Task/[id]/$verify-again`: the same verification once more, from what was kept, as of the time when it was made. */
export function verifyAgainOperation(parts: SignatureParts): Operation {
  const turns = new Turns<unknown>(MOST_AT_ONCE, MOST_WAITING);
  return {
    ...VERIFY_AGAIN,
    run: (request) => turns.run(request.access.caller?.organization, () => verifyAgain(parts, request)),
  };
}

const VERIFY_AGAIN = {
  name: 'verify-again',
  types: ['Task'],
  level: 'instance',
  methods: ['POST'],
  kinds: [],
  permission: 'r',
  documentation:
    'Repeats the verification that a signed letter goes by, from the file, certificates, revocation lists and time-stamps that were kept, as of its time. Out: as $verification, and same: whether every check says what it said then.',
} as const satisfies Omit<Operation, 'run'>;

async function verifyAgain(parts: SignatureParts, request: OperationRequest): Promise<Answer> {
  const { row, verification } = await shown(request);
  const { engine, access, language } = request;
  const { record } = verification;
  const system = Access.system('a verification is repeated', access.caller);
  const input = inputOf(record, await evidenceOf(system, engine.database, neededFor(record)));
  if (!input)
    throw refuse.conflict('The file was refused and is not kept; submit it again to have it verified', 'Task.status');
  // The binding is what the institution said then, not a matter of the bytes.
  const binding = record.verdict.checks.find(({ name }) => name === 'binding');
  const verdict = await parts.verify(input);
  const repeated = binding && binding.status !== 'skipped' ? decide(verdict, binding) : verdict;
  const body = verificationAnswer(row, { ...verification, ...again(verification, repeated) }, language, [
    { name: 'same', valueBoolean: saysSame(record.verdict, repeated) },
  ]);
  return { status: 200, body };
}

const again = ({ record }: Verification, { result, checks, signedAt, signer }: Verdict) => {
  const { evidence } = record.verdict;
  const said = { result, checks, evidence, ...(signedAt !== undefined && { signedAt }), ...(signer && { signer }) };
  return { result, record: { ...record, verdict: said } };
};

/** Whether two verifications found the same, check by check, to the last fact. */
export function saysSame(one: Pick<Verdict, 'result' | 'checks'>, other: Pick<Verdict, 'result' | 'checks'>): boolean {
  return one.result === other.result && canonical(one.checks) === canonical(other.checks);
}

/** Facts in one order, for a database does not keep theirs. */
const canonical = (checks: readonly Check[]): string =>
  JSON.stringify(
    checks.map(({ name, code, status, detail, evidence = {} }) => [
      name,
      code,
      status,
      detail,
      Object.entries(evidence).sort(([a], [b]) => (a < b ? -1 : 1)),
    ]),
  );

/** The letter of a Task that the caller sees, and the verification that it goes by; the look at it is audited. */
async function shown(request: OperationRequest): Promise<{ row: LetterRow; verification: Verification }> {
  const { engine, access, id } = request;
  const task = await seen(engine, access, 'Task', id as string);
  const system = Access.system('a verification is shown', access.caller);
  const row = await letterOfPart(system, engine.database, task.rid);
  if (!row) throw refuse.unprocessable('The Task is not that of a letter which is signed', 'Task.code');
  const verification = await standingOf(system, engine.database, row);
  const detail = `${id}/$${request.method === 'GET' ? 'verification' : 'verify-again'}`;
  await engine.audits.add(auditOfSearch(access, engine.now(), 'operation', 'Task', detail, [task]));
  if (!verification)
    throw refuse.unprocessable('No signed letter has been submitted yet', 'Task.businessStatus', 'not-found');
  return { row, verification };
}
