import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { findAllowedApps, findAppConsents, putAppConsent, removeAppConsent } from '../../src/store/app-consent.ts';
import { endGrant, findGrant } from '../../src/store/authorization.ts';
import { findTokens, insertPersonToken } from '../../src/store/token.ts';
import { type OAuthStage, openOAuthStage, type Somebody } from './oauth-stage.ts';
import { MINUTE } from './people-stage.ts';

let stage: OAuthStage;
beforeAll(async () => {
  stage = await openOAuthStage();
});
afterAll(() => stage.close());

const words = (scope: string | undefined) => (scope ?? '').split(' ');
const allow = (one: Somebody, scope: string, client = one.client, on = stage.database) =>
  putAppConsent(on, { person: one.person, client, scope });
const remembered = async (one: Somebody) => (await findAppConsents(stage.database, one.person, one.client))[0];
const allowed = async (one: Somebody) =>
  (await findAllowedApps(stage.database, one.person)).map(({ client }) => client);

describe('what is remembered', () => {
  it('is the union of all that was allowed, each once and in one order', async () => {
    const scope = fc.constantFrom(
      'openid',
      'fhirUser',
      'launch/patient',
      'user/Patient.rs',
      'user/Task.cruds',
      'a?b=c|d',
    );
    const scopes = fc.array(scope, { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(scopes, { minLength: 1, maxLength: 5 }), async (times) => {
        const one = await stage.somebody();
        for (const each of times) await allow(one, each.join(' '));
        const known = words((await remembered(one))?.scope);
        expect(new Set(known)).toEqual(new Set(times.flat()));
        if (times.length > 1) expect(known).toHaveLength(new Set(known).size);
      }),
      { numRuns: 20 },
    );
  });

  it('loses nothing when two processes add to it at once', async () => {
    const one = await stage.somebody();
    const scopes = Array.from({ length: 16 }, (_, i) => `user/Type${i}.rs`);
    await Promise.all(scopes.map((scope, i) => allow(one, scope, one.client, i % 2 ? stage.database : stage.second)));
    expect(words((await remembered(one))?.scope).sort()).toEqual(scopes.toSorted());
  });

  it('is told with the names of app and institution, by the name of the app, and is each person’s own', async () => {
    const [one, other] = [await stage.somebody(), await stage.somebody()];
    const second = await stage.client(stage.operator);
    await stage.update(`client SET name = 'Z' WHERE id = $1`, one.client);
    await stage.update(`client SET name = 'A' WHERE id = $1`, second);
    const before = Date.now();
    await allow(one, 'openid');
    await allow(one, 'fhirUser', second);
    const rows = await findAppConsents(stage.database, one.person);
    expect(rows).toMatchObject([
      { client: second, name: 'A', institution_name: '運営', scope: 'fhirUser' },
      { client: one.client, name: 'Z', institution_name: '青空医院', scope: 'openid' },
    ]);
    for (const { given } of rows) expect(Math.abs(given - before)).toBeLessThan(MINUTE);
    expect(await findAppConsents(stage.database, one.person, second)).toMatchObject([{ client: second }]);
    expect(await findAppConsents(stage.database, other.person)).toEqual([]);
    expect(await findAppConsents(stage.database, one.person, other.client)).toEqual([]);
  });
});

describe('the apps that may do something now', () => {
  it('are those remembered and those allowed once, with all that either may', async () => {
    const one = await stage.somebody();
    const once = await stage.client(stage.operator);
    await allow(one, 'openid user/Task.rs');
    await stage.grant(one, { scope: 'user/Patient.rs openid' });
    await stage.grant(one, { client: once, scope: 'user/Media.rs' });
    const rows = new Map((await findAllowedApps(stage.database, one.person)).map((row) => [row.client, row]));
    expect(words(rows.get(one.client)?.scope)).toEqual(['openid', 'user/Patient.rs', 'user/Task.rs']);
    expect(rows.get(once)).toMatchObject({ scope: 'user/Media.rs', institution_name: '運営' });
    expect(rows.size).toBe(2);
  });

  it.each<[string, (one: Somebody, grant: string) => Promise<void>]>([
    ['was ended', (_, grant) => endGrant(stage.second, grant)],
    ['is over', (_, grant) => stage.update('authorization_grant SET expires_at = now() WHERE id = $1', grant)],
    [
      'had a session that is over',
      ({ session }) => stage.update('session SET expires_at = now() WHERE id = $1', session),
    ],
    ['had a session left idle', ({ session }) => stage.update('session SET idle_at = now() WHERE id = $1', session)],
    ['was of an app disabled since', ({ client }) => stage.update('client SET active = false WHERE id = $1', client)],
    [
      'was before the person was suspended',
      async ({ person }) => {
        await stage.update('person SET suspended_at = now() WHERE id = $1', person);
        await stage.update('person SET suspended_at = NULL WHERE id = $1', person);
      },
    ],
  ])('are without one whose only authorization %s', async (_, change) => {
    const one = await stage.somebody();
    const grant = await stage.grant(one);
    expect(await allowed(one)).toEqual([one.client]);
    await change(one, grant);
    expect([await findGrant(stage.database, grant), await allowed(one)]).toEqual([undefined, []]);
  });

  it('go on being one that is offline when the session has ended', async () => {
    const one = await stage.somebody();
    await stage.grant(one, { offlineSeconds: 600 });
    await stage.database.query('DELETE FROM session WHERE id = $1', [one.session]);
    expect(await allowed(one)).toEqual([one.client]);
  });

  it('are nobody’s that there is not', async () => {
    expect(await findAllowedApps(stage.database, randomUUID())).toEqual([]);
  });
});

describe('taking back', () => {
  it('ends every authorization of that app with its tokens, and no other’s', async () => {
    const [one, colleague] = [await stage.somebody(), await stage.somebody()];
    const app = await stage.client(stage.operator);
    const token = async (grant: string) => {
      const hash = randomUUID();
      await insertPersonToken(stage.database, { hash, grant, scope: 'user/*.rs', seconds: 60 });
      return hash;
    };
    const mine = [
      await stage.grant(one, { client: app }),
      await stage.grant(one, { client: app, offlineSeconds: 600 }),
    ];
    const others = [await stage.grant(one), await stage.grant(colleague, { client: app })];
    const [dead, living] = [await Promise.all(mine.map(token)), await Promise.all(others.map(token))];
    await allow(one, 'openid', app);
    await allow(colleague, 'openid', app);
    expect(await removeAppConsent(stage.second, one.person, app)).toBe(true);
    const found = await findTokens(stage.database, [...dead, ...living]);
    expect(found.map(({ hash }) => hash).sort()).toEqual(living.toSorted());
    expect(await findAppConsents(stage.database, colleague.person, app)).toHaveLength(1);
    expect([await allowed(one), await allowed(colleague)]).toEqual([[one.client], [app]]);
  });

  it('is true for what was remembered alone, and for what was allowed once alone', async () => {
    const [one, other] = [await stage.somebody(), await stage.somebody()];
    await allow(one, 'openid');
    await stage.grant(other);
    for (const { person, client } of [one, other]) {
      expect(await removeAppConsent(stage.database, person, client)).toBe(true);
      expect(await removeAppConsent(stage.database, person, client)).toBe(false);
    }
  });

  it('by many at once leaves nothing behind, and is told to every process', async () => {
    const one = await stage.somebody();
    const heard: string[] = [];
    const both = Promise.withResolvers<void>();
    const end = `person ${randomUUID()}`;
    const stop = await stage.second.listen(
      'standing',
      (payload) => (payload === end ? both.resolve() : heard.push(payload)),
      () => undefined,
    );
    await Promise.all([stage.grant(one), stage.grant(one, { offlineSeconds: 60 }), allow(one, 'openid')]);
    const done = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        removeAppConsent(i % 2 ? stage.database : stage.second, one.person, one.client),
      ),
    );
    await stage.database.query(`SELECT pg_notify('standing', $1)`, [end]);
    await both.promise;
    await stop();
    expect(done.filter(Boolean).length).toBeGreaterThanOrEqual(1);
    expect(heard.filter((payload) => payload === `person ${one.person}`).length).toBeGreaterThanOrEqual(1);
    expect(await allowed(one)).toEqual([]);
  });
});
