import { Access } from '../../access/access.ts';
import { auditOfAct } from '../../fhir/audit.ts';
import { commit, type Outcome } from '../../fhir/commit.ts';
import type { Engine } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { insertAudit } from '../../store/audit.ts';
import type { Queryable } from '../../store/database.ts';
import { type Announcement, type Audience, insertNotice } from '../../store/notice.ts';
import { communicationOf, type Sender, withoutEmpty } from './communication.ts';
import { kindOf } from './kinds.ts';
import { dayAt, earliestEffect } from './lead.ts';

export interface Announced {
  readonly id: string;
  readonly content: Buffer;
}

/** Publishes a notice as part of something else that is done. */
export type Announce = (
  engine: Engine,
  access: Access,
  transaction: Queryable,
  announcement: Announcement,
  audience: Audience,
) => Promise<Announced>;

/**
 * The override that is to be kept: null where the notice is early enough. Throws 422 with the rule and the earliest day where it is not, and
 * nobody has said why.
 *
 * @param way  what else than an override would do, for the refusal
 */
export function lateReason(zone: string, one: Announcement, way = 'Give a later day'): string | null {
  const kind = kindOf(one.kind);
  if (!kind || kind.lead === 'none' || one.starts === null) return null;
  const published = dayAt(zone, one.published);
  const earliest = earliestEffect(kind.lead, published);
  if (dayAt(zone, one.starts) >= earliest) return null;
  if (one.override !== null) return one.override;
  throw refuse.unprocessable(
    `${kind.clause}; published on ${published}, it can take effect on ${earliest} at the earliest. ${way}, or the parameter override with the reason`,
    `Parameters.parameter('effective')`,
  );
}

/** Stores the Communication and to whom it is shown in one transaction; the publisher is the caller's institution. */
export const announce: Announce = async (engine, access, transaction, announcement, audience) => {
  const { caller } = access;
  if (!caller) throw new Error('a notice needs a publisher');
  const one = { ...announcement, override: lateReason(engine.zone, announcement) };
  const system = Access.system('a notice was published', caller);
  const resource = withoutEmpty(communicationOf(one, senderOf(access)));
  const change = { interaction: 'create', type: 'Communication', resource, owner: caller.organization } as const;
  const [made] = (await commit(engine, system, [change], { within: transaction })) as [Outcome];
  const rid = engine.keys.rid('Communication', made.id);
  await insertNotice(system, transaction, {
    ...one,
    ...audience,
    rid,
    id: made.id,
    publisher: caller.organization,
    withdrawn: null,
  });
  await auditOverride(engine, access, transaction, { rid, id: made.id, override: one.override });
  return { id: made.id, content: made.content as Buffer };
};

/** That a rule of the terms was set aside, with the reason, is on record for good. */
export async function auditOverride(
  engine: Engine,
  access: Access,
  transaction: Queryable,
  { override, ...notice }: { readonly rid: bigint; readonly id: string; readonly override: string | null },
): Promise<void> {
  if (override !== null) await auditNotice(engine, access, transaction, 'notice-override', notice, override);
}

/** What somebody did about a notice, in the transaction in which it was done. */
export function auditNotice(
  engine: Engine,
  access: Access,
  transaction: Queryable,
  word: 'notice-override' | 'notice-correction' | 'notice-read',
  { rid, id }: { readonly rid: bigint; readonly id: string },
  detail: string | null,
): Promise<void> {
  const act = { type: 'Communication', resource: rid, resourceId: id, outcome: 0, detail } as const;
  return insertAudit(access, transaction, [auditOfAct(access, engine.now(), word, act)]);
}

/** The operator has no Organization that a reference could lead to. */
export function senderOf({ caller }: Access): Sender {
  return caller?.kind === 'operator' || !caller
    ? { display: '運営者 (operator)' }
    : { reference: `Organization/${caller.organizationId}` };
}
