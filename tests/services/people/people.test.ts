import type { Member, Reply } from '../../support/network.ts';
import { type Crowd, openCrowd, type SignedUp } from '../../support/people.ts';
import { openWorld, type World } from '../../support/world.ts';

let world: World;
let crowd: Crowd;
let admin: SignedUp;
let nurse: SignedUp;
let stranger: SignedUp;
beforeAll(async () => {
  world = await openWorld();
  crowd = await openCrowd(world.server, world.network.operator);
  admin = await crowd.signUp(world.clinic, ['administrator'], { name: '山田 花子' });
  nurse = await crowd.signUp(world.clinic, ['nurse'], { by: admin });
  stranger = await crowd.signUp(world.stranger, ['administrator']);
});
afterAll(async () => {
  await crowd.close();
  await world.close();
});

type Part = { readonly name: string; readonly [value: string]: unknown };
const parameters = (...parameter: readonly Part[]) => ({ resourceType: 'Parameters', parameter });
const role = (code: string): Part => ({ name: 'role', valueCode: code });
const value = (parts: readonly Part[], name: string) =>
  Object.entries(parts.find((one) => one.name === name) ?? {}).find(([key]) => key.startsWith('value'))?.[1];
const values = (parts: readonly Part[], name: string) =>
  parts.filter((one) => one.name === name).map((one) => one.valueCode);
const idOf = (reference: string) => reference.split('/')[1] as string;
/** Without the id of the request. */
const same = (one: Reply, other: Reply) => {
  expect(one.text).toBe(other.text);
  expect(one.status).toBe(other.status);
};
let logins = 0;
const invitation = (...more: readonly Part[]) =>
  parameters(
    { name: 'login', valueString: `invited.${++logins}` },
    { name: 'name', valueString: '佐藤 一郎' },
    ...more,
  );

describe('$invite', () => {
  it('makes account, Practitioner and PractitionerRole that belong to the institution', async () => {
    const reply = await admin.post(
      `${world.clinic.organization}/$invite`,
      invitation(role('nurse'), role('physician')),
    );
    expect(reply.status).toBe(200);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    const parts = reply.body.parameter as Part[];
    expect(value(parts, 'code')).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(value(parts, 'link')).toBe(`${world.server.baseUrl}/invitation#${value(parts, 'code')}`);
    const of = (name: string) => (value(parts, name) as { reference: string }).reference;
    expect((await world.clinic.get(of('practitioner'))).body).toMatchObject({
      active: true,
      name: [{ text: '佐藤 一郎' }],
    });
    const { body } = await world.clinic.get(of('practitionerRole'));
    expect(body).toMatchObject({
      active: true,
      practitioner: { reference: of('practitioner') },
      organization: { reference: world.clinic.organization },
      code: [
        {
          coding: [
            { code: 'physician' },
            { system: 'http://terminology.hl7.org/CodeSystem/practitioner-role', code: 'doctor' },
          ],
        },
        {
          coding: [{ system: 'https://tasuki.example/fhir/CodeSystem/person-role', code: 'nurse' }, { code: 'nurse' }],
        },
      ],
    });
    expect(
      (await world.network.operator.get('CodeSystem?url=https://tasuki.example/fhir/CodeSystem/person-role')).status,
    ).toBe(200);
  });

  it('takes a Practitioner of the institution’s own, once', async () => {
    const made = await world.clinic.create({ resourceType: 'Practitioner', name: [{ text: '鈴木' }] });
    const practitioner: Part = { name: 'practitioner', valueReference: { reference: `Practitioner/${made.id}` } };
    const reply = await admin.post(`${world.clinic.organization}/$invite`, invitation(role('clerk'), practitioner));
    expect(value(reply.body.parameter, 'practitioner')).toEqual({ reference: `Practitioner/${made.id}` });
    const again = await admin.post(`${world.clinic.organization}/$invite`, invitation(role('clerk'), practitioner));
    expect([again.status, again.body.issue[0].code]).toEqual([409, 'duplicate']);
    expect((await world.clinic.send('DELETE', `Practitioner/${made.id}`)).status).toBe(422);
    const foreign: Part = { name: 'practitioner', valueReference: { reference: stranger.practitioner } };
    const absent: Part = { name: 'practitioner', valueReference: { reference: 'Practitioner/nobody' } };
    const [one, other] = await Promise.all(
      [foreign, absent].map((part) =>
        admin.post(`${world.clinic.organization}/$invite`, invitation(role('clerk'), part)),
      ),
    );
    expect(one!.status).toBe(422);
    same(one!, other!);
  });

  it('gives a login once, of two who invite at once', async () => {
    const body = parameters(
      { name: 'login', valueString: 'Twice.Wanted' },
      { name: 'name', valueString: '佐藤' },
      role('clerk'),
    );
    const replies = await Promise.all([admin, stranger].map((by) => by.post(`${by.organization}/$invite`, body)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { body: bundle } = await world.clinic.get('Practitioner?name=佐藤&_summary=count');
    const again = await admin.post(`${world.clinic.organization}/$invite`, body);
    expect(again.status).toBe(409);
    expect((await world.clinic.get('Practitioner?name=佐藤&_summary=count')).body.total).toBe(bundle.total);
  });

  it.each<[string, object]>([
    ['no body', {}],
    ['no login', parameters({ name: 'name', valueString: 'x' }, role('nurse'))],
    [
      'a login that is none',
      parameters({ name: 'login', valueString: 'a b\u0000' }, { name: 'name', valueString: 'x' }, role('nurse')),
    ],
    [
      'a login of 64 KB',
      parameters({ name: 'login', valueString: 'a'.repeat(65_536) }, { name: 'name', valueString: 'x' }, role('nurse')),
    ],
    ['no name', parameters({ name: 'login', valueString: 'somebody' }, role('nurse'))],
    [
      'a name of 64 KB',
      parameters(
        { name: 'login', valueString: 'somebody' },
        { name: 'name', valueString: '山'.repeat(65_536) },
        role('nurse'),
      ),
    ],
    [
      'a name with U+0000',
      parameters({ name: 'login', valueString: 'somebody' }, { name: 'name', valueString: 'a\u0000' }, role('nurse')),
    ],
    ['no role', invitation()],
    ['a role that is none', invitation(role('king'))],
    ['a role of the operator’s', invitation(role('operator'))],
    [
      'a reference to something else',
      invitation(role('nurse'), { name: 'practitioner', valueReference: { reference: 'Patient/1' } }),
    ],
    ['roles that are no codes', invitation({ name: 'role', valueString: 'nurse' })],
    ['Parameters that are none', { resourceType: 'Parameters', parameter: 'x' }],
  ])('refuses %s', async (_, body) => {
    const reply = await admin.post(`${world.clinic.organization}/$invite`, body);
    expect([400, 422]).toContain(reply.status);
  });

  it('is not for an institution’s systems, nor for people with other roles', async () => {
    const body = invitation(role('nurse'));
    for (const by of [world.clinic, world.hospital, nurse])
      expect((await by.post(`${world.clinic.organization}/$invite`, body)).status).toBe(403);
    const reader = await crowd.signUp(world.clinic, ['read-only']);
    expect((await reader.post(`${world.clinic.organization}/$invite`, body)).status).toBe(403);
    expect((await reader.get(`${world.clinic.organization}/$people`)).status).toBe(403);
  });

  it('does not tell another institution, visible or not, from one that is not there', async () => {
    const absent = await stranger.post('Organization/nothing/$invite', invitation(role('nurse')));
    expect(absent.status).toBe(404);
    for (const organization of [world.clinic.organization, world.hospital.organization, 'Organization/operator'])
      same(await stranger.post(`${organization}/$invite`, invitation(role('nurse'))), absent);
    // The clinic sees the hospital of its network, and looks after it as little.
    expect((await admin.get(world.hospital.organization)).status).toBe(200);
    same(await admin.post(`${world.hospital.organization}/$invite`, invitation(role('nurse'))), absent);
  });

  it('lets the operator’s system invite the operator’s first person, who then looks after everybody', async () => {
    const operator = await crowd.signUp({ organization: 'Organization/operator' }, ['operator']);
    const { body } = await operator.get(operator.practitionerRole);
    expect(body.organization).toEqual({ type: 'Organization', display: 'Operator' });
    expect((await operator.post(`${world.clinic.organization}/$invite`, invitation(role('nurse')))).status).toBe(200);
    expect((await operator.get('Organization/operator/$people')).body.parameter).toHaveLength(1);
    const clerk = await operator.post('Organization/operator/$invite', invitation(role('clerk')));
    expect(clerk.status).toBe(422);
  });
});

describe('$people', () => {
  const list = async (by: Pick<SignedUp | Member, 'get'>, query = '') => {
    const { body } = await by.get(`${world.clinic.organization}/$people${query}`);
    const people = ((body.parameter ?? []) as { name: string; part: Part[] }[]).filter(({ name }) => name === 'person');
    return { people: people.map(({ part }) => part), next: value(body.parameter ?? [], 'next') as string | undefined };
  };

  it('lists people with roles, standing, last login, factors and when their review is due', async () => {
    const { people } = await list(admin);
    const mine = people.find((parts) => value(parts, 'login') === admin.login) as Part[];
    expect(values(mine, 'role')).toEqual(['administrator']);
    expect(value(mine, 'standing')).toBe('active');
    expect(values(mine, 'secondFactor')).toEqual(['totp']);
    expect(value(mine, 'practitioner')).toEqual({ reference: admin.practitioner });
    const due = Date.parse(value(mine, 'reviewDue') as string) - Date.parse(value(mine, 'reviewed') as string);
    expect(due).toBe(180 * 86_400_000);
    expect(people.some((parts) => value(parts, 'standing') === 'invited' && value(parts, 'invitedUntil'))).toBe(true);
    expect(people.map((parts) => value(parts, 'login'))).toEqual(
      people.map((parts) => value(parts, 'login')).toSorted(),
    );
  });

  it('comes in pages', async () => {
    const all = (await list(world.network.operator)).people.length;
    const seen: unknown[] = [];
    let query = '?_count=2';
    for (let page = 0; page < 50 && query; page++) {
      const { people, next } = await list(admin, query);
      seen.push(...people.map((parts) => value(parts, 'login')));
      query = next ? new URL(next).search : '';
    }
    expect(seen).toHaveLength(all);
    expect(new Set(seen).size).toBe(all);
  });

  it.each(['?due=maybe', '?_count=0', '?_count=x', '?after=%00', '?_count=99999'])('refuses %s', async (query) => {
    expect((await admin.get(`${world.clinic.organization}/$people${query}`)).status).toBe(400);
  });

  it('is for those who look after the institution', async () => {
    expect((await world.clinic.get(`${world.clinic.organization}/$people`)).status).toBe(403);
    expect((await nurse.get(`${world.clinic.organization}/$people`)).status).toBe(403);
    same(
      await stranger.get(`${world.clinic.organization}/$people`),
      await stranger.get('Organization/nothing/$people'),
    );
  });
});

describe('$review-rights', () => {
  const person = (reference: string, ...roles: string[]): Part => ({
    name: 'person',
    part: [{ name: 'practitioner', valueReference: { reference } }, ...roles.map(role)],
  });
  const review = (...people: readonly Part[]) =>
    admin.post(`${world.clinic.organization}/$review-rights`, parameters(...people));
  const due = async () =>
    (
      ((await admin.get(`${world.clinic.organization}/$people?due=true`)).body.parameter ?? []) as { part: Part[] }[]
    ).map(({ part }) => (value(part, 'practitioner') as { reference: string }).reference);

  it('confirms the roles of those whose review is due', async () => {
    const clerk = await crowd.signUp(world.clinic, ['clerk'], { by: admin });
    expect(await due()).toEqual([]);
    await crowd.database.query("UPDATE person SET reviewed_at = now() - interval '181 days' WHERE id IN ($1, $2)", [
      clerk.id,
      nurse.id,
    ]);
    expect((await due()).sort()).toEqual([clerk.practitioner, nurse.practitioner].sort());
    const reply = await review(person(clerk.practitioner, 'clerk'), person(nurse.practitioner, 'nurse'));
    expect(value(reply.body.parameter, 'reviewed')).toBe(2);
    expect(await due()).toEqual([]);
  });

  it('confirms nobody where one has other roles, or is of another institution', async () => {
    await crowd.database.query("UPDATE person SET reviewed_at = now() - interval '181 days' WHERE id = $1", [nurse.id]);
    expect((await review(person(nurse.practitioner, 'nurse'), person(admin.practitioner, 'clerk'))).status).toBe(409);
    expect((await review(person(nurse.practitioner, 'nurse', 'physician'))).status).toBe(409);
    expect((await review(person(nurse.practitioner))).status).toBe(400);
    const foreign = await review(person(nurse.practitioner, 'nurse'), person(stranger.practitioner, 'administrator'));
    expect(foreign.status).toBe(422);
    same(await review(person('Practitioner/nobody', 'nurse')), foreign);
    expect((await review()).status).toBe(400);
    expect(await due()).toEqual([nurse.practitioner]);
    expect((await review(person(nurse.practitioner, 'nurse'))).status).toBe(200);
  });
});

describe('what an administrator does to a person', () => {
  const act = (by: Pick<SignedUp, 'post'>, reference: string, name: string, ...parts: readonly Part[]) =>
    by.post(`${reference}/$${name}`, parameters(...parts));

  it('changes roles, from the next request on, and the PractitionerRole with them', async () => {
    const one = await crowd.signUp(world.clinic, ['clerk'], { by: admin });
    const token = { authorization: `Bearer ${await one.token()}` };
    const search = () => world.server.fhir('/Observation?_count=1', { headers: token });
    expect((await search()).status).toBe(403);
    const reply = await act(admin, one.practitioner, 'set-roles', role('nurse'), role('nurse'));
    expect(values(reply.body.parameter, 'role')).toEqual(['nurse']);
    expect((await search()).status).toBe(200);
    expect((await world.clinic.get(one.practitionerRole)).body).toMatchObject({
      code: [{ coding: [{ code: 'nurse' }, { code: 'nurse' }] }],
    });
  });

  it('is not done to the PractitionerRole of an account by who writes the directory', async () => {
    const one = await crowd.signUp(world.clinic, ['clerk'], { by: admin });
    const coordinator = await crowd.signUp(world.clinic, ['coordinator'], { by: admin });
    const { body: shown } = await coordinator.get(one.practitionerRole);
    const system = 'https://tasuki.example/fhir/CodeSystem/person-role';
    const physician = { coding: [{ system, code: 'physician' }] };
    for (const by of [coordinator, world.clinic]) {
      for (const [element, forged] of [
        ['code', [...shown.code, physician]],
        ['code', [physician]],
        ['code', []],
        ['practitioner', { reference: coordinator.practitioner }],
        ['active', false],
      ] as const) {
        const { [element]: _, ...rest } = shown;
        const changed = Array.isArray(forged) && forged.length === 0 ? rest : { ...rest, [element]: forged };
        const reply = await by.send('PUT', one.practitionerRole, changed);
        expect([reply.status, reply.body.issue[0].expression]).toEqual([422, [`PractitionerRole.${element}`]]);
      }
      const { id: _, meta: __, ...copy } = shown;
      expect((await by.send('POST', 'PractitionerRole', { ...copy, code: [physician] })).status).toBe(422);
      const specialty = [{ coding: [{ system: 'http://snomed.info/sct', code: '394802001' }] }];
      expect((await by.send('PUT', one.practitionerRole, { ...shown, specialty })).status).toBe(200);
    }
  });

  it('makes a PractitionerRole anew that somebody has deleted', async () => {
    const one = await crowd.signUp(world.clinic, ['clerk'], { by: admin });
    await world.clinic.send('DELETE', one.practitionerRole);
    const reply = await act(admin, one.practitioner, 'set-roles', role('nurse'));
    const { reference } = value(reply.body.parameter, 'practitionerRole') as { reference: string };
    expect(reference).not.toBe(one.practitionerRole);
    expect((await world.clinic.get(reference)).body.active).toBe(true);
  });

  it('shuts an account, from the next request on, and opens it without bringing anything back', async () => {
    const one = await crowd.signUp(world.clinic, ['nurse'], { by: admin });
    const headers = { authorization: `Bearer ${await one.token()}` };
    expect((await world.server.fhir(`/${one.practitioner}`, { headers })).status).toBe(200);
    const shut = await act(admin, one.practitioner, 'disable');
    expect(value(shut.body.parameter, 'standing')).toBe('disabled');
    expect((await world.server.fhir(`/${one.practitioner}`, { headers })).status).toBe(401);
    expect(await crowd.people.session(one.sessionToken)).toBeNull();
    expect(await crowd.people.logIn(one.login, one.password, { address: '127.0.0.1', agent: '' })).toBeNull();
    expect((await world.clinic.get(one.practitionerRole)).body.active).toBe(false);
    expect((await act(admin, one.practitioner, 'disable')).status).toBe(200);
    const open = await act(admin, one.practitioner, 'enable');
    expect(value(open.body.parameter, 'standing')).toBe('active');
    expect((await world.server.fhir(`/${one.practitioner}`, { headers })).status).toBe(401);
    expect(await crowd.people.session(one.sessionToken)).toBeNull();
    expect(await crowd.people.logIn(one.login, one.password, { address: '127.0.0.1', agent: '' })).not.toBeNull();
    expect((await world.clinic.get(one.practitionerRole)).body.active).toBe(true);
  });

  it('does not lift a suspension by opening an account', async () => {
    const one = await crowd.signUp(world.clinic, ['nurse'], { by: admin });
    await crowd.database.query('UPDATE person SET suspended_at = now() WHERE id = $1', [one.id]);
    const open = await act(admin, one.practitioner, 'enable');
    expect(value(open.body.parameter, 'standing')).toBe('suspended');
    expect(await crowd.people.logIn(one.login, one.password, { address: '127.0.0.1', agent: '' })).toBeNull();
  });

  it('lets a person who lost everything begin anew', async () => {
    const one = await crowd.signUp(world.clinic, ['nurse'], { by: admin });
    const headers = { authorization: `Bearer ${await one.token()}` };
    const reply = await act(admin, one.practitioner, 'reset');
    expect((await world.server.fhir(`/${one.practitioner}`, { headers })).status).toBe(401);
    const from = { address: '127.0.0.1', agent: '' };
    expect(await crowd.people.logIn(one.login, one.password, from)).toBeNull();
    const code = value(reply.body.parameter, 'code') as string;
    expect(await crowd.people.acceptInvitation(code, one.password, from)).toEqual(['reused']);
    expect(await crowd.people.acceptInvitation(code, 'Hototogisu ga naku yoru', from)).toMatchObject({
      steps: ['enrol-second-factor'],
    });
    expect(await crowd.people.factors(one.id)).toEqual([]);
  });

  it('ends sessions, as the person does too, and nobody else', async () => {
    const one = await crowd.signUp(world.clinic, ['nurse'], { by: admin });
    const headers = { authorization: `Bearer ${await one.token()}` };
    const { body } = await one.get(`${one.practitioner}/$sessions`);
    const [session] = body.parameter as { part: Part[] }[];
    expect(body.parameter).toHaveLength(1);
    expect(value(session!.part, 'current')).toBe(true);
    expect(value(session!.part, 'address')).toBe('127.0.0.1');
    expect((await admin.get(`${one.practitioner}/$sessions`)).body.parameter).toHaveLength(1);
    const id: Part = { name: 'session', valueString: value(session!.part, 'id') };
    for (const by of [nurse, stranger]) {
      same(await act(by, one.practitioner, 'end-session', id), await act(by, 'Practitioner/nobody', 'end-session', id));
      same(await by.get(`${one.practitioner}/$sessions`), await by.get('Practitioner/nobody/$sessions'));
    }
    expect(
      (await act(admin, one.practitioner, 'end-session', { name: 'session', valueString: 'x\u0000' })).status,
    ).toBe(400);
    expect((await act(admin, nurse.practitioner, 'end-session', id)).status).toBe(404);
    expect(value((await act(admin, one.practitioner, 'end-session', id)).body.parameter, 'ended')).toBe(1);
    expect((await world.server.fhir(`/${one.practitioner}`, { headers })).status).toBe(401);
    expect((await act(admin, one.practitioner, 'end-session', id)).status).toBe(404);
    expect(value((await act(admin, one.practitioner, 'end-session')).body.parameter, 'ended')).toBe(0);
  });

  it('is written into the audit', async () => {
    const one = await crowd.signUp(world.clinic, ['nurse'], { by: admin });
    await act(admin, one.practitioner, 'set-roles', role('clerk'));
    await act(admin, one.practitioner, 'disable');
    await act(admin, one.practitioner, 'enable');
    await act(admin, one.practitioner, 'reset');
    const { rows } = await crowd.database.query<{ interaction: string }>(
      'SELECT interaction FROM audit WHERE resource_id = $1 AND person = $2 ORDER BY at, id',
      [idOf(one.practitioner), admin.id],
    );
    expect(rows.map(({ interaction }) => interaction)).toEqual(
      expect.arrayContaining(['invite', 'set-roles', 'disable', 'enable', 'reset']),
    );
  });

  it('is shown as AuditEvents to those who look after the institution', async () => {
    const { body } = await admin.get(`AuditEvent?entity=${nurse.practitioner}&_count=50`);
    const subtypes = (body.entry as { resource: { subtype?: { code: string }[] } }[]).flatMap(({ resource }) =>
      (resource.subtype ?? []).map(({ code }) => code),
    );
    expect(subtypes).toEqual(expect.arrayContaining(['invite', 'log-in', 'factor-added']));
  });

  it.each(['set-roles', 'disable', 'enable', 'reset'])(
    '$%s is for those who look after the institution alone',
    async (name) => {
      const parts = name === 'set-roles' ? [role('clerk')] : [];
      for (const by of [nurse, world.clinic, world.hospital])
        expect((await act(by, nurse.practitioner, name, ...parts)).status).toBe(403);
      const absent = await act(stranger, 'Practitioner/nobody', name, ...parts);
      expect(absent.status).toBe(404);
      same(await act(stranger, nurse.practitioner, name, ...parts), absent);
      const plain = await world.clinic.create({ resourceType: 'Practitioner', name: [{ text: '誰でもない' }] });
      same(await act(admin, `Practitioner/${plain.id}`, name, ...parts), absent);
    },
  );
});

describe('the last administrator', () => {
  const leave = (one: SignedUp, by: Pick<SignedUp, 'post'>, name: string) =>
    by.post(`${one.practitioner}/$${name}`, parameters(...(name === 'set-roles' ? [role('nurse')] : [])));

  it.each(['set-roles', 'disable', 'reset'])('cannot leave by $%s, but the operator can do it', async (name) => {
    const clinic = await world.network.enrol('medical', '小さな医院');
    const only = await crowd.signUp(clinic, ['administrator']);
    // One who was invited and has not come is none yet.
    await only.post(`${clinic.organization}/$invite`, invitation(role('administrator')));
    expect((await leave(only, only, name)).status).toBe(422);
    expect((await leave(only, world.network.operator, name)).status).toBe(200);
  });

  it('is one of two who shut each other out at once', async () => {
    const clinic = await world.network.enrol('medical', '二人の医院');
    const one = await crowd.signUp(clinic, ['administrator']);
    const other = await crowd.signUp(clinic, ['administrator'], { by: one });
    // Both have their tokens before either is shut out.
    const [first, second] = await Promise.all([one.token(), other.token()]);
    const disable = (whom: SignedUp, by: SignedUp, token: string) =>
      by.post(`${whom.practitioner}/$disable`, parameters(), { authorization: `Bearer ${token}` });
    const replies = await Promise.all([disable(one, other, second), disable(other, one, first)]);
    const { rows } = await crowd.database.query('SELECT 1 FROM person WHERE id IN ($1, $2) AND active', [
      one.id,
      other.id,
    ]);
    expect(rows).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});
