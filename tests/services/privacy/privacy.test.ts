import { randomUUID } from 'node:crypto';
import type { Member, Reply } from '../../support/network.ts';
import { parameters } from '../notices/parameters.ts';
import { Stage } from '../signature/stage.ts';

let stage: Stage;
let now = Date.parse('2027-02-10T03:00:00Z');
beforeAll(async () => {
  stage = await Stage.open({ now: () => now });
}, 60_000);
afterAll(() => stage?.close());

const operator = () => stage.network.operator;
const sql = async <Row>(text: string, values: unknown[] = []) =>
  (await stage.server.database.query<Row>(text, values)).rows;
const ridOf = (member: Pick<Member, 'organization'>) =>
  stage.server.engine.keys.rid('Organization', member.organization.split('/')[1] as string);

async function account(
  member: Pick<Member, 'organization'>,
  name: string,
  roles = ['physician'],
  created = '2027-01-05',
): Promise<string> {
  const id = randomUUID();
  await sql(
    `INSERT INTO person (id, institution, login, name, roles, created_at, reviewed_at)
     VALUES ($1::uuid, $2::bigint, $3, $4, $5::text[], $6::timestamptz, now())`,
    [id, ridOf(member), `${name}-${id}`, name, `{${roles.join(',')}}`, created],
  );
  return id;
}

const disclosure = {
  ground: 'subcontractor',
  recipient: '株式会社ヘルプデスク',
  class: ['name', 'login'],
  purpose: '問い合わせ対応の委託',
  approverName: '運営 責任者',
};
const disclose = (values: Parameters<typeof parameters>[0], by = operator()) =>
  by.post('$disclose', parameters(values));
const listed = async (by: Member) => (await by.get('$disclosures')).text;
const audited = async (interaction: string) =>
  Number(
    (await sql<{ n: number }>('SELECT count(*)::int AS n FROM audit WHERE interaction = $1', [interaction]))[0]?.n,
  );

describe('a disclosure of users’ personal information', () => {
  it.each(['subcontractor', 'protection', 'emergency'])(
    'is recorded with its ground %s and shown to whom it concerns',
    async (ground) => {
      const made = await disclose({ ...disclosure, ground, institution: { reference: stage.clinic.organization } });
      expect(made.status).toBe(201);
      const id = made.body.parameter[0].valueUuid;
      for (const member of [operator(), stage.clinic]) expect(await listed(member)).toContain(id);
      for (const member of [stage.hospital, stage.clinic2]) expect(await listed(member)).not.toContain(id);
      const rows = await sql('SELECT ground, classes, approver_name FROM disclosure WHERE id = $1::uuid', [
        id.slice(9),
      ]);
      expect(rows).toEqual([{ ground, classes: ['name', 'login'], approver_name: '運営 責任者' }]);
    },
  );

  it.each([undefined, 'because', 'Subcontractor', '①'])(
    'is refused without one of the grounds (%s): nothing is kept but the refusal',
    async (ground) => {
      const before = [
        await audited('disclosure'),
        await audited('disclosure-refused'),
        (await sql('SELECT 1 FROM disclosure')).length,
      ];
      const { ground: _, ...rest } = disclosure;
      expect((await disclose({ ...rest, ground })).status).toBe(422);
      expect([
        await audited('disclosure'),
        await audited('disclosure-refused'),
        (await sql('SELECT 1 FROM disclosure')).length,
      ]).toEqual([before[0], (before[1] as number) + 1, before[2]]);
    },
  );

  it.each([
    ['an inquiry without the law that it rests on', { ...disclosure, ground: 'inquiry' }, 422],
    ['statistics of somebody', { ...disclosure, ground: 'statistics' }, 422],
    ['a secret that is no inquiry', { ...disclosure, secretUntil: '2028-01-01' }, 422],
    ['nobody who approved it', { ...disclosure, approverName: undefined }, 422],
    ['no recipient', { ...disclosure, recipient: undefined }, 400],
    ['a class that there is not', { ...disclosure, class: 'everything' }, 400],
    ['no class', { ...disclosure, class: [] }, 400],
    ['an institution that there is not', { ...disclosure, institution: { reference: 'Organization/x' } }, 422],
    ['a person of no institution', { ...disclosure, person: randomUUID() }, 422],
    ['a recipient of 64 KB', { ...disclosure, recipient: 'x'.repeat(65_536) }, 400],
    [
      'a day that there is not',
      { ...disclosure, ground: 'inquiry', legalReference: 'x', secretUntil: '2027-02-30' },
      400,
    ],
  ])('is refused: %s', async (_, values, status) => {
    expect((await disclose(values)).status).toBe(status);
  });

  it('of an inquiry is kept from whom it concerns until its day', async () => {
    const made = await disclose({
      ...disclosure,
      ground: 'inquiry',
      legalReference: '刑事訴訟法第197条第2項',
      institution: { reference: stage.clinic2.organization },
      secretUntil: '2027-03-01',
    });
    const id = made.body.parameter[0].valueUuid;
    expect(await listed(operator())).toContain(id);
    expect(await listed(stage.clinic2)).not.toContain(id);
    const rows = await sql(`SELECT resource FROM audit WHERE interaction = 'disclosure' AND detail LIKE $1`, [
      `%${id.slice(9)}`,
    ]);
    expect(rows).toEqual([{ resource: null }]);
    now = Date.parse('2027-02-28T15:00:00Z');
    expect(await listed(stage.clinic2)).toContain(id);
    expect(await listed(stage.clinic2)).not.toContain('secretUntil');
    now = Date.parse('2027-02-10T03:00:00Z');
  });

  it('names people of the institution only, and is approved by another of the operator’s people where there are any', async () => {
    const person = await account(stage.hospital2, 'さくら');
    const stranger = await account(stage.clinic, 'もみじ');
    const of = { ...disclosure, institution: { reference: stage.hospital2.organization } };
    expect((await disclose({ ...of, person: stranger })).status).toBe(422);
    expect((await disclose({ ...of, person: [person, person] })).status).toBe(201);
    const boss = await account({ organization: 'Organization/operator' }, '責任者', ['operator']);
    expect((await disclose({ ...of, person })).status).toBe(422);
    expect((await disclose({ ...of, person, approver: stranger })).status).toBe(422);
    expect((await disclose({ ...of, person, approver: boss })).status).toBe(201);
    await sql('UPDATE person SET active = false WHERE id = $1::uuid', [boss]);
    expect((await disclose({ ...of, person, approver: boss })).status).toBe(422);
  });

  it('of all users is shown to each of them, of statistics to nobody', async () => {
    const made = await disclose(disclosure);
    const told = await disclose({ ...disclosure, ground: 'statistics', class: 'statistics' });
    for (const member of [operator(), stage.clinic, stage.hospital]) {
      expect(await listed(member)).toContain(made.body.parameter[0].valueUuid);
      expect((await listed(member)).includes(told.body.parameter[0].valueUuid)).toBe(member === operator());
    }
  });

  it.each([`UPDATE disclosure SET recipient = ''`, 'DELETE FROM disclosure', 'TRUNCATE disclosure'])(
    'is never changed: %s',
    async (text) => {
      await disclose(disclosure);
      const before = await sql('SELECT d::text FROM disclosure d ORDER BY id');
      await expect(sql(text)).rejects.toThrow('never changed');
      expect(await sql('SELECT d::text FROM disclosure d ORDER BY id')).toEqual(before);
    },
  );

  it('is the operator’s alone to make', async () => {
    expect((await disclose(disclosure, stage.hospital)).status).toBe(403);
  });

  it('is listed as CSV for a spreadsheet, which takes nothing in it for a formula', async () => {
    await disclose({ ...disclosure, recipient: '=HYPERLINK("http://x","y")' });
    const { bytes, headers } = await stage.bytes(operator(), 'GET', '$disclosures', 'text/csv');
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    expect(headers.get('content-type')).toMatch('text/csv');
    expect(text.startsWith('\uFEFF日時,根拠,')).toBe(true);
    expect(text).toContain(`"'=HYPERLINK(""http://x"",""y"")"`);
  });
});

describe('the operator’s own use', () => {
  it.each(['customise', 'inform', 'survey'])('is for %s', async (purpose) => {
    await account(stage.hospital, '山田');
    const reply = await operator().post('$export-users', parameters({ purpose }));
    expect(reply.status).toBe(200);
    expect(reply.text.includes('山田')).toBe(purpose !== 'survey');
    expect(reply.text.includes('physician')).toBe(true);
  });

  it.each(['inform', 'survey'])(
    'for %s is told in pages, each of the users once, while others come and go',
    async (purpose) => {
      for (let i = 0; i < 4; i++) await account(stage.clinic, `頁${i}`);
      const all = await operator().post('$export-users', parameters({ purpose }));
      const users = (reply: Reply) =>
        (reply.body.parameter ?? []).filter(({ name }: { name: string }) => name === 'user') as object[];
      const told: object[] = [];
      let [next, pages] = ['', 0];
      do {
        const reply = await operator().post(
          '$export-users',
          parameters({ purpose, limit: 3, ...(next && { after: next }) }),
        );
        expect(reply.status).toBe(200);
        told.push(...users(reply));
        next = reply.body.parameter?.find(({ name }: { name: string }) => name === 'next')?.valueString ?? '';
        expect((reply.headers.get('link') ?? '').includes(`${new URLSearchParams({ after: next })}>`)).toBe(
          next !== '',
        );
        if (pages++ === 0) await sql(`UPDATE person SET active = false WHERE name = '頁0'`);
      } while (next !== '' && pages < 50);
      const count = users(all).length;
      expect([count - 1, count]).toContain(told.length);
      const words = (list: object[]) => list.map((one) => JSON.stringify(one)).sort();
      expect(words(users(all))).toEqual(expect.arrayContaining(words(told)));
      await sql(`DELETE FROM person WHERE name LIKE '頁%'`);
    },
  );

  it('for a survey tells nothing of who they are: no name, no number, and not who comes after a login', async () => {
    const id = await account(stage.clinic, '調査対象');
    const [reply, text] = [
      await operator().post('$export-users', parameters({ purpose: 'survey', limit: 10_000 })),
      new TextDecoder().decode(
        (await stage.bytes(operator(), 'POST', '$export-users?purpose=survey', 'text/csv')).bytes,
      ),
    ];
    for (const said of [reply.text, text])
      for (const who of [id, '調査対象', 'さくら診療所']) expect(said).not.toContain(who);
    expect(text.trim().split('\r\n')[0]).toBe('kind,roles');
    expect((await operator().post('$export-users', parameters({ purpose: 'survey', after: '調査' }))).status).toBe(400);
  });

  it.each([undefined, 'marketing'])('is for nothing else (%s), and the refusal is audited', async (purpose) => {
    const before = await audited('user-export-refused');
    expect((await operator().post('$export-users', parameters({ purpose }))).status).toBe(422);
    expect(await audited('user-export-refused')).toBe(before + 1);
    expect((await stage.hospital.post('$export-users', parameters({ purpose: 'inform' }))).status).toBe(403);
  });
});

describe('statistics', () => {
  it('count by kind and month, and leave out what fewer than five are behind', async () => {
    await sql('DELETE FROM person');
    for (let i = 0; i < 7; i++) await account(stage.hospital, `h${i}`);
    for (let i = 0; i < 3; i++) await account(stage.clinic, `c${i}`);
    const reply = await operator().get('$statistics?metric=users&from=2026-12&months=3');
    const rows = reply.body.parameter.filter((one: { name: string }) => one.name === 'row');
    const row = (name: string) =>
      rows
        .find((one: { part: { valueString: string }[] }) => one.part[0]?.valueString === name)
        ?.part.slice(1)
        .map((one: { valueInteger?: number }) => one.valueInteger ?? null);
    // February is not over.
    expect(row('medical')).toEqual([0, null]);
    expect(row('cooperating-hospital')[0]).toBe(0);
    // 10 less 7 would tell the 3.
    expect([row('total')[1], row('cooperating-hospital')[1]]).toContain(null);
    expect((await operator().get('$statistics?from=2027-02')).status).toBe(400);
  });

  it.each([
    [4, 9, ['*', '*']],
    [5, 9, ['5', '9']],
    [4, 4, ['*', '*']],
    [1, 0, ['*', '0']],
    [0, 5, ['0', '5']],
  ])('of %i and %i people: five are told, four are not', async (clinic, hospital, told) => {
    await sql('DELETE FROM person');
    for (let i = 0; i < clinic; i++) await account(stage.clinic, `c${i}`);
    for (let i = 0; i < hospital; i++) await account(stage.hospital, `h${i}`);
    const { bytes } = await stage.bytes(operator(), 'GET', '$statistics?from=2027-01&months=1', 'text/csv');
    const text = new TextDecoder().decode(bytes);
    const of = (kind: string) => new RegExp(`^${kind},(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '0';
    const [medical, hospitals, total] = [of('medical'), of('cooperating-hospital'), of('total')];
    expect([medical, hospitals].map((one, i) => (told[i] === '*' ? one : Number(one)))).toEqual(
      told.map((one) => (one === '*' ? '*' : Number(one))),
    );
    // Nor can it be taken from the total.
    if (told.includes('*') && hospitals !== '*') expect(total).toBe('*');
  });

  it('tell the same of a month whatever else is asked for, so that two answers tell no more than one', async () => {
    await sql('DELETE FROM person');
    const [year, before] = ['2026-11-02', '2026-08-02'];
    for (let i = 0; i < 9; i++) await account(stage.hospital, `h${i}`, ['physician'], i < 6 ? before : year);
    for (let i = 0; i < 6; i++) await account(stage.clinic, `c${i}`, ['physician'], i < 2 ? before : year);
    const seen = new Map<string, string>();
    for (const asked of ['from=2026-07', 'from=2026-09&months=1', 'from=2026-10&months=2', 'from=2026-08&months=6']) {
      const { bytes } = await stage.bytes(operator(), 'GET', `$statistics?${asked}`, 'text/csv');
      const lines = new TextDecoder().decode(bytes).trim().split('\r\n');
      const [, ...months] = (lines[0] as string).split(',');
      expect(months.at(-1)?.localeCompare('2027-02')).toBe(-1);
      for (const line of lines.slice(1)) {
        const [name, ...values] = line.split(',');
        for (const [i, value] of values.entries()) {
          const key = `${name} ${months[i]}`;
          expect([key, seen.get(key) ?? value]).toEqual([key, value]);
          seen.set(key, value);
        }
      }
    }
    expect([seen.get('medical 2026-09'), seen.get('medical 2026-11')]).toEqual(['*', '6']);
  });

  it('by network cannot be taken from those by kind: 3 would be 10 less 7', async () => {
    await sql('DELETE FROM person');
    for (let i = 0; i < 7; i++) await account(stage.hospital, `h${i}`);
    for (let i = 0; i < 4; i++) await account(stage.clinic, `c${i}`);
    const { bytes } = await stage.bytes(operator(), 'GET', '$statistics?by=network&from=2027-01&months=1', 'text/csv');
    const numbers = [...new TextDecoder().decode(bytes).matchAll(/,(\d+)\r\n/g)].map(([, value]) => Number(value));
    expect(numbers.length).toBeGreaterThan(0);
    for (const value of numbers) expect(value % 5).toBe(0);
    expect(numbers).not.toContain(11);
  });

  it.each(['logins', 'messages', 'bookings', 'users'])(
    'are there of %s, by network too, and as CSV',
    async (metric) => {
      const path = `$statistics?metric=${metric}&by=network&from=2027-01&months=1`;
      expect((await operator().get(path)).status).toBe(200);
      const { bytes } = await stage.bytes(operator(), 'GET', path, 'text/csv');
      expect(new TextDecoder().decode(bytes)).toMatch(/^network,2027-01\r\n/);
    },
  );

  it.each(['', '?from=2027-13', '?from=2027-01&months=25', '?from=2027-01&metric=patients', '?from=2027-01&by=person'])(
    'refuse %s',
    async (query) => {
      expect((await operator().get(`$statistics${query}`)).status).toBe(400);
    },
  );

  it('are the operator’s', async () => {
    expect((await stage.hospital.get('$statistics?from=2027-01')).status).toBe(403);
  });
});
