import type { Member, Reply } from '../../support/network.ts';
import { openCrowd } from '../../support/people.ts';
import { Stage } from '../signature/stage.ts';
import { parameters } from './parameters.ts';

/** The database compares the time of publication with its own clock. */
let stage: Stage;
let care: Member;
beforeAll(async () => {
  stage = await Stage.open();
  care = await stage.network.enrol('care', 'ひまわり訪問介護');
  await stage.network.affiliate(stage.hospital2, care, ['care-cooperation']);
}, 60_000);
afterAll(() => stage?.close());

const DAY = 86_400_000;
const dayFromNow = (days: number) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(Date.now() + days * DAY);

const hello = { kind: 'information', title: 'お知らせ', text: '新しい端末の案内です。' };
const publish = (by: Member, values: Parameters<typeof parameters>[0]) =>
  by.post('Communication/$publish-notice', parameters(values));
const operator = () => stage.network.operator;
const why = (reply: Reply) => reply.body.issue[0].diagnostics as string;
async function published(by: Member, values: Parameters<typeof parameters>[0]): Promise<string> {
  const reply = await publish(by, values);
  expect([reply.status, reply.text]).toEqual([201, reply.text]);
  return reply.body.id;
}
/** Moves the time of publication, as the days would. */
const shownFrom = async (id: string, sql: string) => {
  const database = await stage.clone.open({ poolSize: 1 });
  await database.query(`UPDATE notice SET published = ${sql} WHERE id = $1`, [id]);
  await database.close();
};
const moveEffect = async (id: string, sql: string) => {
  const database = await stage.clone.open({ poolSize: 1 });
  await database.query(`UPDATE notice SET starts = ${sql} WHERE id = $1`, [id]);
  await database.close();
};
/** What was done about it beside its versions. */
const audited = async (id: string) =>
  (
    await stage.server.database.query(
      `SELECT interaction, detail FROM audit WHERE resource_id = $1 AND interaction LIKE 'notice-%' ORDER BY at, interaction`,
      [id],
    )
  ).rows;
const ids = async (by: Member, query = '') =>
  ((await by.get(`Communication?_count=200${query}`)).body.entry ?? []).map(
    (one: { resource: { id: string } }) => one.resource.id,
  );

/** Every way by which one could find it. */
async function sees(by: Member, id: string): Promise<boolean> {
  const read = await by.get(`Communication/${id}`);
  const history = await by.get(`Communication/${id}/_history`);
  const marked = await by.post(`Communication/${id}/$mark-read`, parameters({}));
  const list = await by.get('$notices?limit=200');
  const answers = [
    read.status === 200,
    history.status === 200,
    marked.status === 200,
    (await ids(by)).includes(id),
    (await ids(by, `&_id=${id}&_total=accurate`)).includes(id),
    list.text.includes(id),
  ];
  expect(new Set(answers).size).toBe(1);
  return read.status === 200;
}

describe('whom a notice reaches', () => {
  it('is everyone, from its publication on and not before, also who joins later', async () => {
    const id = await published(operator(), { ...hello, everyone: true, publish: dayFromNow(3) });
    for (const member of [stage.hospital, stage.clinic, care]) expect(await sees(member, id)).toBe(false);
    expect((await operator().get(`Communication/${id}`)).status).toBe(200);
    await shownFrom(id, 'now()');
    for (const member of [stage.hospital, stage.clinic, care]) expect(await sees(member, id)).toBe(true);
    expect(await sees(await stage.network.enrol('medical', 'あとから医院'), id)).toBe(true);
  });

  it('is a hospital’s network, and nobody of another', async () => {
    const id = await published(operator(), { ...hello, network: { reference: stage.hospital.organization } });
    for (const member of [stage.hospital, stage.clinic, stage.clinic2]) expect(await sees(member, id)).toBe(true);
    for (const member of [stage.hospital2, care]) expect(await sees(member, id)).toBe(false);
  });

  it('is who is in the network when it looks: who leaves it sees it no more', async () => {
    const late = await stage.network.enrol('medical', 'うつろい医院');
    const id = await published(stage.hospital, hello);
    expect(await sees(late, id)).toBe(false);
    const affiliation = await stage.network.affiliate(stage.hospital, late);
    expect(await sees(late, id)).toBe(true);
    await stage.hospital.put(`OrganizationAffiliation/${affiliation.id}`, { ...affiliation, active: false });
    expect(await sees(late, id)).toBe(false);
  });

  it('is listed in pages that lead from one to the next', async () => {
    for (let i = 0; i < 3; i++) await published(operator(), { ...hello, recipient: { reference: care.organization } });
    const all = (await care.get('$notices?kind=information&limit=200')).body;
    const paged: string[] = [];
    for (let path: string | undefined = '$notices?kind=information&limit=2'; path; ) {
      const { body }: Reply = await care.get(path);
      paged.push(...(body.entry ?? []).map((one: { resource: { id: string } }) => one.resource.id));
      path = body.link?.[0].url.replace(/^.*\/fhir\//, '');
    }
    expect(all.link).toBeUndefined();
    expect(paged).toEqual(all.entry.map((one: { resource: { id: string } }) => one.resource.id));
  });

  it('is named institutions, none of whom learns of the others', async () => {
    const recipient = [{ reference: stage.clinic.organization }, { reference: care.organization }];
    const id = await published(operator(), { ...hello, recipient });
    expect(await sees(stage.clinic, id)).toBe(true);
    expect(await sees(care, id)).toBe(true);
    for (const member of [stage.hospital, stage.hospital2, stage.clinic2]) expect(await sees(member, id)).toBe(false);
    expect((await stage.clinic.get(`Communication/${id}`)).text).not.toContain(care.organization);
  });

  it('is found by category and by when it was sent', async () => {
    const id = await published(operator(), { ...hello, kind: 'closing-day', effective: dayFromNow(1), everyone: true });
    const category = 'category=https://tasuki.example/fhir/CodeSystem/notice-kind|closing-day';
    expect(await ids(stage.clinic, `&${category}&sent=ge${dayFromNow(0)}`)).toEqual([id]);
    expect(await ids(stage.clinic, `&${category}&sent=lt${dayFromNow(0)}`)).toEqual([]);
    expect(await ids(stage.clinic, '&category=https://tasuki.example/fhir/CodeSystem/notice-kind|outage')).toEqual([]);
  });

  it('cannot be nobody', async () => {
    expect((await publish(operator(), hello)).status).toBe(400);
    expect((await publish(operator(), { ...hello, recipient: { reference: 'Organization/nobody' } })).status).toBe(422);
    expect((await publish(operator(), { ...hello, network: { reference: stage.clinic.organization } })).status).toBe(
      422,
    );
  });
});

describe('a hospital', () => {
  it('publishes to its own network and its members', async () => {
    const id = await published(stage.hospital, {
      kind: 'closing-day',
      title: '年末年始の休診',
      text: '12月29日から1月3日まで休診します。',
      effective: { start: dayFromNow(10), end: dayFromNow(15) },
      recipient: { reference: stage.clinic.organization },
    });
    expect(await sees(stage.clinic, id)).toBe(true);
    expect(await sees(stage.clinic2, id)).toBe(false);
  });

  it('reaches nobody else, and does not speak for the service', async () => {
    for (const values of [
      { ...hello, everyone: true },
      { ...hello, network: { reference: stage.hospital2.organization } },
      { ...hello, recipient: { reference: care.organization } },
      { ...hello, kind: 'outage', effective: dayFromNow(0) },
      { ...hello, override: 'I should like to' },
      { ...hello, kind: 'closing-day', effective: { start: dayFromNow(1), end: dayFromNow(2) }, stops: true },
    ])
      expect((await publish(stage.hospital, values)).status).toBe(422);
  });

  it('is the only kind of institution that does', async () => {
    for (const member of [stage.clinic, care]) expect((await publish(member, hello)).status).toBe(403);
  });
});

describe('how long before', () => {
  const change = { kind: 'service-change', title: '変更', text: '機能を変更します。', everyone: true };
  const works = (from: number) => ({
    kind: 'maintenance',
    title: '臨時メンテナンス',
    text: '作業を行います。',
    everyone: true,
    effective: { start: `${dayFromNow(from)}T01:00:00+09:00`, end: `${dayFromNow(from)}T03:00:00+09:00` },
  });

  it('a change is told: a month, by the rule that the refusal names with the earliest day', async () => {
    const late = await publish(operator(), { ...change, effective: dayFromNow(20) });
    expect(late.status).toBe(422);
    expect(why(late)).toMatch(/^Terms of use, Art\. 13.*it can take effect on \d{4}-\d\d-\d\d at the earliest/);
    const [, earliest] = /on (\d{4}-\d\d-\d\d) at the earliest/.exec(why(late)) as unknown as [string, string];
    await published(operator(), { ...change, effective: earliest });
    const before = new Date(Date.parse(earliest) - DAY).toISOString().slice(0, 10);
    expect((await publish(operator(), { ...change, effective: before })).status).toBe(422);
  });

  it('a month counts from the day of publication', async () => {
    expect((await publish(operator(), { ...change, effective: dayFromNow(40) })).status).toBe(201);
    expect((await publish(operator(), { ...change, publish: dayFromNow(20), effective: dayFromNow(40) })).status).toBe(
      422,
    );
  });

  it('maintenance is told: seven days', async () => {
    expect((await publish(operator(), works(7))).status).toBe(201);
    const late = await publish(operator(), works(6));
    expect([late.status, why(late)]).toEqual([422, expect.stringContaining('7 days')]);
  });

  it('an emergency may be told afterwards', async () => {
    const emergency = { ...works(-1), kind: 'emergency-maintenance' };
    expect((await publish(operator(), emergency)).status).toBe(201);
    expect(
      (await publish(operator(), { ...hello, kind: 'outage', everyone: true, effective: dayFromNow(-1) })).status,
    ).toBe(201);
  });

  it('can be set aside for a reason, which is kept and audited', async () => {
    expect((await publish(operator(), { ...works(2), override: 'short' })).status).toBe(400);
    const reason = '脆弱性の修正を急ぐため';
    const id = await published(operator(), { ...works(2), override: reason });
    const database = await stage.clone.open({ poolSize: 1 });
    const kept = await database.query('SELECT override FROM notice WHERE id = $1', [id]);
    const audited = await database.query(
      `SELECT detail FROM audit WHERE interaction = 'notice-override' AND resource_id = $1`,
      [id],
    );
    await database.close();
    expect(kept.rows).toEqual([{ override: reason }]);
    expect(audited.rows).toEqual([{ detail: reason }]);
  });

  it('no reason is kept where none was needed', async () => {
    const id = await published(operator(), { ...works(30), override: 'nobody needs this one' });
    const database = await stage.clone.open({ poolSize: 1 });
    expect((await database.query('SELECT override FROM notice WHERE id = $1', [id])).rows).toEqual([
      { override: null },
    ]);
    await database.close();
  });

  it.each([
    ['maintenance without its end', { ...works(9), effective: dayFromNow(9) }],
    ['a change without its day', { ...change }],
    [
      'a stop that is not for everyone',
      { ...works(9), stops: true, everyone: false, network: { reference: 'HOSPITAL' } },
    ],
    [
      'a stop of more than a week',
      { ...works(9), stops: true, effective: { start: dayFromNow(9), end: dayFromNow(17) } },
    ],
    ['an information that stops the service', { ...hello, everyone: true, stops: true, effective: works(9).effective }],
    ['what was published in the past', { ...hello, everyone: true, publish: dayFromNow(-2) }],
  ])('refuses %s', async (_, values) => {
    const { network, ...rest } = values as typeof values & { network?: object };
    const sent = network ? { ...rest, network: { reference: stage.hospital.organization } } : rest;
    expect((await publish(operator(), sent)).status).toBe(422);
  });

  it.each([
    ['an unknown kind', { ...hello, kind: 'party', everyone: true }],
    ['no text', { kind: 'information', title: 'a', everyone: true }],
    ['a text that is too long', { ...hello, text: 'あ'.repeat(20_001), everyone: true }],
    ['a misspelt parameter', { ...hello, everyone: true, effectve: '2027-01-01' }],
    ['no date', { ...hello, everyone: true, effective: '2027-02-30' }],
    ['an end before the start', { ...hello, everyone: true, effective: { start: '2027-02-02', end: '2027-02-01' } }],
    ['U+0000', { ...hello, everyone: true, text: 'a\0b' }],
  ])('refuses %s with 400', async (_, values) => {
    expect((await publish(operator(), values)).status).toBe(400);
  });
});

describe('a notice that was published', () => {
  it('is corrected by its publisher alone, and keeps its history', async () => {
    const id = await published(stage.hospital, hello);
    for (const member of [operator(), stage.hospital2, stage.clinic2])
      expect((await member.post(`Communication/${id}/$correct-notice`, parameters({ text: '偽' }))).status).not.toBe(
        200,
      );
    const corrected = await stage.hospital.post(
      `Communication/${id}/$correct-notice`,
      parameters({ text: '訂正しました。' }),
    );
    expect(corrected.body.payload[0].contentString).toBe('訂正しました。');
    expect(corrected.body.topic.text).toBe(hello.title);
    expect((await stage.clinic.get(`Communication/${id}/_history`)).body.entry).toHaveLength(2);
  });

  it('counts as unread again once it is corrected', async () => {
    const id = await published(stage.hospital, hello);
    const unread = async () => (await stage.clinic.get('$notices?unread=true&limit=200')).text.includes(id);
    expect(await unread()).toBe(true);
    const marked = await stage.clinic.post(`Communication/${id}/$mark-read`, parameters({}));
    const again = await stage.clinic.post('$mark-read', parameters({ notice: { reference: `Communication/${id}` } }));
    expect(again.body.parameter).toEqual(marked.body.parameter);
    expect(await unread()).toBe(false);
    await stage.hospital.post(`Communication/${id}/$correct-notice`, parameters({ text: '訂正しました。' }));
    expect(await unread()).toBe(true);
  });

  it('cannot be brought forward past the rule by a correction', async () => {
    const id = await published(operator(), {
      ...hello,
      kind: 'service-change',
      everyone: true,
      effective: dayFromNow(60),
    });
    const sooner = await operator().post(
      `Communication/${id}/$correct-notice`,
      parameters({ effective: dayFromNow(10) }),
    );
    expect(sooner.status).toBe(422);
    const later = await operator().post(
      `Communication/${id}/$correct-notice`,
      parameters({ effective: dayFromNow(70) }),
    );
    expect(later.status).toBe(200);
  });

  it('reads otherwise after the rule’s last day only for a reason, which its readers and the audit have', async () => {
    const id = await published(operator(), {
      kind: 'service-change',
      title: '機能の変更',
      text: '印刷の機能を変更します。',
      textEn: 'Printing changes.',
      everyone: true,
      effective: dayFromNow(40),
    });
    const correct = (values: Parameters<typeof parameters>[0]) =>
      operator().post(`Communication/${id}/$correct-notice`, parameters(values));
    const other = { text: '印刷の機能を廃止します。', textEn: 'Printing ends.' };
    // As long as the month is left, what it says may change.
    expect((await correct(other)).status).toBe(200);
    await shownFrom(id, `published - interval '15 days'`);
    await moveEffect(id, `now() + interval '20 days'`);
    const late = await correct({ text: '印刷の機能を変更します。', textEn: 'Printing changes.' });
    expect([late.status, why(late)]).toEqual([422, expect.stringMatching(/Art\. 13.*correction.*override/)]);
    expect((await correct({ title: '廃止', correction: '短い' })).status).toBe(400);
    const reason = '題名の誤字を訂正しました。';
    const corrected = await correct({ title: '機能の廃止', correction: reason });
    expect([corrected.status, corrected.body.note]).toEqual([200, [{ text: reason }]]);
    // What is brought forward is no correction of words.
    expect((await correct({ effective: dayFromNow(10), correction: reason })).status).toBe(422);
    const urgent = '法令の改正に間に合わせるため';
    const overridden = await correct({ ...other, text: '印刷の機能を直ちに廃止します。', override: urgent });
    expect([overridden.status, overridden.body.note]).toEqual([200, undefined]);
    expect(await audited(id)).toEqual([
      { interaction: 'notice-correction', detail: reason },
      { interaction: 'notice-override', detail: urgent },
    ]);
  });

  it('is not corrected in one language while the other goes on saying what it said', async () => {
    const id = await published(operator(), { ...hello, titleEn: 'News', textEn: 'About terminals.', everyone: true });
    const correct = (values: Parameters<typeof parameters>[0]) =>
      operator().post(`Communication/${id}/$correct-notice`, parameters(values));
    expect((await correct({ text: '別の案内です。' })).status).toBe(422);
    expect((await correct({ title: '別のお知らせ' })).status).toBe(422);
    expect((await correct({ text: '別の案内です。', textEn: 'About something else.' })).status).toBe(200);
    expect((await correct({ titleEn: 'Other news' })).status).toBe(200);
  });

  it('is on record as read, once for each who read it', async () => {
    const id = await published(stage.hospital, hello);
    const mark = () => stage.clinic.post(`Communication/${id}/$mark-read`, parameters({}));
    expect((await Promise.all([mark(), mark(), mark()])).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await audited(id)).toEqual([{ interaction: 'notice-read', detail: null }]);
    expect((await stage.hospital2.post(`Communication/${id}/$mark-read`, parameters({}))).status).toBe(404);
    expect(await audited(id)).toHaveLength(1);
  });

  it('is withdrawn with a reason that its readers read; withdrawn before it was shown, it never is', async () => {
    const id = await published(stage.hospital, hello);
    const withdrawn = await stage.hospital.post(
      `Communication/${id}/$withdraw-notice`,
      parameters({ reason: '内容に誤りがあったため取り下げます。' }),
    );
    expect([withdrawn.body.status, withdrawn.body.statusReason.text]).toEqual([
      'stopped',
      '内容に誤りがあったため取り下げます。',
    ]);
    expect((await stage.clinic.get(`Communication/${id}`)).body.status).toBe('stopped');
    expect((await stage.hospital.post(`Communication/${id}/$correct-notice`, parameters({ text: 'a' }))).status).toBe(
      409,
    );
    const early = await published(stage.hospital, { ...hello, publish: dayFromNow(2) });
    await stage.hospital.post(
      `Communication/${early}/$withdraw-notice`,
      parameters({ reason: '内容に誤りがあったため取り下げます。' }),
    );
    await shownFrom(early, `CASE WHEN published = 'infinity' THEN published ELSE now() END`);
    expect(await sees(stage.clinic, early)).toBe(false);
  });

  it('shows nobody but its publisher the words that were corrected before it was shown', async () => {
    const id = await published(operator(), {
      ...hello,
      everyone: true,
      text: '下書きの文です。',
      publish: dayFromNow(3),
    });
    const corrected = await operator().post(
      `Communication/${id}/$correct-notice`,
      parameters({ text: '正しい文です。' }),
    );
    expect(corrected.status).toBe(200);
    await shownFrom(id, 'now()');
    const later = await operator().post(`Communication/${id}/$correct-notice`, parameters({ text: '後の文です。' }));
    expect(later.status).toBe(200);
    const history = await stage.clinic.get(`Communication/${id}/_history`);
    expect(history.text).not.toContain('下書き');
    expect([history.text.includes('正しい文'), history.text.includes('後の文')]).toEqual([true, true]);
    const never = await stage.clinic.get(`Communication/${id}/_history/9`);
    expect((await stage.clinic.get(`Communication/${id}/_history/1`)).status).toBe(never.status);
    expect((await operator().get(`Communication/${id}/_history/1`)).text).toContain('下書き');
  });

  it('tells its publisher, and nobody else, who has read it', async () => {
    const id = await published(stage.hospital2, hello);
    await care.post(`Communication/${id}/$mark-read`, parameters({}));
    const reads = await stage.hospital2.get(`Communication/${id}/$notice-reads`);
    const institutions = reads.body.parameter.slice(1).map((one: { part: { name: string }[] }) => one.part);
    expect(institutions).toHaveLength(1);
    expect(institutions[0].map((one: { name: string }) => one.name)).toEqual(['organization', 'read', 'people']);
    for (const member of [operator(), stage.hospital])
      expect((await member.get(`Communication/${id}/$notice-reads`)).status).toBe(404);
    expect((await care.get(`Communication/${id}/$notice-reads`)).status).toBe(403);
  });
});

describe('what the service tells single institutions', () => {
  const told = async (by: { get(path: string): Promise<Reply> }, kind: string) =>
    ((await by.get(`$notices?kind=${kind}&limit=200`)).body.entry ?? []) as {
      resource: { id: string; category: { coding: { code: string }[] }[] };
    }[];
  const codes = async (by: { get(path: string): Promise<Reply> }, kind: string) =>
    (await told(by, kind)).map(({ resource }) => resource.category[0]?.coding[0]?.code);

  it('of contract and standing is among its notices, for an administrator too, who opens no messages', async () => {
    const running = { ...stage.running, identitySecretFile: stage.server.config.identitySecretFile };
    const crowd = await openCrowd(running, operator());
    const [administrator, other] = [
      await crowd.signUp(care, ['administrator']),
      await crowd.signUp(stage.clinic, ['administrator']),
    ];
    expect(await codes(administrator, 'contract')).toEqual(expect.arrayContaining(['received', 'accepted', 'started']));
    expect(await codes(care, 'contract')).toEqual(await codes(administrator, 'contract'));
    const nurse = await crowd.signUp(care, ['nurse']);
    const suspended = await operator().post(
      `${nurse.practitioner}/$suspend`,
      parameters({ reason: 'loss', text: '紛失' }),
    );
    expect(suspended.status).toBe(200);
    expect((await codes(administrator, 'standing')).length).toBe(1);
    expect(await codes(other, 'standing')).toEqual([]);
    const [message] = await told(administrator, 'standing');
    const id = message?.resource.id as string;
    expect((await administrator.get(`Communication/${id}`)).status).toBe(403);
    expect(
      (await administrator.post('$mark-read', parameters({ notice: { reference: `Communication/${id}` } }))).status,
    ).toBe(200);
    expect((await administrator.get('$notices?unread=true&kind=standing')).body.entry).toBeUndefined();
    for (const [step, values] of [
      ['$correct-notice', { title: '訂正' }],
      ['$withdraw-notice', { reason: '内容に誤りがあったため取り下げます。' }],
    ] as const) {
      const reply = await operator().post(`Communication/${id}/${step}`, parameters(values));
      expect([step, reply.status]).toEqual([step, 422]);
    }
    await crowd.close();
  });
});

describe('the page of notices', () => {
  it('shows people what is shown to them, and marks it as read in their name', async () => {
    const running = { ...stage.running, identitySecretFile: stage.server.config.identitySecretFile };
    const crowd = await openCrowd(running, operator());
    const [administrator, other] = [
      await crowd.signUp(care, ['administrator']),
      await crowd.signUp(stage.clinic, ['nurse']),
    ];
    const id = await published(operator(), {
      kind: 'service-change',
      title: '画面の変更',
      text: '画面が変わります。',
      titleEn: 'New screens',
      textEn: 'Screens change.',
      recipient: { reference: care.organization },
      effective: dayFromNow(40),
    });
    const draft = await published(operator(), { ...hello, title: 'まだ先', everyone: true, publish: dayFromNow(3) });
    const ask = (by: typeof administrator, path: string, language = 'ja', form?: Record<string, string>) =>
      fetch(`http://127.0.0.1:${stage.running.port}${path}`, {
        headers: { cookie: `tasuki_session=${by.sessionToken}`, 'accept-language': language },
        redirect: 'manual',
        ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      });
    const text = async (by: typeof administrator, language?: string) => (await ask(by, '/notices', language)).text();
    const shown = await text(administrator);
    expect(shown).toContain('画面の変更');
    // The oldest are what it was told of its contract when it began.
    let last = shown;
    let path = '/notices';
    for (let pages = 0; pages < 20; pages++) {
      const [, after] = /href="\/notices\?after=([\w-]+)"/.exec(last) ?? [];
      if (after === undefined) break;
      path = `/notices?after=${after}`;
      last = await (await ask(administrator, path)).text();
    }
    expect(last).toMatch(/lang="ja">お申込を受け付けました<\/h2>/);
    expect(await (await ask(administrator, path, 'en')).text()).toMatch(
      /lang="en">Your application was received<\/h2>/,
    );
    expect([shown.includes(draft), shown.includes('まだ先')]).toEqual([false, false]);
    expect(await text(administrator, 'en')).toContain('Screens change.');
    expect(await text(other)).not.toContain('画面の変更');
    const [, name = '', proof = ''] = /<input type="hidden" name="(\w+)" value="([\w-]{43})">/.exec(shown) ?? [];
    const marked = await ask(administrator, '/notices/read', 'ja', { [name]: proof, notice: id });
    expect([marked.status, marked.headers.get('location')]).toEqual([303, '/notices?done=read']);
    const { rows } = await stage.server.database.query(
      `SELECT person::text, client FROM audit WHERE interaction = 'notice-read' AND resource_id = $1`,
      [id],
    );
    expect(rows).toEqual([{ person: administrator.id, client: expect.any(String) }]);
    expect((await administrator.get('$notices?unread=true&limit=200')).text).not.toContain(id);
    await crowd.close();
  });
});

describe('who forges a notice', () => {
  const forged = (member: Member, system: string) => ({
    resourceType: 'Communication',
    status: 'completed',
    category: [{ coding: [{ system, code: 'outage' }] }],
    sender: { reference: member.organization },
    recipient: [{ reference: stage.clinic.organization }],
    payload: [{ contentString: 'パスワードを返信してください。' }],
  });

  it.each(['notice-kind', 'contract-notice', 'standing-notice'])('with the category %s is refused', async (name) => {
    const system = `https://tasuki.example/fhir/CodeSystem/${name}`;
    expect((await stage.hospital.post('Communication', forged(stage.hospital, system))).status).toBe(422);
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: forged(stage.hospital, system), request: { method: 'POST', url: 'Communication' } }],
    };
    expect((await stage.hospital.post('', bundle)).status).toBe(422);
    const honest = await stage.hospital.create(forged(stage.hospital, 'https://example.org/other'));
    expect(
      (await stage.hospital.put(`Communication/${honest.id}`, { ...forged(stage.hospital, system), id: honest.id }))
        .status,
    ).toBe(422);
  });

  it('changes or takes away none, its own neither', async () => {
    const id = await published(stage.hospital, hello);
    const read = await stage.hospital.get(`Communication/${id}`);
    for (const member of [stage.hospital, stage.clinic]) {
      expect((await member.put(`Communication/${id}`, { ...read.body, received: '2026-12-01T00:00:00Z' })).status).toBe(
        422,
      );
      expect((await member.send('DELETE', `Communication/${id}`)).status).toBe(422);
    }
    const { category: _, ...without } = read.body;
    expect((await stage.hospital.put(`Communication/${id}`, without)).status).toBe(422);
  });
});
