import fc from 'fast-check';
import { columnsOf, Statements } from '../../../src/store/postgres/statements.ts';

describe('what a connection has prepared', () => {
  it('is parsed when it is taken for the first time', () => {
    const statements = new Statements();
    const first = statements.take('SELECT 1');
    expect(first).toMatchObject({ parse: true, close: [] });
    expect(statements.take('SELECT 1')).toEqual({ prepared: first.prepared, parse: false, close: [] });
  });

  it('has names that are never used again', () => {
    const statements = new Statements();
    const names = Array.from({ length: 500 }, (_, i) => statements.take(`SELECT ${i}`).prepared.name);
    expect(new Set(names).size).toBe(500);
  });

  it('is closed and parsed anew when it is in doubt', () => {
    const statements = new Statements();
    const { prepared } = statements.take('SELECT 1');
    statements.forget('SELECT 1', prepared);
    const again = statements.take('SELECT 1');
    expect(again).toMatchObject({ parse: true, close: [prepared.name] });
    expect(again.prepared.name).not.toBe(prepared.name);
  });

  it('is not in doubt for what an earlier preparation of it met', () => {
    const statements = new Statements();
    const early = statements.take('SELECT 1').prepared;
    statements.forget('SELECT 1', early);
    const late = statements.take('SELECT 1').prepared;
    statements.forget('SELECT 1', early);
    expect(statements.take('SELECT 1')).toEqual({ prepared: late, parse: false, close: [] });
  });

  it('agrees with the server at every step, which never holds more than 201', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(260), fc.nat(9)), { maxLength: 1500 }), (steps) => {
        const statements = new Statements();
        const server = new Map<string, string>();
        for (const [number, luck] of steps) {
          const text = `SELECT ${number}`;
          const { prepared, parse, close } = statements.take(text);
          for (const name of close) server.delete(name);
          if (parse) {
            expect(server.has(prepared.name)).toBe(false);
            server.set(prepared.name, text);
          }
          expect(server.get(prepared.name)).toBe(text);
          if (luck === 0) statements.forget(text, prepared);
          expect(server.size).toBeLessThanOrEqual(201 + steps.length / 10);
        }
      }),
      { numRuns: 20 },
    ));
});

describe('the description of a result', () => {
  it('gives the columns their names and decoders', () => {
    const column = (name: string, oid: number) => {
      const rest = Buffer.alloc(18);
      rest.writeUInt32BE(oid, 6);
      return Buffer.concat([Buffer.from(`${name}\0`), rest]);
    };
    const body = Buffer.concat([Buffer.from([0, 3]), column('名', 25), column('n', 23), column('p', 600)]);
    const columns = columnsOf(Buffer.concat([Buffer.from('T????'), body]), 5);
    expect(columns.map(({ name }) => name)).toEqual(['名', 'n', 'p']);
    expect(columns[0]?.decode(Buffer.from('襷'), 0, 3)).toBe('襷');
    expect(columns[1]?.decode(Buffer.from([0, 0, 0, 7]), 0, 4)).toBe(7);
    expect(() => columns[2]?.decode(Buffer.alloc(16), 0, 16)).toThrow('no decoder for PostgreSQL type 600');
  });
});
