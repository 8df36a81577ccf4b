import { fresh, patient } from '../fhir/interactions/samples.ts';
import { startTwo, type TwoProcesses } from './two-processes.ts';

describe('two servers that start at once on an empty database', () => {
  let two: TwoProcesses;
  beforeAll(async () => {
    two = await startTwo({ empty: true });
  });
  afterAll(() => two.close());

  it('are both ready, and each migration was applied once', async () => {
    const ready = await Promise.all(two.servers.map(({ baseUrl }) => fetch(`${baseUrl}/readyz`)));
    expect(ready.map(({ status }) => status)).toEqual([200, 200]);
    const applied = two.servers.flatMap((server) => server.logs().match(/"migration applied","name":"[^"]+"/g) ?? []);
    expect(new Set(applied).size).toBe(applied.length);
    const database = await two.database.open({ poolSize: 1 });
    const { rows } = await database.query('SELECT number FROM schema_migration');
    expect(rows).toHaveLength(applied.length);
  });

  it('share keys and secrets: what one writes the other finds, and opens the page links of', async () => {
    const hospital = await two.network.enrol('cooperating-hospital');
    const there = two.spread(hospital, 1);
    const { id } = await hospital.create(patient(fresh()));
    await there.create(patient(fresh()));
    expect((await there.get(`Patient/${id}`)).status).toBe(200);
    const first = await hospital.get('Patient?_count=1');
    const next = first.body.link.find((link: { relation: string }) => link.relation === 'next').url as string;
    const second = await there.get(next.slice(next.indexOf('/fhir/') + '/fhir/'.length));
    expect(second.status).toBe(200);
    expect(second.body.entry).toHaveLength(1);
    expect(second.body.entry[0].fullUrl).not.toBe(first.body.entry[0].fullUrl);
  });
});
