import fc from 'fast-check';
import { fresh, patient } from '../fhir/interactions/samples.ts';
import type { Member, Reply } from '../support/network.ts';
import { openWorld, type World } from '../support/world.ts';

/** Whatever is sent, the server answers, and never with a defect. The seed is fixed: a failure can be had again. */
const SEED = 20261122;

let world: World;
let hospital: Member;
let subject: string;
beforeAll(async () => {
  world = await openWorld();
  ({ hospital } = world);
  subject = `Patient/${(await hospital.create(patient(fresh()))).id}`;
});
afterAll(() => world.close());
afterAll(() => expect(world.server.logs()).not.toContain('"defect"'));

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

function expectAnswered({ status, body, text }: Reply): void {
  expect([status < 500, text.slice(0, 300)]).toEqual([true, text.slice(0, 300)]);
  if (status >= 400) expect(body.resourceType).toBe('OperationOutcome');
  expect(text).not.toMatch(/\n\s+at |node_modules|\bSELECT\b|\.ts:\d/);
}

/** Several requests at once, so that they also meet each other. */
const WIDTH = 10;
const inParallel = <T>(one: fc.Arbitrary<T>, ask: (value: T) => Promise<Reply>, numRuns = 25) =>
  fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: WIDTH, maxLength: WIDTH }), async (values) => {
      for (const reply of await Promise.all(values.map(ask))) expectAnswered(reply);
    }),
    { numRuns, seed: SEED },
  );

const NAMES = [
  'resourceType',
  'id',
  'meta',
  'extension',
  'url',
  'valueString',
  'valueReference',
  'contained',
  'text',
  'div',
  'status',
  'identifier',
  'system',
  'value',
  'name',
  'family',
  'given',
  '_given',
  'birthDate',
  '_birthDate',
  'gender',
  'link',
  'other',
  'type',
  'reference',
  'code',
  'coding',
  'entry',
  'request',
  'method',
  'fullUrl',
  'resource',
  'ifNoneExist',
  'ifMatch',
  'participant',
  'slot',
  'parameter',
  '__proto__',
  'constructor',
  'toString',
  '',
];
const LEAVES = [
  'Patient',
  'Observation',
  'Bundle',
  'transaction',
  'batch',
  'POST',
  'GET',
  'PUT',
  'DELETE',
  'final',
  'male',
  '2026-11-22',
  '2026-11-22T00:00:00Z',
  'urn:uuid:11111111-1111-4111-8111-111111111111',
  'Patient/1',
  '#x',
  'Patient?identifier=x',
  'Patient',
  '$everything',
  '',
  ' ',
  '\u0000',
  '\ud800',
  '𠮷',
  -1,
  0,
  1.5,
  1e300,
  true,
  false,
  null,
];

const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom(...LEAVES),
    fc.string(),
    fc.double(),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 5 })), tie('tree'), { maxKeys: 6 }),
  ),
}));

/** Resources that the server takes, to be spoilt. */
const samples = (): object[] => [
  patient(fresh(), {
    birthDate: '1950-03-01',
    link: [{ other: { reference: subject }, type: 'seealso' }],
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
  }),
  {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'https://x.example', code: 'x' }] },
    subject: { reference: subject },
    effectivePeriod: { start: '2026-01-01', end: '2026-02-01' },
    valueQuantity: { value: 1.5, unit: 'mg' },
  },
  {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        fullUrl: 'urn:uuid:11111111-1111-4111-8111-111111111111',
        resource: patient(fresh()),
        request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=x' },
      },
      { request: { method: 'GET', url: 'Patient?_count=1' } },
    ],
  },
  {
    resourceType: 'Appointment',
    status: 'proposed',
    start: '2027-01-01T00:00:00Z',
    end: '2027-01-01T01:00:00Z',
    slot: [{ reference: 'Slot/1' }],
    participant: [{ actor: { reference: subject }, status: 'accepted' }],
  },
  {
    resourceType: 'Parameters',
    parameter: [
      { name: 'keycode', valueString: '0000-0000-0000-0000' },
      { name: 'birthDate', valueDate: '1950-03-01' },
      { name: 'attest', valueBoolean: true },
    ],
  },
  {
    resourceType: 'Questionnaire',
    status: 'draft',
    item: [
      {
        linkId: '1',
        type: 'group',
        item: [{ linkId: '1.1', type: 'string', enableWhen: [{ question: '1', operator: '=', answerString: 'x' }] }],
      },
    ],
  },
];

/** Somewhere in the tree, another value. */
function spoil(node: unknown, path: readonly number[], value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined || !node || typeof node !== 'object') return value;
  if (Array.isArray(node)) {
    const at = first % (node.length + 1);
    return [...node.slice(0, at), spoil(node[at], rest, value), ...node.slice(at + 1)];
  }
  const entries = Object.entries(node);
  const at = first % (entries.length + 1);
  const [name, old] = entries[at] ?? [NAMES[first % NAMES.length] as string, undefined];
  return { ...node, [name]: old === undefined ? value : spoil(old, rest, value) };
}

const PATHS = [
  'Patient',
  'Observation',
  'Bundle',
  'Appointment',
  'Appointment/$book',
  '',
  '$redeem-keycode',
  'Questionnaire',
  'Basic',
];

it('any JSON, posted anywhere', async () => {
  await inParallel(fc.tuple(fc.constantFrom(...PATHS), tree), ([path, body]) =>
    hospital.post(path, JSON.stringify(body) ?? ''),
  );
});

it('any JSON as the content of a type', async () => {
  const types = [
    'Patient',
    'Observation',
    'Bundle',
    'Appointment',
    'Consent',
    'Slot',
    'Organization',
    'ServiceRequest',
  ];
  await inParallel(
    fc.tuple(fc.constantFrom(...types), fc.dictionary(fc.constantFrom(...NAMES), tree)),
    ([type, body]) => hospital.post(type, JSON.stringify({ ...body, resourceType: type })),
  );
});

it('a good resource with anything anywhere in it', async () => {
  const edits = fc.array(fc.tuple(fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), tree), {
    minLength: 1,
    maxLength: 3,
  });
  const all = samples();
  await inParallel(
    fc.tuple(fc.nat({ max: all.length - 1 }), edits),
    ([which, changes]) => {
      const body = changes.reduce<unknown>((node, [path, value]) => spoil(node, path, value), all[which]);
      const { resourceType: type } = all[which] as { resourceType: string };
      const path =
        type === 'Bundle'
          ? ''
          : type === 'Parameters'
            ? '$redeem-keycode'
            : type === 'Appointment'
              ? 'Appointment/$book'
              : type;
      return hospital.post(path, JSON.stringify(body) ?? '');
    },
    40,
  );
});

it('any bytes', async () => {
  await inParallel(fc.tuple(fc.constantFrom(...PATHS), fc.uint8Array({ maxLength: 200 })), ([path, bytes]) =>
    hospital.post(path, Buffer.from(bytes)),
  );
});

const PARAMETERS = [
  '_id',
  '_lastUpdated',
  '_tag',
  '_profile',
  '_security',
  '_source',
  '_sort',
  '_count',
  '_total',
  '_summary',
  '_include',
  '_revinclude',
  '_cursor',
  '_has',
  '_format',
  '_pretty',
  'family',
  'name',
  'birthdate',
  'identifier',
  'gender',
  'organization',
  'general-practitioner',
  'link',
  'address',
  'phone',
  'subject',
  'patient',
  'code',
  'date',
  'value-quantity',
  'value-concept',
  'combo-code',
  'status',
  'component-value-quantity',
  'composite',
  'url',
  '__proto__',
  'constructor',
];
const MODIFIERS = [
  '',
  ':exact',
  ':contains',
  ':not',
  ':missing',
  ':text',
  ':in',
  ':above',
  ':below',
  ':of-type',
  ':identifier',
  ':iterate',
  ':Patient',
  ':Organization',
  ':',
  '::',
  ':__proto__',
  '.name',
  '.identifier',
  ':Patient.name',
  ':Observation:subject:code',
  ':Observation:patient:_has:Patient',
];
const VALUES = [
  '',
  'x',
  'true',
  'false',
  '1',
  '1.50',
  '-1',
  '1e3',
  '1e400',
  'gt1',
  'ge2026',
  'lt2026-13',
  'ap2026-11-22',
  'sa2026-11-22T00:00',
  'ne1',
  '2026-11-22T00:00:00+09:00',
  '5.4|http://unitsofmeasure.org|mg',
  '|',
  '||',
  'a|b',
  '|b',
  'a|',
  'a,b',
  ',',
  '\\',
  '\\,',
  '$',
  'Patient/1',
  'Patient',
  'http://x.example/1',
  'urn:x',
  '#1',
  '-family,birthdate',
  'count',
  'accurate',
  'none',
  'Patient:organization',
  'Observation:subject',
  '*',
  '0',
  '99999999999',
  '山田',
  'ﾔﾏﾀﾞ',
  '%',
  '_',
  '\u0000',
  '\ud800',
  '𠮷',
];
const pair = fc.tuple(
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...PARAMETERS) },
    { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
  ),
  fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 3, arbitrary: fc.constantFrom(...MODIFIERS) }),
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...VALUES) },
    { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  ),
);
const encoded = (pairs: readonly (readonly [string, string, string])[]) =>
  pairs
    .map(
      ([name, modifier, value]) =>
        `${encodeURIComponent((name + modifier).toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`,
    )
    .join('&');
const SEARCHED = ['Patient', 'Observation', 'Appointment', 'Organization', 'AuditEvent', 'Consent', 'Questionnaire'];

it('any search', async () => {
  await inParallel(
    fc.tuple(fc.constantFrom(...SEARCHED), fc.array(pair, { minLength: 1, maxLength: 4 }), fc.boolean()),
    ([type, pairs, lenient]) =>
      hospital.get(`${type}?${encoded(pairs)}`, lenient ? { prefer: 'handling=lenient' } : {}),
    80,
  );
});

it('any form', async () => {
  await inParallel(
    fc.tuple(fc.constantFrom(...SEARCHED), fc.string({ unit: 'binary-ascii', maxLength: 60 })),
    ([type, form]) => hospital.post(`${type}/_search`, form, FORM),
  );
});

it('any criteria, history, operation', async () => {
  const places: ((query: string) => Promise<Reply>)[] = [
    (query) => hospital.put(`Patient?${query}`, patient(fresh())),
    (query) => hospital.send('DELETE', `Basic?${query}`),
    (query) => hospital.post('Basic', { resourceType: 'Basic', code: { text: 'x' } }, { 'if-none-exist': query }),
    (query) => hospital.get(`${subject}/_history?${query}`),
    (query) => hospital.get(`${subject}/$timeline?${query}`),
    (query) => hospital.get(`${subject}/$everything?${query}`),
    (query) => hospital.get(`${subject}/$access-report?${query}`),
    (query) => hospital.get(`Appointment/$find?start=2027-01-01&end=2027-01-02&${query}`),
    (query) =>
      hospital.post('', {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [{ request: { method: 'GET', url: `Patient?${query}` } }],
      }),
  ];
  await inParallel(
    fc.tuple(fc.nat({ max: places.length - 1 }), fc.array(pair, { minLength: 1, maxLength: 3 })),
    ([place, pairs]) => (places[place] as (query: string) => Promise<Reply>)(encoded(pairs)),
    40,
  );
});

it('any address and method', async () => {
  const segment = fc.oneof(
    fc.constantFrom(
      'Patient',
      '_history',
      '_search',
      '1',
      '$everything',
      '$book',
      'metadata',
      '',
      '..;', // two dots alone lead to the pages, outside of the FHIR base
      '%00',
      '$',
      '_',
      'Binary',
    ),
    fc.string({ maxLength: 6 }).map((text) => encodeURIComponent(text.toWellFormed())),
  );
  await inParallel(
    fc.tuple(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'), fc.array(segment, { maxLength: 5 })),
    ([method, segments]) => hospital.send(method, segments.join('/')),
    40,
  );
});

it('any headers', async () => {
  const text = fc.string({ unit: fc.constantFrom(...'abcW/"*,;=-_ 0123456789:()<>[]{}%+?&'), maxLength: 30 });
  const names = [
    'accept',
    'content-type',
    'prefer',
    'if-match',
    'if-none-match',
    'if-modified-since',
    'if-none-exist',
    'x-request-id',
    'x-security-context',
    'content-language',
  ];
  const headers = fc.dictionary(fc.constantFrom(...names), text, { maxKeys: 4 });
  const places: ((headers: Record<string, string>) => Promise<Reply>)[] = [
    (more) => hospital.get(subject, more),
    (more) => hospital.post('Basic', { resourceType: 'Basic', code: { text: 'x' } }, more),
    (more) => hospital.post('Binary', 'x', more),
    (more) => hospital.put(subject, patient(fresh(), { id: subject.slice(8) }), more),
    (more) => hospital.send('DELETE', 'Basic/none', undefined, more),
    (more) => hospital.get('Patient?_count=1', more),
  ];
  await inParallel(
    fc.tuple(fc.nat({ max: places.length - 1 }), headers),
    async ([place, more]) => {
      const reply = await (places[place] as (headers: Record<string, string>) => Promise<Reply>)(more);
      // A Binary may be asked for as what it is.
      return reply.status < 400 ? { ...reply, text: '' } : reply;
    },
    40,
  );
});
