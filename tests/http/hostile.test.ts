import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { by, fresh, getting, patient, transaction } from '../fhir/interactions/samples.ts';
import type { Member, Reply } from '../support/network.ts';
import { openWorld, type World } from '../support/world.ts';
import { breakOff, exchange, trickle } from './raw.ts';

const MiB = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/fhir+json' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let world: World;
let hospital: Member;
let port: number;
let slow: ReturnType<typeof trickle>[];

beforeAll(async () => {
  world = await openWorld({ env: { MAX_BODY_BYTES: String(MiB) } });
  ({ hospital } = world);
  port = world.server.port;
  // They take as long as the server lets them; the other tests go on meanwhile.
  slow = [trickle(port, 500), trickle(port, 900)];
});
afterAll(() => world.close());

/** Neither a stack nor SQL nor a path nor the name of a module. */
const INSIDE =
  /\n\s+at |node_modules|\bSELECT\b|\bINSERT\b|\bpg_|postgres|\.ts\b|\/work\/|\/src\/|Error:|undefined|\[object/i;

function expectRefused(reply: Reply, ...allowed: number[]): void {
  expect(allowed).toContain(reply.status);
  expect([reply.body.resourceType, reply.body.issue[0].severity]).toEqual(['OperationOutcome', 'error']);
  expect(reply.text).not.toMatch(INSIDE);
  expect(reply.text.length).toBeLessThan(100_000);
}

/** After each attack: the server is well, and has no defect to tell. */
afterEach(async () => {
  expect((await hospital.get('Patient?_count=1')).status).toBe(200);
  expect(world.server.logs()).not.toContain('"defect"');
});

describe('a body', () => {
  const blank = (bytes: number) => Buffer.alloc(bytes, ' ');
  it.each([
    ['beyond the limit', () => blank(MiB + 1), {}, 413],
    ['of gzip that becomes too much', () => gzipSync(blank(64 * MiB)), { 'content-encoding': 'gzip' }, 413],
    ['of deflate that becomes too much', () => deflateSync(blank(64 * MiB)), { 'content-encoding': 'deflate' }, 413],
    ['of brotli that becomes too much', () => brotliCompressSync(blank(64 * MiB)), { 'content-encoding': 'br' }, 413],
    ['in an encoding that is not known', () => blank(10), { 'content-encoding': 'compress' }, 415],
    ['in several encodings', () => gzipSync(gzipSync('{}')), { 'content-encoding': 'gzip, gzip' }, 415],
    ['that is not what its encoding says', () => blank(10), { 'content-encoding': 'gzip' }, 400],
    ['of gzip that breaks off', () => gzipSync(blank(1000)).subarray(0, 15), { 'content-encoding': 'gzip' }, 400],
  ] as [string, () => Buffer<ArrayBuffer>, Record<string, string>, number][])(
    '%s',
    async (_, body, headers, status) => {
      expectRefused(await hospital.post('Patient', body(), { ...JSON_TYPE, ...headers }), status);
    },
  );

  it('in an encoding that is known is read', async () => {
    const text = JSON.stringify(patient(fresh()));
    for (const [encoding, encode] of Object.entries({ gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }))
      expect([
        encoding,
        (await hospital.post('Patient', encode(text), { ...JSON_TYPE, 'content-encoding': encoding })).status,
      ]).toEqual([encoding, 201]);
  });

  const nested = (depth: number) =>
    `{"resourceType":"Basic","code":{"text":"x"},"extension":${'[{"url":"https://x.example","extension":'.repeat(depth)}[]${'}]'.repeat(depth)}}`;
  it.each([
    ['that nests too deep', nested(40)],
    ['of a hundred thousand brackets', '['.repeat(100_000)],
    ['of a hundred thousand braces', '{"a":'.repeat(100_000)],
    ['that only closes', ']'.repeat(100_000)],
    ['of one string without an end', `"${'a'.repeat(500_000)}`],
    ['of backslashes', `"${'\\'.repeat(500_001)}"`],
    ['of quotes', '"'.repeat(500_001)],
    ['of blanks after a colon', `{"a":${' '.repeat(500_000)}`],
    ['of digits', `[${'1'.repeat(500_000)}]`],
    ['of digits and points', `[${'1.'.repeat(250_000)}]`],
    ['of commas', `[${','.repeat(500_000)}]`],
    ['that is a number', '1'],
    ['that is a text', '"x"'],
    ['that is null', 'null'],
    ['that is a list', '[{"resourceType":"Patient"}]'],
    ['whose type is no text', '{"resourceType":{"x":1}}'],
    ['whose type is __proto__', '{"resourceType":"__proto__"}'],
    ['with text after it', '{"resourceType":"Patient"}x'],
    ['with a comment', '{"resourceType":"Patient"/**/}'],
    ['with a comma at the end', '{"resourceType":"Patient",}'],
    ['with NaN', '{"resourceType":"Basic","extension":[{"url":"x","valueDecimal":NaN}]}'],
    ['with a raw NUL', '{"resourceType":"Patient","language":"j\u0000a"}'],
    ['with a raw control character', '{"resourceType":"Patient","language":"j\u0001a"}'],
    ['with an escaped NUL', '{"resourceType":"Patient","name":[{"text":"a\\u0000b"}]}'],
    ['with an escaped NUL in a name', '{"resourceType":"Patient","a\\u0000":1}'],
    ['with half of a surrogate pair', '{"resourceType":"Patient","name":[{"text":"\\ud842"}]}'],
    ['with the other half', '{"resourceType":"Patient","name":[{"text":"\\udfb7"}]}'],
    ['with halves in the wrong order', '{"resourceType":"Patient","name":[{"text":"\\udfb7\\ud842"}]}'],
    ['with a member twice', '{"resourceType":"Patient","gender":"male","gender":"female"}'],
    ['with a member twice, once escaped', '{"resourceType":"Patient","gender":"male","gend\\u0065r":"female"}'],
    ['with a member twice inside', '{"resourceType":"Patient","name":[{"text":"a","text":"b"}]}'],
  ])('%s', async (_, body) => {
    expectRefused(await hospital.post('Patient', body), 400);
    expectRefused(await hospital.post('', body), 400);
  });

  it.each([
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond the last code point', [0xf4, 0x90, 0x80, 0x80]],
    ['broken off', [0xe3, 0x81]],
    ['Shift_JIS', [0x93, 0xfa, 0x96, 0x7b]],
  ])('that is not UTF-8: %s', async (_, bytes) => {
    const [before, after] = JSON.stringify(patient('?')).split('?') as [string, string];
    expectRefused(
      await hospital.post('Patient', Buffer.from([...Buffer.from(before), ...bytes, ...Buffer.from(after)])),
      400,
    );
  });

  it.each([
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '__defineGetter__',
    '',
    '.',
    '$ref',
    'resource Type',
  ])('with a member that no type has: %j', async (name) => {
    const key = JSON.stringify(name);
    for (const body of [
      `{"resourceType":"Patient",${key}:{"isAdmin":true}}`,
      `{"resourceType":"Patient","name":[{${key}:{"isAdmin":true}}]}`,
      `{"resourceType":"Patient","contained":[{"resourceType":"Organization",${key}:1}]}`,
      `{"resourceType":"Patient","_${name}":{"id":"x"}}`,
      `{"resourceType":"Patient","extension":[{"url":"https://x.example",${key}:1}]}`,
    ])
      expectRefused(await hospital.post('Patient', body), 422);
    expect((await hospital.create(patient(fresh()))).isAdmin).toBeUndefined();
  });

  it.each([
    ['1e999', 422],
    ['-1e999', 422],
    ['1e-999', 201],
    [`1${'0'.repeat(400)}`, 422],
    [`0.${'1'.repeat(5000)}`, 201],
  ])('with the number %s', async (number, status) => {
    const observation = `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":${number}}}`;
    const reply = await hospital.post('Observation', observation);
    expect(reply.status).toBe(status);
    if (status === 201) expect(reply.text).toContain(`"value":${number}}`);
    else expectRefused(reply, status);
    expect((await hospital.get(`Observation?value-quantity=${number.slice(0, 100)}`)).status).toBeLessThan(500);
  });

  it('with very many members, items or errors gets a short answer', async () => {
    const members = Array.from({ length: 30_000 }, (_, i) => `"a${i}":1`).join();
    expectRefused(await hospital.post('Patient', `{"resourceType":"Patient",${members}}`), 422);
    const items = Array(30_000).fill('{"text":1}').join();
    expectRefused(await hospital.post('Patient', `{"resourceType":"Patient","name":[${items}]}`), 422);
    const references = Array(10_000).fill('{"reference":"Organization/none"}').join();
    expectRefused(
      await hospital.post('Patient', `{"resourceType":"Patient","generalPractitioner":[${references}]}`),
      400,
      422,
    );
  });

  it('of a resource with very many names is stored or refused, not more', async () => {
    const names = Array.from({ length: 8000 }, (_, i) => ({ family: `姓${i}` }));
    const reply = await hospital.post('Patient', { resourceType: 'Patient', name: names });
    expect([201, 400]).toContain(reply.status);
  });

  it('of a Bundle with too many entries', async () => {
    expectRefused(await hospital.post('', transaction(...Array(10_001).fill({}))), 413);
    expectRefused(await hospital.post('', { ...transaction(...Array(10_001).fill({})), type: 'batch' }), 413);
  });
});

describe('a text that could keep a regular expression busy', () => {
  const many = (text: string) => text.repeat(Math.floor(60_000 / text.length));
  const texts = [
    'a',
    ' ',
    '.',
    '0',
    '-',
    '1.',
    'a.',
    '/',
    '<',
    '&',
    '=',
    'A=',
    '\\',
    '"',
    '<a ',
    '<a b="',
    '&amp',
    '<!--',
    '１',
    'ー',
    '\u0301',
    '𠮷',
    'http://',
    'urn:',
    '%',
    '?a=',
    '2026-',
    'T00:',
  ].map((one) => many(one));
  const holders: [string, (text: string) => object][] = [
    ['string', (text) => ({ name: [{ text }] })],
    ['date', (text) => ({ birthDate: text })],
    ['dateTime', (text) => ({ deceasedDateTime: text })],
    ['instant', (text) => ({ meta: { lastUpdated: text } })],
    ['code', (text) => ({ language: text })],
    ['uri', (text) => ({ implicitRules: text })],
    ['canonical', (text) => ({ meta: { profile: [text] } })],
    ['base64Binary', (text) => ({ photo: [{ data: text }] })],
    ['id', (text) => ({ id: text })],
    [
      'xhtml',
      (text) => ({ text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>` } }),
    ],
    ['whole xhtml', (text) => ({ text: { status: 'generated', div: text } })],
    ['reference', (text) => ({ managingOrganization: { reference: text } })],
    ['conditional reference', (text) => ({ managingOrganization: { reference: `Organization?${text}` } })],
    ['identifier', (text) => ({ identifier: [{ system: text, value: text }] })],
    ['resourceType inside', (text) => ({ contained: [{ resourceType: text }] })],
  ];
  it.each(holders)('as %s is stored or refused', async (_, holder) => {
    const replies = await Promise.all(
      texts.map((text) => hospital.post('Patient', { resourceType: 'Patient', ...holder(text) })),
    );
    expect(
      replies
        .filter(({ status }) => status !== 201 && status !== 400 && status !== 412 && status !== 422)
        .map(({ status, text }) => [status, text.slice(0, 200)]),
    ).toEqual([]);
    for (const reply of replies) if (reply.status !== 201) expect(reply.text).not.toMatch(INSIDE);
  });
});

describe('a request', () => {
  const asking = async (lines: string, body = '') =>
    exchange(
      port,
      `${lines}\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${await hospital.token()}\r\nConnection: close\r\n\r\n${body}`,
    );

  it('with headers that trickle in is ended by the server', async () => {
    for (const { lasted, status } of await Promise.all(slow)) {
      expect(status).toBe(408);
      expect(lasted).toBeGreaterThan(9_000);
    }
  }, 60_000);

  it.each([
    ['headers beyond all measure', `GET /fhir/metadata HTTP/1.1\r\nX-Big: ${'a'.repeat(100_000)}`, 431],
    ['very many headers', `GET /fhir/metadata HTTP/1.1\r\n${'X-Many: a\r\n'.repeat(5000)}X: y`, 431],
    ['an address beyond all measure', `GET /fhir/Patient?name=${'a'.repeat(100_000)} HTTP/1.1`, 431],
    ['no version', 'GET /fhir/metadata', 400],
    ['another protocol', 'PRI * HTTP/2.0', 400],
    ['a method that there is not', 'BREW /fhir/metadata HTTP/1.1', 400],
    ['a header without a name', 'GET /fhir/metadata HTTP/1.1\r\n: x', 400],
    ['a NUL in a header', 'GET /fhir/metadata HTTP/1.1\r\nX: a\u0000b', 400],
    ['a NUL in the address', 'GET /fhir/\u0000 HTTP/1.1', 400],
    ['two lengths', 'POST /fhir/Patient HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2', 400],
    ['a length and chunks', 'POST /fhir/Patient HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked', 400],
    ['a length below nothing', 'POST /fhir/Patient HTTP/1.1\r\nContent-Length: -1', 400],
    [
      'chunks that are none',
      'POST /fhir/Patient HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked',
      400,
    ],
    ['an encoding that there is not', 'POST /fhir/Patient HTTP/1.1\r\nTransfer-Encoding: gzip', 400],
  ])('with %s is refused', async (_, lines, status) => {
    const reply = await asking(lines, 'xyz\r\n');
    expect(reply.status).toBe(status);
    expect(reply.text).not.toMatch(INSIDE);
  });

  it('whose body is shorter or longer than it says is not taken', async () => {
    const value = fresh();
    const body = JSON.stringify(patient(value));
    const head = `POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${await hospital.token()}\r\nContent-Type: application/fhir+json\r\n`;
    await breakOff(port, `${head}Content-Length: ${body.length + 10}\r\n\r\n${body}`);
    const longer = await exchange(port, `${head}Connection: keep-alive\r\nContent-Length: 2\r\n\r\n{}${body}`);
    expect(longer.status).toBe(400);
    expect((await hospital.get(`Patient?${by(value)}`)).body.total).toBe(0);
  });

  it.each([
    '/fhir/Patient/%',
    '/fhir/Patient/%zz',
    '/fhir/%c0%af',
    '/fhir/Patient/%ed%a0%80',
    '/fhir/Patient?name=%',
    '/fhir/Patient?name=%zz',
    '/fhir/Patient?%ff=x',
    '/fhir/Patient?name=%00',
    '/fhir/Patient?name=%ed%a0%80',
    '/fhir/Patient?name=%01',
  ])('whose address is not well-formed is 400: %s', async (address) => {
    const { status, text } = await asking(`GET ${address} HTTP/1.1`);
    expect(status).toBe(400);
    expect(text).toContain('"resourceType":"OperationOutcome"');
    expect(text).not.toMatch(INSIDE);
  });

  it.each([
    '/fhir/Patient/../../etc/passwd',
    '/fhir/Patient/..%2f..%2f..%2fetc%2fpasswd',
    '/fhir/Patient/%2e%2e/%2e%2e/etc/passwd',
    '/fhir/Patient/..\\..\\windows\\win.ini',
    '/fhir/Patient/..',
    '/fhir/../src/main.ts',
    '/../../etc/passwd',
    '/fhir/Binary/..%00.png',
    '/fhir//etc//passwd',
  ])('that climbs out of its folder finds nothing: %s', async (address) => {
    const { status, text } = await asking(`GET ${address} HTTP/1.1`);
    expect(status).toBe(404);
    expect(text).not.toMatch(/root:|import /);
  });

  it('gets the configured base in every link, whatever it says about where it was sent', async () => {
    const token = await hospital.token();
    const value = fresh();
    for (const _ of [1, 2]) await hospital.create(patient(value));
    const headers = `Host: evil.example\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher\r\nForwarded: host=evil.example;proto=gopher\r\nAuthorization: Bearer ${token}\r\nConnection: close`;
    const body = JSON.stringify(patient(fresh()));
    const created = await exchange(
      port,
      `POST /fhir/Patient HTTP/1.1\r\n${headers}\r\nContent-Type: application/fhir+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`,
      body,
    );
    expect(created.text).toContain(`Location: ${world.server.baseUrl}/fhir/Patient/`);
    for (const target of ['', 'http://evil.example']) {
      const search = await exchange(
        port,
        `GET ${target}/fhir/Patient?identifier=https%3A%2F%2Fid.example%2Fpatients%7C${value}&_count=1 HTTP/1.1\r\n${headers}\r\n\r\n`,
      );
      expect(search.status).toBe(200);
      expect(search.text).toContain(`"fullUrl":"${world.server.baseUrl}/fhir/Patient/`);
      expect(search.text).toContain('"relation":"next"');
      for (const answer of [created, search]) expect(answer.text).not.toMatch(/evil|gopher/);
    }
  });

  it.each([
    ['accept', `${'application/xml;q=0.1,'.repeat(500)}*/*`, 200],
    ['accept', `${';'.repeat(8000)}`, 406],
    ['if-none-match', `${'W/"x",'.repeat(2000)}"y"`, 200],
    ['if-none-match', `W/"${' '.repeat(8000)}`, 200],
    ['prefer', `return=${'a;'.repeat(5000)}`, 200],
    ['prefer', `${'='.repeat(10_000)}`, 200],
    ['if-modified-since', '9'.repeat(8000), 200],
    ['x-request-id', 'a'.repeat(8000), 200],
    ['x-purpose-of-use', 'a'.repeat(8000), 400],
    ['x-purpose-of-use', 'NOTHING', 400],
    ['content-type', 'a/'.repeat(4000), 200],
    ['authorization', `Bearer ${'a'.repeat(8000)}`, 401],
    ['authorization', `Bearer ${' '.repeat(8000)}x y`, 401],
    ['authorization', `Bearer ${'='.repeat(8000)}`, 401],
  ])('with an odd %s is answered', async (name, value, status) => {
    const { id } = await hospital.create(patient(fresh()));
    expect((await hospital.get(`Patient/${id}`, { [name]: value })).status).toBe(status);
  });
});

describe('an operation on an id that is none', () => {
  it.each(['%00', '$%00', '%24%00%24', '%EF%BF%BF', 'a%2Fb', '$x', '%20'])(
    'is none on nothing, and disturbs nobody who reads at the same moment: %s',
    async (id) => {
      const { clinic } = world;
      const { id: own } = await hospital.create(patient(fresh()));
      for (const operation of ['$timeline', '$everything', '$access-report']) {
        const [bad, ...good] = await Promise.all([
          clinic.get(`Patient/${id}/${operation}`),
          ...Array.from({ length: 20 }, () => hospital.get(`Patient/${own}`)),
          clinic.get(`Patient/${id}/${operation}`),
          ...Array.from({ length: 20 }, () => hospital.get(`Patient?_id=${own}`)),
        ]);
        expect([operation, bad?.status]).toEqual([operation, operation === '$access-report' ? 403 : 404]);
        expect(good.filter(({ status }) => status !== 200).map(({ status }) => status)).toEqual([
          404 - Number(operation === '$access-report'),
        ]);
      }
    },
  );
});

describe('a search', () => {
  const post = (form: string, headers = {}) => hospital.post('Patient/_search', form, { ...FORM, ...headers });

  it.each([
    ['ten thousand values', () => `identifier=${Array.from({ length: 10_000 }, (_, i) => i).join()}`],
    ['a thousand filters', () => Array.from({ length: 1000 }, (_, i) => `identifier=${i}`).join('&')],
    ['a thousand includes', () => Array(1000).fill('_include=Patient:organization').join('&')],
    ['a hundred sort keys', () => `_sort=${Array(100).fill('birthdate').join()}`],
    ['a chain without end', () => `${'organization.partof.'.repeat(200)}name=x`],
    ['a chain that is too long', () => 'general-practitioner:Organization.partof.name=x'],
    ['_has in _has', () => `${'_has:Observation:subject:'.repeat(200)}code=x`],
    ['a count beyond measure', () => '_count=99999999999999'],
    ['a date of many digits', () => `birthdate=${'1'.repeat(100_000)}`],
    ['a date of many zeros', () => `birthdate=ge2026-01-01T00:00:00.${'0'.repeat(100_000)}`],
    ['a name of a parameter without end', () => `${'a'.repeat(100_000)}=x`],
    ['modifiers without end', () => `family${':exact'.repeat(10_000)}=x`],
    ['__proto__', () => '__proto__=x'],
    ['constructor', () => 'constructor=x'],
    ['a modifier __proto__', () => 'family:__proto__=x'],
    ['a sort key __proto__', () => '_sort=__proto__'],
    ['an include __proto__', () => '_include=Patient:__proto__'],
    ['a chain of __proto__', () => '__proto__.constructor=x'],
    ['_has of __proto__', () => '_has:__proto__:__proto__:__proto__=x'],
    ['a prefix and nothing', () => 'birthdate=ge'],
    ['a prefix of a prefix', () => `birthdate=${'ge'.repeat(10_000)}2026`],
  ])('with %s is refused', async (_, form) => {
    expectRefused(await post(form()), 400);
  });

  it.each([
    ['separators', 'identifier=', ['|', ',', '$', '\\', '\\,', '%7C%5C']],
    ['signs of a text', 'family=', ['%', '_', '%25', "'", '"', '(', ')', '*', '\\', '%E3%83%BC', '%CC%81']],
    ['signs of an exact text', 'family:exact=', ['\\', '%F0%A0%AE%B7']],
    ['signs inside of a text', 'name:contains=', ['a', '%25', '\\']],
    ['digits', 'phone=', ['0', '-', '%2B']],
    ['slashes', 'organization=', ['/', 'Organization/', 'http://', 'urn:', '%3F', '%23']],
    ['uris', '_profile=', ['/', ':', '|', '%23']],
  ])('of very many %s is answered', async (_, parameter, signs) => {
    const replies = await Promise.all(signs.map((sign) => post(parameter + sign.repeat(20_000))));
    for (const reply of replies) {
      expect([200, 400]).toContain(reply.status);
      expect(reply.text).not.toMatch(INSIDE);
    }
  });

  it('whose unknown parameters are ignored on request gets a short answer', async () => {
    const form = Array.from({ length: 20_000 }, (_, i) => `a${i}=x`).join('&');
    const reply = await post(`_id=none&${form}`, { prefer: 'handling=lenient' });
    expect([200, 400]).toContain(reply.status);
    expect(reply.text.length).toBeLessThan(100_000);
  });

  it('that reads as SQL finds nothing and changes nothing', async () => {
    const value = fresh();
    await hospital.create(patient(value, { name: [{ family: '甲' }] }));
    for (const text of [`' OR 1=1 --`, `'; DROP TABLE resource; --`, `$1`, `\\'`, `%' AND '%'='`, `1) OR (1=1`]) {
      for (const parameter of [
        'family',
        'family:exact',
        'family:contains',
        'identifier',
        '_id',
        'organization',
        '_tag',
      ])
        expect([text, parameter, (await post(`${parameter}=${encodeURIComponent(text)}`)).body.total ?? 0]).toEqual([
          text,
          parameter,
          0,
        ]);
    }
    expect((await hospital.get(`Patient?${by(value)}`)).body.total).toBe(1);
  });
});

describe('a batch', () => {
  it('of hostile addresses refuses each on its own', async () => {
    const urls = [
      '%',
      '/../../etc/passwd',
      'Patient/../..',
      'Patient/%00',
      'Patient?%ff=x',
      '__proto__',
      'constructor/x',
      'Patient/$__proto__',
      '$constructor',
      'x'.repeat(7999),
      '?'.repeat(7999),
      '/'.repeat(7999),
      'x'.repeat(8001),
      'javascript:alert(1)',
      '//evil.example/Patient',
      'Patient/1/2/3/4/5',
    ];
    const reply = await hospital.post('', { ...transaction(...urls.map((url) => getting(url))), type: 'batch' });
    expect(reply.status).toBe(200);
    for (const [i, { response }] of reply.body.entry.entries())
      expect([urls[i]?.slice(0, 40), response.status]).toEqual([
        urls[i]?.slice(0, 40),
        expect.stringMatching(/^(400|403|404|405) /),
      ]);
    expect(reply.text).not.toMatch(INSIDE);
  });
});
