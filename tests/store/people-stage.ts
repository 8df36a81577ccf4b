import { randomUUID } from 'node:crypto';
import { Access } from '../../src/access/access.ts';
import type { PersonRole } from '../../src/access/roles.ts';
import type { Database } from '../../src/store/database.ts';
import { replacePassword } from '../../src/store/person-password.ts';
import { insertPerson } from '../../src/store/person-rights.ts';
import { insertSession, type NewSession } from '../../src/store/session.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const NOW = Date.UTC(2026, 3, 1);

export const system = Access.system('tests of people');
/** What a store function is called with by a mistake that types cannot see. */
export const NO_ACCESS = undefined as unknown as Access;

/** Somebody of an institution; an administrator unless told otherwise. */
export const of = (organization: bigint, roles: readonly PersonRole[] = ['administrator']): Access =>
  Access.of({
    organization,
    organizationId: `organization-${organization}`,
    kind: organization === 1n ? 'operator' : 'medical',
    clientId: 'client',
    scopes: [],
    networks: [],
    medical: [],
    care: [],
    timeline: [],
    purpose: 'HOPERAT',
    requestId: 'request',
    person: {
      id: randomUUID(),
      name: 'Somebody',
      practitioner: null,
      practitionerId: null,
      roles,
      strong: true,
      authenticatedAt: NOW,
      session: null,
    },
  });

export interface PeopleStage {
  readonly clone: Clone;
  readonly database: Database;
  institution(services?: number): Promise<bigint>;
  /** With a password, unless told otherwise; the id. */
  person(options?: {
    readonly institution?: bigint;
    readonly login?: string;
    readonly roles?: readonly PersonRole[];
    readonly password?: string | null;
  }): Promise<{
    readonly id: string;
    readonly institution: bigint;
    readonly login: string;
    readonly practitioner: bigint;
  }>;
  /** A session of a person; the hash of its token. */
  session(person: string, changes?: Partial<NewSession>): Promise<{ readonly id: string; readonly hash: string }>;
  close(): Promise<void>;
}

export async function openPeopleStage(): Promise<PeopleStage> {
  const clone = await cloneDatabase();
  const database = await clone.open();
  let count = 0;
  const stage: PeopleStage = {
    clone,
    database,
    institution: async (services = 63) => {
      const rid = BigInt(1_000 + ++count);
      const text = `INSERT INTO institution (rid, id, kind, name, services) VALUES ($1, $2, 'medical', '青空医院', $3)`;
      await database.query(text, [rid, `organization-${rid}`, services]);
      return rid;
    },
    person: async ({ institution, login = `person.${++count}`, roles = ['nurse'], password = 'a password' } = {}) => {
      const rid = institution ?? (await stage.institution());
      const id = randomUUID();
      const practitioner = BigInt(100_000 + ++count);
      const made = await insertPerson(of(rid), database, {
        id,
        institution: rid,
        login,
        name: '高橋 みどり',
        roles,
        practitioner,
        practitionerId: `practitioner-${practitioner}`,
        practitionerRoleId: `role-${practitioner}`,
        now: NOW,
      });
      if (made !== 'made') throw new Error(made);
      const change = { person: id, from: null, to: password ?? '', long: true, now: NOW, former: 10 };
      if (password !== null) await replacePassword(system, database, change);
      return { id, institution: rid, login, practitioner };
    },
    session: async (person, changes = {}) => {
      const id = randomUUID();
      const session = {
        id,
        hash: `hash of ${id}`,
        person,
        now: NOW,
        idle: 15 * MINUTE,
        life: 12 * HOUR,
        amr: ['pwd'],
        address: '203.0.113.5',
        agent: '',
        ...changes,
      };
      if (!(await insertSession(system, database, session, 'a password'))) throw new Error('no session');
      return { id, hash: session.hash };
    },
    close: () => clone.drop(),
  };
  return stage;
}
