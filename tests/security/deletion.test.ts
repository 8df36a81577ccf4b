import type { Member } from '../support/network.ts';
import { openWorld, type World } from '../support/world.ts';
import { MARKS, redeem } from './secret.ts';
import { UNDELIVERED } from './sheet.ts';

/** A deletion is one for every reader, and for good; what was not to be given away does not come out by being deleted or changed. */

let world: World;
let hospital: Member;
let clinic: Member;
beforeAll(async () => {
  world = await openWorld({ env: { UPDATE_CREATE: 'true' } });
  ({ hospital, clinic } = world);
});
afterAll(() => world.close());

const ref = (reference: string) => ({ reference });
const store = async (member: Member, resourceType: string, more: object) =>
  `${resourceType}/${(await member.create({ resourceType, ...more })).id}`;
const patient = () => store(hospital, 'Patient', { birthDate: MARKS.birthDate, name: [{ text: 'x' }] });
const entry = (subject: string, more: object = {}) => ({
  status: 'final',
  code: { text: 'x' },
  subject: ref(subject),
  ...more,
});
/** A patient whose timeline the clinic may read. */
async function opened(): Promise<string> {
  const own = await patient();
  await redeem(hospital, clinic, own);
  return own;
}
const statuses = (member: Member, ...paths: readonly string[]) =>
  Promise.all(paths.map(async (path) => (await member.get(path)).status));
const body = (name: string, more: object) => {
  const [resourceType, id] = name.split('/');
  return { resourceType, id, ...more };
};

describe('what is not to be given away', () => {
  it('does not show by being deleted', async () => {
    const own = await opened();
    const sealed = await store(hospital, 'Observation', entry(own, { meta: { tag: [UNDELIVERED] } }));
    expect(await statuses(clinic, sealed, `${sealed}/_history`, `${sealed}/_history/1`)).toEqual([404, 404, 404]);
    expect((await hospital.send('DELETE', sealed)).status).toBe(204);
    expect(await statuses(hospital, sealed)).toEqual([410]);
    const paths = [sealed, `${sealed}/_history`, `${sealed}/_history/1`, `${sealed}/_history/2`];
    expect(await statuses(clinic, ...paths)).toEqual([404, 404, 404, 404]);
  });

  it('stays with its owner when a later version is given', async () => {
    const own = await opened();
    const text = entry(own, { meta: { tag: [UNDELIVERED] }, note: [{ text: 'ないしょ' }] });
    const name = await store(hospital, 'Observation', text);
    expect((await hospital.put(name, body(name, entry(own)))).status).toBe(200);
    expect(await statuses(clinic, name, `${name}/_history/2`, `${name}/_history/1`)).toEqual([200, 200, 404]);
    const history = await clinic.get(`${name}/_history`);
    expect([history.body.total, history.text.includes('ないしょ')]).toEqual([1, false]);
    expect(await statuses(hospital, `${name}/_history/1`)).toEqual([200]);
    expect((await hospital.get(`${name}/_history`)).body.total).toBe(2);
  });

  it('is told from what only speaks of it', async () => {
    const own = await opened();
    const name = await store(hospital, 'Observation', entry(own, { note: [{ text: 'UNDELIVERED' }] }));
    await hospital.put(name, body(name, entry(own)));
    expect(await statuses(clinic, `${name}/_history/1`)).toEqual([200]);
    expect((await clinic.get(`${name}/_history`)).body.total).toBe(2);
  });
});

describe('what was deleted', () => {
  it('does not come back with what is stored under its id', async () => {
    const own = await opened();
    const name = await store(hospital, 'Observation', entry(own, { note: [{ text: '消した' }] }));
    await hospital.send('DELETE', name);
    expect((await hospital.put(name, body(name, entry(own)))).status).toBe(200);
    for (const member of [hospital, clinic]) {
      expect(await statuses(member, name, `${name}/_history/3`, `${name}/_history/1`)).toEqual([200, 200, 410]);
      const history = await member.get(`${name}/_history`);
      expect([history.body.total, history.text.includes('消した')]).toEqual([2, false]);
    }
  });

  it('by the hospital is not brought back by its author', async () => {
    const own = await opened();
    const name = await store(clinic, 'Observation', entry(own));
    expect((await hospital.send('DELETE', name)).status).toBe(204);
    const reply = await clinic.put(name, body(name, entry(own)));
    expect(reply.status).toBe(422);
    expect(await statuses(hospital, name)).toEqual([410]);
  });
});

describe('a Patient that is deleted', () => {
  const consents = async (own: string, status: string) =>
    (await hospital.get(`Consent?patient=${own}&status=${status}&_summary=count`)).body.total;

  it('ends what it had opened, and its keycode', async () => {
    const own = await opened();
    const name = await store(hospital, 'Observation', entry(own));
    const { body: issued } = await hospital.send('POST', `${own}/$issue-keycode`);
    expect((await hospital.send('DELETE', own)).status).toBe(204);
    expect(await statuses(clinic, name, own, `${own}/$timeline`)).toEqual([404, 404, 404]);
    expect([await consents(own, 'active'), await consents(own, 'inactive')]).toEqual([0, 1]);
    // Another person under the same id has opened nothing to anybody.
    expect((await hospital.put(own, body(own, { birthDate: MARKS.birthDate, name: [{ text: '別人' }] }))).status).toBe(
      200,
    );
    expect(await statuses(clinic, own, name, `${own}/$timeline`)).toEqual([404, 404, 404]);
    const reply = await clinic.post('$redeem-keycode', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'keycode', valueString: issued.parameter[0].valueString },
        { name: 'birthDate', valueDate: MARKS.birthDate },
        { name: 'attest', valueBoolean: true },
      ],
    });
    expect(reply.status).toBe(400);
    expect(await statuses(clinic, own)).toEqual([404]);
  });

  it('says so in the audit of the hospital', async () => {
    const own = await opened();
    await hospital.send('DELETE', own);
    const report = await hospital.get(`AuditEvent?patient=${own}&subtype=withdraw-consent`);
    expect(report.body.total).toBe(1);
  });

  it('while its keycode is issued and redeemed leaves nothing open', async () => {
    for (let round = 0; round < 4; round++) {
      const own = await patient();
      const { body: issued } = await hospital.send('POST', `${own}/$issue-keycode`);
      const keycode = issued.parameter[0].valueString;
      const redeeming = clinic.post('$redeem-keycode', {
        resourceType: 'Parameters',
        parameter: [
          { name: 'keycode', valueString: keycode },
          { name: 'birthDate', valueDate: MARKS.birthDate },
          { name: 'attest', valueBoolean: true },
        ],
      });
      // The slow hash comes first: at different moments of what follows it.
      await new Promise((resolve) => setTimeout(resolve, 20 * round));
      const [redeemed, removed, again] = await Promise.all([
        redeeming,
        hospital.send('DELETE', own),
        hospital.send('POST', `${own}/$issue-keycode`),
      ]);
      expect([200, 400]).toContain(redeemed.status);
      expect([removed.status, [200, 404].includes(again.status)]).toEqual([204, true]);
      expect(await consents(own, 'active')).toBe(0);
      expect(await statuses(clinic, own, `${own}/$timeline`)).toEqual([404, 404]);
      expect(await statuses(hospital, own)).toEqual([410]);
    }
  });

  it('and one that opened nothing is deleted as anything is', async () => {
    const own = await patient();
    expect((await hospital.send('DELETE', own)).status).toBe(204);
    expect(await consents(own, 'inactive')).toBe(0);
  });
});

describe('what others refer to', () => {
  it('may be deleted: a refusal would tell of who refers to it', async () => {
    const own = await patient();
    const name = await store(hospital, 'Observation', entry(own));
    expect((await hospital.send('DELETE', own)).status).toBe(204);
    expect(await statuses(hospital, name)).toEqual([200]);
    expect((await hospital.get(`Observation?subject=${own}`)).body.total).toBe(1);
    expect((await hospital.get(`Observation?subject=${own}&_include=Observation:subject`)).body.entry).toHaveLength(1);
    expect(
      (await hospital.get(`Observation?subject:Patient.birthdate=${MARKS.birthDate}&_id=${name.split('/')[1]}`)).body
        .total,
    ).toBe(0);
  });

  it('keeps what refers to it from nothing but a new reference', async () => {
    const location = await store(hospital, 'Location', { name: 'x' });
    const schedule = await store(hospital, 'Schedule', { actor: [ref(location)] });
    expect((await hospital.send('DELETE', location)).status).toBe(204);
    const { body: stored } = await hospital.get(schedule);
    expect((await hospital.put(schedule, { ...stored, comment: '移転' })).status).toBe(200);
    expect((await hospital.post('Schedule', { resourceType: 'Schedule', actor: [ref(location)] })).status).toBe(422);
    const other = await store(hospital, 'Schedule', { actor: [{ display: 'x' }] });
    expect((await hospital.put(other, body(other, { actor: [ref(location)] }))).status).toBe(422);
  });
});

describe('a party', () => {
  it('may answer also where it does not see all that is referred to', async () => {
    const own = await patient();
    const message = await store(hospital, 'Communication', {
      status: 'completed',
      subject: ref(own),
      sender: ref(hospital.organization),
      recipient: [ref(clinic.organization)],
    });
    expect(await statuses(clinic, own, message)).toEqual([404, 200]);
    const { body: stored } = await clinic.get(message);
    const reply = await clinic.put(message, { ...stored, received: '2026-01-10T09:00:00+09:00' });
    expect(reply.status).toBe(200);
    expect(await statuses(clinic, own)).toEqual([404]);
    // Another hidden one in its place is refused as one that is not there.
    const other = await patient();
    const ask = (to: string) => clinic.put(message, { ...stored, note: [{ authorReference: ref(to), text: 'x' }] });
    const [hidden, none] = [await ask(other), await ask(other.replace(/.$/, (last) => (last === '0' ? '1' : '0')))];
    expect([hidden.status, none.status]).toEqual([422, 422]);
    expect(hidden.body.issue[0].code).toBe(none.body.issue[0].code);
  });

  it('may not change labels or tags of what is another’s', async () => {
    const message = await store(hospital, 'Communication', {
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
      status: 'completed',
      recipient: [ref(clinic.organization)],
    });
    const { body: stored } = await clinic.get(message);
    for (const meta of [{ ...stored.meta, security: undefined }, { ...stored.meta, tag: [UNDELIVERED] }, undefined]) {
      const reply = await clinic.put(message, { ...stored, meta });
      expect([reply.status, reply.body.issue?.[0].expression]).toEqual([422, ['Communication.meta']]);
    }
    const { versionId: _, lastUpdated: __, ...labels } = stored.meta;
    expect((await clinic.put(message, { ...stored, meta: labels, received: '2026-01-10T09:00:00Z' })).status).toBe(200);
  });
});
