import { randomBytes } from 'node:crypto';
import { Access, type Caller } from '../../src/access/access.ts';
import { commit } from '../../src/fhir/commit.ts';
import type { Change, Engine, Resource } from '../../src/fhir/engine.ts';
import { indexResource } from '../../src/fhir/indexing/index.ts';
import { Callers, tokenHash } from '../../src/identity/callers.ts';
import { connectDatabase, type Database } from '../../src/store/database.ts';
import { putGrant } from '../../src/store/grant.ts';
import { insertClient } from '../../src/store/identity.ts';
import { putAffiliation, putInstitution, setServices } from '../../src/store/institution.ts';
import { Keys } from '../../src/store/keys.ts';
import { bigints } from '../../src/store/sql.ts';
import { insertToken } from '../../src/store/token.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import type { Row } from '../support/evaluate-query.ts';
import type { Json } from './sheet.ts';
import { INSTITUTIONS, type Record, type Standing, type World } from './world.ts';

/** A row of the model: the resource, and what of it is stored. */
export interface Laid extends Row {
  readonly id: string;
  readonly record: Record;
  readonly version: number;
  /** Main clinical date, epoch milliseconds. */
  readonly date: number | null;
}

export const nameOf = ({ type, id }: Laid): string => `${type}/${id}`;

const SYSTEM = Access.system('a random world');
const BASE = 'https://tasuki.example';
const ZONE = 'Asia/Tokyo';
const DAY = 86_400_000;
/** When a world was written, changed, and parts of it deleted. */
const WRITTEN = Date.parse('2026-03-01T00:00:00Z');
export const NOW = WRITTEN + 3 * DAY;

const TABLES = ['resource', 'resource_version', 'range', 'string', '"grant"', 'party', 'affiliation', 'audit'] as const;
/** What an unguarded search reads. */
const SEARCHED = ['resource', 'resource_version', 'range', 'string'] as const;

/**
 * Where random worlds are laid out one after the other: PostgreSQL with the server's own schema, and beside it the schema `seen`, whose
 * tables take the visible resources of one institution and no others.
 */
export class Ground {
  readonly keys = new Keys('the same for every run, so that a seed stands for one order of keys');
  readonly database: Database;
  /** The same tables, with nothing in them but what was `show`n last. */
  readonly seen: Database;
  readonly #clone: Clone;
  readonly #callers: Callers;
  readonly #tokens: ReadonlyMap<string, string>;
  #clock = WRITTEN;

  private constructor(clone: Clone, database: Database, seen: Database, tokens: ReadonlyMap<string, string>) {
    this.#clone = clone;
    this.database = database;
    this.seen = seen;
    this.#callers = new Callers(database);
    this.#tokens = tokens;
  }

  static async open(): Promise<Ground> {
    const clone = await cloneDatabase();
    const database = await clone.open({ poolSize: 2, statementTimeoutMs: 30_000 });
    await database.query('CREATE SCHEMA seen');
    for (const table of SEARCHED)
      await database.query(`CREATE TABLE seen.${table} (LIKE public.${table} INCLUDING ALL)`);
    const url = new URL(clone.url);
    url.searchParams.set('options', '-c search_path=seen');
    const settings = { poolSize: 1, statementTimeoutMs: 30_000 };
    const seen = await connectDatabase({ connectionString: url.href }, settings, () => undefined);
    const tokens = new Map(INSTITUTIONS.map(({ id }) => [id as string, randomBytes(32).toString('base64url')]));
    const ground = new Ground(clone, database, seen, tokens);
    for (const { id, kind } of INSTITUTIONS) await ground.#enrol(id, kind);
    return ground;
  }

  async close(): Promise<void> {
    await this.seen.close();
    await this.#clone.drop();
  }

  rid(type: string, id: string): bigint {
    return this.keys.rid(type, id);
  }

  get context() {
    return { keys: this.keys, baseUrl: BASE, zone: ZONE, lenient: false, now: NOW };
  }

  /** Writes the world as the server does, and answers the rows of its model. Whatever was there is gone. */
  async lay(world: World): Promise<Laid[]> {
    await this.#clear(TABLES);
    const steps = [
      world.records.map((record) => put(record.earlier[0] ?? record.json, record)),
      world.records.filter(({ earlier }) => earlier.length > 0).map((record) => put(record.json, record)),
      world.records.filter(({ deleted }) => deleted).map(({ json }) => remove(json)),
    ];
    const written = new Map<string, Laid>();
    for (const [place, changes] of steps.entries()) {
      this.#clock = WRITTEN + place * DAY;
      const outcomes = await commit(this.#engine, SYSTEM, changes.map(this.#owned));
      for (const [i, outcome] of outcomes.entries()) {
        const { record } = changes[i] as Asked;
        const name = `${outcome.type}/${outcome.id}`;
        const index = outcome.content && indexResource(JSON.parse(String(outcome.content)) as object, this.context);
        written.set(name, {
          rid: this.rid(outcome.type, outcome.id),
          type: outcome.type,
          id: outcome.id,
          updated: outcome.at,
          rows: index ?? NOTHING,
          date: index?.date ?? null,
          record: record ?? (written.get(name) as Laid).record,
          version: outcome.version,
        });
      }
    }
    await this.#affiliate(world);
    await this.#grant(world);
    return [...written.values()];
  }

  /** The institution as the server knows it when it calls, its network looked up in the database. */
  async caller(institution: string): Promise<Caller> {
    const token = this.#tokens.get(institution) as string;
    return (await this.#callers.callerOf(token, { requestId: 'r' })) as Caller;
  }

  async access(institution: string): Promise<Access> {
    return Access.of(await this.caller(institution));
  }

  /** Fills `seen` with these resources and no others. */
  async show(rows: readonly Laid[]): Promise<void> {
    await this.#clear(SEARCHED.map((table) => `seen.${table}`));
    const rids = bigints(rows.map(({ rid }) => rid));
    for (const table of SEARCHED) {
      const text = `INSERT INTO seen.${table} SELECT * FROM public.${table} WHERE rid = ANY($1::bigint[])`;
      await this.database.query(text, [rids]);
    }
  }

  /** TRUNCATE would make new files, which takes longer than a world takes to be written. */
  async #clear(tables: readonly string[]): Promise<void> {
    const parts = tables.map((table, i) => `gone${i} AS (DELETE FROM ${table})`);
    await this.database.query(`WITH ${parts.join(', ')} SELECT 1`);
  }

  get #engine(): Engine {
    return {
      database: this.database,
      keys: this.keys,
      audits: { add: async () => undefined },
      baseUrl: BASE,
      zone: ZONE,
      updateCreate: true,
      maxEntries: 1000,
      cursorSecret: 'not used',
      rules: [],
      operations: [],
      now: () => this.#clock,
    };
  }

  readonly #owned = ({ record, ...change }: Asked): Change =>
    record ? { ...change, owner: this.rid('Organization', record.owner) } : change;

  async #enrol(id: string, kind: string): Promise<void> {
    const rid = this.rid('Organization', id);
    const scope = 'system/*.cruds';
    await putInstitution(SYSTEM, this.database, { rid, id, kind, name: id, active: true });
    await setServices(SYSTEM, this.database, rid, 63);
    await insertClient(this.database, { id, institution: rid, name: id, scope, jwks: { keys: [] } });
    const hash = tokenHash(this.#tokens.get(id) as string);
    await insertToken(this.database, { hash, client: id, scope, seconds: 3600 });
  }

  async #affiliate({ affiliations }: World): Promise<void> {
    for (const [i, one] of affiliations.entries()) {
      const { starts, ends } = termOf(one.standing);
      await putAffiliation(SYSTEM, this.database, {
        rid: BigInt(i + 1),
        hospital: this.rid('Organization', one.hospital),
        member: this.rid('Organization', one.member),
        medical: one.medical,
        care: false,
        timeline: one.timeline,
        active: one.active,
        starts: new Date(starts).toISOString(),
        ends: new Date(ends).toISOString(),
      });
    }
  }

  async #grant({ grants, records }: World): Promise<void> {
    for (const [i, { institution, patient, standing }] of grants.entries()) {
      const owner = records.find(({ json }) => json.resourceType === 'Patient' && json.id === patient)?.owner;
      await putGrant(SYSTEM, this.database, {
        organization: this.rid('Organization', institution),
        patient: this.rid('Patient', patient),
        hospital: this.rid('Organization', owner as string),
        consent: BigInt(i + 1),
        ...termOf(standing),
      });
    }
  }
}

type Asked = Change & { readonly record?: Record };

const put = (json: Json, record: Record): Asked => ({
  interaction: 'update',
  type: json.resourceType,
  id: json.id,
  // What the commit is given becomes its own.
  resource: structuredClone(json) as Resource,
  record,
});

const remove = (json: Json): Asked => ({ interaction: 'delete', type: json.resourceType, id: json.id });

const NOTHING = Object.freeze({ keys: [], ranges: [], strings: [] });

/** Bounds in epoch milliseconds, about the database's own clock and far from it. */
function termOf(standing: Standing): { readonly starts: number; readonly ends: number } {
  const now = Date.now();
  switch (standing) {
    case 'live':
      return { starts: now - DAY, ends: now + DAY };
    case 'ended':
      return { starts: now - 2 * DAY, ends: now - DAY };
    case 'to come':
      return { starts: now + DAY, ends: now + 2 * DAY };
  }
}
