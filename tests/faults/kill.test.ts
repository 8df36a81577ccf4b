import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { batch, by, fresh, getting, patient } from '../fhir/interactions/samples.ts';
import { atEnd, postmasterIn, REMOVE_DATA_DIR, stopPostgresIn } from '../support/guard.ts';
import { type Member, openNetwork } from '../support/network.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { ENTRIES, newStorm, write } from './storm.ts';

const ROUNDS = 10;
const WRITERS = 6;
/** Rounds in which PostgreSQL is killed with the server; in the others it runs on, and the next server finds it. */
const WITH_POSTGRES = new Set([3, 7]);

let dataDir: string;
let callOff: () => void;
let server: RunningServer;
let hospital: Member;
const storm = newStorm();

const start = () => startServer({ dataDir, env: { DATABASE_URL: '', STATEMENT_TIMEOUT_MS: '60000' } });

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-kill-`));
  callOff = atEnd(REMOVE_DATA_DIR, dataDir);
  server = await start();
  hospital = await (await openNetwork(server)).enrol('cooperating-hospital');
  const { id } = await hospital.create(patient(fresh()));
  for (let round = 0; round < ROUNDS; round++) {
    await stormOf(round, id);
    server = await start();
    hospital = hospital.at(server);
  }
}, 180_000);

afterAll(async () => {
  await server.stop();
  await stopPostgresIn(dataDir);
  callOff();
  rmSync(dataDir, { recursive: true, force: true });
});

/** All writers write until the server is killed, in the middle of what they have under way then. */
async function stormOf(round: number, patientId: string): Promise<void> {
  let left = 20 + 7 * round;
  const acknowledge = () => {
    if (--left !== 0) return;
    void server.kill('SIGKILL');
    const postmaster = WITH_POSTGRES.has(round) ? postmasterIn(dataDir) : undefined;
    if (postmaster !== undefined) process.kill(postmaster, 'SIGKILL');
  };
  await Promise.all(Array.from({ length: WRITERS }, () => write(hospital, patientId, storm, acknowledge)));
  await server.stop();
}

/** Answers to GETs, in order. */
async function ask(urls: readonly string[]): Promise<{ status: number; resource: unknown }[]> {
  const answers: { status: number; resource: unknown }[] = [];
  for (let from = 0; from < urls.length; from += 200) {
    const reply = await hospital.post('', batch(...urls.slice(from, from + 200).map((url) => getting(url))));
    for (const { response, resource } of reply.body.entry)
      answers.push({ status: Number.parseInt(response.status, 10), resource });
  }
  return answers;
}

const totals = async (urls: readonly string[]) =>
  (await ask(urls)).map(({ resource }) => (resource as { total: number }).total);

async function inDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(
    { databaseUrl: null, dataDir, poolSize: 1, statementTimeoutMs: 60_000 },
    () => {},
  );
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

describe(`after the server was killed ${ROUNDS} times while ${WRITERS} wrote`, () => {
  it('nothing had been refused, and much acknowledged', () => {
    expect(storm.unexpected).toEqual([]);
    expect(storm.acknowledged.length).toBeGreaterThan(ROUNDS * 20);
    expect(storm.transactions.filter(({ acknowledged }) => !acknowledged).length).toBeGreaterThan(0);
  });

  it('every version that was acknowledged is there, as it was acknowledged', async () => {
    const answers = await ask(storm.acknowledged.map(({ location }) => location));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const differing = storm.acknowledged.filter(
      ({ text }, i) => text !== undefined && JSON.stringify(answers[i]?.resource) !== text,
    );
    expect(differing).toEqual([]);
  });

  it('a search finds each resource whose creation was acknowledged', async () => {
    const found = await totals(storm.created.map((value) => `Observation?${by(value)}&_summary=count`));
    expect(new Set(found)).toEqual(new Set([1]));
  });

  it('each transaction is there with all its entries or with none, and with all where it was acknowledged', async () => {
    const counts = await totals(storm.transactions.map(({ mark }) => `Observation?${by(mark)}&_summary=count`));
    const ledgers = [...new Set(storm.transactions.map(({ ledger }) => ledger))];
    const histories = await ask(ledgers.map((id) => `Basic/${id}/_history?_count=1000`));
    const written = new Set(
      histories.flatMap(({ resource }) =>
        (resource as { entry: { resource: { identifier: { value: string }[] } }[] }).entry.map(
          (entry) => entry.resource.identifier[0]?.value,
        ),
      ),
    );
    for (const [i, { mark, acknowledged }] of storm.transactions.entries()) {
      const whole = written.has(mark);
      expect([mark, counts[i]]).toEqual([mark, whole ? ENTRIES : 0]);
      if (acknowledged) expect([mark, whole]).toEqual([mark, true]);
    }
  });

  it('the tables agree: versions without gaps, one audit row for each, no index row of nothing', async () => {
    const checks = {
      'a current version that is not the last one': `SELECT r.rid FROM resource r WHERE r.version <> (SELECT max(v.version) FROM resource_version v WHERE v.rid = r.rid)`,
      'a gap': `SELECT rid FROM resource_version GROUP BY rid HAVING count(*) <> max(version)`,
      'a version without its resource': `SELECT v.rid FROM resource_version v LEFT JOIN resource r USING (rid) WHERE r.rid IS NULL`,
      'a version without an audit row': `SELECT v.rid FROM resource_version v WHERE NOT EXISTS (
        SELECT FROM audit a WHERE a.resource = v.rid AND a.version = v.version AND a.outcome = 0
        AND a.interaction = CASE v.interaction WHEN 'c' THEN 'create' ELSE 'update' END)`,
      'an audit row without its version': `SELECT a.resource FROM audit a LEFT JOIN resource_version v ON v.rid = a.resource AND v.version = a.version
        WHERE a.interaction IN ('create', 'update') AND v.rid IS NULL`,
      'an index row of nothing': `SELECT rid FROM (SELECT rid FROM range UNION ALL SELECT rid FROM string UNION ALL SELECT rid FROM party) i
        LEFT JOIN resource r USING (rid) WHERE r.rid IS NULL`,
    };
    const broken = await inDatabase((database) =>
      Promise.all(Object.entries(checks).map(async ([name, sql]) => [name, (await database.query(sql)).rows.length])),
    );
    expect(Object.fromEntries(broken)).toEqual(Object.fromEntries(Object.keys(checks).map((name) => [name, 0])));
  });
});
