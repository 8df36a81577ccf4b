import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOTP } from 'otpauth';
import { Access, type InstitutionKind } from '../../../src/access/access.ts';
import type { PersonRole } from '../../../src/access/roles.ts';
import {
  DEFAULT_POLICY,
  type Enrolled,
  type Login,
  People,
  type PeoplePolicy,
  type PeopleSettings,
} from '../../../src/identity/people/index.ts';
import { SecretFile } from '../../../src/identity/secret-file.ts';
import type { Database } from '../../../src/store/database.ts';
import { insertPerson } from '../../../src/store/person-rights.ts';
import { type Clone, cloneDatabase } from '../../support/database.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** When the tests begin. */
export const START = Date.UTC(2026, 3, 1, 0, 0, 0);

/** rids. */
export const OPERATOR = 1n;
export const HOSPITAL = 1_000n;
export const CLINIC = 2_000n;

/** Argon2id all the same, but at once. */
export const QUICK = Object.freeze({ memory: 64, passes: 1, parallelism: 1 });

/** A password that nothing speaks against, and others like it. */
export const PASSWORD = 'Kawasemi no 3 wa tobu';
export const another = (n: number): string => `Hototogisu ${n} naku yoru`;

export const HOME = Object.freeze({
  address: '203.0.113.5',
  agent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
});
export const ELSEWHERE = Object.freeze({ address: '198.51.100.7', agent: 'curl/8' });

/** The Access of somebody who looks after an institution: its administrator, or the operator's system. */
export const administrator = (institution: bigint, kind: InstitutionKind = 'cooperating-hospital'): Access =>
  Access.of({
    organization: institution,
    organizationId: `organization-${institution}`,
    kind,
    clientId: 'client',
    scopes: [],
    networks: [],
    medical: [],
    care: [],
    timeline: [],
    purpose: 'HOPERAT',
    requestId: 'request',
    ...(kind !== 'operator' && {
      person: {
        id: randomUUID(),
        name: 'An administrator',
        practitioner: null,
        practitionerId: null,
        roles: ['administrator'],
        strong: true,
        authenticatedAt: START,
        session: null,
      },
    }),
  });

/** A person who has accepted the invitation, with a second factor unless told otherwise. */
export interface Member {
  readonly id: string;
  readonly login: string;
  readonly password: string;
  readonly practitioner: bigint;
  readonly code: string;
  readonly recoveryCodes: readonly string[];
  /** Of a complete session. */
  token: string;
  /** The code that the person's app shows at a time. */
  totp(at: number): string;
}

export interface Stage {
  readonly clone: Clone;
  readonly database: Database;
  readonly folder: string;
  readonly secrets: SecretFile;
  readonly people: People;
  /** Epoch milliseconds. */
  now: number;
  /** Another server process on the same database, with a pool of its own. */
  process(
    settings?: Partial<Omit<PeopleSettings, 'policy'>> & { readonly policy?: Partial<PeoplePolicy> },
  ): Promise<People>;
  /** An account, and the code of its invitation. */
  invited(options?: Invited): Promise<{ id: string; login: string; practitioner: bigint; code: string }>;
  /** With a password and, unless told otherwise, TOTP. */
  member(options?: Invited & { readonly factor?: boolean; readonly password?: string }): Promise<Member>;
  /** Another institution with a contract; its rid. */
  institution(kind?: InstitutionKind): Promise<bigint>;
  /** Rows of the audit about a person, the oldest first. */
  audit(person: string): Promise<readonly { interaction: string; outcome: number; detail: string }[]>;
  close(): Promise<void>;
}

interface Invited {
  readonly login?: string;
  readonly name?: string;
  readonly institution?: bigint;
  readonly roles?: readonly PersonRole[];
}

export async function openStage(policy: Partial<PeoplePolicy> = {}): Promise<Stage> {
  const clone = await cloneDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'people-'));
  const database = await clone.open();
  for (const [rid, kind, name] of [
    [OPERATOR, 'operator', '運営者'],
    [HOSPITAL, 'cooperating-hospital', 'みなと総合病院'],
    [CLINIC, 'medical', 'さくら診療所'],
  ])
    await database.query('INSERT INTO institution (rid, id, kind, name, services) VALUES ($1, $2, $3, $4, 63)', [
      rid,
      `organization-${rid}`,
      kind,
      name,
    ]);
  const use = { file: 'identity secret file', made: 'accounts', variable: 'IDENTITY_SECRET_FILE' };
  const secrets = await SecretFile.open(join(folder, 'identity.secret'), use, [], new Date(START));
  const settings: PeopleSettings = {
    database,
    now: () => stage.now,
    policy: { ...DEFAULT_POLICY, ...policy },
    secrets,
    baseUrl: 'http://localhost:8080',
    cost: QUICK,
  };
  let accounts = 0;
  const stage: Stage = {
    clone,
    database,
    folder,
    secrets,
    people: new People(settings),
    now: START,
    process: async ({ policy: changes, ...other } = {}) =>
      new People({ ...settings, database: await clone.open(), ...other, policy: { ...settings.policy, ...changes } }),
    invited: async ({
      login = `person.${++accounts}`,
      name = '高橋 みどり',
      institution = HOSPITAL,
      roles = ['nurse'],
    } = {}) => {
      const id = randomUUID();
      const practitioner = BigInt(10_000 + ++accounts);
      const access = administrator(institution);
      const code = await database.transaction(async (tx) => {
        const made = await insertPerson(access, tx, {
          id,
          institution,
          login,
          name,
          roles,
          practitioner,
          practitionerId: `practitioner-${practitioner}`,
          practitionerRoleId: `role-${practitioner}`,
          now: stage.now,
        });
        if (made !== 'made') throw new Error(made);
        return (await stage.people.invite(access, tx, id)).code;
      });
      return { id, login, practitioner, code };
    },
    member: async ({ factor = true, password = PASSWORD, ...options } = {}) => {
      const invited = await stage.invited(options);
      const login = (await stage.people.acceptInvitation(invited.code, password, HOME)) as Login;
      if (!factor) return { ...invited, password, recoveryCodes: [], token: login.sessionToken, totp: () => '' };
      const seed = await stage.people.beginTotp(login.sessionToken);
      const totp = (at: number) => codeOf(seed!.secret, at);
      const done = (await stage.people.confirmTotp(login.sessionToken, totp(stage.now))) as Enrolled;
      return { ...invited, password, recoveryCodes: done.recoveryCodes, token: done.sessionToken, totp };
    },
    institution: async (kind = 'medical') => {
      const rid = BigInt(100_000 + ++accounts);
      const values = [rid, `organization-${rid}`, kind];
      await database.query(
        `INSERT INTO institution (rid, id, kind, name, services) VALUES ($1, $2, $3, '青空医院', 63)`,
        values,
      );
      return rid;
    },
    audit: async (person) =>
      (
        await database.query<{ interaction: string; outcome: number; detail: string }>(
          'SELECT interaction, outcome, detail FROM audit WHERE person = $1::uuid ORDER BY at, id',
          [person],
        )
      ).rows,
    close: async () => {
      await clone.drop();
      await rm(folder, { recursive: true });
    },
  };
  return stage;
}

/** The code of an authenticator app with this seed, base32, at a time. */
export function codeOf(secret: string, at: number): string {
  return new TOTP({ secret, algorithm: 'SHA1', digits: 6, period: 30 }).generate({ timestamp: at });
}
