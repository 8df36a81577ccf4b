import { Access, type Caller, type InstitutionKind } from '../../src/access/access.ts';
import type { Database } from '../../src/store/database.ts';
import { Keys } from '../../src/store/keys.ts';
import type { RangeRow, StringRow } from '../../src/store/rows.ts';
import { Values } from '../../src/store/sql.ts';
import { visible } from '../../src/store/visible.ts';
import { type Put, write } from '../../src/store/write.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

export const SYSTEM = Access.system('a test of the store');
export const keys = new Keys('a secret that is only good enough for tests');
export const DAY = 86_400_000;
/** When rows of these tests were written, unless they say otherwise. */
export const WRITTEN = Date.parse('2026-03-01T00:00:00Z');

/** rid of an institution, by a name. */
export const institution = (name: string): bigint => keys.rid('Organization', name);

/** Somebody in no network; what is given overrides. */
export function caller(name: string, more: Partial<Caller> = {}, kind: InstitutionKind = 'medical'): Caller {
  return {
    organization: institution(name),
    organizationId: name,
    kind,
    clientId: `${name}-client`,
    scopes: [{ type: '*', c: true, r: true, u: true, d: true, s: true }],
    networks: [],
    medical: [],
    care: [],
    timeline: [],
    purpose: 'TREAT',
    requestId: 'r',
    ...more,
  };
}

/** Somebody at a client, whose account has this id. */
export const nurse = (id: string, session: string | null = null): NonNullable<Caller['person']> => ({
  id,
  name: '',
  practitioner: null,
  practitionerId: null,
  roles: ['nurse'],
  strong: true,
  authenticatedAt: 0,
  session,
});

export const access = (...of: Parameters<typeof caller>): Access => Access.of(caller(...of));

/** What a row is by default: a clinical resource of nobody's patient, as it was first written. */
export interface Draft extends Partial<Omit<Put, 'rid' | 'type' | 'id' | 'owner' | 'rows'>> {
  readonly owner: string;
  readonly keys?: readonly bigint[];
  readonly ranges?: readonly RangeRow[];
  readonly strings?: readonly StringRow[];
}

export function put(name: string, { owner, keys: own = [], ranges = [], strings = [], ...more }: Draft): Put {
  const [type = '', id = ''] = name.split('/');
  return {
    rid: keys.rid(type, id),
    type,
    id,
    class: 'c',
    interaction: 'c',
    version: 1,
    owner: institution(owner),
    home: null,
    patients: [],
    date: null,
    updated: WRITTEN,
    sealed: false,
    rows: { keys: own, ranges, strings },
    content: Buffer.from(JSON.stringify({ resourceType: type, id })),
    ...more,
  };
}

export const ridOf = (name: string): bigint => {
  const [type = '', id = ''] = name.split('/');
  return keys.rid(type, id);
};

/** A database of the suite's own, and rows written to it without FHIR. */
export class Stage {
  readonly database: Database;
  readonly #clone: Clone;

  private constructor(clone: Clone, database: Database) {
    this.#clone = clone;
    this.database = database;
  }

  static async open(): Promise<Stage> {
    const clone = await cloneDatabase();
    return new Stage(clone, await clone.open({ poolSize: 4 }));
  }

  close(): Promise<void> {
    return this.#clone.drop();
  }

  async store(rows: Readonly<Record<string, Draft>>): Promise<void> {
    const puts = Object.entries(rows).map(([name, draft]) => put(name, draft));
    await write(SYSTEM, this.database, puts, []);
  }

  /** Names of the rows that the predicate lets through, sorted; with a list of types as where a statement knows them. */
  async visible(access: Access, types?: readonly string[]): Promise<string[]> {
    const values = new Values();
    const { rows } = await this.database.query<{ name: string }>(
      `SELECT r.type || '/' || r.id AS name FROM resource r WHERE ${visible('r', access, values, types)}`,
      values.list,
    );
    return rows.map(({ name }) => name).sort();
  }
}
