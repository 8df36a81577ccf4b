import { randomUUID } from 'node:crypto';
import type { Member, Reply } from '../support/network.ts';
import { MARKS, openSecret, redeem, type Secret, toText, withoutStamps } from './secret.ts';

/**
 * No search tells what it may not find: not by matches, counts, what goes along, chains, `_has`, order or pages. A search for what the
 * hidden record holds is answered, to the byte, as one for what nobody has.
 */

let secret: Secret;
/** The institution's own records, so that answers have something in them. */
let own: string;
let others: readonly (readonly [string, Member])[];

beforeAll(async () => {
  secret = await openSecret();
  const { neighbour, outsider } = secret;
  others = [
    ['neighbour', neighbour],
    ['outsider', outsider],
  ];
  const { id } = await neighbour.create({
    resourceType: 'Patient',
    name: [{ family: '自田' }],
    birthDate: '1950-01-01',
  });
  own = `Patient/${id}`;
  for (const [code, value] of [
    ['a', 5],
    ['b', 20],
  ] as const)
    await neighbour.create({
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'https://code.example', code }] },
      subject: { reference: own },
      effectiveDateTime: `2026-01-${value > 9 ? value : `0${value}`}`,
      valueQuantity: { value, unit: '%' },
    });
});
afterAll(() => secret.close());

const idOf = (reference: string) => reference.slice(reference.indexOf('/') + 1);

/** Both answers to a search, for what the hidden record holds and for something else of the same length. */
async function both(
  member: Member,
  search: (value: string) => string,
  held: string,
  nowhere: string,
): Promise<[string, string]> {
  const ask = async (value: string) => {
    const reply = await member.get(search(encodeURIComponent(value)));
    expect(reply.status).toBe(200);
    return withoutStamps(toText(reply, value, encodeURIComponent(value)));
  };
  return [await ask(held), await ask(nowhere)];
}

const NOWHERE = {
  number: 'MRN-9999',
  family: '無田',
  kana: 'ムナダ',
  birthDate: '1849-02-03',
  code: 'absent-code',
  tag: 'absent-tag',
} as const;
type Mark = keyof typeof NOWHERE;

const SEARCHES: readonly [Mark, (value: string) => string][] = [
  ['number', (v) => `Patient?identifier=${v}`],
  ['number', (v) => `Patient?identifier=${encodeURIComponent(MARKS.system)}|${v}`],
  ['number', (v) => `Patient?identifier=${v}&_total=accurate`],
  ['number', (v) => `Patient?identifier=${v}&_summary=count`],
  ['number', (v) => `ServiceRequest?identifier=${v}&_include=ServiceRequest:subject`],
  ['number', (v) => `Contract?identifier=${v}`],
  ['family', (v) => `Patient?family=${v}`],
  ['family', (v) => `Patient?name:contains=${v}&_summary=count`],
  ['kana', (v) => `Patient?name=${v}`],
  ['birthDate', (v) => `Patient?birthdate=${v}`],
  ['code', (v) => `Observation?code=${v}`],
  ['code', (v) => `Observation?code:not=${v}&_total=accurate`],
  ['code', (v) => `Condition?code=${v}`],
  ['code', (v) => `ServiceRequest?code=${v}`],
  ['tag', (v) => `Patient?_tag=${v}`],
  ['tag', (v) => `Observation?_tag=${v}&_summary=count`],
  // Chains: through the hidden patient, and through what is about it.
  ['number', (v) => `Observation?subject:Patient.identifier=${v}`],
  ['number', (v) => `Observation?patient.identifier=${v}&_summary=count`],
  ['family', (v) => `Observation?subject:Patient.family=${v}`],
  ['family', (v) => `Communication?subject:Patient.name=${v}`],
  ['family', (v) => `Encounter?patient.name=${v}`],
  ['birthDate', (v) => `Condition?patient.birthdate=${v}`],
  ['tag', (v) => `DiagnosticReport?result._tag=${v}`],
  ['code', (v) => `DiagnosticReport?result.code=${v}`],
  ['code', (v) => `DiagnosticReport?based-on:ServiceRequest.code=${v}`],
  ['number', (v) => `Task?focus:ServiceRequest.identifier=${v}`],
  // `_has`: bisection on what the hidden entries hold.
  ['code', (v) => `Patient?_has:Observation:patient:code=${v}`],
  ['code', (v) => `Patient?_has:Observation:subject:code=${v}&_summary=count`],
  ['code', (v) => `Patient?_has:Condition:patient:code=${v}`],
  ['tag', (v) => `Encounter?_has:Observation:encounter:_tag=${v}`],
  ['code', (v) => `Organization?_has:ServiceRequest:performer:code=${v}`],
  ['number', (v) => `Organization?_has:ServiceRequest:performer:identifier=${v}`],
  ['family', (v) => `Organization?_has:Patient:organization:family=${v}`],
];

describe.each(SEARCHES)('by the %s, search %#', (mark, search) => {
  it('is answered as for what nobody has', async () => {
    for (const [name, member] of others) {
      const [held, nowhere] = await both(member, search, MARKS[mark], NOWHERE[mark]);
      expect([name, held]).toEqual([name, nowhere]);
    }
  });
});

describe('a search by a hidden reference', () => {
  const SEARCHES: readonly [string, (id: string) => string][] = [
    ['Patient', (id) => `Observation?patient=${id}`],
    ['Patient', (id) => `Observation?subject=Patient/${id}&_total=accurate`],
    ['Patient', (id) => `Observation?subject:Patient=${id}`],
    ['Patient', (id) => `Communication?subject=Patient/${id}`],
    ['Patient', (id) => `Consent?patient=Patient/${id}`],
    ['Patient', (id) => `List?subject=Patient/${id}&_revinclude=Provenance:target`],
    ['Patient', (id) => `Patient?_id=${id}&_revinclude=Observation:subject&_revinclude=Encounter:subject`],
    ['Patient', (id) => `Patient?link=Patient/${id}`],
    ['Patient', (id) => `Observation?patient._id=${id}`],
    ['Patient', (id) => `AuditEvent?patient=Patient/${id}`],
    ['Patient', (id) => `AuditEvent?patient=${id}&_summary=count`],
    ['Patient', (id) => `AuditEvent?entity=Patient/${id}&_total=accurate`],
    ['Observation', (id) => `DiagnosticReport?result=Observation/${id}`],
    ['Observation', (id) => `AuditEvent?entity=Observation/${id}`],
    ['Encounter', (id) => `Observation?encounter=Encounter/${id}`],
    ['ServiceRequest', (id) => `DiagnosticReport?based-on=ServiceRequest/${id}&_include=DiagnosticReport:based-on`],
    ['ServiceRequest', (id) => `Task?focus=ServiceRequest/${id}`],
    ['Bundle', (id) => `Bundle?_id=${id}`],
    ['Binary', (id) => `Binary?_id=${id}`],
    ['Provenance', (id) => `Provenance?_id=${id}&_include=Provenance:target`],
  ];

  it.each(SEARCHES)('to a %s is answered as by none (%#)', async (type, search) => {
    const id = idOf(secret.hidden[type as keyof Secret['hidden']]);
    for (const [name, member] of others) {
      const [held, nowhere] = await both(member, search, id, randomUUID());
      expect([name, held]).toEqual([name, nowhere]);
    }
  });
});

describe('bisection', () => {
  /** Whether anything is found at each bound: the hidden value lies between two of them. */
  const signature = (member: Member, search: (bound: string) => string) =>
    Promise.all(
      ['gt0', 'gt9', 'lt9.05', 'gt9.05', '9.1', 'lt9.2', 'gt9.2', 'ge9.1', 'le9.1'].map(
        async (bound) => (await member.get(search(bound))).body.total,
      ),
    );

  it('by a value finds nothing', async () => {
    const { outsider, hidden } = secret;
    for (const search of [
      (bound: string) => `Observation?value-quantity=${bound}&_summary=count`,
      (bound: string) => `Patient?_has:Observation:patient:value-quantity=${bound}&_summary=count`,
      (bound: string) => `Encounter?_has:Observation:encounter:value-quantity=${bound}&_summary=count`,
      (bound: string) => `Observation?_id=${idOf(hidden.Observation)}&value-quantity=${bound}&_summary=count`,
      (bound: string) => `DiagnosticReport?result.value-quantity=${bound}&_summary=count`,
    ])
      expect(await signature(outsider, search)).toEqual(Array(9).fill(0));
  });

  it('by a value finds only one’s own', async () => {
    const search = (bound: string) => `Observation?value-quantity=${bound}&_summary=count`;
    expect(await signature(secret.neighbour, search)).toEqual([2, 1, 1, 1, 0, 1, 1, 1, 1]);
    const has = (bound: string) => `Patient?_has:Observation:patient:value-quantity=${bound}&_summary=count`;
    expect(await signature(secret.neighbour, has)).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1]);
  });

  it('by the time of a change finds only one’s own', async () => {
    const since = '2020-01-01';
    expect((await secret.neighbour.get(`Observation?_lastUpdated=ge${since}&_summary=count`)).body.total).toBe(2);
    expect((await secret.outsider.get(`Observation?_lastUpdated=ge${since}&_summary=count`)).body.total).toBe(0);
  });
});

describe('order and pages', () => {
  const names = ({ body }: Reply) =>
    (body.entry ?? []).map(
      ({ resource }: { resource: { code: { coding: { code: string }[] } } }) => resource.code.coding[0]?.code,
    );

  it.each(['date', '-date', 'value-quantity', '-value-quantity', '_lastUpdated', '-_lastUpdated', '_id'])(
    'by %s leave no gap for what is hidden',
    async (sort) => {
      const whole = await secret.neighbour.get(`Observation?_sort=${sort}`);
      expect(whole.body.total).toBe(2);
      const first = await secret.neighbour.get(`Observation?_sort=${sort}&_count=1&_total=accurate`);
      expect(first.body.total).toBe(2);
      const next = first.body.link.find(({ relation }: { relation: string }) => relation === 'next').url;
      const second = await secret.neighbour.get(next.slice(next.indexOf('/fhir/') + 6));
      expect([...names(first), ...names(second)]).toEqual(names(whole));
      expect(second.body.link.some(({ relation }: { relation: string }) => relation === 'next')).toBe(false);
    },
  );

  const nextOf = async (member: Member, search: string): Promise<string> => {
    const { body } = await member.get(search);
    const { url } = body.link.find(({ relation }: { relation: string }) => relation === 'next');
    return url.slice(url.indexOf('/fhir/') + 6);
  };

  it.each(['Observation?_count=1', 'AuditEvent?_count=1', ':own/$timeline?_count=1', ':own/$everything?_count=1'])(
    'of another caller are refused as made up: %s',
    async (search) => {
      const asked = search.replace(':own', own);
      const { neighbour, outsider, care } = secret;
      const link = await nextOf(neighbour, asked);
      expect((await neighbour.get(link)).status).toBe(200);
      const [query, cursor = ''] = link.split('_cursor=');
      for (const member of [outsider, care]) {
        const stolen = await member.get(link);
        const madeUp = await member.get(`${query}_cursor=${cursor.replaceAll(/\w/g, 'A')}`);
        expect(withoutStamps(toText(stolen, cursor))).toBe(
          withoutStamps(toText(madeUp, cursor.replaceAll(/\w/g, 'A'))),
        );
        expect([400, 404]).toContain(stolen.status);
      }
    },
  );

  it('of one search do not open another', async () => {
    const { neighbour } = secret;
    const cursor = (await nextOf(neighbour, 'Observation?_count=1')).split('_cursor=')[1];
    for (const search of [
      'Patient?_count=1',
      'Observation?_count=2',
      'Observation?_count=1&code=a',
      `${own}/$timeline?_count=1`,
    ])
      expect([search, (await neighbour.get(`${search}&_cursor=${cursor}`)).status]).toEqual([search, 400]);
  });

  it('of another client of the same institution are refused', async () => {
    const { neighbour, world } = secret;
    const second = await world.network.client(neighbour, 'system/*.cruds');
    const link = await nextOf(neighbour, 'Observation?_count=1');
    expect((await second.get(link)).status).toBe(400);
  });
});

describe('what goes along', () => {
  it('with one’s own record that names a patient ends with the consent', async () => {
    const { hospital, care } = secret;
    const patient = `Patient/${(await hospital.create({ resourceType: 'Patient', birthDate: MARKS.birthDate })).id}`;
    const consent = await redeem(hospital, care, patient);
    const letter = await care.create({
      resourceType: 'Communication',
      status: 'completed',
      subject: { reference: patient },
      sender: { reference: care.organization },
    });
    await care.create({
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: patient },
    });
    const types = async (search: string): Promise<string[]> => {
      const { body } = await care.get(search);
      return (body.entry ?? [])
        .map(({ resource }: { resource: { resourceType: string } }) => resource.resourceType)
        .sort();
    };
    const along = `Communication?_id=${letter.id}&_include=Communication:subject`;
    const back = `${patient.replace('/', '?_id=')}&_revinclude=Communication:subject&_revinclude=Observation:subject`;
    expect(await types(along)).toEqual(['Communication', 'Patient']);
    expect(await types(back)).toEqual(['Communication', 'Observation', 'Patient']);
    expect((await hospital.send('POST', `${consent}/$withdraw`)).status).toBe(200);
    expect(await types(along)).toEqual(['Communication']);
    expect(await types(back)).toEqual([]);
    expect(
      (await care.get(`Communication?subject.birthdate=${MARKS.birthDate}&_id=${letter.id}&_summary=count`)).body.total,
    ).toBe(0);
    expect((await care.get(`Observation?patient=${patient}&_summary=count`)).body.total).toBe(0);
    expect(
      (await care.get(`Organization?_has:Communication:sender:subject=${patient}&_summary=count`)).body.total,
    ).toBe(1);
  });
});
