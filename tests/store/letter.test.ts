import { createHash, randomUUID } from 'node:crypto';
import type { Access } from '../../src/access/access.ts';
import { archiveCrl } from '../../src/store/crl.ts';
import type { Database } from '../../src/store/database.ts';
import { evidenceOf, keepEvidence } from '../../src/store/evidence.ts';
import {
  addLetterOrder,
  dueLetters,
  insertLetter,
  type LetterRow,
  letterById,
  letterOfPart,
  lettersOfBundle,
  lettersOfOrder,
  lockLetter,
  postponeLetter,
  putLetterPart,
  removeLetterOrder,
  removeLetterPart,
  updateLetter,
  verifiedBundles,
} from '../../src/store/letter.ts';
import { reserveSubmission } from '../../src/store/letter-attempt.ts';
import {
  insertVerification,
  latestVerification,
  lettersSignedWith,
  verificationById,
  verificationWith,
} from '../../src/store/letter-verification.ts';
import { lockSigner, putSigner, signerOf } from '../../src/store/signer.ts';
import { access, institution, ridOf, Stage, SYSTEM } from './stage.ts';

let stage: Stage;
let database: Database;
beforeAll(async () => {
  stage = await Stage.open();
  ({ database } = stage);
});
afterAll(() => stage.close());

const AT = Date.parse('2026-06-01T00:00:00Z');
const CLINIC = institution('clinic');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
let bundles = 0;

async function letter(more: Partial<LetterRow> = {}): Promise<LetterRow> {
  const id = randomUUID();
  const bundleId = more.bundleId ?? `b${++bundles}`;
  await insertLetter(SYSTEM, database, {
    id,
    bundle: ridOf(`Bundle/${bundleId}`),
    bundleId,
    version: more.version ?? 1,
    organization: more.organization ?? CLINIC,
    patient: null,
    createdAt: AT,
  });
  const { state, recheckAt, renewAt } = more;
  await updateLetter(SYSTEM, database, id, {
    ...(state && { state }),
    ...(recheckAt !== undefined && { recheckAt }),
    ...(renewAt !== undefined && { renewAt }),
  });
  return (await letterById(SYSTEM, database, id)) as LetterRow;
}

async function verification(
  of: LetterRow,
  more: { result?: 'VALID' | 'INVALID'; certificate?: Buffer; file?: Buffer } = {},
) {
  const { result = 'VALID', certificate = sha256(Buffer.from('c')), file = sha256(Buffer.from('f')) } = more;
  const record = { z: 1, a: [{ y: '髙', b: null }] };
  const entry = { letter: of.id, at: AT, cause: 'submitted', result, file, certificate, record } as const;
  return { ...entry, id: await insertVerification(SYSTEM, database, entry) };
}

describe('a letter', () => {
  it('is to be signed first, and has neither parts nor orders', async () => {
    const row = await letter({ bundleId: 'first' });
    expect(row).toEqual({
      id: row.id,
      bundle: ridOf('Bundle/first'),
      bundleId: 'first',
      version: 1,
      organization: CLINIC,
      patient: null,
      state: 'to-sign',
      createdAt: AT,
      issued: null,
      issuedAt: null,
      verification: null,
      withdrawn: false,
      preserved: false,
      recheckAt: null,
      renewAt: null,
      parts: {},
      orders: [],
    });
  });

  it('is there once for each version of its Bundle', async () => {
    const { bundleId } = await letter();
    await expect(letter({ bundleId })).rejects.toMatchObject({ code: '23505' });
    await letter({ bundleId, version: 2 });
    const rows = await lettersOfBundle(SYSTEM, database, ridOf(`Bundle/${bundleId}`));
    expect(rows.map(({ version }) => version)).toEqual([2, 1]);
  });

  it('changes what is named and nothing else', async () => {
    const row = await letter();
    const issued = sha256(Buffer.from('pdf'));
    await keepEvidence(SYSTEM, database, new Map([[issued.toString('hex'), Buffer.from('pdf')]]));
    const change = { state: 'issued', issued, issuedAt: AT + 1, patient: 'Patient/p', recheckAt: AT + 2 } as const;
    await updateLetter(SYSTEM, database, row.id, change);
    expect(await letterById(SYSTEM, database, row.id)).toEqual({ ...row, ...change });
    await updateLetter(SYSTEM, database, row.id, { recheckAt: null });
    expect((await letterById(SYSTEM, database, row.id))?.recheckAt).toBeNull();
    await updateLetter(SYSTEM, database, row.id, {});
  });

  it('has issued bytes and their time together, and bytes that are kept', async () => {
    const row = await letter();
    await expect(updateLetter(SYSTEM, database, row.id, { issuedAt: AT })).rejects.toMatchObject({ code: '23514' });
    const unknown = { issued: sha256(Buffer.from('nowhere')), issuedAt: AT };
    await expect(updateLetter(SYSTEM, database, row.id, unknown)).rejects.toMatchObject({ code: '23503' });
  });

  it('is found by its parts, which are nobody else’s', async () => {
    const [one, other] = [await letter(), await letter()];
    const task = { rid: ridOf(`Task/${one.id}`), id: one.id };
    await putLetterPart(SYSTEM, database, one.id, 'task', task);
    expect((await letterOfPart(SYSTEM, database, task.rid))?.id).toBe(one.id);
    expect((await letterById(SYSTEM, database, one.id))?.parts).toEqual({ task: one.id });
    await expect(putLetterPart(SYSTEM, database, other.id, 'task', task)).rejects.toMatchObject({ code: '23505' });
    await removeLetterPart(SYSTEM, database, one.id, 'task');
    expect(await letterOfPart(SYSTEM, database, task.rid)).toBeUndefined();
  });

  it('goes with orders until it does not', async () => {
    const row = await letter();
    const [a, b] = [
      { rid: ridOf('ServiceRequest/a'), id: 'a' },
      { rid: ridOf('ServiceRequest/b'), id: 'b' },
    ];
    expect(await addLetterOrder(SYSTEM, database, row.id, b)).toBe(true);
    expect(await addLetterOrder(SYSTEM, database, row.id, a)).toBe(true);
    expect(await addLetterOrder(SYSTEM, database, row.id, a)).toBe(false);
    expect((await lettersOfOrder(SYSTEM, database, a.rid)).map(({ orders }) => orders)).toEqual([['a', 'b']]);
    await removeLetterOrder(SYSTEM, database, row.id, a.rid);
    expect(await lettersOfOrder(SYSTEM, database, a.rid)).toEqual([]);
  });

  it('is not among those of its Bundle once it is void', async () => {
    const row = await letter({ state: 'void' });
    expect(await lettersOfBundle(SYSTEM, database, row.bundle)).toEqual([]);
  });

  it('is locked until the end of the transaction, and read as it is then', async () => {
    const row = await letter();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let locked: () => void = () => undefined;
    const isLocked = new Promise<void>((resolve) => {
      locked = resolve;
    });
    const first = database.transaction(async (transaction) => {
      await lockLetter(SYSTEM, transaction, row.id);
      locked();
      await held;
      await updateLetter(SYSTEM, transaction, row.id, { state: 'void' });
    });
    await isLocked;
    const second = database.transaction((transaction) => lockLetter(SYSTEM, transaction, row.id));
    release();
    await first;
    expect((await second)?.state).toBe('void');
  });

  it('needs an Access', async () => {
    const none = undefined as unknown as Access;
    await expect(letterById(none, database, randomUUID())).rejects.toThrow('Access');
    await expect(dueLetters(access('clinic'), database, 'recheck', AT, 1)).rejects.toThrow('system');
  });
});

describe('what is due', () => {
  it('is what waits, the longest first, and not what is void', async () => {
    const day = 86_400_000;
    const early = await letter({ state: 'verified', recheckAt: AT - 2 * day });
    const late = await letter({ state: 'signed', recheckAt: AT - day });
    await letter({ state: 'void', recheckAt: AT - day });
    const refused = await letter({ state: 'refused', recheckAt: AT - 1.5 * day });
    await letter({ state: 'verified', recheckAt: AT + day });
    await letter({ state: 'verified', renewAt: AT - day });
    expect(await dueLetters(SYSTEM, database, 'recheck', AT - day, 10)).toEqual([early.id, refused.id, late.id]);
    expect(await dueLetters(SYSTEM, database, 'recheck', AT - day, 1)).toEqual([early.id]);
    expect(await dueLetters(SYSTEM, database, 'renew', AT, 10)).toHaveLength(1);
    await postponeLetter(SYSTEM, database, early.id, { due: 'recheck', now: AT, until: AT + 2 * day });
    await postponeLetter(SYSTEM, database, late.id, { due: 'recheck', now: AT - 2 * day, until: AT + 2 * day });
    expect(await dueLetters(SYSTEM, database, 'recheck', AT - day, 10)).toEqual([refused.id, late.id]);
  });
});

describe('Bundles with a valid signature', () => {
  const store = (id: string, more: object = {}) => stage.store({ [`Bundle/${id}`]: { owner: 'clinic', ...more } });
  const found = (id: string, organization = CLINIC) =>
    database.transaction((transaction) => verifiedBundles(SYSTEM, transaction, [ridOf(`Bundle/${id}`)], organization));

  it('are those in the current version, of the institution itself', async () => {
    await store('good');
    await letter({ bundleId: 'good', state: 'verified' });
    expect(await found('good')).toEqual(new Set([ridOf('Bundle/good')]));
    expect((await found('good', institution('other'))).size).toBe(0);
    await store('signed');
    await letter({ bundleId: 'signed', state: 'signed' });
    expect((await found('signed')).size).toBe(0);
    await letter({ bundleId: 'gone', state: 'verified' });
    expect((await found('gone')).size).toBe(0);
    await store('newer');
    await stage.store({ 'Bundle/newer': { owner: 'clinic', version: 2, interaction: 'u' } });
    await letter({ bundleId: 'newer', state: 'verified' });
    expect((await found('newer')).size).toBe(0);
    await store('theirs', { owner: 'other' });
    await letter({ bundleId: 'theirs', state: 'verified' });
    expect((await found('theirs')).size).toBe(0);
  });
});

describe('submissions', () => {
  const reserve = (id: string, now: number, most = 3) =>
    database.transaction((transaction) => reserveSubmission(SYSTEM, transaction, id, { now, since: now - 1000, most }));

  it('are so many in a time, and no more in parallel', async () => {
    const { id } = await letter();
    const answers = await Promise.all(Array.from({ length: 8 }, () => reserve(id, AT)));
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(3);
    expect(answers.filter((answer) => answer === AT)).toHaveLength(5);
    expect(await reserve(id, AT + 999)).toBe(AT);
    expect(await reserve(id, AT + 1000)).toBeUndefined();
  });

  it('are counted for each letter by itself', async () => {
    const [one, other] = [await letter(), await letter()];
    expect(await reserve(one.id, AT, 1)).toBeUndefined();
    expect(await reserve(one.id, AT, 1)).toBe(AT);
    expect(await reserve(other.id, AT, 1)).toBeUndefined();
  });
});

describe('verifications', () => {
  it('are kept as they were made, to the order of their members', async () => {
    const row = await letter();
    const made = await verification(row);
    const kept = await verificationById(SYSTEM, database, made.id);
    expect(kept).toEqual(made);
    expect(JSON.stringify(kept?.record)).toBe(JSON.stringify(made.record));
    const next = await verification(row, { result: 'INVALID' });
    expect((await latestVerification(SYSTEM, database, row.id))?.id).toBe(next.id);
    expect(await verificationById(SYSTEM, database, 0n)).toBeUndefined();
  });

  it('are found by certificate for one institution only', async () => {
    const certificate = sha256(Buffer.from('another'));
    const made = await verification(await letter(), { certificate });
    expect((await verificationWith(SYSTEM, database, CLINIC, certificate))?.id).toBe(made.id);
    expect(await verificationWith(SYSTEM, database, institution('other'), certificate)).toBeUndefined();
  });

  it('make their letters due again when their signer is decided on, those that stand, are not void, and whose file is kept', async () => {
    const certificate = sha256(Buffer.from('decided'));
    const at = { organization: CLINIC, certificate, now: AT };
    const [standing, other, refused, gone, lost] = [
      await letter({ state: 'verified' }),
      await letter({ state: 'verified' }),
      await letter({ state: 'refused' }),
      await letter({ state: 'void' }),
      await letter({ state: 'refused' }),
    ];
    const file = sha256(Buffer.from('file'));
    await keepEvidence(SYSTEM, database, new Map([[file.toString('hex'), Buffer.from('file')]]));
    for (const row of [standing, refused, gone, lost]) {
      const made = await verification(row, { certificate, ...(row !== lost && { file }) });
      await updateLetter(SYSTEM, database, row.id, { verification: made.id });
    }
    await verification(other, { certificate });
    expect(await lettersSignedWith(SYSTEM, database, at)).toEqual([standing.id, refused.id].sort());
    expect((await letterById(SYSTEM, database, standing.id))?.recheckAt).toBe(AT);
    expect(await lettersSignedWith(SYSTEM, database, { ...at, organization: institution('other') })).toEqual([]);
  });

  it('are the system’s', async () => {
    await expect(verificationById(access('clinic'), database, 1n)).rejects.toThrow('system');
  });
});

describe('evidence', () => {
  const item = (text: string) => [sha256(Buffer.from(text)).toString('hex'), Buffer.from(text)] as const;

  it('is kept once under its digest, and answered', async () => {
    const [a, b] = [item('one'), item('two')];
    await keepEvidence(SYSTEM, database, new Map([a]));
    await Promise.all([
      keepEvidence(SYSTEM, database, new Map([a, b])),
      keepEvidence(SYSTEM, database, new Map([b, a])),
    ]);
    expect(await evidenceOf(SYSTEM, database, [a[0], b[0], item('none')[0], a[0]])).toEqual(new Map([a, b]));
    expect((await evidenceOf(SYSTEM, database, [])).size).toBe(0);
  });

  it('is not kept twice where the archive of lists has it', async () => {
    const [digest, der] = item('a list');
    const crl = { sha256: Buffer.from(digest, 'hex'), der, issuer: 'CN=x', number: 1n, url: null };
    await archiveCrl(SYSTEM, database, { ...crl, thisUpdate: AT, nextUpdate: AT + 1, fetchedAt: AT });
    await keepEvidence(SYSTEM, database, new Map([[digest, der]]));
    const { rows } = await database.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM evidence WHERE sha256 = $1::bytea',
      [Buffer.from(digest, 'hex')],
    );
    expect(rows[0]?.n).toBe(0);
    expect((await evidenceOf(SYSTEM, database, [digest])).get(digest)).toEqual(der);
  });

  it('is the system’s', async () => {
    await expect(evidenceOf(access('clinic'), database, ['00'])).rejects.toThrow('system');
    await expect(keepEvidence(access('clinic'), database, new Map())).rejects.toThrow('system');
  });
});

describe('what is said of a certificate', () => {
  const certificate = sha256(Buffer.from('card'));
  const said = {
    organization: CLINIC,
    certificate,
    practitioner: ridOf('Practitioner/p'),
    practitionerId: 'p',
    confirmed: true,
    name: '試験 医師',
    decidedAt: AT,
    decidedBy: 'client',
  };

  it('is one institution’s word, the latest', async () => {
    expect(await signerOf(SYSTEM, database, CLINIC, certificate)).toBeUndefined();
    await putSigner(SYSTEM, database, said);
    expect(await signerOf(SYSTEM, database, CLINIC, certificate)).toEqual(said);
    expect(await signerOf(SYSTEM, database, institution('other'), certificate)).toBeUndefined();
    await putSigner(SYSTEM, database, { ...said, confirmed: false, decidedAt: AT + 1 });
    expect(await signerOf(SYSTEM, database, CLINIC, certificate)).toMatchObject({
      confirmed: false,
      decidedAt: AT + 1,
    });
  });

  it('is decided by one at a time', async () => {
    const order: string[] = [];
    let entered: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const first = database.transaction(async (transaction) => {
      await lockSigner(SYSTEM, transaction, CLINIC, certificate);
      entered();
      await transaction.query('SELECT pg_sleep(0.05)');
      order.push('first');
    });
    await inside;
    const second = database.transaction(async (transaction) => {
      await lockSigner(SYSTEM, transaction, CLINIC, certificate);
      order.push('second');
    });
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
  });
});
