import { setImmediate } from 'node:timers/promises';
import { Access } from '../../../src/access/access.ts';
import { actRow, insertAudit } from '../../../src/store/audit.ts';
import type { Database, Queryable } from '../../../src/store/database.ts';
import { ERASURE_PLAN } from '../../../src/store/erasure-plan.ts';
import type { Member } from '../../support/network.ts';
import { type Crowd, openCrowd, type SignedUp } from '../../support/people.ts';
import { believe, placeOrder, ref, Stage, signed, submitted, value } from '../signature/stage.ts';
import { dump, tablesWith } from './dump.ts';

const MARK = 'ケシモノＱ七三';
const ASCII_MARK = 'keshimono.q73';

const TRUST = {
  anchors: [Buffer.from('anchor')],
  intermediates: [],
  timestampAnchors: [Buffer.from('tsa')],
  timestampIntermediates: [],
  crls: [Buffer.from('list')],
  policies: ['1.2'],
  refusedPolicies: [],
};
const ROLES = { medical: ['Medical Doctor'], dental: ['Dentist'] };

let stage: Stage;
let database: Database;
let crowd: Crowd;
let clinic: Member;
let hospital: Member;
let person: SignedUp;
/** Ids of what has to go, and of what has to stay. */
const gone: string[] = [];
const stays: string[] = [];
/** What the operator told two of them. */
let both: string;
let before: Map<string, string[]>;
let othersBefore: string;

const erase = (institution: Member, parts: object[], by: { post: Member['post'] } = stage.network.operator) =>
  by.post(`${institution.organization}/$erase`, { resourceType: 'Parameters', parameter: parts });
const ordered = (name: string) => [
  { name: 'confirm', valueString: name },
  { name: 'text', valueString: '契約終了' },
];

async function endContract(member: Member): Promise<void> {
  const { operator } = stage.network;
  const found = await operator.get(`Contract?subject=${member.organization}`);
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(Date.now());
  const reply = await operator.post(`Contract/${found.body.entry[0].resource.id}/$end`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'ground', valueString: '1' },
      { name: 'contacted', valueDate: today },
      { name: 'reason', valueString: 'closed' },
    ],
  });
  if (reply.status !== 200) throw new Error(reply.text);
}

/** All resources that are others', with their versions, and what others are named on. */
async function others(): Promise<string> {
  const { rows } = await database.query<{ text: string }>(
    `WITH x AS (SELECT rid FROM institution WHERE id = $1)
     SELECT string_agg(line, E'\\n' ORDER BY line) AS text FROM (
       SELECT v::text AS line FROM resource_version v JOIN resource r USING (rid), x WHERE r.owner <> x.rid AND r.home IS DISTINCT FROM x.rid AND r.type <> 'Communication' AND r.type <> 'Contract'
       UNION ALL SELECT r::text FROM resource r, x WHERE r.owner <> x.rid AND r.home IS DISTINCT FROM x.rid AND r.type <> 'Communication' AND r.type <> 'Contract'
       UNION ALL SELECT v::text FROM resource_version v JOIN resource r USING (rid), x WHERE r.owner = x.rid AND r.home <> x.rid
       UNION ALL SELECT s::text FROM string s JOIN resource r USING (rid), x WHERE r.owner <> x.rid AND r.type <> 'Communication' AND r.type <> 'Contract'
       UNION ALL SELECT p::text FROM person p, x WHERE p.institution <> x.rid
       UNION ALL SELECT c::text FROM client c, x WHERE c.institution <> x.rid
       UNION ALL SELECT k::text FROM keycode k, x WHERE k.created_by <> x.rid
       UNION ALL SELECT l::text FROM letter l, x WHERE l.organization <> x.rid) lines`,
    [clinic.organization.split('/')[1]],
  );
  return rows[0]?.text ?? '';
}

beforeAll(async () => {
  stage = await Stage.open({
    signature: {
      render: async ({ issuedAt }) => Buffer.from(`%PDF-1.7 ${issuedAt} ${MARK}`),
      trust: async () => ({ trust: TRUST, environment: 'test', roles: ROLES, timestampServices: [] }),
      verify: async (input) => believe(input),
    },
  });
  ({ clinic, hospital } = stage);
  database = await stage.clone.open();
  const running = { ...stage.running, identitySecretFile: stage.server.config.identitySecretFile };
  crowd = await openCrowd(running as never, stage.network.operator);
  person = await crowd.signUp(clinic, ['administrator', 'physician'], {
    login: `taro.${ASCII_MARK}`,
    name: `${MARK} 太郎`,
  });
  await person.get('Patient');
  gone.push(person.practitioner.split('/')[1] as string);

  const made = async (member: Member, resource: { resourceType: string; [name: string]: unknown }) => {
    const { id } = await member.create(resource);
    return `${resource.resourceType}/${id}`;
  };
  const note = [{ text: MARK }];
  const patient = await made(clinic, { resourceType: 'Patient', name: [{ text: `${MARK} 花子` }] });
  const binary = await made(clinic, {
    resourceType: 'Binary',
    contentType: 'text/plain',
    data: Buffer.from(MARK).toString('base64'),
  });
  const condition = await made(clinic, { resourceType: 'Condition', subject: ref(patient), note });
  const current = (await clinic.get(condition)).body;
  await clinic.put(condition, { ...current, note: [{ text: `${MARK} 二版` }] });
  const deleted = await made(clinic, {
    resourceType: 'Observation',
    status: 'final',
    code: { text: MARK },
    subject: ref(patient),
  });
  await clinic.send('DELETE', deleted);
  const message = await made(clinic, {
    resourceType: 'Communication',
    status: 'completed',
    recipient: [ref(hospital.organization)],
    payload: [{ contentString: MARK }],
  });
  gone.push(...[patient, binary, condition, deleted, message].map((one) => one.split('/')[1] as string));

  // What the operator told it alone, and it with the hospital.
  const told = async (...recipients: Member[]) => {
    const parameter = [
      { name: 'kind', valueCode: 'information' },
      { name: 'title', valueString: 'お知らせ' },
      { name: 'text', valueString: recipients.length > 1 ? '合同の連絡' : `${MARK} 太郎様の件` },
      ...recipients.map(({ organization }) => ({ name: 'recipient', valueReference: ref(organization) })),
    ];
    const reply = await stage.network.operator.post('$publish-notice', { resourceType: 'Parameters', parameter });
    if (reply.status !== 201) throw new Error(reply.text);
    return reply.body.id as string;
  };
  const alone = await told(clinic);
  both = await told(clinic, hospital);
  await person.post('$mark-read', {
    resourceType: 'Parameters',
    parameter: [{ name: 'notice', valueReference: ref(`Communication/${alone}`) }],
  });

  // A letter of the clinic that goes to the hospital, signed.
  const { order, letter, patient: sent } = await placeOrder(clinic, hospital, { note });
  const issued = await clinic.send('POST', `${order}/$render-letter`);
  const pdf = await stage.bytes(clinic, 'GET', value(issued, 'document').reference);
  await submitted(clinic, value(issued, 'task').reference, signed(pdf.bytes));
  gone.push(...[order, letter, sent].map((one) => one.split('/')[1] as string), alone);

  // The hospital's patient, whose keycode the clinic has, and what the clinic wrote into the timeline.
  const home = await made(hospital, { resourceType: 'Patient', name: [{ text: '浜 次郎' }], birthDate: '1950-01-02' });
  const keycode = value(await hospital.post(`${home}/$issue-keycode`, { resourceType: 'Parameters' }), 'keycode');
  const redeemed = await clinic.post('$redeem-keycode', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'keycode', valueString: keycode },
      { name: 'birthDate', valueDate: '1950-01-02' },
      { name: 'purpose', valueCode: 'TREAT' },
      { name: 'attest', valueBoolean: true },
    ],
  });
  if (redeemed.status >= 300) throw new Error(redeemed.text);
  const entry = await made(clinic, {
    resourceType: 'Condition',
    subject: ref(home),
    note: [{ text: '時系列への記載' }],
  });
  // What the hospital made of the booking refers to what goes.
  const report = await made(hospital, {
    resourceType: 'DiagnosticReport',
    status: 'final',
    code: { text: 'CT' },
    subject: ref(home),
    basedOn: [ref(order)],
  });
  stays.push(home, entry, report);

  before = await dump(database);
  othersBefore = await others();
  await stage.bytes(clinic, 'GET', patient, 'application/fhir+json');
}, 60_000);

afterAll(async () => {
  await database?.close();
  await crowd?.close();
  await stage?.close();
});

it('puts the marks where they are to be looked for', () => {
  expect(tablesWith(before, MARK)).toEqual(expect.arrayContaining(['resource_version', 'person']));
  expect(tablesWith(before, ASCII_MARK)).toContain('person');
});

it('is refused to everybody but the operator, without its name, and as long as there is a contract', async () => {
  expect((await erase(clinic, ordered('さくら診療所'), clinic)).status).toBe(403);
  expect((await erase(clinic, ordered('さくら診療所'), person)).status).toBe(403);
  expect((await erase(clinic, [])).status).toBe(400);
  expect((await erase(clinic, ordered('もみじ医院'))).status).toBe(422);
  expect((await erase(clinic, ordered('さくら診療所'))).status).toBe(409);
  expect((await stage.network.operator.get('Organization/nobody/$erasure')).status).toBe(404);
});

it('is exported before the end, to its own systems and administrators, a page at a time', async () => {
  const reply = await clinic.get(`${clinic.organization}/$export-own`, { accept: 'application/fhir+ndjson' });
  expect(reply.status).toBe(200);
  const all = reply.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const ids = all.map(({ resourceType, id }) => `${resourceType}/${id}`);
  expect(all.some((one) => JSON.stringify(one).includes(MARK))).toBe(true);
  expect(ids).not.toContain(stays[1]);
  expect(ids.some((one) => one.startsWith('Binary/'))).toBe(true);
  expect((await hospital.get(`${clinic.organization}/$export-own`)).status).toBe(404);
  expect((await stage.network.operator.get(`${clinic.organization}/$export-own`)).status).toBe(409);
  const admin = await person.get(`${clinic.organization}/$export-own`, { accept: 'application/fhir+ndjson' });
  expect(new Set(admin.text.trim().split('\n'))).toEqual(new Set(reply.text.trim().split('\n')));
  const rest = await clinic.get((reply.headers.get('link') ?? '').replace(/^<.*\/fhir\/(.*)>; rel="next"$/, '$1'));
  expect([rest.status, rest.text]).toEqual([200, '']);
});

it('waits for the days of grace, and can be ordered sooner', async () => {
  await endContract(clinic);
  await stage.server.jobs.run('contracts');
  await stage.server.jobs.run('erasures');
  const planned = await stage.network.operator.get(`${clinic.organization}/$erasure`);
  const said = (name: string, reply = planned) =>
    reply.body.parameter[0].part.find((one: { name: string }) => one.name === name);
  expect(said('state').valueCode).toBe('planned');
  expect(Date.parse(said('due').valueInstant) - Date.now()).toBeGreaterThan(28 * 86_400_000);
  expect(
    (await database.query('SELECT FROM resource_version WHERE position($1::bytea in content) > 0', [Buffer.from(MARK)]))
      .count,
  ).toBeGreaterThan(0);
  // The institution cannot come in any more: the operator takes what is its own out for it.
  const path = `${clinic.organization}/$export-own`;
  const taken = await stage.network.operator.get(path, { accept: 'application/fhir+ndjson' });
  expect([taken.status, taken.text.includes(MARK)]).toEqual([200, true]);
  const reply = await erase(clinic, ordered('さくら診療所'));
  expect(reply.status).toBe(202);
  expect(said('orderedBy', reply).valueString).toBe('operator');
});

it('goes on wherever it was broken off, and two processes do not do it twice', async () => {
  const { erasureStep } = await import('../../../src/services/erasure/work.ts');
  const { rows } = await database.query<{ id: string }>('SELECT id FROM erasure');
  const id = rows[0]?.id as string;
  const { engine } = stage.server;
  const pace = { rows: 3, look: 7, settle: 0 };
  // A transaction that dies before its commit leaves everything as it was.
  const dying = {
    ...engine,
    database: {
      query: engine.database.query.bind(engine.database),
      transaction: (work: Parameters<Database['transaction']>[0], options?: object) =>
        engine.database.transaction(async (tx) => {
          await work(tx);
          throw new Error('killed');
        }, options),
    },
  } as unknown as typeof engine;
  /** Does something in a transaction that ends when it is told to. */
  const slowly = (work: (tx: Queryable) => Promise<void>) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = database.transaction(async (tx) => {
      await work(tx);
      await promise;
    });
    return () => {
      resolve();
      return done;
    };
  };
  const about = () =>
    actRow(Date.now(), 'read', {
      outcome: 0,
      client: 'late',
      type: 'ServiceRequest',
      resource: engine.keys.rid('ServiceRequest', gone[6] as string),
      resourceId: gone[6] as string,
    });
  let late: (() => Promise<void>) | undefined;
  let waited = 0;
  let steps = 0;
  expect(await erasureStep(engine, id, pace)).toBe('more');
  // What is going must not come under a contract again before it is gone.
  await expect(stage.network.contract(clinic)).rejects.toThrow('409');
  for (let said: string = 'more'; said !== 'done' && steps < 2000; steps++) {
    if (steps % 5 === 0) await expect(erasureStep(dying, id, pace)).rejects.toThrow('killed');
    const both = await Promise.all([erasureStep(engine, id, pace), erasureStep(engine, id, pace)]);
    said = both.includes('done') ? 'done' : 'more';
    // The receiver of an order asks for it between the first look through the audit and its end.
    const { rows: now } = await database.query<{ step: string }>('SELECT step FROM erasure');
    if (now[0]?.step === 'letters' || now[0]?.step === 'evidence') await hospital.get(`ServiceRequest/${gone[6]}`);
    // Another asked before it went; its row comes when all else is over.
    if (now[0]?.step === 'letters') late ??= slowly((tx) => insertAudit(Access.system('a test'), tx, [about()]));
    if (now[0]?.step === 'audit-again' && both.every((one) => one === 'busy') && ++waited === 3) await late?.();
  }
  expect(steps).toBeLessThan(2000);
  expect(waited).toBe(3);
  const { rows: written } = await database.query(`SELECT resource_id FROM audit WHERE client = 'late'`);
  expect(written).toEqual([{ resource_id: null }]);
}, 120_000);

it('leaves nothing in any table', async () => {
  const after = await dump(database);
  expect(tablesWith(after, MARK)).toEqual([]);
  expect(tablesWith(after, ASCII_MARK)).toEqual([]);
  const left = new Set(gone.flatMap((id) => tablesWith(after, id)));
  // What the hospital wrote itself names the order it was based on.
  expect([...left].sort()).toEqual(['resource_version']);
  const { rows } = await database.query<{ type: string }>(
    'SELECT DISTINCT r.type FROM resource r JOIN institution i ON i.rid = r.owner WHERE i.id = $1 ORDER BY 1',
    [clinic.organization.split('/')[1]],
  );
  expect(rows.map(({ type }) => type)).toEqual(['Condition', 'Organization']);
  for (const table of ['letter', 'letter_part', 'letter_verification', 'evidence', 'signer', 'erasure_evidence'])
    expect([table, after.get(table)]).toEqual([table, []]);
});

it('leaves what others own as it was', async () => {
  expect(await others()).toBe(othersBefore);
  expect((await hospital.get(`Communication/${both}`)).status).toBe(200);
  for (const one of stays) expect((await hospital.get(one)).status).toBe(200);
});

it('answers as if there had never been anything', async () => {
  const { operator } = stage.network;
  for (const member of [hospital, operator]) {
    for (const id of gone) {
      const type = 'Patient';
      const never = await member.get(`${type}/${'0'.repeat(8)}${id.slice(8)}`);
      const reply = await member.get(`${type}/${id}`);
      expect([reply.status, reply.text.replaceAll(id, '')]).toEqual([
        404,
        never.text.replaceAll(`${'0'.repeat(8)}${id.slice(8)}`, ''),
      ]);
      expect((await member.get(`${type}/${id}/_history`)).status).toBe(404);
    }
  }
  const [, , report] = stays;
  const included = await hospital.get(
    `DiagnosticReport?_id=${report?.split('/')[1]}&_include=DiagnosticReport:based-on`,
  );
  expect(included.body.entry).toHaveLength(1);
  expect((await hospital.get('DiagnosticReport?based-on:ServiceRequest.status=active')).body.total).toBe(0);
  expect((await hospital.get('Patient?_has:Condition:patient:_id=x')).status).toBe(200);
  expect((await hospital.get('_history')).text).not.toContain(MARK);
  expect((await clinic.get('Patient')).status).toBe(401);
  // Each of these was asked for as a Patient; the audit keeps the id of none that was one.
  const tables = await dump(database);
  const patients = [1, 8].map((place) => gone[place] as string);
  expect(patients.flatMap((id) => tablesWith(tables, id)).filter((table) => table.startsWith('audit'))).toEqual([]);
});

it('leaves a record, a certificate and a name', async () => {
  const { operator } = stage.network;
  const reply = await operator.get(`${clinic.organization}/$erasure`);
  const parts: {
    name: string;
    part?: { name: string; valueString?: string; valueDecimal?: number }[];
    valueCode?: string;
    valueString?: string;
  }[] = reply.body.parameter[0].part;
  expect(parts.find(({ name }) => name === 'state')?.valueCode).toBe('done');
  expect(parts.find(({ name }) => name === 'sha256')?.valueString).toMatch(/^[0-9a-f]{64}$/);
  const counted = parts.flatMap(({ name, part }) =>
    name === 'count' ? [part?.find((one) => one.name === 'table')?.valueString] : [],
  );
  expect(counted).toEqual(
    expect.arrayContaining([
      'audit',
      'client',
      'evidence',
      'letter',
      'person',
      'resource',
      'resource_version',
      'session',
    ]),
  );
  const text = await operator.get(`${clinic.organization}/$erasure`, { accept: 'text/plain', 'accept-language': 'ja' });
  expect(text.text).toContain('消去証明書');
  const organization = (await operator.get(clinic.organization)).body;
  expect(organization).toMatchObject({ active: false, name: 'さくら診療所' });
  expect((await operator.get(`${clinic.organization}/_history`)).body.entry).toHaveLength(1);
  // Ordered again, it stays as it is.
  expect((await erase(clinic, ordered('さくら診療所'))).status).toBe(202);
  expect((await operator.get(`${clinic.organization}/$erasure`)).body).toEqual(reply.body);
});

it('is done once, never of the operator, and the audit has the hash that the record has', async () => {
  const count = async () => (await database.query(`SELECT FROM audit WHERE interaction LIKE 'erasure%'`)).count;
  const before = await count();
  const again = await erase(clinic, ordered('さくら診療所'));
  expect([again.status, again.body.parameter.length]).toEqual([202, 1]);
  await stage.server.jobs.run('erasures');
  expect(await count()).toBe(before);
  const { operator } = stage.network;
  const name = (await operator.get(operator.organization)).body.name as string;
  expect((await erase(operator, ordered(name))).status).toBe(409);
  const { rows } = await database.query(
    `SELECT FROM erasure e JOIN audit a ON a.resource = e.institution AND a.interaction = 'erasure'
       AND a.detail = e.id || ' sha256 ' || encode(e.hash, 'hex') WHERE e.institution_id = $1`,
    [clinic.organization.split('/')[1]],
  );
  expect(rows).toHaveLength(1);
});

it('gives no id that was erased to anybody: with it would come what others keep of it', async () => {
  const { commit } = await import('../../../src/fhir/commit.ts');
  const engine = { ...stage.server.engine, updateCreate: true };
  const access = Access.system('a client that chooses its ids', undefined);
  const owner = engine.keys.rid('Organization', stage.clinic2.organization.split('/')[1] as string);
  const put = (id: string) =>
    commit(engine, access, [
      { interaction: 'update', type: 'Patient', id, owner, resource: { resourceType: 'Patient', id } },
    ]);
  const [, patient] = gone as [string, string];
  await expect(put(patient)).rejects.toMatchObject({ status: 404 });
  expect(await put('never-used-before')).toMatchObject([{ result: 'created' }]);
  expect((await stage.clinic2.get(`AuditEvent?patient=Patient/${patient}`)).body.total).toBe(0);
});

it('erases a hospital with its patients and all that others wrote in its timeline', async () => {
  const [home] = stays as [string];
  const waiting = async () =>
    (
      await database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
    ).count;
  await endContract(hospital);
  expect((await erase(hospital, ordered('みなと総合病院'))).status).toBe(202);
  // Apps of others' people that were opened for its patient.
  const opened = [stage.server.engine.keys.rid('Patient', home.split('/')[1] as string), home.split('/')[1]];
  await database.query(
    `INSERT INTO authorization_grant (id, client, person, strong, authenticated_at, patient, patient_id, client_generation, owner_generation,
       person_generation, institution_generation, expires_at, scope, oidc_scope)
     VALUES ('opened', 'elsewhere', gen_random_uuid(), true, now(), $1::bigint, $2, 1, 1, 1, 1, now() + interval '1 hour', '', '')`,
    opened,
  );
  await database.query(
    `INSERT INTO launch (hash, client, institution, patient, patient_id, usable_until, expires_at)
     VALUES ('opened', 'elsewhere', 1, $1::bigint, $2, now() + interval '1 hour', now() + interval '1 hour')`,
    opened,
  );
  // Whoever was let in before may still be sending a body: until such requests are over nothing goes.
  await stage.server.jobs.run('erasures');
  await stage.server.jobs.run('erasures');
  expect((await database.query(`SELECT FROM erasure WHERE state = 'running' AND step = 'audit'`)).count).toBe(1);
  expect(tablesWith(await dump(database), '浜 次郎')).toContain('resource_version');
  // Another version of the patient is being written while the erasure comes by.
  let erasing: Promise<unknown> | undefined;
  await database.transaction(
    async (tx) => {
      const rid = [stage.server.engine.keys.rid('Patient', home.split('/')[1] as string)];
      await tx.query('SELECT FROM resource WHERE rid = $1::bigint FOR UPDATE', rid);
      erasing = stage.server.jobs.run('erasures', Date.now() + 3 * 60_000);
      for (let i = 0; i < 5000 && (await waiting()) === 0; i++) await setImmediate();
      await tx.query(
        `INSERT INTO resource_version (rid, version, tx, organization, patient, patients, at, place, interaction, content)
         SELECT v.rid, v.version + 1, pg_current_xact_id(), v.organization, v.patient, v.patients, v.at, 0, 'u', v.content
         FROM resource_version v JOIN resource r USING (rid, version) WHERE rid = $1::bigint`,
        rid,
      );
      await tx.query(`INSERT INTO string SELECT s.* FROM string s WHERE rid = $1::bigint`, rid);
      await tx.query('UPDATE resource SET version = version + 1 WHERE rid = $1::bigint', rid);
    },
    { isolation: 'read committed' },
  );
  await erasing;
  for (const table of ['resource_version', 'string', 'range', 'party']) {
    const left = await database.query(
      `SELECT FROM ${table} t WHERE NOT EXISTS (SELECT FROM resource r WHERE r.rid = t.rid)`,
    );
    expect([table, left.count]).toEqual([table, 0]);
  }
  const through = 'SELECT FROM party y WHERE NOT EXISTS (SELECT FROM resource r WHERE r.rid = y.via)';
  expect((await database.query(through)).count).toBe(0);
  expect(tablesWith(await dump(database), '浜 次郎')).toEqual([]);
  const named = tablesWith(await dump(database), home.split('/')[1] as string);
  expect(named.filter((table) => ['authorization_grant', 'launch', 'audit'].includes(table))).toEqual([]);
  const { rows } = await database.query<{ type: string }>(
    'SELECT r.type FROM resource r JOIN institution i ON i.rid = r.owner OR i.rid = r.home WHERE i.id = $1',
    [hospital.organization.split('/')[1]],
  );
  expect(rows).toEqual([{ type: 'Organization' }]);
  expect(tablesWith(await dump(database), '時系列への記載')).toEqual([]);
  for (const one of ['合同の連絡', both]) expect(tablesWith(await dump(database), one)).toEqual([]);
});

describe('the plan', () => {
  it('says of every table of the schema what becomes of it', async () => {
    expect([...(await dump(database)).keys()].sort()).toEqual(Object.keys(ERASURE_PLAN).sort());
  });
});
