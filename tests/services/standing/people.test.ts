import type { Member } from '../../support/network.ts';
import { type Crowd, openCrowd, type SignedUp } from '../../support/people.ts';
import { openWorld, type World } from '../../support/world.ts';
import { all, asked, said, suspension } from './parameters.ts';

let world: World;
let crowd: Crowd;
let operator: Member;
let clinic: Member;
let hospital: Member;
let admin: SignedUp;
let elsewhere: SignedUp;
beforeAll(async () => {
  world = await openWorld();
  ({ clinic, hospital } = world);
  ({ operator } = world.network);
  crowd = await openCrowd(world.server, operator);
  admin = await crowd.signUp(clinic, ['administrator'], { name: '管理 花子' });
  elsewhere = await crowd.signUp(world.stranger, ['administrator']);
});
afterAll(async () => {
  await crowd.close();
  await world.close();
});

const person = (name = '高橋 みどり') => crowd.signUp(clinic, ['nurse'], { name });
const lifting = asked({ text: 'The laptop was found' });
/** The status of a request with a token that was given out before. */
async function status(token: string, path: string): Promise<number> {
  const response = await world.server.fhir(`/${path}`, { headers: { authorization: `Bearer ${token}` } });
  await response.arrayBuffer();
  return response.status;
}

describe('a person who was suspended', () => {
  it('gets in nowhere: tokens, session and log-in are over at once, and old ones stay so', async () => {
    const nurse = await person();
    const token = await nurse.token();
    expect(await status(token, nurse.organization)).toBe(200);
    const { status: answer, body } = await admin.post(`${nurse.practitioner}/$suspend`, suspension());
    expect(answer).toBe(200);
    expect(said(body)).toMatchObject({ suspended: true });
    expect(await status(token, nurse.organization)).toBe(401);
    expect(await crowd.people.session(nurse.sessionToken)).toBeNull();
    const from = { address: '127.0.0.1', agent: '' };
    expect(await crowd.people.logIn(nurse.login, nurse.password, from)).toBeNull();
    expect((await operator.post(`${nurse.practitioner}/$lift`, lifting)).status).toBe(200);
    expect(await status(token, nurse.organization)).toBe(401);
    expect(await crowd.people.session(nurse.sessionToken)).toBeNull();
    expect(await crowd.people.logIn(nurse.login, nurse.password, from)).not.toBeNull();
  });

  it('is suspended by whoever looks after the institution; others find nobody', async () => {
    const nurse = await person();
    expect((await elsewhere.post(`${nurse.practitioner}/$suspend`, suspension())).status).toBe(404);
    expect((await nurse.post(`${admin.practitioner}/$suspend`, suspension())).status).toBe(403);
    expect((await clinic.post(`${nurse.practitioner}/$suspend`, suspension())).status).toBe(403);
    expect((await elsewhere.get(`${nurse.practitioner}/$standing`)).status).toBe(404);
    expect((await operator.post(`${nurse.practitioner}/$suspend`, suspension())).status).toBe(200);
  });

  it('is let in again by the operator alone', async () => {
    const nurse = await person();
    await admin.post(`${nurse.practitioner}/$suspend`, suspension());
    expect((await admin.post(`${nurse.practitioner}/$lift`, lifting)).status).toBe(403);
    const desk = await crowd.signUp({ organization: 'Organization/operator' }, ['operator']).catch(() => undefined);
    const by = desk ?? operator;
    expect((await by.post(`${nurse.practitioner}/$lift`, lifting)).status).toBe(200);
  });

  it('may be the one who says so: a stolen device is reported by its owner', async () => {
    const second = await crowd.signUp(clinic, ['administrator']);
    expect((await second.post(`${second.practitioner}/$suspend`, suspension())).status).toBe(200);
    await expect(second.token()).rejects.toThrow();
  });

  it('of two who suspend each other at least one stays out', async () => {
    const [one, two] = [await crowd.signUp(clinic, ['administrator']), await crowd.signUp(clinic, ['administrator'])];
    const [tokenOne, tokenTwo] = [await one.token(), await two.token()];
    const answers = await Promise.all([
      one.post(`${two.practitioner}/$suspend`, suspension(), { authorization: `Bearer ${tokenOne}` }),
      two.post(`${one.practitioner}/$suspend`, suspension(), { authorization: `Bearer ${tokenTwo}` }),
    ]);
    expect(answers.map(({ status: code }) => code).sort()).toEqual([200, 401]);
    expect([await status(tokenOne, one.organization), await status(tokenTwo, two.organization)].sort()).toEqual([
      200, 401,
    ]);
  });

  it('is told to the institution, and kept with who, when and why', async () => {
    const nurse = await person('佐藤 桜');
    await admin.post(`${nurse.practitioner}/$suspend`, suspension({ reason: 'loss', reporter: '受付 田中' }));
    await operator.post(`${nurse.practitioner}/$lift`, lifting);
    const { body } = await admin.get(`${nurse.practitioner}/$standing`);
    expect(said(body).suspended).toBe(false);
    expect(all(body, 'event')).toMatchObject([
      { act: 'lift', text: 'The laptop was found', byOrganization: { reference: 'Organization/operator' } },
      {
        act: 'suspend',
        reason: 'loss',
        reporter: '受付 田中',
        practitioner: { reference: nurse.practitioner },
        byPractitioner: { reference: admin.practitioner, display: '管理 花子' },
      },
    ]);
    const told = await clinic.get('Communication?_sort=-_lastUpdated&_count=50');
    const texts = told.body.entry.map(
      ({ resource }: { resource: { payload: { contentString: string }[] } }) => resource.payload[0]?.contentString,
    );
    expect(texts.filter((text: string) => text.includes('佐藤 桜'))).toHaveLength(2);
    const audit = await operator.get('AuditEvent?_count=100&_sort=-date');
    expect(JSON.stringify(audit.body)).toContain('suspend');
  });

  it.each<[string, Record<string, unknown>]>([
    ['a reason', { reason: undefined }],
    ['a reason of the list', { reason: 'whim' }],
    ['words', { text: undefined }],
    ['words that can be read', { text: 'a\u0000b' }],
    ['words of some length at most', { text: 'x'.repeat(64 * 1024) }],
    ['words that are more than blanks', { text: '   ' }],
  ])('needs %s', async (_, values) => {
    expect((await admin.post(`${admin.practitioner}/$suspend`, suspension(values))).status).toBe(400);
  });

  it('is one with an account', async () => {
    const { id } = await clinic.create({ resourceType: 'Practitioner', name: [{ text: '口座 なし' }] });
    expect((await admin.post(`Practitioner/${id}/$suspend`, suspension())).status).toBe(404);
    expect((await operator.post('Practitioner/none/$suspend', suspension())).status).toBe(404);
  });
});

describe('an institution that was suspended', () => {
  it('loses its people too, and others go on; bookings and grants stay; messages wait for it', async () => {
    const care = await world.network.enrol('care', 'ひまわり介護');
    await world.network.affiliate(hospital, care, ['care-cooperation', 'timeline']);
    const boss = await crowd.signUp(care, ['administrator']);
    const manager = await crowd.signUp(care, ['care-manager']);
    const token = await manager.token();
    expect((await boss.post(`${care.organization}/$suspend`, suspension())).status).toBe(200);
    expect(await status(token, care.organization)).toBe(401);
    await expect(boss.token()).rejects.toThrow();
    await expect(care.token()).rejects.toThrow();
    expect((await hospital.get(hospital.organization)).status).toBe(200);
    const message = await hospital.post('Communication', {
      resourceType: 'Communication',
      status: 'completed',
      sender: { reference: hospital.organization },
      recipient: [{ reference: care.organization }],
      payload: [{ contentString: '退院のご連絡' }],
    });
    expect(message.status).toBe(201);
    expect((await hospital.get(`Communication?recipient=${care.organization}`)).body.total ?? 1).toBeGreaterThan(0);
    expect((await operator.post(`${care.organization}/$lift`, lifting)).status).toBe(200);
    const later = care.at(world.server);
    expect((await later.get(`Communication/${message.body.id}`)).status).toBe(200);
    const notices = (await hospital.get('Communication?_count=100')).body.entry.map(
      ({ resource }: { resource: { payload: { contentString: string }[] } }) =>
        resource.payload[0]?.contentString ?? '',
    );
    expect(notices.filter((text: string) => text.includes('ひまわり介護')).length).toBe(2);
  });

  it('is not the operator’s', async () => {
    expect((await operator.post('Organization/operator/$suspend', suspension())).status).toBe(409);
    expect((await operator.get(hospital.organization)).status).toBe(200);
  });

  it('is one that there is, and of the caller’s', async () => {
    expect((await operator.post('Organization/none/$suspend', suspension())).status).toBe(422);
    expect((await admin.post(`${hospital.organization}/$suspend`, suspension())).status).toBe(404);
    expect((await admin.post('Organization/none/$suspend', suspension())).status).toBe(404);
    expect((await admin.post(`${clinic.organization}/$lift`, lifting)).status).toBe(403);
    const { id } = await hospital.create({ resourceType: 'Organization', name: '栄養科' });
    expect((await operator.post(`Organization/${id}/$suspend`, suspension())).status).toBe(422);
  });

  it('whose only way in is lost cannot lock the operator out', async () => {
    const reply = await operator.post('Organization/operator/$disable-client', suspension({ client: 'operator' }));
    expect(reply.status).toBe(409);
  });
});
