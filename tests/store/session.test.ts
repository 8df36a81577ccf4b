import { randomUUID } from 'node:crypto';
import {
  deleteSession,
  deleteSessions,
  findSession,
  insertSession,
  listSessions,
  rotateSession,
  sweepSessions,
  touchSessions,
} from '../../src/store/session.ts';
import { HOUR, MINUTE, NO_ACCESS, NOW, openPeopleStage, type PeopleStage, system } from './people-stage.ts';

let stage: PeopleStage;
beforeAll(async () => {
  stage = await openPeopleStage();
});
afterAll(() => stage.close());

const IDLE = 15 * MINUTE;
const find = (hash: string, now = NOW) => findSession(system, stage.database, hash, { now, idle: IDLE });

describe('a session', () => {
  it('begins for a living account with the password that was compared', async () => {
    const { id } = await stage.person();
    const session = {
      id: randomUUID(),
      hash: randomUUID(),
      person: id,
      now: NOW,
      idle: IDLE,
      life: HOUR,
      amr: ['pwd'],
      address: '',
      agent: '',
    };
    expect(await insertSession(system, stage.database, session, 'another password')).toBe(false);
    expect(await insertSession(system, stage.database, session, 'a password')).toBe(true);
    expect(await find(session.hash)).toMatchObject({
      id,
      session: session.id,
      strong: false,
      amr: ['pwd'],
      factors: [],
      recovery: 0,
    });
  });

  it.each([
    'person SET active = false WHERE id = $1',
    'person SET suspended_at = now() WHERE id = $1',
    'institution SET active = false WHERE rid = $2',
    'institution SET suspended_at = now() WHERE rid = $2',
    'institution SET services = 0 WHERE rid = $2',
  ])('neither begins nor stands after UPDATE %s', async (change) => {
    const { id, institution } = await stage.person();
    const { hash } = await stage.session(id);
    expect(await find(hash)).toBeDefined();
    await stage.database.query(`UPDATE ${change.replace('$2', '$1')}`, [change.includes('$2') ? institution : id]);
    expect(await find(hash)).toBeUndefined();
    await expect(stage.session(id)).rejects.toThrow('no session');
  });

  it('idles, and ends anyhow', async () => {
    const { id } = await stage.person();
    const { hash } = await stage.session(id, { life: 20 * MINUTE });
    expect(await find(hash, NOW + IDLE - 1)).toBeDefined();
    expect(await find(hash, NOW + 20 * MINUTE - 1)).toBeDefined();
    expect(await find(hash, NOW + 20 * MINUTE)).toBeUndefined();
  });

  it('is used by its tokens too, but does not come back by it', async () => {
    const { id } = await stage.person();
    const [one, other] = [await stage.session(id), await stage.session(id)];
    await touchSessions(system, stage.database, [one.id, randomUUID()], { now: NOW + 10 * MINUTE, idle: IDLE });
    await touchSessions(system, stage.database, [other.id], { now: NOW + IDLE, idle: IDLE });
    expect(await find(one.hash, NOW + 20 * MINUTE)).toBeDefined();
    expect(await find(other.hash, NOW + IDLE)).toBeUndefined();
  });

  it('gets another token once, and what was proved', async () => {
    const { id } = await stage.person();
    const { id: session, hash } = await stage.session(id);
    const proof = { session, from: hash, at: NOW + 5, strong: true, amr: ['otp', 'mfa', 'pwd'] };
    const results = await Promise.all(
      [1, 2, 3].map((n) => rotateSession(system, stage.database, { ...proof, to: `${hash} ${n}` })),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    const next = `${hash} ${results.indexOf(true) + 1}`;
    expect(await find(hash)).toBeUndefined();
    expect(await find(next)).toMatchObject({ strong: true, amr: ['pwd', 'otp', 'mfa'], authenticated_at: NOW + 5 });
    await rotateSession(system, stage.database, { session, from: next, to: hash, at: null, strong: false, amr: [] });
    expect(await find(hash)).toMatchObject({ strong: true, authenticated_at: NOW + 5 });
  });

  it('is listed while it lives, and ended one by one or together', async () => {
    const { id } = await stage.person();
    const [a, b, c, d] = [
      await stage.session(id),
      await stage.session(id, { now: NOW + 1 }),
      await stage.session(id, { now: NOW + 2 }),
      await stage.session(id, { now: NOW - HOUR }),
    ];
    const listed = async () => (await listSessions(system, stage.database, id, NOW + 3)).map((session) => session.id);
    expect(await listed()).toEqual([c.id, b.id, a.id]);
    expect(await deleteSessions(system, stage.database, id, { only: b.id })).toBe(1);
    expect(await deleteSessions(system, stage.database, id, { except: a.id })).toBe(2);
    expect(await listed()).toEqual([a.id]);
    expect(await find(d.hash)).toBeUndefined();
    expect(await deleteSession(system, stage.database, a.hash)).toBe(true);
    expect(await deleteSession(system, stage.database, a.hash)).toBe(false);
    expect(await deleteSessions(system, stage.database, id)).toBe(0);
  });

  it('is swept only when its whole time is over', async () => {
    const { id } = await stage.person();
    await stage.session(id, { life: HOUR });
    const count = async () => (await stage.database.query('SELECT 1 FROM session WHERE person = $1', [id])).rows.length;
    await sweepSessions(system, stage.database, NOW + HOUR - 1);
    expect(await count()).toBe(1);
    await sweepSessions(system, stage.database, NOW + HOUR);
    expect(await count()).toBe(0);
  });
});

it.each<[string, () => Promise<unknown>]>([
  ['insertSession', () => insertSession(NO_ACCESS, stage.database, {} as never, '')],
  ['findSession', () => findSession(NO_ACCESS, stage.database, '', { now: NOW, idle: IDLE })],
  ['touchSessions', () => touchSessions(NO_ACCESS, stage.database, [], { now: NOW, idle: IDLE })],
  ['rotateSession', () => rotateSession(NO_ACCESS, stage.database, {} as never)],
  ['deleteSession', () => deleteSession(NO_ACCESS, stage.database, '')],
  ['deleteSessions', () => deleteSessions(NO_ACCESS, stage.database, '')],
  ['listSessions', () => listSessions(NO_ACCESS, stage.database, '', NOW)],
  ['sweepSessions', () => sweepSessions(NO_ACCESS, stage.database, NOW)],
])('%s() throws without an Access', async (name, call) => {
  await expect(call()).rejects.toThrow(`${name}() without an Access`);
});
