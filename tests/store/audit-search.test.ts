import { Access, type Caller } from '../../src/access/access.ts';
import type { PersonRole } from '../../src/access/roles.ts';
import { type Kind, wordsOf } from '../../src/audit/kinds.ts';
import { type AuditRow, insertAudit, timeUuid } from '../../src/store/audit.ts';
import { ensureAuditPartitions } from '../../src/store/audit-partitions.ts';
import { type AuditQuery, countAudit, searchAudit } from '../../src/store/audit-search.ts';
import { putInstitution } from '../../src/store/institution.ts';
import { access, DAY, institution, ridOf, Stage, SYSTEM, WRITTEN } from './stage.ts';

let stage: Stage;

const P = ridOf('Patient/p');
const Q = ridOf('Patient/q');
const AT = WRITTEN;
const HOSPITAL = access('hospital', {}, 'cooperating-hospital');
const ELSEWHERE = access('elsewhere', {}, 'cooperating-hospital');
const CLINIC = access('clinic');
const OPERATOR = access('operator', {}, 'operator');

/** By the last digit of its id; rows 1 to 3 are of one instant. */
const id = (n: number, at = timeOf(n)) => `${timeUuid(at).slice(0, 14)}7000-8000-${String(n).padStart(12, '0')}`;
const timeOf = (n: number) => AT + Math.max(0, n - 3) * DAY;
const row = (n: number, more: Partial<AuditRow>): AuditRow => ({
  id: id(n, more.at),
  at: timeOf(n),
  interaction: 'read',
  organization: institution('clinic'),
  person: null,
  client: 'clinic-system',
  purpose: 'TREAT',
  patient: null,
  type: 'Observation',
  resource: ridOf('Observation/o'),
  resourceId: 'o',
  version: 1,
  outcome: 0,
  request: 'r',
  detail: null,
  ...more,
});

const ROWS: readonly AuditRow[] = [
  row(1, { patient: P }),
  row(2, { patient: Q }),
  row(3, { interaction: 'search-type', resource: null, resourceId: null, version: null, detail: 'code=x' }),
  row(4, { organization: institution('hospital'), patient: P, interaction: 'update' }),
  row(5, { organization: institution('hospital'), patient: Q, interaction: 'create' }),
  row(6, {
    interaction: 'refuse-keycode',
    patient: P,
    type: 'Consent',
    resource: null,
    resourceId: null,
    outcome: 4,
    detail: 'wrong-secret',
  }),
  row(7, {
    interaction: 'refuse-keycode',
    type: 'Consent',
    resource: null,
    resourceId: null,
    outcome: 4,
    detail: 'unknown',
  }),
  row(8, { interaction: 'redeem-keycode', patient: P, type: 'Consent' }),
  row(9, { organization: null, client: null, patient: P, interaction: 'create', detail: 'a slot was booked' }),
  row(10, { organization: null, client: null, interaction: 'issue-token' }),
  row(11, { organization: institution('operator'), client: 'operator', interaction: 'create', type: 'Organization' }),
];

beforeAll(async () => {
  stage = await Stage.open();
  await ensureAuditPartitions(SYSTEM, stage.database, new Date(AT));
  await stage.store({
    'Patient/p': { owner: 'hospital', home: institution('hospital'), patients: [P] },
    'Patient/q': { owner: 'elsewhere', home: institution('elsewhere'), patients: [Q] },
  });
  await putInstitution(SYSTEM, stage.database, {
    rid: institution('clinic'),
    id: 'clinic',
    kind: 'medical',
    name: 'Clinic',
    active: true,
  });
  await insertAudit(SYSTEM, stage.database, ROWS);
});
afterAll(() => stage.close());

const numbers = async (access: Access, more: Partial<AuditQuery> = {}) =>
  (await searchAudit(access, stage.database, { newestFirst: false, limit: 100, ...more })).map((record) =>
    Number(record.id.slice(-3)),
  );

describe('audit rows', () => {
  /** Of its patients, and of what it did itself but for the keycodes that it tried in vain. */
  it.each([
    ['the hospital', HOSPITAL, [1, 4, 5, 6, 8, 9]],
    ['another hospital', ELSEWHERE, [2, 5]],
    ['who acted', CLINIC, [1, 2, 3, 8]],
    ['the operator', OPERATOR, [3, 7, 10, 11]],
    ['a stranger', access('stranger'), []],
    ['the system', SYSTEM, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
  ] as [string, Access, number[]][])('that %s may see', async (_, access, seen) => {
    expect(await numbers(access)).toEqual(seen);
    expect(await countAudit(access, stage.database, { newestFirst: true, limit: 1 })).toBe(seen.length);
  });

  it('never tell who tried a code in vain whose it was, however it is asked for', async () => {
    for (const more of [
      { patients: [P] },
      { interactions: ['refuse-keycode'] },
      { ids: [id(6)] },
      { outcomes: [4] },
      { organizations: [institution('clinic')] },
    ]) {
      expect([more, (await numbers(CLINIC, more)).filter((n) => n === 6 || n === 7)]).toEqual([more, []]);
      expect(await countAudit(CLINIC, stage.database, { ...more, newestFirst: true, limit: 1 })).toBe(
        (await numbers(CLINIC, more)).length,
      );
    }
  });

  it.each([
    [{ patients: [P] }, [1, 4, 6, 8, 9]],
    [{ patients: [Q] }, [2, 5]],
    [{ patients: [P, Q] }, [1, 2, 4, 5, 6, 8, 9]],
    [{ patients: [] }, []],
    [{ organizations: [institution('hospital')] }, [4, 5]],
    [{ resources: [ridOf('Observation/o')] }, [1, 2, 4, 5, 8, 9, 10, 11]],
    [{ interactions: ['create', 'update'] }, [4, 5, 9, 11]],
    [{ interactions: [] }, []],
    [{ outcomes: [4] }, [6, 7]],
    [{ ids: [id(2), id(4)] }, [2, 4]],
    [{ at: [[{ op: '>', value: AT }]] }, [4, 5, 6, 7, 8, 9, 10, 11]],
    [
      {
        at: [
          [
            { op: '>=', value: AT + DAY },
            { op: '<', value: AT + 3 * DAY },
          ],
        ],
      },
      [4, 5],
    ],
    [{ at: [[{ op: '<', value: AT + DAY }], [{ op: '>=', value: AT + 8 * DAY }]] }, [1, 2, 3, 11]],
    [{ patients: [P], interactions: ['read'] }, [1]],
    [{ also: [{ patients: [P, Q] }, { patients: [Q] }] }, [2, 5]],
    [{ patients: [P], also: [{ patients: [Q] }] }, []],
    [{ also: [{ organizations: [institution('hospital')] }, { resources: [ridOf('Observation/o')] }] }, [4, 5]],
    [{ also: [{ interactions: ['create', 'read'] }, { interactions: ['create', 'update'] }] }, [5, 9, 11]],
    [
      { also: [{ at: [[{ op: '>', value: AT }]] }, { at: [[{ op: '<', value: AT + 2 * DAY }], []] }] },
      [4, 5, 6, 7, 8, 9, 10, 11],
    ],
    [{ also: [{}] }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
  ] as [Partial<AuditQuery>, number[]][])('by %p', async (more, found) => {
    expect(await numbers(SYSTEM, more)).toEqual(found);
    expect(await countAudit(SYSTEM, stage.database, { ...more, newestFirst: true, limit: 1 })).toBe(found.length);
  });

  it.each([
    [true, 1],
    [true, 2],
    [false, 1],
    [false, 2],
    [false, 4],
  ])('in pages, newest first %p, of %p, though several are of one instant', async (newestFirst, limit) => {
    const found: number[] = [];
    for (let after: { at: number; id: string } | undefined; ; ) {
      const page = await searchAudit(SYSTEM, stage.database, { newestFirst, limit, ...(after && { after }) });
      found.push(...page.map((record) => Number(record.id.slice(-3))));
      after = page.at(-1);
      if (page.length < limit) break;
    }
    const all = ROWS.map((_, i) => i + 1);
    expect(found).toEqual(newestFirst ? all.reverse() : all);
  });

  it('are told with names, and as they were written', async () => {
    const [record] = await searchAudit(SYSTEM, stage.database, { ids: [id(1)], newestFirst: true, limit: 1 });
    const names = { organizationId: 'clinic', organizationName: 'Clinic', patientId: 'p' };
    expect(record).toEqual({ ...ROWS[0], ...names, personName: null, practitionerId: null, roles: null });
    const [unknown] = await searchAudit(SYSTEM, stage.database, { ids: [id(10)], newestFirst: true, limit: 1 });
    expect(unknown).toMatchObject({ organizationId: null, organizationName: null, patientId: null });
  });

  it.each([undefined, null] as unknown as Access[])('are not read for the Access %p', async (none) => {
    await expect(numbers(none)).rejects.toThrow('without an Access');
    await expect(countAudit(none, stage.database, { newestFirst: true, limit: 1 })).rejects.toThrow(
      'without an Access',
    );
    await expect(ensureAuditPartitions(none, stage.database, new Date())).rejects.toThrow('without an Access');
    await expect(insertAudit(none, stage.database, [])).rejects.toThrow('without an Access');
  });
});

describe('partitions', () => {
  const named = async () =>
    (
      await stage.database.query<{ name: string }>(
        `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit'::regclass ORDER BY 1`,
      )
    ).rows.map(({ name }) => name);

  it('are there for this month and the two that follow, over the end of a year too', async () => {
    await ensureAuditPartitions(SYSTEM, stage.database, new Date('2027-11-30T23:59:59.999Z'));
    expect(await named()).toEqual(expect.arrayContaining(['audit_2027_11', 'audit_2027_12', 'audit_2028_01']));
  });

  it('are made once', async () => {
    const before = await named();
    await ensureAuditPartitions(SYSTEM, stage.database, new Date(AT));
    expect(await named()).toEqual(before);
  });

  it('take over what their month has left in the rest', async () => {
    const month = (n: number) => Date.UTC(2031, n, 15);
    await insertAudit(SYSTEM, stage.database, [row(201, { at: month(5) }), row(202, { at: month(9) })]);
    await ensureAuditPartitions(SYSTEM, stage.database, new Date(month(4)));
    const { rows: found } = await stage.database.query<{ name: string }>(
      `SELECT tableoid::regclass::text AS name FROM audit WHERE id = ANY($1::uuid[]) ORDER BY id`,
      [`{${id(201, month(5))},${id(202, month(9))}}`],
    );
    expect(found.map(({ name }) => name)).toEqual(['audit_2031_06', 'audit_rest']);
    expect(await numbers(SYSTEM, { ids: [id(201, month(5)), id(202, month(9))] })).toEqual([201, 202]);
  });

  it('are made by several servers that start together, while rows are being written', async () => {
    const at = new Date('2032-02-29T12:00:00Z');
    const writing = Array.from({ length: 20 }, (_, i) =>
      insertAudit(SYSTEM, stage.database, [row(300 + i, { at: at.getTime() })]),
    );
    await Promise.all([
      ...Array.from({ length: 4 }, () => ensureAuditPartitions(SYSTEM, stage.database, at)),
      ...writing,
    ]);
    expect(await named()).toEqual(expect.arrayContaining(['audit_2032_02', 'audit_2032_03', 'audit_2032_04']));
    expect(
      await countAudit(SYSTEM, stage.database, {
        at: [[{ op: '>=', value: at.getTime() }]],
        newestFirst: true,
        limit: 1,
      }),
    ).toBe(20);
  });

  it('are indexed as the rest is', async () => {
    const { rows } = await stage.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_indexes WHERE tablename IN ('audit_2032_02', 'audit_rest') GROUP BY tablename`,
    );
    expect(rows[0]).toEqual(rows[1]);
  });

  it('take the rows of their month to the last millisecond, and what has none goes to the rest', async () => {
    const ends = Date.UTC(2026, 3, 1);
    const rows = [row(101, { at: ends - 1 }), row(102, { at: ends }), row(103, { at: Date.UTC(2040, 0, 1) })];
    await insertAudit(SYSTEM, stage.database, rows);
    const { rows: found } = await stage.database.query<{ name: string }>(
      `SELECT tableoid::regclass::text AS name FROM audit WHERE id = ANY($1::uuid[]) ORDER BY id`,
      [`{${rows.map((one) => one.id).join(',')}}`],
    );
    expect(found.map(({ name }) => name)).toEqual(['audit_2026_03', 'audit_2026_04', 'audit_rest']);
  });
});

describe('people', () => {
  const NURSE = '0190a1b2-0000-7000-8000-000000000001';
  const DOCTOR = '0190a1b2-0000-7000-8000-000000000002';
  const GONE = '0190a1b2-0000-7000-8000-000000000003';
  const then = AT + 400 * DAY;
  beforeAll(async () => {
    for (const [id, name, practitioner, role] of [
      [NURSE, '看護 花子', 'nurse', 'nurse'],
      [DOCTOR, '医師 太郎', 'doctor', 'physician'],
    ] as const)
      await stage.database.query(
        `INSERT INTO person (id, institution, login, name, practitioner, practitioner_id, roles, created_at, reviewed_at)
         VALUES ($1::uuid, $2::bigint, $3::text, $4::text, $5::bigint, $3::text, ARRAY[$6::text], now(), now())`,
        [id, institution('clinic'), practitioner, name, ridOf(`Practitioner/${practitioner}`), role],
      );
    await insertAudit(SYSTEM, stage.database, [
      row(401, { at: then, person: NURSE, interaction: 'search-type', detail: 'name=x' }),
      row(402, { at: then, person: DOCTOR, patient: P }),
      row(403, { at: then, person: GONE, interaction: 'log-in', type: null, resource: null, resourceId: null }),
      row(404, { at: then, person: DOCTOR, interaction: 'session-ended' }),
      row(405, { at: then, person: DOCTOR, interaction: 'something-new' as never }),
    ]);
  });
  const since = {
    at: [
      [
        { op: '>=' as const, value: then },
        { op: '<=' as const, value: then },
      ],
    ],
  };
  /** A person of the clinic, with its scopes. */
  const as = (id: string, ...roles: PersonRole[]) => {
    const { caller } = CLINIC;
    const person = {
      id,
      name: '',
      practitioner: null,
      practitionerId: null,
      roles,
      strong: true,
      authenticatedAt: 0,
      session: null,
    };
    const scopes = (caller?.scopes ?? []).map((scope) => ({ ...scope, context: 'user' as const }));
    return Access.of({ ...(caller as Caller), person, scopes });
  };

  it('are told with name, Practitioner and roles, as long as there is an account', async () => {
    const found = await searchAudit(SYSTEM, stage.database, { ...since, newestFirst: false, limit: 10 });
    expect(found.map(({ personName, practitionerId, roles }) => [personName, practitionerId, roles])).toEqual([
      ['看護 花子', 'nurse', ['nurse']],
      ['医師 太郎', 'doctor', ['physician']],
      [null, null, null],
      ['医師 太郎', 'doctor', ['physician']],
      ['医師 太郎', 'doctor', ['physician']],
    ]);
  });

  it('are searched by Practitioner and by account', async () => {
    expect(await numbers(CLINIC, { ...since, practitioners: [ridOf('Practitioner/doctor')] })).toEqual([402, 404, 405]);
    expect(await numbers(CLINIC, { ...since, persons: [GONE, NURSE] })).toEqual([401, 403]);
    expect(await numbers(CLINIC, { ...since, persons: [] })).toEqual([]);
  });

  it.each([
    ['a nurse what she did herself', NURSE, ['nurse'], [401]],
    ['a doctor what he did himself', DOCTOR, ['physician'], [402, 404, 405]],
    ['a coordinator what all did', NURSE, ['coordinator'], [401, 402, 403, 404, 405]],
    ['an administrator what all did', DOCTOR, ['administrator', 'physician'], [401, 402, 403, 404, 405]],
    ['who only reads nothing', NURSE, ['read-only'], []],
    ['a clerk nothing', NURSE, ['clerk'], []],
  ] as [string, string, PersonRole[], number[]][])('see by their role: %s', async (_, id, roles, seen) => {
    expect(await numbers(as(id, ...roles), since)).toEqual(seen);
    expect(await countAudit(as(id, ...roles), stage.database, { ...since, newestFirst: true, limit: 1 })).toBe(
      seen.length,
    );
  });

  it('who see no patients see no queries either, for they name them', async () => {
    const detail = async (roles: PersonRole[]) =>
      (await searchAudit(as(DOCTOR, ...roles), stage.database, { ...since, newestFirst: false, limit: 1 }))[0]?.detail;
    expect(await detail(['administrator'])).toBeNull();
    expect(await detail(['coordinator'])).toBe('name=x');
  });

  it('with the scopes of one patient see what is of that patient', async () => {
    const { caller } = as(NURSE, 'coordinator');
    const scopes = (caller?.scopes ?? []).map((scope) => ({ ...scope, context: 'patient' as const }));
    expect(await numbers(Access.of({ ...(caller as Caller), scopes, patient: P }), since)).toEqual([402]);
    expect(await numbers(Access.of({ ...(caller as Caller), scopes: [] }), since)).toEqual([]);
  });

  it.each([
    [({ action }: Kind) => action === 'U', []],
    [({ action }: Kind) => action === 'E', [401, 403, 404, 405]],
    [({ type }: Kind) => type.code === '110114', [403, 404]],
    [({ type }: Kind) => type.code === '110113', []],
    [({ type }: Kind) => type.code === '110100', [405]],
    [({ subtype }: Kind) => subtype.some(({ code }) => code === '110122'), [403]],
    [({ subtype }: Kind) => subtype.some(({ code }) => code === '110123'), [404]],
    [({ subtype }: Kind) => subtype.some(({ code }) => code === 'search-type'), [401]],
    [() => true, [401, 402, 403, 404, 405]],
    [() => false, []],
  ] as [(kind: Kind) => boolean, number[]][])(
    'and acts are searched by what they are told as: %p',
    async (told, found) => {
      expect(await numbers(SYSTEM, { ...since, words: wordsOf(told) })).toEqual(found);
    },
  );
});
