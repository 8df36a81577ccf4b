import { randomUUID } from 'node:crypto';
import type { Member } from '../support/network.ts';
import { type Asked, HIDDEN, type HiddenType, openSecret, type Secret, send, toText, withoutStamps } from './secret.ts';

/**
 * What is invisible does not exist: of whatever an institution asks by an id, the answer for a hidden resource is that for an id that
 * nobody ever gave, to the byte.
 */

let secret: Secret;
beforeAll(async () => {
  secret = await openSecret();
});
afterAll(() => secret.close());

/** Valid bodies, so that nothing but the target can be at fault. */
const BODIES: Readonly<Record<string, object>> = {
  Patient: { name: [{ text: 'x' }] },
  Observation: { status: 'final', code: { text: 'x' } },
  Condition: { subject: { display: 'x' }, code: { text: 'x' } },
  Encounter: { status: 'finished', class: { code: 'AMB' } },
  DiagnosticReport: { status: 'final', code: { text: 'x' } },
  DocumentReference: { status: 'current', content: [{ attachment: { title: 'x' } }] },
  Binary: { contentType: 'text/plain', data: 'eA==' },
  Bundle: { type: 'collection' },
  Provenance: { target: [{ display: 'x' }], recorded: '2026-01-10T00:00:00Z', agent: [{ who: { display: 'x' } }] },
  List: { status: 'current', mode: 'working' },
  ServiceRequest: { status: 'active', intent: 'order', subject: { display: 'x' } },
  Communication: { status: 'completed' },
  Task: { status: 'requested', intent: 'order' },
  QuestionnaireResponse: { status: 'completed' },
  Contract: {},
  Practitioner: { name: [{ family: 'x' }] },
  Location: { name: 'x' },
  Schedule: { actor: [{ display: 'x' }] },
  Slot: { schedule: { display: 'x' }, status: 'free', start: '2026-12-01T09:00:00Z', end: '2026-12-01T09:30:00Z' },
  OrganizationAffiliation: { active: true },
};

const entryOf = (method: string, url: string, more: object = {}, resource?: object) => ({
  ...(resource && { resource }),
  request: { method, url, ...more },
});
const bundle = (type: string, ...entry: object[]) => ({ resourceType: 'Bundle', type, entry });

/** Everything that names one resource by its id. */
const REQUESTS: Readonly<Record<string, (type: string, id: string, body: object) => Asked>> = {
  read: (type, id) => ({ method: 'GET', path: `${type}/${id}` }),
  'read as XML': (type, id) => ({ method: 'GET', path: `${type}/${id}`, headers: { accept: 'application/fhir+xml' } }),
  'read as it is': (type, id) => ({ method: 'GET', path: `${type}/${id}`, headers: { accept: 'text/plain' } }),
  'read the head': (type, id) => ({ method: 'HEAD', path: `${type}/${id}` }),
  'read if changed': (type, id) => ({ method: 'GET', path: `${type}/${id}`, headers: { 'if-none-match': 'W/"1"' } }),
  'read if modified': (type, id) => ({
    method: 'GET',
    path: `${type}/${id}`,
    headers: { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' },
  }),
  vread: (type, id) => ({ method: 'GET', path: `${type}/${id}/_history/1` }),
  'vread what is not yet': (type, id) => ({ method: 'GET', path: `${type}/${id}/_history/2` }),
  history: (type, id) => ({ method: 'GET', path: `${type}/${id}/_history` }),
  'history since': (type, id) => ({ method: 'GET', path: `${type}/${id}/_history?_since=2999-01-01T00:00:00Z` }),
  'history by page': (type, id) => ({ method: 'GET', path: `${type}/${id}/_history?_count=1&_cursor=AAAA` }),
  update: (type, id, body) => ({ method: 'PUT', path: `${type}/${id}`, body }),
  'update of the version': (type, id, body) => ({
    method: 'PUT',
    path: `${type}/${id}`,
    body,
    headers: { 'if-match': 'W/"1"' },
  }),
  'update of another version': (type, id, body) => ({
    method: 'PUT',
    path: `${type}/${id}`,
    body,
    headers: { 'if-match': 'W/"9"' },
  }),
  'update for nothing in return': (type, id, body) => ({
    method: 'PUT',
    path: `${type}/${id}`,
    body,
    headers: { prefer: 'return=minimal' },
  }),
  'update by what is no resource': (type, id, body) => ({
    method: 'PUT',
    path: `${type}/${id}`,
    body: { ...body, foo: 1 },
  }),
  'update by another id': (type, id, body) => ({
    method: 'PUT',
    path: `${type}/${id}`,
    body: { ...body, id: 'other' },
  }),
  patch: (type, id) => ({ method: 'PATCH', path: `${type}/${id}`, body: [] }),
  delete: (type, id) => ({ method: 'DELETE', path: `${type}/${id}` }),
  'delete the version': (type, id) => ({ method: 'DELETE', path: `${type}/${id}`, headers: { 'if-match': 'W/"1"' } }),
  'search by id': (type, id) => ({ method: 'GET', path: `${type}?_id=${id}&_total=accurate` }),
  'count by id': (type, id) => ({ method: 'GET', path: `${type}?_id=${id}&_summary=count` }),
  'search by form': (type, id) => ({
    method: 'POST',
    path: `${type}/_search`,
    body: `_id=${id}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  }),
  'conditional update': (type, id, { id: _, ...body }: { id?: string }) => ({
    method: 'PUT',
    path: `${type}?_id=${id}`,
    body,
  }),
  'conditional delete': (type, id) => ({ method: 'DELETE', path: `${type}?_id=${id}` }),
  'conditional create': (type, id, { id: _, ...body }: { id?: string }) => ({
    method: 'POST',
    path: type,
    body,
    headers: { 'if-none-exist': `_id=${id}` },
  }),
  'read in a batch': (type, id) => ({
    method: 'POST',
    path: '',
    body: bundle('batch', entryOf('GET', `${type}/${id}`), entryOf('GET', `${type}/${id}/_history/1`)),
  }),
  'write in a batch': (type, id, body) => ({
    method: 'POST',
    path: '',
    body: bundle(
      'batch',
      entryOf('PUT', `${type}/${id}`, { ifMatch: 'W/"1"' }, body),
      entryOf('DELETE', `${type}/${id}`),
    ),
  }),
  'read in a transaction': (type, id) => ({
    method: 'POST',
    path: '',
    body: bundle('transaction', entryOf('GET', `${type}/${id}`)),
  }),
  'update in a transaction': (type, id, body) => ({
    method: 'POST',
    path: '',
    body: bundle('transaction', entryOf('PUT', `${type}/${id}`, {}, body)),
  }),
  'delete in a transaction': (type, id) => ({
    method: 'POST',
    path: '',
    body: bundle('transaction', entryOf('DELETE', `${type}/${id}`)),
  }),
  'condition in a transaction': (type, id) => ({
    method: 'POST',
    path: '',
    body: bundle('transaction', entryOf('DELETE', `${type}?_id=${id}`)),
  }),
  'an operation': (type, id) => ({ method: 'GET', path: `${type}/${id}/$everything` }),
};

/** The same request about the hidden resource and about an id that nobody gave: both answers. */
async function both(
  member: Member,
  type: string,
  id: string,
  make: (type: string, id: string, body: object) => Asked,
): Promise<[string, string]> {
  const ask = async (one: string) => {
    const body = { resourceType: type, id: one, ...BODIES[type] };
    return withoutStamps(toText(await send(member, make(type, one, body)), one));
  };
  return [await ask(id), await ask(randomUUID())];
}

const idOf = (reference: string) => reference.slice(reference.indexOf('/') + 1);

describe.each(Object.keys(REQUESTS))('%s', (name) => {
  const make = REQUESTS[name] as (typeof REQUESTS)[string];

  it.each(HIDDEN)('of a hidden %s is answered as of none', async (type: HiddenType) => {
    const id = idOf(secret.hidden[type]);
    for (const member of [secret.neighbour, secret.outsider]) {
      const [hidden, none] = await both(member, type, id, make);
      expect(hidden).toBe(none);
      expect(hidden).not.toMatch(/^HTTP 5/);
    }
  });

  it('of what is hidden and deleted is answered as of none', async () => {
    for (const member of [secret.neighbour, secret.outsider]) {
      const [hidden, none] = await both(member, 'Observation', idOf(secret.deleted), make);
      expect(hidden).toBe(none);
    }
  });

  it('of another network’s directory is answered as of none', async () => {
    for (const [type, reference] of Object.entries(secret.directory)) {
      const [hidden, none] = await both(secret.outsider, type, idOf(reference), make);
      expect(hidden).toBe(none);
    }
  });
});

describe('an operation on a hidden resource', () => {
  const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
  const OPERATIONS: readonly [string, HiddenType, (id: string) => Asked][] = [
    ['$timeline', 'Patient', (id) => ({ method: 'GET', path: `Patient/${id}/$timeline` })],
    [
      '$timeline of some',
      'Patient',
      (id) => ({ method: 'GET', path: `Patient/${id}/$timeline?_type=Observation&_count=1` }),
    ],
    ['$timeline by page', 'Patient', (id) => ({ method: 'GET', path: `Patient/${id}/$timeline?_cursor=AAAA` })],
    ['$everything', 'Patient', (id) => ({ method: 'GET', path: `Patient/${id}/$everything` })],
    ['$issue-keycode', 'Patient', (id) => ({ method: 'POST', path: `Patient/${id}/$issue-keycode` })],
    [
      '$issue-keycode until',
      'Patient',
      (id) => ({
        method: 'POST',
        path: `Patient/${id}/$issue-keycode`,
        body: parameters({ name: 'expires', valueDate: '2020-01-01' }),
      }),
    ],
    ['$access-report', 'Patient', (id) => ({ method: 'GET', path: `Patient/${id}/$access-report` })],
    ['$withdraw', 'Consent', (id) => ({ method: 'POST', path: `Consent/${id}/$withdraw` })],
    [
      '$withdraw with a reason',
      'Consent',
      (id) => ({
        method: 'POST',
        path: `Consent/${id}/$withdraw`,
        body: parameters({ name: 'reason', valueString: 'x' }),
      }),
    ],
    ['$nothing', 'Patient', (id) => ({ method: 'POST', path: `Patient/${id}/$nothing` })],
  ];

  it.each(OPERATIONS)('%s is answered as on none', async (_, type, make) => {
    const id = idOf(secret.hidden[type]);
    for (const member of [secret.neighbour, secret.outsider]) {
      const [hidden, none] = await both(member, type, id, (_, one) => make(one));
      expect(hidden).toBe(none);
      expect(hidden).not.toMatch(/^HTTP [25]/);
    }
  });

  it('leaves the hidden one as it was', async () => {
    const { hospital, care, hidden } = secret;
    expect((await care.get(hidden.Patient)).status).toBe(200);
    for (const type of HIDDEN.filter((one) => one !== 'Consent')) {
      const { status, body } = await hospital.get(hidden[type]);
      // A contract has been applied for, then accepted.
      expect([type, status, body.meta.versionId]).toEqual([type, 200, type === 'Contract' ? '2' : '1']);
    }
    expect((await hospital.get(hidden.Consent)).body.status).toBe('active');
  });
});
