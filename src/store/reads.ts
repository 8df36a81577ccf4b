import type { Access } from '../access/access.ts';
import { isNarrowed, sightKey } from '../access/sight.ts';
import { Batch } from './batch.ts';
import type { Queryable } from './database.ts';
import { type Referenced, readMany, readVersions, referenced, type StoredVersion } from './read.ts';

/**
 * Reads by id that share statements: those of callers who see the same, asked for in the same turn of the event loop or while a
 * statement is under way. None is answered from a statement that began before it came, so withdrawal holds as for a read alone.
 */
export class Reads {
  readonly #database: Queryable;
  readonly #groups = new Map<string, Group>();

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** As `read`. */
  async read(access: Access, type: string, id: string, rid: bigint): Promise<StoredVersion | undefined> {
    const found = await this.#group(access).versions.get(`${type}/${rid}`);
    return found?.id === id ? found : undefined;
  }

  /** As `readVersion`. */
  async readVersion(
    access: Access,
    type: string,
    id: string,
    rid: bigint,
    version: number,
  ): Promise<StoredVersion | undefined> {
    const found = await this.#group(access).versions.get(`${type}/${rid}/${version}`);
    return found?.id === id ? found : undefined;
  }

  /** As `referenced`; `targets` are types by rid. */
  async referenced(access: Access, targets: ReadonlyMap<bigint, string>): Promise<Map<bigint, Referenced>> {
    const { referenced } = this.#group(access);
    const found = await Promise.all([...targets].map(([rid, type]) => referenced.get(`${type}/${rid}`)));
    return new Map(found.flatMap((one) => (one ? [[one.rid, one]] : [])));
  }

  #group(access: Access): Group {
    const sight = sightOf(access);
    const known = this.#groups.get(sight);
    if (known) return known;
    if (this.#groups.size >= 1000) this.#groups.clear();
    const group = {
      versions: new Batch<StoredVersion>((keys) => this.#load(access, keys)),
      referenced: new Batch<Referenced>((keys) => this.#loadReferenced(access, keys)),
    };
    this.#groups.set(sight, group);
    return group;
  }

  /** Keys are `Type/rid` for the current version, `Type/rid/version` for that one. */
  async #load(access: Access, keys: readonly string[]): Promise<ReadonlyMap<string, StoredVersion>> {
    const wanted = keys.map((key) => key.split('/') as [string, string, string?]);
    const [current, versions] = [wanted.filter((w) => w[2] === undefined), wanted.filter((w) => w[2] !== undefined)];
    const typesOf = (list: typeof wanted) => [...new Set(list.map(([type]) => type))];
    const ridsOf = (list: typeof wanted) => list.map(([, rid]) => BigInt(rid));
    const [now, then] = await Promise.all([
      current.length > 0 ? readMany(access, this.#database, typesOf(current), ridsOf(current)) : [],
      versions.length > 0
        ? readVersions(
            access,
            this.#database,
            typesOf(versions),
            ridsOf(versions),
            versions.map((w) => Number(w[2])),
          )
        : [],
    ]);
    return new Map([
      ...now.map((row) => [`${row.type}/${row.rid}`, row] as const),
      ...then.map((row) => [`${row.type}/${row.rid}/${row.version}`, row] as const),
    ]);
  }

  /** Keys are `Type/rid`. */
  async #loadReferenced(access: Access, keys: readonly string[]): Promise<ReadonlyMap<string, Referenced>> {
    const wanted = keys.map((key) => key.split('/') as [string, string]);
    const types = [...new Set(wanted.map(([type]) => type))];
    const rids = wanted.map(([, rid]) => BigInt(rid));
    const found = await referenced(access, this.#database, rids, types);
    return new Map([...found.values()].map((one) => [`${one.type}/${one.rid}`, one]));
  }
}

interface Group {
  readonly versions: Batch<StoredVersion>;
  readonly referenced: Batch<Referenced>;
}

/** All of a caller that the predicate looks at: callers with the same sight see the same. */
function sightOf(access: Access): string {
  const { caller } = access;
  if (!caller) return 'system';
  const { organization, kind, networks, medical, timeline } = caller;
  const whole = !isNarrowed(access, 'read') && !isNarrowed(access, 'name');
  // The launch patient and the person's own Practitioner may be named: who they are is part of it.
  const own = whole ? '' : `${sightKey(access)} ${caller.person?.practitioner ?? ''}`;
  return [organization, kind, networks, medical, timeline, own].join('|');
}
