import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Keycode, normalise } from '../../../../src/services/timeline/keycode/keycode.ts';
import { Keycodes, type RedeemSteps } from '../../../../src/services/timeline/keycode/keycodes.ts';
import type { Database, Queryable } from '../../../../src/store/database.ts';
import { hospital, openStage, partner, START, type Stage, storePatient } from '../../../store/keycode-stage.ts';

/**
 * The plaintext of a keycode is in the answer of `issue`, in the body of a redemption, and nowhere else: with real Argon2id, over
 * everything that is sent to the database, stored in it, logged, printed or thrown.
 */

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** Every form in which a text could betray the code or its secret. */
function forms(printed: string): string[] {
  const plain = normalise(printed);
  const secret = plain.slice(6, -1);
  const grouped = printed.slice(7);
  const wide = (text: string) => text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
  return [plain, secret, grouped, plain.slice(0, -1)].flatMap((text) => [
    text,
    text.toLowerCase(),
    wide(text),
    Buffer.from(text).toString('hex'),
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    text.split('').join(' '),
  ]);
}

const betrays = (text: string, printed: string): string[] => forms(printed).filter((form) => text.includes(form));

/** A database that remembers every statement and value that it was sent. */
function remembering(database: Database, sent: string[]): Database {
  const watch = <Q extends Queryable>(queryable: Q): Q =>
    new Proxy(queryable, {
      get: (target, name) => {
        const own = Reflect.get(target, name);
        if (name === 'query') {
          return (text: string, values: readonly unknown[] = []) => {
            sent.push(
              text,
              ...values.map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value))),
            );
            return target.query(text, values);
          };
        }
        if (name === 'transaction') {
          return (work: (tx: Queryable) => Promise<unknown>, options: object) =>
            (target as unknown as Database).transaction((tx) => work(watch(tx)), options);
        }
        return typeof own === 'function' ? own.bind(target) : own;
      },
    });
  return watch(database);
}

/** Every row of every table, as text. */
async function dump(database: Queryable): Promise<string> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const tables = await Promise.all(
    rows.map(async ({ name }) => {
      const content = await database.query<{ line: string }>(`SELECT t::text AS line FROM ${name} t`);
      return [name, ...content.rows.map((row) => row.line)].join('\n');
    }),
  );
  return tables.join('\n');
}

/** What is written to the console and to both output streams meanwhile. */
async function listening(work: () => Promise<void>): Promise<string> {
  const heard: string[] = [];
  const streams = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write;
    stream.write = ((chunk: string | Uint8Array) => {
      heard.push(Buffer.from(chunk as Uint8Array).toString());
      return true;
    }) as typeof stream.write;
    return () => {
      stream.write = write;
    };
  });
  const methods = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => {
    const method = console[name];
    console[name] = (...values: unknown[]) => void heard.push(inspect(values, { depth: 20 }));
    return () => {
      console[name] = method;
    };
  });
  try {
    await work();
  } finally {
    for (const restore of [...streams, ...methods]) restore();
  }
  return heard.join('\n');
}

describe.each([9, 13] as const)('a keycode of %i secret characters', (secretChars) => {
  it('is in no statement, table, log or error after an issue and redemptions of every outcome', async () => {
    const sent: string[] = [];
    const told: unknown[] = [];
    const errors: unknown[] = [];
    const printed: string[] = [];
    const pepperFile = join(stage.folder, `${secretChars}.pepper`);
    const database = remembering(stage.database, sent);
    const operation: RedeemSteps<{ consent: string }> = {
      check: async (...seen) => told.push(seen.slice(1)) > 0,
      grant: async (...seen) => ({ consent: `consent-${told.push(seen.slice(1))}` }),
      denied: async (...seen) => void told.push(seen.slice(1)),
    };

    const output = await listening(async () => {
      const keycodes = await Keycodes.open({
        database,
        pepperFile,
        secretChars,
        now: secretChars === 9 ? START : later(),
      });
      const now = secretChars === 9 ? START : later();
      const patient = await storePatient(stage.database);
      const record = async (_: Queryable, issued: object) => void told.push(issued);
      const old = await keycodes.issue(hospital, { patient, now }, record);
      const { keycode } = await keycodes.issue(hospital, { patient, now }, record);
      const unknown = Keycode.generate(secretChars).print();
      printed.push(old.keycode, keycode, unknown);
      const broken = { ...operation, grant: () => Promise.reject(new Error('the grant failed')) };
      await keycodes.redeem(partner(1), { keycode, now }, operation);
      await keycodes.redeem(partner(1), { keycode: keycode.toLowerCase(), now }, operation);
      const failures = [
        () => keycodes.redeem(partner(2), { keycode: old.keycode, now }, operation),
        () => keycodes.redeem(partner(2), { keycode: unknown, now }, operation),
        () => keycodes.redeem(partner(2), { keycode: `${keycode}-0`, now }, operation),
        () => keycodes.redeem(partner(2), { keycode: keycode.replace(/.$/, 'U'), now }, operation),
        () => keycodes.redeem(partner(3), { keycode, now }, broken),
        () => keycodes.issue(hospital, { patient: 1n, now }, record),
      ];
      for (const failure of failures) {
        await failure().then(
          () => Promise.reject(new Error('it did not fail')),
          (error) => void errors.push(error),
        );
      }
    });

    expect(errors).toHaveLength(6);
    const thrown = errors.map((error) => `${inspect(error, { depth: 20, showHidden: true })}${(error as Error).stack}`);
    const pepper = await readFile(pepperFile, 'utf8');
    const places = {
      statements: sent.join('\n'),
      tables: await dump(stage.database),
      output,
      errors: thrown.join('\n'),
      operation: inspect(told, { depth: 20, showHidden: true }),
      pepper,
    };
    for (const code of printed) {
      for (const [place, text] of Object.entries(places))
        expect({ place, found: betrays(text, code) }).toEqual({ place, found: [] });
    }
    // The search itself finds what is there: the locators are in the table.
    expect(places.tables).toContain(printed[1]!.replaceAll('-', '').slice(0, 6));
    expect(places.tables).not.toContain(JSON.parse(pepper).secrets[0].secret);
    expect(betrays(`… ${printed[1]!.toLowerCase()} …`, printed[1]!)).not.toEqual([]);
  });
});

/** Long after the codes of the first round have expired, so that the second may have a pepper file of its own. */
function later(): Date {
  return new Date(START.getTime() + 400 * 24 * 3_600_000);
}
