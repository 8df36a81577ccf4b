import { deleteFactor, deleteFactors, listFactors } from '../../../store/factor.ts';
import { lockPerson } from '../../../store/person.ts';
import { findRecoveryCodes } from '../../../store/recovery-code.ts';
import { attempt, type Ground, record, transaction } from '../ground.ts';
import { find, hasFactor } from '../sessions.ts';
import type { FactorInfo, FactorRemoval } from '../types.ts';
import { fresh } from './enrol.ts';
import { renewCodes } from './recovery.ts';

/** What a person has set up, in the order of time, the recovery codes last. */
export async function factors({ access, database }: Ground, person: string): Promise<readonly FactorInfo[]> {
  const [rows, codes] = await Promise.all([
    listFactors(access, database, person),
    findRecoveryCodes(access, database, person),
  ]);
  const recovery: FactorInfo[] = codes
    ? [
        {
          id: 'recovery',
          kind: 'recovery',
          name: '',
          createdAt: codes.created_at,
          usedAt: codes.used_at,
          left: codes.left,
        },
      ]
    : [];
  return [
    ...rows.map(({ id, kind, name, created_at, used_at }) => ({
      id,
      kind,
      name,
      createdAt: created_at,
      usedAt: used_at,
    })),
    ...recovery,
  ];
}

/** Ten new recovery codes; null where the session does not allow it. */
export async function renewRecoveryCodes(ground: Ground, token: string): Promise<readonly string[] | null> {
  const found = await fresh(ground, token);
  if (!found || !hasFactor(found.row)) return null;
  return transaction(ground, async (tx) => {
    await lockPerson(ground.access, tx, found.row.id);
    const codes = await renewCodes(ground, tx, found.row.id);
    await record(ground, tx, 'recovery-codes-renewed', found.row, { detail: `${codes.length} codes` });
    return codes;
  });
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text is an id of ours. */
export const isId = (text: string): boolean => UUID.test(text);

/** Takes a factor away. With the last one, where that may go, the recovery codes go too. */
export async function removeFactor(ground: Ground, token: string, factor: string): Promise<FactorRemoval> {
  const found = await find(ground, token);
  if (!found || found.session.steps.length > 0 || !isId(factor)) return 'unknown';
  if (found.session.stale) return 'stale';
  const { row } = found;
  const { access, policy } = ground;
  let why: FactorRemoval = 'removed';
  await attempt(ground, async (tx, undo) => {
    await lockPerson(access, tx, row.id);
    const kind = await deleteFactor(access, tx, row.id, factor);
    const left = await listFactors(access, tx, row.id);
    why = kind === undefined ? 'unknown' : left.length === 0 && policy.secondFactorRequired ? 'last' : 'removed';
    if (why !== 'removed') return undo();
    if (left.length === 0) await deleteFactors(access, tx, row.id);
    await record(ground, tx, 'factor-removed', row, { detail: String(kind) });
  });
  return why;
}
