import { application, call, output } from './papers.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open('2026-03-02', { MUNICIPALITY_MEDICAL_COOPERATION: 'true' });
});
afterAll(() => stage?.close());

it.each([
  ['municipality', 200],
  ['care', 422],
  ['health', 422],
])(
  'medical cooperation, where municipalities may have it, is answered for a %s institution with %i',
  async (kind, status) => {
    const { operator } = stage.network;
    const answers = { 'institution.kind': kind, 'services.service': ['medical-cooperation'] };
    const applied = await call(operator, 'Contract/$apply', { application: application(answers) });
    expect(applied.status).toBe(201);
    const contract = output(applied, 'contract') as string;
    expect((await call(operator, `${contract}/$accept`)).status).toBe(status);
  },
);

it('a municipality then books in the network of the hospital that registered it', async () => {
  const { network, hospital } = stage;
  const town = await network.register('municipality', 'みなと町');
  await network.contract(town, { services: ['medical-cooperation'] });
  const service = await hospital.create({ resourceType: 'HealthcareService', name: '検査' });
  const actor = [{ reference: `HealthcareService/${service.id}` }];
  const schedule = await hospital.create({ resourceType: 'Schedule', actor });
  expect((await town.get(`Schedule/${schedule.id}`)).status).toBe(404);
  await network.affiliate(hospital, town, ['medical-cooperation']);
  expect((await town.get(`Schedule/${schedule.id}`)).status).toBe(200);
});
