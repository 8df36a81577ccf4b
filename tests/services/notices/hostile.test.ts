import type { Member, Reply } from '../../support/network.ts';
import { Stage } from '../signature/stage.ts';
import { parameters } from './parameters.ts';

/** Notices against those who want to see, forge or break them. */
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
}, 60_000);
afterAll(() => stage?.close());

type Values = Parameters<typeof parameters>[0];
const operator = () => stage.network.operator;
const hello = { kind: 'information', title: 'お知らせ', text: '秘密の文面です。' };
const publish = (by: Member, values: Values) => by.post('$publish-notice', parameters(values));
async function published(by: Member, values: Values): Promise<string> {
  const reply = await publish(by, values);
  expect([reply.status, reply.text]).toEqual([201, reply.text]);
  return reply.body.id;
}
const correct = (by: Member, id: string, values: Values) =>
  by.post(`Communication/${id}/$correct-notice`, parameters(values));
const withdraw = (by: Member, id: string) =>
  by.post(`Communication/${id}/$withdraw-notice`, parameters({ reason: '内容に誤りがあったため取り下げます。' }));

describe('a notice that is not yet published', () => {
  it('is to its addressees as one that there is not, whichever way they ask', async () => {
    const draft = await published(operator(), { ...hello, everyone: true, publish: '2096-01-01' });
    const never = `${'0'.repeat(8)}${draft.slice(8)}`;
    const ways: readonly (readonly [string, (by: Member, id: string) => Promise<Reply>])[] = [
      ...[
        (id: string) => `Communication/${id}`,
        (id: string) => `Communication/${id}/_history/1`,
        (id: string) => `Communication/${id}/_history`,
        (id: string) => `Communication?_id=${id}&_total=accurate`,
        (id: string) => `Communication?_id=${id}&_summary=count`,
        (id: string) => `Communication?_id=${id}&_include=Communication:sender`,
        (id: string) => `Communication/${id}/$notice-reads`,
      ].map((path) => [path('ID'), (by: Member, id: string) => by.get(path(id))] as const),
      ['batch', (by, id) => by.post('', bundle('batch', 'GET', `Communication/${id}`))],
      ['batch of operations', (by, id) => by.post('', bundle('batch', 'POST', `Communication/${id}/$mark-read`))],
      ['mark-read', (by, id) => by.post('$mark-read', parameters({ notice: { reference: `Communication/${id}` } }))],
      ['DELETE', (by, id) => by.send('DELETE', `Communication/${id}`)],
      ['correct', (by, id) => correct(by, id, { text: 'あ' })],
      ['withdraw', (by, id) => withdraw(by, id)],
      ['reference', (by, id) => by.post('Communication', message(by, { inResponseTo: [ref(`Communication/${id}`)] }))],
      ['PUT', (by, id) => by.put(`Communication/${id}`, { ...message(by), id })],
    ];
    for (const [way, ask] of ways)
      for (const by of [stage.clinic, stage.hospital2]) {
        const [found, unknown] = [await ask(by, draft), await ask(by, never)];
        const told = ({ status, text }: Reply, id: string) =>
          [
            status,
            text.replaceAll(id, 'ID').replace(/"(?:timestamp|lastUpdated)":"[^"]*"|[0-9a-f-]{36}|cursor=[^"&]*/g, ''),
          ] as const;
        expect([way, ...told(found, draft)]).toEqual([way, ...told(unknown, never)]);
        expect([way, found.text.includes('秘密')]).toEqual([way, false]);
      }
    for (const path of [
      '$notices?limit=200',
      '_history?_count=100',
      'Communication/_history?_count=100',
      'Communication?_count=100',
    ])
      expect([path, (await stage.clinic.get(path)).text.includes(draft)]).toEqual([path, false]);
    expect((await operator().get(`Communication/${draft}`)).status).toBe(200);
    // Nothing of that has done anything to it.
    expect((await operator().get(`Communication/${draft}/_history`)).body.total).toBe(1);
  });
});

describe('who forges the word of the operator', () => {
  const system = 'https://tasuki.example/fhir/CodeSystem/notice-kind';
  const category = [{ coding: [{ system, code: 'outage' }] }];

  it.each<[string, (by: Member) => Promise<Reply>]>([
    ['by POST', (by) => by.post('Communication', message(by, { category }))],
    [
      'beside another category',
      (by) => by.post('Communication', message(by, { category: [{ text: 'x' }, ...category] })),
    ],
    [
      'as the second coding of one',
      (by) =>
        by.post(
          'Communication',
          message(by, {
            category: [
              {
                coding: [
                  { system: 'urn:x', code: 'y' },
                  { system, code: 'outage' },
                ],
              },
            ],
          }),
        ),
    ],
    [
      'by a conditional create',
      (by) => by.post('Communication', message(by, { category }), { 'If-None-Exist': '_id=nothing-such' }),
    ],
    [
      'in a transaction',
      (by) => by.post('', bundle('transaction', 'POST', 'Communication', message(by, { category }))),
    ],
    [
      'by a conditional create in a transaction',
      (by) =>
        by.post(
          '',
          bundle('transaction', 'POST', 'Communication', message(by, { category }), {
            ifNoneExist: '_id=nothing-such',
          }),
        ),
    ],
  ])('%s is refused', async (_, forge) => {
    for (const by of [stage.hospital, stage.clinic]) {
      const reply = await forge(by);
      expect([reply.status, reply.body.issue[0].expression]).toEqual([422, expect.anything()]);
    }
  });

  it('in a batch is refused for its entry', async () => {
    const by = stage.hospital;
    const reply = await by.post('', bundle('batch', 'POST', 'Communication', message(by, { category })));
    expect(reply.body.entry[0].response.status).toMatch(/^422/);
  });

  it.each([
    ['null', [null]],
    ['a coding that is null', [{ coding: [null] }]],
    ['no list', { coding: [{ system, code: 'outage' }] }],
    ['a text', 'outage'],
    ['a coding that is no list', [{ coding: { system, code: 'outage' } }]],
    ['a system that is no text', [{ coding: [{ system: { a: system } }] }]],
  ])('with a category of %s is told what is wrong', async (_, wrong) => {
    const reply = await stage.hospital.post('Communication', message(stage.hospital, { category: wrong }));
    expect([reply.status >= 400 && reply.status < 500, reply.body.resourceType]).toEqual([true, 'OperationOutcome']);
  });

  it('changes none that it has published, by no way of writing', async () => {
    const id = await published(stage.hospital, hello);
    const own = (await stage.hospital.get(`Communication/${id}`)).body;
    const other = { ...own, payload: [{ contentString: '偽のお知らせ' }] };
    const bare = { ...message(stage.hospital), id };
    for (const resource of [other, bare]) {
      for (const reply of [
        await stage.hospital.put(`Communication/${id}`, resource),
        await stage.hospital.put(`Communication?_id=${id}`, resource),
        await stage.hospital.put(`Communication/${id}`, resource, { 'If-Match': 'W/"1"' }),
        await stage.hospital.post('', bundle('transaction', 'PUT', `Communication/${id}`, resource)),
        await stage.hospital.post('', bundle('transaction', 'PUT', `Communication?_id=${id}`, resource)),
        await stage.hospital.post('', bundle('transaction', 'DELETE', `Communication/${id}`)),
        await stage.hospital.send('DELETE', `Communication?_id=${id}`),
        await stage.hospital.send('PATCH', `Communication/${id}`),
      ])
        expect(reply.status).toBeGreaterThanOrEqual(400);
    }
    expect((await stage.clinic.get(`Communication/${id}`)).body).toEqual(own);
  });
});

describe('how long before, to the minute, by the clocks of Japan', () => {
  const change = { kind: 'service-change', title: '変更', text: '変更します。', everyone: true };
  const works = { ...change, kind: 'maintenance' };
  it.each([
    // The month: from 31 January there is no 31 February, so 1 March.
    ['2097-01-31', '2097-03-01', 201],
    ['2097-01-31', '2097-02-28T23:59:59+09:00', 422],
    // The last second of 31 January in Japan, told in UTC; and the first of February.
    ['2097-01-31T14:59:59Z', '2097-02-28T15:00:00Z', 201],
    ['2097-01-31T14:59:59Z', '2097-02-28T14:59:59Z', 422],
    ['2097-01-31T15:00:00Z', '2097-02-28T15:00:00Z', 201],
    ['2097-01-31T15:00:00Z', '2097-02-28T14:59:59Z', 422],
    ['2096-01-29', '2096-02-29', 201],
    ['2096-01-30', '2096-02-29', 422],
    ['2096-12-31', '2097-01-31', 201],
    ['2096-12-31', '2097-01-30', 422],
  ])('a change published on %s may take effect on %s: %i', async (from, effective, status) => {
    expect((await publish(operator(), { ...change, publish: from, effective })).status).toBe(status);
  });

  it.each([
    ['2096-02-22', '2096-02-29T00:00:00+09:00', 201],
    ['2096-02-22T14:59:59Z', '2096-02-28T15:00:00Z', 201],
    ['2096-02-22T15:00:00Z', '2096-02-28T15:00:00Z', 422],
    ['2096-12-28', '2097-01-03T23:59:59+09:00', 422],
    ['2096-12-28', '2097-01-04T00:00:00+09:00', 201],
  ])('works published on %s may begin at %s: %i', async (from, start, status) => {
    const effective = { start, end: '2097-01-05' };
    expect((await publish(operator(), { ...works, publish: from, effective })).status).toBe(status);
  });

  it('is not got around by putting the publication off afterwards', async () => {
    const id = await published(operator(), { ...change, publish: '2096-01-01', effective: '2096-02-01' });
    expect((await correct(operator(), id, { publish: '2096-01-02' })).status).toBe(422);
    expect((await correct(operator(), id, { publish: '2095-12-31' })).status).toBe(200);
    expect((await correct(operator(), id, { publish: '2096-01-02', effective: '2096-02-02' })).status).toBe(200);
    expect((await correct(operator(), id, { text: '公表前の文です。' })).status).toBe(200);
  });
});

describe('what no program would send', () => {
  const WEIRD: readonly object[] = [
    { valueString: null },
    { valueString: 5 },
    { valueString: '' },
    { valueString: '\ud800' },
    { valueString: 'x'.repeat(100_000) },
    { valueBoolean: 'yes' },
    { valueReference: null },
    { valueReference: { reference: 5 } },
    { valueReference: { reference: 'Communication/../Patient/1' } },
    { valuePeriod: null },
    { valuePeriod: { start: {}, end: [] } },
    { valuePeriod: { start: '9999-12-31', end: '9999-12-31T23:59:59Z' } },
    { valueDateTime: '0001-01-01' },
    { valueInteger: 1e99 },
    { valueInteger: -1 },
    { resource: { resourceType: 'Patient' } },
    { part: [] },
    {},
  ];
  /** What is needed beside the one. */
  const WHOLE: Readonly<Record<string, Values>> = {
    '$publish-notice': { ...hello, everyone: true },
    $disclose: { ground: 'protection', recipient: 'r', class: 'name', purpose: 'p', approverName: 'a' },
    $statistics: { from: '2026-01', months: '1' },
    '$export-users': { purpose: 'inform' },
  };
  it.each([
    [
      '$publish-notice',
      ['kind', 'title', 'textEn', 'everyone', 'network', 'publish', 'effective', 'stops', 'override'],
    ],
    ['$correct-notice', ['notice', 'title', 'publish', 'effective', 'stops', 'correction']],
    ['$withdraw-notice', ['notice', 'reason']],
    ['$mark-read', ['notice']],
    ['$notices', ['unread', 'kind', 'after', 'limit']],
    ['$notice-reads', ['notice', 'after', 'limit']],
    ['$disclose', ['ground', 'recipient', 'class', 'institution', 'person', 'approver', 'secretUntil']],
    ['$disclosures', ['institution', 'from', 'to', 'limit']],
    ['$export-users', ['purpose', 'after', 'limit']],
    ['$statistics', ['metric', 'by', 'from', 'months']],
  ])('is refused by %s, or taken for what it is, and never a defect', async (name, names) => {
    const rest = WHOLE[name] ?? {};
    const notice = name.startsWith('$correct')
      ? { notice: ref(`Communication/${await published(operator(), WHOLE['$publish-notice'] as Values)}`) }
      : {};
    for (const one of names)
      for (const weird of WEIRD) {
        const whole = parameters({ ...rest, ...notice, [one]: undefined }).parameter;
        const parameter = [...whole, { name: one, ...weird }];
        const { status, body } = await operator().post(name, { resourceType: 'Parameters', parameter });
        expect([one, weird, status < 500, body.resourceType]).toEqual([
          one,
          weird,
          true,
          status < 400 ? expect.anything() : 'OperationOutcome',
        ]);
      }
    for (const body of [
      { resourceType: 'Patient' },
      { resourceType: 'Parameters', parameter: {} },
      { resourceType: 'Parameters', parameter: [null, [], 'x', 5] },
    ])
      expect((await operator().post(name, body)).status).toBeLessThan(500);
  });
});

describe('several at a time', () => {
  it('change, read and withdraw one notice: each is done once or refused, and a withdrawn one stays so', async () => {
    const id = await published(stage.hospital, hello);
    const all = await Promise.all([
      ...Array.from({ length: 4 }, (_, i) => correct(stage.hospital, id, { text: `第${i}版` })),
      ...Array.from({ length: 3 }, () => withdraw(stage.hospital, id)),
      ...Array.from({ length: 3 }, () => stage.clinic.post(`Communication/${id}/$mark-read`, parameters({}))),
    ]);
    for (const { status } of all) expect([200, 409]).toContain(status);
    const [changed, withdrawn, read] = [all.slice(0, 4), all.slice(4, 7), all.slice(7)].map(
      (some) => some.filter(({ status }) => status === 200).length,
    );
    expect([withdrawn, read]).toEqual([1, 3]);
    const history = (await stage.clinic.get(`Communication/${id}/_history`)).body;
    expect(history.total).toBe(1 + (changed ?? 0) + 1);
    expect(history.entry[0].resource.status).toBe('stopped');
    expect((await correct(stage.hospital, id, { text: '後から' })).status).toBe(409);
  });

  it('are told once, however often they are named, and not more than a thousand', async () => {
    const one = { reference: stage.clinic.organization };
    const id = await published(operator(), { ...hello, recipient: Array.from({ length: 300 }, () => one) });
    const reads = await operator().get(`Communication/${id}/$notice-reads`);
    expect(reads.body.parameter.filter(({ name }: { name: string }) => name === 'institution')).toHaveLength(1);
    const many = Array.from({ length: 1001 }, (_, i) => ({ reference: `Organization/x${i}` }));
    expect((await publish(operator(), { ...hello, recipient: many })).status).toBe(400);
  });
});

/** Last: tokens of whoever was shut out do not come back to life. */
describe('what was published with a stolen account', () => {
  it('is withdrawn by the operator, also while the hospital is shut out; nobody else withdraws another’s', async () => {
    const recipient = { reference: stage.clinic2.organization };
    const id = await published(stage.hospital, { ...hello, recipient });
    const network = await published(stage.hospital, hello);
    for (const by of [stage.hospital2, stage.clinic2]) expect([403, 404]).toContain((await withdraw(by, id)).status);
    const act = (name: string, values: Values) =>
      operator().post(`${stage.hospital.organization}/${name}`, parameters(values));
    expect((await act('$suspend', { reason: 'theft', text: '管理者の端末の盗難' })).status).toBe(200);
    // The network of who is shut out is shut too; what was sent to single institutions is still there.
    expect((await stage.clinic2.get(`Communication/${network}`)).status).toBe(404);
    expect((await stage.clinic2.get(`Communication/${id}`)).status).toBe(200);
    const withdrawn = await withdraw(operator(), id);
    expect([withdrawn.status, withdrawn.body.sender]).toEqual([200, { reference: stage.hospital.organization }]);
    const seen = (await stage.clinic2.get(`Communication/${id}`)).body;
    expect([seen.status, seen.statusReason.text]).toEqual(['stopped', expect.stringContaining('取り下げます')]);
    expect((await correct(operator(), network, { text: '運営者の文' })).status).toBe(404);
    expect((await act('$lift', { text: '新しい端末を用意した' })).status).toBe(200);
  });
});

const ref = (reference: string) => ({ reference });
const message = ({ organization }: Member, more: object = {}) => ({
  resourceType: 'Communication',
  status: 'completed',
  sender: ref(organization),
  payload: [{ contentString: 'こんにちは' }],
  ...more,
});
const bundle = (type: string, method: string, url: string, resource?: object, more: object = {}) => ({
  resourceType: 'Bundle',
  type,
  entry: [{ ...(resource && { resource }), request: { method, url, ...more } }],
});
