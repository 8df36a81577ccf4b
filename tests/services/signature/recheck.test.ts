import type { Verdict } from '../../../src/services/signature/verdict.ts';
import type { Member } from '../../support/network.ts';
import { believe, businessStatus, certificateOf, placeOrder, Stage, signed, submitted, value } from './stage.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let stage: Stage;
let clinic: Member;
let hospital: Member;
let doctor: string;
let now = Date.parse('2026-06-01T00:00:00Z');
/** What the verification says from now on, beside what the file says. */
let changed: (verdict: Verdict) => Verdict = (verdict) => verdict;
let failing = false;

beforeAll(async () => {
  stage = await Stage.open({
    now: () => now,
    signature: {
      render: async ({ issuedAt }) => Buffer.from(`%PDF ${issuedAt}`),
      verify: async (input) => {
        if (failing) throw new Error('the verifier is broken');
        const { evidence: _, ...verdict } = believe(input);
        return changed({ ...verdict, evidence: { certificates: [], crls: [] } });
      },
    },
  });
  ({ clinic, hospital } = stage);
  doctor = `Practitioner/${(await clinic.create({ resourceType: 'Practitioner', name: [{ text: '桜井 春香' }] })).id}`;
});
afterAll(() => stage.close());
beforeEach(() => {
  now += 40 * DAY;
  failing = false;
  changed = (verdict) => verdict;
});

const failed = (verdict: Verdict, status: 'failed' | 'undecided'): Verdict => ({
  ...verdict,
  result: status === 'failed' ? 'INVALID' : 'INDETERMINATE',
  checks: verdict.checks.map((check) =>
    check.name === 'revocation' ? { ...check, status, code: 'CERT_REVOKED' } : check,
  ),
});

let certificates = 16;
async function valid(said: { recheckAfter?: number; renewBefore?: number } = {}) {
  const placed = await placeOrder(clinic, hospital);
  const issued = await clinic.send('POST', `${placed.order}/$render-letter`);
  const task = value(issued, 'task').reference as string;
  const { bytes } = await stage.bytes(clinic, 'GET', value(issued, 'document').reference);
  const certificate = (certificates++).toString(16);
  await submitted(clinic, task, signed(bytes, { certificate, ...said }));
  await clinic.post(`${doctor}/$confirm-signer`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'certificate', valueString: certificateOf(certificate) },
      { name: 'confirm', valueBoolean: true },
    ],
  });
  expect(await businessStatus(hospital, task)).toBe('verified completed');
  return { ...placed, task };
}
const row = async (task: string) => {
  const { rows } = await stage.server.database.query<{
    state: string;
    preserved: boolean;
    recheck: number | null;
    renew: number | null;
    made: number;
  }>(
    `SELECT l.state, l.preserved, l.recheck_at AS recheck, l.renew_at AS renew, (SELECT count(*)::int FROM letter_verification v WHERE v.letter = l.id) AS made
     FROM letter l JOIN letter_part p ON p.letter = l.id WHERE p.part = 'task' AND p.id = $1::text`,
    [task.slice('Task/'.length)],
  );
  return rows[0]!;
};
const recheck = () => stage.server.jobs.run('recheck-letters', now);

describe('recheck-letters', () => {
  it('verifies anew when newer lists are due, and not before', async () => {
    const { task } = await valid({ recheckAfter: now + 5 * HOUR });
    const { made } = await row(task);
    now += 4 * HOUR;
    await recheck();
    expect((await row(task)).made).toBe(made);
    now += 2 * HOUR;
    await recheck();
    expect((await row(task)).made).toBe(made + 1);
    expect(await businessStatus(hospital, task)).toBe('verified completed');
  });

  it('turns to refused what was revoked before it was signed, for all to see', async () => {
    const { task } = await valid({ recheckAfter: now + HOUR });
    now += 2 * HOUR;
    changed = (verdict) => failed(verdict, 'failed');
    await recheck();
    expect(await businessStatus(hospital, task)).toBe('refused rejected');
    expect((await hospital.get(task)).body.statusReason.text).toMatch(/^無効です/);
    const shown = await hospital.get(`${task}/$verification`);
    expect(value(shown, 'result')).toBe('INVALID');
    expect((await hospital.get(value(shown, 'document').reference)).body.status).toBe('entered-in-error');
    changed = (verdict) => verdict;
    expect((await row(task)).recheck).toBeNull();
    expect(stage.logs().some((line) => line.includes('letter refused') && line.includes(task.slice(5)))).toBe(true);
  });

  it('keeps what is proven, though it cannot be proven again at the moment', async () => {
    const { task } = await valid({ recheckAfter: now + HOUR });
    now += 2 * HOUR;
    changed = (verdict) => failed(verdict, 'undecided');
    await recheck();
    expect(await businessStatus(hospital, task)).toBe('verified completed');
    expect((await row(task)).recheck).toBeGreaterThan(now);
  });

  it('decides what could not be decided, when it can be', async () => {
    changed = (verdict) => failed(verdict, 'undecided');
    const placed = await placeOrder(clinic, hospital);
    const issued = await clinic.send('POST', `${placed.order}/$render-letter`);
    const task = value(issued, 'task').reference;
    const { bytes } = await stage.bytes(clinic, 'GET', value(issued, 'document').reference);
    await submitted(clinic, task, signed(bytes, { certificate: '10' }));
    expect(await businessStatus(hospital, task)).toBe('signed in-progress');
    changed = (verdict) => verdict;
    now += 2 * HOUR;
    await recheck();
    expect(await businessStatus(hospital, task)).toBe('verified completed');
  });

  it('puts the proof into the file once nothing more can be said, and is done', async () => {
    const { task } = await valid({ renewBefore: now + 400 * DAY });
    expect((await row(task)).recheck).not.toBeNull();
    await recheck();
    const after = await row(task);
    expect(after).toMatchObject({ preserved: true, recheck: null });
    expect(after.renew).toBe(now + 340 * DAY);
    const { made } = after;
    await recheck();
    expect((await row(task)).made).toBe(made);
  });

  it('works off the others where one breaks, and comes back to that one', async () => {
    const { task } = await valid({ recheckAfter: now + HOUR });
    now += 2 * HOUR;
    failing = true;
    await recheck();
    expect((await row(task)).recheck).toBe(now + HOUR);
    failing = false;
    now += 2 * HOUR;
    const { made } = await row(task);
    await recheck();
    expect((await row(task)).made).toBe(made + 1);
  });

  it('does nothing with a letter that is void', async () => {
    const { task, letter } = await valid({ recheckAfter: now + HOUR });
    const { body } = await clinic.get(letter);
    await clinic.put(letter, { ...body, timestamp: '2026-06-02T00:00:00Z' });
    const { made } = await row(task);
    now += 2 * HOUR;
    await recheck();
    expect(await row(task)).toMatchObject({ state: 'void', made, recheck: null });
  });

  it('does each once, however many do it at once', async () => {
    const { task } = await valid({ recheckAfter: now + HOUR });
    now += 2 * HOUR;
    const { made } = await row(task);
    const turns = await Promise.all(Array.from({ length: 5 }, recheck));
    expect(turns.some(Boolean)).toBe(true);
    expect((await row(task)).made).toBe(made + 1);
  });
});
