import { atOnce, startTwo, type TwoProcesses, tally } from '../../faults/two-processes.ts';
import type { Member, Network } from '../../support/network.ts';
import { said, suspension } from './parameters.ts';

let two: TwoProcesses;
let network: Network;
let hospital: Member;
let other: Member;
beforeAll(async () => {
  two = await startTwo();
  ({ network } = two);
  hospital = await network.enrol('cooperating-hospital', 'みなと総合病院');
  other = await network.enrol('medical', 'もみじ医院');
  await network.affiliate(hospital, other);
});
afterAll(() => two.close());

const suspend = (member: Member, by: Member = network.operator) =>
  by.post(`${member.organization}/$suspend`, suspension());
const lift = (member: Member, by: Member = network.operator) =>
  by.post(`${member.organization}/$lift`, {
    resourceType: 'Parameters',
    parameter: [{ name: 'text', valueString: 'found' }],
  });
const clinicInNetwork = async () => {
  const clinic = await network.enrol('medical', 'さくら診療所');
  await network.affiliate(hospital, clinic);
  return clinic;
};
/** The status of a request with a token that was given out before. */
const statusAt = async (member: Member, process: 0 | 1, token: string) => {
  const { port } = two.servers[process];
  const response = await fetch(`http://127.0.0.1:${port}/fhir/${member.organization}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await response.arrayBuffer();
  return response.status;
};

describe('a suspension on one process', () => {
  it('holds for the next request on the other; others go on; after the lifting old tokens stay dead', async () => {
    const clinic = await clinicInNetwork();
    const token = await clinic.token();
    expect(await statusAt(clinic, 1, token)).toBe(200);
    expect((await suspend(clinic)).status).toBe(200);
    expect(await statusAt(clinic, 1, token)).toBe(401);
    expect(await statusAt(clinic, 0, token)).toBe(401);
    await expect(clinic.at(two.servers[1]).get(clinic.organization)).rejects.toThrow();
    expect((await two.spread(other, 1).get(hospital.organization)).status).toBe(200);
    const lifted = await lift(clinic, two.spread(network.operator, 1));
    expect(said(lifted.body)).toMatchObject({ suspended: false });
    expect(await statusAt(clinic, 0, token)).toBe(401);
    expect(await statusAt(clinic, 1, token)).toBe(401);
    expect((await clinic.at(two.servers[1]).get(clinic.organization)).status).toBe(200);
  });

  it('never lets a request pass that comes after its answer, under load', async () => {
    const clinic = await clinicInNetwork();
    const token = await clinic.token();
    let answered = false;
    const late: number[] = [];
    const load = atOnce(8, async (i) => {
      for (let at = 0; at < 40; at++) {
        const after = answered;
        const status = await statusAt(clinic, ((i + at) % 2) as 0 | 1, token);
        if (after) late.push(status);
      }
    });
    await suspend(clinic);
    answered = true;
    await load;
    expect(late.filter((status) => status !== 401)).toEqual([]);
  });

  it('stops a system’s way to new tokens', async () => {
    const clinic = await clinicInNetwork();
    await suspend(clinic, two.spread(network.operator, 1));
    await expect(clinic.token()).rejects.toThrow();
    await expect(clinic.at(two.servers[1]).token()).rejects.toThrow();
  });

  it('is one, however many do it at once; so is the lifting', async () => {
    const clinic = await clinicInNetwork();
    const operators = [network.operator, two.spread(network.operator, 1)];
    const suspended = await atOnce(10, (i) => suspend(clinic, operators[i % 2]));
    expect(tally(suspended.map(({ status }) => status))).toEqual({ 200: 10 });
    expect(new Set(suspended.map(({ body }) => said(body).since)).size).toBe(1);
    const lifted = await atOnce(10, (i) => lift(clinic, operators[i % 2]));
    expect(tally(lifted.map(({ status }) => status))).toEqual({ 200: 10 });
    const { body } = await network.operator.get(`${clinic.organization}/$standing`);
    const acts = body.parameter.filter(({ name }: { name: string }) => name === 'event').map(said);
    expect(acts.map(({ act }: { act: string }) => act)).toEqual(['lift', 'suspend']);
  });

  it('and its lifting end as one or the other, never in between', async () => {
    const clinic = await clinicInNetwork();
    const token = await clinic.token();
    const operators = [network.operator, two.spread(network.operator, 1)];
    const answers = await atOnce(12, (i) => (i % 3 === 0 ? lift : suspend)(clinic, operators[i % 2]));
    expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 12 });
    expect(await statusAt(clinic, 1, token)).toBe(401);
    const { body } = await network.operator.get(`${clinic.organization}/$standing`);
    const acts = body.parameter
      .filter(({ name }: { name: string }) => name === 'event')
      .map(said)
      .reverse();
    const turns = acts.map((_: unknown, at: number) => (at % 2 === 0 ? 'suspend' : 'lift'));
    expect(acts.map(({ act }: { act: string }) => act)).toEqual(turns);
    expect(said(body).suspended).toBe(acts.length % 2 === 1);
  });

  it('stops a disabled client on both, and no other of its institution', async () => {
    const clinic = await clinicInNetwork();
    const second = await network.client(clinic, 'system/*.cruds');
    const [token, kept] = [await second.token(), await clinic.token()];
    const asked = suspension();
    asked.parameter.push({ name: 'client', valueString: second.clientId });
    const disabled = await network.operator.post(`${clinic.organization}/$disable-client`, asked);
    expect(disabled.status).toBe(200);
    expect([await statusAt(clinic, 0, token), await statusAt(clinic, 1, token)]).toEqual([401, 401]);
    expect(await statusAt(clinic, 1, kept)).toBe(200);
  });
});

describe('keycodes', () => {
  const patientOf = async () =>
    (await hospital.create({ resourceType: 'Patient', birthDate: '1950-02-03' })).id as string;
  const redeem = (member: Member, keycode: string) =>
    member.post('$redeem-keycode', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'keycode', valueString: keycode },
        { name: 'birthDate', valueDate: '1950-02-03' },
        { name: 'attest', valueBoolean: true },
      ],
    });
  const issue = async (patient: string) =>
    said((await hospital.post(`Patient/${patient}/$issue-keycode`, { resourceType: 'Parameters' })).body)
      .keycode as string;

  it('are neither redeemed nor was a grant lost by a suspended institution', async () => {
    const clinic = await clinicInNetwork();
    const patient = await patientOf();
    const keycode = await issue(patient);
    expect((await redeem(clinic, keycode)).status).toBe(200);
    expect((await clinic.get(`Patient/${patient}`)).status).toBe(200);
    await suspend(clinic);
    expect((await redeem(clinic, keycode).catch(() => ({ status: 401 }))).status).toBe(401);
    await lift(clinic);
    expect((await clinic.at(two.servers[1]).get(`Patient/${patient}`)).status).toBe(200);
  });

  it('redeemed at the same time as the suspension: whatever was granted was granted before its answer', async () => {
    const clinic = await clinicInNetwork();
    const keycodes: string[] = [];
    for (let at = 0; at < 6; at++) keycodes.push(await issue(await patientOf()));
    await clinic.token();
    const redeeming = atOnce(6, (i) => redeem(clinic, keycodes[i] as string));
    await suspend(clinic, two.spread(network.operator, 1));
    const database = await two.database.open({ poolSize: 1 });
    const granted = async () =>
      Number((await database.query('SELECT count(*) FROM keycode_redemption')).rows[0]?.count);
    const atAnswer = await granted();
    const answers = await redeeming;
    expect(answers.every(({ status }) => [200, 401, 429].includes(status))).toBe(true);
    expect(await granted()).toBe(atAnswer);
  });
});
