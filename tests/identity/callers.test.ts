import fc from 'fast-check';
import { FhirError } from '../../src/http/errors.ts';
import { Callers, disableClient } from '../../src/identity/index.ts';
import type { Database, Queryable } from '../../src/store/database.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import {
  addClient,
  addInstitutions,
  CARE,
  CLINIC,
  type Client,
  HOSPITAL,
  HOSPITAL2,
  type Process,
  startProcess,
  tokenOf,
} from './world.ts';

let clone: Clone;
let database: Database;
let process: Process;
let hospital: Client;
let clinic: Client;

beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
  await addInstitutions(database, [HOSPITAL, HOSPITAL2, CLINIC, CARE]);
  process = await startProcess(database);
  hospital = await addClient(database, HOSPITAL.rid);
  clinic = await addClient(database, CLINIC.rid, { scope: 'system/Patient.rs system/Appointment.cruds' });
});

afterAll(async () => {
  await process.close();
  await clone.drop();
});

beforeEach(async () => {
  await database.query('DELETE FROM affiliation');
  await database.query('UPDATE institution SET active = true, suspended_at = NULL');
});

interface Affiliation {
  hospital: bigint;
  member: bigint;
  medical: boolean;
  care: boolean;
  timeline: boolean;
  active: boolean;
  starts: string;
  ends: string;
}

let nextRid = 1000n;

const affiliate = (one: Partial<Affiliation>) => {
  const all = {
    hospital: HOSPITAL.rid,
    member: CLINIC.rid,
    medical: true,
    care: false,
    timeline: true,
    active: true,
    starts: '-infinity',
    ends: 'infinity',
    ...one,
  };
  return database.query(
    `INSERT INTO affiliation (rid, hospital, member, medical, care, timeline, active, starts, ends)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8::timestamptz, $9::timestamptz)`,
    [nextRid++, all.hospital, all.member, all.medical, all.care, all.timeline, all.active, all.starts, all.ends],
  );
};

const callerOf = (token: string, callers: Callers = process.callers) => callers.callerOf(token, { requestId: 'r-1' });

/** Counts the statements that go to the database. */
function counting(queryable: Queryable): Queryable & { statements: number } {
  const counter: Queryable & { statements: number } = {
    statements: 0,
    query: (text, values) => {
      counter.statements++;
      return queryable.query(text, values);
    },
  };
  return counter;
}

describe('the caller behind a token', () => {
  it('is the institution, the client, what was granted, and the request', async () => {
    const token = await tokenOf(process, clinic, 'system/Patient.cruds system/Appointment.c');
    expect(await process.callers.callerOf(token, { requestId: 'r-7', purpose: 'CAREMGT' })).toEqual({
      organization: CLINIC.rid,
      organizationId: 'clinic',
      kind: 'medical',
      clientId: clinic.clientId,
      scopes: [
        { type: 'Appointment', c: true, r: false, u: false, d: false, s: false },
        { type: 'Patient', c: false, r: true, u: false, d: false, s: true },
      ],
      networks: [],
      medical: [],
      care: [],
      timeline: [],
      purpose: 'CAREMGT',
      requestId: 'r-7',
    });
  });

  it.each([
    ['nothing', ''],
    ['a word', 'token'],
    ['43 characters that were never given out', 'A'.repeat(43)],
    ['a token and more', `${'A'.repeat(43)} `],
    ['a hash', 'x'.repeat(64)],
    ['an attack', "' OR 1=1 --"],
    ['NUL', '\0'],
    ['a megabyte', 'A'.repeat(1_000_000)],
  ])('is nobody for %s', async (_name, token) => {
    expect(await callerOf(token)).toBeNull();
  });

  it('is nobody for the hash that the table holds', async () => {
    const token = await tokenOf(process, hospital);
    const { rows } = await database.query<{ hash: string }>('SELECT hash FROM access_token');
    for (const { hash } of rows) expect(await callerOf(hash)).toBeNull();
    expect(await callerOf(token)).not.toBeNull();
  });

  it('is nobody once the token has expired', async () => {
    const token = await tokenOf(process, hospital);
    await database.query(`UPDATE access_token SET expires_at = now() + interval '1 minute'`);
    expect(await callerOf(token)).not.toBeNull();
    await database.query('UPDATE access_token SET expires_at = now()');
    expect(await callerOf(token)).toBeNull();
  });
});

describe('the purpose of use', () => {
  it.each(['TREAT', 'HPAYMT', 'HOPERAT', 'CAREMGT', 'PUBHLTH'])('may be %s', async (purpose) => {
    const token = await tokenOf(process, hospital);
    expect(await process.callers.callerOf(token, { requestId: 'r', purpose })).toMatchObject({ purpose });
  });

  it('is treatment where nothing is said', async () => {
    expect(await callerOf(await tokenOf(process, hospital))).toMatchObject({ purpose: 'TREAT' });
  });

  it.each(['', 'treat', 'ETREAT', 'BTG', 'TREAT, TREAT', 'toString'])('cannot be %j', async (purpose) => {
    const token = await tokenOf(process, hospital);
    const failing = process.callers.callerOf(token, { requestId: 'r', purpose });
    await expect(failing).rejects.toThrow(FhirError);
    await expect(failing).rejects.toMatchObject({ status: 400 });
  });

  it('is not looked at before the token: nobody stays nobody', async () => {
    expect(await process.callers.callerOf('x', { requestId: 'r', purpose: 'nonsense' })).toBeNull();
  });
});

describe('the network', () => {
  it('of a cooperating hospital is its own, for every service', async () => {
    const own = [HOSPITAL.rid];
    expect(await callerOf(await tokenOf(process, hospital))).toMatchObject({
      networks: own,
      medical: own,
      care: own,
      timeline: own,
    });
  });

  it('of a member is where it is registered now, for the services it is registered for', async () => {
    const token = await tokenOf(process, clinic);
    await affiliate({ medical: true, timeline: false });
    await affiliate({ hospital: HOSPITAL2.rid, medical: false, care: true });
    const caller = await callerOf(token);
    expect([...(caller?.networks ?? [])].sort()).toEqual([HOSPITAL.rid, HOSPITAL2.rid]);
    expect(caller).toMatchObject({ medical: [HOSPITAL.rid], care: [HOSPITAL2.rid], timeline: [HOSPITAL2.rid] });
  });

  it.each([
    ['not active', { active: false }],
    ['over', { ends: '2020-01-01' }],
    ['not begun', { starts: '2999-01-01' }],
    ["another's", { member: CARE.rid }],
    ['with an institution that is no hospital', { hospital: CARE.rid }],
    ['with a hospital that is not there', { hospital: 777n }],
  ])('has no hospital by an affiliation that is %s', async (_name, affiliation) => {
    const token = await tokenOf(process, clinic);
    await affiliate(affiliation);
    expect(await callerOf(token)).toMatchObject({ networks: [], medical: [], care: [], timeline: [] });
  });

  it.each(['suspended_at = now()', 'active = false'])('has no hospital that has %s', async (change) => {
    const token = await tokenOf(process, clinic);
    await affiliate({});
    expect(await callerOf(token)).toMatchObject({ networks: [HOSPITAL.rid] });
    await database.query(`UPDATE institution SET ${change} WHERE rid = $1`, [HOSPITAL.rid]);
    expect(await callerOf(token)).toMatchObject({ networks: [] });
  });

  it('is what the affiliations say, whatever they are', async () => {
    const token = await tokenOf(process, clinic);
    const affiliation = fc.record({
      hospital: fc.constantFrom(HOSPITAL.rid, HOSPITAL2.rid, CARE.rid),
      member: fc.constantFrom(CLINIC.rid, CARE.rid),
      medical: fc.boolean(),
      care: fc.boolean(),
      timeline: fc.boolean(),
      active: fc.boolean(),
      starts: fc.constantFrom('-infinity', '2020-01-01', '2999-01-01'),
      ends: fc.constantFrom('infinity', '2020-06-01', '2999-06-01'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(affiliation, { maxLength: 6 }), async (affiliations) => {
        await database.query('DELETE FROM affiliation');
        for (const one of affiliations) await affiliate(one);
        const live = affiliations.filter(
          (one) =>
            one.active &&
            one.member === CLINIC.rid &&
            one.hospital !== CARE.rid &&
            one.starts !== '2999-01-01' &&
            one.ends !== '2020-06-01',
        );
        const hospitals = (list: readonly Affiliation[]) => [...new Set(list.map((one) => one.hospital))].sort();
        const caller = await callerOf(token);
        const got = (['networks', 'medical', 'care', 'timeline'] as const).map((service) =>
          [...(caller?.[service] ?? [])].sort(),
        );
        expect(got).toEqual([
          hospitals(live),
          hospitals(live.filter((one) => one.medical)),
          hospitals(live.filter((one) => one.care)),
          hospitals(live.filter((one) => one.timeline)),
        ]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('who is shut out', () => {
  const out = [
    [
      'its institution is suspended',
      'UPDATE institution SET suspended_at = now() WHERE rid = 11',
      'UPDATE institution SET suspended_at = NULL WHERE rid = 11',
    ],
    [
      'its institution is not active',
      'UPDATE institution SET active = false WHERE rid = 11',
      'UPDATE institution SET active = true WHERE rid = 11',
    ],
  ] as const;

  it.each(out)(
    'is nobody on the next look-up when %s, and its old tokens stay dead when it comes back',
    async (_name, shut, open) => {
      const token = await tokenOf(process, clinic);
      expect(await callerOf(token)).not.toBeNull();
      await database.query(shut);
      expect(await callerOf(token)).toBeNull();
      await database.query(open);
      expect(await callerOf(token)).toBeNull();
      expect(await callerOf(await tokenOf(process, clinic))).not.toBeNull();
    },
  );

  it('stays out by any change of a suspended institution but the lifting', async () => {
    const token = await tokenOf(process, clinic);
    await database.query(`UPDATE institution SET name = 'Renamed' WHERE rid = 11`);
    expect(await callerOf(token)).not.toBeNull();
    await database.query('UPDATE institution SET suspended_at = now() WHERE rid = 11');
    await database.query(`UPDATE institution SET name = 'Renamed again' WHERE rid = 11`);
    expect(await callerOf(token)).toBeNull();
  });

  it('is nobody when its client is disabled; other clients of the institution stay', async () => {
    const other = await addClient(database, CLINIC.rid);
    const [mine, theirs] = [await tokenOf(process, clinic), await tokenOf(process, other)];
    expect(await disableClient(database, other.clientId)).toBe(true);
    expect(await disableClient(database, other.clientId)).toBe(false);
    expect(await callerOf(theirs)).toBeNull();
    expect(await callerOf(mine)).not.toBeNull();
    await database.query('UPDATE client SET active = true WHERE id = $1', [other.clientId]);
    expect(await callerOf(theirs)).toBeNull();
  });

  it('gets no token that was on its way', async () => {
    const racing = await addClient(database, CLINIC.rid);
    const held = await startProcess(database, { issued: () => Promise.resolve() });
    // Whatever the order: a token that comes out of the race is dead, or there is none.
    const [answer] = await Promise.allSettled([
      tokenOf(held, racing),
      database.query('UPDATE institution SET suspended_at = now() WHERE rid = 11'),
    ]);
    if (answer.status === 'fulfilled') expect(await callerOf(answer.value)).toBeNull();
    await database.query('UPDATE institution SET suspended_at = NULL WHERE rid = 11');
    if (answer.status === 'fulfilled') expect(await callerOf(answer.value)).toBeNull();
    await held.close();
  });
});

describe('two processes', () => {
  it('agree: what one gave out the other takes, what one shut out the other refuses', async () => {
    const other = await startProcess(await clone.open());
    const token = await tokenOf(other, clinic);
    expect(await callerOf(token)).not.toBeNull();
    await database.query('UPDATE institution SET suspended_at = now() WHERE rid = 11');
    expect(await callerOf(token, other.callers)).toBeNull();
    await other.close();
  });
});

describe('look-ups that come together', () => {
  it('share one statement, and each gets its own', async () => {
    const counter = counting(database);
    const callers = new Callers(counter);
    const tokens = await Promise.all([hospital, clinic, hospital, clinic].map((client) => tokenOf(process, client)));
    const asked = [...tokens, ...tokens, 'A'.repeat(43), 'nonsense'];
    const found = await Promise.all(asked.map((token) => callers.callerOf(token, { requestId: token.slice(0, 8) })));
    expect(counter.statements).toBe(1);
    const ids = [hospital, clinic, hospital, clinic].map(({ clientId }) => clientId);
    expect(found.map((caller) => caller?.clientId)).toEqual([...ids, ...ids, undefined, undefined]);
    expect(found[5]?.requestId).toBe(asked[5]?.slice(0, 8));
  });

  it('see a suspension that was committed before they came, though a statement was under way', async () => {
    const token = await tokenOf(process, clinic);
    const gate = Promise.withResolvers<void>();
    const slow: Queryable = {
      query: async (text, values) => {
        const result = await database.query(text, values);
        await gate.promise;
        return result as never;
      },
    };
    const callers = new Callers(slow);
    const before = callers.callerOf(token, { requestId: 'before' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await database.query('UPDATE institution SET suspended_at = now() WHERE rid = 11');
    const after = callers.callerOf(token, { requestId: 'after' });
    gate.resolve();
    expect(await before).not.toBeNull();
    expect(await after).toBeNull();
  });

  it('all fail when the statement fails, and the next does not', async () => {
    let broken = true;
    const callers = new Callers({
      query: (text, values) => (broken ? Promise.reject(new Error('no connection')) : database.query(text, values)),
    });
    const token = await tokenOf(process, hospital);
    const failed = await Promise.allSettled([callerOf(token, callers), callerOf(token, callers)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    broken = false;
    expect(await callerOf(token, callers)).not.toBeNull();
  });
});
