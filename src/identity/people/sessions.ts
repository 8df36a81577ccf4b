import { randomUUID } from 'node:crypto';
import type { InstitutionKind } from '../../access/access.ts';
import type { PersonRole } from '../../access/roles.ts';
import type { Queryable } from '../../store/database.ts';
import { type AccountRow, recordLogin } from '../../store/person.ts';
import { findSession, insertSession, type Proof, rotateSession, type SessionRow } from '../../store/session.ts';
import { hashOfToken, newToken } from './codes.ts';
import { type Ground, record } from './ground.ts';
import { addressOf, deviceOf, placeOf } from './origin.ts';
import { FRESH } from './policy.ts';
import type { Account, From, Login, LoginStep, Session } from './types.ts';

/** A session with its row. */
export interface Found {
  readonly session: Session;
  readonly row: SessionRow;
  /** Of the token, as stored. */
  readonly hash: string;
}

/**
 * The session of a token, and that it was used. Null when it is over.
 *
 * @param certificate  of the connection, null for none: then null too where the institution demands its terminals and this is none of them
 */
export async function find(ground: Ground, token: string, certificate?: string | null): Promise<Found | null> {
  const hash = hashOfToken(token);
  const now = ground.now();
  const sought = { now, idle: ground.policy.sessionIdle, certificate };
  const row = hash && (await findSession(ground.access, ground.database, hash, sought));
  if (!row) return null;
  const session: Session = {
    id: row.session,
    account: accountOf(row),
    steps: await stepsOf(ground, row, now),
    strong: row.strong,
    stale: now - row.authenticated_at > FRESH,
    authenticatedAt: row.authenticated_at,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    amr: row.amr,
    factors: [...(row.factors as ('totp' | 'passkey')[]), ...(row.recovery > 0 ? (['recovery'] as const) : [])],
  };
  return { session, row, hash };
}

function accountOf(row: SessionRow): Account {
  return {
    id: row.id,
    institution: row.institution,
    institutionId: row.institution_id,
    institutionName: row.institution_name,
    kind: row.kind as InstitutionKind,
    login: row.login,
    name: row.name,
    roles: row.roles as readonly PersonRole[],
    practitioner: row.practitioner,
    practitionerId: row.practitioner_id,
    lastLogin: row.last_login_at === null ? null : { at: row.last_login_at, failures: row.failures },
  };
}

export const hasFactor = ({ factors }: Pick<AccountRow, 'factors'>): boolean => factors.length > 0;

async function stepsOf({ policy, termsDue }: Ground, row: SessionRow, now: number): Promise<readonly LoginStep[]> {
  const factor = hasFactor(row);
  const outlived = policy.passwordLife > 0 && now - (row.password_at ?? 0) > policy.passwordLife;
  const tooShort = !row.password_long && !factor;
  const due: Readonly<Record<LoginStep, boolean>> = {
    'second-factor': factor && !row.strong,
    'change-password': outlived || tooShort,
    'enrol-second-factor': policy.secondFactorRequired && !factor,
    'accept-terms': await termsDue(row.id),
  };
  return (Object.keys(due) as LoginStep[]).filter((step) => due[step]);
}

/** What a step answers once it is committed; null where the person was shut out meanwhile. */
export async function loginOf(ground: Ground, token: string): Promise<Login | null> {
  const found = await find(ground, token);
  return found && { sessionToken: token, account: found.session.account, steps: found.session.steps };
}

/**
 * Begins a session after a password, in the transaction that compared or set it, with the person locked. For people without a second factor
 * that is the login.
 *
 * @param password  PHC string; the session begins only where it is still the person's
 * @returns the token; null where the person may not come in any more
 */
export async function begin(
  ground: Ground,
  tx: Queryable,
  person: AccountRow,
  password: string,
  from: From,
): Promise<string | null> {
  const { access, policy } = ground;
  const token = newToken();
  const session = {
    id: randomUUID(),
    hash: hashOfToken(token) as string,
    person: person.id,
    now: ground.now(),
    idle: policy.sessionIdle,
    life: policy.sessionLife,
    amr: ['pwd'],
    address: addressOf(from.address),
    agent: deviceOf(from.agent),
    certificate: from.certificate,
  };
  if (!(await insertSession(access, tx, session, password))) return null;
  if (!hasFactor(person))
    await complete(ground, tx, { ...person, session: session.id, address: session.address, amr: session.amr });
  return token;
}

/** The login is done, with all factors that the person has: noted for the next one, and in the audit. */
async function complete(
  ground: Ground,
  tx: Queryable,
  person: AccountRow & { readonly session: string; readonly address: string; readonly amr: readonly string[] },
): Promise<void> {
  const { id, session, address, amr } = person;
  await recordLogin(ground.access, tx, { person: id, session, address: placeOf(address), now: ground.now() });
  await record(ground, tx, 'log-in', { ...person, id }, { detail: `from ${address} by ${amr.join(' and ')}` });
}

/**
 * Gives a session a new token for what was proved, with the person locked. Where that was the second factor, the login is done.
 *
 * @returns the new token; null where the session has ended or has another token meanwhile: undo what was done
 */
export async function rotate(
  ground: Ground,
  tx: Queryable,
  { row, hash }: Found,
  proof: Pick<Proof, 'strong' | 'amr'> & { readonly proved: boolean },
): Promise<string | null> {
  const token = newToken();
  const rotated = await rotateSession(ground.access, tx, {
    session: row.session,
    from: hash,
    to: hashOfToken(token) as string,
    at: proof.proved ? ground.now() : null,
    strong: proof.strong,
    amr: proof.amr,
  });
  if (!rotated) return null;
  if (proof.strong && hasFactor(row) && !row.strong)
    await complete(ground, tx, {
      ...row,
      amr: [...new Set([...row.amr, ...proof.amr])].filter((word) => word !== 'mfa'),
    });
  return token;
}
