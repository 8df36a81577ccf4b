import type { Reply } from '../../support/network.ts';
import { type Crowd, openCrowd, type SignedUp } from '../../support/people.ts';
import { type RunningServer, startServer } from '../../support/server.ts';
import { openWorld, type World } from '../../support/world.ts';

let world: World;
let second: RunningServer;
let crowd: Crowd;
let admin: SignedUp;
beforeAll(async () => {
  world = await openWorld();
  second = await startServer({ database: world.server.database! });
  crowd = await openCrowd(world.server, world.network.operator);
  admin = await crowd.signUp(world.clinic, ['administrator']);
});
afterAll(async () => {
  await crowd.close();
  await second.stop();
  await world.close();
});

type Part = { readonly name: string; readonly [value: string]: unknown };
const parameters = (...parameter: readonly Part[]) => ({
  resourceType: 'Parameters',
  ...(parameter.length > 0 && { parameter }),
});
const role = (code: string): Part => ({ name: 'role', valueCode: code });
const act = (by: SignedUp, practitioner: string, name: string, ...sent: readonly Part[]) =>
  by.post(`${practitioner}/$${name}`, parameters(...sent));

describe('on the other server process', () => {
  it.each([
    ['disable', [], 401],
    ['reset', [], 401],
    ['end-session', [], 401],
    ['set-roles', [{ name: 'role', valueCode: 'administrator' }], 403],
  ])('$%s holds for the next request', async (operation, parameter, status) => {
    const nurse = await crowd.signUp(world.clinic, ['nurse'], { by: admin });
    const headers = { authorization: `Bearer ${await nurse.token()}` };
    const ask = async () => (await second.fhir('/Observation?_count=1', { headers })).status;
    expect(await ask()).toBe(200);
    const body = { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
    expect((await admin.post(`${nurse.practitioner}/$${operation}`, body)).status).toBe(200);
    expect(await ask()).toBe(status);
  });
});

describe('an administrator who is shut out while a request waits', () => {
  const invitation = () =>
    parameters(
      { name: 'login', valueString: 'let.in.late' },
      { name: 'name', valueString: '佐藤 一郎' },
      role('administrator'),
    );

  /** Holds the person's row as whoever shuts them out does, until the request is seen to wait for it. */
  async function shutMeanwhile(shut: SignedUp, set: string, request: () => Promise<Reply>): Promise<Reply> {
    let reply: Promise<Reply> | undefined;
    await crowd.database.transaction(
      async (tx) => {
        await tx.query(`UPDATE person SET ${set} WHERE id = $1`, [shut.id]);
        let answered = false;
        reply = request().finally(() => {
          answered = true;
        });
        const waits = `SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))`;
        while (!answered && (await tx.query(waits)).rows.length === 0) await new Promise(setImmediate);
      },
      { isolation: 'read committed' },
    );
    return reply as Promise<Reply>;
  }

  it.each<[string, string]>([
    ['invite', 'active = false'],
    ['review-rights', 'active = false'],
    ['set-roles', 'suspended_at = now()'],
    ['invite', "roles = '{nurse}'"],
  ])('does not $%s any more: %s', async (name, set) => {
    const late = await crowd.signUp(world.clinic, ['administrator'], { by: admin });
    const looked = {
      name: 'person',
      part: [{ name: 'practitioner', valueReference: { reference: admin.practitioner } }, role('administrator')],
    };
    const asked: Readonly<Record<string, () => Promise<Reply>>> = {
      invite: () => late.post(`${world.clinic.organization}/$invite`, invitation()),
      'review-rights': () => late.post(`${world.clinic.organization}/$review-rights`, parameters(looked)),
      'set-roles': () => late.post(`${admin.practitioner}/$set-roles`, parameters(role('administrator'))),
    };
    const reply = await shutMeanwhile(late, set, asked[name] as () => Promise<Reply>);
    expect([reply.status, reply.body.issue[0].code]).toEqual([401, 'login']);
  });

  it('nor does one of the operator’s people', async () => {
    const late = await crowd.signUp({ organization: 'Organization/operator' }, ['operator']);
    const body = invitation();
    const invite = () => late.post(`${world.clinic.organization}/$invite`, body);
    expect((await shutMeanwhile(late, 'active = false', invite)).status).toBe(401);
  });
});

describe('what apps may do without a session', () => {
  it('ends with all sessions, and with another password', async () => {
    const one = await crowd.signUp(world.clinic, ['nurse'], { by: admin });
    const offline = async () => {
      const { rows } = await crowd.database.query(
        'SELECT FROM authorization_grant WHERE person = $1 AND session IS NULL AND ended_at IS NULL',
        [one.id],
      );
      return rows.length;
    };
    const allow = () =>
      crowd.database.query(
        `INSERT INTO authorization_grant (id, client, person, strong, authenticated_at, scope, oidc_scope, client_generation, owner_generation,
           person_generation, institution_generation, expires_at)
         SELECT gen_random_uuid()::text, c.id, $1, true, now(), 'user/*.rs', '', 0, 0, 0, 0, now() + interval '1 day' FROM client c LIMIT 1`,
        [one.id],
      );
    await allow();
    const sessions = (await one.get(`${one.practitioner}/$sessions`)).body.parameter as { part: Part[] }[];
    await act(admin, one.practitioner, 'end-session', {
      name: 'session',
      valueString: sessions[0]!.part.find(({ name }) => name === 'id')?.valueString,
    });
    expect(await offline()).toBeGreaterThan(0);
    await act(admin, one.practitioner, 'end-session');
    expect(await offline()).toBe(0);
    const { sessionToken } = (await crowd.people.logIn(one.login, one.password, {
      address: '127.0.0.1',
      agent: '',
    })) as {
      sessionToken: string;
    };
    const proved = await crowd.people.verifyTotp(sessionToken, one.totp(Date.now() + 30_000));
    await allow();
    const changed = await crowd.people.changePassword(proved!.sessionToken, one.password, 'Hototogisu 7 naku yoru');
    expect(changed).toHaveProperty('sessionToken');
    expect(await offline()).toBe(0);
  });
});
