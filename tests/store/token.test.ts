import { createHash, randomUUID } from 'node:crypto';
import { endGrant } from '../../src/store/authorization.ts';
import { deleteSession } from '../../src/store/session.ts';
import { insertTerminal } from '../../src/store/terminal.ts';
import { deleteToken, findTokens, insertPersonToken, insertToken, type NewToken } from '../../src/store/token.ts';
import { type OAuthStage, openOAuthStage } from './oauth-stage.ts';
import { DAY, HOUR, MINUTE, system } from './people-stage.ts';

let stage: OAuthStage;
beforeAll(async () => {
  stage = await openOAuthStage();
});
afterAll(() => stage.close());

const SCOPE = 'system/*.rs';
const found = async (...hashes: readonly string[]) => findTokens(stage.database, hashes);
const lives = async (hash: string) => (await found(hash)).length === 1;

async function ofSystem(client: string, more: Partial<NewToken> = {}): Promise<string> {
  const hash = randomUUID();
  return (await insertToken(stage.database, { hash, client, scope: SCOPE, seconds: 60, ...more })) ? hash : '';
}

async function ofPerson(grant: string, more: Partial<NewToken> = {}): Promise<string> {
  const hash = randomUUID();
  return (await insertPersonToken(stage.database, { hash, grant, scope: 'user/*.rs', seconds: 60, ...more }))
    ? hash
    : '';
}

async function terminal(institution: bigint, { from = -DAY, to = DAY } = {}) {
  const id = randomUUID();
  const sha256 = createHash('sha256').update(id).digest('base64url');
  const now = Date.now();
  await insertTerminal(system, stage.database, {
    id,
    sha256,
    institution,
    name: '受付',
    place: null,
    subject: 'CN=t',
    issuer: 'CN=ca',
    serial: '01',
    certificate: Buffer.from(id),
    notBefore: now + from,
    notAfter: now + to,
    at: new Date(now),
  });
  return { id, sha256 };
}

describe('a token of a system', () => {
  it('says who calls, and nothing of a person', async () => {
    const institution = await stage.people.institution(21);
    const client = await stage.client(institution, 'system');
    const before = Date.now();
    const hash = await ofSystem(client, { seconds: 90 });
    const [row] = await found(hash);
    expect(row).toMatchObject({ hash, client, scope: SCOPE, institution, contracted: 21, kind: 'medical' });
    const nobody = {
      person: null,
      name: null,
      roles: null,
      grant_id: null,
      session: null,
      patient: null,
      strong: null,
    };
    expect(row).toMatchObject({ ...nobody, certificate: null, hospitals: null, services: null });
    expect(row!.expires - row!.issued).toBeCloseTo(90_000, 0);
    expect(Math.abs(row!.issued - before)).toBeLessThan(MINUTE);
  });

  it('is over when its time is, at once for one that has none', async () => {
    const client = await stage.client(await stage.people.institution(), 'system');
    for (const seconds of [0, -1]) expect(await lives(await ofSystem(client, { seconds }))).toBe(false);
    const hash = await ofSystem(client);
    await stage.update('access_token SET expires_at = now() WHERE hash = $1', hash);
    expect(await lives(hash)).toBe(false);
  });

  it('is found among others, each once, and those that there are not are no error', async () => {
    const client = await stage.client(await stage.people.institution(), 'system');
    const [a, b] = [await ofSystem(client), await ofSystem(client)];
    const rows = await found(a, 'x', b, a, 'a,"b\\', '{}', '', b);
    expect(rows.map(({ hash }) => hash).sort()).toEqual([a, b].sort());
    expect(await found()).toEqual([]);
  });

  it.each([
    ['its client', 'client SET active = $2 WHERE id = $1', 'client'],
    ['its institution', 'institution SET active = $2 WHERE rid = $1', 'institution'],
  ])('dies with %s, which gets none either, and old ones stay dead when it comes back', async (_, change, whose) => {
    const institution = await stage.people.institution();
    const client = await stage.client(institution, 'system');
    const hash = await ofSystem(client);
    const set = (active: boolean) => stage.update(change, whose === 'client' ? client : institution, active);
    await set(false);
    expect([await lives(hash), await ofSystem(client)]).toEqual([false, '']);
    await set(true);
    expect([await lives(hash), await lives(await ofSystem(client))]).toEqual([false, true]);
  });

  it('is not given to a client that there is not', async () => {
    expect(await ofSystem(randomUUID())).toBe('');
  });

  it('of the operator needs no contract; of anybody else it does', async () => {
    expect(await ofSystem(await stage.client(stage.operator, 'system'))).not.toBe('');
    expect(await ofSystem(await stage.client(await stage.people.institution(0), 'system'))).toBe('');
  });

  it('is never two tokens: the hash of another is refused, and the first stays', async () => {
    const [one, other] = [
      await stage.client(await stage.people.institution(), 'system'),
      await stage.client(await stage.people.institution(), 'system'),
    ];
    const hash = await ofSystem(one);
    await expect(ofSystem(other, { hash })).rejects.toMatchObject({ code: '23505' });
    expect(await found(hash)).toMatchObject([{ client: one }]);
  });

  it('is gone when it is deleted, in the other process too', async () => {
    const hash = await ofSystem(await stage.client(await stage.people.institution(), 'system'));
    expect(await findTokens(stage.second, [hash])).toHaveLength(1);
    await deleteToken(stage.second, hash);
    await deleteToken(stage.second, hash);
    expect(await lives(hash)).toBe(false);
  });
});

describe('a token of a person', () => {
  it('says who and with which launch', async () => {
    const one = await stage.somebody();
    const grant = await stage.grant(one, { patient: { rid: 77n, id: 'p77' } });
    const [row] = await found(await ofPerson(grant));
    expect(row).toMatchObject({ ...one, grant_id: grant, patient: 77n, patient_id: 'p77', strong: false });
    expect(Math.abs((row?.authenticated as number) - Date.now())).toBeLessThan(MINUTE);
  });

  it('ends with its session, in every process, but not where it goes on offline', async () => {
    const one = await stage.somebody();
    const [online, offline] = [
      await ofPerson(await stage.grant(one)),
      await ofPerson(await stage.grant(one, { offlineSeconds: 3600 })),
    ];
    const [session] = (
      await stage.database.query<{ hash: string }>('SELECT hash FROM session WHERE id = $1', [one.session])
    ).rows;
    await deleteSession(system, stage.second, session!.hash);
    expect([await lives(online), await lives(offline)]).toEqual([false, true]);
  });

  it('does not outlive its authorization, however long it was to live', async () => {
    const one = await stage.somebody();
    const grant = await stage.grant(one, { offlineSeconds: 60 });
    const hash = await ofPerson(grant, { seconds: HOUR });
    expect(await lives(hash)).toBe(true);
    await stage.update('authorization_grant SET expires_at = now() WHERE id = $1', grant);
    expect([await lives(hash), await ofPerson(grant)]).toEqual([false, '']);
  });

  it('of an authorization that was swept away is nobody’s', async () => {
    const one = await stage.somebody();
    const grant = await stage.grant(one);
    const hash = await ofPerson(grant);
    await stage.database.query('DELETE FROM authorization_grant WHERE id = $1', [grant]);
    expect([await found(hash), await ofPerson(grant)]).toEqual([[], '']);
  });

  it.each([
    ['generation of the app', 'client SET active = NOT active WHERE id = $1', 'client'],
    ['generation of the person', 'person SET active = NOT active WHERE id = $1', 'person'],
    ['session', 'session SET idle_at = now() WHERE id = $1', 'session'],
  ] as const)('dies with the %s', async (_, change, whose) => {
    const one = await stage.somebody();
    const hash = await ofPerson(await stage.grant(one));
    await stage.update(change, one[whose]);
    expect(await lives(hash)).toBe(false);
    await stage.update(change, one[whose]);
    expect(await lives(hash)).toBe(false);
  });

  it('given while the authorization is ended is dead afterwards, whichever came first', async () => {
    const one = await stage.somebody();
    const grants = await Promise.all(Array.from({ length: 12 }, () => stage.grant(one)));
    const hashes = await Promise.all(
      grants.map(async (grant, i) => {
        const [hash] = await Promise.all([ofPerson(grant), endGrant(i % 2 ? stage.database : stage.second, grant)]);
        return hash;
      }),
    );
    expect(await found(...hashes.filter(Boolean))).toEqual([]);
  });
});

describe('a certificate', () => {
  it('binds where the client asks or the institution demands it, and must be that of a living terminal', async () => {
    const institution = await stage.people.institution();
    const client = await stage.client(institution, 'system');
    const [own, over, early, foreign] = [
      await terminal(institution),
      await terminal(institution, { to: -1 }),
      await terminal(institution, { from: HOUR }),
      await terminal(await stage.people.institution()),
    ];
    const retired = await terminal(institution);
    await stage.update('terminal SET active = false, retired_at = now() WHERE id = $1', retired.id);
    const revoked = await terminal(institution);
    await stage.update('terminal SET revoked_at = now() WHERE id = $1', revoked.id);
    const kinds = { own, over, early, foreign, retired, revoked, none: undefined };
    for (const mtls of ['optional', 'required'] as const) {
      await stage.update('institution SET mtls = $2 WHERE rid = $1', institution, mtls);
      for (const bound of [true, false])
        for (const [kind, of] of Object.entries(kinds)) {
          const certificate = of?.sha256;
          const hash = await ofSystem(client, { certificate, bound });
          const binds = (bound || mtls === 'required') && certificate !== undefined;
          const given = binds ? kind === 'own' : mtls === 'optional';
          expect([mtls, bound, kind, hash !== '']).toEqual([mtls, bound, kind, given]);
          if (given) expect((await found(hash))[0]?.certificate).toBe(binds ? certificate : null);
        }
    }
  });

  it('of a terminal that is retired takes its tokens along; a token without one dies when they are demanded', async () => {
    const institution = await stage.people.institution();
    const client = await stage.client(institution, 'system');
    const { id, sha256 } = await terminal(institution);
    const bound = await ofSystem(client, { certificate: sha256, bound: true });
    const free = await ofSystem(client, { certificate: sha256 });
    await stage.update(`institution SET mtls = 'required' WHERE rid = $1`, institution);
    expect([await lives(bound), await lives(free)]).toEqual([true, false]);
    await stage.update('terminal SET active = false, retired_at = now() WHERE id = $1', id);
    expect(await lives(bound)).toBe(false);
  });

  it.each([
    ['demands its own, of these', 'required', [true, false, false, false]],
    ['demands none, of these or the app’s', 'optional', [true, true, false, true]],
  ] as const)('for a person is, where the institution %s, and nobody else’s', async (_what, mtls, expected) => {
    const one = await stage.somebody();
    await stage.update('institution SET mtls = $2 WHERE rid = $1', one.institution, mtls);
    const grant = await stage.grant(one, { client: await stage.client(stage.operator) });
    const whose = [one.institution, stage.operator, await stage.people.institution()];
    const given = await Promise.all(
      whose.map(
        async (rid) => (await ofPerson(grant, { certificate: (await terminal(rid)).sha256, bound: true })) !== '',
      ),
    );
    expect([...given, (await ofPerson(grant)) !== '']).toEqual(expected);
  });
});

it('tokens that are over go a few at a time with each new one, and living ones never', async () => {
  const client = await stage.client(await stage.people.institution(), 'system');
  await stage.database.query('DELETE FROM access_token');
  const living = await ofSystem(client);
  const dead = await Promise.all(Array.from({ length: 23 }, () => ofSystem(client)));
  await stage.update(`access_token SET expires_at = now() - interval '1 hour' WHERE hash = ANY ($1)`, `{${dead}}`);
  const count = async () => Number((await stage.database.query('SELECT 1 FROM access_token')).rows.length);
  const counts = [];
  for (let i = 0; i < 4; i++) {
    await ofSystem(client);
    counts.push(await count());
  }
  expect(counts).toEqual([15, 6, 4, 5]);
  expect(await lives(living)).toBe(true);
});
