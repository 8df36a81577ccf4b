import { randomUUID } from 'node:crypto';
import type { Member } from '../support/network.ts';
import { type HiddenType, MARKS, openSecret, type Secret, send, toText, withoutStamps } from './secret.ts';

/**
 * A reference to what is invisible is refused as one to nothing, wherever it stands and however it is written: the refusal is the same
 * to the byte, and nobody can hang something onto a record that is not theirs to see.
 */

let secret: Secret;
/** Of the institution's own, to refer from. */
let own: string;
beforeAll(async () => {
  secret = await openSecret();
  own = `Patient/${(await secret.neighbour.create({ resourceType: 'Patient', name: [{ text: 'own' }] })).id}`;
});
afterAll(() => secret.close());

type Refer = (reference: string) => { readonly resourceType: string };

const ref = (reference: string) => ({ reference });
const observation = (more: object) => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...more });
const communication = (more: object) => ({ resourceType: 'Communication', status: 'completed', ...more });
const task = (more: object) => ({ resourceType: 'Task', status: 'requested', intent: 'order', ...more });
const list = (more: object) => ({ resourceType: 'List', status: 'current', mode: 'working', ...more });

const TO: Readonly<
  Partial<Record<HiddenType | 'Practitioner' | 'Slot' | 'Location', Readonly<Record<string, Refer>>>>
> = {
  Patient: {
    'Observation.subject': (to) => observation({ subject: ref(to) }),
    'Observation.performer': (to) => observation({ subject: ref(own), performer: [ref(to)] }),
    'Observation.focus': (to) => observation({ subject: ref(own), focus: [ref(to)] }),
    'Condition.subject': (to) => ({ resourceType: 'Condition', subject: ref(to) }),
    'Encounter.subject': (to) => ({
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'AMB' },
      subject: ref(to),
    }),
    'ServiceRequest.subject': (to) => ({
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject: ref(to),
    }),
    'Appointment.participant': (to) => ({
      resourceType: 'Appointment',
      status: 'proposed',
      participant: [{ actor: ref(to), status: 'accepted' }],
    }),
    'Communication.subject': (to) => communication({ subject: ref(to) }),
    'Communication.recipient': (to) => communication({ recipient: [ref(to)] }),
    'Task.for': (to) => task({ for: ref(to) }),
    'Task.focus': (to) => task({ focus: ref(to) }),
    'QuestionnaireResponse.subject': (to) => ({
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      subject: ref(to),
    }),
    'Patient.link': (to) => ({ resourceType: 'Patient', link: [{ other: ref(to), type: 'seealso' }] }),
    'RelatedPerson.patient': (to) => ({ resourceType: 'RelatedPerson', patient: ref(to) }),
    'Person.link': (to) => ({ resourceType: 'Person', link: [{ target: ref(to) }] }),
    'Group.member': (to) => ({ resourceType: 'Group', type: 'person', actual: true, member: [{ entity: ref(to) }] }),
    'List.source': (to) => list({ subject: ref(own), source: ref(to) }),
    'Flag.subject': (to) => ({ resourceType: 'Flag', status: 'active', code: { text: 'x' }, subject: ref(to) }),
    'Basic.subject': (to) => ({ resourceType: 'Basic', code: { text: 'x' }, subject: ref(to) }),
    'Binary.securityContext': (to) => ({
      resourceType: 'Binary',
      contentType: 'text/plain',
      data: 'eA==',
      securityContext: ref(to),
    }),
    'Provenance.target': (to) => ({
      resourceType: 'Provenance',
      target: [ref(to)],
      recorded: '2026-01-10T00:00:00Z',
      agent: [{ who: { display: 'x' } }],
    }),
    'an extension': (to) =>
      observation({ subject: ref(own), extension: [{ url: 'https://x.example', valueReference: ref(to) }] }),
    'an extension in a name': (to) => ({
      resourceType: 'Patient',
      name: [{ text: 'x', extension: [{ url: 'https://x.example', valueReference: ref(to) }] }],
    }),
    'a contained resource': (to) =>
      observation({
        subject: ref(own),
        contained: [{ ...observation({ subject: ref(to) }), id: 'c' }],
        hasMember: [ref('#c')],
      }),
    'an annotation': (to) => observation({ subject: ref(own), note: [{ text: 'x', authorReference: ref(to) }] }),
  },
  Observation: {
    'DiagnosticReport.result': (to) => ({
      resourceType: 'DiagnosticReport',
      status: 'final',
      code: { text: 'x' },
      result: [ref(to)],
    }),
    'Observation.hasMember': (to) => observation({ hasMember: [ref(to)] }),
    'List.entry': (to) => list({ entry: [{ item: ref(to) }] }),
    'Communication.payload': (to) => communication({ payload: [{ contentReference: ref(to) }] }),
    'Task.input': (to) => task({ input: [{ type: { text: 'x' }, valueReference: ref(to) }] }),
    'Provenance.entity': (to) => ({
      resourceType: 'Provenance',
      target: [ref(own)],
      recorded: '2026-01-10T00:00:00Z',
      agent: [{ who: { display: 'x' } }],
      entity: [{ role: 'source', what: ref(to) }],
    }),
  },
  ServiceRequest: {
    'DiagnosticReport.basedOn': (to) => ({
      resourceType: 'DiagnosticReport',
      status: 'final',
      code: { text: 'x' },
      basedOn: [ref(to)],
    }),
    'Task.focus': (to) => task({ focus: ref(to) }),
    'Communication.basedOn': (to) => communication({ basedOn: [ref(to)] }),
    'ServiceRequest.replaces': (to) => ({
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject: ref(own),
      replaces: [ref(to)],
    }),
  },
  Communication: { 'Communication.inResponseTo': (to) => communication({ inResponseTo: [ref(to)] }) },
  Consent: {
    'DocumentReference.related': (to) => ({
      resourceType: 'DocumentReference',
      status: 'current',
      content: [{ attachment: { title: 'x' } }],
      context: { related: [ref(to)] },
    }),
  },
  Bundle: { 'List.entry': (to) => list({ entry: [{ item: ref(to) }] }) },
  Contract: { 'Task.focus': (to) => task({ focus: ref(to) }) },
};

const CASES = Object.entries(TO).flatMap(([type, elements]) =>
  Object.entries(elements).map(([name, refer]) => [type as HiddenType, name, refer] as const),
);

/** The answers to what refers to the hidden one, and to the same with an id that nobody gave. */
async function both(
  member: Member,
  hidden: string,
  ask: (reference: string) => { method: string; path: string; body: object },
): Promise<[string, string]> {
  const [type = '', id = ''] = hidden.split('/');
  const none = randomUUID();
  const answer = async (one: string) => withoutStamps(toText(await send(member, ask(`${type}/${one}`)), one));
  return [await answer(id), await answer(none)];
}

const post = (body: { readonly resourceType: string }) => ({ method: 'POST', path: body.resourceType, body });
const transaction = (...resources: readonly { readonly resourceType: string }[]) => ({
  method: 'POST',
  path: '',
  body: {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({
      fullUrl: `urn:uuid:${randomUUID()}`,
      resource,
      request: { method: 'POST', url: resource.resourceType },
    })),
  },
});

describe.each(CASES)('a reference to a hidden %s in %s', (type, _, refer) => {
  it('is refused as one to nothing', async () => {
    for (const member of [secret.neighbour, secret.outsider]) {
      const [hidden, none] = await both(member, secret.hidden[type], (to) => post(refer(to)));
      expect(hidden).toBe(none);
      expect(hidden).toMatch(/^HTTP 422\n/);
      expect(hidden).toContain('does not exist');
    }
  });

  it('is refused as one to nothing in a transaction', async () => {
    const [hidden, none] = await both(secret.neighbour, secret.hidden[type], (to) =>
      transaction({ resourceType: 'Basic', code: { text: 'x' } } as never, refer(to)),
    );
    expect(hidden).toBe(none);
    expect(hidden).toMatch(/^HTTP 422\n/);
  });
});

describe('a reference to a hidden Patient', () => {
  const forms: readonly [string, (to: string) => string][] = [
    ['to a version', (to) => `${to}/_history/1`],
    ['by its address', (to) => `${secret.world.server.baseUrl}/fhir/${to}`],
    ['by the address of a version', (to) => `${secret.world.server.baseUrl}/fhir/${to}/_history/1`],
  ];

  it.each(forms)('%s is refused as one to nothing', async (_, form) => {
    const [hidden, none] = await both(secret.neighbour, secret.hidden.Patient, (to) =>
      post(observation({ subject: ref(form(to)) })),
    );
    expect(hidden).toBe(none);
    expect(hidden).toMatch(/^HTTP 422\n/);
  });

  it.each(['number', 'family', 'birthDate', 'tag'] as const)(
    'by its %s finds as much as one by what nobody has',
    async (mark) => {
      const parameter = { number: 'identifier', family: 'family', birthDate: 'birthdate', tag: '_tag' }[mark];
      const answer = async (value: string) => {
        const reply = await send(
          secret.neighbour,
          transaction(observation({ subject: ref(`Patient?${parameter}=${encodeURIComponent(value)}`) })),
        );
        return withoutStamps(toText(reply, value, encodeURIComponent(value)));
      };
      const nobody = { number: 'MRN-9999', family: '無田', birthDate: '1849-02-03', tag: 'another-tag' }[mark];
      const [hidden, none] = [await answer(MARKS[mark]), await answer(nobody)];
      expect(hidden.replace(/content-length: \d+/, '')).toBe(none.replace(/content-length: \d+/, ''));
      expect(hidden).toMatch(/^HTTP 412\n/);
    },
  );

  it('in a header is refused as one to nothing', async () => {
    const answer = async (id: string) =>
      toText(
        await secret.neighbour.post('Binary', 'x', {
          'content-type': 'text/plain',
          'x-security-context': `Patient/${id}`,
        }),
        id,
      );
    const id = secret.hidden.Patient.split('/')[1] as string;
    expect(await answer(id)).toBe(await answer(randomUUID()));
  });

  it('by an update of one’s own is refused as one to nothing', async () => {
    const { id } = await secret.neighbour.create(observation({ subject: ref(own) }));
    const [hidden, none] = await both(secret.neighbour, secret.hidden.Patient, (to) => ({
      method: 'PUT',
      path: `Observation/${id}`,
      body: { ...observation({ subject: ref(to) }), id },
    }));
    expect(hidden).toBe(none);
    expect(hidden).toMatch(/^HTTP 422\n/);
  });

  it('of another hospital’s directory is refused to the outsider as one to nothing', async () => {
    const { directory, outsider } = secret;
    const asks: readonly [string, Refer][] = [
      [directory.Practitioner, (to) => observation({ performer: [ref(to)] })],
      [directory.Location, (to) => ({ resourceType: 'Schedule', actor: [ref(to)] })],
      [
        directory.Slot,
        (to) => ({
          resourceType: 'Appointment',
          status: 'booked',
          slot: [ref(to)],
          start: '2026-12-01T09:00:00+09:00',
          end: '2026-12-01T09:30:00+09:00',
          participant: [{ type: [{ text: 'x' }], status: 'accepted' }],
        }),
      ],
    ];
    for (const [name, refer] of asks) {
      const [hidden, none] = await both(outsider, name, (to) => post(refer(to)));
      expect(hidden).toBe(none);
      expect(hidden).toMatch(/^HTTP 422\n/);
    }
  });

  it('is refused by $book too, which tells no taken slot from none', async () => {
    const appointment = (to: string) => ({
      resourceType: 'Appointment',
      slot: [ref(to)],
      start: '2026-12-01T09:00:00+09:00',
      end: '2026-12-01T09:30:00+09:00',
      participant: [{ type: [{ text: 'x' }], status: 'accepted' }],
    });
    const [hidden, none] = await both(secret.outsider, secret.directory.Slot, (to) => ({
      method: 'POST',
      path: 'Appointment/$book',
      body: appointment(to),
    }));
    expect(hidden).toBe(none);
    expect((await secret.hospital.get(secret.directory.Slot)).body.status).toBe('free');
  });
});

describe('what a workflow resource carries', () => {
  it('is its owner’s: naming a stranger’s record shows nothing of it to anybody', async () => {
    const { neighbour, care, hidden } = secret;
    // The care agency sees the hospital's patient by keycode, and tries to hand it on.
    const handed = await care.create(
      communication({
        sender: ref(care.organization),
        recipient: [ref(neighbour.organization)],
        subject: ref(hidden.Patient),
        payload: [{ contentReference: ref(hidden.Observation) }],
      }),
    );
    const order = await care.create(
      task({
        owner: ref(neighbour.organization),
        for: ref(hidden.Patient),
        focus: ref(hidden.Observation),
        input: [{ type: { text: 'x' }, valueReference: ref(hidden.Condition) }],
      }),
    );
    expect((await neighbour.get(`Communication/${handed.id}`)).status).toBe(200);
    expect((await neighbour.get(`Task/${order.id}`)).status).toBe(200);
    for (const name of [hidden.Patient, hidden.Observation, hidden.Condition])
      expect([name, (await neighbour.get(name)).status]).toEqual([name, 404]);
    const along = await neighbour.get(`Task?_id=${order.id}&_include=Task:patient&_include=Task:focus`);
    expect(along.body.entry.length).toBe(1);
  });

  it('does not open what it shows', async () => {
    const { hospital, neighbour, hidden } = secret;
    const { id } = await hospital.create({ resourceType: 'Patient', name: [{ text: 'carried' }] });
    await hospital.create({
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject: ref(`Patient/${id}`),
      performer: [ref(neighbour.organization)],
    });
    const entry = await hospital.create(observation({ subject: ref(`Patient/${id}`) }));
    expect((await neighbour.get(`Patient/${id}`)).status).toBe(200);
    expect((await neighbour.get(`Observation/${entry.id}`)).status).toBe(404);
    expect((await neighbour.get(`Patient/${id}/$timeline`)).text).toBe(
      (await neighbour.get(`${hidden.Patient}/$timeline`)).text,
    );
    const refused = await neighbour.post('Observation', observation({ subject: ref(`Patient/${id}`) }));
    expect(refused.status).toBe(422);
    expect((await hospital.get(`Observation?subject=Patient/${id}&_summary=count`)).body.total).toBe(1);
  });
});
