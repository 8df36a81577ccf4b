import type { Member, Reply, Sent } from '../../support/network.ts';
import { believe, certificateOf, placeOrder, ref, Stage, signed, submitted, value } from './stage.ts';

let stage: Stage;
let hospital: Member;
let clinic: Member;
let doctor: string;
beforeAll(async () => {
  stage = await Stage.open({
    signature: {
      render: async () => Buffer.from(`%PDF-1.7 ${Math.random()}`),
      verify: async (input) => believe(input),
    },
  });
  ({ hospital, clinic } = stage);
  doctor = `Practitioner/${(await clinic.create({ resourceType: 'Practitioner', name: [{ text: '桜井 春香' }] })).id}`;
});
afterAll(() => stage.close());

const BASE = 'https://tasuki.example/fhir';
const profile = (name: string) => ({ meta: { profile: [`${BASE}/StructureDefinition/${name}`] } });

/** A letter whose signer nobody has confirmed. */
async function undecided() {
  const placed = await placeOrder(clinic, hospital);
  const issued = await clinic.send('POST', `${placed.order}/$render-letter`);
  const task = value(issued, 'task').reference as string;
  const { bytes } = await stage.bytes(clinic, 'GET', value(issued, 'document').reference);
  const reply = await submitted(clinic, task, signed(bytes, { certificate: '99' }));
  return {
    ...placed,
    task,
    binary: value(issued, 'document').reference as string,
    document: value(reply, 'document').reference as string,
  };
}

const refused = (reply: Reply) => {
  expect(reply.status).toBe(422);
  // What claims a profile of ours and does not keep to it is refused for that.
  expect(['business-rule', 'required', 'invariant', 'value']).toContain(reply.body.issue[0].code);
};
const both = async (member: Member, resource: Sent) => {
  refused(await member.post(resource.resourceType, resource));
  const entry = [{ resource, request: { method: 'POST', url: resource.resourceType } }];
  refused(await member.post('', { resourceType: 'Bundle', type: 'transaction', entry }));
};

const signedProvenance = (target: string, more: object = {}) => ({
  resourceType: 'Provenance',
  target: [ref(target)],
  recorded: '2026-06-01T00:00:00Z',
  agent: [{ who: ref(doctor) }],
  signature: [
    {
      type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
      when: '2026-06-01T00:00:00Z',
      who: ref(doctor),
    },
  ],
  ...more,
});

describe('nobody but the service says', () => {
  it('who signed a letter: no Provenance about what it keeps', async () => {
    const { document, binary, task } = await undecided();
    for (const target of [
      document,
      binary,
      task,
      `${document}/_history/1`,
      `${stage.running.baseUrl}/fhir/${document}`,
    ])
      await both(clinic, signedProvenance(target));
    await both(hospital, { ...signedProvenance(document), agent: [{ who: ref(hospital.organization) }] });
    const own = await clinic.create(signedProvenance(doctor));
    refused(await clinic.put(`Provenance/${own.id}`, { ...own, target: [ref(doctor), ref(document)] }));
    expect((await hospital.get(`Provenance?target=${document}`)).body.total).toBe(0);
  });

  it('that something is a signed letter', async () => {
    const { patient, letter, task } = await undecided();
    const document = {
      resourceType: 'DocumentReference',
      status: 'current',
      docStatus: 'final',
      type: {
        coding: [{ system: 'http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes', code: '57133-1' }],
      },
      subject: ref(patient),
      date: '2026-06-01T00:00:00Z',
      author: [ref(doctor)],
      custodian: ref(clinic.organization),
      content: [{ attachment: { contentType: 'application/pdf', url: 'Binary/x', hash: 'AAAA', size: 3 } }],
      context: { related: [ref(letter)] },
    };
    for (const meta of [
      profile('tasuki-signed-letter'),
      { meta: { profile: [`${BASE}/StructureDefinition/tasuki-signed-letter|1.0.0`] } },
    ])
      await both(clinic, { ...document, ...meta });
    const plain = await clinic.create({ ...document, content: [{ attachment: { url: letter } }] });
    refused(await clinic.put(`DocumentReference/${plain.id}`, { ...plain, ...profile('tasuki-signed-letter') }));
    await both(clinic, signedProvenance(doctor, profile('tasuki-signature-provenance')));
    await both(clinic, { ...(await clinic.get(task)).body, id: undefined });
  });

  it('where a letter is: no Task that looks so', async () => {
    const { order, letter } = await undecided();
    const task = {
      resourceType: 'Task',
      status: 'completed',
      intent: 'order',
      basedOn: [ref(order)],
      focus: ref(letter),
      owner: ref(clinic.organization),
    };
    const part = (code: string) => ({ coding: [{ system: `${BASE}/CodeSystem/letter-part`, code }] });
    for (const look of [
      { code: { coding: [{ system: `${BASE}/CodeSystem/task-code`, code: 'sign-letter' }] } },
      { businessStatus: { coding: [{ system: `${BASE}/CodeSystem/letter-status`, code: 'verified' }] } },
      { output: [{ type: part('result'), valueCode: 'VALID' }] },
      { input: [{ type: part('signed-letter'), valueReference: ref(letter) }] },
      profile('tasuki-letter-task'),
    ])
      await both(clinic, { ...task, ...look });
    const { id } = await clinic.create(task);
    const seen = (await hospital.get(`Task/${id}`)).body;
    refused(await hospital.put(`Task/${id}`, { ...seen, output: [{ type: part('result'), valueCode: 'VALID' }] }));
  });

  it('anything of its Task, also where a party may write others', async () => {
    const { task } = await undecided();
    const seen = (await hospital.get(task)).body;
    for (const change of [
      { status: 'completed' },
      { note: [{ text: '検証済み' }] },
      { businessStatus: { text: '検証済み' } },
      { output: undefined },
    ])
      for (const member of [hospital, clinic]) refused(await member.put(task, { ...seen, ...change }));
    for (const member of [hospital, clinic]) {
      expect((await member.send('DELETE', task)).status).toBe(422);
      expect((await member.put(`Task?_id=${seen.id}`, { ...seen, status: 'completed' })).status).toBe(422);
    }
    expect((await hospital.get(task)).body).toEqual(seen);
  });

  it('that a Provenance is there again, once it was taken back', async () => {
    const { task, document } = await undecided();
    const say = (confirm: boolean) =>
      clinic.post(`${doctor}/$confirm-signer`, {
        resourceType: 'Parameters',
        parameter: [
          { name: 'certificate', valueString: certificateOf('99') },
          { name: 'confirm', valueBoolean: confirm },
        ],
      });
    await say(true);
    const { resource } = (await clinic.get(`Provenance?target=${document}`)).body.entry[0];
    expect((await clinic.get(task)).body.status).toBe('completed');
    await say(false);
    expect((await clinic.get(`Provenance/${resource.id}`)).status).toBe(410);
    expect((await clinic.put(`Provenance/${resource.id}`, resource)).status).toBe(410);
    expect((await clinic.get(`Provenance?target=${document}`)).body.total).toBe(0);
  });
});
