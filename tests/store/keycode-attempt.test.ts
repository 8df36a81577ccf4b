import { Access } from '../../src/access/access.ts';
import type { Database, Queryable } from '../../src/store/database.ts';
import { lockKeycode, revokeKeycode } from '../../src/store/keycode.ts';
import {
  type AttemptLimits,
  type Consequence,
  failAttempt,
  type Reservation,
  releaseAttempt,
  reserveAttempt,
} from '../../src/store/keycode-attempt.ts';
import {
  DAY,
  HOUR,
  hashOf,
  hospital,
  later,
  locator,
  MINUTE,
  on,
  openStage,
  partner,
  START,
  type Stage,
  storeKeycode,
  WIDE,
} from './keycode-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
// Limits on everyone look at the whole table.
beforeEach(() => stage.database.query('DELETE FROM keycode_attempt'));

const reserve = (access: Access, text: string, now = START, limits = WIDE, database: Database = stage.database) =>
  reserveAttempt(access, database, limits, { locator: text, now });

const attemptOf = (reservation: Reservation): string => {
  if (reservation.throttled) throw new Error(`throttled by ${reservation.throttled.by}`);
  return reservation.attempt;
};

/** The end of an attempt that failed, as a service writes it: the keycode first. */
const fail = (reservation: Reservation, now = START, limits = WIDE): Promise<Consequence | null> =>
  stage.database.transaction(async (tx) => {
    if (!reservation.throttled && reservation.hash) await lockKeycode(hospital, tx, reservation.keycode!.id);
    return failAttempt(hospital, tx, limits, attemptOf(reservation), now);
  });

const guess = async (access: Access, text: string, now = START, limits = WIDE) =>
  fail(await reserve(access, text, now, limits), now, limits);

const count = async () =>
  (await stage.database.query<{ n: number }>('SELECT count(*)::int AS n FROM keycode_attempt')).rows[0]!.n;

const only = (limits: Partial<AttemptLimits>): AttemptLimits => ({ ...WIDE, ...limits });

describe('a reservation', () => {
  it('hands over what to compare with', async () => {
    const keycode = await storeKeycode(stage.database);
    const reservation = await reserve(partner(1), keycode.locator);
    expect(reservation).toMatchObject({
      keycode: { id: keycode.id, patient: keycode.patient, status: 'active' },
      hash: hashOf(keycode.locator),
      unfit: null,
    });
    expect(await count()).toBe(1);
  });

  it('of an unknown locator is one too, with nothing to compare with', async () => {
    expect(await reserve(partner(1), locator())).toMatchObject({ keycode: null, hash: null, unfit: 'unknown' });
    expect(await count()).toBe(1);
  });

  it.each([
    ['not yet valid', { notBefore: later(HOUR) }, HOUR - 1, 'not-yet-valid'],
    ['expired', { expiresAt: later(DAY) }, DAY, 'expired'],
  ])('has nothing to compare with where the keycode is %s', async (_, fields, at, unfit) => {
    const keycode = await storeKeycode(stage.database, fields);
    const reservation = await reserve(partner(1), keycode.locator, later(at));
    expect(reservation).toMatchObject({ keycode: { id: keycode.id }, hash: null, unfit });
  });

  it.each([
    ['valid from now', { notBefore: later(HOUR) }, HOUR],
    ['about to expire', { expiresAt: later(DAY) }, DAY - 1],
  ])('compares where the keycode is %s', async (_, fields, at) => {
    const keycode = await storeKeycode(stage.database, fields);
    expect(await reserve(partner(1), keycode.locator, later(at))).toMatchObject({ unfit: null });
  });

  it('has nothing to compare with where the keycode was rotated or revoked', async () => {
    const first = await storeKeycode(stage.database);
    const second = await storeKeycode(stage.database, { patient: first.patient });
    await revokeKeycode(hospital, stage.database, first.patient, START);
    expect(await reserve(partner(1), first.locator)).toMatchObject({ hash: null, unfit: 'rotated' });
    expect(await reserve(partner(1), second.locator)).toMatchObject({ hash: null, unfit: 'revoked' });
  });

  it('counts for nothing once it is released', async () => {
    const keycode = await storeKeycode(stage.database);
    const limits = only({ client: { failures: 1, window: MINUTE } });
    for (let i = 0; i < 12; i++) {
      const reservation = await reserve(partner(1), keycode.locator, START, limits);
      await releaseAttempt(partner(1), stage.database, attemptOf(reservation));
    }
    expect(await count()).toBe(0);
  });

  it('comes to nothing with a transaction that does not commit, and still counts', async () => {
    const keycode = await storeKeycode(stage.database);
    const attempt = attemptOf(await reserve(partner(1), keycode.locator));
    const work = stage.database.transaction(async (tx) => {
      await releaseAttempt(partner(1), tx, attempt);
      throw new Error('lost');
    });
    await expect(work).rejects.toThrow('lost');
    const limits = only({ client: { failures: 1, window: MINUTE } });
    expect(await reserve(partner(1), keycode.locator, START, limits)).toMatchObject({ throttled: { by: 'client' } });
  });
});

describe('limits on whoever tries', () => {
  const client = only({ client: { failures: 5, window: 15 * MINUTE } });
  const institution = only({ institution: { failures: 20, window: DAY } });
  const everyone = only({ everyone: { failures: 100, window: MINUTE } });

  it('stop a client after five failures in a quarter of an hour, until the first is as old', async () => {
    for (let i = 0; i < 5; i++) await guess(partner(1), locator(), later(i * MINUTE), client);
    const refused = { throttled: { by: 'client', until: later(15 * MINUTE) } };
    expect(await reserve(partner(1), locator(), later(5 * MINUTE), client)).toEqual(refused);
    expect(await reserve(partner(1), locator(), later(15 * MINUTE - 1), client)).toEqual(refused);
    const room = await reserve(partner(1), locator(), later(15 * MINUTE), client);
    expect(room).toMatchObject({ unfit: 'unknown' });
    await fail(room, later(15 * MINUTE), client);
    const next = { throttled: { by: 'client', until: later(16 * MINUTE) } };
    expect(await reserve(partner(1), locator(), later(15 * MINUTE), client)).toEqual(next);
  });

  it('count what is still under way like a failure', async () => {
    for (let i = 0; i < 4; i++) await guess(partner(1), locator(), START, client);
    const pending = await reserve(partner(1), locator(), START, client);
    const refused = await reserve(partner(1), locator(), later(MINUTE), client);
    // It will be over soon, one way or the other.
    expect(refused).toEqual({ throttled: { by: 'client', until: later(MINUTE + 1000) } });
    await fail(pending, START, client);
    const waiting = await reserve(partner(1), locator(), later(MINUTE), client);
    expect(waiting).toEqual({ throttled: { by: 'client', until: later(15 * MINUTE) } });
  });

  it('do not use up an attempt that they refuse', async () => {
    for (let i = 0; i < 9; i++) await reserve(partner(1), locator(), START, client);
    expect(await count()).toBe(5);
  });

  it('are one client’s or one institution’s own', async () => {
    for (let i = 0; i < 6; i++) await reserve(partner(1), locator(), START, client);
    expect(await reserve(on(10_001n, 'its other client'), locator(), START, client)).toMatchObject({
      unfit: 'unknown',
    });
    for (let i = 0; i < 21; i++) await reserve(partner(1), locator(), START, institution);
    expect(await reserve(partner(2), locator(), START, institution)).toMatchObject({ unfit: 'unknown' });
  });

  it('suspend an institution for a day from its twentieth failure, whichever of its clients tries', async () => {
    for (let i = 0; i < 20; i++) await guess(on(10_001n, `client-${i}`), locator(), later(i * HOUR), institution);
    const last = 19 * HOUR;
    const refused = { throttled: { by: 'institution', until: later(last + DAY) } };
    expect(await reserve(on(10_001n, 'client-new'), locator(), later(last), institution)).toEqual(refused);
    // The first failures are more than a day old, but the day is not over.
    expect(await reserve(partner(1), locator(), later(last + DAY - 1), institution)).toEqual(refused);
    expect(await reserve(partner(1), locator(), later(last + DAY), institution)).toMatchObject({ unfit: 'unknown' });
  });

  it('do not suspend an institution whose failures are spread over more than a day', async () => {
    for (let i = 0; i < 40; i++) {
      const reservation = await reserve(partner(1), locator(), later(i * 2 * HOUR), institution);
      expect(reservation).toMatchObject({ unfit: 'unknown' });
      await fail(reservation, later(i * 2 * HOUR), institution);
    }
  });

  it('do not suspend an institution for attempts that succeeded or are under way', async () => {
    for (let i = 0; i < 19; i++) await guess(partner(1), locator(), START, institution);
    const pending = await reserve(partner(1), locator(), START, institution);
    expect(await reserve(partner(1), locator(), START, institution)).toMatchObject({
      throttled: { by: 'institution' },
    });
    await releaseAttempt(partner(1), stage.database, attemptOf(pending));
    expect(await reserve(partner(1), locator(), START, institution)).toMatchObject({ unfit: 'unknown' });
  });

  it('open the circuit for everyone at a hundred in a minute', async () => {
    for (let i = 0; i < 100; i++) await guess(partner(i), locator(), START, everyone);
    const refused = { throttled: { by: 'everyone', until: later(MINUTE) } };
    expect(await reserve(partner(200), locator(), later(MINUTE - 1), everyone)).toEqual(refused);
    expect(await reserve(partner(200), locator(), later(MINUTE), everyone)).toMatchObject({ unfit: 'unknown' });
  });

  it('hold across processes that guess in parallel', async () => {
    const tries = Array.from({ length: 60 }, (_, i) =>
      reserve(partner(1), locator(), START, client, i % 2 === 0 ? stage.database : stage.second),
    );
    const reservations = await Promise.all(tries);
    expect(reservations.filter((reservation) => !reservation.throttled)).toHaveLength(5);
    expect(await count()).toBe(5);
  });

  it('forget what no window reaches', async () => {
    for (let i = 0; i < 5; i++) await reserve(partner(i), locator(), START, institution);
    await reserve(partner(1), locator(), later(2 * DAY + 1), institution);
    expect(await count()).toBe(1);
  });
});

describe('failures of a keycode', () => {
  it('lock it for a quarter of an hour at the fifth', async () => {
    const { id, locator: text } = await storeKeycode(stage.database);
    for (let i = 0; i < 4; i++) expect(await guess(partner(i), text)).toEqual({ lockedUntil: null, dead: false });
    expect(await guess(partner(4), text)).toEqual({ lockedUntil: later(15 * MINUTE), dead: false });
    const locked = await reserve(partner(5), text, later(15 * MINUTE - 1));
    expect(locked).toMatchObject({
      keycode: { id, status: 'active', failCount: 5 },
      hash: null,
      unfit: 'locked-for-a-time',
    });
    expect(await reserve(partner(5), text, later(15 * MINUTE))).toMatchObject({ unfit: null });
  });

  it('do not lock it where they are spread over more than an hour', async () => {
    const { locator: text } = await storeKeycode(stage.database);
    for (let i = 0; i < 9; i++) {
      const at = later(i * 16 * MINUTE);
      expect(await guess(partner(1), text, at)).toEqual({ lockedUntil: null, dead: false });
    }
  });

  it('lock it twice as long each time, then for good at the tenth', async () => {
    const { id, locator: text } = await storeKeycode(stage.database);
    // So that every further failure finds four within its window.
    const limits = only({ keycode: { ...WIDE.keycode, window: 30 * DAY } });
    let now = START;
    for (let i = 0; i < 4; i++) await guess(partner(1), text, now, limits);
    for (const minutes of [15, 30, 60, 120, 240]) {
      const until = new Date(now.getTime() + minutes * MINUTE);
      expect(await guess(partner(1), text, now, limits)).toEqual({ lockedUntil: until, dead: false });
      now = until;
    }
    const end = await guess(partner(1), text, now, limits);
    expect(end).toEqual({ lockedUntil: new Date(now.getTime() + 480 * MINUTE), dead: true });
    const dead = await reserve(partner(1), text, new Date(now.getTime() + 30 * DAY), limits);
    expect(dead).toMatchObject({ keycode: { id, status: 'locked', failCount: 10 }, hash: null, unfit: 'locked' });
  });

  it('never lock it longer than a day at a time', async () => {
    const { locator: text } = await storeKeycode(stage.database);
    const limits = only({ keycode: { ...WIDE.keycode, failures: 1, window: HOUR, total: 30 } });
    let now = START;
    const locks: number[] = [];
    for (let i = 0; i < 25; i++) {
      const until = (await guess(partner(1), text, now, limits))!.lockedUntil!;
      locks.push((until.getTime() - now.getTime()) / MINUTE);
      now = until;
    }
    expect(locks.slice(0, 9)).toEqual([15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
    expect(new Set(locks.slice(9))).toEqual(new Set([1440]));
  });

  it('end it at the tenth, however far apart', async () => {
    const { id, locator: text } = await storeKeycode(stage.database);
    const outcomes: (Consequence | null)[] = [];
    for (let i = 0; i < 10; i++) outcomes.push(await guess(partner(1), text, later(i * DAY)));
    expect(outcomes.map((outcome) => outcome?.dead)).toEqual([...Array(9).fill(false), true]);
    expect(await reserve(partner(1), text, later(20 * DAY))).toMatchObject({ keycode: { id }, unfit: 'locked' });
  });

  it('leave the patient free to get another keycode', async () => {
    const { patient, locator: text } = await storeKeycode(stage.database);
    for (let i = 0; i < 10; i++) await guess(partner(1), text, later(i * DAY));
    const next = await storeKeycode(stage.database, { patient, now: later(10 * DAY) });
    expect(await reserve(partner(1), next.locator, later(10 * DAY))).toMatchObject({ unfit: null });
    expect(await reserve(partner(1), text, later(10 * DAY))).toMatchObject({ unfit: 'locked' });
  });

  it('count once for each attempt', async () => {
    const { locator: text } = await storeKeycode(stage.database);
    const reservation = await reserve(partner(1), text);
    expect(await fail(reservation)).toEqual({ lockedUntil: null, dead: false });
    expect(await fail(reservation)).toBeNull();
    expect(await reserve(partner(1), text)).toMatchObject({ keycode: { failCount: 1 } });
  });

  it('do not count where nothing was compared', async () => {
    const { locator: text } = await storeKeycode(stage.database, { notBefore: later(DAY) });
    for (let i = 0; i < 12; i++) expect(await guess(partner(1), text)).toBeNull();
    expect(await reserve(partner(1), text, later(DAY))).toMatchObject({ keycode: { failCount: 0 }, unfit: null });
    expect(await guess(partner(1), locator())).toBeNull();
  });

  it('count against one that was rotated meanwhile without bringing it back', async () => {
    const first = await storeKeycode(stage.database);
    const reservations = [];
    for (let i = 0; i < 5; i++) reservations.push(await reserve(partner(i), first.locator));
    await storeKeycode(stage.database, { patient: first.patient });
    for (const reservation of reservations) await fail(reservation);
    expect(await reserve(partner(9), first.locator)).toMatchObject({ keycode: { status: 'rotated', failCount: 5 } });
  });
});

describe('guesses of one keycode at the same time', () => {
  const spread = async (tries: number, text: string, now = START) => {
    const reservations = await Promise.all(
      Array.from({ length: tries }, (_, i) =>
        reserve(partner(i), text, now, WIDE, i % 2 === 0 ? stage.database : stage.second),
      ),
    );
    return reservations.filter((reservation) => !reservation.throttled && reservation.hash);
  };

  it('are no more than would lock it', async () => {
    const { locator: text } = await storeKeycode(stage.database);
    const admitted = await spread(60, text);
    expect(admitted).toHaveLength(5);
    const consequences = await Promise.all(admitted.map((reservation) => fail(reservation)));
    expect(consequences.filter((consequence) => consequence?.lockedUntil)).toHaveLength(1);
    expect(await spread(20, text)).toHaveLength(0);
  });

  it('are told apart from guesses that are over', async () => {
    const { locator: text } = await storeKeycode(stage.database);
    await guess(partner(1), text);
    await guess(partner(1), text);
    const admitted = await spread(20, text);
    expect(admitted).toHaveLength(3);
    await releaseAttempt(partner(1), stage.database, attemptOf(admitted[0]!));
    expect(await spread(20, text)).toHaveLength(1);
  });

  it('are one at a time after a lock', async () => {
    const { locator: text } = await storeKeycode(stage.database);
    for (let i = 0; i < 5; i++) await guess(partner(i), text);
    const unlocked = later(15 * MINUTE);
    const [admitted, ...others] = await spread(20, text, unlocked);
    expect(others).toEqual([]);
    expect(await reserve(partner(99), text, unlocked)).toMatchObject({ hash: null, unfit: 'busy' });
    expect(await fail(admitted!, unlocked)).toEqual({ lockedUntil: later(45 * MINUTE), dead: false });
    expect(await reserve(partner(99), text, unlocked)).toMatchObject({ hash: null, unfit: 'locked-for-a-time' });
  });

  it('are no more than its life allows', async () => {
    const { locator: text } = await storeKeycode(stage.database);
    for (let i = 0; i < 8; i++) await guess(partner(i), text, later(i * 2 * HOUR));
    expect(await spread(20, text, later(DAY))).toHaveLength(2);
  });

  it('that never came to an end stop counting against it after its window', async () => {
    const { locator: text } = await storeKeycode(stage.database);
    expect(await spread(5, text)).toHaveLength(5);
    expect(await spread(5, text, later(HOUR - 1))).toHaveLength(0);
    expect(await spread(5, text, later(HOUR))).toHaveLength(5);
  });
});

describe('without the Access of a caller', () => {
  const never = {
    query: () => Promise.reject(new Error('a statement was sent')),
    transaction: () => Promise.reject(new Error('a transaction was begun')),
  } as unknown as Database;
  const cases: [string, (access: Access) => Promise<unknown>][] = [
    ['reserveAttempt', (access) => reserveAttempt(access, never, WIDE, { locator: '000000', now: START })],
    ['failAttempt', (access) => failAttempt(access, never as Queryable, WIDE, 'id', START)],
    ['releaseAttempt', (access) => releaseAttempt(access, never as Queryable, 'id')],
  ];

  it.each(cases)('%s sends nothing', async (_, run) => {
    await expect(run(undefined as unknown as Access)).rejects.toThrow('need the Access of a caller');
    await expect(run(Access.system('a job'))).rejects.toThrow('need the Access of a caller');
  });
});
