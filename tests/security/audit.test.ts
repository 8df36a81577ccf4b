import { randomUUID } from 'node:crypto';
import type { Member, Reply } from '../support/network.ts';
import { MARKS, openSecret, redeem as redeemOf, type Secret, toText, withoutStamps } from './secret.ts';

/** What the audit tells, and to whom: it knows of everything, and must not be the way by which others learn of it. */

let secret: Secret;
beforeAll(async () => {
  secret = await openSecret();
});
afterAll(() => secret.close());

interface Event {
  readonly id: string;
  readonly subtype: readonly { readonly code: string }[];
  readonly entity?: readonly {
    readonly type?: { readonly code: string };
    readonly what?: { readonly reference?: string };
    readonly description?: string;
  }[];
}

const events = ({ body }: Reply): Event[] => (body.entry ?? []).map(({ resource }: { resource: Event }) => resource);
const all = async (member: Member, query = '') => events(await member.get(`AuditEvent?_count=1000${query}`));
/** Whom the events are about: entities of type 1, Person. */
const patientsIn = (list: readonly Event[]) => [
  ...new Set(
    list.flatMap(({ entity = [] }) =>
      entity.flatMap(({ type, what }) => (type?.code === '1' ? [what?.reference] : [])),
    ),
  ),
];

const redeem = (member: Member, keycode: string, birthDate = MARKS.birthDate as string) =>
  member.post('$redeem-keycode', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'keycode', valueString: keycode },
      { name: 'birthDate', valueDate: birthDate },
      { name: 'attest', valueBoolean: true },
    ],
  });

describe('the audit', () => {
  it('names the patient to her hospital, and to nobody who did nothing with her', async () => {
    const { hospital, neighbour, outsider, hidden, world } = secret;
    expect(patientsIn(await all(hospital))).toContain(hidden.Patient);
    for (const member of [neighbour, outsider, world.network.operator]) {
      await member.get(hidden.Patient);
      expect(patientsIn(await all(member))).not.toContain(hidden.Patient);
    }
  });

  it('keeps an attempt to read what is hidden as one to read what is nowhere', async () => {
    const { neighbour, hidden } = secret;
    const nowhere = randomUUID();
    const asked = async (id: string) => {
      await neighbour.get(`Observation/${id}`);
      const [event] = await all(neighbour, `&entity=Observation/${id}&_sort=-date`);
      const { id: _, ...rest } = event as Event;
      return withoutStamps(JSON.stringify(rest).replaceAll(id, 'x'));
    };
    expect(await asked(hidden.Observation.split('/')[1] as string)).toBe(await asked(nowhere));
  });

  it('tells the hospital who searched and found her, not who searched in vain', async () => {
    const { hospital, care, outsider, hidden } = secret;
    const before = (await all(hospital, `&patient=${hidden.Patient}`)).length;
    await outsider.get(`Patient?family=${encodeURIComponent(MARKS.family)}`);
    expect((await all(hospital, `&patient=${hidden.Patient}&agent=${outsider.organization}`)).length).toBe(0);
    await care.get(`Patient?family=${encodeURIComponent(MARKS.family)}`);
    const after = await all(hospital, `&patient=${hidden.Patient}&agent=${care.organization}&_sort=-date`);
    expect(after[0]?.entity?.some(({ description }) => description?.includes('family'))).toBe(true);
    expect((await all(hospital, `&patient=${hidden.Patient}`)).length).toBeGreaterThan(before);
  });

  it('tells the operator that there was a search in vain, not what was looked for', async () => {
    const { neighbour, world } = secret;
    await neighbour.get(`Patient?family=${encodeURIComponent('尋田')}&birthdate=1949-01-02`);
    const own = JSON.stringify(await all(neighbour, '&subtype=search-type'));
    expect(own).toContain('1949-01-02');
    const told = await all(world.network.operator, `&subtype=search-type&agent=${neighbour.organization}`);
    expect(told.length).toBeGreaterThan(0);
    expect(JSON.stringify(told)).not.toContain('1949-01-02');
    expect(JSON.stringify(told)).not.toContain(Buffer.from('1949-01-02').toString('base64').slice(0, 8));
  });

  it('tells no hospital what was asked where the answer had patients of another too', async () => {
    const { care, hidden, world } = secret;
    const outsider = await world.network.enrol('cooperating-hospital', 'いずみ病院');
    await world.network.affiliate(outsider, care, ['timeline']);
    const { id } = await outsider.create({
      resourceType: 'Patient',
      birthDate: MARKS.birthDate,
      name: [{ text: 'x' }],
    });
    await redeemOf(outsider, care, `Patient/${id}`);
    const both = `_id=${hidden.Patient.split('/')[1]},${id}`;
    expect((await care.get(`Patient?${both}`)).body.total).toBe(2);
    for (const [hospital, patient] of [
      [secret.hospital, hidden.Patient],
      [outsider, `Patient/${id}`],
    ] as const) {
      const [event] = await all(hospital, `&patient=${patient}&agent=${care.organization}&subtype=search-type`);
      expect(patientsIn([event as Event])).toEqual([patient]);
      const other = patient === hidden.Patient ? id : hidden.Patient.split('/')[1];
      const text = JSON.stringify(event);
      expect(text).not.toContain(other);
      for (const { query } of (event?.entity ?? []) as { query?: string }[])
        expect(String(Buffer.from(query ?? '', 'base64'))).not.toContain(other);
    }
    const [own] = await all(care, '&subtype=search-type');
    expect(JSON.stringify(own)).toContain(id);
    // Each alone is told as before.
    await care.get(`Patient?_id=${id}`);
    const [alone] = await all(outsider, `&patient=Patient/${id}&agent=${care.organization}&subtype=search-type`);
    expect(alone?.entity?.some(({ description }) => description?.includes(id))).toBe(true);
  });

  it('has an event only for who may see it, by its id too', async () => {
    const { hospital, neighbour, outsider, hidden } = secret;
    const [event] = await all(hospital, `&patient=${hidden.Patient}&_sort=date`);
    const id = event?.id as string;
    expect((await hospital.get(`AuditEvent/${id}`)).status).toBe(200);
    for (const member of [neighbour, outsider]) {
      const none = '01900000-0000-7000-8000-000000000000';
      const answer = async (path: string, name: string) => withoutStamps(toText(await member.get(path), name));
      expect(await answer(`AuditEvent/${id}`, id)).toBe(await answer(`AuditEvent/${none}`, none));
      expect(await answer(`AuditEvent?_id=${id}&_total=accurate`, id)).toBe(
        await answer(`AuditEvent?_id=${none}&_total=accurate`, none),
      );
    }
  });

  it.each(['PUT', 'POST', 'DELETE'])('is written by nobody: %s', async (method) => {
    const { hospital, outsider, hidden } = secret;
    const [event] = await all(hospital, `&patient=${hidden.Patient}&_sort=date`);
    for (const member of [hospital, outsider]) {
      const path = method === 'POST' ? 'AuditEvent' : `AuditEvent/${event?.id}`;
      expect(
        (
          await member.send(
            method,
            path,
            method === 'DELETE' ? undefined : { resourceType: 'AuditEvent', id: event?.id },
          )
        ).status,
      ).toBe(403);
    }
  });
});

describe('a keycode that is tried in vain', () => {
  /** The same locator, another secret: the check digit does not fit, or the code is wrong. */
  const wrong = async (hospital: Member, patient: string): Promise<string[]> => {
    const { body } = await hospital.send('POST', `${patient}/$issue-keycode`);
    const code = (body.parameter[0].valueString as string).replaceAll('-', '');
    return candidates(code.slice(0, 6));
  };

  it('tells its owner’s hospital, and not who tried, whose it was', async () => {
    const { hospital, neighbour, hidden, world } = secret;
    const [first] = await wrong(hospital, hidden.Patient);
    const [unknown] = candidates('ZZZZZZ');
    const answers = await Promise.all([redeem(neighbour, first as string), redeem(neighbour, unknown as string)]);
    const [known, nowhere] = answers.map((reply) => withoutStamps(toText(reply)));
    expect(known).toBe(nowhere);
    expect(answers[0]?.status).toBe(400);
    for (const query of [
      '',
      '&subtype=refuse-keycode',
      `&patient=${hidden.Patient}`,
      '&outcome=4',
      '&action=E',
      `&agent=${neighbour.organization}`,
    ]) {
      const own = await all(neighbour, query);
      expect([query, patientsIn(own)]).toEqual([query, []]);
      expect([
        query,
        own.filter(({ subtype }) => subtype.some(({ code }) => code === 'refuse-keycode')).length,
      ]).toEqual([query, 0]);
    }
    expect(patientsIn(await all(world.network.operator))).not.toContain(hidden.Patient);
    const told = await all(hospital, `&patient=${hidden.Patient}&subtype=refuse-keycode`);
    expect(told.length).toBe(1);
    expect(JSON.stringify(told)).toContain(neighbour.organization);
  });

  it('tells an institution outside the network as little though the code is right', async () => {
    const { hospital, outsider, hidden } = secret;
    const { body } = await hospital.send('POST', `${hidden.Patient}/$issue-keycode`);
    const [unknown] = candidates('YYYYYY');
    const right = await redeem(outsider, body.parameter[0].valueString);
    const nowhere = await redeem(outsider, unknown as string);
    expect(withoutStamps(toText(right))).toBe(withoutStamps(toText(nowhere)));
    expect(patientsIn(await all(outsider))).toEqual([]);
    expect((await outsider.get(hidden.Patient)).status).toBe(404);
  });

  it('tells nothing of the patient though code and institution are right, and the birth date is not', async () => {
    const { hospital, neighbour, hidden } = secret;
    const { body } = await hospital.send('POST', `${hidden.Patient}/$issue-keycode`);
    const [unknown] = candidates('XXXXXX');
    const close = await redeem(neighbour, body.parameter[0].valueString, '1951-02-04');
    expect(withoutStamps(toText(close))).toBe(withoutStamps(toText(await redeem(neighbour, unknown as string))));
    expect((await neighbour.get(hidden.Patient)).status).toBe(404);
  });
});

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Codes that are right in form: locator, a guessed secret, and the check character over GF(32) that fits. */
function candidates(locator: string): string[] {
  return ['000000000', '111111111'].map((guess) => {
    const characters = [...`${locator}${guess}`].map((one) => ALPHABET.indexOf(one));
    const check = characters.reduce((sum, value, i) => sum ^ times(value, i + 1), 0);
    return `${locator}${guess}${ALPHABET[check]}`;
  });
}

/** A value times the generator to that power, in GF(32) by x⁵ + x² + 1. */
function times(value: number, power: number): number {
  let product = value;
  for (let i = 0; i < power; i++) product = product & 16 ? ((product << 1) ^ 0b100101) & 31 : product << 1;
  return product;
}
