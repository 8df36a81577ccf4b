import type { Access } from '../../access/access.ts';
import { auditOfAct } from '../../fhir/audit.ts';
import { commit } from '../../fhir/commit.ts';
import type { Change, Engine, Resource } from '../../fhir/engine.ts';
import { insertAudit } from '../../store/audit.ts';
import type { AuditWord } from '../../store/audit-words.ts';
import { type ContractChange, type ContractRow, insertContract, updateContract } from '../../store/contract.ts';
import type { Queryable } from '../../store/database.ts';
import { type Standing, setServices, standings } from '../../store/institution.ts';
import { insertMessages } from '../../store/notice-message.ts';
import { SYSTEM } from './codes.ts';
import { nextDue } from './events.ts';
import { questionsOf } from './form.ts';
import { type Notice, textOf } from './notices.ts';
import { contractResource } from './resource.ts';

/** Where a step is taken: in one transaction, by the system, at whose request the access says. */
export interface Step {
  readonly engine: Engine;
  readonly system: Access;
  readonly transaction: Queryable;
}

/** A step in the life of a contract. */
export interface Act {
  readonly interaction: AuditWord;
  readonly notices: readonly Notice[];
  /** For the audit: what is not in the Contract. */
  readonly detail?: string;
  /** Resources that are stored with it: scans. */
  readonly beside?: readonly Change[];
}

/**
 * Takes a step: row, services of the institution, Contract, notices and audit together or none of them. The row is locked.
 *
 * @returns the row as it is now
 */
export async function record(step: Step, row: ContractRow, change: ContractChange, act: Act): Promise<ContractRow> {
  const { system, transaction } = step;
  const changed = { ...row, ...change };
  const after = { ...changed, due: nextDue(changed) };
  await updateContract(system, transaction, row.rid, { ...change, due: after.due });
  await settle(step, row, after, act);
  return after;
}

/** As `record`, for the first step. */
export async function recordFirst(step: Step, row: ContractRow, act: Act): Promise<ContractRow> {
  const first = { ...row, due: nextDue(row) };
  await insertContract(step.system, step.transaction, first);
  await settle(step, undefined, first, act);
  return first;
}

async function settle(step: Step, before: ContractRow | undefined, after: ContractRow, act: Act): Promise<void> {
  const { engine, system, transaction } = step;
  const had = before ? inService(before) : 0;
  if (inService(after) !== had) await setServices(system, transaction, after.institution, inService(after));
  const { name: institution } = await institutionOf(step, after);
  const owner = operatorOf(engine);
  const resource = contractResource(after, institution);
  const isSeen = !before || JSON.stringify(contractResource(before, institution)) !== JSON.stringify(resource);
  const contract = {
    interaction: before ? 'update' : 'create',
    type: 'Contract',
    id: after.id,
    resource,
    owner,
  } as const;
  const notices = act.notices.map((notice): Change => {
    const communication = communicationOf(after, institution, notice, engine.now());
    return { interaction: 'create', type: 'Communication', resource: communication, owner };
  });
  const changes = [...(act.beside ?? []), ...(isSeen ? [contract] : []), ...notices];
  const made = await commit(engine, system, changes, { within: transaction });
  const told = made.slice(changes.length - notices.length).flatMap(({ id }, i) => {
    const message = { rid: engine.keys.rid('Communication', id), id, institution: after.institution };
    return act.notices[i]?.internal ? [] : [message];
  });
  await insertMessages(system, transaction, owner, 'contract', told, engine.now());
  const row = auditOfAct(system, engine.now(), act.interaction, {
    outcome: 0,
    type: 'Contract',
    resource: after.rid,
    resourceId: after.id,
    ...(act.detail !== undefined && { detail: act.detail }),
  });
  await insertAudit(system, transaction, [row]);
}

/** Whose contract it is. */
export async function institutionOf({ system, transaction }: Step, { institution }: ContractRow): Promise<Standing> {
  const found = (await standings(system, transaction, [institution])).get(institution);
  if (!found) throw new Error('a contract without its institution');
  return found;
}

/** What a contract gives its institution as it stands. */
export const inService = ({ state, services }: ContractRow): number => (state === 'running' ? services : 0);

/** Papers and notices of contracts are the operator's: they stay when an institution's data are erased. */
export const operatorOf = ({ keys }: Engine): bigint => keys.rid('Organization', 'operator');

function communicationOf(row: ContractRow, institution: string, notice: Notice, now: number): Resource {
  const omitted = questionsOf(row.omissions);
  const { title, text } = textOf(notice.kind, { row, institution, omitted, words: notice.words });
  return {
    resourceType: 'Communication',
    status: 'completed',
    category: [{ coding: [{ system: SYSTEM.notice, code: notice.kind }] }],
    topic: { text: `${title.ja} / ${title.en}` },
    about: [{ reference: `Contract/${row.id}` }],
    sent: new Date(now).toISOString(),
    ...(!notice.internal && { recipient: [{ reference: `Organization/${row.institutionId}`, display: institution }] }),
    payload: [{ contentString: text.ja }, { contentString: text.en }],
  };
}
