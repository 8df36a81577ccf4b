import type { Verdict } from '../../../src/services/signature/verdict.ts';
import type { Member, Reply } from '../../support/network.ts';
import {
  believe,
  businessStatus,
  certificateOf,
  checked,
  type Order,
  placeOrder,
  ref,
  type Said,
  Stage,
  signed,
  submitted,
  value,
} from './stage.ts';

let stage: Stage;
let hospital: Member;
let clinic: Member;
let clinic2: Member;
let practitioner: string;
let now = Date.parse('2026-06-01T09:00:00+09:00');
/** What is waited for after a verification, before its verdict is given. */
let meanwhile: (() => Promise<unknown>) | undefined;
let verifications = 0;

beforeAll(async () => {
  stage = await Stage.open({
    now: () => now,
    signature: {
      render: async ({ issuedAt }) => Buffer.from(`%PDF-1.7 ${issuedAt} ${Math.random()}`),
      trust: async () => ({ trust: TRUST, environment: 'test', roles: ROLES, timestampServices: [] }),
      verify: async (input): Promise<Verdict> => {
        verifications += 1;
        await meanwhile?.();
        return believe(input);
      },
    },
  });
  ({ hospital, clinic, clinic2 } = stage);
  practitioner = `Practitioner/${(await clinic.create(doctor('桜井', '春香'))).id}`;
});
afterAll(() => stage.close());
beforeEach(() => {
  now += 3_600_000;
  meanwhile = undefined;
});

const TRUST = {
  anchors: [Buffer.from('anchor')],
  intermediates: [],
  timestampAnchors: [Buffer.from('tsa')],
  timestampIntermediates: [],
  crls: [Buffer.from('list')],
  policies: ['1.2'],
  refusedPolicies: [],
};
const ROLES = { medical: ['Medical Doctor'], dental: ['Dentist'] };
const doctor = (family: string, given: string) => ({
  resourceType: 'Practitioner',
  active: true,
  name: [{ family, given: [given] }],
});

async function confirm(member: Member, of: string, two: string, yes: boolean, pem?: string): Promise<Reply> {
  const parameter = [
    { name: 'certificate', valueString: certificateOf(two) },
    { name: 'confirm', valueBoolean: yes },
    ...(pem ? [{ name: 'pem', valueString: pem }] : []),
  ];
  return member.post(`${of}/$confirm-signer`, { resourceType: 'Parameters', parameter });
}

interface Issued extends Order {
  readonly task: string;
  readonly pdf: Uint8Array;
}

async function issue(more: object = {}): Promise<Issued> {
  const order = await placeOrder(clinic, hospital, more);
  const reply = await clinic.send('POST', `${order.order}/$render-letter`);
  const { bytes } = await stage.bytes(clinic, 'GET', value(reply, 'document').reference);
  return { ...order, task: value(reply, 'task').reference, pdf: bytes };
}
const submit = ({ task, pdf }: Issued, said: Said = {}, member = clinic) => submitted(member, task, signed(pdf, said));

describe('the first use of a certificate', () => {
  it('waits for the coordinator, and is valid once the signer is confirmed', async () => {
    const letter = await issue();
    const reply = await submit(letter, { certificate: 'aa' });
    expect(reply.status).toBe(200);
    expect(value(reply, 'result')).toBe('INDETERMINATE');
    expect(value(reply, 'summary')).toMatch(/担当者/);
    expect(checked(reply, 'binding')).toBe('SIGNER_UNCONFIRMED undecided');
    expect(await businessStatus(clinic, letter.task)).toBe('signed in-progress');
    const document = value(reply, 'document').reference;
    expect((await hospital.get(document)).body).toMatchObject({ status: 'current', docStatus: 'preliminary' });
    expect((await clinic.get(`Provenance?target=${document}`)).body.total).toBe(0);

    const confirmed = await confirm(clinic, practitioner, 'aa', true);
    expect(confirmed.status).toBe(200);
    expect(value(confirmed, 'certificateName')).toBe('桜井 春香');
    expect(value(confirmed, 'namesAgree')).toBe(true);
    expect(confirmed.body.parameter.at(-1)).toEqual({
      name: 'letter',
      part: [
        { name: 'task', valueReference: ref(letter.task) },
        { name: 'result', valueCode: 'VALID' },
      ],
    });
    expect(await businessStatus(hospital, letter.task)).toBe('verified completed');
    expect((await hospital.get(document)).body).toMatchObject({
      docStatus: 'final',
      type: { coding: [{ code: '57133-1' }] },
      subject: ref(letter.patient),
      author: [ref(practitioner)],
      custodian: ref(clinic.organization),
      context: { related: [ref(letter.letter), ref(letter.order)] },
    });
  });

  it('shows two names that differ, and decides nothing by them', async () => {
    const letter = await issue();
    await submit(letter, { certificate: 'bb', name: 'SATO HARUKA' });
    const confirmed = await confirm(clinic, practitioner, 'bb', true);
    expect(value(confirmed, 'namesAgree')).toBe(false);
    expect(value(confirmed, 'registeredName')).toBe('桜井 春香');
    const shown = await hospital.get(`${letter.task}/$verification`);
    expect(value(shown, 'result')).toBe('VALID');
    expect(checked(shown, 'binding')).toBe('SIGNER_NAME_DIFFERS noted');
    expect(shown.text).toContain('SATO HARUKA');
    expect(shown.text).toContain('桜井 春香');
  });

  it('is refused where the coordinator says so, whatever was valid before, until he says otherwise', async () => {
    const letter = await issue();
    await submit(letter, { certificate: 'cc' });
    await confirm(clinic, practitioner, 'cc', true);
    expect(await businessStatus(hospital, letter.task)).toBe('verified completed');
    const { document } = { document: (await hospital.get(letter.task)).body.output[2].valueReference.reference };
    await confirm(clinic, practitioner, 'cc', false);
    expect(await businessStatus(hospital, letter.task)).toBe('refused rejected');
    expect((await hospital.get(document)).body.status).toBe('entered-in-error');
    expect((await clinic.get(`Provenance?target=${document}`)).body.total).toBe(0);
    const again = await submit(letter, { certificate: 'cc', salt: '2' });
    expect([value(again, 'result'), checked(again, 'binding')]).toEqual(['INVALID', 'SIGNER_REFUSED failed']);
    await confirm(clinic, practitioner, 'cc', true);
    const valid = await submit(letter, { certificate: 'cc', salt: '3' });
    expect(value(valid, 'result')).toBe('VALID');
    expect(value(valid, 'document').reference).toBe(document);
  });

  it('is confirmed again after a slip, and with it what was valid', async () => {
    const letter = await issue();
    await submit(letter, { certificate: 'ad' });
    for (const [yes, state] of [
      [true, 'verified completed'],
      [false, 'refused rejected'],
      [true, 'verified completed'],
    ] as const) {
      await confirm(clinic, practitioner, 'ad', yes);
      expect(await businessStatus(hospital, letter.task)).toBe(state);
    }
    const document = value(await hospital.get(`${letter.task}/$verification`), 'document').reference;
    expect((await hospital.get(document)).body).toMatchObject({ status: 'current', docStatus: 'final' });
    expect((await clinic.get(`Provenance?target=${document}`)).body.total).toBe(1);
  });

  it('counts for one institution only', async () => {
    const letter = await issue();
    await submit(letter, { certificate: 'ab' });
    await confirm(clinic, practitioner, 'ab', true);
    const placed = await placeOrder(clinic2, hospital);
    const reply = await clinic2.send('POST', `${placed.order}/$render-letter`);
    const { bytes } = await stage.bytes(clinic2, 'GET', value(reply, 'document').reference);
    const foreign = await submitted(clinic2, value(reply, 'task').reference, signed(bytes, { certificate: 'ab' }));
    expect([value(foreign, 'result'), checked(foreign, 'binding')]).toEqual([
      'INDETERMINATE',
      'SIGNER_UNCONFIRMED undecided',
    ]);
  });

  it('is no more than before once the practitioner has gone; what is valid stays so', async () => {
    const gone = await clinic.create(doctor('桜井', '春香'));
    const letter = await issue();
    await submit(letter, { certificate: 'ac' });
    await confirm(clinic, `Practitioner/${gone.id}`, 'ac', true);
    await clinic.put(`Practitioner/${gone.id}`, { ...gone, active: false });
    const other = await issue();
    const reply = await submit(other, { certificate: 'ac' });
    expect(checked(reply, 'binding')).toBe('SIGNER_UNCONFIRMED undecided');
    expect(await businessStatus(hospital, letter.task)).toBe('verified completed');
  });
});

describe('$confirm-signer', () => {
  it.each([
    ['no certificate', [{ name: 'confirm', valueBoolean: true }], 400],
    [
      'half a certificate',
      [
        { name: 'certificate', valueString: 'aa' },
        { name: 'confirm', valueBoolean: true },
      ],
      400,
    ],
    ['no word', [{ name: 'certificate', valueString: certificateOf('aa') }], 400],
    [
      'a certificate that nobody has seen',
      [
        { name: 'certificate', valueString: certificateOf('0f') },
        { name: 'confirm', valueBoolean: true },
      ],
      422,
    ],
    [
      'a PEM that is none',
      [
        { name: 'certificate', valueString: certificateOf('0f') },
        { name: 'confirm', valueBoolean: true },
        { name: 'pem', valueString: 'x' },
      ],
      422,
    ],
  ])('refuses %s', async (_, parameter, status) => {
    const reply = await clinic.post(`${practitioner}/$confirm-signer`, { resourceType: 'Parameters', parameter });
    expect(reply.status).toBe(status);
  });

  it('is for the institution that registers the practitioner', async () => {
    expect((await confirm(hospital, practitioner, 'aa', true)).status).toBe(422);
    expect((await confirm(clinic, 'Practitioner/nobody', 'aa', true)).status).toBe(404);
    const stranger = await stage.hospital2.create(doctor('他', '人'));
    expect((await confirm(clinic, `Practitioner/${stranger.id}`, 'aa', true)).status).toBe(404);
    // Seen by hospital2 in none of its letters: what others have submitted says nothing here.
    expect((await confirm(stage.hospital2, `Practitioner/${stranger.id}`, 'aa', true)).status).toBe(422);
  });
});

describe('$submit-signed', () => {
  it('stores file, document, provenance and Task of a valid letter', async () => {
    const letter = await issue();
    const reply = await submit(letter);
    expect([reply.status, value(reply, 'result')]).toEqual([200, 'VALID']);
    expect(value(reply, 'task').reference).toBe(letter.task);
    const task = (await hospital.get(letter.task)).body;
    expect([task.status, task.businessStatus.coding[0].code]).toEqual(['completed', 'verified']);
    expect(task.statusReason).toBeUndefined();
    const [, binary, document, provenance] = task.output.map(
      (one: { valueReference?: { reference: string } }) => one.valueReference?.reference,
    );
    expect(task.output.at(-1)).toMatchObject({ valueCode: 'VALID' });
    const file = await stage.bytes(hospital, 'GET', binary);
    expect(Buffer.from(file.bytes)).toEqual(Buffer.from(signed(letter.pdf)));
    const { attachment } = (await hospital.get(document)).body.content[0];
    expect(attachment).toMatchObject({ url: binary, contentType: 'application/pdf', size: file.bytes.length });
    expect((await hospital.get(provenance)).body).toMatchObject({
      target: [ref(document)],
      agent: [{ who: ref(practitioner), onBehalfOf: ref(clinic.organization) }],
      signature: [
        {
          type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
          when: '2026-06-01T03:04:05.000Z',
          who: ref(practitioner),
          sigFormat: 'application/pdf',
        },
      ],
    });
    for (const name of [binary, document, provenance, letter.task])
      for (const member of [clinic2, stage.hospital2]) expect((await member.get(name)).status).toBe(404);
    for (const name of [binary, document, provenance]) {
      const { body } = await clinic.get(name);
      expect((await clinic.put(name, { ...body, language: 'ja' })).status).toBe(422);
      expect((await clinic.send('DELETE', name)).status).toBe(422);
    }
  });

  it('takes a Binary in Parameters, and whatever names the letter', async () => {
    for (const by of ['task', 'order', 'letter'] as const) {
      const letter = await issue();
      const resource = {
        resourceType: 'Binary',
        contentType: 'application/pdf',
        data: Buffer.from(signed(letter.pdf)).toString('base64'),
      };
      const parameter = [{ name: 'signed', resource }];
      const reply = await clinic.post(`${letter[by]}/$submit-signed`, { resourceType: 'Parameters', parameter });
      expect([reply.status, value(reply, 'result')]).toEqual([200, 'VALID']);
    }
  });

  it('answers in the language that is asked for', async () => {
    const letter = await issue();
    const english = await submitted(clinic, letter.task, signed(letter.pdf, { checks: ['role WRONG_ROLE failed'] }), {
      'accept-language': 'en',
    });
    expect(value(english, 'summary')).toMatch(/^Invalid/);
    const japanese = await clinic.get(`${letter.task}/$verification`);
    expect(value(japanese, 'summary')).toMatch(/^無効/);
  });

  it('refuses what is not valid with its reasons, and takes another', async () => {
    const letter = await issue();
    const reply = await submit(letter, { checks: ['revocation CERT_REVOKED failed'] });
    expect([value(reply, 'result'), value(reply, 'document')]).toEqual(['INVALID', undefined]);
    const task = (await hospital.get(letter.task)).body;
    expect([task.status, task.businessStatus.coding[0].code]).toEqual(['rejected', 'refused']);
    expect(task.statusReason.text).toMatch(/^無効です.* \/ Invalid/);
    expect(value(await hospital.get(`${letter.task}/$verification`), 'result')).toBe('INVALID');
    expect((await clinic.send('POST', `${letter.task}/$verify-again`)).status).toBe(409);
    expect(value(await submit(letter), 'result')).toBe('VALID');
    expect(await businessStatus(hospital, letter.task)).toBe('verified completed');
  });

  it('never takes a worse one in the place of a better', async () => {
    const letter = await issue();
    expect(value(await submit(letter, { certificate: '99' }), 'result')).toBe('INDETERMINATE');
    const bad = await submit(letter, { checks: ['role WRONG_ROLE failed'] });
    expect(value(bad, 'result')).toBe('INVALID');
    expect(await businessStatus(clinic, letter.task)).toBe('signed in-progress');
    expect(value(await submit(letter), 'result')).toBe('VALID');
    const before = verifications;
    for (const said of [{ checks: ['role WRONG_ROLE failed'] }, { salt: 'other' }]) {
      const reply = await submit(letter, said);
      expect([reply.status, reply.body.issue[0].expression]).toEqual([409, ['Task.status']]);
    }
    const same = await submit(letter);
    expect([same.status, value(same, 'result')]).toEqual([200, 'VALID']);
    expect(verifications).toBe(before);
    expect(await businessStatus(hospital, letter.task)).toBe('verified completed');
  });

  it('stores one document, however many submit at once', async () => {
    const letter = await issue();
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, i) => submit(letter, i % 2 === 0 ? {} : { salt: String(i) })),
    );
    const valid = replies.filter(({ status }) => status === 200);
    expect(replies.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect(valid.length).toBeGreaterThan(0);
    expect(new Set(valid.map((reply) => value(reply, 'document').reference)).size).toBe(1);
    const found = await clinic.get(`DocumentReference?patient=${letter.patient}&_summary=count`);
    expect(found.body.total).toBe(1);
    const document = value(valid[0]!, 'document').reference;
    expect((await clinic.get(`Provenance?target=${document}&_summary=count`)).body.total).toBe(1);
    expect((await clinic.get(`${document}/_history`)).body.total).toBe(1);
  });

  it('refuses what is of a letter that has a new version, even one that comes while it is verified', async () => {
    const letter = await issue();
    const change = async () => {
      const { body } = await clinic.get(letter.letter);
      return clinic.put(letter.letter, { ...body, timestamp: '2026-06-02T00:00:00Z' });
    };
    meanwhile = async () => {
      meanwhile = undefined;
      expect((await change()).status).toBe(200);
    };
    const reply = await submit(letter);
    expect([reply.status, reply.body.issue[0].code]).toEqual([409, 'conflict']);
    expect(await businessStatus(clinic, letter.task)).toBe('void cancelled');
    expect((await clinic.get(`DocumentReference?patient=${letter.patient}&_summary=count`)).body.total).toBe(0);
    expect((await submit(letter)).status).toBe(409);
    expect((await submitted(clinic, letter.order, signed(letter.pdf))).status).toBe(409);
  });

  it('marks the document of a signed letter as replaced by the new version', async () => {
    const letter = await issue();
    const document = value(await submit(letter), 'document').reference;
    const { body } = await clinic.get(letter.letter);
    await clinic.put(letter.letter, { ...body, timestamp: '2026-06-03T00:00:00Z' });
    expect((await hospital.get(document)).body.status).toBe('superseded');
    expect(await businessStatus(hospital, letter.task)).toBe('void cancelled');
  });

  it.each([
    ['an empty body', (to: string) => submitted(clinic, to, new Uint8Array()), 400],
    ['no body at all', (to: string) => clinic.send('POST', `${to}/$submit-signed`), 400],
    ['another type', (to: string) => submitted(clinic, to, 'x', { 'content-type': 'image/png' }), 415],
    ['XML', (to: string) => submitted(clinic, to, '<x/>', { 'content-type': 'application/fhir+xml' }), 415],
    ['more than 20 MB', (to: string) => submitted(clinic, to, new Uint8Array(20 * 1024 * 1024 + 1)), 413],
    ['no Binary', (to: string) => clinic.post(`${to}/$submit-signed`, { resourceType: 'Parameters' }), 400],
    [
      'a Binary of another type',
      (to: string) => {
        const resource = { resourceType: 'Binary', contentType: 'text/plain', data: 'AAAA' };
        return clinic.post(`${to}/$submit-signed`, {
          resourceType: 'Parameters',
          parameter: [{ name: 'signed', resource }],
        });
      },
      415,
    ],
    [
      'a Binary without base64',
      (to: string) => {
        const resource = { resourceType: 'Binary', contentType: 'application/pdf', data: '!!' };
        return clinic.post(`${to}/$submit-signed`, {
          resourceType: 'Parameters',
          parameter: [{ name: 'signed', resource }],
        });
      },
      400,
    ],
  ])('refuses %s', async (_, send, status) => {
    const { task } = await issue();
    expect((await send(task)).status).toBe(status);
    expect(await businessStatus(clinic, task)).toBe('issued ready');
  });

  it('is the sender’s: a party is refused, to others the Task is not there', async () => {
    const letter = await issue();
    expect((await submit(letter, {}, hospital)).status).toBe(422);
    const nothing = await submitted(clinic2, 'Task/nothing', signed(letter.pdf));
    expect(nothing.status).toBe(404);
    for (const member of [clinic2, stage.hospital2]) expect((await submit(letter, {}, member)).text).toBe(nothing.text);
    const other = await clinic.create({ resourceType: 'Task', status: 'requested', intent: 'order' });
    expect((await submitted(clinic, `Task/${other.id}`, signed(letter.pdf))).status).toBe(422);
  });

  it('takes two at a time from one institution, and lets others through meanwhile', async () => {
    const letters = [await issue(), await issue(), await issue()];
    const theirs = await placeOrder(clinic2, hospital);
    const reply = await clinic2.send('POST', `${theirs.order}/$render-letter`);
    const { bytes } = await stage.bytes(clinic2, 'GET', value(reply, 'document').reference);
    const before = verifications;
    const held = Promise.withResolvers<void>();
    const two = Promise.withResolvers<void>();
    meanwhile = () => {
      if (verifications === before + 2) two.resolve();
      return verifications <= before + 2 ? held.promise : Promise.resolve();
    };
    const replies = letters.map((letter) => submit(letter));
    await two.promise;
    const other = await submitted(clinic2, value(reply, 'task').reference, signed(bytes));
    expect([other.status, verifications]).toEqual([200, before + 3]);
    held.resolve();
    expect((await Promise.all(replies)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('refuses what was not issued', async () => {
    const { order } = await placeOrder(clinic, hospital);
    expect((await submitted(clinic, order, 'x')).status).toBe(409);
  });

  it('has its limit for each letter and hour, and tells when it is over', async () => {
    const letter = await issue();
    const bad = (i: number) => submit(letter, { checks: ['role WRONG_ROLE failed'], salt: String(i) });
    const replies = await Promise.all(Array.from({ length: 22 }, (_, i) => bad(i)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(20);
    const late = replies.find(({ status }) => status === 429);
    expect(Number(late?.headers.get('retry-after'))).toBeGreaterThan(3590);
    now += 3_600_001;
    expect((await bad(99)).status).toBe(200);
  });

  it('stores all of it or nothing: where the last statement fails, neither file nor verification is there', async () => {
    const letter = await issue();
    const { database } = stage.server;
    await database.query(
      `CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$`,
    );
    await database.query(
      "CREATE TRIGGER broken BEFORE INSERT ON letter_part FOR EACH ROW WHEN (NEW.part = 'provenance') EXECUTE FUNCTION broken()",
    );
    const count = async () =>
      (
        await database.query(
          'SELECT (SELECT count(*)::int FROM resource) AS resources, (SELECT count(*)::int FROM letter_verification) AS verifications, (SELECT count(*)::int FROM evidence) AS evidence',
        )
      ).rows[0];
    const before = await count();
    expect((await submit(letter, { salt: 'atomic' })).status).toBe(500);
    expect(await count()).toEqual(before);
    expect(await businessStatus(clinic, letter.task)).toBe('issued ready');
    await database.query('DROP TRIGGER broken ON letter_part');
    expect(value(await submit(letter, { salt: 'atomic' }), 'result')).toBe('VALID');
  });

  it('needs the permission to change what names the letter', async () => {
    const letter = await issue();
    const reader = await stage.network.client(clinic, 'system/*.rs');
    expect((await submit(letter, {}, reader)).status).toBe(403);
    expect((await reader.send('POST', `${letter.order}/$render-letter`)).status).toBe(403);
    expect((await reader.post(`${practitioner}/$confirm-signer`, { resourceType: 'Parameters' })).status).toBe(403);
    await submit(letter);
    expect((await reader.get(`${letter.task}/$verification`)).status).toBe(200);
    const none = await stage.network.client(clinic, 'system/Patient.rs');
    expect((await none.get(`${letter.task}/$verification`)).status).toBe(403);
  });

  it('leaves nothing behind where the verification breaks', async () => {
    const letter = await issue();
    meanwhile = () => Promise.reject(new Error('broken'));
    expect((await submit(letter)).status).toBe(500);
    meanwhile = undefined;
    expect(await businessStatus(clinic, letter.task)).toBe('issued ready');
    expect((await clinic.get(`DocumentReference?patient=${letter.patient}&_summary=count`)).body.total).toBe(0);
  });
});

describe('$verification and $verify-again', () => {
  it('say what was recorded, to sender and receiver and to nobody else', async () => {
    const letter = await issue();
    expect((await clinic.get(`${letter.task}/$verification`)).status).toBe(422);
    const reply = await submit(letter);
    for (const member of [clinic, hospital]) {
      const shown = await member.get(`${letter.task}/$verification`);
      expect(shown.body).toEqual(reply.body);
      const again = await member.send('POST', `${letter.task}/$verify-again`);
      expect([again.status, value(again, 'same'), value(again, 'result')]).toEqual([200, true, 'VALID']);
    }
    const nothing = (await clinic2.get('Task/nothing/$verification')).text;
    for (const member of [clinic2, stage.hospital2]) {
      expect((await member.get(`${letter.task}/$verification`)).text).toBe(nothing);
      expect((await member.send('POST', `${letter.task}/$verify-again`)).text).toBe(nothing);
    }
  });

  it('tell when what is kept says something else', async () => {
    const letter = await issue();
    await submit(letter);
    await stage.server.database.query(
      "UPDATE letter_verification SET record = jsonb_set(record::jsonb, '{verdict,checks,0,detail}', '\"another\"')::json WHERE id = (SELECT max(id) FROM letter_verification)",
    );
    const again = await clinic.send('POST', `${letter.task}/$verify-again`);
    expect([value(again, 'same'), value(again, 'result')]).toEqual([false, 'VALID']);
  });

  it('are audited with the patient', async () => {
    const letter = await issue();
    await submit(letter);
    await hospital.get(`${letter.task}/$verification`);
    const id = letter.patient.slice('Patient/'.length);
    const found = await clinic.get(`AuditEvent?patient=${id}&_count=100`);
    const entities = found.body.entry.flatMap(({ resource }: { resource: { entity: object[] } }) => resource.entity);
    const queries = entities.flatMap(({ query }: { query?: string }) =>
      query ? [Buffer.from(query, 'base64').toString()] : [],
    );
    const told = queries.map((query: string) => query.slice(query.indexOf('$')));
    expect(told.sort()).toEqual(['$render-letter', '$submit-signed: VALID', '$verification']);
  });
});
