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

/** Computes anew who the parties of these resources are, and what they carry. After `write`, in its transaction. */
export async function spread(access: Access, transaction: Queryable, spreads: readonly Spread[]): Promise<void> {
  if (!access) throw new Error('spread() without an Access');
  const replaced = spreads.filter((s) => s.replaces).map((s) => s.rid);
  if (replaced.length > 0)
    await transaction.query('DELETE FROM party WHERE via = ANY($1::bigint[])', [bigints(replaced)]);
  for (const level of levels(spreads))
    await transaction.query(SPREAD, [bigints(level.map((s) => s.rid)), ...pairs(level)]);
}

/** $1 carriers; $2,$3 names; $4,$5 follows; $6,$7 carries, each as (carrier, target). */
const SPREAD = `
  WITH carrier AS (SELECT rid, owner FROM resource WHERE rid = ANY($1::bigint[])),
    parties AS (
      SELECT rid AS via, owner AS organization FROM carrier
      UNION SELECT n.via, r.owner FROM unnest($2::bigint[], $3::bigint[]) n(via, rid) JOIN resource r ON r.rid = n.rid
      UNION SELECT f.via, r.owner FROM unnest($4::bigint[], $5::bigint[]) f(via, rid) JOIN resource r ON r.rid = f.rid
      UNION SELECT f.via, y.organization FROM unnest($4::bigint[], $5::bigint[]) f(via, rid) JOIN party y ON y.rid = f.rid AND y.via = f.rid)
  INSERT INTO party (rid, organization, via)
  SELECT p.via, p.organization, p.via FROM parties p JOIN carrier c ON c.rid = p.via WHERE p.organization <> c.owner
  UNION
  SELECT t.rid, p.organization, p.via FROM unnest($6::bigint[], $7::bigint[]) s(via, rid)
    JOIN carrier c ON c.rid = s.via JOIN resource t ON t.rid = s.rid AND t.owner = c.owner
    JOIN parties p ON p.via = s.via AND p.organization <> t.owner
  ON CONFLICT DO NOTHING`;

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
