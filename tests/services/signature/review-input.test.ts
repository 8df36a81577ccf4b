import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Body, Member, Reply } from '../../support/network.ts';
import { signers } from '../../support/signature/signers.ts';
import { certificateOf, placeOrder, Stage, submitted, value } from './stage.ts';

const MB = 1024 * 1024;

let stage: Stage;
let clinic: Member;
let hospital: Member;
let doctor: string;
let now = Date.now();
beforeAll(async () => {
  // The real verifier.
  stage = await Stage.open({
    now: () => now,
    signature: { render: async () => Buffer.from(`%PDF-1.7 ${Math.random()}`) },
  });
  ({ clinic, hospital } = stage);
  doctor = `Practitioner/${(await clinic.create({ resourceType: 'Practitioner', name: [{ text: '桜井 春香' }] })).id}`;
});
afterAll(() => stage.close());
beforeEach(() => {
  now += 3_600_001;
});

async function issued(): Promise<string> {
  const { order } = await placeOrder(clinic, hospital);
  return value(await clinic.send('POST', `${order}/$render-letter`), 'task').reference;
}
const binary = (data: unknown, contentType: unknown = 'application/pdf') => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'signed', resource: { resourceType: 'Binary', contentType, data } }],
});
const submit = (task: string, body: Body, headers = {}) => clinic.post(`${task}/$submit-signed`, body, headers);
const isClear = (reply: Reply, most = 499) => {
  expect(reply.status).toBeLessThanOrEqual(most);
  expect(reply.status).not.toBe(500);
  if (reply.status >= 400) expect(reply.body.issue[0].diagnostics).toMatch(/\w{3}/);
};

describe('a Binary in Parameters', () => {
  it.each([
    ['white space', `${' '.repeat(12 * MB)}!`],
    ['white space alone', ' '.repeat(12 * MB)],
    ['one letter', `${'A'.repeat(12 * MB)}!`],
    ['padding', '='.repeat(4 * MB)],
    ['junk in between', 'AAAA!AAAAA=='],
    ['the alphabet for URLs', 'AA-_'],
    ['half a group', 'AAAAA'],
    ['padding in between', 'AA==AAAA'],
    ['other spaces', 'AA\u3000AA'],
  ])('of %s is refused, at once', async (_, data) => {
    const task = await issued();
    const reply = await submit(task, binary(data));
    expect([reply.status, reply.body.issue[0].code]).toEqual([400, expect.stringMatching(/^(value|required)$/)]);
  });

  it('may be broken into lines', async () => {
    const task = await issued();
    const data = Buffer.from('%PDF-1.7 nothing of ours').toString('base64');
    const reply = await submit(task, binary(`${data.slice(0, 10)}\r\n ${data.slice(10)}\n`));
    expect([reply.status, value(reply, 'result')]).toEqual([200, 'INVALID']);
  });
});

describe('a body', () => {
  it('that is a bomb is refused before it is unpacked', async () => {
    const task = await issued();
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(200 * MB)));
    for (const type of ['application/pdf', 'application/fhir+json']) {
      const reply = await submit(task, bomb, { 'content-type': type, 'content-encoding': 'gzip' });
      expect([reply.status, reply.body.issue[0].code]).toEqual([413, 'too-long']);
    }
    const broken = await submit(task, bomb.slice(0, 1000), {
      'content-type': 'application/pdf',
      'content-encoding': 'gzip',
    });
    expect(broken.status).toBe(400);
  });

  it('of exactly 20 MB is taken', async () => {
    const reply = await submitted(clinic, await issued(), new Uint8Array(20 * MB).fill(0x41));
    expect([reply.status, value(reply, 'result')]).toEqual([200, 'INVALID']);
  });

  it('that is anything is answered, and never by a defect', async () => {
    let task = await issued();
    let sent = 0;
    const tried = async (body: Body, headers = {}) => {
      if (++sent % 18 === 0) task = await issued();
      isClear(await submit(task, body, headers));
    };
    const json = fc.json({ maxDepth: 3 });
    const anything = fc.anything({ maxDepth: 2 });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc
            .uint8Array({ maxLength: 200 })
            .map((bytes) => [new Uint8Array(bytes), { 'content-type': 'application/pdf' }]),
          json.map((text) => [text, {}]),
          anything.map((data) => [JSON.stringify(binary(data)) ?? '', {}]),
          anything.map((type) => [JSON.stringify(binary('AAAA', type)), {}]),
          anything.map((parameter) => [JSON.stringify({ resourceType: 'Parameters', parameter }), {}]),
          anything.map((resource) => [
            JSON.stringify({ resourceType: 'Parameters', parameter: [null, { name: 'signed', resource }] }),
            {},
          ]),
          fc.string({ unit: 'grapheme' }).map((type) => ['x', { 'content-type': encodeURI(type.toWellFormed()) }]),
        ) as fc.Arbitrary<[Body, object]>,
        ([body, headers]) => tried(body, headers),
      ),
      { numRuns: 120 },
    );
  });
});

describe('$confirm-signer', () => {
  const pem = (der: Uint8Array) =>
    `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
  const say = (parameter: unknown) =>
    clinic.post(`${doctor}/$confirm-signer`, JSON.stringify({ resourceType: 'Parameters', parameter }));
  const named = (certificate: unknown, confirm: unknown, given: unknown) => [
    { name: 'certificate', valueString: certificate },
    { name: 'confirm', valueBoolean: confirm },
    { name: 'pem', valueString: given },
  ];

  it('answers anything, and never by a defect', async () => {
    const { certificate } = signers.doctor;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.anything({ maxDepth: 2 }),
          fc.anything({ maxDepth: 1 }).map((one) => named(one, true, 'x')),
          fc.anything({ maxDepth: 1 }).map((one) => named(certificateOf('aa'), one, 'x')),
          fc.anything({ maxDepth: 1 }).map((one) => named(certificateOf('aa'), true, one)),
          fc.string({ unit: 'binary' }).map((one) => named(certificateOf('aa'), true, `0${one}`)),
          fc.tuple(fc.nat(certificate.length - 1), fc.nat(255)).map(([at, by]) => {
            const broken = Uint8Array.from(certificate);
            broken[at]! ^= by;
            return named(certificateOf('aa'), true, pem(broken));
          }),
        ),
        async (parameter) => isClear(await say(parameter)),
      ),
      { numRuns: 120 },
    );
  });

  it('takes time for nothing: many beginnings of a PEM', async () => {
    for (const given of ['-----BEGIN CERTIFICATE-----\n'.repeat(100_000), `-----BEGIN ${'A '.repeat(4 * MB)}`])
      expect((await say(named(certificateOf('aa'), true, given))).status).toBe(422);
  });
});
