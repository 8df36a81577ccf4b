import { sha256 } from '../../../src/services/signature/evidence.ts';
import type { Verdict } from '../../../src/services/signature/verdict.ts';
import type { Member, Reply } from '../../support/network.ts';
import { believe, businessStatus, certificateOf, placeOrder, ref, Stage, signed, submitted, value } from './stage.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let stage: Stage;
let hospital: Member;
let clinic: Member;
let doctor: string;
let now = Date.parse('2026-06-01T09:00:00+09:00');
/** What is waited for after a verification, before its verdict is given. */
let meanwhile: (() => Promise<unknown>) | undefined;
let changed = (verdict: Verdict): Verdict => verdict;

beforeAll(async () => {
  stage = await Stage.open({
    now: () => now,
    signature: {
      render: async () => Buffer.from(`%PDF-1.7 ${Math.random()}`),
      verify: async (input) => {
        const verdict = changed({ ...believe(input), evidence: { certificates: [], crls: [] } });
        const wait = meanwhile;
        meanwhile = undefined;
        await wait?.();
        return verdict;
      },
    },
  });
  ({ hospital, clinic } = stage);
  doctor = await practitioner('桜井 春香');
});
afterAll(() => stage.close());
beforeEach(() => {
  now += 2 * DAY;
  meanwhile = undefined;
  changed = (verdict) => verdict;
});

const practitioner = async (name: string) =>
  `Practitioner/${(await clinic.create({ resourceType: 'Practitioner', name: [{ text: name }] })).id}`;

let certificates = 16;
const another = () => (certificates++).toString(16);

function say(of: string, certificate: string, yes: boolean): Promise<Reply> {
  const parameter = [
    { name: 'certificate', valueString: certificateOf(certificate) },
    { name: 'confirm', valueBoolean: yes },
  ];
  return clinic.post(`${of}/$confirm-signer`, { resourceType: 'Parameters', parameter });
}

async function submit(certificate: string, more: object = {}) {
  const placed = await placeOrder(clinic, hospital);
  const issued = await clinic.send('POST', `${placed.order}/$render-letter`);
  const task = value(issued, 'task').reference as string;
  const { bytes } = await stage.bytes(clinic, 'GET', value(issued, 'document').reference);
  const file = signed(bytes, { certificate, ...more });
  const reply = await submitted(clinic, task, file);
  return { ...placed, task, file, document: value(reply, 'document')?.reference as string };
}

async function valid(certificate = another(), of = doctor, more: object = {}) {
  const letter = await submit(certificate, more);
  await say(of, certificate, true);
  expect(await businessStatus(hospital, letter.task)).toBe('verified completed');
  return { ...letter, certificate };
}

const revoked = (verdict: Verdict): Verdict => ({
  ...verdict,
  result: 'INVALID',
  checks: verdict.checks.map((check) =>
    check.name === 'revocation' ? { ...check, status: 'failed' as const, code: 'CERT_REVOKED' } : check,
  ),
});

describe('a verdict that was made before another', () => {
  const hears = async () => {
    changed = revoked;
    now += 2 * DAY;
    await stage.server.jobs.run('recheck-letters', now);
  };

  it('does not undo what was heard meanwhile: a signer who is decided on again', async () => {
    const { task, certificate } = await valid(undefined, undefined, { recheckAfter: now + HOUR });
    meanwhile = hears;
    await say(doctor, certificate, true);
    expect(await businessStatus(hospital, task)).toBe('refused rejected');
  });

  it('does not undo what was heard meanwhile: the same file, submitted again', async () => {
    const certificate = another();
    const { task, file } = await submit(certificate, { recheckAfter: now + HOUR });
    await say(doctor, certificate, true);
    await say(doctor, certificate, false);
    expect(await businessStatus(hospital, task)).toBe('refused rejected');
    meanwhile = async () => {
      changed = revoked;
      await say(doctor, certificate, true);
    };
    await submitted(clinic, task, file);
    expect(await businessStatus(hospital, task)).toBe('refused rejected');
  });
});

describe('a certificate that was confirmed as another’s', () => {
  it('shows the right person everywhere, once that is mended', async () => {
    const wrong = await practitioner('桜井 春子');
    const { document, task, certificate } = await valid(undefined, wrong);
    expect((await hospital.get(document)).body.author).toEqual([ref(wrong)]);
    await say(doctor, certificate, true);
    expect(await businessStatus(hospital, task)).toBe('verified completed');
    expect((await hospital.get(document)).body.author).toEqual([ref(doctor)]);
    const { entry } = (await clinic.get(`Provenance?target=${document}`)).body;
    expect(entry.map(({ resource }: { resource: { agent: object[]; signature: object[] } }) => resource)).toEqual([
      expect.objectContaining({
        agent: [expect.objectContaining({ who: ref(doctor) })],
        signature: [expect.objectContaining({ who: ref(doctor) })],
      }),
    ]);
  });

  it('is not refused by saying that it is not somebody else’s', async () => {
    const other = await practitioner('別人');
    const { task, certificate } = await valid();
    const reply = await say(other, certificate, false);
    expect([reply.status, reply.text]).toEqual([409, expect.stringContaining(doctor)]);
    expect(await businessStatus(hospital, task)).toBe('verified completed');
    expect((await say(doctor, certificate, false)).status).toBe(200);
    expect(await businessStatus(hospital, task)).toBe('refused rejected');
  });
});

it('more letters than are decided at once are all decided, also those that were refused', async () => {
  const certificate = another();
  const letters = await Promise.all(Array.from({ length: 23 }, () => submit(certificate)));
  const states = async () => {
    await stage.server.jobs.run('recheck-letters', now);
    return new Set(await Promise.all(letters.map(({ task }) => businessStatus(hospital, task))));
  };
  await say(doctor, certificate, true);
  expect(await states()).toEqual(new Set(['verified completed']));
  await say(doctor, certificate, false);
  expect(await states()).toEqual(new Set(['refused rejected']));
  await say(doctor, certificate, true);
  expect(await states()).toEqual(new Set(['verified completed']));
}, 30_000);

describe('a doctor who has left', () => {
  it('leaves letters behind that are preserved like any other', async () => {
    const gone = await practitioner('桜井 春香');
    const { task } = await valid(undefined, gone, { recheckAfter: now + HOUR, renewBefore: now + 400 * DAY });
    await clinic.put(gone, { resourceType: 'Practitioner', id: gone.slice(13), active: false });
    now += 2 * HOUR;
    changed = ({ recheckAfter: _, ...verdict }) => verdict;
    await stage.server.jobs.run('recheck-letters', now);
    expect(await row(task)).toEqual({ state: 'verified', preserved: true });
    expect(stage.logs().filter((line) => line.includes('worked off'))).toEqual([]);
    // What is signed from now on waits.
    expect((await submitted(clinic, task, new Uint8Array())).status).toBe(400);
  });

  it('makes nobody else’s of a certificate that the institution refuses', async () => {
    const gone = await practitioner('桜井 春香');
    const { task, certificate } = await valid(undefined, gone);
    await clinic.put(gone, { resourceType: 'Practitioner', id: gone.slice(13), active: false });
    expect((await say(doctor, certificate, false)).status).toBe(200);
    expect(await businessStatus(hospital, task)).toBe('refused rejected');
  });
});

describe('letters that cannot be worked off', () => {
  it('do not keep others waiting, however many they are', async () => {
    const { database } = stage.server;
    const certificate = another();
    const { task, file } = await valid(certificate, doctor, { recheckAfter: now + 2 * HOUR });
    const digest = Buffer.from(sha256(file), 'hex');
    const id = task.slice('Task/'.length);
    // Sixty more, whose file is lost, have been due for longer.
    await database.query(
      `WITH good AS (SELECT l.* FROM letter l JOIN letter_part p ON p.letter = l.id WHERE p.id = $1::text),
         lost AS (INSERT INTO letter_verification (letter, at, cause, result, file, record)
           SELECT good.id, now(), 'submitted', 'VALID', decode(repeat('00', 32), 'hex'), '{}' FROM good RETURNING id)
       INSERT INTO letter (id, bundle, bundle_id, version, organization, state, created_at, verification, recheck_at)
       SELECT gen_random_uuid(), good.bundle, good.bundle_id, 1000 + n, good.organization, 'signed', now(), lost.id, good.recheck_at - interval '1 day'
       FROM good, lost, generate_series(1, 60) n`,
      [id],
    );
    expect(digest.length).toBe(32);
    now += 3 * HOUR;
    changed = revoked;
    await stage.server.jobs.run('recheck-letters', now);
    expect(await businessStatus(hospital, task)).toBe('refused rejected');
    const { rows } = await database.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM letter WHERE version > 1000 AND recheck_at <= $1::timestamptz',
      [new Date(now)],
    );
    expect(rows[0]?.count).toBe(0);
  });
});

async function row(task: string) {
  const { rows } = await stage.server.database.query(
    "SELECT l.state, l.preserved FROM letter l JOIN letter_part p ON p.letter = l.id WHERE p.part = 'task' AND p.id = $1::text",
    [task.slice('Task/'.length)],
  );
  return rows[0];
}
