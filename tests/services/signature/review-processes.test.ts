import { createHash } from 'node:crypto';
import { momentOf } from '../../../src/demo/data/moment.ts';
import { referralLetter } from '../../../src/demo/data/referral-letter.ts';
import { fingerprint } from '../../../src/pki/certificate.ts';
import type { Database } from '../../../src/store/database.ts';
import { atOnce, startTwo, type TwoProcesses, tally } from '../../faults/two-processes.ts';
import type { Member, Reply } from '../../support/network.ts';
import { signLetter } from '../../support/signature/sign-letter.ts';
import { signers } from '../../support/signature/signers.ts';
import { stampers } from '../../support/signature/stampers.ts';
import { SIGNED_AT } from '../../support/signature/times.ts';
import { stampedBy } from '../../support/signature/timestamp-authority.ts';
import { ref, submitted, value } from './stage.ts';

/** Two processes with real parts that trust nothing: what is submitted is undecided at best. */
let two: TwoProcesses;
let database: Database;
let clinic: Member;
let hospital: Member;
let other: Member;
let doctor: string;
beforeAll(async () => {
  two = await startTwo();
  database = await two.database.open({ poolSize: 2 });
  [hospital, other, clinic] = await Promise.all([
    two.network.enrol('cooperating-hospital'),
    two.network.enrol('cooperating-hospital'),
    two.network.enrol('medical'),
  ]);
  for (const one of [hospital, other]) await two.network.affiliate(one, clinic);
  await Promise.all([0, 1].map((i) => two.spread(clinic, i).token()));
  doctor = `Practitioner/${(await clinic.create({ resourceType: 'Practitioner', name: [{ text: '試験 医師' }] })).id}`;
}, 120_000);
afterAll(() => two.close());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const at = (i: number) => two.spread(clinic, i);

async function order() {
  const patient = await clinic.create({ resourceType: 'Patient', name: [{ text: '港 太郎' }] });
  const { id } = await clinic.create({ ...referralLetter(momentOf(new Date(SIGNED_AT)), 3) });
  const placed = await clinic.create({
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    subject: ref(`Patient/${patient.id}`),
    performer: [ref(hospital.organization)],
    supportingInfo: [ref(`Bundle/${id}`)],
  });
  return { letter: `Bundle/${id}`, order: `ServiceRequest/${placed.id}` };
}
type Placed = Awaited<ReturnType<typeof order>>;

async function pdfOf(reply: Reply, member = clinic): Promise<Uint8Array> {
  const { body } = await member.get(value(reply, 'document').reference);
  return Buffer.from(body.data, 'base64');
}
const sign = (pdf: Uint8Array) =>
  signLetter({ pdf, signer: signers.doctor, timestamp: stampedBy(stampers.tsa, { at: SIGNED_AT }) });
const say = (member: Member, confirm: boolean) =>
  member.post(`${doctor}/$confirm-signer`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'certificate', valueString: fingerprint(signers.doctor.x509) },
      { name: 'confirm', valueBoolean: confirm },
      {
        name: 'pem',
        valueString: `-----BEGIN CERTIFICATE-----\n${Buffer.from(signers.doctor.certificate).toString('base64')}\n-----END CERTIFICATE-----\n`,
      },
    ],
  });

/** What holds whatever happened: rows that break it, by what they break. */
async function broken(): Promise<Record<string, number>> {
  const checks = {
    'two letters that go on, of one Bundle': `SELECT bundle FROM letter WHERE state <> 'void' GROUP BY bundle HAVING count(*) > 1`,
    'a letter that goes on, of a version that is not current': `SELECT l.id FROM letter l JOIN resource r ON r.rid = l.bundle
      WHERE l.state <> 'void' AND (r.deleted OR r.version <> l.version)`,
    'a letter without its Task': `SELECT l.id FROM letter l WHERE NOT EXISTS (SELECT 1 FROM letter_part p WHERE p.letter = l.id AND p.part = 'task')`,
    'a part that is not there': `SELECT p.rid FROM letter_part p LEFT JOIN resource r ON r.rid = p.rid AND NOT r.deleted WHERE r.rid IS NULL`,
    'a Task that says something else': `SELECT l.id FROM letter l JOIN letter_part p ON p.letter = l.id AND p.part = 'task' JOIN resource r ON r.rid = p.rid
      JOIN resource_version v ON v.rid = r.rid AND v.version = r.version
      WHERE convert_from(v.content, 'UTF8')::jsonb #>> '{businessStatus,coding,0,code}' <> l.state`,
    'a Task that goes with other orders': `SELECT l.id FROM letter l JOIN letter_part p ON p.letter = l.id AND p.part = 'task' JOIN resource r ON r.rid = p.rid
      JOIN resource_version v ON v.rid = r.rid AND v.version = r.version
      WHERE coalesce((SELECT jsonb_agg(o.value ->> 'reference' ORDER BY o.value ->> 'reference')
          FROM jsonb_array_elements(convert_from(v.content, 'UTF8')::jsonb -> 'basedOn') o), '[]')
        <> coalesce((SELECT jsonb_agg('ServiceRequest/' || o.id ORDER BY o.id) FROM letter_order o WHERE o.letter = l.id), '[]')`,
    'a file that is not kept': `SELECT l.id FROM letter l JOIN letter_verification v ON v.id = l.verification
      WHERE l.state IN ('signed', 'verified') AND NOT EXISTS (SELECT 1 FROM evidence e WHERE e.sha256 = v.file)`,
    'a result that is not the one that stands': `SELECT l.id FROM letter l JOIN letter_verification v ON v.id = l.verification
      WHERE (l.state = 'signed' AND v.result <> 'INDETERMINATE') OR (l.state = 'refused' AND v.result <> 'INVALID')`,
    'a document whose file is another': `SELECT l.id FROM letter l JOIN letter_verification v ON v.id = l.verification
      JOIN letter_part p ON p.letter = l.id AND p.part = 'signed' JOIN resource r ON r.rid = p.rid
      JOIN resource_version b ON b.rid = r.rid AND b.version = r.version
      WHERE l.state = 'signed' AND sha256(decode(convert_from(b.content, 'UTF8')::jsonb ->> 'data', 'base64')) <> v.file`,
  };
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, sql]) => [name, (await database.query(sql)).rows.length] as const),
  );
  return Object.fromEntries(found.filter(([, count]) => count > 0));
}

it('issue a letter once, whoever asks which process', async () => {
  const { order: placed, letter } = await order();
  const replies = await atOnce(12, (i) =>
    at(i).send('POST', i % 3 === 0 ? `${letter}/$render` : `${placed}/$render-letter`),
  );
  expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
});

it('hold the limit of submissions together', async () => {
  const placed = await order();
  const task = value(await clinic.send('POST', `${placed.order}/$render-letter`), 'task').reference;
  const replies = await atOnce(24, (i) => submitted(at(i), task, `junk ${i}`));
  expect(tally(replies.map(({ status }) => status))).toEqual({ 200: 20, 429: 4 });
  expect(await broken()).toEqual({});
});

/** Everything at once about a few letters; what was acknowledged. */
async function storm(letters: readonly Placed[], rounds: number, ended: () => boolean) {
  const issued: string[] = [];
  const kept: string[] = [];
  const statuses: string[] = [];
  const told = (name: string, reply: Reply) => void statuses.push(`${name} ${reply.status}`);
  const change = async (member: Member, path: string, more: (body: Record<string, unknown>) => object) => {
    const { status, body } = await member.get(path);
    if (status === 200) told(`PUT ${path.split('/')[0]}`, await member.put(path, { ...body, ...more(body) }));
  };
  const steps = [
    async (member: Member, { order: placed }: Placed) => {
      const reply = await member.send('POST', `${placed}/$render-letter`);
      told('$render-letter', reply);
      if (reply.status !== 200) return;
      issued.push(value(reply, 'sha256'));
      const file = new Uint8Array(await sign(await pdfOf(reply, member)));
      const answer = await submitted(member, value(reply, 'task').reference, file);
      told('$submit-signed', answer);
      if (answer.status === 200 && value(answer, 'result') === 'INDETERMINATE') kept.push(sha256(file));
    },
    (member: Member, { letter }: Placed) => change(member, letter, () => ({ timestamp: new Date().toISOString() })),
    (member: Member, placed: Placed, i: number) =>
      change(member, placed.order, () => ({
        performer: [ref((i % 2 === 0 ? hospital : other).organization)],
        ...(i % 3 === 0 ? { supportingInfo: undefined } : { supportingInfo: [ref(placed.letter)] }),
      })),
    async (member: Member) => told('$confirm-signer', await say(member, true)),
    async (member: Member, { letter }: Placed) => told('$render', await member.send('POST', `${letter}/$render`)),
  ];
  await atOnce(8, async (writer) => {
    for (let i = 0; i < rounds && !ended(); i++) {
      const step = steps[(writer + i) % steps.length]!;
      try {
        await step(at(writer), letters[(writer + i) % letters.length]!, writer + i);
      } catch (error) {
        // What fetch throws when the connection ends.
        if ((error as Error).name !== 'TypeError') throw error;
        return;
      }
    }
  });
  return { issued, kept, statuses };
}

it('work on the same letters without losing, doubling or blocking anything', async () => {
  const letters = await Promise.all([order(), order(), order()]);
  const { statuses } = await storm(letters, 10, () => false);
  const seen = tally(statuses);
  expect(Object.keys(seen).filter((one) => / 5\d\d$/.test(one))).toEqual([]);
  expect(await broken()).toEqual({});
  for (const server of two.servers) expect(server.logs()).not.toMatch(/"defect"/);
}, 120_000);

it('leave all of it or nothing when one is killed, and what was acknowledged is there', async () => {
  const letters = await Promise.all([order(), order(), order()]);
  let killed: Promise<unknown> | undefined;
  const timer = setTimeout(() => {
    killed = two.servers[1].kill('SIGKILL');
  }, 1500);
  const { issued, kept, statuses } = await storm(letters, 14, () => false);
  clearTimeout(timer);
  await (killed ?? two.servers[1].kill('SIGKILL'));
  expect(statuses.filter((one) => / 500$/.test(one))).toEqual([]);
  expect(issued.length).toBeGreaterThan(0);
  const { rows } = await database.query<{ sha256: string }>("SELECT encode(sha256, 'hex') AS sha256 FROM evidence");
  const there = new Set(rows.map(({ sha256: one }) => one));
  expect([...issued, ...kept].filter((one) => !there.has(one))).toEqual([]);
  expect(await broken()).toEqual({});
}, 120_000);
