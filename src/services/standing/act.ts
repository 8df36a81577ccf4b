import { Access } from '../../access/access.ts';
import { auditOfAct } from '../../fhir/audit.ts';
import { commit } from '../../fhir/commit.ts';
import type { Change, Engine, OperationRequest, Resource } from '../../fhir/engine.ts';
import { stillStanding } from '../../fhir/still-standing.ts';
import { refuse } from '../../http/errors.ts';
import { insertAudit } from '../../store/audit.ts';
import type { AuditWord } from '../../store/audit-words.ts';
import { clientsOf } from '../../store/client-registry.ts';
import type { Queryable } from '../../store/database.ts';
import { insertMessages } from '../../store/notice-message.ts';
import { STANDING_REASONS, type StandingAct, type StandingReason, standingOf } from '../../store/standing.ts';
import { terminalsOf } from '../../store/terminal.ts';
import { lockNames } from '../../store/write.ts';
import { codeOf, neededText, textOf } from './asked.ts';

/** Why, as it was asked: reason (theft, loss, misuse, other), text, and reporter where the desk was told by somebody else. */
export function reasonOf({ engine, body }: OperationRequest): StandingAct & { readonly reason: StandingReason } {
  return {
    at: new Date(engine.now()),
    reason: codeOf(body, 'reason', STANDING_REASONS),
    words: neededText(body, 'text', 1000),
    reporter: textOf(body, 'reporter', 200) ?? null,
  };
}

/** Of a lifting: text says why it may be. */
export function liftingOf({ engine, body }: OperationRequest): StandingAct {
  return {
    at: new Date(engine.now()),
    reason: null,
    words: neededText(body, 'text', 1000),
    reporter: textOf(body, 'reporter', 200) ?? null,
  };
}

/**
 * First in the transaction: of those who change one standing at once, one after the other; and nobody who has been shut out meanwhile.
 *
 * @param subject  rid of the Organization or Practitioner whose standing is to change
 */
export async function inTurn(access: Access, tx: Queryable, subject: bigint): Promise<void> {
  await lockNames(access, tx, [subject]);
  await stillStanding(access, tx);
}

/** Throws 409 where the operator gets in by nothing else than this client or terminal: nobody could lift anything any more. */
export async function keepOperator(
  { access, engine }: OperationRequest,
  tx: Queryable,
  institution: bigint,
  { client, terminal }: { readonly client?: string | null; readonly terminal?: string | null },
): Promise<void> {
  const operator = await standingOf(access, tx, institution);
  if (operator?.kind !== 'operator') return;
  const systems = (await clientsOf(access, tx, institution)).filter((one) => one.active && one.kind === 'system');
  if (systems.length > 0 && systems.every((one) => one.id === client || (terminal && one.terminal === terminal)))
    throw refuse.conflict('It is the operator’s only system: nobody could lift anything any more');
  if (operator.mtls !== 'required' || !terminal) return;
  const now = engine.now();
  const others = (await terminalsOf(access, tx, institution)).filter(
    (one) => one.id !== terminal && one.active && one.revokedAt === null && one.notBefore <= now && now < one.notAfter,
  );
  if (others.length === 0)
    throw refuse.conflict('It is the operator’s only terminal, and terminals are required: register another one first');
}

export interface AuditedAct {
  readonly type: string;
  readonly resource: bigint;
  readonly resourceId: string;
  readonly detail: string;
}

/** Keeps in the audit that it was done, in the transaction in which it is. */
export async function audited(
  { engine, access }: OperationRequest,
  tx: Queryable,
  interaction: AuditWord,
  act: AuditedAct,
): Promise<void> {
  await insertAudit(access, tx, [auditOfAct(access, engine.now(), interaction, { outcome: 0, ...act })]);
}

const NOTICE_SYSTEM = 'https://tasuki.example/fhir/CodeSystem/standing-notice';

/** A message of the operator to each of these institutions (ids), apart: none learns from it who else was told. */
export async function tell(
  engine: Engine,
  access: Access,
  tx: Queryable,
  to: readonly string[],
  { code, ja, en }: { readonly code: string; readonly ja: string; readonly en: string },
): Promise<void> {
  const owner = engine.keys.rid('Organization', 'operator');
  const changes = to.map(
    (id): Change => ({
      interaction: 'create',
      type: 'Communication',
      owner,
      resource: {
        resourceType: 'Communication',
        status: 'completed',
        category: [{ coding: [{ system: NOTICE_SYSTEM, code }] }],
        recipient: [{ reference: `Organization/${id}` }],
        sent: new Date(engine.now()).toISOString(),
        payload: [{ contentString: ja }, { contentString: en }],
      } as Resource,
    }),
  );
  const system = Access.system('notice of standing', access.caller);
  const made = await commit(engine, system, changes, { within: tx });
  const told = made.map(({ id }, i) => ({
    rid: engine.keys.rid('Communication', id),
    id,
    institution: engine.keys.rid('Organization', to[i] as string),
  }));
  await insertMessages(system, tx, owner, 'standing', told, engine.now());
}
