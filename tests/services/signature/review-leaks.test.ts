import type { Member } from '../../support/network.ts';
import { believe, certificateOf, placeOrder, ref, Stage, signed, submitted, value } from './stage.ts';

let stage: Stage;
let hospital: Member;
let clinic: Member;
let clinic2: Member;
let doctor: string;
beforeAll(async () => {
  stage = await Stage.open({
    signature: {
      render: async () => Buffer.from(`%PDF-1.7 ${Math.random()}`),
      verify: async (input) => believe(input),
    },
  });
  ({ hospital, clinic, clinic2 } = stage);
  await stage.network.affiliate(stage.hospital2, clinic);
  doctor = `Practitioner/${(await clinic.create({ resourceType: 'Practitioner', name: [{ text: '桜井 春香' }] })).id}`;
});
afterAll(() => stage.close());

async function sent() {
  const placed = await placeOrder(clinic, hospital);
  const issued = await clinic.send('POST', `${placed.order}/$render-letter`);
  const task = value(issued, 'task').reference as string;
  const { bytes } = await stage.bytes(clinic, 'GET', value(issued, 'document').reference);
  await submitted(clinic, task, signed(bytes));
  await clinic.post(`${doctor}/$confirm-signer`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'certificate', valueString: certificateOf('aa') },
      { name: 'confirm', valueBoolean: true },
    ],
  });
  const { body } = await hospital.get(task);
  const parts = body.input.map((one: { valueReference: { reference: string } }) => one.valueReference.reference);
  expect(parts.map((part: string) => part.split('/')[0])).toEqual([
    'Binary',
    'Binary',
    'DocumentReference',
    'Provenance',
  ]);
  return { ...placed, task, parts: parts as string[] };
}
const statuses = (member: Member, paths: readonly string[]) =>
  Promise.all(paths.map(async (path) => (await member.get(path)).status));
const histories = (paths: readonly string[]) => paths.map((path) => `${path}/_history`);
const first = (paths: readonly string[]) => paths.map((path) => `${path}/_history/1`);

async function replace(letter: string) {
  const { body } = await clinic.get(letter);
  expect((await clinic.put(letter, { ...body, timestamp: new Date().toISOString() })).status).toBe(200);
}

describe('what is kept of a letter', () => {
  it('is gone for the hospital when the letter is deleted, with every version there was of it', async () => {
    const { letter, order, parts, task } = await sent();
    await replace(letter);
    const second = await clinic.send('POST', `${order}/$render-letter`);
    const all = [...parts, value(second, 'document').reference];
    expect(new Set(await statuses(hospital, all))).toEqual(new Set([200]));
    expect((await clinic.send('DELETE', letter)).status).toBe(204);
    for (const paths of [all, histories(all), first(all)])
      expect(new Set(await statuses(hospital, paths))).toEqual(new Set([404]));
    expect(new Set(await statuses(clinic, all))).toEqual(new Set([200]));
    for (const one of [task, value(second, 'task').reference]) {
      const { body } = await hospital.get(one);
      expect([body.status, body.input]).toEqual(['cancelled', undefined]);
    }
  });

  it.each([
    [
      'goes to another',
      async (order: string) => {
        const { body } = await clinic.get(order);
        return clinic.put(order, { ...body, performer: [ref(stage.hospital2.organization)] });
      },
    ],
    [
      'names the letter no more',
      async (order: string) => {
        const { body } = await clinic.get(order);
        return clinic.put(order, { ...body, supportingInfo: undefined });
      },
    ],
    ['is deleted', (order: string) => clinic.send('DELETE', order)],
  ])('is gone for the hospital when the order %s', async (_, end) => {
    const { order, letter, parts, task } = await sent();
    await replace(letter);
    expect((await end(order)).status).toBeLessThan(300);
    const all = [task, ...parts];
    for (const paths of [all, histories(all), first(all)])
      expect(new Set(await statuses(hospital, paths))).toEqual(new Set([404]));
    const nothing = await hospital.get('Task/nothing/$verification');
    expect((await hospital.get(`${task}/$verification`)).text).toBe(nothing.text);
  });

  it('is as if it were not there to whom it does not go', async () => {
    const { order, letter, parts, task } = await sent();
    const stranger = await stage.network.enrol('cooperating-hospital');
    const asking = async (member: Member, path: string, body?: object) => {
      const reply = await member.send(body || path.includes('$') ? 'POST' : 'GET', path, body);
      return [reply.status, reply.text];
    };
    const parameter = [
      { name: 'certificate', valueString: certificateOf('aa') },
      { name: 'confirm', valueBoolean: true },
    ];
    const questions: [string, object?][] = [
      ...['$verify-again', '$submit-signed', '$verification'].map((name) => [`${task}/${name}`] as [string]),
      [`${order}/$render-letter`],
      [`${letter}/$render`],
      [`${order}/$submit-signed`],
      [`${letter}/$submit-signed`],
      [`${parts[2]}/$render`],
      [`${parts[2]}/$submit-signed`],
      [`${doctor}/$confirm-signer`, { resourceType: 'Parameters', parameter }],
      ...parts.map((part) => [part] as [string]),
    ];
    for (const member of [stranger, clinic2])
      for (const [path, body] of questions) {
        // Who is in one network sees who works there.
        if (path.startsWith('Practitioner') && member === clinic2) continue;
        const [type] = path.split('/');
        const rest = path.includes('$') ? `/${path.split('/')[2]}` : '';
        expect([path, await asking(member, path, body)]).toEqual([
          path,
          await asking(member, `${type}/0b8ef5c3-0000-4000-8000-000000000000${rest}`, body),
        ]);
      }
    for (const member of [stranger, clinic2]) {
      for (const search of [
        `Task?code=sign-letter`,
        `Task?focus=${letter}`,
        `Task?based-on=${order}`,
        `DocumentReference?type=57133-1`,
        `DocumentReference?related=${letter}`,
        `Provenance?target=${parts[2]}`,
        `Provenance?agent=${doctor}`,
        `AuditEvent?entity=${task}`,
      ])
        expect([search, (await member.get(search)).body.total ?? 0]).toEqual([search, 0]);
    }
  });

  it('is not evidence: no certificate, list or token can be asked for', async () => {
    const { task } = await sent();
    const { rows } = await stage.server.database.query<{ sha256: string }>(
      "SELECT encode(sha256, 'hex') AS sha256 FROM evidence",
    );
    expect(rows.length).toBeGreaterThan(3);
    for (const { sha256 } of rows)
      for (const path of [`Binary/${sha256}`, `DocumentReference/${sha256}`, `Basic/${sha256}`])
        expect((await clinic.get(path)).status).toBe(404);
    expect((await hospital.get(task)).text).not.toMatch(/[0-9a-f]{64}/);
  });
});
