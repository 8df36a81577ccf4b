import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Maintenance } from '../../../src/http/maintenance.ts';
import { reopen } from '../../../src/services/notices/reopen.ts';
import { statusPageAlone } from '../../../src/services/notices/status/alone.ts';
import { Board } from '../../../src/services/notices/status/board.ts';
import { startServer } from '../../support/server.ts';
import { Stage } from '../signature/stage.ts';
import { parameters } from './parameters.ts';

const MINUTE = 60_000;
const REAL = Date.now();
const quiet = () => undefined;

let stage: Stage;
let now = REAL;
beforeAll(async () => {
  stage = await Stage.open({ now: () => now });
}, 60_000);
afterAll(() => stage?.close());
/** Nothing of one test stops the service in the next. */
beforeEach(async () => {
  now = REAL;
  await stage.server.database.query('UPDATE notice SET stops = false');
  await stage.server.board.refresh();
});

const page = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`http://127.0.0.1:${stage.running.port}${path}`, { headers, method, redirect: 'manual' });
const json = async () => (await page('/status.json')).json() as Promise<Record<string, never>>;
const iso = (at: number) => new Date(at).toISOString();

async function emergency(from: number, to: number, more: object = {}): Promise<string> {
  const reply = await stage.network.operator.post(
    'Communication/$publish-notice',
    parameters({
      kind: 'emergency-maintenance',
      title: '緊急メンテナンス',
      text: '<b>ネットワーク</b>機器を交換します。\n\nご迷惑をおかけします。',
      titleEn: 'Emergency maintenance',
      textEn: 'A network device is replaced.',
      everyone: true,
      effective: { start: iso(from), end: iso(to) },
      ...more,
    }),
  );
  expect([reply.status, reply.text]).toEqual([201, reply.text]);
  await stage.server.board.refresh();
  return reply.body.id;
}
const withdraw = async (id: string) => {
  await stage.network.operator.post(
    `Communication/${id}/$withdraw-notice`,
    parameters({ reason: '作業が不要になったため。' }),
  );
  await stage.server.board.refresh();
};

describe('the status page', () => {
  it('is a page for people, in both languages, that loads nothing but its style', async () => {
    const id = await emergency(now + MINUTE, now + 60 * MINUTE);
    for (const [language, title] of [
      ['ja', '緊急メンテナンス'],
      ['en', 'Emergency maintenance'],
    ] as const) {
      const response = await page('/status', { accept: 'text/html', 'accept-language': language });
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch('text/html');
      expect(text).toContain(`<html lang="${language}">`);
      expect(text).toContain(title);
      expect(text).not.toContain('<script');
      expect(text).not.toContain('<b>ネットワーク');
      expect(text).toContain('noindex');
      expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'; style-src 'self'/);
      expect(response.headers.get('x-robots-tag')).toMatch('noindex');
      for (const [, path] of text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g))
        expect((await page(path as string)).status).toBe(200);
    }
    expect(await (await page('/status?lang=en', { 'accept-language': 'ja' })).text()).toContain('<html lang="en">');
    await withdraw(id);
    expect(await (await page('/status')).text()).not.toContain('緊急メンテナンス</h3>');
  });

  it('shows what is written as it is written, whatever that is', async () => {
    const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)> \u202Eesrever & '\u2028 javascript:alert(3)`;
    const id = await emergency(now + MINUTE, now + 60 * MINUTE, {
      title: hostile,
      text: `${hostile}\n\n</p></article><style>*{display:none}</style>`,
      titleEn: hostile,
      textEn: hostile,
    });
    for (const language of ['ja', 'en']) {
      const text = await (await page(`/status?lang=${language}`)).text();
      expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(text).not.toMatch(/<script|<img src=x|<style|href="javascript:|<[^>]*\son\w+=/i);
    }
    const told = (await json()) as unknown as { incidents: { title: { ja: string } }[] };
    expect(told.incidents[0]?.title.ja).toBe(hostile);
    expect(await (await page('/status?lang="><script>x')).text()).not.toContain('<script');
    for (const control of ['\u0007', '\u001B[2J'])
      expect(
        (
          await stage.network.operator.post(
            '$publish-notice',
            parameters({ kind: 'information', title: `a${control}`, text: 'b', everyone: true }),
          )
        ).status,
      ).toBe(422);
    await withdraw(id);
  });

  it.each<[Record<string, string>, string, string]>([
    [{}, 'text/html', 'ja'],
    [{ accept: '*/*' }, 'text/html', 'ja'],
    [{ accept: 'text/html', 'accept-language': 'en-GB,en;q=0.8,ja;q=0.1' }, 'text/html', 'en'],
    [{ accept: 'text/html', 'accept-language': 'en;q=0.1, ja' }, 'text/html', 'ja'],
    [{ accept: 'text/html', 'accept-language': 'fr, *;q=0.5' }, 'text/html', 'ja'],
    [{ accept: 'application/json, text/html;q=0.5' }, 'text/html', 'ja'],
    [{ accept: 'application/fhir+json' }, 'application/json', ''],
    [{ accept: 'application/json;q=0.9' }, 'application/json', ''],
    [{ accept: 'application/xml' }, 'text/html', 'ja'],
  ])('answers %j as %s', async (headers, type, language) => {
    for (const method of ['GET', 'HEAD']) {
      // As curl sends it: fetch would add Accept of its own.
      const response = await page('/status', { accept: '', 'accept-language': '', ...headers }, method);
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(type);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('vary')).toBe('Accept, Accept-Language');
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      if (method === 'HEAD') expect(text).toBe('');
      else if (language) expect(text).toContain(`<html lang="${language}">`);
    }
  });

  it('is JSON for machines', async () => {
    const negotiated = await page('/status', { accept: 'application/json' });
    expect(negotiated.headers.get('content-type')).toMatch('application/json');
    expect(await negotiated.json()).toMatchObject({
      status: 'operational',
      parts: { server: 'operational', database: 'operational', jobs: 'operational' },
      closedUntil: null,
    });
    expect((await page('/status', {}, 'POST')).status).toBe(405);
    expect((await page('/status.json', {}, 'DELETE')).status).toBe(405);
  });

  it('tells nothing that was not said to everyone of maintenance or an outage', async () => {
    const { operator } = stage.network;
    const secret = { kind: 'outage', title: 'みなと総合病院だけの障害', text: 'x', effective: iso(now) };
    for (const values of [
      { ...secret, network: { reference: stage.hospital.organization } },
      { ...secret, kind: 'information', everyone: true },
      { ...secret, everyone: true, publish: iso(now + 60 * MINUTE) },
    ])
      expect((await operator.post('$publish-notice', parameters(values))).status).toBe(201);
    await stage.server.board.refresh();
    const texts = [await (await page('/status')).text(), JSON.stringify(await json())];
    for (const text of texts) {
      expect(text).not.toContain('みなと');
      expect(text).not.toContain('さくら');
    }
    now += 61 * MINUTE;
    await stage.server.board.refresh();
    expect(JSON.stringify(await json())).toContain('みなと総合病院だけの障害');
  });

  it('tells of an outage as long as it lasts, and then as one that is over, for thirty days', async () => {
    const { operator } = stage.network;
    const outage = { kind: 'outage', title: '接続障害', text: '復旧しました。', everyone: true };
    await operator.post(
      '$publish-notice',
      parameters({ ...outage, effective: { start: iso(now - 20 * MINUTE), end: iso(now + MINUTE) } }),
    );
    const stateAt = async (at: number) => {
      now = at;
      await stage.server.board.refresh();
      const { status, incidents } = (await json()) as unknown as {
        status: string;
        incidents: { title: { ja: string }; state: string }[];
      };
      return [status, incidents.find(({ title }) => title.ja === '接続障害')?.state];
    };
    expect(await stateAt(REAL)).toEqual(['impaired', 'running']);
    expect((await stateAt(REAL + 30 * 60 * MINUTE))[1]).toBe('over');
    expect((await stateAt(REAL + 31 * 1440 * MINUTE))[1]).toBeUndefined();
  });

  it('takes no outage for over whose end nobody has told', async () => {
    const id = await emergency(0, 1, { effective: iso(now), title: '原因調査中', titleEn: 'Looking into it' });
    const state = async () => {
      await stage.server.board.refresh();
      const { incidents } = (await json()) as unknown as { incidents: { title: { ja: string }; state: string }[] };
      return incidents.find(({ title }) => title.ja === '原因調査中')?.state;
    };
    now += 5 * 1440 * MINUTE;
    expect(await state()).toBe('running');
    now = REAL;
    const told = { effective: { start: iso(REAL), end: iso(REAL + MINUTE) } };
    const corrected = await stage.network.operator.post(`Communication/${id}/$correct-notice`, parameters(told));
    expect(corrected.status).toBe(200);
    now = REAL + 2 * MINUTE;
    expect(await state()).toBe('over');
    now = REAL;
    await withdraw(id);
  });
});

describe('a stop that was announced', () => {
  it('turns everything away but probes, status and static files, until its end', async () => {
    const end = now + 90 * MINUTE;
    const token = await stage.clinic.token();
    await emergency(now + 60 * MINUTE, end, { stops: true });
    expect((await stage.clinic.get('Patient')).status).toBe(200);
    now += 60 * MINUTE;
    const fhir = await page('/fhir/Patient', { authorization: `Bearer ${token}` });
    expect([fhir.status, fhir.headers.get('retry-after')]).toEqual([503, '1800']);
    expect(fhir.headers.get('content-type')).toMatch('application/fhir+json');
    expect(await fhir.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'transient' }] });
    const oauth = await page('/oauth/token', {}, 'POST');
    expect([oauth.status, await oauth.json()]).toEqual([
      503,
      expect.objectContaining({ error: 'temporarily_unavailable' }),
    ]);
    const login = await page('/login', { accept: 'text/html,*/*', 'accept-language': 'ja' });
    expect([login.status, await login.text()]).toEqual([503, expect.stringContaining('メンテナンス中です')]);
    expect((await page('/fhir/metadata', {}, 'HEAD')).status).toBe(503);
    for (const path of ['/livez', '/readyz', '/status', '/status.json']) expect((await page(path)).status).toBe(200);
    expect(await json()).toMatchObject({ status: 'maintenance', closedUntil: iso(end) });
    now = end - 1;
    expect((await page('/fhir/metadata')).headers.get('retry-after')).toBe('1');
    now = end;
    expect((await page('/fhir/metadata')).status).toBe(200);
  });

  /** As it stands, which fetch would tidy up. */
  const raw = (head: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(stage.running.port, '127.0.0.1', () => socket.write(`${head}\r\n\r\n`));
      let text = '';
      socket.on('data', (bytes) => {
        text += bytes;
      });
      socket.on('error', reject).on('close', () => resolve(text));
    });
  const get = (path: string) => raw(`GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close`);

  it('is not got around by a path, a method or an old version of HTTP', async () => {
    const token = await stage.clinic.token();
    const id = await emergency(now, now + 30 * MINUTE, { stops: true });
    const shut = [
      ...['//status', '/status/../fhir/metadata', '/assets/../fhir/metadata', '/livez/x', '/fhir/metadata?x=/livez'],
      ...['//fhir/metadata', '/fhir//metadata', '/FHIR/metadata', '/fhir%2fmetadata', '/status/..%2ffhir/metadata'],
      ...['/assets/..%2f..%2ffhir/metadata', '/assets/%2e%2e/fhir/metadata', '/fhir/metadata#/status', '/livez.'],
      ...['http://h/fhir/metadata', 'HTTP://h/fhir/metadata', 'http:///fhir/metadata/status', 'ftp://h/fhir/metadata'],
      ...['http://u:p@h/status@h/fhir/metadata', 'http://livez', '*', '/status%00', '/status;/fhir/metadata'],
    ];
    for (const path of shut)
      expect([path, (await get(path)).split('\r\n')[0]]).toEqual([path, `HTTP/1.1 503 Service Unavailable`]);
    // What no client sends is refused before.
    for (const path of ['http://h\\fhir\\metadata/status', 'http://h#/fhir/metadata/status'])
      expect(await get(path)).toMatch(/^HTTP\/1\.1 400/);
    for (const method of ['HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND']) {
      const said = await raw(
        `${method} /fhir/Patient HTTP/1.1\r\nHost: h\r\nX-HTTP-Method-Override: GET\r\nAuthorization: Bearer ${token}\r\nConnection: close`,
      );
      expect([method, said.split('\r\n')[0]]).toEqual([method, 'HTTP/1.1 503 Service Unavailable']);
      expect(said.endsWith('\r\n\r\n')).toBe(method === 'HEAD');
    }
    expect(await raw('GET /fhir/metadata HTTP/1.0')).toMatch(/ 503 .*\r\nRetry-After: 1800\r\n/is);
    expect(await raw('POST /livez HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close')).toMatch(/ 404 /);
    now += 31 * MINUTE;
    await withdraw(id);
  });

  it('is told to apps in browsers, and to whatever writes the paths in capitals', async () => {
    const id = await emergency(now, now + 30 * MINUTE, { stops: true });
    const origin = 'https://app.example';
    for (const [path, method] of [
      ['/fhir/Patient', 'GET'],
      ['/fhir/.well-known/smart-configuration', 'GET'],
      ['/oauth/token', 'POST'],
    ] as const) {
      const { status, headers } = await page(path, { origin }, method);
      expect([status, headers.get('access-control-allow-origin')]).toEqual([503, '*']);
      expect(headers.get('access-control-expose-headers')).toContain('Retry-After');
    }
    const before = await page('/fhir/Patient', { origin, 'access-control-request-method': 'GET' }, 'OPTIONS');
    expect([before.status, before.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    expect((await page('/login', { origin })).headers.get('access-control-allow-origin')).toBeNull();
    expect((await page('/FHIR/Patient')).headers.get('content-type')).toMatch('application/fhir+json');
    expect((await page('/.well-known/openid-configuration')).headers.get('content-type')).toMatch('application/json');
    now += 31 * MINUTE;
    await withdraw(id);
  });

  it('lets what is under way go on to its end, a batch with all its entries', async () => {
    const token = await stage.clinic.token();
    const id = await emergency(now + MINUTE, now + 30 * MINUTE, { stops: true });
    const body = JSON.stringify({
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: 'Patient?_count=1' } }],
    });
    const began = () => {
      const slow = async function* () {
        yield Buffer.from(body.slice(0, 20));
        // Its head is there, and the body comes when the service has stopped.
        while ((await page('/fhir/metadata')).status !== 200) await new Promise((next) => setImmediate(next));
        now += 2 * MINUTE;
        expect((await page('/fhir/metadata')).status).toBe(503);
        yield Buffer.from(body.slice(20));
      };
      return fetch(`http://127.0.0.1:${stage.running.port}/fhir/`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
        body: slow() as unknown as BodyInit,
        duplex: 'half',
      } as RequestInit);
    };
    const answer = await began();
    expect([answer.status, ((await answer.json()) as { type: string }).type]).toEqual([200, 'batch-response']);
    now += 31 * MINUTE;
    await withdraw(id);
  });

  it('may be the suspension of the service too', async () => {
    const month = 40 * 1440 * MINUTE;
    const effective = { start: iso(now + month), end: iso(now + month + 60 * MINUTE) };
    const id = await emergency(0, 1, {
      kind: 'suspension',
      title: '全面停止',
      titleEn: 'Stop',
      effective,
      stops: true,
    });
    expect(await json()).toMatchObject({ closedUntil: null, maintenance: [{ kind: 'suspension' }] });
    now += month;
    expect((await page('/fhir/metadata')).status).toBe(503);
    now += 60 * MINUTE;
    expect((await page('/fhir/metadata')).status).toBe(200);
    now = REAL;
    await withdraw(id);
  });

  it('is ended before its time on the command line, which tells by a new version until when it was', async () => {
    const [from, told] = [now, now + 90 * MINUTE];
    const id = await emergency(from, told, { stops: true });
    now += MINUTE;
    expect((await page('/fhir/metadata')).status).toBe(503);
    // Twice at the same time is once.
    const ended = [reopen(stage.server.engine, now), reopen(stage.server.engine, now)];
    expect((await Promise.all(ended)).sort()).toEqual([0, 1]);
    await stage.server.board.refresh();
    expect((await page('/fhir/metadata')).status).toBe(200);
    expect(await reopen(stage.server.engine, now)).toBe(0);
    const versions = (await stage.clinic.get(`Communication/${id}/_history`)).body.entry.map(
      ({ resource }: { resource: { extension: object[]; note?: { text: string }[] } }) => resource,
    );
    const period = (end: number) => ({
      url: 'https://tasuki.example/fhir/StructureDefinition/notice-effective',
      valuePeriod: { start: iso(from), end: iso(end) },
    });
    expect(versions).toHaveLength(2);
    expect(versions[0].extension).toContainEqual(period(now));
    expect(versions[0].note[0].text).toContain('再開しました');
    expect(versions[1].extension).toContainEqual(period(told));
    const { rows } = await stage.server.database.query(
      `SELECT interaction FROM audit WHERE resource_id = $1 AND organization IS NULL ORDER BY interaction`,
      [id],
    );
    expect(rows).toEqual([{ interaction: 'maintenance-ended' }, { interaction: 'update' }]);
  });
});

describe('two processes', () => {
  it('stop both where one was told, and open again both', async () => {
    const env = { IDENTITY_SECRET_FILE: stage.server.config.identitySecretFile };
    const other = await startServer({ database: stage.clone, env });
    try {
      await emergency(now - MINUTE, now + 60 * MINUTE, { stops: true });
      const until = async (status: number) => {
        const last = Date.now() + 30_000;
        for (;;) {
          const response = await fetch(`http://127.0.0.1:${other.port}/fhir/metadata`);
          if (response.status === status || Date.now() > last) return response.status;
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      };
      expect(await until(503)).toBe(503);
      await reopen(stage.server.engine, Date.now());
      expect(await until(200)).toBe(200);
    } finally {
      await other.stop();
      await stage.server.board.refresh();
    }
  }, 90_000);
});

describe('without its database', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-status-`));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  const options = () => ({ file: join(directory, 'status.json'), log: quiet, now: () => now });

  it('tells what it knew, and that the database is gone', async () => {
    await emergency(now + MINUTE, now + 60 * MINUTE, { stops: true });
    const maintenance = new Maintenance(null, 'Asia/Tokyo');
    let there = true;
    const query = (async (...args: Parameters<typeof stage.server.database.query>) => {
      if (!there) throw new Error('gone');
      return stage.server.database.query(...args);
    }) as typeof stage.server.database.query;
    const board = await Board.open({ ...options(), database: { query }, maintenance });
    expect(board.databaseState).toBe('unknown');
    await board.refresh();
    expect([board.databaseState, board.notices.length > 0]).toEqual(['operational', true]);
    there = false;
    await Promise.all([board.refresh(), board.refresh()]);
    expect([board.databaseState, board.jobsState, board.notices.length > 0]).toEqual(['unavailable', 'unknown', true]);
    const anew = await Board.open({
      ...options(),
      database: { query },
      maintenance: new Maintenance(null, 'Asia/Tokyo'),
    });
    expect(anew.notices).toEqual(board.notices);
    there = true;
    await anew.refresh();
    expect(anew.databaseState).toBe('operational');
    await Promise.all([board.close(), anew.close()]);
  });

  it('is served alone, with what the service wrote, closing where that said so', async () => {
    await emergency(now + MINUTE, now + 60 * MINUTE, { stops: true });
    const file = join(directory, 'status.json');
    writeFileSync(file, readFileSync(stage.server.config.statusFile));
    const config = { host: '127.0.0.1', port: 0, timeZone: 'Asia/Tokyo', maintenanceWindow: null, statusFile: file };
    const server = await statusPageAlone(config, quiet, () => now);
    try {
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      expect(await (await fetch(`${base}/status.json`)).json()).toMatchObject({
        status: 'unavailable',
        parts: { server: 'unavailable', database: 'unknown' },
      });
      const html = await fetch(`${base}/status`, { headers: { 'accept-language': 'ja' } });
      expect([html.status, await html.text()]).toEqual([200, expect.stringContaining('緊急メンテナンス')]);
      const fhir = await fetch(`${base}/fhir/Patient`);
      expect([fhir.status, fhir.headers.get('retry-after')]).toEqual([503, '60']);
      now += 30 * MINUTE;
      expect((await fetch(`${base}/fhir/Patient`)).headers.get('retry-after')).toBe('1800');
      expect((await fetch(`${base}/livez`)).status).toBe(200);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it.each(['', 'null', '{', '{"readAt":1}', '{"readAt":1,"notices":[{"id":1}]}', '{"readAt":null,"notices":[null]}'])(
    'takes a file that is not its own, %j, for none',
    async (text) => {
      writeFileSync(join(directory, 'status.json'), text);
      const board = await Board.open({
        ...options(),
        database: null,
        maintenance: new Maintenance(null, 'Asia/Tokyo'),
      });
      expect([board.notices, board.readAt, board.databaseState]).toEqual([[], null, 'unknown']);
    },
  );
});

describe('the weekly window, where it is on', () => {
  let weekly: Stage;
  beforeAll(async () => {
    // Of whatever day it is, a Wednesday, for the window is of no use to the preparation.
    now = Date.parse('2026-12-02T12:00:00+09:00');
    weekly = await Stage.open({ now: () => now }, { MAINTENANCE_WINDOW: 'Sat 22:00-Sun 07:00' });
  }, 60_000);
  afterAll(() => weekly?.close());
  const at = async (text: string, headers: Record<string, string> = {}) => {
    now = Date.parse(text);
    return fetch(`http://127.0.0.1:${weekly.running.port}/fhir/Patient`, { headers });
  };

  it('closes on Saturday at 22:00:00 and opens on Sunday at 07:00:00', async () => {
    const statusAt = async (text: string) => {
      const response = await at(text);
      return [response.status, response.headers.get('retry-after')];
    };
    expect(await statusAt('2026-12-05T21:59:59.999+09:00')).toEqual([401, null]);
    expect(await statusAt('2026-12-05T22:00:00+09:00')).toEqual([503, String(9 * 3600)]);
    expect(await statusAt('2026-12-05T23:59:59.999+09:00')).toEqual([503, String(7 * 3600 + 1)]);
    expect(await statusAt('2026-12-06T06:59:59+09:00')).toEqual([503, '1']);
    expect(await statusAt('2026-12-06T07:00:00+09:00')).toEqual([401, null]);
    const text = await (await fetch(`http://127.0.0.1:${weekly.running.port}/status`)).text();
    expect(text).toContain('土曜日 22:00');
  });

  it('keeps no report of a theft waiting: a process for the operator alone suspends meanwhile', async () => {
    const [thief, operator] = await Promise.all([weekly.clinic.token(), weekly.network.operator.token()]);
    const with_ = (token: string) => ({ authorization: `Bearer ${token}` });
    expect((await at('2026-12-05T21:59:00+09:00', with_(thief))).status).toBe(200);
    expect((await at('2026-12-05T23:00:00+09:00', with_(thief))).status).toBe(503);
    const env = { IDENTITY_SECRET_FILE: weekly.server.config.identitySecretFile, MAINTENANCE_WINDOW: '-' };
    const aside = await startServer({ database: weekly.clone, env });
    try {
      const suspended = await fetch(`http://127.0.0.1:${aside.port}/fhir/${weekly.clinic.organization}/$suspend`, {
        method: 'POST',
        headers: { ...with_(operator), 'content-type': 'application/fhir+json' },
        body: JSON.stringify(parameters({ reason: 'theft', text: '端末の盗難' })),
      });
      expect(suspended.status).toBe(200);
    } finally {
      await aside.stop();
    }
    expect((await at('2026-12-06T07:00:00+09:00', with_(thief))).status).toBe(401);
    await expect(weekly.clinic.get('Patient')).resolves.toMatchObject({ status: 401 });
  }, 60_000);
});
