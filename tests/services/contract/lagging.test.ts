import { application, call, noticesOf, output } from './papers.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open('2026-03-01');
});
afterAll(() => stage.close());

it('the job and the operator at the same contracts do each step once, and nobody waits for ever', async () => {
  const { operator } = stage;
  const contracts: string[] = [];
  for (let i = 0; i < 4; i++) {
    const applied = await call(operator, 'Contract/$apply', { application: application() });
    const contract = output(applied, 'contract') as string;
    await call(operator, `${contract}/$accept`, { start: '2026-03-05' });
    contracts.push(contract);
  }
  stage.turnTo('2026-03-05');
  const acts = contracts.flatMap((contract) => [
    () => call(operator, `${contract}/$end`, { ground: '1', contacted: '2026-03-04', reason: 'x' }),
    () => call(operator, `${contract}/$terminate`),
    () => call(operator, `${contract}/$change-services`, { service: ['care-cooperation'] }),
    () => call(operator, `${contract}/$accept`),
  ]);
  const [replies] = await Promise.all([
    Promise.all(acts.map((act) => act())),
    ...Array.from({ length: 3 }, () => stage.work()),
  ]);
  for (const { status } of replies) expect([200, 409]).toContain(status);
  await stage.work();
  for (const [i, contract] of contracts.entries()) {
    const told = await noticesOf(operator, contract);
    for (const code of ['received', 'accepted', 'started', 'ended'])
      expect([code, told.filter((one) => one === code).length]).toEqual([code, 1]);
    const { rows } = await stage.database.query<{ interaction: string; count: number }>(
      `SELECT interaction, count(*)::int AS count FROM audit WHERE resource_id = $1 AND interaction LIKE 'contract-%' AND outcome = 0 GROUP BY interaction`,
      [contract.split('/')[1]],
    );
    const counts = Object.fromEntries(rows.map(({ interaction, count }) => [interaction, count]));
    expect(counts).toMatchObject({ 'contract-started': 1, 'contract-ended': 1 });
    const [ended, terminated, changed] = replies.slice(i * 4, i * 4 + 3).map(({ status }) => status);
    expect(ended).toBe(200);
    expect(counts['contract-terminated'] ?? 0).toBe(terminated === 200 ? 1 : 0);
    expect(counts['contract-services-changed'] ?? 0).toBe(changed === 200 ? 1 : 0);
  }
});

it('services that shrink by their day shrink for tokens that are alive, and what they were registered for gives no more', async () => {
  const { operator, network, hospital } = stage;
  stage.turnTo('2026-03-10');
  const clinic = await network.enrol(
    'medical',
    'かえで医院',
    'system/Slot.rs system/ServiceRequest.crus system/Patient.crus',
  );
  await network.affiliate(hospital, clinic);
  const place = await hospital.create({ resourceType: 'Location', name: 'CT' });
  const schedule = await hospital.create({
    resourceType: 'Schedule',
    actor: [{ reference: `Location/${place.id}` }],
  });
  await hospital.create({
    resourceType: 'Slot',
    schedule: { reference: `Schedule/${schedule.id}` },
    status: 'free',
    start: '2026-04-01T00:00:00Z',
    end: '2026-04-01T01:00:00Z',
  });
  const slots = async () => (await clinic.get('Slot?_summary=count')).body.total;
  expect(await slots()).toBe(1);
  const { rows } = await stage.database.query<{ id: string }>(
    'SELECT c.id FROM contract c JOIN institution i ON i.rid = c.institution WHERE i.id = $1',
    [clinic.organization.split('/')[1]],
  );
  const contract = `Contract/${rows[0]?.id}`;
  const changed = await call(operator, `${contract}/$change-services`, { service: ['timeline'], from: '2026-03-11' });
  expect(changed.status).toBe(200);
  expect(await slots()).toBe(1);
  const token = await clinic.token();
  stage.turnTo('2026-03-10T23:59:59.999+09:00');
  await stage.work();
  expect(await slots()).toBe(1);
  stage.turnTo('2026-03-11T00:00:00+09:00');
  await stage.work();
  const answer = await stage.hospital.send('GET', 'Slot?_summary=count', undefined, {
    authorization: `Bearer ${token}`,
  });
  expect([answer.status, answer.body.total]).toEqual([200, 0]);
  expect(await slots()).toBe(0);
  for (const path of ['Slot?_revinclude=*', `Slot?schedule.actor=Location/${place.id}`])
    expect((await clinic.get(path)).body.entry ?? []).toEqual([]);
  const again = await operator.post(`${clinic.organization}/$register-client`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'name', valueString: 'x' },
      { name: 'jwksUrl', valueUrl: 'https://clinic.example/jwks' },
      { name: 'scope', valueString: 'system/Slot.rs' },
    ],
  });
  expect(again.status).toBe(422);
});
