import { randomUUID } from 'node:crypto';
import {
  deleteFactor,
  deleteFactors,
  insertPasskey,
  insertTotp,
  listFactors,
  listPasskeys,
  listTotps,
  resealTotp,
  usePasskey,
  useTotpStep,
} from '../../src/store/factor.ts';
import { deleteSeed, findSeed, keepChallenge, keepSeed, takeChallenge } from '../../src/store/factor-setup.ts';
import { findRecoveryCodes, replaceRecoveryCodes, useRecoveryCode } from '../../src/store/recovery-code.ts';
import { deleteSession } from '../../src/store/session.ts';
import { MINUTE, NO_ACCESS, NOW, openPeopleStage, type PeopleStage, system } from './people-stage.ts';

let stage: PeopleStage;
beforeAll(async () => {
  stage = await openPeopleStage();
});
afterAll(() => stage.close());

const seed = (fill: number) => ({ seed: Buffer.alloc(48, fill), seed_kid: 'a1' });
const totp = async (person: string, step = 100) => {
  const id = randomUUID();
  await insertTotp(system, stage.database, { id, person, name: '', now: NOW, step, ...seed(1) });
  return id;
};
const passkey = async (person: string, counter = 0, credential: string = randomUUID()) => {
  const id = randomUUID();
  const key = {
    id,
    person,
    name: '鍵',
    now: NOW + 1,
    credential,
    publicKey: Buffer.alloc(77, 2),
    counter,
    transports: ['usb'],
  };
  return { id, credential, made: await insertPasskey(system, stage.database, key) };
};

describe('a one-time code', () => {
  it('is used once, and none before it any more, whoever comes at once', async () => {
    const { id: person } = await stage.person();
    const id = await totp(person);
    const use = (step: number) => useTotpStep(system, stage.database, { id, step, now: NOW + step });
    expect(await use(100)).toBe(false);
    expect((await Promise.all(Array.from({ length: 8 }, () => use(102)))).filter(Boolean)).toHaveLength(1);
    expect(await use(101)).toBe(false);
    expect(await use(103)).toBe(true);
    expect(await listFactors(system, stage.database, person)).toMatchObject([{ id, kind: 'totp', used_at: NOW + 103 }]);
  });

  it('comes of a seed that is stored sealed, under one secret or another', async () => {
    const { id: person } = await stage.person();
    const id = await totp(person);
    expect(await listTotps(system, stage.database, person)).toEqual([{ id, ...seed(1) }]);
    await resealTotp(system, stage.database, { id, seed: Buffer.alloc(48, 9), seed_kid: 'b2' });
    expect(await listTotps(system, stage.database, person)).toEqual([
      { id, seed: Buffer.alloc(48, 9), seed_kid: 'b2' },
    ]);
  });
});

describe('a passkey', () => {
  it('is one person’s', async () => {
    const [one, other] = [await stage.person(), await stage.person()];
    const { credential, made } = await passkey(one.id);
    expect(made).toBe(true);
    expect((await passkey(other.id, 0, credential)).made).toBe(false);
    expect(await listPasskeys(system, stage.database, one.id)).toMatchObject([
      { credential, counter: 0n, transports: ['usb'], public_key: Buffer.alloc(77, 2) },
    ]);
    expect(await listPasskeys(system, stage.database, other.id)).toEqual([]);
  });

  it.each([
    [0, 0, true],
    [0, 5, true],
    [5, 6, true],
    [5, 5, false],
    [5, 4, false],
    [5, 0, false],
  ])('that counts %d may count %d: %s', async (before, after, may) => {
    const { id: person } = await stage.person();
    const { id } = await passkey(person, before);
    expect(await usePasskey(system, stage.database, { id, counter: after, now: NOW })).toBe(may);
  });
});

describe('factors', () => {
  it('are removed one by one by their person, or all with the recovery codes', async () => {
    const [one, other] = [await stage.person(), await stage.person()];
    const [first, second] = [await totp(one.id), (await passkey(one.id)).id];
    expect(await deleteFactor(system, stage.database, other.id, first)).toBeUndefined();
    expect(await deleteFactor(system, stage.database, one.id, first)).toBe('totp');
    expect((await listFactors(system, stage.database, one.id)).map(({ id }) => id)).toEqual([second]);
    await replaceRecoveryCodes(system, stage.database, {
      person: one.id,
      kid: 'a1',
      hashes: [Buffer.alloc(32)],
      now: NOW,
    });
    await deleteFactors(system, stage.database, one.id);
    expect(await listFactors(system, stage.database, one.id)).toEqual([]);
    expect(await findRecoveryCodes(system, stage.database, one.id)).toBeUndefined();
  });
});

describe('recovery codes', () => {
  const hashes = [1, 2, 3].map((fill) => Buffer.alloc(32, fill));

  it('are used once each, and replaced together', async () => {
    const { id: person } = await stage.person();
    await replaceRecoveryCodes(system, stage.database, { person, kid: 'a1', hashes, now: NOW });
    const use = (fill: number) =>
      useRecoveryCode(system, stage.database, person, [Buffer.alloc(32, 99), Buffer.alloc(32, fill)], NOW + fill);
    expect((await Promise.all([1, 1, 1, 1].map(use))).filter(Boolean)).toHaveLength(1);
    expect(await use(4)).toBe(false);
    expect(await use(3)).toBe(true);
    expect(await findRecoveryCodes(system, stage.database, person)).toEqual({
      created_at: NOW,
      used_at: NOW + 3,
      left: 1,
      kids: ['a1'],
    });
    await replaceRecoveryCodes(system, stage.database, {
      person,
      kid: 'b2',
      hashes: [Buffer.alloc(32, 7)],
      now: NOW + 9,
    });
    expect(await use(2)).toBe(false);
    expect(await findRecoveryCodes(system, stage.database, person)).toEqual({
      created_at: NOW + 9,
      used_at: null,
      left: 1,
      kids: ['b2'],
    });
  });
});

describe('what a session is in the middle of', () => {
  const LIFE = { now: NOW, ends: NOW + MINUTE };

  it('is one seed, until its time is over', async () => {
    const { id } = await stage.session((await stage.person()).id);
    expect(await keepSeed(system, stage.database, id, seed(1), LIFE)).toEqual(seed(1));
    expect(await keepSeed(system, stage.database, id, seed(2), LIFE)).toEqual(seed(1));
    expect(await findSeed(system, stage.database, id, NOW + MINUTE - 1)).toEqual(seed(1));
    expect(await findSeed(system, stage.database, id, NOW + MINUTE)).toBeUndefined();
    expect(await keepSeed(system, stage.database, id, seed(3), { now: NOW + MINUTE, ends: NOW + 2 * MINUTE })).toEqual(
      seed(3),
    );
    expect(
      (await Promise.all([1, 2, 3].map(() => deleteSeed(system, stage.database, id)))).filter(Boolean),
    ).toHaveLength(1);
  });

  it('is one challenge of a kind, taken once', async () => {
    const { id } = await stage.session((await stage.person()).id);
    const keep = (challenge: string, kind: 'passkey' | 'assertion' = 'assertion') =>
      keepChallenge(system, stage.database, id, kind, { challenge, ends: NOW + MINUTE });
    const take = (now = NOW) => takeChallenge(system, stage.database, id, 'assertion', now);
    await keep('first');
    await keep('second');
    await keep('other', 'passkey');
    expect((await Promise.all([take(), take(), take()])).filter(Boolean)).toEqual(['second']);
    await keep('third');
    expect(await take(NOW + MINUTE)).toBeUndefined();
    expect(await take()).toBeUndefined();
    expect(await takeChallenge(system, stage.database, id, 'passkey', NOW)).toBe('other');
  });

  it('goes with the session', async () => {
    const { id, hash } = await stage.session((await stage.person()).id);
    await keepSeed(system, stage.database, id, seed(1), LIFE);
    await deleteSession(system, stage.database, hash);
    expect(await findSeed(system, stage.database, id, NOW)).toBeUndefined();
  });
});

it.each<[string, () => Promise<unknown>]>([
  ['listFactors', () => listFactors(NO_ACCESS, stage.database, '')],
  ['listTotps', () => listTotps(NO_ACCESS, stage.database, '')],
  ['listPasskeys', () => listPasskeys(NO_ACCESS, stage.database, '')],
  ['insertTotp', () => insertTotp(NO_ACCESS, stage.database, {} as never)],
  ['insertPasskey', () => insertPasskey(NO_ACCESS, stage.database, {} as never)],
  ['useTotpStep', () => useTotpStep(NO_ACCESS, stage.database, {} as never)],
  ['resealTotp', () => resealTotp(NO_ACCESS, stage.database, {} as never)],
  ['usePasskey', () => usePasskey(NO_ACCESS, stage.database, {} as never)],
  ['deleteFactor', () => deleteFactor(NO_ACCESS, stage.database, '', '')],
  ['deleteFactors', () => deleteFactors(NO_ACCESS, stage.database, '')],
  ['findRecoveryCodes', () => findRecoveryCodes(NO_ACCESS, stage.database, '')],
  ['replaceRecoveryCodes', () => replaceRecoveryCodes(NO_ACCESS, stage.database, {} as never)],
  ['useRecoveryCode', () => useRecoveryCode(NO_ACCESS, stage.database, '', [], NOW)],
  ['keepSeed', () => keepSeed(NO_ACCESS, stage.database, '', seed(1), { now: NOW, ends: NOW })],
  ['findSeed', () => findSeed(NO_ACCESS, stage.database, '', NOW)],
  ['deleteSeed', () => deleteSeed(NO_ACCESS, stage.database, '')],
  ['keepChallenge', () => keepChallenge(NO_ACCESS, stage.database, '', 'passkey', { challenge: '', ends: NOW })],
  ['takeChallenge', () => takeChallenge(NO_ACCESS, stage.database, '', 'passkey', NOW)],
])('%s() throws without an Access', async (name, call) => {
  await expect(call()).rejects.toThrow(`${name}() without an Access`);
});
