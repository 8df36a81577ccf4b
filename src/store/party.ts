import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import { bigints } from './sql.ts';

/** The references of one resource that decide who its parties are (see PartyRule in access/policy.ts), as resource keys. */
export interface Spread {
  readonly rid: bigint;
  /** Whether it may have parties from an earlier version. */
  readonly replaces: boolean;
  /** Resources whose owners become parties. */
  readonly names: readonly bigint[];
  /** Workflow resources whose parties become parties. */
  readonly follows: readonly bigint[];
  /** Resources carried to the parties, so far as the owner of the carrying resource owns them. */
  readonly carries: readonly bigint[];
}

/** A resource whose own parties are others than before. */
export interface Moved {
  readonly rid: bigint;
  /** Institutions that were no parties before. */
  readonly added: readonly bigint[];
}

/** Parties that a resource may have at most, where not all that its references say. */
export interface Limited extends Spread {
  readonly only: readonly bigint[];
}

/**
 * Computes anew who the parties of these resources are, and what they carry. After `write`, in its transaction. Answers those whose
 * own parties have changed: what follows them must be looked at again.
 */
export async function spread(access: Access, transaction: Queryable, spreads: readonly Spread[]): Promise<Moved[]> {
  if (!access) throw new Error('spread() without an Access');
  // What is followed does not change its parties before this transaction ends.
  const followed = [...new Set(spreads.flatMap((s) => s.follows))].sort((a, b) => (a < b ? -1 : 1));
  if (followed.length > 0)
    await transaction.query('SELECT 1 FROM resource WHERE rid = ANY($1::bigint[]) ORDER BY rid FOR SHARE', [
      bigints(followed),
    ]);
  const replaced = spreads.filter((s) => s.replaces).map((s) => s.rid);
  const before = replaced.length > 0 ? await remove(transaction, REMOVE, replaced) : [];
  const after: Party[] = [];
  for (const level of levels(spreads)) after.push(...(await insert(transaction, level, [])));
  return moved(replaced, before, after);
}

/** As `spread`, for resources that follow what has changed: an institution that was no party becomes one only if it is listed. */
export async function respread(
  access: Access,
  transaction: Queryable,
  followers: readonly Limited[],
): Promise<Moved[]> {
  if (!access) throw new Error('respread() without an Access');
  if (followers.length === 0) return [];
  const rids = followers.map((s) => s.rid);
  const before = await remove(transaction, REMOVE, rids);
  const were = Map.groupBy(before, ({ rid }) => rid);
  const limits = followers.map((one) => ({
    ...one,
    only: [...one.only, ...(were.get(one.rid) ?? []).map(({ organization }) => organization)],
  }));
  return moved(rids, before, await insert(transaction, limits, limits));
}

/** What these carry goes to nobody any more, for they are deleted; who were their parties may still know that. */
export async function withdrawSpread(access: Access, transaction: Queryable, rids: readonly bigint[]): Promise<void> {
  if (!access) throw new Error('withdrawSpread() without an Access');
  if (rids.length > 0) await transaction.query(`${REMOVE} AND rid <> via`, [bigints(rids)]);
}

const REMOVE = 'DELETE FROM party WHERE via = ANY($1::bigint[])';

interface Party {
  readonly rid: bigint;
  readonly organization: bigint;
}

/** Own parties among the rows removed. */
async function remove(transaction: Queryable, text: string, vias: readonly bigint[]): Promise<Party[]> {
  const { rows } = await transaction.query<Party & { own: boolean }>(
    `${text} RETURNING rid, organization, rid = via AS own`,
    [bigints(vias)],
  );
  return rows.filter(({ own }) => own);
}

/** Own parties among the rows added. */
async function insert(transaction: Queryable, level: readonly Spread[], limits: readonly Limited[]): Promise<Party[]> {
  const only = limits.flatMap((s) => s.only.map((organization) => [s.rid, organization] as const));
  const { rows } = await transaction.query<Party & { own: boolean }>(SPREAD, [
    bigints(level.map((s) => s.rid)),
    ...pairs(level),
    bigints(limits.map((s) => s.rid)),
    bigints(only.map(([via]) => via)),
    bigints(only.map(([, organization]) => organization)),
  ]);
  return rows.filter(({ own }) => own);
}

function moved(rids: readonly bigint[], before: readonly Party[], after: readonly Party[]): Moved[] {
  const of = (parties: readonly Party[], rid: bigint) =>
    new Set(parties.filter((party) => party.rid === rid).map(({ organization }) => organization));
  return rids.flatMap((rid) => {
    const [were, are] = [of(before, rid), of(after, rid)];
    const same = were.size === are.size && were.isSubsetOf(are);
    return same ? [] : [{ rid, added: [...are.difference(were)] }];
  });
}

/** Clinical entries are followed too, but make nobody a party: who wrote or sees them does so by the patient's leave. */
const FOLLOWED = `r.rid = f.rid AND r.class = 'w' AND NOT r.deleted`;

/** $1 carriers; $2,$3 names; $4,$5 follows; $6,$7 carries, each as (carrier, target); $8 limited carriers; $9,$10 whom they may have. */
const SPREAD = `
  WITH carrier AS (SELECT rid, owner FROM resource WHERE rid = ANY($1::bigint[])),
    named AS (
      SELECT rid AS via, owner AS organization FROM carrier
      UNION SELECT n.via, r.owner FROM unnest($2::bigint[], $3::bigint[]) n(via, rid) JOIN resource r ON r.rid = n.rid
      UNION SELECT f.via, r.owner FROM unnest($4::bigint[], $5::bigint[]) f(via, rid) JOIN resource r ON ${FOLLOWED}
      UNION SELECT f.via, y.organization FROM unnest($4::bigint[], $5::bigint[]) f(via, rid)
        JOIN resource r ON ${FOLLOWED} JOIN party y ON y.rid = f.rid AND y.via = f.rid),
    parties AS (SELECT * FROM named p WHERE NOT p.via = ANY($8::bigint[]) OR EXISTS (
      SELECT 1 FROM unnest($9::bigint[], $10::bigint[]) o(via, organization) WHERE o.via = p.via AND o.organization = p.organization))
  INSERT INTO party (rid, organization, via)
  SELECT p.via, p.organization, p.via FROM parties p JOIN carrier c ON c.rid = p.via WHERE p.organization <> c.owner
  UNION
  SELECT t.rid, p.organization, p.via FROM unnest($6::bigint[], $7::bigint[]) s(via, rid)
    JOIN carrier c ON c.rid = s.via JOIN resource t ON t.rid = s.rid AND t.owner = c.owner
    JOIN parties p ON p.via = s.via AND p.organization <> t.owner
  ON CONFLICT DO NOTHING RETURNING rid, organization, rid = via AS own`;

function pairs(level: readonly Spread[]): string[] {
  return (['names', 'follows', 'carries'] as const).flatMap((kind) => {
    const flat = level.flatMap((s) => s[kind].map((rid) => [s.rid, rid] as const));
    return [bigints(flat.map(([via]) => via)), bigints(flat.map(([, rid]) => rid))];
  });
}

/** What follows another of the batch comes after it; a circle is cut where it closes. */
function levels(spreads: readonly Spread[]): Spread[][] {
  const byRid = new Map(spreads.map((s) => [s.rid, s]));
  const depth = new Map<bigint, number>();
  const depthOf = (s: Spread): number => {
    const known = depth.get(s.rid);
    if (known !== undefined) return known;
    depth.set(s.rid, 0);
    const below = s.follows.flatMap((rid) => byRid.get(rid) ?? []).map((f) => depthOf(f) + 1);
    const own = Math.max(0, ...below);
    depth.set(s.rid, own);
    return own;
  };
  const result: Spread[][] = [];
  for (const s of spreads) {
    const own = depthOf(s);
    result[own] = [...(result[own] ?? []), s];
  }
  return result.filter((level) => level !== undefined);
}

/**
 * Whether a resource follows itself, by way of others: `salts` are those of the parameters by which one follows another. A key that is of
 * another parameter leads to nothing.
 */
export async function followsItself(
  access: Access,
  transaction: Queryable,
  rid: bigint,
  salts: readonly bigint[],
): Promise<boolean> {
  if (!access) throw new Error('followsItself() without an Access');
  const { rows } = await transaction.query<{ found: boolean }>(
    `WITH RECURSIVE above(rid) AS (
       SELECT t.rid FROM resource r, unnest(r.keys) k(key), unnest($2::bigint[]) s(salt), resource t
         WHERE r.rid = $1::bigint AND t.rid = k.key # s.salt
       UNION SELECT t.rid FROM above a JOIN resource r ON r.rid = a.rid, unnest(r.keys) k(key), unnest($2::bigint[]) s(salt), resource t
         WHERE t.rid = k.key # s.salt)
     SELECT EXISTS (SELECT 1 FROM above WHERE rid = $1::bigint) AS found`,
    [rid, bigints(salts)],
  );
  return rows[0]?.found === true;
}

export interface Follower {
  readonly rid: bigint;
  readonly type: string;
  readonly owner: bigint;
  readonly content: Buffer;
}

/** Resources that hold one of these keys, locked until the end of the transaction, as the last commit left them. */
export async function followers(access: Access, transaction: Queryable, keys: readonly bigint[]): Promise<Follower[]> {
  if (!access) throw new Error('followers() without an Access');
  const found = await transaction.query<{ rid: bigint }>(
    'SELECT rid FROM resource WHERE keys && $1::bigint[] AND NOT deleted ORDER BY rid FOR UPDATE',
    [bigints(keys)],
  );
  if (found.rows.length === 0) return [];
  // A statement of its own: what was waited for shows only to the next.
  const { rows } = await transaction.query<Follower>(
    `SELECT r.rid, r.type, r.owner, v.content FROM resource r JOIN resource_version v ON v.rid = r.rid AND v.version = r.version
     WHERE r.rid = ANY($1::bigint[]) AND NOT r.deleted`,
    [bigints(found.rows.map(({ rid }) => rid))],
  );
  return rows;
}
