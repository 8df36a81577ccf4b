import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Database, Queryable } from '../../src/store/database.ts';
import { sqlState } from '../../src/store/database.ts';
import { putInvitation, useInvitation } from '../../src/store/invitation.ts';
import { lockPerson, recordLogin } from '../../src/store/person.ts';
import { replacePassword } from '../../src/store/person-password.ts';
import { lockAdministered, lockAdministrators, putRights } from '../../src/store/person-rights.ts';
import { deleteSessions, findSession, insertSession, rotateSession } from '../../src/store/session.ts';
import { HOUR, MINUTE, NOW, of, openPeopleStage, type PeopleStage, system } from './people-stage.ts';

/** Two processes on one database: what one does while the other is in the middle of something. */
let stage: PeopleStage;
let second: Database;
beforeAll(async () => {
  stage = await openPeopleStage();
  second = await stage.clone.open();
});
afterAll(() => stage.close());

const tx = <T>(database: Database, work: (tx: Queryable) => Promise<T>) =>
  database.transaction(work, { isolation: 'read committed', retries: 0 });

/** Begins a transaction that stays open until it is told to commit. */
async function open(database: Database, work: (tx: Queryable) => Promise<unknown>) {
  const [done, may] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const committed = tx(database, async (transaction) => {
    await work(transaction);
    done.resolve();
    await may.promise;
  });
  await Promise.race([done.promise, committed]);
  return () => {
    may.resolve();
    return committed;
  };
}

const session = (person: string) => ({
  id: randomUUID(),
  hash: randomUUID(),
  person,
  now: NOW,
  idle: 15 * MINUTE,
  life: 12 * HOUR,
  amr: ['pwd'],
  address: '203.0.113.5',
  agent: '',
});

/** How many wait for a lock in this database. */
const waiting = async () =>
  Number(
    (
      await stage.database.query<{ n: bigint }>(
        `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
    ).rows[0]!.n,
  );
const blocked = async () => {
  while ((await waiting()) === 0) await turn();
};

describe('a login', () => {
  it('that waits for the account to be shut does not get in', async () => {
    const { id, institution, practitioner } = await stage.person();
    const shut = await open(second, async (other) => {
      const row = await lockAdministered(of(institution), other, practitioner);
      await putRights(of(institution), other, row!, { active: false });
    });
    const begun = tx(stage.database, async (mine) => {
      await lockPerson(system, mine, id);
      return insertSession(system, mine, session(id), 'a password');
    });
    await blocked();
    await shut();
    expect(await begun).toBe(false);
  });

  it('that waits for the password to be changed does not get in with the old one', async () => {
    const { id } = await stage.person();
    const change = await open(second, async (other) => {
      await lockPerson(system, other, id);
      await replacePassword(system, other, {
        person: id,
        from: 'a password',
        to: 'next',
        long: true,
        now: NOW,
        former: 3,
      });
    });
    const begun = tx(stage.database, async (mine) => {
      await lockPerson(system, mine, id);
      return insertSession(system, mine, session(id), 'a password');
    });
    await blocked();
    await change();
    expect(await begun).toBe(false);
  });

  it('is seen to have happened by the one that comes after it', async () => {
    const { id } = await stage.person();
    const sessions = await Promise.all(Array.from({ length: 6 }, () => stage.session(id)));
    await Promise.all(
      sessions.map((one, i) =>
        tx(i % 2 ? stage.database : second, async (mine) => {
          await lockPerson(system, mine, id);
          await recordLogin(system, mine, { person: id, session: one.id, address: 'here', now: NOW + i });
        }),
      ),
    );
    const rows = await Promise.all(
      sessions.map(({ hash }) => findSession(system, stage.database, hash, { now: NOW, idle: MINUTE })),
    );
    const before = rows.map((row) => row?.last_login_at);
    expect(before.filter((at) => at === null)).toHaveLength(1);
    expect(new Set(before).size).toBe(6);
  });
});

describe('a session', () => {
  it('that ends while it is proved is over', async () => {
    const { id } = await stage.person();
    const { id: ending, hash } = await stage.session(id);
    const end = await open(second, async (other) => {
      await lockPerson(system, other, id);
      await deleteSessions(system, other, id);
    });
    const proof = { session: ending, from: hash, to: randomUUID(), at: NOW, strong: true, amr: ['otp'] };
    const rotated = rotateSession(system, stage.database, proof);
    await blocked();
    await end();
    expect(await rotated).toBe(false);
    expect(await findSession(system, stage.database, proof.to, { now: NOW, idle: MINUTE })).toBeUndefined();
  });

  it('is told to whoever listens when its end is committed, and not before', async () => {
    const { id } = await stage.person();
    const one = await stage.session(id);
    const heard: string[] = [];
    const stop = await second.listen(
      'standing',
      (payload) => heard.push(payload),
      () => undefined,
    );
    const end = await open(stage.database, (mine) => deleteSessions(system, mine, id));
    expect(heard).not.toContain(`session ${one.id}`);
    await end();
    while (!heard.includes(`session ${one.id}`)) await turn();
    await stop();
  });
});

describe('an invitation', () => {
  it('that is replaced while it is used is used by nobody', async () => {
    const { id } = await stage.person({ password: null });
    const [first, next] = [randomUUID(), randomUUID()];
    const put = (database: Queryable, hash: string) =>
      putInvitation(system, database, { person: id, hash, now: NOW, ends: NOW + HOUR });
    await put(stage.database, first);
    const replace = await open(second, (other) => put(other, next));
    const used = useInvitation(system, stage.database, first, NOW);
    await blocked();
    await replace();
    expect(await used).toBe(false);
    expect(await useInvitation(system, stage.database, next, NOW)).toBe(true);
  });
});

describe('administrators', () => {
  it('who leave at once see that the other has left', async () => {
    const institution = await stage.institution();
    const people = await Promise.all([1, 2].map(() => stage.person({ institution, roles: ['administrator'] })));
    const leave = (database: Database, i: number) =>
      tx(database, async (mine) => {
        const there = await lockAdministrators(of(institution), mine, institution);
        if (there.length < 2) return false;
        const row = await lockAdministered(of(institution), mine, people[i]!.practitioner);
        await putRights(of(institution), mine, row!, { active: false });
        return true;
      });
    const left = await Promise.all([leave(stage.database, 0), leave(second, 1)]);
    expect(left.filter(Boolean)).toHaveLength(1);
  });
});

describe('the tables', () => {
  it.each([
    ['a person without a role', "UPDATE person SET roles = '{}'"],
    ['a password without its time', 'UPDATE person SET password_at = NULL'],
    ['a session of nobody', 'UPDATE session SET person = gen_random_uuid()'],
    ['two sessions with one token', "UPDATE session SET hash = 'x'"],
    [
      'a one-time code without a seed',
      "INSERT INTO factor (id, person, kind, name, created_at) SELECT gen_random_uuid(), id, 'totp', '', now() FROM person",
    ],
    [
      'a passkey without a key',
      "INSERT INTO factor (id, person, kind, name, created_at, credential) SELECT gen_random_uuid(), id, 'passkey', '', now(), id::text FROM person",
    ],
    [
      'a factor of another kind',
      "INSERT INTO factor (id, person, kind, name, created_at) SELECT gen_random_uuid(), id, 'sms', '', now() FROM person",
    ],
  ])('do not hold %s', async (_, statement) => {
    const { id } = await stage.person();
    await Promise.all([stage.session(id), stage.session(id)]);
    const error = await stage.database.query(statement).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(['23502', '23503', '23505', '23514']).toContain(sqlState(error));
  });
});
