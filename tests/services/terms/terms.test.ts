import { randomUUID } from 'node:crypto';
import { Terms } from '../../../src/identity/terms.ts';
import { parameters } from '../notices/parameters.ts';
import { Stage } from '../signature/stage.ts';

const DAY = 86_400_000;
let stage: Stage;
/** Before that of the database, by whose clock notices are shown, however fast the tests go. */
let now = Date.now() - 60_000;
let terms: Terms;
beforeAll(async () => {
  stage = await Stage.open({ now: () => now });
  terms = new Terms({ database: stage.server.database, now: () => now });
}, 60_000);
afterAll(() => stage?.close());

const operator = () => stage.network.operator;
const publish = (values: Parameters<typeof parameters>[0], by = operator()) =>
  by.post('$publish-terms', parameters(values));
const first = {
  version: '2021-10-01',
  title: '利用規約',
  text: '第1条\n\n第2条',
  titleEn: 'Terms of use',
  textEn: 'Article 1',
};
const inDays = (days: number) => new Date(now + days * DAY).toISOString();
const sql = async <Row>(text: string, values: unknown[] = []) =>
  (await stage.server.database.query<Row>(text, values)).rows;

async function account(): Promise<string> {
  const id = randomUUID();
  const rid = stage.server.engine.keys.rid('Organization', stage.clinic.organization.split('/')[1] as string);
  await sql(
    `INSERT INTO person (id, institution, login, name, roles, created_at, reviewed_at)
     VALUES ($1::uuid, $2::bigint, $3, '桜井 春香', '{physician}', now(), now())`,
    [id, rid, `haruka-${id}`],
  );
  return id;
}

it('asks nobody before there are any', async () => {
  expect(await terms.current('ja')).toBeNull();
  expect(await terms.due(randomUUID())).toBe(false);
  expect((await stage.clinic.get('$terms')).body).toEqual({ resourceType: 'Parameters' });
  await expect(terms.accept(await account(), 'x')).rejects.toMatchObject({ status: 422 });
});

it('takes the first version at once, which is then due for everybody', async () => {
  const made = await publish({ ...first, pdf: Buffer.from('%PDF-1.7 …').toString('base64') });
  expect([made.status, made.text]).toEqual([201, made.text]);
  expect(made.body.content.map((one: { attachment: { contentType: string } }) => one.attachment.contentType)).toEqual([
    'text/plain; charset=utf-8',
    'text/plain; charset=utf-8',
    'application/pdf',
  ]);
  expect(await terms.current('ja')).toMatchObject({ version: first.version, text: first.text, prevails: true });
  expect(await terms.current('en')).toMatchObject({ title: 'Terms of use', text: 'Article 1' });
});

it('is accepted once by each person, and the first time counts', async () => {
  const person = await account();
  expect(await terms.due(person)).toBe(true);
  await terms.accept(person, first.version);
  const rows = await sql<{ at: Date }>('SELECT at FROM terms_accepted WHERE person = $1::uuid', [person]);
  now += 1000;
  await Promise.all([terms.accept(person, first.version), terms.accept(person, first.version)]);
  expect(await sql('SELECT at FROM terms_accepted WHERE person = $1::uuid', [person])).toEqual(rows);
  expect(await terms.due(person)).toBe(false);
  expect(
    await sql(`SELECT detail FROM audit WHERE interaction = 'terms-accepted' AND person = $1::uuid`, [person]),
  ).toEqual([{ detail: `terms ${first.version}` }]);
  await expect(terms.accept(person, 'another')).rejects.toMatchObject({ status: 422 });
});

it('a new version is announced a month before, and due from the day on which it takes effect', async () => {
  const person = await account();
  await terms.accept(person, first.version);
  const next = { version: '2027', title: '利用規約（改定）', text: '第1条 改' };
  expect((await publish({ ...next, effective: inDays(20) })).status).toBe(422);
  expect(await sql('SELECT version FROM terms')).toEqual([{ version: first.version }]);
  expect((await publish({ ...next, effective: inDays(40) })).status).toBe(201);
  const notices = (await stage.clinic.get('$notices?kind=terms')).body.entry;
  expect(notices).toHaveLength(1);
  expect(notices[0].resource.payload[0].contentString).toContain('利用規約が優先します');
  expect(await terms.due(person)).toBe(false);
  const [kept] = await sql<{ effective: Date }>(`SELECT effective FROM terms WHERE version = '2027'`);
  const before = now;
  now = Number(kept?.effective) - 1;
  expect([await terms.due(person), (await terms.current('ja'))?.version]).toEqual([false, first.version]);
  now += 1;
  expect([await terms.due(person), (await terms.current('ja'))?.version]).toEqual([true, '2027']);
  expect((await terms.current('en'))?.text).toBe('第1条 改');
  await expect(terms.accept(person, first.version)).rejects.toMatchObject({ status: 422 });
  await terms.accept(person, '2027');
  expect(await terms.due(person)).toBe(false);
  now = before;
});

it('the notice that announced a version stands as it is', async () => {
  const { rows } = await stage.server.database.query<{ notice: string }>(
    'SELECT notice FROM terms WHERE notice IS NOT NULL LIMIT 1',
  );
  const notice = `Communication/${rows[0]?.notice}`;
  for (const [step, values] of [
    ['$withdraw-notice', { reason: '取り下げる理由を書きます。' }],
    ['$correct-notice', { title: '訂正' }],
  ] as const)
    expect([step, (await operator().post(`${notice}/${step}`, parameters(values))).status]).toEqual([step, 422]);
});

it('a version may come sooner for a reason, which is kept', async () => {
  const sooner = {
    version: '2027.1',
    title: '利用規約（緊急改定）',
    text: '第1条 改改',
    effective: inDays(45),
    override: '法令の改正が急であったため。',
  };
  const late = { ...sooner, version: '2027.2', effective: inDays(46) };
  expect((await publish(sooner)).status).toBe(201);
  now += 20 * DAY;
  const at = new Date(Date.parse(late.effective)).toISOString();
  expect((await publish({ ...late, effective: at, override: undefined })).status).toBe(422);
  expect((await publish({ ...late, effective: at })).status).toBe(201);
  expect(await sql(`SELECT override FROM terms WHERE version = '2027.2'`)).toEqual([{ override: late.override }]);
  now -= 20 * DAY;
});

it.each([
  ['a version twice', { ...first, effective: '2035-01-01' }, 409],
  ['a version that takes effect before another', { ...first, version: 'a', effective: '2021-01-01' }, 422],
  ['a version with blanks', { ...first, version: 'a b' }, 400],
  ['no text', { version: 'b', title: 'x' }, 400],
  ['a PDF that is none', { ...first, version: 'c', pdf: Buffer.from('MZ').toString('base64') }, 400],
  ['U+0000', { ...first, version: 'd', effective: '2035-01-01', text: 'a\0' }, 400],
])('refuses %s', async (_, values, status) => {
  expect((await publish(values)).status).toBe(status);
});

it('two that publish at the same time do not publish the same version twice', async () => {
  const values = { ...first, version: 'race', effective: '2036-01-01' };
  const replies = await Promise.all([publish(values), publish(values), publish(values)]);
  expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
});

it('is read by everybody, written by the operator, and who accepted it is told to the operator', async () => {
  const shown = (await stage.clinic.get('$terms?version=2021-10-01', { 'accept-language': 'en' })).body.parameter[0]
    .part;
  expect(shown.find((one: { name: string }) => one.name === 'text').valueString).toBe('Article 1');
  expect(shown.find((one: { name: string }) => one.name === 'prevails').valueBoolean).toBe(true);
  expect((await stage.clinic.get('$terms?version=none')).status).toBe(404);
  expect((await publish({ ...first, version: 'z' }, stage.hospital)).status).toBe(403);
  const accepted = (await operator().get('$terms-acceptances?version=2021-10-01')).body.parameter.slice(1);
  expect(accepted.length).toBeGreaterThan(1);
  const times = accepted.filter((one: { part: { name: string }[] }) =>
    one.part.some(({ name }) => name === 'accepted'),
  );
  expect(times).toHaveLength(2);
  expect((await stage.clinic.get('$terms-acceptances')).status).toBe(403);
});
