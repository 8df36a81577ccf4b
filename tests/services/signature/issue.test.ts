import { createHash } from 'node:crypto';
import type { Member } from '../../support/network.ts';
import { letterBundle, placeOrder, ref, Stage, value } from './stage.ts';

let stage: Stage;
let hospital: Member;
let clinic: Member;
let clinic2: Member;
let rendered = 0;
beforeAll(async () => {
  stage = await Stage.open({
    signature: {
      render: async ({ document, issuedAt }) => {
        rendered += 1;
        return Buffer.from(`%PDF-1.7 ${issuedAt} ${rendered} ${createHash('sha256').update(document).digest('hex')}`);
      },
    },
  });
  ({ hospital, clinic, clinic2 } = stage);
});
afterAll(() => stage.close());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const render = (member: Member, order: string) => member.send('POST', `${order}/$render-letter`);

describe('$render-letter', () => {
  it('issues the letter of an order as Binary and Task', async () => {
    const { order, letter, patient } = await placeOrder(clinic, hospital);
    const reply = await render(clinic, order);
    expect(reply.status).toBe(200);
    expect(reply.body.parameter.map(({ name }: { name: string }) => name)).toEqual([
      'task',
      'document',
      'sha256',
      'issued',
    ]);
    const { bytes } = await stage.bytes(clinic, 'GET', value(reply, 'document').reference);
    expect(sha256(bytes)).toBe(value(reply, 'sha256'));
    const task = (await clinic.get(value(reply, 'task').reference)).body;
    expect(task).toMatchObject({
      status: 'ready',
      intent: 'order',
      code: { coding: [{ system: 'https://tasuki.example/fhir/CodeSystem/task-code', code: 'sign-letter' }] },
      businessStatus: { coding: [{ system: 'https://tasuki.example/fhir/CodeSystem/letter-status', code: 'issued' }] },
      focus: ref(letter),
      basedOn: [ref(order)],
      for: ref(patient),
      requester: ref(clinic.organization),
      owner: ref(clinic.organization),
    });
    expect(task.output.map((one: { valueReference: object }) => one.valueReference)).toEqual([
      value(reply, 'document'),
    ]);
  });

  it('answers the bytes themselves to who asks for PDF', async () => {
    const { order } = await placeOrder(clinic, hospital);
    const reply = await render(clinic, order);
    const answer = await stage.bytes(clinic, 'POST', `${order}/$render-letter`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/pdf');
    expect(answer.headers.get('x-content-sha256')).toBe(sha256(answer.bytes));
    expect(answer.headers.get('content-location')).toBe(
      `${stage.running.baseUrl}/fhir/${value(reply, 'document').reference}`,
    );
    expect(answer.headers.get('link')).toBe(
      `<${stage.running.baseUrl}/fhir/${value(reply, 'task').reference}>; rel="related"`,
    );
    expect(sha256(answer.bytes)).toBe(value(reply, 'sha256'));
  });

  it('issues one version once, whoever asks at once and by whichever way', async () => {
    const { order, letter } = await placeOrder(clinic, hospital);
    const document = await clinic.create({
      resourceType: 'DocumentReference',
      status: 'current',
      content: [{ attachment: { url: letter } }],
    });
    const ways = [`${order}/$render-letter`, `${letter}/$render`, `DocumentReference/${document.id}/$render`];
    const replies = await Promise.all(Array.from({ length: 20 }, (_, i) => clinic.send('POST', ways[i % 3] as string)));
    expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    const task = value(replies[0]!, 'task').reference;
    const tasks = (await clinic.get(`Task?focus=${letter}`)).body.entry;
    expect(tasks.map(({ resource }: { resource: { id: string } }) => `Task/${resource.id}`)).toEqual([task]);
    expect((await clinic.get(task)).body.basedOn).toEqual([ref(order)]);
  });

  it('issues a new version anew, and voids the one before in the same transaction', async () => {
    const { order, letter } = await placeOrder(clinic, hospital);
    const first = await render(clinic, order);
    const { body } = await clinic.get(letter);
    expect((await clinic.put(letter, { ...body, timestamp: '2026-06-02T00:00:00Z' })).status).toBe(200);
    const voided = (await clinic.get(value(first, 'task').reference)).body;
    expect([voided.status, voided.businessStatus.coding[0].code]).toEqual(['cancelled', 'void']);
    expect(voided.statusReason.text).toMatch(/新しい版.* \/ .*new version/);
    const second = await render(clinic, order);
    expect(value(second, 'task')).not.toEqual(value(first, 'task'));
    expect(value(second, 'sha256')).not.toBe(value(first, 'sha256'));
    const tasks = (await clinic.get(`Task?focus=${letter}&status=ready,cancelled,requested`)).body.entry;
    expect(tasks).toHaveLength(2);
  });

  it('lets nobody see what was issued of a letter that is deleted', async () => {
    const { order, letter } = await placeOrder(clinic, hospital);
    const reply = await render(clinic, order);
    const [task, binary] = [value(reply, 'task').reference, value(reply, 'document').reference];
    expect([(await hospital.get(task)).status, (await hospital.get(binary)).status]).toEqual([200, 200]);
    expect((await clinic.send('DELETE', letter)).status).toBe(204);
    expect((await hospital.get(task)).body.status).toBe('cancelled');
    expect([(await hospital.get(binary)).status, (await clinic.get(binary)).status]).toEqual([404, 200]);
  });

  it('shows Task and file to whom the order goes, as long as it goes there with the letter', async () => {
    const { order, letter } = await placeOrder(clinic, hospital);
    const reply = await render(clinic, order);
    const [task, binary] = [value(reply, 'task').reference, value(reply, 'document').reference];
    const sees = async (member: Member) => [(await member.get(task)).status, (await member.get(binary)).status];
    expect(await sees(hospital)).toEqual([200, 200]);
    for (const member of [clinic2, stage.hospital2]) expect(await sees(member)).toEqual([404, 404]);
    const { body } = await clinic.get(order);
    expect((await clinic.put(order, { ...body, supportingInfo: undefined })).status).toBe(200);
    expect(await sees(hospital)).toEqual([404, 404]);
    expect((await clinic.put(order, { ...(await clinic.get(order)).body, supportingInfo: [ref(letter)] })).status).toBe(
      200,
    );
    expect(await sees(hospital)).toEqual([200, 200]);
    expect((await clinic.send('DELETE', order)).status).toBe(204);
    expect(await sees(hospital)).toEqual([404, 404]);
  });

  it('is the sender’s: a party that sees it is refused, to others it is not there', async () => {
    const { order, letter } = await placeOrder(clinic, hospital);
    expect((await render(hospital, order)).status).toBe(422);
    expect((await hospital.send('POST', `${letter}/$render`)).status).toBe(422);
    const nothing = (await clinic2.send('POST', 'ServiceRequest/nothing/$render-letter')).text;
    for (const member of [clinic2, stage.hospital2]) {
      const reply = await render(member, order);
      expect([reply.status, reply.text]).toEqual([404, nothing]);
      expect((await member.send('POST', `${letter}/$render`)).text).toBe(nothing);
    }
  });

  it('needs exactly one letter', async () => {
    const none = await placeOrder(clinic, hospital, { supportingInfo: undefined });
    expect((await render(clinic, none.order)).body.issue[0]).toMatchObject({
      expression: ['ServiceRequest.supportingInfo'],
    });
    const other = await clinic.create({ resourceType: 'Bundle', type: 'collection' });
    const { letter } = none;
    const second = `Bundle/${(await clinic.create(letterBundle())).id}`;
    const with_ = async (infos: readonly string[]) =>
      render(clinic, (await placeOrder(clinic, hospital, { supportingInfo: infos.map(ref) })).order);
    expect((await with_([letter, second])).status).toBe(422);
    expect((await with_([`Bundle/${other.id}`])).status).toBe(422);
    expect((await with_([letter, `Bundle/${other.id}`])).status).toBe(200);
    expect((await clinic.send('POST', `Bundle/${other.id}/$render`)).status).toBe(422);
  });

  it('answers 404 and 410 as a read does, and 405 to GET', async () => {
    const { letter } = await placeOrder(clinic, hospital, { supportingInfo: undefined });
    expect((await clinic.send('DELETE', letter)).status).toBe(204);
    expect((await clinic.send('POST', `${letter}/$render`)).status).toBe(410);
    expect((await clinic.send('POST', 'Bundle/nowhere/$render')).status).toBe(404);
    expect((await clinic.get('Bundle/nowhere/$render')).status).toBe(405);
  });

  it('stores nothing where the letter cannot be rendered', async () => {
    const { order } = await placeOrder(clinic, hospital);
    const before = (await clinic.get('Task?_summary=count')).body.total;
    const failing = await Stage.open();
    try {
      const placed = await placeOrder(failing.clinic, failing.hospital);
      expect((await render(failing.clinic, placed.order)).status).toBe(422);
      expect((await failing.clinic.get('Task?_summary=count')).body.total).toBe(0);
    } finally {
      await failing.close();
    }
    expect(order).toBeTruthy();
    expect((await clinic.get('Task?_summary=count')).body.total).toBe(before);
  });
});

describe('what the service stored for a letter', () => {
  it('is changed by nobody else', async () => {
    const { order } = await placeOrder(clinic, hospital);
    const reply = await render(clinic, order);
    for (const name of [value(reply, 'task').reference, value(reply, 'document').reference]) {
      const { body } = await clinic.get(name);
      expect((await clinic.put(name, { ...body, language: 'ja' })).status).toBe(422);
      expect((await clinic.send('DELETE', name)).status).toBe(422);
    }
    const task = (await hospital.get(value(reply, 'task').reference)).body;
    const verified = { coding: [{ ...task.businessStatus.coding[0], code: 'verified' }] };
    expect(
      (await hospital.put(`Task/${task.id}`, { ...task, status: 'completed', businessStatus: verified })).status,
    ).toBe(422);
  });

  it('is imitated by nobody', async () => {
    const task = { resourceType: 'Task', status: 'completed', intent: 'order' };
    const system = 'https://tasuki.example/fhir/CodeSystem';
    const coded = { ...task, code: { coding: [{ system: `${system}/task-code`, code: 'sign-letter' }] } };
    const status = { ...task, businessStatus: { coding: [{ system: `${system}/letter-status`, code: 'verified' }] } };
    for (const one of [coded, status]) expect((await clinic.post('Task', one)).status).toBe(422);
    const own = await clinic.create(task);
    expect((await clinic.put(`Task/${own.id}`, { ...own, ...coded })).status).toBe(422);
  });
});
