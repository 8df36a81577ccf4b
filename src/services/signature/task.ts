import type { Access } from '../../access/access.ts';
import { commit } from '../../fhir/commit.ts';
import type { Engine, Resource } from '../../fhir/engine.ts';
import type { Queryable } from '../../store/database.ts';
import { type LetterRow, type LetterState, letterById, putLetterPart } from '../../store/letter.ts';
import { idsOf } from '../../store/read.ts';
import { type Said, saidOf } from './said.ts';
import { PROFILE, SIGN_LETTER, SYSTEM } from './terms.ts';

interface Status {
  /** http://hl7.org/fhir/R4/valueset-task-status.html */
  readonly status: string;
  readonly display: string;
}

/** What a Task says where its letter is. */
export const STATUS: Readonly<Record<LetterState, Status>> = Object.freeze({
  'to-sign': { status: 'requested', display: '署名待ち' },
  issued: { status: 'ready', display: '発行済み' },
  signed: { status: 'in-progress', display: '署名済み（検証中）' },
  verified: { status: 'completed', display: '検証済み' },
  refused: { status: 'rejected', display: '検証不合格' },
  void: { status: 'cancelled', display: '無効（新しい版あり）' },
});

const DISPLAY = Object.freeze({
  'issued-letter': '発行された紹介状',
  'signed-letter': '署名された紹介状',
  'signed-document': '署名された紹介状の文書情報',
  'signature-provenance': '署名の来歴',
  result: '検証結果',
});

const typed = (code: keyof typeof DISPLAY) => ({
  coding: [{ system: SYSTEM.letterPart, code, display: DISPLAY[code] }],
});
const item = (code: keyof typeof DISPLAY, type: string, id: string | undefined) =>
  id === undefined ? [] : [{ type: typed(code), valueReference: { reference: `${type}/${id}` } }];

export interface TaskFacts extends Said {
  readonly row: LetterRow;
  readonly organizationId: string;
  readonly now: number;
}

/**
 * The Task of a letter. A party may add to a Task's output, so that a Task carries to its parties what is in its input only (access/policy.ts):
 * all that the receiving institution is to see stands there, and what came of the letter in its output.
 */
export function letterTask({ row, organizationId, reason, result, now }: TaskFacts): Resource {
  const { parts, state, bundleId, orders, patient } = row;
  const institution = { reference: `Organization/${organizationId}` };
  const made = [
    ...item('issued-letter', 'Binary', parts.issued),
    ...item('signed-letter', 'Binary', parts.signed),
    ...item('signed-document', 'DocumentReference', parts.document),
  ];
  const provenance = item('signature-provenance', 'Provenance', parts.provenance);
  const output = [...made, ...provenance, ...(result ? [{ type: typed('result'), valueCode: result }] : [])];
  const { status, display } = STATUS[state];
  const input = row.withdrawn ? [] : [...made, ...provenance];
  return {
    resourceType: 'Task',
    ...(parts.task !== undefined && { id: parts.task }),
    meta: { profile: [PROFILE.letterTask] },
    ...(orders.length > 0 && { basedOn: orders.map((id) => ({ reference: `ServiceRequest/${id}` })) }),
    status,
    ...(reason && { statusReason: { text: `${reason.ja} / ${reason.en}` } }),
    businessStatus: { coding: [{ system: SYSTEM.letterStatus, code: state, display }] },
    intent: 'order',
    code: { coding: [SIGN_LETTER] },
    focus: { reference: `Bundle/${bundleId}` },
    ...(patient !== null && { for: { reference: patient } }),
    authoredOn: new Date(row.createdAt).toISOString(),
    lastModified: new Date(Math.max(now, row.createdAt)).toISOString(),
    requester: institution,
    owner: institution,
    ...(input.length > 0 && { input }),
    ...(output.length > 0 && { output }),
  };
}

/** Stores the Task of a letter, which is locked, as the letter is now; makes it where there is none. Answers its id. */
export async function putTask(engine: Engine, system: Access, transaction: Queryable, letter: string): Promise<string> {
  const row = (await letterById(system, transaction, letter)) as LetterRow;
  const said = await saidOf(system, transaction, row);
  const organizationId = (await idsOf(system, transaction, [row.organization])).get(row.organization) as string;
  const resource = letterTask({ row, organizationId, now: engine.now(), ...said });
  const { task } = row.parts;
  const change =
    task === undefined
      ? ({ interaction: 'create', type: 'Task', resource, owner: row.organization } as const)
      : ({ interaction: 'update', type: 'Task', id: task, resource } as const);
  const [stored] = await commit(engine, system, [change], { within: transaction });
  const id = stored?.id as string;
  if (task === undefined)
    await putLetterPart(system, transaction, row.id, 'task', { rid: engine.keys.rid('Task', id), id });
  return id;
}
