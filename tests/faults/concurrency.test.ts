import { Access } from '../../src/access/access.ts';
import { BEGINNING, changes, type OutboxChange } from '../../src/store/outbox.ts';
import {
  by,
  fresh,
  made,
  observation,
  patient,
  posting,
  putting,
  SYSTEM,
  statuses,
  transaction,
  urn,
} from '../fhir/interactions/samples.ts';
import type { Member, Reply } from '../support/network.ts';
import { settled } from './settled.ts';
import { atOnce, startTwo, type TwoProcesses, tally } from './two-processes.ts';

let two: TwoProcesses;
let hospital: Member;
beforeAll(async () => {
  two = await startTwo();
  hospital = await two.network.enrol('cooperating-hospital');
  await Promise.all([0, 1].map((i) => two.spread(hospital, i).token()));
});
afterAll(() => two.close());

const at = (i: number) => two.spread(hospital, i);
const count = async (value: string): Promise<number> =>
  (await hospital.get(`Patient?${by(value)}&_summary=count`)).body.total;
const idOf = (reply: Reply): string => reply.body.id;

describe('64 conditional creates of one identifier at once, on two processes', () => {
  it('make one resource, which the others are given', async () => {
    const value = fresh();
    const replies = await atOnce(64, (i) => at(i).post('Patient', patient(value), { 'if-none-exist': by(value) }));
    expect(tally(replies.map(({ status }) => status))).toEqual({ 201: 1, 200: 63 });
    expect(new Set(replies.map(idOf)).size).toBe(1);
    expect(await count(value)).toBe(1);
  });

  it('make one resource, however the criteria are written', async () => {
    const value = fresh();
    const spellings = [
      by(value),
      `?${by(value)}`,
      `identifier=${encodeURIComponent(`${SYSTEM}|${value}`)}`,
      `_count=7&${by(value)}&_format=json`,
    ];
    const replies = await atOnce(64, (i) =>
      at(i).post('Patient', patient(value), { 'if-none-exist': spellings[(i >> 1) % spellings.length] as string }),
    );
    expect(tally(replies.map(({ status }) => status))).toEqual({ 201: 1, 200: 63 });
    expect(await count(value)).toBe(1);
  });

  it('make one resource inside transactions, and what refers to it refers to that one', async () => {
    const value = fresh();
    const replies = await atOnce(64, (i) => {
      const name = urn();
      const condition = { ifNoneExist: by(value) };
      return at(i).post('', transaction(posting(observation(name)), posting(patient(value), name, condition)));
    });
    expect(tally(replies.map((reply) => statuses(reply).join()))).toEqual({ '201,201': 1, '201,200': 63 });
    const [reference, ...others] = new Set(replies.map((reply) => made(reply, 1)));
    expect(others).toEqual([]);
    expect((await hospital.get(`Observation?subject=${reference}&_summary=count`)).body.total).toBe(64);
  });

  it('and conditional updates make one resource together, and each update a version', async () => {
    const value = fresh();
    const replies = await atOnce(64, (i) =>
      i % 4 < 2
        ? at(i).post('Patient', patient(value), { 'if-none-exist': by(value) })
        : at(i).put(`Patient?${by(value)}`, patient(value, { gender: 'female' })),
    );
    expect(new Set(replies.map(idOf)).size).toBe(1);
    const { 201: created, 200: others } = tally(replies.map(({ status }) => status));
    expect([created, others]).toEqual([1, 63]);
    const updated = replies.filter((reply, i) => i % 4 >= 2 && reply.status === 200);
    const versions = updated.map(({ body }) => Number(body.meta.versionId)).sort((a, b) => a - b);
    expect(versions).toEqual(updated.map((_, i) => i + 2));
  });

  it('of several institutions make one of what all may see', async () => {
    const clinics = await Promise.all([0, 1, 2].map(() => two.network.enrol('medical')));
    for (const clinic of clinics) await two.network.affiliate(hospital, clinic);
    const members = [hospital, ...clinics];
    const practitioner = { resourceType: 'Practitioner', identifier: [{ system: SYSTEM, value: fresh() }] };
    const criteria = by(practitioner.identifier[0]?.value ?? '');
    const replies = await atOnce(64, (i) =>
      two.spread(members[(i >> 1) % 4] as Member, i).post('Practitioner', practitioner, { 'if-none-exist': criteria }),
    );
    expect(tally(replies.map(({ status }) => status))).toEqual({ 201: 1, 200: 63 });
    expect(new Set(replies.map(idOf)).size).toBe(1);
  });
});

describe('100 updates of one resource at once, on two processes', () => {
  it('make the versions 2 to 101, each with the content that it was acknowledged for', async () => {
    const value = fresh();
    const { id } = await hospital.create(patient(value));
    const replies = await atOnce(100, (i) =>
      at(i).put(`Patient/${id}`, patient(value, { id, name: [{ family: `第${i}` }] })),
    );
    expect(tally(replies.map(({ status }) => status))).toEqual({ 200: 100 });
    const versions = replies.map((reply) => Number(reply.body.meta.versionId));
    expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i + 2));
    const stored = await atOnce(100, (i) => at(i + 1).get(`Patient/${id}/_history/${versions[i]}`));
    expect(stored.map(({ body }) => body.name[0].family)).toEqual(replies.map((_, i) => `第${i}`));
    expect(stored.map(({ text }) => text)).toEqual(replies.map(({ text }) => text));
    const history = await hospital.get(`Patient/${id}/_history?_count=200`);
    expect(history.body.total).toBe(101);
    const current = replies[versions.indexOf(101)] as Reply;
    expect((await hospital.get(`Patient/${id}`)).text).toBe(current.text);
    const names = await hospital.get(`Patient?${by(value)}&family=${encodeURIComponent(current.body.name[0].family)}`);
    expect(names.body.total).toBe(1);
  });

  it('with If-Match have one winner for each version; the others are told that they came late', async () => {
    const value = fresh();
    const { id } = await hospital.create(patient(value));
    const put = (i: number, version: number) =>
      at(i).put(`Patient/${id}`, patient(value, { id }), { 'if-match': `W/"${version}"` });
    for (const version of [1, 2, 3]) {
      const replies = await atOnce(34, (i) => put(i, version));
      expect(tally(replies.map(({ status }) => status))).toEqual({ 200: 1, 412: 33 });
      expect(replies.find(({ status }) => status === 200)?.headers.get('etag')).toBe(`W/"${version + 1}"`);
    }
    expect((await hospital.get(`Patient/${id}`)).headers.get('etag')).toBe('W/"4"');
  });

  it('and a deletion leave a history without gaps, which ends with the deletion', async () => {
    const value = fresh();
    const { id } = await hospital.create(patient(value));
    const replies = await atOnce(50, (i) =>
      i === 20 ? at(i).send('DELETE', `Patient/${id}`) : at(i).put(`Patient/${id}`, patient(value, { id })),
    );
    const { 200: updates, 204: deletions, 410: late = 0 } = tally(replies.map(({ status }) => status));
    expect([deletions, (updates ?? 0) + late]).toEqual([1, 49]);
    expect(replies[20]?.headers.get('etag')).toBe(`W/"${(updates ?? 0) + 2}"`);
    expect((await hospital.get(`Patient/${id}`)).status).toBe(410);
    expect(await count(value)).toBe(0);
  });
});

it('transactions that change the same resources in any order all go through, and lose nothing', async () => {
  const values = Array.from({ length: 4 }, fresh);
  const ids: string[] = [];
  for (const value of values) ids.push((await hospital.create(patient(value))).id);
  const turned = (i: number) => values.map((_, k) => (i % 2 ? k : 3 - k));
  const replies = await atOnce(40, (i) =>
    at(i).post(
      '',
      transaction(
        ...turned(i).map((k) => putting(`Patient/${ids[k]}`, patient(values[k] as string, { id: ids[k] as string }))),
      ),
    ),
  );
  expect(tally(replies.map(({ status }) => status))).toEqual({ 200: 40 });
  for (const id of ids) expect((await hospital.get(`Patient/${id}`)).headers.get('etag')).toBe('W/"41"');
});

it('every version that was acknowledged is in the outbox once', async () => {
  const database = await two.database.open({ poolSize: 1 });
  const { rows } = await database.query<{ n: number }>('SELECT count(*)::float8 AS n FROM resource_version');
  await settled(database);
  const told: string[] = [];
  for (let after: bigint | undefined = BEGINNING; after !== undefined; ) {
    const page: OutboxChange[] = await changes(Access.system('test'), database, after, 100);
    told.push(...page.map(({ rid, version }) => `${rid}/${version}`));
    after = page.at(-1)?.tx;
  }
  expect(new Set(told).size).toBe(told.length);
  expect(told).toHaveLength(rows[0]?.n as number);
});
