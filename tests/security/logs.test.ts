import { randomBytes } from 'node:crypto';
import { type Crowd, openCrowd, PASSWORD } from '../support/people.ts';
import { openWorld, type World } from '../support/world.ts';

/** A story with secrets and names in every place where they can be, at the most talkative level; then nothing of it may stand in any log. */
let world: World;
let crowd: Crowd;
beforeAll(async () => {
  world = await openWorld({ env: { LOG_LEVEL: 'debug' } });
  crowd = await openCrowd(world.server, world.network.operator);
});
afterAll(async () => {
  await crowd?.close();
  await world?.close();
});

it('logs hold neither secrets nor anything of a patient', async () => {
  const { hospital, clinic, server } = world;
  const secrets = new Map<string, string>();
  const mark = (what: string) => {
    const value = `${what}${randomBytes(6).toString('hex')}`;
    secrets.set(what, value);
    return value;
  };
  const [family, kana, number, note] = [mark('Yamada'), mark('Kana'), mark('MRN'), mark('Note')];
  const patient = await hospital.create({
    resourceType: 'Patient',
    name: [{ family, given: [kana] }],
    identifier: [{ system: 'urn:oid:1.2.3', value: number }],
    birthDate: '1950-04-01',
    telecom: [{ system: 'phone', value: mark('Phone') }],
  });
  const of = `Patient/${patient.id}`;
  await hospital.get(`Patient?family=${family}&identifier=${number}`);
  await hospital.post('Patient/_search', `name=${kana}`, { 'content-type': 'application/x-www-form-urlencoded' });
  await hospital.get(`Patient?unknown-${note}=${note}`);
  await hospital.post('Observation', {
    resourceType: 'Observation',
    status: note,
    code: { text: note },
    subject: { reference: of },
  });
  await hospital.post('Patient', `{"resourceType":"Patient","name":[{"family":"${family}"`);
  await hospital.get(`${of}/$access-report?_format=pdf`);
  await hospital.get(`Patient/${family}`);

  const issued = await hospital.send('POST', `${of}/$issue-keycode`);
  const keycode = issued.body.parameter[0].valueString as string;
  secrets.set('keycode', keycode).set('keycode in one', keycode.replaceAll('-', ''));
  const redeem = (code: string) =>
    clinic.post('$redeem-keycode', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'keycode', valueString: code },
        { name: 'birthDate', valueDate: '1950-04-01' },
        { name: 'attest', valueBoolean: true },
      ],
    });
  await redeem(`${keycode.slice(0, -1)}0`);
  await redeem(keycode);
  await clinic.get(of);

  const person = await crowd.signUp(clinic, ['physician'], { name: mark('Suzuki') });
  secrets.set('password', PASSWORD).set('session', person.sessionToken);
  for (const [i, code] of person.recoveryCodes.entries()) secrets.set(`recovery code ${i}`, code);
  const token = await person.token();
  secrets.set('person’s token', token);
  await person.get(`Patient?family=${family}`);
  const client = await world.network.client(clinic, 'system/*.rs');
  secrets.set('client’s token', await client.token());
  for (const value of [token, `${token}x`, mark('Bearer')])
    await fetch(`${server.baseUrl}/fhir/${of}?access_token=${value}`, {
      headers: { authorization: `Bearer ${value}` },
    });

  const wrong = mark('WrongPassword');
  for (const [path, form] of [
    ['/login', { login: person.login, password: wrong }],
    [
      '/oauth/token',
      {
        grant_type: 'client_credentials',
        client_assertion: mark('Assertion'),
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      },
    ],
    ['/oauth/token', { grant_type: 'refresh_token', refresh_token: mark('Refresh'), client_id: mark('Client') }],
    ['/oauth/token', { grant_type: 'authorization_code', code: mark('Code'), code_verifier: mark('Verifier') }],
    ['/oauth/introspect', { token }],
    ['/oauth/revoke', { token: mark('Revoked') }],
  ] as const)
    await fetch(server.baseUrl + path, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { cookie: `tasuki_session=${person.sessionToken}` },
      redirect: 'manual',
    });
  await fetch(`${server.baseUrl}/oauth/authorize?client_id=x&login_hint=${mark('Hint')}&state=${mark('State')}`, {
    redirect: 'manual',
  });

  await crowd.people.logIn(person.login, wrong, { address: '127.0.0.1', agent: mark('Agent') });
  expect((await hospital.get(of)).status).toBe(200);
  const logs = server.logs();
  expect(logs).toContain('"listening"');
  const told = [...secrets].filter(([, value]) => logs.includes(value) || logs.includes(encodeURIComponent(value)));
  expect(told.map(([what]) => what)).toEqual([]);
}, 120_000);
