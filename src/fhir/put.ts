import { partyRule, policyClass } from '../access/policy.ts';
import { UNDELIVERED } from '../access/undelivered.ts';
import { refuse } from '../http/errors.ts';
import type { Spread } from '../store/party.ts';
import type { Put } from '../store/write.ts';
import type { Engine, Prepared, Resource, Write } from './engine.ts';
import { indexResource } from './indexing/index.ts';
import { parseReference } from './indexing/reference.ts';

/** One version as the store takes it: bytes with the server's meta, index rows, and whose timeline it is in. */
export function put(engine: Engine, write: Write, change: Prepared, at: number, decimals: boolean): Put {
  const { type, id, rid, current, owner, resource, interaction } = change;
  const version = (current?.version ?? 0) + 1;
  const base = { rid, type, id, class: policyClass(type), version, owner, updated: at };
  if (!resource) {
    const patients = current?.patients ?? (current?.patient != null ? [current.patient] : []);
    return {
      ...base,
      interaction: 'd',
      home: current?.home ?? null,
      patients,
      date: null,
      sealed: false,
      rows: { keys: [], ranges: [], strings: [] },
      content: null,
    };
  }
  const stored = {
    resourceType: type,
    id,
    meta: { ...resource.meta, versionId: String(version), lastUpdated: new Date(at).toISOString() },
    ...without(resource),
  };
  const text = JSON.stringify(stored);
  const index = indexResource(decimals ? JSON.parse(text) : stored, {
    keys: engine.keys,
    baseUrl: engine.baseUrl,
    zone: engine.zone,
  });
  const patients =
    policyClass(type) === 'w' || policyClass(type) === 'c' || policyClass(type) === 'k' ? index.patients : [];
  return {
    ...base,
    interaction: interaction === 'create' ? 'c' : 'u',
    home: homeOf(write, change, patients),
    patients,
    date: index.date,
    sealed: isUndelivered(resource),
    rows: index,
    content: Buffer.from(text),
  };
}

/** The hospital in whose timeline the entry is; and whether its writer may add to it. */
function homeOf(write: Write, change: Prepared, patients: readonly bigint[]): bigint | null {
  if (change.type === 'Patient') return change.owner;
  const clinical = policyClass(change.type) === 'c';
  const homes = patients.map((patient) => {
    const known = write.referenced.get(patient);
    if (clinical && !known?.open) {
      throw refuse.unprocessable(
        'The patient’s timeline is not open to you: write about your own Patient record, or redeem the patient’s keycode first',
        change.type,
      );
    }
    return known?.owner ?? null;
  });
  const home = homes.length === 1 ? (homes[0] ?? null) : null;
  const { current } = change;
  if (clinical && current?.home != null && current.home !== home && !mayMove(write, current.home)) {
    throw refuse.unprocessable(
      'An entry in a hospital’s timeline stays there; correct what it says, or let the hospital delete it',
      change.type,
    );
  }
  return home;
}

/** Taking an entry out of a timeline is deleting it there: its hospital's to do. */
const mayMove = ({ access }: Write, home: bigint) => access.isSystem || access.caller?.organization === home;

const without = ({ resourceType: _, id: __, meta: ___, ...rest }: Resource) => rest;

function isUndelivered(resource: Resource): boolean {
  const tags = resource.meta?.tag;
  return (
    Array.isArray(tags) && tags.some((tag) => tag?.system === UNDELIVERED.system && tag?.code === UNDELIVERED.code)
  );
}

/** Who becomes a party and what is carried to them; undefined for a resource that has no such rule or names nobody. */
export function spreadOf(
  engine: Engine,
  type: string,
  rid: bigint,
  resource: Resource,
  replaces: boolean,
): Spread | undefined {
  const rule = partyRule(type);
  if (!rule) return undefined;
  const rids = (paths: readonly string[]) => [
    ...new Set(
      paths
        .flatMap((path) => walk(resource, path.split('.')))
        .flatMap((target) => {
          const local = parseReference(target, engine.baseUrl);
          return local ? [engine.keys.rid(local.type, local.id)] : [];
        }),
    ),
  ];
  const names = rids(rule.names);
  const follows = rids(rule.follows);
  if (names.length === 0 && follows.length === 0 && !replaces) return undefined;
  return { rid, replaces, names, follows, carries: rids(rule.carries) };
}

/** The texts of the References (or Attachment urls) at a path, arrays walked through. */
function walk(node: unknown, path: readonly string[]): string[] {
  if (Array.isArray(node)) return node.flatMap((item) => walk(item, path));
  if (!node || typeof node !== 'object') return [];
  const [head, ...rest] = path;
  if (head !== undefined) return walk((node as Record<string, unknown>)[head], rest);
  const { reference, url } = node as { reference?: unknown; url?: unknown };
  return [reference, url].filter((text) => typeof text === 'string');
}
