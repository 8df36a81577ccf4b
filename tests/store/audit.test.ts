import fc from 'fast-check';
import { Access } from '../../src/access/access.ts';
import { timeUuid } from '../../src/audit/queue.ts';
import { type AuditRow, insertAudit, insertTokenAudit } from '../../src/store/audit.ts';
import type { Database } from '../../src/store/database.ts';
import { putInstitution } from '../../src/store/institution.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

const system = Access.system('a test');
let clone: Clone;
let database: Database;
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
});
afterAll(() => clone.drop());
beforeEach(() => database.query('TRUNCATE audit'));

const AT = Date.parse('2026-05-01T03:04:05.678Z');
const row = (more: Partial<AuditRow> = {}): AuditRow => ({
  id: timeUuid(AT),
  at: AT,
  interaction: 'read',
  organization: 1n,
  person: null,
  client: 'client',
  purpose: 'TREAT',
  patient: 2n,
  type: 'Observation',
  resource: 3n,
  resourceId: 'o',
  version: 4,
  outcome: 0,
  request: 'request',
  detail: null,
  ...more,
});
const EMPTY = {
  person: null,
  client: null,
  purpose: null,
  patient: null,
  type: null,
  resource: null,
  resourceId: null,
} as const;
const stored = async () =>
  (
    await database.query(
      `SELECT id::text, (extract(epoch FROM at) * 1000)::float8 AS at, interaction, organization, person::text, client, purpose, patient, type, resource,
         resource_id AS "resourceId", version, outcome, request, detail FROM audit ORDER BY id`,
    )
  ).rows as unknown as AuditRow[];
const byId = (rows: readonly AuditRow[]) => [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));

describe('of what was erased', () => {
  const [ERASED, THERE] = [77n, 78n];
  const text = { resourceId: 'o', request: 'r', detail: 'd' };
  beforeAll(() => database.query('INSERT INTO erased_resource VALUES (77), (-9223372036854775808)'));
  afterAll(() => database.query('TRUNCATE erased_resource'));
  const kept = async (...rows: AuditRow[]) => {
    await insertAudit(system, database, rows);
    const found = new Map((await stored()).map((one) => [one.id, one]));
    return rows.map(({ id }) => {
      const { resourceId, request, detail } = found.get(id) as AuditRow;
      return [resourceId, request, detail];
    });
  };
  const [all, none] = [
    ['o', 'r', 'd'],
    [null, null, null],
  ];

  it.each<[string, Partial<AuditRow>, (string | null)[]]>([
    ['the resource', { resource: ERASED }, none],
    ['the resource, with the least key', { resource: -(2n ** 63n), patient: null }, none],
    ['the patient', { patient: ERASED }, none],
    ['neither', { resource: THERE, patient: THERE }, all],
    ['nothing', { resource: null, patient: null }, all],
  ])('a row about %s keeps what it may', async (_, about, expected) => {
    const one = () => row({ ...text, resource: THERE, patient: THERE, ...about });
    expect(await kept(one())).toEqual([expected]);
    expect(await kept(one(), row({ ...text, resource: THERE, patient: null }), one())).toEqual([
      expected,
      all,
      expected,
    ]);
    expect((await stored()).every(({ resource }) => resource === null || typeof resource === 'bigint')).toBe(true);
  });

  it('a query that found it keeps nothing of what was asked, in none of its rows; others do', async () => {
    const query = (patient: bigint, more: Partial<AuditRow> = {}) =>
      row({ ...text, interaction: 'search-type', resource: null, patient, ...more });
    const rows = [
      query(THERE),
      query(ERASED),
      query(THERE, { request: 'other' }),
      query(THERE, { at: AT + 1 }),
      query(THERE, { organization: 2n }),
      row({ ...text, patient: THERE }),
    ];
    const other = ['o', 'other', 'd'];
    expect(await kept(...rows)).toEqual([none, none, other, all, all, all]);
  });
});

describe('the rows of an audit', () => {
  it('are stored as they are, to the millisecond', async () => {
    const bare = row({ ...EMPTY, organization: null, version: null, request: null });
    await insertAudit(system, database, [row(), bare]);
    expect(await stored()).toEqual(
      byId([row({ id: (await stored()).find(({ client }) => client)?.id as string }), bare]),
    );
  });

  it('are stored by one statement, however many they are', async () => {
    let statements = 0;
    const counted = {
      query: (...args: Parameters<Database['query']>) => {
        statements++;
        return database.query(...args);
      },
    };
    const rows = Array.from({ length: 700 }, (_, i) => row({ id: timeUuid(AT + i), at: AT + i, patient: BigInt(i) }));
    await insertAudit(system, counted as unknown as Database, rows);
    expect(statements).toBe(1);
    expect(await stored()).toEqual(rows);
  });

  it('may be none, which asks nothing of the database', async () => {
    await insertAudit(system, undefined as unknown as Database, []);
  });

  it('go with their transaction', async () => {
    const failing = database.transaction(async (transaction) => {
      await insertAudit(system, transaction, [row()]);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await stored()).toEqual([]);
  });

  it('of any content come back the same', async () => {
    const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
    const text = nullable(fc.string({ unit: 'grapheme', maxLength: 30 }));
    const key = nullable(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
    const arbitrary = fc.record({
      at: fc.integer({ min: 0, max: Date.parse('2200-01-01') }),
      interaction: fc.constantFrom('read', 'create', 'issue-token'),
      organization: key,
      person: nullable(fc.uuid()),
      client: text,
      purpose: text,
      patient: key,
      type: text,
      resource: key,
      resourceId: text,
      version: nullable(fc.integer({ min: 1, max: 2 ** 31 - 1 })),
      outcome: fc.constantFrom(0 as const, 4 as const, 8 as const),
      request: text,
      detail: text,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(arbitrary, { minLength: 1, maxLength: 5 }), async (some) => {
        const rows = some.map((one) => ({ ...one, id: timeUuid(one.at) }));
        await database.query('TRUNCATE audit');
        await insertAudit(system, database, rows);
        expect(await stored()).toEqual(byId(rows));
      }),
      { numRuns: 30 },
    );
  });
});

describe('the row of a token', () => {
  beforeAll(async () => {
    const institution = { rid: 7n, id: 'clinic', kind: 'medical', name: 'さくら診療所', active: true };
    await putInstitution(system, database, institution);
    await database.query(
      `INSERT INTO client (id, institution, name, scope, jwks) VALUES ('known', 7, 'A system', 'system/*.rs', '{"keys":[]}')`,
    );
  });

  it('names the client’s institution, and what it was given', async () => {
    const id = timeUuid(AT);
    await insertTokenAudit(system, database, 'known', 'system/Patient.rs', AT, id);
    expect(await stored()).toEqual([
      {
        ...EMPTY,
        id,
        at: AT,
        interaction: 'issue-token',
        organization: 7n,
        person: null,
        client: 'known',
        version: null,
        outcome: 0,
        request: null,
        detail: 'system/Patient.rs',
      },
    ]);
  });

  it('of a client that there is not is none', async () => {
    await insertTokenAudit(system, database, 'unknown', 'system/*.rs', AT, timeUuid(AT));
    expect(await stored()).toEqual([]);
  });
});

it('nothing is recorded without an Access', async () => {
  const none = undefined as unknown as Access;
  await expect(insertAudit(none, database, [row()])).rejects.toThrow('Access');
  await expect(insertTokenAudit(none, database, 'known', 's', AT, timeUuid(AT))).rejects.toThrow('Access');
  expect(await stored()).toEqual([]);
});
