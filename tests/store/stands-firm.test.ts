import { randomUUID } from 'node:crypto';
import { Access, type Caller } from '../../src/access/access.ts';
import { endGrant } from '../../src/store/authorization.ts';
import { deleteSessions } from '../../src/store/session.ts';
import { standsFirm } from '../../src/store/stands-firm.ts';
import { deleteToken, insertPersonToken, insertToken } from '../../src/store/token.ts';
import { type OAuthStage, openOAuthStage, type Somebody } from './oauth-stage.ts';
import { system } from './people-stage.ts';
import { caller, nurse } from './stage.ts';

let stage: OAuthStage;
beforeAll(async () => {
  stage = await openOAuthStage();
});
afterAll(() => stage.close());

const inside = (organization: bigint): Caller => ({ ...caller('o'), organization });

const firm = (who: Caller) => standsFirm(Access.of(who), stage.database);
const scope = 'system/*.rs';

async function ofSystem() {
  const institution = await stage.people.institution(21);
  const client = await stage.client(institution, 'system');
  const token = randomUUID();
  expect(await insertToken(stage.database, { hash: token, client, scope, seconds: 60 })).toBe(true);
  return { institution, client, token, who: { ...inside(institution), clientId: client, token } };
}

async function ofPerson() {
  const somebody = await stage.somebody();
  const grant = await stage.grant(somebody);
  const token = randomUUID();
  expect(await insertPersonToken(stage.database, { hash: token, grant, scope: 'user/*.rs', seconds: 60 })).toBe(true);
  return { somebody, grant, token, who: withPerson(somebody, { clientId: somebody.client, token }) };
}

const withPerson = ({ institution, person, session }: Somebody, more: Partial<Caller>): Caller => ({
  ...inside(institution),
  person: nurse(person, session),
  ...more,
});

describe('a system stands firm', () => {
  it.each<[string, (of: Awaited<ReturnType<typeof ofSystem>>) => Promise<void>]>([
    ['its token is revoked', ({ token }) => deleteToken(stage.database, token)],
    [
      'the contract has ended',
      ({ institution }) => stage.update('institution SET services = 0 WHERE rid = $1::bigint', institution),
    ],
    [
      'old tokens of the institution are void',
      ({ institution }) =>
        stage.update('institution SET generation = generation + 1 WHERE rid = $1::bigint', institution),
    ],
    [
      'old tokens of the client are void',
      ({ client }) => stage.update('client SET generation = generation + 1 WHERE id = $1', client),
    ],
    [
      'only terminals get in',
      ({ institution }) => stage.update("institution SET mtls = 'required' WHERE rid = $1::bigint", institution),
    ],
  ])('until %s', async (_what, happens) => {
    const of = await ofSystem();
    expect(await firm(of.who)).toBe(true);
    await happens(of);
    expect(await firm(of.who)).toBe(false);
  });
});

it('a token that runs out while a request is under way shuts nobody out', async () => {
  const of = await ofSystem();
  await stage.update("access_token SET expires_at = now() - interval '10 s' WHERE hash = $1", of.token);
  expect(await firm(of.who)).toBe(true);
  await stage.update("access_token SET expires_at = now() - interval '10 min' WHERE hash = $1", of.token);
  expect(await firm(of.who)).toBe(false);
});

describe('a person stands firm', () => {
  it.each<[string, (of: Awaited<ReturnType<typeof ofPerson>>) => Promise<unknown>]>([
    ['the authorization is ended', ({ grant }) => endGrant(stage.database, grant)],
    ['the session is ended', ({ somebody }) => deleteSessions(system, stage.database, somebody.person)],
    [
      'old tokens of the person are void',
      ({ somebody }) => stage.update('person SET generation = generation + 1 WHERE id = $1::uuid', somebody.person),
    ],
    ['the app is shut out', ({ somebody }) => stage.update('client SET active = false WHERE id = $1', somebody.client)],
  ])('until %s', async (_what, happens) => {
    const of = await ofPerson();
    expect(await firm(of.who)).toBe(true);
    await happens(of);
    expect(await firm(of.who)).toBe(false);
  });

  it('with an app of the operator, until that is shut out, which waits for who stands firm', async () => {
    const somebody = await stage.somebody();
    const client = await stage.client(stage.operator);
    const grant = await stage.grant({ ...somebody, client });
    const token = randomUUID();
    await insertPersonToken(stage.database, { hash: token, grant, scope: 'user/*.rs', seconds: 60 });
    const who = withPerson(somebody, { clientId: client, token });
    const order: string[] = [];
    let suspending: Promise<unknown> | undefined;
    await stage.database.transaction(async (tx) => {
      expect(await standsFirm(Access.of(who), tx)).toBe(true);
      suspending = stage.second
        .query('UPDATE institution SET suspended_at = now() WHERE rid = $1::bigint', [stage.operator])
        .then(() => order.push('suspended'));
      for (let waiting = 0, looks = 0; waiting === 0 && looks < 2000; looks++) {
        const { rows } = await stage.second.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        waiting = rows[0]?.n ?? 0;
      }
      order.push('worked');
    });
    await suspending;
    expect(order).toEqual(['worked', 'suspended']);
    expect(await firm(who)).toBe(false);
  });

  it('at our own pages by the session', async () => {
    const somebody = await stage.somebody();
    const who = withPerson(somebody, { clientId: 'tasuki-pages' });
    expect(await firm(who)).toBe(true);
    await stage.update('session SET idle_at = now() WHERE id = $1::uuid', somebody.session);
    expect(await firm(who)).toBe(false);
  });
});
