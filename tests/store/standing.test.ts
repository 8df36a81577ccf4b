import { randomUUID } from 'node:crypto';
import { Access } from '../../src/access/access.ts';
import type { Database } from '../../src/store/database.ts';
import {
  disableClientOf,
  liftInstitution,
  liftPerson,
  networkPartners,
  personOfPractitioner,
  retireTerminal,
  type StandingAct,
  standingOf,
  suspendInstitution,
  suspendPerson,
} from '../../src/store/standing.ts';
import { standingEvents } from '../../src/store/standing-history.ts';
import { standsFirm } from '../../src/store/stands-firm.ts';
import { insertTerminal } from '../../src/store/terminal.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import { caller, nurse, SYSTEM } from './stage.ts';

let clone: Clone;
let database: Database;
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
});
afterAll(() => clone.drop());

const NOW = new Date('2026-06-15T03:00:00Z');
const ACT: StandingAct & { reason: 'theft' } = { at: NOW, reason: 'theft', words: 'stolen', reporter: '田中' };
const LIFT: StandingAct = { at: new Date(NOW.getTime() + 1000), reason: null, words: 'found', reporter: null };
const HOUR = 3_600_000;

let made = 0;
/** An institution with a client, a person and a terminal of its own. */
async function stage(kind = 'medical') {
  made += 1;
  const institution = BigInt(1000 + made);
  const [client, person, terminal, practitioner] = [`c${made}`, randomUUID(), randomUUID(), BigInt(5000 + made)];
  await database.query(`INSERT INTO institution (rid, id, kind, name, services) VALUES ($1::bigint, $2, $3, $4, 63)`, [
    institution,
    `i${made}`,
    kind,
    `I ${made}`,
  ]);
  await database.query(
    `INSERT INTO client (id, institution, name, scope, jwks) VALUES ($1, $2::bigint, 'C', 'system/*.rs', '{"keys":[]}')`,
    [client, institution],
  );
  await database.query(
    `INSERT INTO person (id, institution, login, name, practitioner, practitioner_id, roles, created_at, reviewed_at)
     VALUES ($1::uuid, $2::bigint, $3, '高橋 みどり', $4::bigint, $5, '{nurse}', now(), now())`,
    [person, institution, `login${made}`, practitioner, `p${made}`],
  );
  await insertTerminal(SYSTEM, database, {
    id: terminal,
    sha256: `${made}`.padStart(43, 'A'),
    institution,
    name: 'T',
    place: null,
    subject: 'CN=T',
    issuer: 'CN=CA',
    serial: '01',
    certificate: Buffer.from('certificate'),
    notBefore: NOW.getTime(),
    notAfter: NOW.getTime() + HOUR,
    at: NOW,
  });
  const access = Access.of(caller(`i${made}`, { organization: institution, clientId: client }));
  return { institution, client, person, terminal, practitioner, access };
}

const generationOf = async (table: 'institution' | 'person' | 'client', column: string, key: unknown) =>
  (await database.query<{ generation: number }>(`SELECT generation FROM ${table} WHERE ${column} = $1`, [key])).rows[0]
    ?.generation;
const actsOf = async (institution: bigint) =>
  (await standingEvents(SYSTEM, database, { institution, limit: 100 })).map(({ act }) => act);

describe('an institution', () => {
  it('is suspended once and lifted once, each with a row, and with a new generation for good', async () => {
    const { institution, access } = await stage();
    for (const [work, changed] of [
      [() => liftInstitution(access, database, institution, LIFT), 'already'],
      [() => suspendInstitution(access, database, institution, ACT), 'done'],
      [() => suspendInstitution(access, database, institution, ACT), 'already'],
      [() => liftInstitution(access, database, institution, LIFT), 'done'],
      [() => liftInstitution(access, database, institution, LIFT), 'already'],
    ] as const)
      expect(await work()).toBe(changed);
    expect(await actsOf(institution)).toEqual(['lift', 'suspend']);
    expect(await generationOf('institution', 'rid', institution)).toBe(1);
    expect((await standingOf(SYSTEM, database, institution))?.suspendedAt).toBeNull();
  });

  it('keeps the time of the first suspension', async () => {
    const { institution, access } = await stage();
    await suspendInstitution(access, database, institution, ACT);
    await suspendInstitution(access, database, institution, { ...ACT, at: new Date(NOW.getTime() + HOUR) });
    expect((await standingOf(SYSTEM, database, institution))?.suspendedAt).toBe(NOW.getTime());
  });

  it('is suspended by one of many at once', async () => {
    const { institution, access } = await stage();
    const changed = await Promise.all(
      Array.from({ length: 10 }, () => suspendInstitution(access, database, institution, ACT)),
    );
    expect(changed.filter((one) => one === 'done')).toHaveLength(1);
    expect(await actsOf(institution)).toEqual(['suspend']);
  });

  it('of the operator is none that could be, nor one that there is not', async () => {
    const { institution, access } = await stage('operator');
    expect(await suspendInstitution(access, database, institution, ACT)).toBe('unknown');
    expect(await suspendInstitution(access, database, 7n, ACT)).toBe('unknown');
    expect(await liftInstitution(access, database, 7n, LIFT)).toBe('unknown');
    expect(await standingOf(SYSTEM, database, 7n)).toBeUndefined();
  });
});

describe('a person', () => {
  it('is suspended and lifted, and found by the Practitioner', async () => {
    const { institution, person, practitioner, access } = await stage();
    const found = await personOfPractitioner(SYSTEM, database, practitioner);
    expect(found).toEqual({ id: person, institution, name: '高橋 みどり', active: true, suspendedAt: null });
    const one = { ...found, id: person, institution } as NonNullable<typeof found>;
    expect(await suspendPerson(access, database, one, ACT)).toBe('done');
    expect(await suspendPerson(access, database, one, ACT)).toBe('already');
    expect((await personOfPractitioner(SYSTEM, database, practitioner))?.suspendedAt).toBe(NOW.getTime());
    expect(await liftPerson(access, database, one, LIFT)).toBe('done');
    expect(await liftPerson(access, database, one, LIFT)).toBe('already');
    expect(await generationOf('person', 'id', person)).toBe(1);
    const events = await standingEvents(SYSTEM, database, { institution, person, limit: 10 });
    expect(events.map(({ act, practitionerId }) => [act, practitionerId])).toEqual([
      ['lift', `p${made}`],
      ['suspend', `p${made}`],
    ]);
  });

  it('that there is not cannot be', async () => {
    const { institution, access } = await stage();
    const nobody = { id: randomUUID(), institution, name: '', active: true, suspendedAt: null };
    expect(await suspendPerson(access, database, nobody, ACT)).toBe('unknown');
    expect(await liftPerson(access, database, nobody, LIFT)).toBe('unknown');
    expect(await personOfPractitioner(SYSTEM, database, 7n)).toBeUndefined();
  });
});

describe('clients and terminals', () => {
  it('are shut out once and for good', async () => {
    const { institution, client, terminal, access } = await stage();
    expect(await disableClientOf(access, database, { id: client, institution }, ACT)).toBe('done');
    expect(await disableClientOf(access, database, { id: client, institution }, ACT)).toBe('already');
    expect(await generationOf('client', 'id', client)).toBe(1);
    expect(await retireTerminal(access, database, { id: terminal, institution }, ACT)).toBe('done');
    expect(await retireTerminal(access, database, { id: terminal, institution }, ACT)).toBe('already');
    const events = await standingEvents(SYSTEM, database, { institution, limit: 10 });
    expect(events).toMatchObject([
      { act: 'retire', terminal, client: null },
      { act: 'disable', client, terminal: null, reason: 'theft', words: 'stolen', reporter: '田中', byClient: client },
    ]);
  });

  it('of another institution are left alone', async () => {
    const [one, other] = [await stage(), await stage()];
    await disableClientOf(one.access, database, { id: other.client, institution: one.institution }, ACT);
    await retireTerminal(one.access, database, { id: other.terminal, institution: one.institution }, ACT);
    expect(await generationOf('client', 'id', other.client)).toBe(0);
    expect(await actsOf(one.institution)).toEqual([]);
    const { rows } = await database.query('SELECT active FROM terminal WHERE id = $1::uuid', [other.terminal]);
    expect(rows).toEqual([{ active: true }]);
  });
});

describe('who has to be told', () => {
  it('the hospitals of the network, and the members of a hospital; each once, and only while it lasts', async () => {
    const [hospital, second, clinic, past] = [
      await stage('cooperating-hospital'),
      await stage('cooperating-hospital'),
      await stage(),
      await stage(),
    ];
    const affiliate = (rid: bigint, of: bigint, member: bigint, ends: string | null) =>
      database.query(
        `INSERT INTO affiliation (rid, hospital, member, medical, care, timeline, active, ends)
         VALUES ($1::bigint, $2::bigint, $3::bigint, true, true, true, true, coalesce($4::timestamptz, 'infinity'))`,
        [rid, of, member, ends],
      );
    await affiliate(9001n, hospital.institution, clinic.institution, null);
    await affiliate(9002n, hospital.institution, clinic.institution, null);
    await affiliate(9003n, second.institution, clinic.institution, null);
    await affiliate(9004n, hospital.institution, past.institution, '2020-01-01');
    const ids = async (institution: bigint) => [...(await networkPartners(SYSTEM, database, institution))].sort();
    const idOf = async ({ institution }: { institution: bigint }) =>
      (await standingOf(SYSTEM, database, institution))?.id as string;
    expect(await ids(clinic.institution)).toEqual([await idOf(hospital), await idOf(second)].sort());
    expect(await ids(hospital.institution)).toEqual([await idOf(clinic)]);
    expect(await ids(past.institution)).toEqual([]);
  });
});

describe('standing firm', () => {
  it('is asked of institution, client and person', async () => {
    const { institution, client, person, access } = await stage();
    const withPerson = Access.of({
      ...(access.caller as NonNullable<typeof access.caller>),
      person: nurse(person),
    });
    expect([await standsFirm(access, database), await standsFirm(withPerson, database)]).toEqual([true, true]);
    await database.query('UPDATE person SET suspended_at = now() WHERE id = $1::uuid', [person]);
    expect([await standsFirm(access, database), await standsFirm(withPerson, database)]).toEqual([true, false]);
    await disableClientOf(access, database, { id: client, institution }, ACT);
    expect(await standsFirm(access, database)).toBe(false);
  });

  it('does not need a client with a row, but an institution', async () => {
    const { access } = await stage();
    const caller = access.caller as NonNullable<typeof access.caller>;
    expect(await standsFirm(Access.of({ ...caller, clientId: 'our pages' }), database)).toBe(true);
    expect(await standsFirm(Access.of({ ...caller, organization: 7n }), database)).toBe(false);
    await expect(standsFirm(SYSTEM, database)).rejects.toThrow('caller');
  });

  it('holds a suspension up to the end of the transaction, and none after it', async () => {
    const { institution, access } = await stage();
    const order: string[] = [];
    let suspending: Promise<unknown> | undefined;
    await database.transaction(async (tx) => {
      expect(await standsFirm(access, tx)).toBe(true);
      suspending = suspendInstitution(access, database, institution, ACT).then(() => order.push('suspended'));
      // It waits for the row; that it does is told by the database.
      for (let waiting = 0, looks = 0; waiting === 0 && looks < 2000; looks++) {
        const { rows } = await database.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        waiting = rows[0]?.n ?? 0;
      }
      order.push('worked');
    });
    await suspending;
    expect(order).toEqual(['worked', 'suspended']);
    expect(await standsFirm(access, database)).toBe(false);
  });
});

it('nothing of it goes without an Access', async () => {
  const nobody = undefined as unknown as Access;
  await expect(suspendInstitution(nobody, database, 1n, ACT)).rejects.toThrow('Access');
  await expect(standingOf(nobody, database, 1n)).rejects.toThrow('Access');
  await expect(networkPartners(nobody, database, 1n)).rejects.toThrow('Access');
  await expect(personOfPractitioner(nobody, database, 1n)).rejects.toThrow('Access');
  await expect(standingEvents(nobody, database, { institution: 1n, limit: 1 })).rejects.toThrow('Access');
  await expect(standsFirm(nobody, database)).rejects.toThrow('caller');
});
