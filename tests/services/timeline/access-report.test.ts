import { Access } from '../../../src/access/access.ts';
import { insertAudit } from '../../../src/store/audit.ts';
import { Keys } from '../../../src/store/keys.ts';
import { readSecrets } from '../../../src/store/secret.ts';
import { full } from '../../audit/chain.ts';
import type { Member } from '../../support/network.ts';
import { type Crowd, openCrowd } from '../../support/people.ts';
import { openWorld, type World } from '../../support/world.ts';

let world: World;
let crowd: Crowd;
let hospital: Member;
let clinic: Member;
let patient: string;
beforeAll(async () => {
  world = await openWorld();
  ({ hospital, clinic } = world);
  crowd = await openCrowd(world.server, world.network.operator);
  const { id } = await hospital.create({
    resourceType: 'Patient',
    name: [{ text: '試験 花子' }],
    birthDate: '1950-04-01',
  });
  patient = `Patient/${id}`;
  const issued = await hospital.send('POST', `${patient}/$issue-keycode`);
  const parameter = [
    { name: 'keycode', valueString: issued.body.parameter[0].valueString as string },
    { name: 'birthDate', valueDate: '1950-04-01' },
    { name: 'attest', valueBoolean: true },
  ];
  await clinic.post('$redeem-keycode', { resourceType: 'Parameters', parameter });
  await clinic.get(patient);
});
afterAll(async () => {
  await crowd?.close();
  await world?.close();
});

const report = (query = '', headers: Record<string, string> = {}, member: Pick<Member, 'get'> = hospital) =>
  member.get(`${patient}/$access-report${query}`, headers);
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split('","').map((cell) => cell.replace(/^\ufeff?"|"$/g, '')));

describe('as CSV', () => {
  it.each([
    ['', { accept: 'text/csv' }],
    ['?_format=csv', {}],
    ['?_format=text/csv', { accept: 'application/fhir+json' }],
  ])('is given for %p %p', async (query, headers) => {
    const { status, headers: got, text } = await report(query, headers as Record<string, string>);
    expect([status, got.get('content-type'), got.get('content-disposition')]).toEqual([
      200,
      'text/csv; charset=utf-8',
      'attachment; filename="access-report.csv"',
    ]);
    expect(lines(text)[0]?.[0]).toBe('日時');
  });

  it('says who did what on what ground, in Japanese, or in English to whom likes that better', async () => {
    const rows = lines((await report('?_format=csv')).text);
    const [, organization, role, , act, data, purpose, ground, outcome] =
      rows.find((row) => row[1] === 'さくら診療所' && row[4] === '閲覧') ?? [];
    expect([organization, role, act, data, purpose, outcome]).toEqual([
      'さくら診療所',
      'システム',
      '閲覧',
      '氏名・生年月日などの基本情報',
      '診療',
      '実施',
    ]);
    expect(ground).toMatch(/^キーコード [0-9a-f]{8}$/);
    const english = lines((await report('?_format=csv', { 'accept-language': 'en' })).text);
    expect(english[0]?.slice(0, 2)).toEqual(['When', 'Institution']);
    expect(english.some((row) => row[4] === 'Viewed')).toBe(true);
  });

  it('tells people by their role, and not by their name', async () => {
    const nurse = await crowd.signUp(clinic, ['nurse'], { name: '鈴木 めぐみ' });
    expect((await nurse.get(patient)).status).toBe(200);
    const { text } = await report('?_format=csv');
    expect(lines(text).some((row) => row[1] === 'さくら診療所' && row[2] === '看護師')).toBe(true);
    expect(text).not.toContain('鈴木');
  });

  it('is complete for long periods, page by page', async () => {
    const keys = new Keys((await readSecrets(crowd.database)).get('keys') ?? '');
    const [id] = [patient.split('/')[1] as string];
    const at = Date.parse('2025-01-01T00:00:00Z');
    const rows = Array.from({ length: 4500 }, (_, i) =>
      full(at + Math.floor(i / 3) * 1000, {
        patient: keys.rid('Patient', id),
        organization: keys.rid('Organization', clinic.organization.split('/')[1] as string),
        person: null,
      }),
    );
    await insertAudit(Access.system('a test'), crowd.database, rows);
    expect(lines((await report('?_format=csv&from=2025-01-01&to=2025-01-01')).text)).toHaveLength(4501);
    expect(lines((await report('?_format=csv&to=2024-12-31')).text)).toHaveLength(1);
    // One line for each minute.
    const { headers } = await report('?_format=pdf&from=2025-01-01&to=2025-01-01');
    expect(headers.get('content-type')).toBe('application/pdf');
  });
});

describe('as PDF', () => {
  it('is given in Japanese and in English', async () => {
    for (const language of ['ja', 'en']) {
      const { status, headers, text } = await report('', { accept: 'application/pdf', 'accept-language': language });
      expect([status, headers.get('content-type'), text.slice(0, 5)]).toEqual([200, 'application/pdf', '%PDF-']);
    }
  });
});

describe('its period', () => {
  it('bounds the AuditEvents too', async () => {
    const all = (await report()).body;
    expect(all.entry.length).toBeGreaterThan(3);
    expect((await report('?to=2020-01-01')).body).toMatchObject({ total: 0 });
    const parameter = [{ name: 'to', valueDate: '2020-01-01' }];
    const posted = await hospital.post(`${patient}/$access-report`, { resourceType: 'Parameters', parameter });
    expect(posted.body).toMatchObject({ resourceType: 'Bundle', total: 0 });
    const self = (await report('?from=2025-01-01&to=2025-12-31')).body.link[0].url as string;
    const searched = await hospital.get(self.slice(self.indexOf('AuditEvent')));
    expect(searched.status).toBe(200);
  });

  it.each([
    '?from=yesterday',
    '?from=',
    '?to=2026-13-01',
    '?from=2026-01-01&from=2026-01-02',
    '?since=2026-01-01',
    '?from=%00',
  ])('is refused: %s', async (query) => {
    expect((await report(query)).status).toBe(400);
  });

  it.each(['?_format=xml', '?_format=application/xml'])('and other formats are: %s', async (query) => {
    expect((await report(query)).status).toBe(406);
  });
});

describe('is for', () => {
  it('the patient’s hospital alone, in every format', async () => {
    for (const format of ['', '?_format=csv', '?_format=pdf']) {
      expect((await report(format, {}, clinic)).status).toBe(403);
      expect((await report(format, {}, world.stranger)).status).toBe(404);
    }
  });

  it('those of its people who look after the audit', async () => {
    const coordinator = await crowd.signUp(hospital, ['coordinator']);
    const physician = await crowd.signUp(hospital, ['physician']);
    expect((await report('?_format=csv', {}, coordinator)).status).toBe(200);
    expect((await report('?_format=csv', {}, physician)).status).toBe(403);
    // A doctor finds in the audit what he did himself, the coordinator what all did.
    await physician.get(patient);
    const found = async (who: Pick<Member, 'get'>) =>
      (await who.get(`AuditEvent?patient=${patient}&_summary=count`)).body.total as number;
    expect(await found(physician)).toBe(1);
    expect(await found(coordinator)).toBeGreaterThan(1);
    const events = await coordinator.get(`AuditEvent?agent=${physician.practitioner}&patient=${patient}`);
    expect(events.body.entry).toHaveLength(1);
    expect(events.body.entry[0].resource.agent[2]).toMatchObject({
      who: { reference: physician.practitioner },
      altId: physician.id,
      requestor: true,
    });
    expect((await coordinator.get(`AuditEvent?altid=${physician.id}&subtype=read`)).body.total).toBe(1);
    expect((await coordinator.get(`AuditEvent?type=rest&action=R&altid=${physician.id}`)).body.total).toBe(1);
    expect((await coordinator.get(`AuditEvent?agent=${physician.practitioner},${hospital.organization}`)).status).toBe(
      400,
    );
  });
});

it('what was asked is itself in the audit', async () => {
  await report('?_format=csv');
  const rows = lines((await report('?_format=csv')).text);
  expect(rows[1]?.[4]).toBe('アクセス記録の作成');
});
