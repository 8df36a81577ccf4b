import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { sealAudit } from '../../src/audit/seal.ts';
import { timeUuid } from '../../src/store/audit.ts';
import { Chain, DAY, full, HOUR, NOON, SYSTEM, ZONE } from './chain.ts';

let chain: Chain;
/** Three days of three seals of two transactions of two rows; the days are closed and anchored, with the head of the fourth. */
beforeAll(async () => {
  chain = await Chain.open();
  const run = chain.jobs();
  for (let day = 0; day < 4; day++) {
    for (let hour = 0; hour < 3; hour++) {
      const at = NOON + day * DAY + hour * HOUR;
      await chain.add([full(at), full(at, { person: null, patient: null })], [full(at), full(at, { detail: null })]);
      await chain.seal(at);
      await run('anchor-audit', at);
    }
  }
  await run('anchor-audit', NOON + 4 * DAY);
  await chain.tamper('ALTER TABLE audit DROP CONSTRAINT audit_erased');
});
afterAll(() => chain.close());

const files = () => [chain.anchorFile];
const whole = async () => expect(await chain.verify({ files: files() })).toMatchObject({ ok: true, count: 0 });

/** What is found while the tables are as `spoil` leaves them; afterwards they are as they were. */
async function spoiled(spoil: () => Promise<unknown>, anchors = true): Promise<string | undefined> {
  await chain.database.transaction((transaction) =>
    transaction.script(
      'CREATE TABLE kept_row AS TABLE audit; CREATE TABLE kept_seal AS TABLE audit_seal; CREATE TABLE kept_day AS TABLE audit_day',
    ),
  );
  try {
    await spoil();
    return await chain.found(anchors ? { files: files() } : {});
  } finally {
    await chain.database.transaction((transaction) =>
      transaction.script(`DELETE FROM audit; INSERT INTO audit SELECT * FROM kept_row; DELETE FROM audit_seal; INSERT INTO audit_seal SELECT * FROM kept_seal;
        DELETE FROM audit_day; INSERT INTO audit_day SELECT * FROM kept_day; DROP TABLE kept_row, kept_seal, kept_day`),
    );
  }
}

/** A row that has something in every column. */
const FULL = `(SELECT id FROM audit WHERE num_nonnulls(person, patient, detail) = 3 ORDER BY tx, id LIMIT 1)`;
/** The nth row in the order of the chain, from 0. */
const nth = (n: number) => `(SELECT id FROM audit ORDER BY tx, id OFFSET ${n} LIMIT 1)`;

describe('a chain that nobody touched', () => {
  it('is found whole, and counted', async () => {
    expect(await chain.verify({ files: files() })).toEqual({
      ok: true,
      problems: [],
      count: 0,
      notes: [],
      days: 3,
      seals: 12,
      rows: 48,
      unsealed: 0,
      erased: 0,
      stamped: 0,
      head: { seal: '12', hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  it('is found whole while others write and seal', async () => {
    const other = await chain.anotherPool();
    const work = async () => {
      for (let i = 0; i < 20; i++) {
        await chain.add([full(NOON + 3 * DAY)]);
        await sealAudit(SYSTEM, other, { now: NOON + 3 * DAY + 4 * HOUR, zone: ZONE });
      }
    };
    const working = work();
    for (let i = 0; i < 10; i++) await whole();
    await working;
    await chain.seal(NOON + 3 * DAY + 4 * HOUR);
    await whole();
  });

  it.each([
    [{ from: '2026-11-24' }, 2, true],
    [{ from: '2026-11-24', to: '2026-11-24' }, 1, false],
    [{ to: '2026-11-24' }, 2, false],
    [{ from: '2030-01-01' }, 0, true],
    [{ to: '2020-01-01' }, 0, false],
  ])('is verified in part: %p', async (range, days, open) => {
    const report = await chain.verify({ files: files(), ...range });
    expect(report).toMatchObject({ ok: true, days });
    expect(report.seals > days * 3).toBe(open);
  });
});

/** One change of each column, such that it is another value. */
const CHANGES: readonly [string, string][] = [
  ['at', `at + interval '1 microsecond'`],
  ['at', `at + interval '40 days'`],
  ['at', `'infinity'`],
  ['id', 'gen_random_uuid()'],
  ['organization', '12'],
  ['patient', '23'],
  ['resource', '34'],
  ['version', '3'],
  ['outcome', '4'],
  ['interaction', `'read'`],
  ['type', `'Observation'`],
  ['resource_id', `'q'`],
  ['client', `'another'`],
  ['purpose', `'HPAYMT'`],
  ['request', `'another'`],
  ['detail', `coalesce(detail, '') || ' '`],
  ['person', `'0190a1b2-0000-7000-8000-0000000000ab'`],
  ['salt', 'gen_random_uuid()'],
  ['commitment', `sha256('x')`],
  ['erased_by', 'gen_random_uuid()'],
  ['tx', 'tx + 1000000000'],
  ['tx', 'tx - 1'],
];
const NULLABLE = new Set([
  'organization',
  'patient',
  'resource',
  'version',
  'type',
  'resource_id',
  'client',
  'purpose',
  'request',
  'detail',
  'person',
  'salt',
]);

describe('a row', () => {
  it.each(CHANGES)('whose %s is made %s is found', async (column, value) => {
    const found = await spoiled(() => chain.tamper(`UPDATE audit SET ${column} = ${value} WHERE id = ${nth(9)}`));
    expect(found).toMatch(column === 'tx' ? /^row-(changed|removed|inserted) [123]$/ : /^row-changed 3$/);
  });

  it.each([...NULLABLE])('whose %s is taken out is found', async (column) => {
    expect(await spoiled(() => chain.tamper(`UPDATE audit SET ${column} = NULL WHERE id = ${FULL}`))).toMatch(
      /^row-changed/,
    );
  });

  it('that is taken out is found', async () => {
    expect(await spoiled(() => chain.tamper(`DELETE FROM audit WHERE id = ${nth(20)}`))).toBe('row-removed 6');
  });

  it('that takes another place is found', async () => {
    expect(
      await spoiled(() =>
        chain.tamper(
          `UPDATE audit a SET detail = b.detail, salt = b.salt FROM audit b WHERE (a.id, b.id) IN ((${nth(0)}, ${nth(2)}), (${nth(2)}, ${nth(0)}))`,
        ),
      ),
    ).toBe('row-changed 1');
  });

  it.each([
    [
      'with the number of a sealed transaction',
      '(SELECT tx FROM audit ORDER BY tx OFFSET 10 LIMIT 1)',
      'row-inserted 3',
    ],
    ['below every transaction', '-9000000000000000000', 'row-inserted 1'],
    ['with a number that nobody has yet', '9000000000000000000', 'row-inserted'],
  ])('that is put in %s is found', async (_, tx, kind) => {
    const id = timeUuid(NOON);
    const insert = `INSERT INTO audit (id, at, outcome, interaction, tx) VALUES ('${id}', '2026-11-23T03:00:00Z', 0, 'read', ${tx})`;
    expect(await spoiled(() => chain.tamper(insert))).toBe(kind);
  });

  it('that is there twice is found', async () => {
    expect(await spoiled(() => chain.tamper(`INSERT INTO audit SELECT * FROM audit WHERE id = ${nth(5)}`))).toBe(
      'row-inserted 2',
    );
  });

  it('that is moved to another partition is not: nothing of it changed', async () => {
    expect(
      await spoiled(() =>
        chain.tamper(
          `WITH moved AS (DELETE FROM audit WHERE id = ${nth(5)} RETURNING *) INSERT INTO audit SELECT * FROM moved`,
        ),
      ),
    ).toBeUndefined();
  });

  it('is found, whichever it is and whatever is changed of it', async () => {
    const change = fc.tuple(
      fc.nat(47),
      fc.constantFrom(...CHANGES, ...[...NULLABLE].map((column): [string, string] => [column, 'NULL'])),
    );
    await fc.assert(
      fc.asyncProperty(change, async ([row, [column, value]]) => {
        const { rows } = await chain.database.query<{ same: boolean }>(
          `SELECT ${column} IS NOT DISTINCT FROM ${value} AS same FROM audit WHERE id = ${nth(row)}`,
        );
        if (rows[0]?.same) return;
        const found = await spoiled(() => chain.tamper(`UPDATE audit SET ${column} = ${value} WHERE id = ${nth(row)}`));
        expect(found).toMatch(/^row-/);
      }),
      { numRuns: 60 },
    );
    await whole();
  });
});

describe('a seal', () => {
  it.each([
    ['day', `day + 1`],
    ['sealed_at', `sealed_at + interval '1 microsecond'`],
    ['from_tx', 'from_tx - 1'],
    ['to_tx', 'to_tx + 1'],
    ['months', `ARRAY['2026-10']`],
    ['counts', 'ARRAY[5::bigint]'],
    ['digests', `ARRAY[sha256('x')]`],
    ['previous', `sha256('x')`],
    ['hash', `sha256('x')`],
    ['months', `months || '2026-12'::text, counts = counts || 0::bigint, digests = digests || sha256('')`],
  ])('whose %s is made %s is found', async (column, value) => {
    expect(await spoiled(() => chain.tamper(`UPDATE audit_seal SET ${column} = ${value} WHERE number = 5`))).toBe(
      'seal-changed 5',
    );
  });

  it('that is taken out is found', async () => {
    expect(await spoiled(() => chain.tamper('DELETE FROM audit_seal WHERE number = 5'))).toBe('seal-removed 5');
  });

  it('that is the last of a closed day is missed', async () => {
    expect(await spoiled(() => chain.tamper('DELETE FROM audit_seal WHERE number >= 9'), false)).toBe('seal-removed 9');
  });

  it('that is the last of all is missed where it was anchored', async () => {
    expect(await spoiled(() => chain.tamper('DELETE FROM audit_seal WHERE number >= 11'))).toBe('anchor-differs 11');
  });
});

describe('the end of a day', () => {
  it.each([
    ['day', 'day - 1'],
    ['rows', 'rows + 1'],
    ['first_seal', 'first_seal + 1'],
    ['closed_at', `closed_at + interval '1 second'`],
    ['hash', `sha256('x')`],
  ])('whose %s is made %s is found', async (column, value) => {
    expect(await spoiled(() => chain.tamper(`UPDATE audit_day SET ${column} = ${value} WHERE number = 2`))).toMatch(
      /^day-changed 6|^seal-changed 7/,
    );
  });

  it.each([1, 2, 3])('that is taken out is found: %d', async (number) => {
    expect(await spoiled(() => chain.tamper('DELETE FROM audit_day WHERE number = $1::int', [number]))).toMatch(
      /^day-removed/,
    );
  });

  it('that names other seals is found', async () => {
    expect(await spoiled(() => chain.tamper('UPDATE audit_day SET last_seal = 7 WHERE number = 2'))).toMatch(
      /^day-removed 6|^(seal|day)-changed [67]/,
    );
  });
});

describe('a chain that was made anew in the place of the old one', () => {
  /** Everything from a day on is made anew, well-formed, without one of its rows. */
  const forge = async () => {
    await chain.tamper('DELETE FROM audit_day WHERE number >= 2');
    await chain.tamper('DELETE FROM audit_seal WHERE number > 3');
    await chain.tamper(`DELETE FROM audit WHERE id = ${nth(14)}`);
    for (let day = 1; day < 4; day++) await chain.seal(NOON + day * DAY, 4);
    await chain.seal(NOON + 4 * DAY);
  };

  it('is whole in itself, and not what was anchored', async () => {
    expect(await spoiled(forge, false)).toBeUndefined();
    expect(await spoiled(forge)).toMatch(/^(anchor-differs|day-removed)/);
  });

  it('is not what was time-stamped', async () => {
    const forged = async () => {
      await chain.tamper('UPDATE audit_day SET token = hash, stamped_at = now()');
      await chain.tamper(`UPDATE audit_day SET token = sha256('that of another hash') WHERE number = 2`);
    };
    const stampFault = async (token: Buffer, hash: Buffer) => (token.equals(hash) ? undefined : 'it is of other bytes');
    await spoiled(async () => {
      await forged();
      const report = await chain.verify({ stampFault });
      expect(report).toMatchObject({ stamped: 2, problems: [{ kind: 'time-stamp-wrong', day: '2026-11-24' }] });
      expect((await chain.verify()).notes.map(({ kind }) => kind)).toContain('stamps-unchecked');
    });
  });
});

describe('the anchor file', () => {
  const altered = async (alter: (lines: string[]) => string[]) => {
    const text = readFileSync(chain.anchorFile, 'utf8');
    const lines = text.trimEnd().split('\n');
    writeFileSync(
      chain.anchorFile,
      alter(lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
    try {
      return await chain.verify({ files: files() });
    } finally {
      writeFileSync(chain.anchorFile, text);
    }
  };
  const kinds = ({ problems }: { problems: readonly { kind: string }[] }) => problems.map(({ kind }) => kind);

  it('that lacks its end is found', async () => {
    const lines = readFileSync(chain.anchorFile, 'utf8').trimEnd().split('\n');
    const last = lines.findLastIndex((line) => line.includes('"kind":"day"'));
    expect(kinds(await altered((all) => all.slice(0, last)))).toEqual(['anchor-missing']);
  });

  it('that lacks a day is found, and one that is not there at all', async () => {
    expect(kinds(await altered((all) => all.filter((line) => !line.includes('"number":2'))))).toEqual([
      'anchor-missing',
    ]);
    expect(kinds(await altered(() => []))).toEqual(['anchor-missing', 'anchor-missing', 'anchor-missing']);
    expect(kinds(await chain.verify({ files: [`${chain.anchorFile}.none`] }))).toHaveLength(3);
  });

  it('that has another hash is found', async () => {
    const changed = await altered((all) => all.map((line) => line.replace(/"hash":"./, '"hash":"_').replace('_', 'f')));
    expect(kinds(changed)).toContain('anchor-differs');
  });

  it('may have a line that was cut off, which is told', async () => {
    expect(await altered((all) => [...all, '{"kind":"day","num', ''])).toMatchObject({
      ok: true,
      notes: [{ kind: 'anchor-unreadable' }],
    });
  });

  it.each([
    'null',
    '[]',
    '1',
    '{"kind":"day"}',
    '{"kind":"seal","number":1,"hash":"x"}',
    '{"kind":"restored"}',
    '"\\u0000"',
  ])('may have any line: %s', async (line) => {
    expect(await altered((all) => [...all, line])).toMatchObject({ ok: true, notes: [{ kind: 'anchor-unreadable' }] });
  });

  it('may say that later days were lost in a restore', async () => {
    const lost = `{"kind":"day","number":4,"day":"2026-11-26","hash":"${'0'.repeat(64)}","rows":"1"}`;
    const seal = `{"kind":"seal","number":"99","hash":"${'0'.repeat(64)}"}`;
    expect(kinds(await altered((all) => [...all, lost, seal]))).toEqual(['anchor-differs', 'day-removed']);
    const restored = '{"kind":"restored","after":3,"reason":"disk failure, backup of 25 November"}';
    // What was anchored after the restore stands behind the line.
    const report = await altered((all) => [...all.slice(0, -1), lost, seal, restored, all.at(-1) as string]);
    expect(report).toMatchObject({ ok: true, notes: [{ kind: 'restored' }] });
  });

  it('of each of several machines has its part', async () => {
    const text = readFileSync(chain.anchorFile, 'utf8');
    const lines = text.trimEnd().split('\n');
    const other = `${chain.anchorFile}.other`;
    writeFileSync(
      other,
      lines
        .slice(0, 6)
        .map((line) => `${line}\n`)
        .join(''),
    );
    writeFileSync(
      chain.anchorFile,
      lines
        .slice(6)
        .map((line) => `${line}\n`)
        .join(''),
    );
    try {
      expect(await chain.verify({ files: [chain.anchorFile, other] })).toMatchObject({ ok: true });
      expect(await chain.verify({ files: [other] })).toMatchObject({ ok: false });
    } finally {
      writeFileSync(chain.anchorFile, text);
    }
  });
});

it('rows that wait for their seal are told', async () => {
  await chain.add([full(NOON + 3 * DAY + 5 * HOUR)]);
  expect((await chain.verify({ now: NOON + 3 * DAY + 6 * HOUR })).notes).toEqual([{ kind: 'anchors-unchecked' }]);
  expect((await chain.verify({ now: NOON + 5 * DAY })).notes.map(({ kind }) => kind)).toContain('unsealed');
  expect(await chain.verify()).toMatchObject({ unsealed: 1 });
});
