import { randomUUID } from 'node:crypto';
import { insertGrant, type NewGrant } from '../../src/store/authorization.ts';
import type { Database } from '../../src/store/database.ts';
import { insertClient } from '../../src/store/identity.ts';
import { openPeopleStage, type PeopleStage } from './people-stage.ts';

/** What is made before an app has anything of a person: two pools on one database, as two processes have. */
export interface OAuthStage {
  readonly people: PeopleStage;
  readonly database: Database;
  /** As another process has it. */
  readonly second: Database;
  /** rid of the operator, whose apps are for everybody. */
  readonly operator: bigint;
  client(institution: bigint, kind?: 'app' | 'system'): Promise<string>;
  /** Somebody with an app of the own institution and a session that stands by the clock of the database. */
  somebody(): Promise<Somebody>;
  /** An authorization of somebody; its id, '' where there is none. */
  grant(of: Somebody, more?: Partial<NewGrant>): Promise<string>;
  update(text: string, ...values: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

export interface Somebody {
  readonly institution: bigint;
  readonly person: string;
  readonly session: string;
  readonly client: string;
}

export async function openOAuthStage(): Promise<OAuthStage> {
  const people = await openPeopleStage();
  const { database } = people;
  const second = await people.clone.open();
  const operator = 999n;
  await database.query(
    `INSERT INTO institution (rid, id, kind, name, services) VALUES ($1, 'operator', 'operator', '運営', 0)`,
    [operator],
  );
  const client = async (institution: bigint, kind: 'app' | 'system' = 'app') => {
    const id = randomUUID();
    const authMethod = 'none';
    await insertClient(database, { id, institution, name: `app ${id}`, scope: 'user/*.rs', kind, authMethod });
    return id;
  };
  return {
    people,
    database,
    second,
    operator,
    client,
    somebody: async () => {
      const { id: person, institution } = await people.person();
      const session = await people.session(person, { now: Date.now() });
      return { institution, person, session: session.id, client: await client(institution) };
    },
    grant: async ({ client, person, session }, more = {}) => {
      const id = randomUUID();
      const rest = { offlineSeconds: null, institution: null, patient: null, scope: 'user/*.rs', oidcScope: '' };
      return (await insertGrant(database, { id, client, person, session, ...rest, ...more })) ? id : '';
    },
    update: async (text, ...values) => void (await database.query(`UPDATE ${text}`, values)),
    close: () => people.close(),
  };
}
