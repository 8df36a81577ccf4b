import { Access } from '../../access/access.ts';
import { commit } from '../../fhir/commit.ts';
import type { Engine, Json, Resource } from '../../fhir/engine.ts';
import { readJson } from '../../fhir/json.ts';
import { actRow, insertAudit } from '../../store/audit.ts';
import { auditSince, eraseAuditDetails } from '../../store/audit-erasure.ts';
import type { AuditWord } from '../../store/audit-words.ts';
import { openContract } from '../../store/contract.ts';
import type { Queryable } from '../../store/database.ts';
import {
  closeInstitution,
  countErased,
  databaseTime,
  type Erasure,
  lockErasure,
  updateErasure,
  writesFrom,
} from '../../store/erasure.ts';
import { ERASURE_PLAN, ERASURE_STEPS, type ErasureStep, PLAIN_ERASURES } from '../../store/erasure-plan.ts';
import {
  eraseEarlierVersions,
  eraseEvidence,
  erasePlain,
  eraseResources,
  noteEvidence,
  spareEvidence,
  vacuum,
} from '../../store/erasure-rows.ts';
import { lockInstitution } from '../../store/institution.ts';
import { content, lock } from '../../store/read.ts';

/** How much one transaction does: rows to erase, resources and verifications to look at. */
export interface Pace {
  readonly rows: number;
  readonly look: number;
  /**
   * Milliseconds from the beginning, when nobody gets in any more, to the first row that goes: requests that were let in before are over by then (a
   * request is received within 30 s), and write nothing after what they wrote was looked for.
   */
  readonly settle: number;
}
export const PACE: Pace = Object.freeze({ rows: 500, look: 1000, settle: 2 * 60_000 });

/** Where the erasure stands after a transaction: the same step from `after` on, or the next one where that is null. */
interface Progress {
  readonly hash: Buffer;
  readonly after: string | null;
}

interface Turn {
  readonly engine: Engine;
  readonly access: Access;
  readonly transaction: Queryable;
  readonly erasure: Erasure;
  readonly pace: Pace;
}

/**
 * Does the next bit of an erasure: one transaction, which moves the row of the erasure on. So it is done once, however many processes there are
 * and wherever one dies.
 *
 * @returns whether there is more to do; `busy`: another process is at it, or requests from before may still be under way
 */
export async function erasureStep(engine: Engine, id: string, pace: Pace = PACE): Promise<'more' | 'done' | 'busy'> {
  const access = Access.system('erasure at the end of the contract');
  const before = await engine.database.transaction(async (transaction) => {
    const erasure = await lockErasure(access, transaction, id);
    if (!erasure) return 'busy';
    if (erasure.state === 'planned') return begin({ engine, access, transaction, erasure, pace });
    if (erasure.state !== 'running' || erasure.step === null) return 'done';
    if (erasure.step === 'vacuum') return erasure;
    if (isSettling(erasure, engine.now(), pace)) return 'busy';
    const turn = { engine, access, transaction, erasure, pace };
    const progress = await STEPS[erasure.step](turn);
    if (progress === 'busy') return 'busy';
    const { hash, after } = progress;
    const step =
      after === null ? (ERASURE_STEPS[ERASURE_STEPS.indexOf(erasure.step) + 1] as ErasureStep) : erasure.step;
    await updateErasure(access, transaction, id, { hash, after, step });
    return 'more';
  });
  if (typeof before === 'string') return before;
  // VACUUM is no part of a transaction. What was erased is so whether or not it succeeds: PostgreSQL comes by on its own too.
  for (const table of touched()) await vacuum(access, engine.database, table).catch(() => undefined);
  return finish(engine, access, id);
}

/** A clock that was set back makes nobody wait. */
function isSettling({ step, after, startedAt }: Erasure, now: number, { settle }: Pace): boolean {
  const since = now - (startedAt ?? 0);
  return step === ERASURE_STEPS[0] && after === null && since >= 0 && since < settle;
}

/** Tables of which rows were erased. */
const touched = (): readonly string[] =>
  Object.entries(ERASURE_PLAN).flatMap(([table, fate]) => ('erased' in fate ? [table] : []));

/** Nobody of it gets in any more, and it gets no other contract: then nothing new comes while what is there goes. */
async function begin({ engine, access, transaction, erasure }: Turn): Promise<'more' | 'done'> {
  const { id, institution } = erasure;
  const at = engine.now();
  await lockInstitution(access, transaction, institution);
  if (await openContract(access, transaction, institution)) {
    await updateErasure(access, transaction, id, { state: 'cancelled' });
    await audited(access, transaction, erasure, at, 'erasure-cancelled', 'there is a new contract');
    return 'done';
  }
  await closeInstitution(access, transaction, institution);
  await updateErasure(access, transaction, id, { state: 'running', step: ERASURE_STEPS[0], startedAt: at });
  await audited(access, transaction, erasure, at, 'erasure-begun', erasure.id);
  return 'more';
}

async function finish(engine: Engine, access: Access, id: string): Promise<'done' | 'busy'> {
  const at = engine.now();
  return engine.database.transaction(async (transaction) => {
    const erasure = await lockErasure(access, transaction, id);
    if (!erasure) return 'busy';
    if (erasure.state === 'done') return 'done';
    await updateErasure(access, transaction, id, { state: 'done', step: null, after: null, finishedAt: at });
    await audited(access, transaction, erasure, at, 'erasure', `${id} sha256 ${erasure.hash.toString('hex')}`);
    return 'done';
  });
}

function audited(
  access: Access,
  transaction: Queryable,
  { institution, institutionId, askedClient, askedPerson }: Erasure,
  at: number,
  interaction: AuditWord,
  detail: string,
): Promise<void> {
  const row = actRow(at, interaction, {
    outcome: 0,
    client: askedClient,
    person: askedPerson,
    type: 'Organization',
    resource: institution,
    resourceId: institutionId,
    detail,
  });
  return insertAudit(access, transaction, [row]);
}

const plainly = (step: ErasureStep) => PLAIN_ERASURES.filter((one) => one.step === step);

/** Tables of one step, one after the other; `after` is the place in the list. */
async function plain({ access, transaction, erasure, pace }: Turn): Promise<Progress> {
  const list = plainly(erasure.step as ErasureStep);
  const place = Number(erasure.after ?? 0);
  const one = list[place];
  if (!one) return { hash: erasure.hash, after: null };
  const { hash, rows } = await erasePlain(access, transaction, erasure, one, pace.rows);
  if (rows === pace.rows) return { hash, after: String(place) };
  return { hash, after: place + 1 < list.length ? String(place + 1) : null };
}

async function resources({ access, transaction, erasure, pace }: Turn): Promise<Progress> {
  const from = erasure.after === null ? null : BigInt(erasure.after);
  const { hash, after } = await eraseResources(access, transaction, erasure, from, pace.look);
  return { hash, after: after === null ? null : String(after) };
}

async function audit({ engine, access, transaction, erasure, pace }: Turn): Promise<Progress> {
  const { erased, after } = await eraseAuditDetails(access, transaction, {
    institution: erasure.institution,
    after: erasure.after === null ? null : BigInt(erasure.after),
    at: engine.now(),
    by: { client: erasure.askedClient, person: erasure.askedPerson },
    look: pace.look,
  });
  await countErased(access, transaction, erasure.id, 'audit', new Map([['', erased]]));
  return { hash: erasure.hash, after: after === null ? null : String(after) };
}

/** Before all that can be written of. */
const BEGINNING = -(2n ** 63n);

/**
 * What others asked while it went. First, what was being written then has to be over: what comes later knows what was erased, and keeps nothing of it.
 * Each of that is a transaction of its own, so that the last sees what the one before has waited for.
 */
async function auditAgain(turn: Turn): Promise<Progress | 'busy'> {
  const { access, transaction, erasure } = turn;
  const { hash, after, startedAt } = erasure;
  if (after === null) return { hash, after: `wait ${await databaseTime(access, transaction)}` };
  if (!after.startsWith('wait ')) return audit(turn);
  if (await writesFrom(access, transaction, after.slice(5))) return 'busy';
  return { hash, after: String((await auditSince(access, transaction, startedAt ?? 0)) ?? BEGINNING) };
}

const STEPS: Readonly<Record<Exclude<ErasureStep, 'vacuum'>, (turn: Turn) => Promise<Progress | 'busy'>>> =
  Object.freeze({
    // While its resources are there, for by them the audit knows what is about it.
    audit,
    'audit-again': auditAgain,
    letters: async (turn) => {
      if (turn.erasure.after === null) await noteEvidence(turn.access, turn.transaction, turn.erasure);
      return plain(turn);
    },
    // Looks through what is left, then, from `after` on, erases what nobody stands on.
    evidence: async ({ access, transaction, erasure, pace }) => {
      const [phase = 'look', from = '0'] = erasure.after?.split(' ') ?? [];
      if (phase === 'look') {
        const last = await spareEvidence(access, transaction, erasure.id, BigInt(from), pace.look);
        return { hash: erasure.hash, after: last === null ? `erase ${from}` : `look ${last}` };
      }
      const { hash, rows } = await eraseEvidence(access, transaction, erasure, BigInt(from), pace.rows);
      return { hash, after: rows < pace.rows ? null : erasure.after };
    },
    resources,
    'resources-again': resources,
    keycodes: plain,
    grants: plain,
    oauth: plain,
    clients: plain,
    people: plain,
    rest: plain,
    organization: leaveName,
  });

/** What stays of the Organization: that it was, its name and kind, so that what names it in the hands of others still names somebody. */
async function leaveName({ engine, access, transaction, erasure }: Turn): Promise<Progress> {
  const { institution, institutionId, hash } = erasure;
  const row = (await lock(access, transaction, [institution], ['Organization'])).get(institution);
  const current = row && (await content(access, transaction, institution, row.version));
  if (!current) return { hash, after: null };
  const before = readJson(current, Number.POSITIVE_INFINITY).tree as Resource;
  const left: Resource = {
    resourceType: 'Organization',
    id: institutionId,
    active: false,
    ...(typeof before.name === 'string' && { name: before.name }),
    ...(kindOf(before) && { type: kindOf(before) }),
  };
  await commit(engine, access, [{ interaction: 'update', type: 'Organization', id: institutionId, resource: left }], {
    within: transaction,
  });
  const { hash: after } = await eraseEarlierVersions(access, transaction, erasure, institution);
  return { hash: after, after: null };
}

const KIND = 'https://tasuki.example/fhir/CodeSystem/institution-kind';

/** Of the types, the one coding that says which kind of institution it was. */
function kindOf({ type }: Resource): readonly Json[] | undefined {
  const types = Array.isArray(type) ? (type as { coding?: { system?: string; code?: string }[] }[]) : [];
  const coding = types.flatMap((one) => one.coding ?? []).find((one) => one.system === KIND);
  return coding && [{ coding: [{ system: KIND, code: coding.code }] }];
}
