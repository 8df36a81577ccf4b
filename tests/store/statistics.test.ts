import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Access } from '../../src/access/access.ts';
import { actRow, insertAudit } from '../../src/store/audit.ts';
import type { AuditWord } from '../../src/store/audit-words.ts';
import type { Database } from '../../src/store/database.ts';
import { type Metric, type Tally, tally } from '../../src/store/statistics.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import { NO_ACCESS, system } from './people-stage.ts';

/** Months in Japan: they begin at 15:00 UTC of the day before. */
const BOUNDS = [12, 13, 14, 15].map((month) => Date.UTC(2026, month, 1) - 9 * 3_600_000);
const [FIRST, SECOND, THIRD] = BOUNDS as [number, number, number, number];

let clone: Clone;
let database: Database;
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
  await database.query(
    `INSERT INTO institution (rid, id, kind, name, services) VALUES (1, 'operator', 'operator', 'Operator', 0),
       (2, 'north', 'cooperating-hospital', 'Hospital', 63), (3, 'south', 'cooperating-hospital', 'Hospital', 63),
       (4, 'clinic', 'medical', 'Clinic', 63), (5, 'care', 'care', 'Care', 63), (6, 'alone', 'medical', 'Alone', 63)`,
  );
  await database.query(
    `INSERT INTO affiliation (rid, hospital, member, medical, care, timeline, active, starts, ends) VALUES
       (90, 2, 4, true, true, true, true, '-infinity', 'infinity'), (91, 2, 4, false, true, true, true, '-infinity', 'infinity'),
       (92, 3, 4, true, false, true, true, '-infinity', 'infinity'), (93, 2, 6, true, true, true, false, '-infinity', 'infinity'),
       (94, 3, 5, true, true, true, true, to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000))`,
    [SECOND, THIRD],
  );
});
afterAll(() => clone.drop());
beforeEach(async () => {
  await database.query('DELETE FROM audit');
  await database.query('DELETE FROM person');
});

const count = (metric: Metric, by: 'kind' | 'network' = 'kind', bounds: readonly number[] = BOUNDS) =>
  tally(system, database, { metric, by, bounds });
/** `row month value contributors`, one each. */
const told = (tallies: readonly Tally[]) =>
  tallies.map(({ row, month, value, contributors }) => `${row} ${month} ${value} ${contributors}`);
const create = (at: number, type: string, organization: bigint | null, outcome: 0 | 4 | 8 = 0) =>
  actRow(at, 'create', { outcome, type, organization });
const store = (...rows: readonly ReturnType<typeof actRow>[]) => insertAudit(system, database, rows);
const NORTH = 'Hospital (north)';
const SOUTH = 'Hospital (south)';

describe('months', () => {
  it('begin with their first millisecond and end before the next one’s', async () => {
    const edges = [
      FIRST - 1,
      FIRST,
      SECOND - 1,
      SECOND,
      THIRD - 1,
      THIRD,
      (BOUNDS[3] as number) - 1,
      BOUNDS[3] as number,
    ];
    await store(...edges.map((at) => create(at, 'Communication', 4n)));
    expect(told(await count('messages'))).toEqual(['medical 0 2 1', 'medical 1 2 1', 'medical 2 2 1']);
    expect(told(await count('messages', 'kind', [SECOND, THIRD]))).toEqual(['medical 0 2 1']);
  });

  it('in which there was nothing are missing', async () => {
    expect(await count('bookings')).toEqual([]);
    await store(create(THIRD, 'Appointment', 5n));
    expect(told(await count('bookings'))).toEqual(['care 2 1 1']);
  });
});

describe('what is counted', () => {
  it('is what was created, with success, of that type and by an institution that is not the operator', async () => {
    await store(
      create(FIRST, 'Communication', 4n),
      create(FIRST, 'Communication', 6n),
      create(FIRST, 'Communication', 4n, 4),
      create(FIRST, 'Communication', 4n, 8),
      create(FIRST, 'Communication', 1n),
      create(FIRST, 'Communication', null),
      create(FIRST, 'Communication', 12_345n),
      create(FIRST, 'Appointment', 4n),
      create(FIRST, 'CommunicationRequest', 4n),
      actRow(FIRST, 'update', { outcome: 0, type: 'Communication', organization: 4n }),
      actRow(FIRST, 'read', { outcome: 0, type: 'Communication', organization: 4n }),
    );
    expect(told(await count('messages'))).toEqual(['medical 0 2 2']);
    expect(told(await count('bookings'))).toEqual(['medical 0 1 1']);
  });

  it('of log-ins is each that succeeded, and the people behind them', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const logIn = (person: string, organization = 4n, outcome: 0 | 4 = 0, interaction: AuditWord = 'log-in') =>
      actRow(SECOND, interaction, { outcome, organization, person });
    await store(
      logIn(a),
      logIn(a),
      logIn(b),
      logIn(a, 4n, 4),
      logIn(b, 4n, 0, 'log-out'),
      logIn(b, 4n, 4, 'log-in-refused'),
      logIn(b, 1n),
    );
    expect(told(await count('logins'))).toEqual(['medical 1 3 2']);
  });

  it('of users is who has an account at the end of the month and is not disabled', async () => {
    const account = (institution: bigint, at: number, active = true) =>
      database.query(
        `INSERT INTO person (id, institution, login, name, roles, created_at, reviewed_at, active)
         VALUES ($1::uuid, $2::bigint, $1, 'x', '{nurse}', to_timestamp($3::float8 / 1000), now(), $4)`,
        [randomUUID(), institution, at, active],
      );
    await account(4n, 0);
    await account(4n, SECOND - 1);
    await account(6n, SECOND);
    await account(4n, FIRST, false);
    await account(5n, BOUNDS[3] as number);
    await account(1n, 0);
    expect(told(await count('users'))).toEqual(['medical 0 2 2', 'medical 1 3 3', 'medical 2 3 3']);
  });
});

describe('a network', () => {
  it('has its hospital and its members, each once; who is in two counts in both, and who is in none nowhere', async () => {
    await store(...[2n, 4n, 4n, 6n].map((rid) => create(FIRST, 'Communication', rid)));
    expect(told(await count('messages', 'network'))).toEqual([`${NORTH} 0 3 2`, `${SOUTH} 0 2 1`]);
  });

  it('has a member in the months in which its affiliation holds', async () => {
    await store(...[FIRST, SECOND, THIRD].map((at) => create(at, 'Appointment', 5n)));
    expect(told(await count('bookings', 'network'))).toEqual([`${SOUTH} 1 1 1`]);
    expect(told(await count('bookings'))).toEqual(['care 0 1 1', 'care 1 1 1', 'care 2 1 1']);
  });
});

it('agrees with counting one by one', async () => {
  const KIND: Readonly<Record<string, string>> = {
    1: '',
    2: 'cooperating-hospital',
    3: 'cooperating-hospital',
    4: 'medical',
    5: 'care',
    6: 'medical',
  };
  const event = fc.record({
    at: fc.integer({ min: FIRST - 86_400_000, max: (BOUNDS[3] as number) + 86_400_000 }),
    organization: fc.bigInt({ min: 1n, max: 6n }),
    type: fc.constantFrom('Communication', 'Appointment'),
    outcome: fc.constantFrom(0 as const, 0 as const, 4 as const),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 40 }), async (events) => {
      await database.query('DELETE FROM audit');
      await store(...events.map(({ at, type, organization, outcome }) => create(at, type, organization, outcome)));
      const expected = [...new Set(Object.values(KIND))].filter(Boolean).flatMap((kind) =>
        [0, 1, 2].map((month) => {
          const of = events.filter(
            ({ at, organization, type, outcome }) =>
              at >= (BOUNDS[month] as number) &&
              at < (BOUNDS[month + 1] as number) &&
              KIND[String(organization)] === kind &&
              type === 'Communication' &&
              outcome === 0,
          );
          return { row: kind, month, value: of.length, contributors: new Set(of.map((one) => one.organization)).size };
        }),
      );
      const counted = expected
        .filter(({ value }) => value > 0)
        .sort((a, b) => (a.row < b.row ? -1 : a.row > b.row ? 1 : a.month - b.month));
      expect(told(await count('messages'))).toEqual(told(counted));
    }),
    { numRuns: 25 },
  );
});

it.each<[string, Access]>([['none', NO_ACCESS]])('needs an Access, and has %s', async (_, access) => {
  await expect(tally(access, database, { metric: 'users', by: 'kind', bounds: BOUNDS })).rejects.toThrow(
    'tally() without an Access',
  );
});
