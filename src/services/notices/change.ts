import { Access } from '../../access/access.ts';
import { isOperator } from '../../access/administers.ts';
import { Asked } from '../../fhir/asked.ts';
import { commit } from '../../fhir/commit.ts';
import type { Engine, Operation, OperationRequest, Resource } from '../../fhir/engine.ts';
import { stillAsked } from '../../fhir/still-standing.ts';
import { refuse } from '../../http/errors.ts';
import type { Queryable } from '../../store/database.ts';
import { correctNotice, lockNotice, type NoticeRow, type NoticeText, withdrawNotice } from '../../store/notice.ts';
import { content, lock } from '../../store/read.ts';
import { announcesTerms } from '../../store/terms.ts';
import { auditNotice, auditOverride, lateReason } from './announce.ts';
import { ANNOUNCEMENT_PARAMETERS, announcementOf, reason } from './announcement.ts';
import { communicationOf, type Sender, withoutEmpty } from './communication.ts';
import { kindOf } from './kinds.ts';
import { atBothLevels } from './levels.ts';
import { PUBLISHERS, permitPublisher } from './publish.ts';

/** The notice that an operation is about: by its path, or at the base by the parameter `notice`. */
export function noticeAsked({ id }: OperationRequest, asked: Asked): string {
  const [named] = asked.references('notice', 'Communication');
  if (id !== undefined && named !== undefined) throw asked.refuse('notice', 'is named by the path already');
  const found = id ?? named;
  if (found === undefined)
    throw refuse.badRequest('notice must be given', `Parameters.parameter('notice')`, 'required');
  return found;
}

/** Locks a notice that is the caller's own; for anybody else there is none, but for whom `isPermitted` says. */
async function ownNotice(
  { engine, access }: OperationRequest,
  transaction: Queryable,
  id: string,
  isPermitted: (access: Access) => boolean = () => false,
): Promise<NoticeRow> {
  const rid = engine.keys.rid('Communication', id);
  // In the order of every other write: the resource first.
  await lock(Access.system('a notice is changed', access.caller), transaction, [rid]);
  const found = await lockNotice(access, transaction, rid);
  await stillAsked(access, transaction);
  if (!found || found.id !== id) throw refuse.notFound();
  if (found.publisher !== access.caller?.organization && !isPermitted(access)) throw refuse.notFound();
  if (!kindOf(found.kind))
    throw refuse.unprocessable('The service itself sent this message; it is neither corrected nor withdrawn');
  if (await announcesTerms(access, transaction, id))
    throw refuse.unprocessable(
      'This notice announces terms of use, which take effect as it says; publish another beside it',
    );
  if (found.withdrawn !== null) throw refuse.conflict('The notice was withdrawn; publish another');
  return found;
}

/** Writes the next version of its Communication; the earlier ones stay in its history. */
export async function rewrite(
  engine: Engine,
  system: Access,
  transaction: Queryable,
  notice: NoticeRow,
  make: (sender: Sender) => Resource,
): Promise<Buffer> {
  const current = (await lock(system, transaction, [notice.rid])).get(notice.rid);
  const bytes = await content(system, transaction, notice.rid, current?.version ?? 0);
  const { sender } = JSON.parse(String(bytes)) as { sender: Sender };
  const resource = withoutEmpty({ ...make(sender), id: notice.id });
  const change = { interaction: 'update', type: 'Communication', id: notice.id, resource } as const;
  const [made] = await commit(engine, system, [change], { within: transaction });
  return made?.content as Buffer;
}

/** Whether it now takes effect sooner, or lasts longer, than was announced: then the rule counts from now. */
const isSooner = (next: NoticeRow, before: NoticeRow) =>
  (next.starts ?? 0) < (before.starts ?? 0) ||
  (before.ends !== null && (next.ends ?? Number.POSITIVE_INFINITY) > before.ends) ||
  (next.stops && !before.stops);

const WORDS: readonly (keyof NoticeText)[] = ['title', 'body', 'titleEn', 'bodyEn'];

/**
 * The override to be kept of a correction. What was shown already counts as told from now on where it takes effect sooner, lasts longer, is put
 * off, or reads otherwise; other words may also be no change of what they say (`correction`). Throws 422 as `lateReason` does.
 */
function lateCorrection(
  { now, zone }: Engine,
  before: NoticeRow,
  next: NoticeRow,
  correction: string | undefined,
): string | null {
  const told = { ...next, published: Math.max(next.published, now()) };
  if (isSooner(next, before) || next.published > before.published) return lateReason(zone, told);
  const shown = before.published <= now();
  if (!shown || correction !== undefined || WORDS.every((name) => next[name] === before[name])) return null;
  const way = 'Give the parameter correction with the reason where what it says stays the same';
  return lateReason(zone, told, way);
}

/** Throws 422 where one language would go on saying what the other says no more. */
function checkTranslation(before: NoticeRow, next: NoticeRow, asked: Asked): void {
  for (const [name, english, parameter] of [
    ['title', 'titleEn', 'titleEn'],
    ['body', 'bodyEn', 'textEn'],
  ] as const)
    if (next[name] !== before[name] && before[english] !== null && asked.values(parameter).length === 0)
      throw refuse.unprocessable(
        `The notice has an English version of what is changed; give ${parameter} too`,
        `Parameters.parameter('${parameter}')`,
        'required',
      );
}

const base: Pick<Operation, 'types' | 'level' | 'methods' | 'kinds' | 'roles' | 'permission'> = {
  types: ['Communication'],
  level: 'instance',
  methods: ['POST'],
  ...PUBLISHERS,
  permission: 'u',
};

/** `Communication/[id]/$correct-notice`: a new version; whom it is for and its kind stay. */
export const correctOperations = (changed: () => void) =>
  atBothLevels({
    ...base,
    name: 'correct-notice',
    documentation:
      'Corrects a notice of one’s own. In: notice (at the base), title, text, titleEn, textEn, publish, effective, stops, override, correction (why, where what it says stays the same); what is left out stays. Out: the Communication.',
    run: async (request) => {
      permitPublisher(request);
      const { engine, access, body, query } = request;
      const asked = new Asked('correct-notice', body, query, ['notice', ...ANNOUNCEMENT_PARAMETERS, 'correction']);
      const id = noticeAsked(request, asked);
      const bytes = await engine.database.transaction(async (transaction) => {
        const before = await ownNotice(request, transaction, id);
        const next = { ...before, ...announcementOf(engine, access, asked, before) };
        if (next.stops && !before.everyone)
          throw refuse.unprocessable(
            'What stops the service is announced to everyone',
            `Parameters.parameter('stops')`,
          );
        checkTranslation(before, next, asked);
        const note = reason(asked, 'correction');
        const override = lateCorrection(engine, before, next, note);
        const system = Access.system('a notice was corrected', access.caller);
        const written = await rewrite(engine, system, transaction, before, (sender) =>
          communicationOf(next, sender, { note }),
        );
        await correctNotice(system, transaction, before.rid, { ...next, override: override ?? before.override });
        await auditOverride(engine, access, transaction, { rid: before.rid, id, override });
        if (note !== undefined) await auditNotice(engine, access, transaction, 'notice-correction', before, note);
        return written;
      });
      changed();
      return { status: 200, body: bytes };
    },
  });

/**
 * `Communication/[id]/$withdraw-notice`: those who could read it read that it was withdrawn, and why. The operator withdraws a hospital's too: whoever
 * has stolen an account may have published it, and the hospital is then shut out.
 */
export const withdrawOperations = (changed: () => void) =>
  atBothLevels({
    ...base,
    name: 'withdraw-notice',
    documentation:
      'Withdraws a notice of one’s own, or as the operator a hospital’s. In: notice (at the base), reason. Out: the Communication.',
    run: async (request) => {
      permitPublisher(request);
      const { engine, access, body, query } = request;
      const asked = new Asked('withdraw-notice', body, query, ['notice', 'reason']);
      const id = noticeAsked(request, asked);
      const why = reason(asked, 'reason') ?? asked.needed('reason', 1000);
      const bytes = await engine.database.transaction(async (transaction) => {
        const before = await ownNotice(request, transaction, id, isOperator);
        const next = { ...before, stops: false };
        const system = Access.system('a notice was withdrawn', access.caller);
        const written = await rewrite(engine, system, transaction, before, (sender) =>
          communicationOf(next, sender, { withdrawn: why }),
        );
        await withdrawNotice(system, transaction, before.rid, engine.now());
        return written;
      });
      changed();
      return { status: 200, body: bytes };
    },
  });
