import fc from 'fast-check';
import { openWorld, type World } from '../../support/world.ts';
import { by, fresh, patient, transaction } from './samples.ts';

let world: World;
let hospital: World['hospital'];
beforeAll(async () => {
  world = await openWorld();
  ({ hospital } = world);
});
afterAll(() => world.close());

const quantity = (value: string) =>
  `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":${value},"unit":"mg"}}`;

/** The number as it is written in what the server sends. */
const valueIn = (text: string) => /"value":([^,}]+)/.exec(text)?.[1];

describe('decimals come back to the digit', () => {
  const NUMBERS = [
    '1.00',
    '0.10',
    '100',
    '1e3',
    '1E3',
    '1e+3',
    '1.0e-3',
    '1.50E+2',
    '0.0000001',
    '0.00000010',
    '-0.0',
    '-0',
    '0',
    '12345678901234567890',
    '12345678901234567890.10',
    '0.12345678901234567890',
    '9007199254740993',
    '-1.5',
    '1.7976931348623157e308',
  ];

  it.each(NUMBERS)('%s', async (number) => {
    const created = await hospital.post('Observation', quantity(number));
    expect([created.status, valueIn(created.text)]).toEqual([201, number]);
    const { id } = created.body;
    const url = `Observation/${id}`;
    expect(valueIn((await hospital.get(url)).text)).toBe(number);
    expect(valueIn((await hospital.get(`${url}/_history`)).text)).toBe(number);
    expect(valueIn((await hospital.get(`Observation?_id=${id}`)).text)).toBe(number);
    const updated = await hospital.put(url, quantity(number).replace('{', `{"id":"${id}",`));
    expect([updated.status, valueIn(updated.text)]).toEqual([200, number]);
  });

  it('in a transaction too, beside references that are replaced', async () => {
    const name = 'urn:uuid:11111111-1111-4111-8111-111111111111';
    const entries = NUMBERS.map(
      (number) =>
        `{"resource":${quantity(number).replace('{', `{"subject":{"reference":"${name}"},`)},"request":{"method":"POST","url":"Observation"}}`,
    );
    entries.push(
      `{"fullUrl":"${name}","resource":${JSON.stringify(patient(fresh()))},"request":{"method":"POST","url":"Patient"}}`,
    );
    const bundle = JSON.stringify(transaction()).replace('[]', `[${entries.join()}]`);
    const reply = await hospital.post('', bundle, { prefer: 'return=representation' });
    expect(reply.status).toBe(200);
    expect([...reply.text.matchAll(/"value":([^,}]+),"unit"/g)].map(([, value]) => value)).toEqual(NUMBERS);
    expect(reply.body.entry[0].resource.subject.reference).toMatch(/^Patient\//);
  });

  it('and a decimal of an extension, of a Range and of an Attachment of no size', async () => {
    const text =
      '{"resourceType":"Basic","extension":[{"url":"https://x.example/a","valueDecimal":2.0},{"url":"https://x.example/b","valueRange":{"low":{"value":0.50},"high":{"value":1e1}}}],"code":{"text":"x"}}';
    const reply = await hospital.post('Basic', text);
    expect(reply.status).toBe(201);
    expect(reply.text).toContain('"valueDecimal":2.0}');
    expect(reply.text).toContain('"low":{"value":0.50},"high":{"value":1e1}');
  });

  it('are found by what they are, not by how they are written', async () => {
    const code = fresh();
    const text = quantity('5.40').replace('"text":"x"', `"coding":[{"code":"${code}"}]`);
    await hospital.post('Observation', text);
    for (const search of ['5.4', '5.40', '54e-1', 'gt5.3', 'lt5.41'])
      expect([search, (await hospital.get(`Observation?code=${code}&value-quantity=${search}`)).body.total]).toEqual([
        search,
        1,
      ]);
    expect((await hospital.get(`Observation?code=${code}&value-quantity=5.6`)).body.total).toBe(0);
  });

  it('any decimal', async () => {
    const digits = (least: number, most: number) =>
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: least, maxLength: most }).map((d) => d.join(''));
    const decimal = fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.oneof(
          fc.constant('0'),
          fc.tuple(fc.integer({ min: 1, max: 9 }), digits(0, 12)).map(([d, rest]) => `${d}${rest}`),
        ),
        fc.option(digits(1, 12)),
        fc.option(fc.tuple(fc.constantFrom('e', 'E'), fc.constantFrom('', '+', '-'), digits(1, 2))),
      )
      .map(
        ([sign, whole, fraction, exponent]) =>
          `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : exponent.join('')}`,
      );
    await fc.assert(
      fc.asyncProperty(fc.array(decimal, { minLength: 20, maxLength: 20 }), async (numbers) => {
        const extension = numbers.map((number) => `{"url":"https://x.example/n","valueDecimal":${number}}`);
        const reply = await hospital.post(
          'Basic',
          `{"resourceType":"Basic","extension":[${extension.join()}],"code":{"text":"x"}}`,
        );
        expect(reply.status).toBe(201);
        expect([...reply.text.matchAll(/"valueDecimal":([^}]+)/g)].map(([, number]) => number)).toEqual(numbers);
      }),
      { numRuns: 25, seed: 20261122 },
    );
  });
});

describe('texts come back to the code point', () => {
  const TEXTS = {
    'outside of the basic plane': '𠮷野家 𩸽 😀',
    'ideographic variation sequences': '葛\u{E0100}城 辻\u{E0101}',
    'standardized variation sequences': '神\uFE00',
    'CJK compatibility ideographs': '\uFA19\uFA10',
    'half-width kana': 'ﾔﾏﾀﾞ ﾀﾛｳ',
    'full-width letters': 'Ａｂｃ　１２３',
    'combining marks, composed and decomposed': 'が か\u3099 \u00e9 e\u0301',
    'joined emoji': '👨‍👩‍👧',
    'right to left': 'שלום \u202Eabc\u202C',
    'quotes and slashes': '"\\/',
    'line ends': 'a\tb\r\nc',
    'what JavaScript takes for line ends': 'a\u2028b\u2029c',
    'noncharacters and the last code point': '\uFFFF \u{10FFFF}',
    'what could be markup': '<b>&amp;</b> {{x}} $y %41 \\u0041',
    'what could be SQL': "'; DROP TABLE resource; --",
  };

  it.each(Object.entries(TEXTS))('%s', async (_, text) => {
    const value = fresh();
    const created = await hospital.post('Patient', patient(value, { name: [{ text, family: `${text}x` }] }));
    expect(created.status).toBe(201);
    for (const path of [`Patient/${created.body.id}`, `Patient/${created.body.id}/_history/1`]) {
      const [name] = (await hospital.get(path)).body.name;
      expect(name).toEqual({ text, family: `${text}x` });
    }
    const found = await hospital.get(`Patient?${by(value)}&family:exact=${encodeURIComponent(`${text}x`)}`);
    expect(found.body.total).toBe(1);
  });

  it('a token with a sign in it is found, escaped as searches ask', async () => {
    const value = `a,b|c$d\\e&f=g+h 𠮷 ${fresh()}`;
    await hospital.create(patient(value));
    const escaped = value.replace(/[\\,|$]/g, '\\$&');
    expect((await hospital.get(`Patient?identifier=${encodeURIComponent(escaped)}`)).body.total).toBe(1);
  });

  it('any text', async () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 30 })
      .filter((one) => one.isWellFormed() && !/\p{Cc}/u.test(one) && one.trim() === one && one !== '');
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 20, maxLength: 20 }), async (texts) => {
        const created = await hospital.post('Basic', {
          resourceType: 'Basic',
          code: { coding: texts.map((display) => ({ display })) },
        });
        expect(created.status).toBe(201);
        const { body } = await hospital.get(`Basic/${created.body.id}`);
        expect(body.code.coding.map(({ display }: { display: string }) => display)).toEqual(texts);
      }),
      { numRuns: 25, seed: 20261122 },
    );
  });
});

it('the order of elements, contained resources, extensions of primitives and empty-looking values are kept', async () => {
  const text =
    '{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","name":"x"}],"_birthDate":{"extension":[{"url":"https://x.example/t","valueString":"y"}]},"birthDate":"1950-03-01","name":[{"given":["a",null,"c"],"_given":[null,{"extension":[{"url":"https://x.example/g","valueBoolean":false}]},null]}],"multipleBirthInteger":0,"managingOrganization":{"reference":"#o"}}';
  const created = await hospital.post('Patient', text);
  expect(created.status).toBe(201);
  const stored = (await hospital.get(`Patient/${created.body.id}`)).text;
  expect(stored.replace(/"id":"[^"]+","meta":\{[^}]+\},/, '')).toBe(text);
});
