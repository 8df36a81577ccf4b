import { Duplex } from 'node:stream';
import fc from 'fast-check';
import pg from 'pg';
import { ConnectionLost, Session } from '../../../src/store/postgres/session.ts';
import { type Clone, cloneDatabase } from '../../support/database.ts';

let clone: Clone;
beforeAll(async () => {
  clone = await cloneDatabase();
});
afterAll(() => clone.drop());

const opened: pg.Client[] = [];
async function open(): Promise<Session> {
  const client = new pg.Client({ connectionString: clone.url });
  client.on('error', () => undefined);
  await client.connect();
  opened.push(client);
  return new Session(client);
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.end().catch(() => undefined)));
});

/** Names and texts of what the connection has prepared on the server. */
const prepared = async (session: Session) =>
  (await session.run<{ statement: string }>('SELECT statement FROM pg_prepared_statements')).rows.map(
    (row) => row.statement,
  );

describe('statements', () => {
  it('are prepared once under their text', async () => {
    const session = await open();
    for (let i = 0; i < 3; i++) await session.run('SELECT $1::int AS a', [i]);
    expect((await prepared(session)).filter((text) => text === 'SELECT $1::int AS a')).toHaveLength(1);
  });

  it('sent without waiting answer in their order', async () => {
    const session = await open();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => session.run<{ i: number }>('SELECT $1::int AS i', [i])),
    );
    expect(answers.map(({ rows }) => rows[0]?.i)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it('that fail do not disturb those behind them', async () => {
    const session = await open();
    const [first, second, third] = await Promise.allSettled([
      session.run('SELECT 1 / $1::int', [0]),
      session.run<{ a: number }>('SELECT 2 AS a'),
      session.run('SELECT nonsense'),
    ]);
    expect(first).toMatchObject({ status: 'rejected', reason: { code: '22012' } });
    expect(second).toMatchObject({ status: 'fulfilled', value: { rows: [{ a: 2 }] } });
    expect(third).toMatchObject({ status: 'rejected', reason: { code: '42703' } });
    expect((await session.run('SELECT 1 / $1::int AS a', [1])).rows).toEqual([{ a: 1 }]);
  });

  it('report what they wrote', async () => {
    const session = await open();
    await session.run('CREATE TEMPORARY TABLE written (a int)');
    expect(await session.run('INSERT INTO written SELECT generate_series(1, 7)')).toMatchObject({
      count: 7,
      tag: 'INSERT 0 7',
      rows: [],
    });
    expect(await session.run('UPDATE written SET a = a WHERE a > 5 RETURNING a')).toMatchObject({
      count: 2,
      rows: [{ a: 6 }, { a: 7 }],
    });
    expect(await session.run('DELETE FROM written WHERE false')).toMatchObject({ count: 0 });
  });

  it('without rows, without columns and without text are answered too', async () => {
    const session = await open();
    expect((await session.run('SELECT 1 AS a WHERE false')).rows).toEqual([]);
    expect((await session.run('SELECT FROM generate_series(1, 2)')).rows).toEqual([{}, {}]);
    expect((await session.run('')).rows).toEqual([]);
  });

  it('whose result changed with the table are prepared anew after one failure', async () => {
    const session = await open();
    await session.run('CREATE TEMPORARY TABLE changing (a int)');
    await session.run('INSERT INTO changing VALUES (1)');
    expect((await session.run('SELECT * FROM changing')).rows).toEqual([{ a: 1 }]);
    await session.run('ALTER TABLE changing ADD b text');
    await expect(session.run('SELECT * FROM changing')).rejects.toMatchObject({ code: '0A000' });
    expect((await session.run('SELECT * FROM changing')).rows).toEqual([{ a: 1, b: null }]);
  });

  it('that the server has forgotten are prepared anew after one failure', async () => {
    const session = await open();
    await session.run('SELECT 1 AS a');
    await session.script('DEALLOCATE ALL');
    await expect(session.run('SELECT 1 AS a')).rejects.toMatchObject({ code: '26000' });
    expect((await session.run('SELECT 1 AS a')).rows).toEqual([{ a: 1 }]);
  });

  it('beyond a bound are forgotten, the least used first', async () => {
    const session = await open();
    await session.run('SELECT 0 AS kept');
    for (let i = 0; i < 400; i++) {
      await session.run(`SELECT ${i} AS passing`);
      await session.run('SELECT 0 AS kept');
    }
    const texts = await prepared(session);
    expect(texts.length).toBeLessThanOrEqual(201);
    expect(texts).toContain('SELECT 0 AS kept');
    expect(texts).toContain('SELECT 399 AS passing');
    expect(texts).not.toContain('SELECT 0 AS passing');
  });

  it('that fail every time do not pile up on the server', async () => {
    const session = await open();
    for (let i = 0; i < 20; i++) await session.run('SELECT 1 / 0 AS never').catch(() => undefined);
    await session.run('SELECT 1');
    expect((await prepared(session)).filter((text) => text.includes('never'))).toHaveLength(0);
  });

  it('with a value that cannot be sent leave the connection as it was', async () => {
    const session = await open();
    await expect(session.run('SELECT $1::int', [undefined])).rejects.toThrow(TypeError);
    await expect(session.run('SELECT $1::text', ['a\0b'])).rejects.toMatchObject({ code: '22021' });
    expect(session.idle).toBe(true);
    expect((await session.run('SELECT 1 AS a')).rows).toEqual([{ a: 1 }]);
  });
});

describe('a script', () => {
  it('runs all of its statements, or none', async () => {
    const session = await open();
    await session.script(
      'CREATE TEMPORARY TABLE scripted (a int); INSERT INTO scripted VALUES (1), (2); SELECT * FROM scripted;',
    );
    expect((await session.run('SELECT count(*) AS n FROM scripted')).rows).toEqual([{ n: 2n }]);
    await expect(session.script('INSERT INTO scripted VALUES (3); SELECT 1 / 0;')).rejects.toMatchObject({
      code: '22012',
    });
    expect((await session.run('SELECT count(*) AS n FROM scripted')).rows).toEqual([{ n: 2n }]);
  });
});

describe('a lost connection', () => {
  it('fails everything under way and everything after', async () => {
    const [session, other] = [await open(), await open()];
    const { rows } = await session.run<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const waiting = [session.run('SELECT pg_sleep(30)'), session.run('SELECT 1')].map((one) =>
      one.catch((error: unknown) => error),
    );
    await other.run('SELECT pg_terminate_backend($1::int)', [rows[0]?.pid]);
    for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(ConnectionLost);
    expect(session.usable).toBe(false);
    await expect(session.run('SELECT 1')).rejects.toBeInstanceOf(ConnectionLost);
  });
});

describe('messages', () => {
  /** What a server would send for `SELECT` of these texts, twice: with the description of the columns and without. */
  const message = (code: string, body: Buffer) => {
    const head = Buffer.alloc(5);
    head.write(code);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const int16 = (value: number) => Buffer.from([value >> 8, value & 255]);
  const int32 = (value: number) => Buffer.from([value >> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);
  const describeText = message(
    'T',
    Buffer.concat([int16(1), Buffer.from('a\0'), Buffer.alloc(6), int32(25), Buffer.alloc(8)]),
  );
  const row = (text: string) =>
    message('D', Buffer.concat([int16(1), int32(Buffer.byteLength(text)), Buffer.from(text)]));
  const answer = (texts: readonly string[]) => [
    ...texts.map(row),
    message('C', Buffer.from(`SELECT ${texts.length}\0`)),
    message('Z', Buffer.from('I')),
  ];

  class Wire extends Duplex {
    override _read() {}
    override _write(_: unknown, __: unknown, done: () => void) {
      done();
    }
  }

  it('may be cut anywhere', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { maxLength: 5 }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
        async (answers, sizes) => {
          const wire = new Wire();
          const session = new Session({ connection: { stream: wire } } as unknown as pg.Client);
          const results = answers.map(() => session.run<{ a: string }>('SELECT a'));
          const sent = Buffer.concat([describeText, ...answers.flatMap(answer)]);
          for (let offset = 0; offset < sent.length; ) {
            const size = sizes.next().value as number;
            wire.emit('data', Buffer.from(sent.subarray(offset, offset + size)));
            offset += size;
          }
          expect((await Promise.all(results)).map(({ rows }) => rows.map((one) => one.a))).toEqual(answers);
        },
      ),
    ));
});
