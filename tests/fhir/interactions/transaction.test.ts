import type { Reply } from '../../support/network.ts';
import { openWorld, type World } from '../../support/world.ts';
import {
  by,
  deleting,
  type Entry,
  fresh,
  getting,
  issue,
  made,
  observation,
  patient,
  posting,
  putting,
  SYSTEM,
  statuses,
  transaction,
  urn,
} from './samples.ts';

let world: World;
let hospital: World['hospital'];
beforeAll(async () => {
  world = await openWorld();
  ({ hospital } = world);
});
afterAll(() => world.close());

const send = (...entries: unknown[]) => hospital.post('', transaction(...entries));
const found = async (value: string): Promise<number> =>
  (await hospital.get(`Patient?${by(value)}&_summary=count`)).body.total;
const read = async (reference: string) => (await hospital.get(reference)).body;

describe('the entries of a transaction', () => {
  it('are processed as DELETE, POST, PUT, GET, and answered in the order in which they were sent', async () => {
    const [kept, gone, changed, born] = [fresh(), fresh(), fresh(), fresh()];
    const one = await hospital.create(patient(kept));
    const two = await hospital.create(patient(gone));
    await hospital.create(patient(changed));
    const reply = await send(
      getting(`Patient?${by(born)}`),
      putting(`Patient/${one.id}`, patient(kept, { id: one.id, active: true }), { ifMatch: 'W/"1"' }),
      posting(patient(born)),
      deleting(`Patient/${two.id}`),
      putting(`Patient?${by(changed)}`, patient(changed, { active: false })),
      deleting(`Patient?${by(fresh())}`),
      getting(`Patient/${two.id}/_history`),
      getting(`Patient/${one.id}`, 'HEAD'),
    );
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ resourceType: 'Bundle', type: 'transaction-response' });
    expect(statuses(reply)).toEqual([200, 200, 201, 204, 200, 204, 200, 200]);
    const [search, update, create, , conditional, , history, head] = reply.body.entry;
    expect(search.resource).toMatchObject({ type: 'searchset', total: 1 });
    expect(update.response).toMatchObject({ etag: 'W/"2"', location: `Patient/${one.id}/_history/2` });
    expect(create.response.etag).toBe('W/"1"');
    expect(conditional.response.etag).toBe('W/"2"');
    expect(history.resource.entry[0].request.method).toBe('DELETE');
    expect(head).not.toHaveProperty('resource');
    expect((await hospital.get(`Patient/${two.id}`)).status).toBe(410);
  });

  it('are stored at one instant', async () => {
    const reply = await send(posting(patient(fresh())), posting(patient(fresh())));
    const [a, b] = await Promise.all([0, 1].map((place) => read(made(reply, place))));
    expect(a.meta.lastUpdated).toBe(b.meta.lastUpdated);
    expect(reply.body.entry[0].response.lastModified).toBe(a.meta.lastUpdated);
  });

  it('come back as Prefer asks', async () => {
    const ask = async (prefer: string) =>
      (await hospital.post('', transaction(posting(patient(fresh()))), { prefer: `return=${prefer}` })).body.entry[0];
    expect(await ask('representation')).toMatchObject({ resource: { resourceType: 'Patient' } });
    expect(await ask('minimal')).not.toHaveProperty('resource');
    expect(await ask('OperationOutcome')).toMatchObject({
      response: { outcome: { issue: [{ severity: 'information' }] } },
    });
  });

  it('may be none', async () => {
    for (const bundle of [transaction(), { resourceType: 'Bundle', type: 'transaction' }]) {
      const reply = await hospital.post('', bundle);
      expect([reply.status, reply.body.type]).toEqual([200, 'transaction-response']);
    }
  });

  it('may name this server in their urls', async () => {
    const reply = await send(putting(`${world.server.baseUrl}/fhir/Patient?${by(fresh())}`, patient(fresh())));
    expect(statuses(reply)).toEqual([201]);
  });
});

describe('references of a transaction', () => {
  it('by urn:uuid become the new ids, in circles too', async () => {
    const [a, b, c] = [urn(), urn(), urn()];
    const other = (to: string) => ({ link: [{ other: { reference: to }, type: 'seealso' }] });
    const reply = await send(
      posting(observation(a), c),
      posting(patient(fresh(), other(b)), a),
      posting(patient(fresh(), other(a)), b),
    );
    const [refA, refB] = [made(reply, 1), made(reply, 2)];
    expect((await read(made(reply, 0))).subject.reference).toBe(refA);
    expect((await read(refA)).link[0].other.reference).toBe(refB);
    expect((await read(refB)).link[0].other.reference).toBe(refA);
    expect((await hospital.get(`Observation?subject=${refA}`)).body.total).toBe(1);
  });

  it('are replaced wherever an address can be, and nowhere else', async () => {
    const [subject, file] = [urn(), urn()];
    const document = {
      resourceType: 'DocumentReference',
      status: 'current',
      text: {
        status: 'generated',
        div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${subject}">a</a><a href='${subject}'>b</a><img src="${file}" alt="c"/> ${subject}</div>`,
      },
      subject: { reference: subject, identifier: { system: 'urn:ietf:rfc:3986', value: subject }, display: subject },
      extension: [
        { url: 'https://x.example/1', valueReference: { reference: subject } },
        { url: 'https://x.example/2', valueUri: file },
        { url: 'https://x.example/3', valueString: file },
      ],
      content: [{ attachment: { contentType: 'text/plain', url: file, title: file } }],
    };
    const binary = { resourceType: 'Binary', contentType: 'text/plain', data: 'eA==' };
    const reply = await send(posting(document), posting(binary, file), posting(patient(fresh()), subject));
    expect(reply.status).toBe(200);
    const [refFile, refSubject] = [made(reply, 1), made(reply, 2)];
    const stored = await read(made(reply, 0));
    expect(stored.text.div).toBe(
      `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${refSubject}">a</a><a href='${refSubject}'>b</a><img src="${refFile}" alt="c"/> ${subject}</div>`,
    );
    expect(stored.subject).toEqual({ ...document.subject, reference: refSubject });
    expect(stored.extension.map((one: object) => Object.values(one)[1])).toEqual([
      { reference: refSubject },
      refFile,
      file,
    ]);
    expect(stored.content[0].attachment).toEqual({ contentType: 'text/plain', url: refFile, title: file });
  });

  it('mean the entries beside them when their fullUrls are addresses of another server', async () => {
    const base = `https://old.example/${fresh()}/fhir`;
    const reply = await send(
      posting(observation('Patient/1'), `${base}/Observation/1`),
      posting(observation(`${base}/Patient/1`)),
      posting(patient(fresh()), `${base}/Patient/1`),
    );
    for (const place of [0, 1]) expect((await read(made(reply, place))).subject.reference).toBe(made(reply, 2));
    const elsewhere = await send(posting(observation('Patient/1')), posting(patient(fresh()), `${base}/Patient/1`));
    expect(issue(elsewhere).diagnostics).toContain('Patient/1 does not exist');
  });

  it('may be searches that match one resource', async () => {
    const value = fresh();
    const { id } = await hospital.create(patient(value));
    const reply = await send(
      posting(observation(`Patient?${by(value)}`)),
      posting(observation(`Patient?${by(value)}`)),
    );
    for (const place of [0, 1]) expect((await read(made(reply, place))).subject.reference).toBe(`Patient/${id}`);
  });

  it.each([
    ['nothing', 0, 'not-found'],
    ['several resources', 2, 'multiple-matches'],
  ])('that are searches and match %s refuse the whole, naming the entry', async (_, count, code) => {
    const [value, beside] = [fresh(), fresh()];
    for (let i = 0; i < count; i++) await hospital.create(patient(value));
    const reply = await send(
      putting(`Patient?${by(beside)}`, patient(beside)),
      posting(observation(`Patient?${by(value)}`)),
    );
    expect(reply.status).toBe(412);
    expect(issue(reply)).toMatchObject({ code, expression: ['Bundle.entry[1].resource.ofType(Observation).subject'] });
    expect(await found(beside)).toBe(0);
  });

  it('reach what a conditional create has found', async () => {
    const value = fresh();
    const { id } = await hospital.create(patient(value));
    const name = urn();
    const reply = await send(posting(observation(name)), posting(patient(value), name, { ifNoneExist: by(value) }));
    expect(statuses(reply)).toEqual([201, 200]);
    expect((await read(made(reply, 0))).subject.reference).toBe(`Patient/${id}`);
    expect(await found(value)).toBe(1);
  });

  it('that are searches choose among what there will be once the transaction is done', async () => {
    const [born, changed, gone] = [fresh(), fresh(), fresh()];
    const one = await hospital.create(patient(fresh()));
    const two = await hospital.create(patient(gone));
    const reply = await send(
      posting(observation(`Patient?${by(born)}`)),
      posting(observation(`Patient?${by(changed)}&birthdate=1950`)),
      posting(observation(`Patient?${by(gone)}`)),
      posting(patient(born)),
      posting(patient(gone)),
      putting(`Patient/${one.id}`, patient(changed, { id: one.id, birthDate: '1950-03-01' })),
      deleting(`Patient/${two.id}`),
    );
    expect(statuses(reply)).toEqual([201, 201, 201, 201, 201, 200, 204]);
    const subjects = await Promise.all(
      [0, 1, 2].map(async (place) => (await read(made(reply, place))).subject.reference),
    );
    expect(subjects).toEqual([made(reply, 3), `Patient/${one.id}`, made(reply, 4)]);
  });

  it('that are searches are refused where what there was and what there will be both match', async () => {
    const value = fresh();
    await hospital.create(patient(value));
    const reply = await send(posting(observation(`Patient?${by(value)}`)), posting(patient(value)));
    expect([reply.status, issue(reply).code]).toEqual([412, 'multiple-matches']);
    const chained = await send(posting(observation('Patient?organization.name=x')), posting(patient(value)));
    expect([chained.status, issue(chained).code]).toEqual([400, 'not-supported']);
    expect(await found(value)).toBe(1);
  });

  it('must not lead to what the same transaction deletes', async () => {
    const value = fresh();
    const { id } = await hospital.create(patient(value));
    const attempts: [string, number][] = [
      [`Patient/${id}`, 422],
      [`Patient?${by(value)}`, 412],
    ];
    for (const [reference, status] of attempts) {
      const reply = await send(posting(observation(reference)), deleting(`Patient/${id}`));
      expect(reply.status).toBe(status);
      expect(issue(reply).expression).toEqual(['Bundle.entry[0].resource.ofType(Observation).subject']);
    }
    expect(await found(value)).toBe(1);
  });
});

describe('a transaction is refused as a whole, and names the entry', () => {
  const beside = fresh();
  const name = urn();
  const twice = fresh();
  let known: string;
  beforeAll(async () => {
    known = (await hospital.create(patient(twice))).id;
  });

  const cases: [string, () => unknown[], number, string][] = [
    ['a read that finds nothing', () => [getting('Patient/none')], 404, 'Bundle.entry[1]'],
    ['a search that cannot be', () => [getting('Patient?nothing=x')], 400, 'Bundle.entry[1]'],
    [
      'a reference to nothing',
      () => [posting(observation('Patient/none'))],
      422,
      'Bundle.entry[1].resource.ofType(Observation).subject',
    ],
    [
      'a reference of the wrong type',
      () => [posting(patient(fresh(), { managingOrganization: { reference: `Patient/${known}` } }))],
      422,
      'Bundle.entry[1].resource.ofType(Patient).managingOrganization',
    ],
    [
      'a resource that is not valid',
      () => [posting(patient(fresh(), { gender: 'x' }))],
      422,
      'Bundle.entry[1].resource.ofType(Patient).gender',
    ],
    [
      'a resource of another type',
      () => [{ ...posting(patient(fresh())), request: { method: 'POST', url: 'Basic' } }],
      400,
      'Bundle.entry[1].resource.resourceType',
    ],
    ['no resource', () => [{ request: { method: 'POST', url: 'Patient' } }], 400, 'Bundle.entry[1]'],
    ['no request', () => [{ resource: patient(fresh()) }], 400, 'Bundle.entry[1].request'],
    ['nothing', () => [null], 400, 'Bundle.entry[1].request'],
    [
      'another method',
      () => [{ request: { method: 'PATCH', url: `Patient/${known}` } }],
      400,
      'Bundle.entry[1].request.method',
    ],
    ['another server', () => [getting('https://other.example/fhir/Patient')], 400, 'Bundle.entry[1].request.url'],
    [
      'an operation that writes',
      () => [{ ...posting(patient(fresh())), request: { method: 'POST', url: 'Patient/$match' } }],
      400,
      'Bundle.entry[1].request.url',
    ],
    [
      'a version that is not the current one',
      () => [putting(`Patient/${known}`, patient(twice, { id: known }), { ifMatch: 'W/"7"' })],
      412,
      'Bundle.entry[1]',
    ],
    [
      'a deletion of what is not the current version',
      () => [deleting(`Patient?${by(twice)}`, { ifMatch: 'W/"7"' })],
      412,
      'Bundle.entry[1]',
    ],
    ['an update of nothing', () => [putting('Patient/none', patient(fresh(), { id: 'none' }))], 404, 'Bundle.entry[1]'],
    [
      'a resource that is changed twice',
      () => [putting(`Patient/${known}`, patient(twice, { id: known })), deleting(`Patient?${by(twice)}`)],
      400,
      'Bundle.entry[1]',
    ],
    [
      'a resource that one entry finds and another deletes',
      () => [posting(patient(twice), undefined, { ifNoneExist: by(twice) }), deleting(`Patient/${known}`)],
      400,
      'Bundle.entry[1]',
    ],
    [
      'one condition twice',
      () => [
        posting(patient('a'), undefined, { ifNoneExist: by('a') }),
        posting(patient('a'), undefined, { ifNoneExist: by('a') }),
      ],
      400,
      'Bundle.entry[2]',
    ],
    [
      'one condition twice, written in two ways',
      () => [
        posting(patient('a'), undefined, { ifNoneExist: by('a') }),
        putting(`Patient?identifier=${encodeURIComponent(`${SYSTEM}|a`)}&_format=json`, patient('a')),
      ],
      400,
      'Bundle.entry[2]',
    ],
    ['one fullUrl twice', () => [posting(patient('a'), name), posting(patient('b'), name)], 400, 'Bundle.entry[2]'],
  ];

  it.each(cases)('%s', async (_, entries, status, expression) => {
    const reply = await send(posting(patient(beside)), ...entries());
    expect(reply.status).toBe(status);
    expect(issue(reply).expression).toEqual([expression]);
    expect(await found(beside)).toBe(0);
    expect((await hospital.get(`Patient/${known}`)).headers.get('etag')).toBe('W/"1"');
  });

  it.each([
    ['too many entries', { entry: Array(1001).fill(getting('metadata')) }, 413],
    ['entries that are no list', { entry: {} }, 400],
    ['another type of Bundle', { type: 'document', entry: [] }, 400],
  ])('%s', async (_, more, status) => {
    const reply = await hospital.post('', { ...transaction(), ...more });
    expect(reply.status).toBe(status);
    expect(issue(reply).severity).toBe('error');
  });
});

describe('a read inside a transaction', () => {
  it('sees what was written, and is audited with it', async () => {
    const value = fresh();
    const name = urn();
    const reply = await send(posting(patient(value), name), getting(`Patient?${by(value)}`));
    const { id } = reply.body.entry[1].resource.entry[0].resource;
    const audit = await hospital.get(`AuditEvent?patient=Patient/${id}&_sort=date`);
    const subtypes = audit.body.entry.map(
      (entry: { resource: { subtype: { code: string }[] } }) => entry.resource.subtype[0]?.code,
    );
    expect(subtypes).toEqual(expect.arrayContaining(['create', 'search-type']));
  });

  it.each([
    ['$everything', (id: string) => `Patient/${id}/$everything`],
    ['$timeline', (id: string) => `Patient/${id}/$timeline`],
    ['$access-report', (id: string) => `Patient/${id}/$access-report`],
    ['the capabilities', () => 'metadata'],
  ])('may be %s', async (_, url) => {
    const { id } = await hospital.create(patient(fresh()));
    const reply: Reply = await send(posting(patient(fresh())), getting(url(id)));
    expect(statuses(reply)).toEqual([201, 200]);
  });
});

it.each(['ifMatch', 'ifNoneExist', 'ifNoneMatch', 'ifModifiedSince'])(
  'a condition that is no text is refused, not dropped: %s',
  async (name) => {
    for (const value of [3, {}, ['x'], null, true]) {
      const identifier = fresh();
      const entry = { ...posting(patient(identifier)), request: { method: 'POST', url: 'Patient', [name]: value } };
      const reply = await send(entry);
      expect([reply.status, issue(reply).expression]).toEqual([400, [`Bundle.entry[0].request.${name}`]]);
      const each = await hospital.post('', { resourceType: 'Bundle', type: 'batch', entry: [entry] });
      expect(statuses(each)).toEqual([400]);
      expect(await found(identifier)).toBe(0);
    }
  },
);

it('searches in place of references are bounded, in one resource too', async () => {
  const list = (count: number) => ({
    resourceType: 'List',
    status: 'current',
    mode: 'working',
    entry: Array.from({ length: count }, (_, i) => ({ item: { reference: `Patient?identifier=${SYSTEM}|${i}` } })),
  });
  for (const send of [
    (body: object) => hospital.post('List', body),
    (body: object) => hospital.post('', transaction(posting(body as never))),
  ]) {
    const many = await send(list(1001));
    expect([many.status, issue(many).code]).toEqual([400, 'too-costly']);
    expect((await send(list(3))).status).toBe(412);
  }
});

it('a version that is asked for is heeded, whatever it is, or none', async () => {
  const { id } = await hospital.create(patient(fresh()));
  const put = (url: string, ifMatch: string) => putting(url, patient(fresh(), { id: url.split('/')[1] }), { ifMatch });
  expect((await send(put(`Patient/${id}`, 'W/"2"'))).status).toBe(412);
  expect((await send(put(`Patient/${id}`, '*'))).status).toBe(200);
  expect((await send(put(`Patient/${fresh()}`, '*'))).status).toBe(412);
  expect((await send(deleting(`Patient/${id}`, { ifMatch: 'W/"1"' }))).status).toBe(412);
  expect((await send(deleting(`Patient/${id}`, { ifMatch: '*' }))).status).toBe(200);
});

it('a transaction that another institution sends sees and changes nothing of this one', async () => {
  const value = fresh();
  const { id } = await hospital.create(patient(value));
  const entries: Entry[][] = [
    [getting(`Patient/${id}`)],
    [putting(`Patient/${id}`, patient(value, { id }))],
    [deleting(`Patient/${id}`)],
    [posting(observation(`Patient/${id}`))],
    [posting(observation(`Patient?${by(value)}`))],
  ];
  const replies = await Promise.all(entries.map((entry) => world.stranger.post('', transaction(...entry))));
  expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 422, 412]);
  expect(replies.map(({ text }) => text.includes(id))).toEqual([false, false, false, true, false]);
  const created = await world.stranger.post(
    '',
    transaction(posting(patient(value), undefined, { ifNoneExist: by(value) })),
  );
  expect(statuses(created)).toEqual([201]);
});
