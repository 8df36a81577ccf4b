import type { Access } from '../access/access.ts';
import { type Issue, refuse } from '../http/errors.ts';
import type { Queryable } from '../store/database.ts';
import { institutions, type Referenced, referenced } from '../store/read.ts';
import { inEntry } from './check.ts';
import type { Change, Engine, Prepared, Resolved } from './engine.ts';
import { parseReference } from './indexing/reference.ts';
import type { Places } from './places.ts';
import type { FoundReference } from './validation/index.ts';

/** A reference of a resource that is being written. */
export interface LocalReference extends FoundReference {
  /** `Type?query`, allowed in transactions. */
  readonly query?: string;
  readonly queryType?: string;
  readonly urn?: boolean;
  readonly local?: { readonly type: string; readonly id: string };
}

/** Sorts out what kind of reference each is. */
export function resolveReferences(engine: Engine, _change: Change, found: readonly FoundReference[]): LocalReference[] {
  return found.flatMap((reference): LocalReference[] => {
    const text = reference.reference;
    if (text.startsWith('urn:')) return [{ ...reference, urn: true }];
    const search = /^([A-Z][A-Za-z]*)\?(.+)$/s.exec(text);
    if (search) return [{ ...reference, queryType: search[1] as string, query: search[2] as string }];
    const local = parseReference(text, engine.baseUrl);
    return [local ? { ...reference, local } : { ...reference }];
  });
}

/** Elements in which a transaction's `urn:uuid:` names are replaced (https://hl7.org/fhir/R4/http.html#trules). */
const LINKS = new Set(['reference', 'url', 'uri', 'valueUri', 'valueUrl', 'valueCanonical']);

/**
 * The resource with its references replaced; the parts without any are shared with the original. Narrative links too; what stands
 * inside a document's entries is left as it is.
 */
export function rewritten<T>(node: T, target: (text: string) => string | undefined, top = true): T {
  if (!node || typeof node !== 'object' || node instanceof Number) return node;
  if (Array.isArray(node)) {
    const items = node.map((item) => rewritten(item, target, false));
    return items.some((item, i) => item !== node[i]) ? (items as T) : node;
  }
  let copy: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(node)) {
    if (top && name === 'entry' && (node as { resourceType?: unknown }).resourceType === 'Bundle') continue;
    const replaced = typeof value === 'string' ? replacedText(name, value, target) : rewritten(value, target, false);
    if (replaced === value) continue;
    copy ??= { ...(node as object) };
    copy[name] = replaced;
  }
  return (copy ?? node) as T;
}

function replacedText(name: string, value: string, target: (text: string) => string | undefined): string {
  if (LINKS.has(name)) return target(value) ?? value;
  if (name !== 'div') return value;
  return value.replaceAll(/(?<=(?:href|src)\s*=\s*(["']))[^"']*(?=\1)/g, (link) => target(link) ?? link);
}

/**
 * Every local reference must lead to a resource that exists and that the writer sees; the two failures read the same. What a resource
 * referred to before it may go on referring to: its target may have been deleted since, or not be the writer's to see. Answers what is known of the targets, those of the same transaction included.
 */
export async function checkReferences(
  engine: Engine,
  access: Access,
  resolved: readonly Resolved[],
  active: readonly Prepared[],
  references: readonly LocalReference[][],
  transaction: Queryable,
  places: Places,
): Promise<Map<bigint, Referenced>> {
  const batch = new Map(active.filter((p) => p.interaction !== 'delete').map((p) => [p.rid, p]));
  const targets = resolved.flatMap((r, i) =>
    r.found ? [] : (references[i] ?? []).flatMap((reference) => targetOf(engine, r, reference, i)),
  );
  const outside = new Map(targets.filter((t) => !batch.has(t.rid)).map((t) => [t.rid, t.type]));
  const shared = transaction === engine.database ? engine.reads : undefined;
  const known = shared
    ? await shared.referenced(access, outside)
    : await referenced(access, transaction, [...outside.keys()], [...new Set(outside.values())]);
  for (const p of active) if (p.interaction === 'delete') known.delete(p.rid);
  for (const p of batch.values()) {
    known.set(p.rid, {
      rid: p.rid,
      type: p.type,
      id: p.id,
      owner: p.owner,
      open: p.owner === access.caller?.organization || access.isSystem,
    });
  }
  const missing = targets.filter((t) => !known.has(t.rid) || known.get(t.rid)?.type !== t.type);
  const excused = await excusedBy(engine, access, missing, transaction, known);
  const unexcused = missing.filter((t) => !excused.has(t));
  const kept = await keptAmong(engine, unexcused, active, resolved);
  const issues = unexcused.filter((t) => !kept.has(t)).map((t) => absent(t, places));
  const wrong = targets
    .filter((t) => t.reference.targets.length > 0 && !t.reference.targets.includes(t.type))
    .map((t) => wrongType(t, places));
  if (issues.length + wrong.length > 0) throw refuse.invalid([...issues, ...wrong].slice(0, 50));
  return known;
}

interface Target {
  readonly rid: bigint;
  readonly type: string;
  readonly id: string;
  /** Of the change that refers to it. */
  readonly index: number;
  readonly reference: LocalReference;
}

function targetOf(engine: Engine, resolved: Resolved, reference: LocalReference, index: number): Target[] {
  const bound = resolved.bound?.get(reference.reference) ?? reference.local;
  if (!bound) return [];
  return [{ rid: engine.keys.rid(bound.type, bound.id), type: bound.type, id: bound.id, index, reference }];
}

/** Those to which the version before referred too. */
async function keptAmong(
  engine: Engine,
  missing: readonly Target[],
  active: readonly Prepared[],
  resolved: readonly Resolved[],
): Promise<Set<Target>> {
  const kept = new Set<Target>();
  const byRid = new Map(active.map((change) => [change.rid, change]));
  const before = new Map<bigint, ReadonlySet<bigint>>();
  for (const target of missing) {
    const { type, id } = resolved[target.index] as Resolved;
    const change = id === undefined ? undefined : byRid.get(engine.keys.rid(type, id));
    if (!change?.current || change.current.deleted) continue;
    const known = before.get(change.rid) ?? targetsOf(engine, await change.previous());
    before.set(change.rid, known);
    if (known.has(target.rid)) kept.add(target);
  }
  return kept;
}

/** All that a resource refers to on this server. */
function targetsOf(engine: Engine, node: unknown, found = new Set<bigint>()): ReadonlySet<bigint> {
  if (!node || typeof node !== 'object') return found;
  const { reference } = node as { reference?: unknown };
  const local = typeof reference === 'string' ? parseReference(reference, engine.baseUrl) : null;
  if (local) found.add(engine.keys.rid(local.type, local.id));
  for (const value of Object.values(node)) targetsOf(engine, value, found);
  return found;
}

/** Institutions that a rule lets the writer name unseen, such as a new member of its network. */
async function excusedBy(
  engine: Engine,
  access: Access,
  missing: readonly Target[],
  transaction: Queryable,
  known: Map<bigint, Referenced>,
): Promise<Set<Target>> {
  const unseen = new Set(engine.rules.flatMap((rule) => rule.unseen ?? []));
  const candidates = missing.filter((t) => unseen.has(t.reference.path));
  if (candidates.length === 0) return new Set();
  const registered = await institutions(
    access,
    transaction,
    candidates.map((t) => t.rid),
  );
  const excused = candidates.filter((t) => registered.has(t.rid));
  for (const t of excused) known.set(t.rid, { rid: t.rid, type: t.type, id: t.id, owner: t.rid, open: false });
  return new Set(excused);
}

const absent = (target: Target, places: Places): Issue =>
  at(target, places, {
    severity: 'error',
    code: 'not-found',
    diagnostics: `${target.reference.reference} does not exist; store it first, or send both in one transaction`,
  });

const wrongType = (target: Target, places: Places): Issue =>
  at(target, places, {
    severity: 'error',
    code: 'value',
    diagnostics: `${target.type} may not be referred to here; allowed: ${target.reference.targets.join(', ')}`,
  });

function at({ reference, index }: Target, places: Places, issue: Issue): Issue {
  const named = { ...issue, expression: [reference.path] };
  return places === undefined ? named : inEntry(named, places[index] as number);
}
