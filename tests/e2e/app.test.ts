import type { Page } from 'playwright-core';
import { registerApp } from '../../src/identity/index.ts';
import { type App, openApp } from './app.ts';
import { withBrowser } from './chromium.ts';
import { codeAt, enterPassword, openStage, type Person, press, type Stage, settleIn } from './stage.ts';

withBrowser('an app with fhirclient', () => {
  let stage: Stage;
  let app: App;
  let person: Person;
  let clientId: string;
  let patient: string;
  const SCOPE = 'openid fhirUser launch/patient patient/Patient.rs patient/Observation.rs offline_access';

  beforeAll(async () => {
    [stage, app] = await Promise.all([openStage(), openApp()]);
    const { hospital, server } = stage;
    person = await settleIn(stage, await stage.window(), '佐藤 花子', ['physician']);
    clientId = 'growth-chart';
    const launched = new URLSearchParams({ client: clientId, scope: `${SCOPE} launch` });
    await registerApp(server.database, {
      id: clientId,
      organization: server.engine.keys.rid('Organization', hospital.organization.split('/')[1] as string),
      name: '成長曲線',
      scope: `${SCOPE} launch`,
      redirectUris: [`${app.origin}/index.html`],
      launchUris: [`${app.origin}/launch.html?${launched}`],
    });
    const name = (text: string, code: string) => ({
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode: code }],
      family: text.split(' ')[0],
      given: [text.split(' ')[1]],
    });
    ({ id: patient } = await hospital.create({
      resourceType: 'Patient',
      name: [name('田中 一郎', 'IDE'), name('タナカ イチロウ', 'SYL')],
      gender: 'male',
      birthDate: '1951-03-12',
      identifier: [{ system: 'urn:oid:1.2.392.100495.20.3.51.11310000001', value: '0001234' }],
    }));
    await hospital.create({ resourceType: 'Patient', name: [{ text: '鈴木 次郎' }], birthDate: '1951-03-12' });
    await hospital.create({
      resourceType: 'Observation',
      status: 'final',
      code: { text: '身長' },
      subject: { reference: `Patient/${patient}` },
      valueQuantity: { value: 171, unit: 'cm' },
    });
  });
  afterAll(async () => {
    await app?.close();
    await stage?.close();
  });

  const open = (page: Page, query: Record<string, string>) =>
    page.goto(
      `${app.origin}/launch.html?${new URLSearchParams({ client: clientId, iss: `${stage.baseUrl}/fhir`, ...query })}`,
    );
  const shown = async (page: Page, id: string) => {
    const text = await page.locator(`#${id}, #failed`).first().innerText();
    return JSON.parse(text);
  };
  const logIn = async (page: Page) => {
    await page.getByText('「成長曲線」（みなと総合病院）を使うためにログインします。').waitFor();
    await enterPassword(page, person);
    stage.later(1);
    await page.getByLabel('認証コード（6 桁）').fill(codeAt(person.secret, stage.now()));
    await press(page, '確認する');
  };

  it('is opened by a person, who chooses the patient and consents; then it reads, and refreshes its token', async () => {
    const page = await stage.window();
    await open(page, { scope: SCOPE });
    await logIn(page);
    await page.getByRole('heading', { name: '患者さんを選ぶ' }).waitFor();
    await page.getByLabel('生年月日').fill('昭和26年3月12日');
    await press(page, '検索');
    await page.getByRole('heading', { name: '検索結果（2 人）' }).waitFor();
    await page.getByLabel('氏名またはフリガナ').fill('タナカ');
    await press(page, '検索');
    await page.getByRole('row', { name: '田中 一郎 タナカ イチロウ 男 昭和26年（1951年）3月12日 0001234' }).waitFor();
    await page.getByRole('button', { name: '選ぶ 田中 一郎' }).click();
    await page.getByText('この患者さんの検査結果・観察を見る').waitFor();
    await press(page, '許可する');
    const first = await shown(page, 'first');
    expect(first.patient).toMatchObject({ resourceType: 'Patient', id: patient, birthDate: '1951-03-12' });
    expect(first.observations.entry).toHaveLength(1);
    expect(await shown(page, 'answer')).toMatchObject({ patient, token_type: 'Bearer' });
    const second = await shown(page, 'second');
    expect(second).toMatchObject({ patient: { id: patient } });
    expect(second.token).not.toBe(first.token);
    await page.goto(`${stage.baseUrl}/account`);
    const listed = page.getByRole('listitem').filter({ hasText: '成長曲線' });
    await listed.getByText('この患者さんの検査結果・観察を見る').waitFor();
    await listed.getByRole('button', { name: '許可を取り消す' }).click();
    await page.getByRole('status').getByText('許可を取り消しました。').waitFor();
    const after = await fetch(`${stage.baseUrl.replace('localhost', '127.0.0.1')}/fhir/Patient/${patient}`, {
      headers: { authorization: `Bearer ${second.token}` },
    });
    expect(after.status).toBe(401);
  });

  it('is opened from the hospital’s own system, with the patient who is open there', async () => {
    const reply = await stage.hospital.post('$launch', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'client', valueString: clientId },
        { name: 'patient', valueReference: { reference: `Patient/${patient}` } },
      ],
    });
    const url = reply.body.parameter.find(({ name }: { name: string }) => name === 'url').valueUrl;
    const page = await stage.window();
    await page.goto(url);
    await logIn(page);
    await page.getByText('対象の患者さん').waitFor();
    await page.getByText('田中 一郎').waitFor();
    await page.getByLabel('ログアウトした後も使い続ける').uncheck();
    await press(page, '許可する');
    const first = await shown(page, 'first');
    expect(first).toMatchObject({ patient: { id: patient } });
    expect(first.observations.entry).toHaveLength(1);
    const answer = await shown(page, 'answer');
    expect(answer.patient).toBe(patient);
    expect(answer.scope.split(' ')).not.toContain('offline_access');
    expect(await page.locator('#second').count()).toBe(0);
  });

  it('is not sent anywhere that it has not registered: the person sees a page', async () => {
    const page = await stage.window();
    const query = { client_id: clientId, response_type: 'code', redirect_uri: 'https://evil.example/', scope: SCOPE };
    const response = await page.goto(`/oauth/authorize?${new URLSearchParams(query)}`);
    expect(response?.status()).toBe(400);
    await page.getByRole('heading', { name: 'アプリからの要求を受け付けられません' }).waitFor();
    expect(response?.headers()['content-security-policy']).toContain("default-src 'none'");
  });

  it('is told when the person does not allow it', async () => {
    const page = await stage.window();
    await open(page, { scope: SCOPE });
    await logIn(page);
    await press(page, 'やめてアプリに戻る');
    expect(await shown(page, 'failed')).toContain('access_denied');
  });
});
