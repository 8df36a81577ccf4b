import { asking, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  stage.fake.patients = [
    { id: 'p1', name: '田中 一郎', kana: 'タナカ イチロウ', sex: 'male', birthDate: '1951-03-12', number: '0001234' },
    { id: 'p2', name: '', kana: '', sex: '', birthDate: '', number: '' },
  ];
});
afterAll(() => stage.close());
beforeEach(() => {
  Object.assign(stage.fake, {
    asked: asking(),
    remembered: false,
    steps: [],
    finished: [],
    refused: 0,
    searched: [],
    factors: [],
  });
});

const AT = '/interaction/Uid-1_a';
const member = (change = {}) => {
  const browser = stage.browser();
  browser.cookies.set('tasuki_session', stage.fake.begin(change));
  return browser;
};

describe('an app that asks for a person', () => {
  it('leads through the login, with its name on it, to the consent', async () => {
    const browser = stage.browser();
    expect((await browser.get(AT)).to).toBe(`${AT}/login`);
    const login = await browser.get(`${AT}/login`);
    expect(login.text).toContain('「成長曲線」（みなと総合病院）を使うためにログインします。');
    stage.fake.steps = ['accept-terms'];
    const fields = { login: 'sato.hanako', password: 'right' };
    expect((await browser.fill(`${AT}/login`, `${AT}/login`, fields)).to).toBe(`${AT}/terms`);
    expect((await browser.get(AT)).to).toBe(`${AT}/terms`);
    expect((await browser.fill(`${AT}/terms`, `${AT}/terms`, { version: '3' })).to).toBe(AT);
    const consent = await browser.get(AT);
    expect(consent.status).toBe(200);
    expect(consent.text).toContain('「成長曲線」に許可しますか');
  });

  it('may be answered from the page it is on: forms may redirect to the app and nowhere else', async () => {
    const policy = async (redirectUri: string) => {
      stage.fake.asked = asking({ redirectUri });
      const { headers } = await member().get(AT);
      return /form-action ([^;]+)/.exec(headers.get('content-security-policy') ?? '')?.[1];
    };
    expect(await policy('https://app.example/callback?x=1')).toBe("'self' https://app.example");
    expect(await policy('http://127.0.0.1:4000/cb')).toBe("'self' http://127.0.0.1:4000");
    expect(await policy('http://[::1]:4000/cb')).toBe("'self' http://[::1]:4000");
    expect(await policy('com.example.app:/cb')).toBe("'self' com.example.app:");
    expect(await policy("https://a.example;script-src *'/cb")).toBe("'self'");
    expect(await policy('not a url')).toBe("'self'");
  });

  it('is given what the person has left in, and that is remembered', async () => {
    const browser = member();
    const answer = await browser.fill(AT, `${AT}/consent`, [
      ['decision', 'allow'],
      ['scope', 'patient/Observation.rs'],
      ['scope', 'user/*.cruds'],
      ['patient', 'p1'],
    ]);
    expect(answer.to).toBe('https://app.example/callback?code=x');
    expect(stage.fake.finished).toEqual([
      {
        session: expect.objectContaining({ id: stage.fake.session().id }),
        scopes: ['openid', 'fhirUser', 'launch/patient', 'patient/Observation.rs'],
        remember: true,
      },
    ]);
  });

  it('is not given a consent to nothing', async () => {
    const { status, text } = await member().fill(AT, `${AT}/consent`, { decision: 'allow' });
    expect(status).toBe(422);
    expect(text).toContain('許可する内容を一つ以上選ぶか');
    expect(stage.fake.finished).toEqual([]);
  });

  it.each([{ decision: 'refuse' }, {}, { decision: 'Allow' }])('is refused by %j', async (fields) => {
    expect((await member().fill(AT, `${AT}/consent`, fields)).to).toContain('access_denied');
    expect([stage.fake.refused, stage.fake.finished]).toEqual([1, []]);
  });

  it('can be left before the login', async () => {
    const browser = stage.browser();
    expect((await browser.fill(`${AT}/login`, `${AT}/refuse`, {})).to).toContain('access_denied');
    expect((await browser.post(`${AT}/refuse`, {})).status).toBe(403);
  });

  it('is not asked about twice', async () => {
    stage.fake.remembered = true;
    expect((await member().get(AT)).to).toBe('https://app.example/callback?code=x');
    expect(stage.fake.finished).toHaveLength(1);
  });

  it('says in its language who asks, for what and how long, and whom it is about', async () => {
    stage.fake.asked = asking({ launchPatient: 'p1', scopes: ['patient/*.rs', 'offline_access'] });
    const { text } = await member().get(AT, { 'accept-language': 'en' });
    for (const part of [
      'This app of みなと総合病院 asks',
      'Read this patient’s whole record',
      'Also after you have logged out, for at most 30 days',
      '田中 一郎',
      '1951-03-12',
    ])
      expect(text).toContain(part);
  });

  it.each([
    ['user/*.cruds', true],
    ['user/Practitioner.cruds', true],
    ['user/Practitioner.rs', false],
    ['patient/*.cruds', false],
    ['user/Observation.cruds', false],
  ])('tells an administrator whether an app with %s could administer too: %s', async (scope, administers) => {
    stage.fake.asked = asking({ launchPatient: 'p1', scopes: ['openid', scope] });
    expect((await member().get(AT)).text.includes('管理の操作もできる')).toBe(administers);
  });

  it('may want a newer proof than the session has', async () => {
    stage.fake.asked = asking({ authenticatedSince: stage.fake.now });
    const browser = member({ authenticatedAt: stage.fake.now - 1 });
    expect((await browser.get(AT)).to).toBe(`${AT}/login`);
    const login = await browser.get(`${AT}/login`);
    expect(login.text).toContain('もう一度本人確認をお願いします');
    expect(browser.cookies.has('tasuki_session')).toBe(true);
    expect((await browser.get('/account')).status).toBe(200);
    const fields = { login: 'sato.hanako', password: 'right' };
    expect((await browser.fill(`${AT}/login`, `${AT}/login`, fields)).to).toBe(AT);
    expect((await browser.get(AT)).status).toBe(200);
  });

  it.each([
    AT,
    `${AT}/login`,
    `${AT}/patient`,
    '/interaction/x%00y',
    `/interaction/${'x'.repeat(100)}`,
    '/interaction/a%2Fb',
  ])('leads nowhere when it is over: %s', async (path) => {
    stage.fake.asked = null;
    const { status, text } = await member().get(path);
    expect(status).toBe(400);
    expect(text).toContain('アプリに戻って、はじめからやり直してください');
  });

  it.each([`${AT}/account`, '/interaction', `${AT}/invitation`, '/patient', '/consent', '/refuse'])(
    'has no page at %s',
    async (path) => {
      expect((await member().get(path)).status).toBe(404);
    },
  );
});

describe('the choice of a patient', () => {
  beforeEach(() => {
    stage.fake.asked = asking({ needsPatient: true });
  });

  it('comes before the consent, which is for that patient', async () => {
    const browser = member();
    expect((await browser.get(AT)).to).toBe(`${AT}/patient`);
    expect((await browser.get(`${AT}/consent`)).to).toBe(`${AT}/patient`);
    const found = await browser.fill(`${AT}/patient`, `${AT}/patient/search`, {
      name: ' たなか ',
      birthDate: 'S26.3.12',
    });
    expect(stage.fake.searched).toEqual([{ name: 'たなか', birthDate: '1951-03-12', identifier: '' }]);
    for (const part of ['田中 一郎', 'タナカ イチロウ', '男', '昭和26年（1951年）3月12日', '0001234', '（氏名なし）'])
      expect(found.text).toContain(part);
    const consent = await browser.fill(`${AT}/patient`, `${AT}/patient`, { patient: 'p1' });
    expect(consent.text).toContain('name="patient" value="p1"');
    const done = await browser.fill(`${AT}/patient`, `${AT}/consent`, [
      ['decision', 'allow'],
      ['patient', 'p1'],
      ['scope', 'patient/Patient.r'],
    ]);
    expect(done.to).toContain('code=x');
    expect(stage.fake.finished).toEqual([expect.objectContaining({ patient: 'p1' })]);
  });

  it('is the last question where the consent is remembered', async () => {
    stage.fake.remembered = true;
    const browser = member();
    expect((await browser.get(AT)).to).toBe(`${AT}/patient`);
    expect((await browser.fill(`${AT}/patient`, `${AT}/patient`, { patient: 'p1' })).to).toContain('code=x');
    expect(stage.fake.finished).toEqual([expect.objectContaining({ patient: 'p1', scopes: asking().scopes })]);
  });

  it.each(['', 'nobody', '../p1', 'x'.repeat(60_000)])(
    'takes no patient whom the person does not see: %#',
    async (patient) => {
      const browser = member();
      const chosen = await browser.fill(`${AT}/patient`, `${AT}/patient`, { patient });
      expect([chosen.status, chosen.text.includes('この患者さんは選べません')]).toEqual([422, true]);
      const forged = await browser.fill(`${AT}/patient`, `${AT}/consent`, {
        decision: 'allow',
        patient,
        scope: 'patient/Patient.r',
      });
      expect(forged.to).toBe(`${AT}/patient`);
      expect(stage.fake.finished).toEqual([]);
    },
  );

  it('keeps what was entered out of the address', async () => {
    const browser = member();
    expect((await browser.get(`${AT}/patient`)).text).toContain(`<form method="post" action="${AT}/patient/search"`);
    expect((await browser.get(`${AT}/patient/search?name=x`)).to).toBe(`${AT}/patient`);
  });

  it.each([
    [{}, 'どれかを入力してください'],
    [{ name: '  ' }, 'どれかを入力してください'],
    [{ birthDate: '昭和70年1月1日' }, 'birthDate-error'],
  ])('says what is wrong with %j', async (fields, said) => {
    const { status, text } = await member().fill(`${AT}/patient`, `${AT}/patient/search`, fields);
    expect(status).toBe(422);
    expect(text).toContain(said);
    expect(stage.fake.searched).toEqual([]);
  });

  it('lists a number that can be looked through', async () => {
    const before = stage.fake.patients;
    stage.fake.patients = Array.from({ length: 30 }, (_, index) => ({ ...before[0]!, id: `m${index}` }));
    const { text } = await member().fill(`${AT}/patient`, `${AT}/patient/search`, { name: '田中' });
    stage.fake.patients = before;
    expect(text.match(/name="patient" value="m/g)).toHaveLength(20);
    expect(text).toContain('はじめの 20 人だけ');
  });

  it('says so when nobody is found, and when the person may not look', async () => {
    const { patients } = stage.parts;
    const { search } = patients;
    patients.search = async () => ({ rows: [], more: false });
    const none = await member().fill(`${AT}/patient`, `${AT}/patient/search`, { name: '田中' });
    patients.search = async () => null;
    const not = await member().fill(`${AT}/patient`, `${AT}/patient/search`, { name: '田中' });
    patients.search = search;
    expect([none.status, none.text.includes('見つかりませんでした')]).toEqual([200, true]);
    expect([not.status, not.text.includes('検索する権限がありません')]).toEqual([422, true]);
  });
});
