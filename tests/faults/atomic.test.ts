import type { Database } from '../../src/store/database.ts';
import { fresh, issue, made, observation, patient, posting, transaction, urn } from '../fhir/interactions/samples.ts';
import type { Reply } from '../support/network.ts';
import { openWorld, type World } from '../support/world.ts';

let world: World;
let hospital: World['hospital'];
let database: Database;

beforeAll(async () => {
  world = await openWorld({ env: { STATEMENT_TIMEOUT_MS: '2000' } });
  ({ hospital } = world);
  database = (await world.server.database?.open({ poolSize: 2 })) as Database;
});
afterAll(() => world.close());

const TABLES = ['resource', 'resource_version', 'range', 'string', 'audit', 'party', '"grant"'];

/** How many rows each table has. A token may be issued meanwhile, which the audit tells. */
async function rowCounts(): Promise<string> {
  const counts = TABLES.map(
    (table) => `(SELECT count(*) FROM ${table}${table === 'audit' ? ` WHERE interaction <> 'issue-token'` : ''})`,
  );
  const { rows } = await database.query<{ counts: string }>(`SELECT concat_ws(' ', ${counts.join(', ')}) AS counts`);
  return rows[0]?.counts as string;
}

/** While the work runs, a write to the table does this instead. */
async function whileFails<T>(
  table: string,
  event: 'INSERT' | 'UPDATE',
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  await database.query(
    `CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${what}; RETURN NEW; END $$`,
  );
  await database.query(`CREATE TRIGGER fail BEFORE ${event} ON ${table} FOR EACH ROW EXECUTE FUNCTION fail()`);
  try {
    return await work();
  } finally {
    await database.query(`DROP TRIGGER fail ON ${table}`);
  }
}

/** How many rows each table has more. */
function rowsBetween(before: string, after: string): number[] {
  const first = before.split(' ');
  return after.split(' ').map((count, i) => Number(count) - Number(first[i]));
}

const RAISE = `RAISE EXCEPTION 'secret words of the database'`;

/** Writes to every table: strings, ranges, keys, a party and what is carried to it. */
function everything() {
  const name = urn();
  return transaction(
    posting(patient(fresh(), { birthDate: '1950-03-01' }), name),
    posting(observation(name, { effectiveDateTime: '2026-11-01' })),
    posting({
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject: { reference: name },
      performer: [{ reference: world.clinic.organization }],
    }),
  );
}

describe('a transaction that fails in the database', () => {
  it.each([
    ['resource', 'INSERT'],
    ['resource_version', 'INSERT'],
    ['range', 'INSERT'],
    ['string', 'INSERT'],
    ['audit', 'INSERT'],
    ['party', 'INSERT'],
  ] as const)('at table %s leaves nothing in any table, and tells nothing of the database', async (table, event) => {
    const before = await rowCounts();
    const reply = await whileFails(table, event, RAISE, () => hospital.post('', everything()));
    expect(reply.status).toBe(500);
    expect(issue(reply)).toEqual({
      severity: 'fatal',
      code: 'exception',
      diagnostics: 'Internal error; it has been logged under the request id',
    });
    expect(await rowCounts()).toBe(before);
    expect(world.server.logs()).toContain(reply.headers.get('x-request-id'));
    expect(world.server.logs()).toContain('secret words of the database');
    const again = await hospital.post('', everything());
    expect(again.status).toBe(200);
    expect(await rowCounts()).not.toBe(before);
  });

  it('because the connection ends leaves nothing, and is answered with 503', async () => {
    const before = await rowCounts();
    const end = 'PERFORM pg_terminate_backend(pg_backend_pid())';
    const reply = await whileFails('party', 'INSERT', end, () => hospital.post('', everything()));
    expect(reply.status).toBe(503);
    expect(issue(reply).code).toBe('transient');
    expect(reply.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await rowCounts()).toBe(before);
    expect((await hospital.post('', everything())).status).toBe(200);
  });

  it('because a statement takes too long leaves nothing, and says which bound it broke', async () => {
    const before = await rowCounts();
    const reply = await whileFails('party', 'INSERT', 'PERFORM pg_sleep(30)', () => hospital.post('', everything()));
    expect(reply.status).toBe(400);
    expect(issue(reply)).toMatchObject({ code: 'too-costly', diagnostics: expect.stringContaining('2000 ms') });
    expect(await rowCounts()).toBe(before);
  });
});

describe('a transaction that loses against another one', () => {
  /** The first so many writes to the table find that another transaction was faster. */
  const losing = async (times: number, code: string, work: () => Promise<Reply>) => {
    await database.query('CREATE SEQUENCE tries');
    const lose = `IF nextval('tries') <= ${times} THEN RAISE EXCEPTION 'lost' USING ERRCODE = '${code}'; END IF`;
    const reply = await whileFails('party', 'INSERT', lose, work);
    await database.query('DROP SEQUENCE tries');
    return reply;
  };

  it.each([
    ['serialization_failure', '40001'],
    ['deadlock_detected', '40P01'],
    ['unique_violation', '23505'],
  ])('by %s is tried again, and leaves what it made the last time alone', async (_, code) => {
    const before = await rowCounts();
    const reply = await losing(2, code, () => hospital.post('', everything()));
    expect(reply.status).toBe(200);
    const difference = rowsBetween(before, await rowCounts());
    const again = await rowCounts();
    expect((await hospital.post('', everything())).status).toBe(200);
    expect(difference).toEqual(rowsBetween(again, await rowCounts()));
    const subject = made(reply, 0);
    for (const place of [1, 2]) expect((await hospital.get(made(reply, place))).body.subject.reference).toBe(subject);
    expect((await hospital.get(subject)).status).toBe(200);
    expect((await hospital.get(`Observation?subject=${subject}`)).body.total).toBe(1);
  });

  it('again and again gives up, leaves nothing, and says when to try again', async () => {
    const before = await rowCounts();
    const reply = await losing(1000, '40001', () => hospital.post('', everything()));
    expect([reply.status, issue(reply).code, reply.headers.get('retry-after')]).toEqual([503, 'transient', '1']);
    expect(await rowCounts()).toBe(before);
  });
});

describe('a single write that fails in the database', () => {
  it('leaves nothing when it is a creation', async () => {
    const before = await rowCounts();
    const reply = await whileFails('string', 'INSERT', RAISE, () => hospital.post('Patient', patient(fresh())));
    expect(reply.status).toBe(500);
    expect(await rowCounts()).toBe(before);
  });

  it('leaves the version before it when it is an update or a deletion', async () => {
    const { id } = await hospital.create(patient(fresh()));
    const before = await rowCounts();
    const update = () => hospital.put(`Patient/${id}`, patient(fresh(), { id }));
    expect((await whileFails('string', 'INSERT', RAISE, update)).status).toBe(500);
    const remove = () => hospital.send('DELETE', `Patient/${id}`);
    expect((await whileFails('audit', 'INSERT', RAISE, remove)).status).toBe(500);
    expect(await rowCounts()).toBe(before);
    expect((await hospital.get(`Patient/${id}`)).headers.get('etag')).toBe('W/"1"');
  });

  it('leaves the slot free when it is a booking whose slot cannot be marked', async () => {
    const room = await hospital.create({ resourceType: 'Location', name: 'MRI室' });
    const actor = { reference: `Location/${room.id}` };
    const schedule = await hospital.create({ resourceType: 'Schedule', actor: [actor] });
    const [start, end] = ['2027-01-04T09:00:00+09:00', '2027-01-04T10:00:00+09:00'];
    const free = {
      resourceType: 'Slot',
      schedule: { reference: `Schedule/${schedule.id}` },
      status: 'free',
      start,
      end,
    };
    const { id } = await hospital.create(free);
    const participant = [{ actor, status: 'accepted' }];
    const slot = [{ reference: `Slot/${id}` }];
    const book = () =>
      hospital.post('Appointment/$book', {
        resourceType: 'Appointment',
        status: 'proposed',
        start,
        end,
        slot,
        participant,
      });
    const before = await rowCounts();
    expect((await whileFails('resource', 'UPDATE', RAISE, book)).status).toBe(500);
    expect(await rowCounts()).toBe(before);
    expect((await hospital.get(`Slot/${id}`)).body.status).toBe('free');
    expect((await book()).status).toBe(201);
  });
});

describe('a read whose audit cannot be written', () => {
  it.each(['Patient', 'Patient/none', 'Patient/none/_history'])('is not answered: %s', async (path) => {
    const { id } = await hospital.create(patient(fresh()));
    const reply = await whileFails('audit', 'INSERT', RAISE, () => hospital.get(path.replace('none', id)));
    expect(reply.status).toBe(500);
    expect(reply.text).not.toContain('試験');
    expect((await hospital.get(path.replace('none', id))).status).toBe(200);
  });
});
