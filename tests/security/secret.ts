import { randomUUID } from 'node:crypto';
import type { Body, Member, Reply, Sent } from '../support/network.ts';
import { openWorld, type World } from '../support/world.ts';

/** A hospital's record, of which two others must learn nothing: an institution of its own network, and another hospital. */
export interface Secret {
  readonly world: World;
  readonly hospital: Member;
  /** In the network, for every service, without a grant. */
  readonly neighbour: Member;
  /** In nobody's network. */
  readonly outsider: Member;
  /** Has redeemed the keycode; is named on order and letter. */
  readonly care: Member;
  /** `Type/id` by type: what the neighbour does not see. The outsider sees none of `directory` either. */
  readonly hidden: Readonly<Record<HiddenType, string>>;
  readonly directory: Readonly<
    Record<'Practitioner' | 'Location' | 'Schedule' | 'Slot' | 'OrganizationAffiliation', string>
  >;
  readonly deleted: string;
  close(): Promise<void>;
}

export const HIDDEN = [
  'Patient',
  'Observation',
  'Condition',
  'Encounter',
  'DiagnosticReport',
  'DocumentReference',
  'Binary',
  'Bundle',
  'Provenance',
  'List',
  'ServiceRequest',
  'Communication',
  'Task',
  'QuestionnaireResponse',
  'Consent',
  'Contract',
] as const;
export type HiddenType = (typeof HIDDEN)[number];

/** What searches may look for: none of it may be told from what is nowhere. */
export const MARKS = {
  number: 'MRN-4711',
  system: 'https://hospital.example/mrn',
  family: '秘田',
  kana: 'ヒメダ',
  birthDate: '1951-02-03',
  code: 'secret-code',
  tag: 'secret-tag',
  value: 9.1,
} as const;

const reference = (to: string) => ({ reference: to });

export async function openSecret(): Promise<Secret> {
  const world = await openWorld();
  try {
    const { hospital, clinic: neighbour, stranger: outsider, network } = world;
    const care = await network.enrol('care', 'ひだまり訪問看護ステーション');
    await network.affiliate(hospital, care, ['care-cooperation', 'timeline']);
    const store = async (resource: Sent, member = hospital) =>
      `${resource.resourceType}/${(await member.create(resource)).id}`;
    const code = { coding: [{ system: 'https://code.example', code: MARKS.code }] };
    const meta = {
      tag: [{ system: 'https://tag.example', code: MARKS.tag }],
      security: [{ system: 'https://tag.example', code: 'R' }],
    };
    const Patient = await store({
      resourceType: 'Patient',
      meta,
      identifier: [{ system: MARKS.system, value: MARKS.number }],
      name: [{ family: MARKS.family, given: ['花'] }, { text: MARKS.kana }],
      birthDate: MARKS.birthDate,
      gender: 'female',
    });
    const subject = reference(Patient);
    const Encounter = await store({ resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' }, subject });
    const Observation = await store({
      resourceType: 'Observation',
      meta,
      status: 'final',
      code,
      subject,
      encounter: reference(Encounter),
      effectiveDateTime: '2026-01-10',
      valueQuantity: { value: MARKS.value, unit: '%' },
    });
    const Binary = await store({
      resourceType: 'Binary',
      contentType: 'text/plain',
      securityContext: subject,
      data: 'c2VjcmV0',
    });
    const Practitioner = await store({ resourceType: 'Practitioner', name: [{ family: MARKS.family }] });
    const ServiceRequest = await store({
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject,
      code,
      performer: [reference(care.organization)],
      identifier: [{ system: MARKS.system, value: MARKS.number }],
    });
    const Location = await store({ resourceType: 'Location', name: MARKS.family });
    const Schedule = await store({ resourceType: 'Schedule', actor: [reference(Location)] });
    const hidden = {
      Patient,
      Observation,
      Encounter,
      Binary,
      ServiceRequest,
      Condition: await store({ resourceType: 'Condition', subject, code }),
      DiagnosticReport: await store({
        resourceType: 'DiagnosticReport',
        status: 'final',
        code,
        subject,
        basedOn: [reference(ServiceRequest)],
        result: [reference(Observation)],
      }),
      DocumentReference: await store({
        resourceType: 'DocumentReference',
        status: 'current',
        subject,
        content: [{ attachment: { contentType: 'text/plain', url: Binary } }],
      }),
      Bundle: await store(document(Patient)),
      Provenance: await store({
        resourceType: 'Provenance',
        target: [reference(Observation)],
        recorded: '2026-01-10T00:00:00Z',
        agent: [{ who: reference(hospital.organization) }],
      }),
      List: await store({
        resourceType: 'List',
        status: 'current',
        mode: 'working',
        subject,
        entry: [{ item: reference(Observation) }],
      }),
      Communication: await store({
        resourceType: 'Communication',
        status: 'completed',
        subject,
        sender: reference(hospital.organization),
        recipient: [reference(care.organization)],
        payload: [{ contentString: MARKS.family }],
      }),
      Task: await store({
        resourceType: 'Task',
        status: 'requested',
        intent: 'order',
        for: subject,
        focus: reference(ServiceRequest),
        owner: reference(care.organization),
      }),
      QuestionnaireResponse: await store({
        resourceType: 'QuestionnaireResponse',
        status: 'completed',
        subject,
        basedOn: [reference(ServiceRequest)],
      }),
      Consent: await redeem(hospital, care, Patient),
      // Made for the hospital when it was enrolled.
      Contract: `Contract/${(await hospital.get('Contract')).body.entry[0].resource.id}`,
    };
    const directory = {
      Practitioner,
      Location,
      Schedule,
      Slot: await store({
        resourceType: 'Slot',
        schedule: reference(Schedule),
        status: 'free',
        start: '2026-12-01T09:00:00+09:00',
        end: '2026-12-01T09:30:00+09:00',
      }),
      OrganizationAffiliation: await affiliation(hospital),
    };
    const deleted = await store({ resourceType: 'Observation', status: 'final', code, subject });
    await hospital.send('DELETE', deleted);
    return { world, hospital, neighbour, outsider, care, hidden, directory, deleted, close: () => world.close() };
  } catch (error) {
    await world.close();
    throw error;
  }
}

/** The patient shows the hospital's keycode to another institution; answers the Consent that comes of it. */
export async function redeem(hospital: Member, other: Member, patient: string): Promise<string> {
  const { body } = await hospital.send('POST', `${patient}/$issue-keycode`);
  const reply = await other.post('$redeem-keycode', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'keycode', valueString: body.parameter[0].valueString },
      { name: 'birthDate', valueDate: MARKS.birthDate },
      { name: 'attest', valueBoolean: true },
    ],
  });
  return reply.body.parameter[0].valueReference.reference;
}

async function affiliation(hospital: Member): Promise<string> {
  const { body } = await hospital.get(`OrganizationAffiliation?primary-organization=${hospital.organization}`);
  return `OrganizationAffiliation/${body.entry[0].resource.id}`;
}

/** A document as it is sent: what it is about stands inside. */
function document(patient: string): Sent {
  const [entry, composition] = [randomUUID(), randomUUID()];
  return {
    resourceType: 'Bundle',
    type: 'document',
    identifier: { system: MARKS.system, value: randomUUID() },
    timestamp: '2026-01-10T00:00:00Z',
    entry: [
      {
        fullUrl: `urn:uuid:${composition}`,
        resource: {
          resourceType: 'Composition',
          status: 'final',
          type: { text: '診療情報提供書' },
          date: '2026-01-10',
          author: [{ reference: `urn:uuid:${entry}` }],
          subject: reference(patient),
          title: MARKS.family,
        },
      },
      { fullUrl: `urn:uuid:${entry}`, resource: { resourceType: 'Practitioner', name: [{ family: MARKS.family }] } },
    ],
  };
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: Body;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What differs between any two answers, whatever they are about. */
const EACH_TIME = new Set(['date', 'x-request-id']);

/** One answer as text, for comparison: status, headers and body, each of these names replaced by the same sign. */
export function toText({ status, headers, text }: Reply, ...names: readonly string[]): string {
  const head = [...headers].filter(([name]) => !EACH_TIME.has(name)).map(([name, value]) => `${name}: ${value}`);
  const whole = [`HTTP ${status}`, ...head.sort(), '', text].join('\n');
  return names.reduce((rest, name) => rest.replaceAll(name, '«…»'), whole);
}

export const send = (member: Member, { method, path, body, headers }: Asked): Promise<Reply> =>
  member.send(method, path, body, headers);

/** Leaves out what the server gives to each new resource, and when it answered. */
export function withoutStamps(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '«uuid»')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '«instant»')
    .replaceAll(/last-modified: .*/g, 'last-modified: «date»')
    .replaceAll(/_cursor=[\w-]+/g, '_cursor=«sealed»');
}
