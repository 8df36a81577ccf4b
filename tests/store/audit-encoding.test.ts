import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  type ChainedRow,
  commitmentTo,
  fields,
  MonthDigests,
  monthOf,
  RowSet,
  rowBytes,
} from '../../src/store/audit-encoding.ts';
import { Chain, DAY, full, NOON } from '../audit/chain.ts';

/** The chain as docs/audit.md tells it to whoever verifies it without this program: written anew here, from the tables alone. */
const sha = (...parts: (string | Buffer)[]) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .digest();
const field = (value: unknown): Buffer => {
  if (value === null) return Buffer.from('ffffffff', 'hex');
  const bytes = Buffer.from(String(value), 'utf8');
  return Buffer.concat([Buffer.from(bytes.length.toString(16).padStart(8, '0'), 'hex'), bytes]);
};
const list = (...values: unknown[]) => Buffer.concat(values.map(field));

/** Numbers and times as text. */
type Line = Record<
  | 'tx'
  | 'id'
  | 'at'
  | 'interaction'
  | 'organization'
  | 'person'
  | 'client'
  | 'purpose'
  | 'patient'
  | 'type'
  | 'resource'
  | 'version'
  | 'outcome'
  | 'salt'
  | 'resource_id'
  | 'request'
  | 'detail'
  | 'number'
  | 'day'
  | 'sealed_at'
  | 'from_tx'
  | 'to_tx'
  | 'first_seal'
  | 'last_seal'
  | 'rows'
  | 'closed_at',
  string
> & { months: string[]; counts: string[]; digests: Buffer[]; previous: Buffer; hash: Buffer };

describe('the chain as it is documented', () => {
  let chain: Chain;
  beforeAll(async () => {
    chain = await Chain.open();
    for (const day of [0, 1, 2]) {
      await chain.add([full(NOON + day * DAY), full(NOON + day * DAY, { person: null, patient: null, detail: null })]);
      await chain.add([full(Date.parse('2026-12-01T00:00:00.001Z'), { detail: '"\u3042\\ 𠮷' })]);
      await chain.seal(NOON + day * DAY);
    }
  });
  afterAll(() => chain.close());

  const query = async (sql: string) => (await chain.database.query(sql)).rows as unknown as Line[];

  it('has the digests, seals and days that somebody else computes', async () => {
    const rows = await query(
      `SELECT tx::text, id::text, extract(epoch FROM at)::text AS at, interaction, organization::text, person::text, client, purpose, patient::text, type,
         resource::text, version::text, outcome::text, salt::text, resource_id, request, detail FROM audit ORDER BY audit.tx, audit.id`,
    );
    const seals = await query(
      `SELECT number::text, day::text, (extract(epoch FROM sealed_at) * 1000)::bigint::text AS sealed_at, from_tx::text, to_tx::text, months, counts::text[] AS counts, digests, previous, hash
       FROM audit_seal ORDER BY audit_seal.number`,
    );
    const days = await query(
      `SELECT number::text, day::text, first_seal::text, last_seal::text, rows::text, (extract(epoch FROM closed_at) * 1000)::bigint::text AS closed_at, hash FROM audit_day ORDER BY audit_day.number`,
    );
    expect([rows.length, seals.length, days.length]).toEqual([9, 3, 2]);
    let previous: Buffer = Buffer.alloc(32);
    for (const seal of seals) {
      const within = rows.filter(({ tx }) => BigInt(tx) > BigInt(seal.from_tx) && BigInt(tx) <= BigInt(seal.to_tx));
      const month = (at: string) => new Date(Number(at) * 1000).toISOString().slice(0, 7);
      for (const [i, name] of seal.months.entries()) {
        const bytes = within
          .filter(({ at }) => month(at) === name)
          .map((row) => {
            const salt = Buffer.from(row.salt.replaceAll('-', ''), 'hex');
            const commitment = sha('tasuki audit private 1\n', salt, list(row.resource_id, row.request, row.detail));
            const open = list(
              row.tx,
              row.id,
              row.at,
              row.interaction,
              row.organization,
              row.person,
              row.client,
              row.purpose,
              row.patient,
              row.type,
              row.resource,
              row.version,
              row.outcome,
            );
            return Buffer.concat([open, commitment]);
          });
        expect([seal.counts[i], seal.digests[i]?.toString('hex')]).toEqual([
          String(bytes.length),
          sha('tasuki audit rows 1\n', ...bytes).toString('hex'),
        ]);
      }
      expect(seal.previous.equals(previous)).toBe(true);
      const parts = seal.months.flatMap((name, i) => [name, seal.counts[i], seal.digests[i]?.toString('hex')]);
      const hash = sha(
        'tasuki audit seal 1\n',
        previous,
        list(seal.number, seal.day, seal.sealed_at, seal.from_tx, seal.to_tx, ...parts),
      );
      expect(seal.hash.toString('hex')).toBe(hash.toString('hex'));
      previous = hash;
      const end = days.find(({ last_seal }) => last_seal === seal.number);
      if (!end) continue;
      const told = list(end.number, end.day, end.first_seal, end.last_seal, end.rows, end.closed_at);
      previous = sha('tasuki audit day 1\n', previous, told);
      expect(end.hash.toString('hex')).toBe(previous.toString('hex'));
    }
  });
});

const row = (more: Partial<ChainedRow> = {}): ChainedRow => ({
  tx: '7',
  id: '018f0000-0000-7000-8000-000000000001',
  at: '1780000000.123000',
  interaction: 'read',
  organization: '1',
  person: null,
  client: 'c',
  purpose: 'TREAT',
  patient: '2',
  type: 'Observation',
  resource: '3',
  version: '1',
  outcome: '0',
  salt: '018f0000-0000-4000-8000-000000000002',
  resourceId: 'o',
  request: 'r',
  detail: 'd',
  commitment: null,
  erasedBy: null,
  ...more,
});

describe('fields', () => {
  it('of different lists are different bytes', () => {
    const texts = fc.array(fc.option(fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 4 });
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        const wellFormed = [...one, ...other].every((text) => text === null || text.isWellFormed());
        if (wellFormed) expect(fields(one).equals(fields(other))).toBe(same);
      }),
    );
  });

  it.each([
    ['nothing and an empty text', [null], ['']],
    ['what moves from one to the next', ['ab', 'c'], ['a', 'bc']],
    ['one more that is nothing', ['a'], ['a', null]],
  ])('tell %s apart', (_, one, other) => {
    expect(fields(one as string[]).equals(fields(other as string[]))).toBe(false);
  });
});

describe('the bytes of a row', () => {
  it('are the same before and after it was erased', () => {
    const whole = row();
    const erased = row({
      salt: null,
      resourceId: null,
      request: null,
      detail: null,
      erasedBy: '018f0000-0000-7000-8000-000000000003',
      commitment: commitmentTo(whole.salt as string, whole),
    });
    expect(rowBytes(erased)).toEqual(rowBytes(whole));
  });

  it.each([
    ['without salt', { salt: null }],
    ['with a commitment beside what it commits to', { commitment: Buffer.alloc(32) }],
    [
      'erased, with its salt',
      { erasedBy: 'x', commitment: Buffer.alloc(32), resourceId: null, request: null, detail: null },
    ],
    [
      'erased, with its detail',
      { erasedBy: 'x', salt: null, commitment: Buffer.alloc(32), resourceId: null, request: null },
    ],
    ['erased, without commitment', { erasedBy: 'x', salt: null, resourceId: null, request: null, detail: null }],
  ] as [string, Partial<ChainedRow>][])('are none of one %s', (_, more) => {
    expect(rowBytes(row(more))).toBeUndefined();
    const digests = new MonthDigests();
    digests.add(row(more));
    expect([digests.broken, digests.end()[0]?.rows]).toEqual([1, 1]);
  });

  it('hide what was erased from who does not know the salt', () => {
    const salts = ['018f0000-0000-4000-8000-000000000002', '018f0000-0000-4000-8000-000000000003'];
    expect(new Set(salts.map((salt) => commitmentTo(salt, row()).toString('hex'))).size).toBe(2);
  });
});

it.each([
  ['1780000000.123000', '2026-05'],
  ['0.000000', '1970-01'],
  ['-1.000000', '1969-12'],
  ['Infinity', 'never'],
  ['-Infinity', 'never'],
  ['9999999999999.000000', 'never'],
])('the month of %s is %s', (at, month) => {
  expect(monthOf(at)).toBe(month);
});

it('a set of rows is the same in whatever order they come, and no other is', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 8 }), fc.uuid(), (ids, another) => {
      const set = (all: readonly string[]) => {
        const rows = new RowSet();
        for (const id of all) rows.add(id);
        return String(rows);
      };
      expect(set(ids.toReversed())).toBe(set(ids));
      expect(set(ids.slice(1))).not.toBe(set(ids));
      if (!ids.includes(another)) expect(set([another, ...ids.slice(1)])).not.toBe(set(ids));
    }),
  );
});
