import { SERVICES } from '../../../src/access/access.ts';
import type { Member } from '../../support/network.ts';
import { application, BASE, call, noticesOf, output } from './papers.ts';
import { Stage } from './stage.ts';

let stage: Stage;
let operator: Member;
beforeAll(async () => {
  stage = await Stage.open('2026-03-01');
  ({ operator } = stage);
});
afterAll(() => stage.close());
beforeEach(() => stage.turnTo('2026-03-01'));

const apply = async (answers = {}, given: object = {}) => {
  const reply = await call(operator, 'Contract/$apply', { application: application(answers), ...given });
  if (reply.status !== 201) throw new Error(reply.text);
  return {
    contract: output(reply, 'contract') as string,
    organization: output(reply, 'organization') as string,
    reply,
  };
};
const status = async (contract: string) => (await operator.get(contract)).body.status;
const codes = (body: { term: { type: { coding: { code: string }[] } }[] }) =>
  body.term.map(({ type }) => type.coding[0]?.code);
const causeOf = (body: { expirationType?: { coding: { code: string }[] } }) => body.expirationType?.coding[0]?.code;

describe('the form', () => {
  it.each([
    ['an item that the form does not have', { 'institution.tax': 'x' }],
    ['a kind that there is not', { 'institution.kind': 'bank' }],
    ['a text that is too long', { 'institution.name': 'x'.repeat(201) }],
    ['64 KB', { remarks: 'x'.repeat(65_536) }],
    ['two answers to one question', { 'institution.name': ['a', 'b'] }],
    ['a day that there is not', { 'application.date': '2026-02-30' }],
  ])('is not taken with %s', async (_, answers) => {
    const reply = await call(operator, 'Contract/$apply', { application: application(answers) });
    expect(reply.status).toBe(422);
    expect(reply.body.issue[0].expression[0]).toMatch(/^QuestionnaireResponse/);
  });

  it('is the prescribed one', async () => {
    for (const questionnaire of [
      undefined,
      'https://example.org/q',
      `${BASE}/Questionnaire/contract-application|0.9`,
    ]) {
      const reply = await call(operator, 'Contract/$apply', { application: { ...application(), questionnaire } });
      expect(reply.status).toBe(422);
    }
    expect((await call(operator, 'Contract/$apply', {})).status).toBe(400);
    expect((await call(operator, 'Contract/$apply', { application: { resourceType: 'Patient' } })).status).toBe(400);
  });

  it('that leaves something out is recorded, and is not accepted before it is complete: each omission is named', async () => {
    const { contract, reply, organization } = await apply({
      'institution.representative': undefined,
      'contact.name': '　 ',
      'application.terms': false,
    });
    expect(output(reply, 'status')).toBe('negotiable');
    expect(await status(contract)).toBe('negotiable');
    const omitted = ['application.terms', 'institution.representative', 'contact.name'];
    const named = reply.body.parameter.filter(({ name }: { name: string }) => name === 'omission');
    expect(named.map(({ part }: { part: { valueString: string }[] }) => part[0]?.valueString)).toEqual(omitted);
    const refused = await call(operator, `${contract}/$accept`);
    expect(refused.status).toBe(422);
    expect(refused.body.issue.map(({ code }: { code: string }) => code)).toEqual(['required', 'required', 'required']);
    for (const [i, linkId] of omitted.entries()) {
      expect(refused.body.issue[i].diagnostics).toContain('ground 1');
      expect(refused.body.issue[i].diagnostics).toContain(linkId);
    }
    const still = await call(operator, `${contract}/$amend`, {
      application: application({ 'contact.name': undefined }),
    });
    expect([still.status, still.body.status]).toEqual([200, 'negotiable']);
    const amended = await call(operator, `${contract}/$amend`, { application: application() });
    expect([amended.status, amended.body.status]).toEqual([200, 'offered']);
    expect((await call(operator, `${contract}/$accept`)).status).toBe(200);
    expect(await stage.services(organization)).toBe(SERVICES['medical-cooperation'] + SERVICES.timeline);
    const response = amended.body.legallyBindingReference.reference;
    expect((await operator.get(`${response}/_history`)).body.total).toBe(3);
    expect(await noticesOf(operator, contract)).toEqual(
      ['incomplete', 'incomplete', 'received', 'accepted', 'started'].sort(),
    );
    expect((await call(operator, `${contract}/$amend`, { application: application() })).status).toBe(409);
  });

  it('without a name or a kind registers nobody', async () => {
    const reply = await call(operator, 'Contract/$apply', {
      application: application({ 'institution.kind': undefined }),
    });
    expect([reply.status, reply.body.issue[0].code]).toEqual([422, 'required']);
  });
});

describe('an application', () => {
  it('is for an institution that is registered, of the kind that it says, and one at a time', async () => {
    const member = await stage.network.register('care', 'ひだまり');
    const asked = (answers: object) =>
      call(operator, 'Contract/$apply', {
        application: application(answers as never),
        organization: member.organization,
      });
    expect((await asked({})).status).toBe(422);
    const care = { 'institution.kind': 'care', 'services.service': ['care-cooperation'] };
    const both = await Promise.all([asked(care), asked(care)]);
    expect(both.map((one) => one.status).sort()).toEqual([201, 409]);
    expect((await asked(care)).status).toBe(409);
    for (const organization of ['Organization/nobody', 'Organization/operator', 'Patient/x'])
      expect([400, 422]).toContain(
        (await call(operator, 'Contract/$apply', { application: application(), organization })).status,
      );
  });

  it('does not register an institution twice by its code', async () => {
    const code = { 'institution.code': '１４９９０００００１' };
    await apply(code);
    const again = await call(operator, 'Contract/$apply', { application: application(code) });
    expect([again.status, again.body.issue[0].code]).toEqual([409, 'duplicate']);
    expect(again.body.issue[0].diagnostics).toContain('Organization/');
  });

  it('keeps the scans of the paper, which the institution reads with its contract', async () => {
    const pdf = Buffer.from('%PDF-1.7\n%%EOF').toString('base64');
    const scan = { valueAttachment: { contentType: 'application/pdf', data: pdf, title: '申込書' } };
    const member = await stage.network.register('medical', 'もみじ医院');
    const { contract } = await apply({}, { organization: member.organization, scan: [scan] });
    await call(operator, `${contract}/$accept`);
    const { body } = await member.get(contract);
    const [document, binary] = body.supportingInfo.map(({ reference }: { reference: string }) => reference);
    expect((await member.get(document)).body.content[0].attachment.url).toBe(binary);
    expect((await member.get(binary)).body.data).toBe(pdf);
    expect((await member.get(body.legallyBindingReference.reference)).status).toBe(200);
    for (const path of [contract, document, binary, body.legallyBindingReference.reference])
      expect((await stage.hospital.get(path)).status).toBe(404);
    for (const wrong of [
      { contentType: 'text/html', data: pdf },
      { contentType: 'image/png', data: pdf },
      { contentType: 'application/pdf' },
    ])
      expect([400, 422]).toContain(
        (await call(operator, `${contract}/$terminate`, { scan: [{ valueAttachment: wrong }] })).status,
      );
  });

  it('is received today or before', async () => {
    const reply = await call(operator, 'Contract/$apply', { application: application(), received: '2026-03-02' });
    expect(reply.status).toBe(422);
    for (const received of ['2026-02-30', '2026-02'])
      expect(
        (await call(operator, 'Contract/$apply', { application: application(), received: { valueDate: received } }))
          .status,
      ).toBe(400);
  });
});

describe('$accept', () => {
  it.each([
    // Received 1 March: 31 March is the last day for both.
    ['2026-03-01', '2026-03-01', 200],
    ['2026-03-31', '2026-03-31', 200],
    ['2026-03-01', '2026-03-31', 200],
    ['2026-03-01', '2026-04-01', 422],
    ['2026-03-10', '2026-03-09', 422],
    ['2026-04-01', '2026-04-01', 422],
    ['2026-04-01', '2026-03-31', 422],
  ])('on %s with a start on %s is answered with %i', async (today, start, expected) => {
    const { contract } = await apply({}, { received: '2026-03-01' });
    stage.turnTo(today);
    expect((await call(operator, `${contract}/$accept`, { start })).status).toBe(expected);
  });

  it('gives service at once where it starts today, and its days to the Contract', async () => {
    const { contract, organization } = await apply();
    const { body } = await call(operator, `${contract}/$accept`);
    expect(body).toMatchObject({
      status: 'executed',
      issued: '2026-03-01',
      applies: { start: '2026-03-01', end: '2027-02-28' },
    });
    expect(codes(body)).toEqual(['medical-cooperation', 'timeline']);
    expect(await stage.services(organization)).toBe(5);
    expect((await call(operator, `${contract}/$accept`)).status).toBe(409);
  });

  it('waits for the day of the start, from midnight in Tokyo on', async () => {
    const { contract, organization } = await apply();
    await call(operator, `${contract}/$accept`, { start: '2026-03-20' });
    for (const [instant, expected] of [
      ['2026-03-19T23:59:59.999+09:00', 0],
      ['2026-03-20T00:00:00+09:00', 5],
    ] as const) {
      stage.turnTo(instant);
      await stage.work();
      expect(await stage.services(organization)).toBe(expected);
    }
    expect(await noticesOf(operator, contract)).toEqual(['received', 'accepted', 'started'].sort());
  });

  it.each([
    ['care', ['care-cooperation', 'timeline'], 200],
    ['care', ['medical-cooperation'], 422],
    ['care', ['images'], 422],
    ['health', ['medical-cooperation', 'timeline'], 422],
    ['municipality', ['medical-cooperation'], 422],
    ['municipality', ['timeline'], 200],
    ['medical', ['signature', 'timeline'], 422],
    ['medical', ['medical-cooperation', 'signature'], 200],
    [
      'cooperating-hospital',
      ['medical-cooperation', 'outpatient-booking', 'images', 'signature', 'care-cooperation', 'timeline'],
      200,
    ],
  ])('of a %s institution for %s is answered with %i', async (kind, services, expected) => {
    const { contract } = await apply({ 'institution.kind': kind, 'services.service': services });
    expect((await call(operator, `${contract}/$accept`)).status).toBe(expected);
  });

  it('waits until the institution is active, so that none is accepted that nobody could use', async () => {
    const { contract, organization } = await apply();
    const resource = (await operator.get(organization)).body;
    await operator.put(organization, { ...resource, active: false });
    const refused = await call(operator, `${contract}/$accept`);
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('not active')]);
    expect(await status(contract)).not.toBe('executed');
    await operator.put(organization, { ...resource, active: true });
    expect((await call(operator, `${contract}/$accept`)).status).toBe(200);
  });

  it('may agree on other services than were applied for', async () => {
    const { contract } = await apply({
      'institution.kind': 'care',
      'services.service': ['medical-cooperation', 'timeline'],
    });
    expect((await call(operator, `${contract}/$accept`)).status).toBe(422);
    const { body } = await call(operator, `${contract}/$accept`, { service: ['timeline'] });
    expect(codes(body)).toEqual(['timeline']);
    expect((await call(operator, `${contract}/$accept`, { service: ['dream'] })).status).toBe(400);
  });
});

describe('$refuse', () => {
  it('names a ground and a reason, and is the end of it', async () => {
    const { contract, organization } = await apply();
    for (const given of [{}, { ground: 3, reason: 'x' }, { ground: 2 }, { ground: 1 }, { ground: 1, reason: ' ' }])
      expect((await call(operator, `${contract}/$refuse`, given)).status).toBe(400);
    const { status, body } = await call(operator, `${contract}/$refuse`, { ground: 2, reason: '提供地域外のため' });
    expect([status, body.status, causeOf(body)]).toEqual([200, 'cancelled', 'refused-2']);
    const notices = (await operator.get(`Communication?category=${BASE}/CodeSystem/contract-notice|refused`)).body
      .entry;
    expect(notices.at(-1).resource.payload[0].contentString).toContain('提供地域外のため');
    for (const name of ['$accept', '$terminate', '$amend'])
      expect((await call(operator, `${contract}/${name}`, { application: application() })).status).toBe(409);
    expect((await call(operator, `${contract}/$refuse`, { ground: 2, reason: 'x' })).status).toBe(409);
    expect((await call(operator, 'Contract/$apply', { application: application(), organization })).status).toBe(201);
  });

  it('on ground 1 says what was left out', async () => {
    const { contract } = await apply({ 'institution.representative': undefined });
    expect((await call(operator, `${contract}/$refuse`, { ground: 1 })).status).toBe(200);
    const { body } = await operator.get(`Communication?category=${BASE}/CodeSystem/contract-notice|refused`);
    const said = body.entry.find(
      ({ resource }: { resource: { about: { reference: string }[] } }) => resource.about[0]?.reference === contract,
    );
    expect(said.resource.payload[0].contentString).toContain('代表者氏名');
  });
});

describe('$terminate', () => {
  it.each([
    ['2026-10-31', {}, '2026-11-30', 'user'],
    ['2026-11-01', {}, '2026-12-31', 'user'],
    ['2027-01-29', {}, '2027-02-28', 'not-extended'],
    ['2027-01-30', {}, '2027-02-28', 'not-extended'],
    ['2027-02-01', {}, '2027-03-31', 'user'],
    ['2027-01-29', { wish: 'term-end' }, '2027-02-28', 'not-extended'],
    ['2027-01-30', { wish: 'term-end' }, '2027-05-31', 'not-extended'],
    // Recorded later than it was received.
    ['2027-02-20', { received: '2027-01-29' }, '2027-02-28', 'not-extended'],
    ['2027-03-20', { received: '2027-01-29' }, '2027-03-20', 'user'],
  ])('on %s with %j ends the contract of 1 March 2026 with %s', async (today, given, end, cause) => {
    const { contract } = await apply();
    await call(operator, `${contract}/$accept`);
    stage.turnTo(today);
    await stage.work();
    const { status, body } = await call(operator, `${contract}/$terminate`, given);
    expect([status, body.status, body.applies.end, causeOf(body)]).toEqual([200, 'executed', end, cause]);
    expect((await call(operator, `${contract}/$terminate`, given)).status).toBe(409);
  });

  it('before the answer, or before a start that would come after the end, withdraws', async () => {
    const { contract } = await apply();
    const { body } = await call(operator, `${contract}/$terminate`);
    expect([body.status, causeOf(body)]).toEqual(['cancelled', 'withdrawn']);
    stage.turnTo('2026-01-31');
    const second = await apply();
    await call(operator, `${second.contract}/$accept`, { start: '2026-03-02' });
    const withdrawn = (await call(operator, `${second.contract}/$terminate`)).body;
    expect([withdrawn.status, causeOf(withdrawn)]).toEqual(['cancelled', 'withdrawn']);
    stage.turnTo('2026-03-05');
    await stage.work();
    expect(await stage.services(second.organization)).toBe(0);
  });

  it('is not dated before the application, nor after today', async () => {
    const { contract } = await apply({}, { received: '2026-02-20' });
    for (const received of ['2026-02-19', '2026-03-02'])
      expect((await call(operator, `${contract}/$terminate`, { received })).status).toBe(422);
    expect((await call(operator, `${contract}/$terminate`, { wish: 'soon' })).status).toBe(400);
  });
});

describe('$end', () => {
  const given = { ground: 1, contacted: '2026-02-28', reason: '禁止行為' };

  it('needs a ground, the day on which the user was contacted, and a reason', async () => {
    const { contract } = await apply();
    expect((await call(operator, `${contract}/$end`, given)).status).toBe(409);
    await call(operator, `${contract}/$accept`);
    for (const name of ['ground', 'contacted', 'reason'])
      expect((await call(operator, `${contract}/$end`, { ...given, [name]: undefined })).status).toBe(400);
    expect((await call(operator, `${contract}/$end`, { ...given, ground: 6 })).status).toBe(400);
    expect((await call(operator, `${contract}/$end`, { ...given, contacted: '2026-03-02' })).status).toBe(422);
    expect((await call(operator, `${contract}/$end`, { ...given, last: '2026-02-28' })).status).toBe(422);
  });

  it.each([1, 2, 3, 4, 5])('on ground %i ends service at once, with every token', async (ground) => {
    const member = await stage.network.enrol('medical');
    const contract = `Contract/${(await member.get('Contract')).body.entry[0].resource.id}`;
    expect((await member.get('Patient')).status).toBe(200);
    const { status, body } = await call(operator, `${contract}/$end`, { ...given, ground });
    expect([status, body.status, causeOf(body), body.applies.end]).toEqual([
      200,
      'terminated',
      `operator-${ground}`,
      '2026-03-01',
    ]);
    expect((await member.get('Patient')).status).toBe(401);
    await expect(member.at(stage.server.config as never).get('Patient')).rejects.toThrow();
    expect((await call(operator, `${contract}/$end`, given)).status).toBe(409);
    // A new contract does not bring the old tokens back to life.
    await stage.network.contract(member);
    expect((await member.get('Patient')).status).toBe(401);
  });

  it('on a day leaves service until then, and comes before a later end', async () => {
    const { contract, organization } = await apply();
    await call(operator, `${contract}/$accept`);
    await call(operator, `${contract}/$terminate`);
    expect((await call(operator, `${contract}/$end`, { ...given, last: '2026-04-30' })).status).toBe(409);
    const { body } = await call(operator, `${contract}/$end`, { ...given, last: '2026-03-10' });
    expect([body.status, body.applies.end, causeOf(body)]).toEqual(['executed', '2026-03-10', 'operator-1']);
    stage.turnTo('2026-03-10T23:59:00+09:00');
    await stage.work();
    expect(await stage.services(organization)).toBe(5);
    stage.turnTo('2026-03-11T00:00:00+09:00');
    await stage.work();
    expect(await stage.services(organization)).toBe(0);
    expect(await status(contract)).toBe('terminated');
  });

  it('before the start keeps service from starting', async () => {
    const { contract, organization } = await apply();
    await call(operator, `${contract}/$accept`, { start: '2026-03-20' });
    expect((await call(operator, `${contract}/$end`, { ...given, last: '2026-03-19' })).status).toBe(422);
    expect((await call(operator, `${contract}/$end`, given)).body.status).toBe('cancelled');
    stage.turnTo('2026-03-20');
    await stage.work();
    expect(await stage.services(organization)).toBe(0);
  });
});

describe('whatever is done to a contract', () => {
  const end = { ground: '1', contacted: '2026-03-02', reason: '料金が支払われない' };

  it('comes after what has fallen due, though the job has not come to it yet', async () => {
    stage.turnTo('2026-03-10');
    const { contract, organization } = await apply();
    await call(operator, `${contract}/$accept`, { start: '2026-03-12' });
    stage.turnTo('2026-03-14');
    const ended = await call(operator, `${contract}/$end`, end);
    expect(ended.body).toMatchObject({
      status: 'terminated',
      applies: { start: expect.stringContaining('2026-03-12') },
    });
    const { rows } = await stage.database.query<{ interaction: string }>(
      `SELECT interaction FROM audit WHERE resource_id = $1 AND interaction LIKE 'contract-%' ORDER BY at, interaction`,
      [contract.split('/')[1]],
    );
    const acts = rows.map(({ interaction }) => interaction);
    expect(acts.filter((act) => act === 'contract-started' || act === 'contract-ended').sort()).toEqual([
      'contract-ended',
      'contract-started',
    ]);
    expect(await stage.services(organization)).toBe(0);
    await stage.work();
    expect(await status(contract)).toBe('terminated');
  });

  it('finds a contract ended whose end has passed', async () => {
    stage.turnTo('2026-03-10');
    const { contract } = await apply();
    await call(operator, `${contract}/$accept`);
    await call(operator, `${contract}/$terminate`);
    stage.turnTo('2026-06-01');
    for (const [operation, values] of [
      ['$terminate', {}],
      ['$end', { ...end, contacted: '2026-03-10' }],
      ['$change-services', { service: ['timeline'] }],
    ] as const)
      expect([operation, (await call(operator, `${contract}/${operation}`, values)).status]).toEqual([operation, 409]);
    await stage.work();
    expect(await status(contract)).toBe('terminated');
  });
});

describe('$change-services', () => {
  it('holds from today on, or from its day', async () => {
    const { contract, organization } = await apply();
    expect((await call(operator, `${contract}/$change-services`, { service: ['timeline'] })).status).toBe(409);
    await call(operator, `${contract}/$accept`);
    expect((await call(operator, `${contract}/$change-services`, {})).status).toBe(400);
    expect((await call(operator, `${contract}/$change-services`, { service: ['images'] })).status).toBe(422);
    expect(
      (await call(operator, `${contract}/$change-services`, { service: ['timeline'], from: '2026-02-28' })).status,
    ).toBe(422);
    await call(operator, `${contract}/$change-services`, { service: ['timeline'] });
    expect(await stage.services(organization)).toBe(SERVICES.timeline);
    const later = await call(operator, `${contract}/$change-services`, {
      service: ['timeline', 'care-cooperation'],
      from: '2026-03-15',
    });
    expect(later.body.term.map(({ applies }: { applies?: object }) => applies)).toEqual([
      undefined,
      { start: '2026-03-15' },
    ]);
    stage.turnTo('2026-03-14');
    await stage.work();
    expect(await stage.services(organization)).toBe(SERVICES.timeline);
    stage.turnTo('2026-03-15');
    await stage.work();
    expect(await stage.services(organization)).toBe(SERVICES.timeline + SERVICES['care-cooperation']);
    expect(await noticesOf(operator, contract)).toEqual(
      ['received', 'accepted', 'started', 'services', 'services', 'services'].sort(),
    );
  });

  it('keeps to what the institution’s kind may have, and its kind to what is agreed', async () => {
    const { contract, organization } = await apply();
    await call(operator, `${contract}/$accept`);
    const own = (await operator.get(organization)).body;
    const care = { ...own, type: [{ coding: [{ system: `${BASE}/CodeSystem/institution-kind`, code: 'care' }] }] };
    expect((await operator.put(organization, care)).status).toBe(422);
    await call(operator, `${contract}/$change-services`, { service: ['timeline'] });
    expect((await operator.put(organization, care)).status).toBe(200);
    expect((await call(operator, `${contract}/$change-services`, { service: ['medical-cooperation'] })).status).toBe(
      422,
    );
  });
});

describe('a Contract', () => {
  it('is written by nobody but the operations, and is nobody else’s ever', async () => {
    const member = await stage.network.enrol('medical');
    const { id } = (await member.get('Contract')).body.entry[0].resource;
    const path = `Contract/${id}`;
    const { body } = await operator.get(path);
    const other = { ...body, subject: [{ display: '譲受人' }] };
    for (const writer of [operator, member]) {
      expect((await writer.post('Contract', { resourceType: 'Contract' })).status).toBe(422);
      expect((await writer.put(path, { ...body, status: 'revoked' })).status).toBe(422);
      expect((await writer.put(path, other)).status).toBe(409);
      expect((await writer.send('DELETE', path)).status).toBe(422);
    }
    expect((await stage.hospital.put(path, other)).status).toBe(404);
    expect((await operator.get(path)).body).toEqual(body);
  });

  it('is forged by no other way, nor are the application and the notices that go with it', async () => {
    const member = await stage.network.enrol('medical');
    const papers = async () =>
      Promise.all(
        ['Contract', 'QuestionnaireResponse', 'Communication'].map(
          async (type) => (await operator.get(`${type}?_count=200&_sort=_id`)).body.entry,
        ),
      );
    const before = await papers();
    const mine = async (type: string) => (await member.get(type)).body.entry[0].resource;
    const [contract, form, notice] = await Promise.all(
      ['Contract', 'QuestionnaireResponse', 'Communication'].map(mine),
    );
    const entry = (method: string, url: string, resource?: object) => ({ request: { method, url }, resource });
    const bundle = (type: string, ...entries: object[]) => ({ resourceType: 'Bundle', type, entry: entries });
    const inside = {
      ...contract,
      contained: [{ resourceType: 'QuestionnaireResponse', id: 'x', status: 'completed' }],
    };
    const patch = [{ op: 'replace', path: '/status', value: 'executed' }];
    for (const [writer, own] of [
      [member, form],
      [operator, form],
      [stage.hospital, { ...form, subject: { reference: stage.hospital.organization } }],
    ] as const) {
      const replies = [
        await writer.post('Contract', { ...inside, id: undefined }),
        await writer.put(`Contract?identifier=${contract.identifier[0].value}`, inside),
        await writer.post('Contract', inside, { 'if-none-exist': 'identifier=none' }),
        await writer.send('PATCH', `Contract/${contract.id}`, JSON.stringify(patch), {
          'content-type': 'application/json-patch+json',
        }),
        await writer.send('DELETE', 'Contract?status=executed'),
        await writer.put(`QuestionnaireResponse/${form.id}`, own),
        await writer.put(`QuestionnaireResponse/${form.id}`, { ...own, status: 'amended' }),
        await writer.send('DELETE', `QuestionnaireResponse/${form.id}`),
        await writer.send('DELETE', `Communication/${notice.id}`),
        await writer.put(`Communication/${notice.id}`, { ...notice, payload: [{ contentString: 'x' }] }),
        await writer.post('', bundle('transaction', entry('PUT', `Contract/${contract.id}`, inside))),
        await writer.post('', bundle('transaction', entry('POST', 'Contract', inside))),
      ];
      for (const { status } of replies) expect([400, 403, 404, 405, 409, 412, 422]).toContain(status);
      const { body } = await writer.post(
        '',
        bundle(
          'batch',
          entry('PUT', `Contract/${contract.id}`, inside),
          entry('DELETE', `QuestionnaireResponse/${form.id}`),
        ),
      );
      for (const one of body.entry) expect(Number(one.response.status.slice(0, 3))).toBeGreaterThanOrEqual(400);
    }
    // Another institution reads none of it, whatever it refers to.
    for (const path of [
      `QuestionnaireResponse/${form.id}`,
      `QuestionnaireResponse/${form.id}/_history`,
      `Contract/${contract.id}/_history/1`,
      `Communication/${notice.id}`,
    ])
      expect((await stage.hospital.get(path)).status).toBe(404);
    for (const path of [
      `Contract?subject=${member.organization}`,
      `QuestionnaireResponse?subject=${member.organization}`,
      `Organization?_id=${member.organization.split('/')[1]}&_revinclude=Contract:subject&_revinclude=QuestionnaireResponse:subject`,
    ])
      expect((await stage.hospital.get(path)).body.entry ?? []).toEqual([]);
    const follows = await stage.hospital.post('QuestionnaireResponse', {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      subject: { reference: `Contract/${contract.id}` },
    });
    expect(follows.status).toBe(422);
    expect(await papers()).toEqual(before);
  });

  it('is for its institution and the operator to see, its operations for the operator', async () => {
    const member = await stage.network.enrol('medical');
    const { id } = (await member.get('Contract')).body.entry[0].resource;
    expect((await member.get('Contract')).body.total).toBe(1);
    expect((await stage.hospital.get(`Contract/${id}`)).status).toBe(404);
    for (const name of ['apply', 'inquire']) expect((await member.post(`Contract/$${name}`, {})).status).toBe(403);
    for (const name of ['amend', 'accept', 'refuse', 'terminate', 'end', 'change-services'])
      expect((await member.post(`Contract/${id}/$${name}`, { resourceType: 'Parameters' })).status).toBe(403);
    for (const name of ['accept', 'terminate'])
      expect((await call(operator, `Contract/nobody/$${name}`)).status).toBe(404);
  });

  it('tells its institution all that happens, over FHIR', async () => {
    const member = await stage.network.enrol('medical');
    const { id } = (await member.get('Contract')).body.entry[0].resource;
    expect(await noticesOf(member, `Contract/${id}`)).toEqual(['received', 'accepted', 'started'].sort());
    const { body } = await member.get(`Communication?category=${BASE}/CodeSystem/contract-notice|accepted`);
    expect(body.entry[0].resource.payload.map((one: { contentString: string }) => one.contentString)).toEqual([
      expect.stringContaining('2027年2月28日'),
      expect.stringContaining('28 February 2027'),
    ]);
  });

  it('leaves every step in the audit', async () => {
    const { contract } = await apply();
    await call(operator, `${contract}/$accept`, { start: '2026-03-02' });
    stage.turnTo('2026-03-02');
    await stage.work();
    await call(operator, `${contract}/$end`, { ground: 5, contacted: '2026-03-01', reason: 'x' });
    const { rows } = await stage.database.query<{ interaction: string }>(
      `SELECT interaction FROM audit WHERE resource_id = $1 AND interaction LIKE 'contract-%' ORDER BY tx`,
      [contract.split('/')[1]],
    );
    expect(rows.map(({ interaction }) => interaction)).toEqual([
      'contract-applied',
      'contract-accepted',
      'contract-started',
      'contract-ended',
    ]);
  });
});

describe('the desk', () => {
  it('finds a contract by the number, as people say it', async () => {
    const { contract, reply } = await apply();
    const number = output(reply, 'number') as string;
    for (const said of [
      number,
      number.replaceAll('-', ''),
      number.replaceAll('-', 'ー'),
      ` ${number.replaceAll('-', '－')} `,
      toWide(number),
    ]) {
      const found = await call(operator, 'Contract/$inquire', { number: { valueString: said } });
      expect([found.status, output(found, 'contract'), output(found, 'name')]).toEqual([200, contract, 'さくら診療所']);
    }
    for (const said of ['000-000-0000', number.slice(0, -1) + ((Number(number.at(-1)) + 1) % 10), 'x'.repeat(2000)])
      expect((await call(operator, 'Contract/$inquire', { number: { valueString: said } })).status).toBe(404);
    expect((await operator.get(`Contract?identifier=${number}`)).body.total).toBe(1);
  });

  it('says whether it is open', async () => {
    stage.turnTo('2026-03-02T17:29:00+09:00');
    expect((await stage.hospital.get('$desk-hours')).body.parameter[0]).toEqual({ name: 'open', valueBoolean: true });
    stage.turnTo('2026-03-20T12:00:00+09:00'); // 春分の日
    const { body } = await stage.hospital.get('$desk-hours');
    expect(body.parameter).toEqual([
      { name: 'open', valueBoolean: false },
      { name: 'opens', valueDateTime: '2026-03-23T00:00:00.000Z' },
    ]);
  });
});

const toWide = (text: string) =>
  [...text].map((one) => (/\d/.test(one) ? String.fromCharCode(one.charCodeAt(0) + 0xfee0) : one)).join('');

describe('several at once', () => {
  const tally = (replies: readonly { readonly status: number }[]) =>
    Object.fromEntries(
      Map.groupBy(replies, ({ status }) => status)
        .entries()
        .map(([status, all]) => [status, all.length]),
    );
  const atOnce = (calls: readonly (() => Promise<{ readonly status: number }>)[]) =>
    Promise.all(calls.map((one) => one()));
  const times = (count: number, path: string, given: object = {}) =>
    Array.from({ length: count }, () => () => call(operator, path, { ...given }));
  const refusal = { ground: '2', reason: '条件を満たさない' };

  it('of those who accept one does, and is told of once', async () => {
    const { contract } = await apply();
    expect(tally(await atOnce(times(6, `${contract}/$accept`)))).toEqual({ 200: 1, 409: 5 });
    expect((await noticesOf(operator, contract)).filter((code) => code !== 'received')).toEqual([
      'accepted',
      'started',
    ]);
  });

  it('an application is accepted or refused, and not both', async () => {
    const { contract } = await apply();
    const answers = [...times(3, `${contract}/$accept`), ...times(3, `${contract}/$refuse`, refusal)];
    expect(tally(await atOnce(answers))).toEqual({ 200: 1, 409: 5 });
    const told = (await noticesOf(operator, contract)).filter((code) => code === 'accepted' || code === 'refused');
    expect(told).toHaveLength(1);
  });

  it('a notice is received once, whoever records it', async () => {
    const { contract } = await apply();
    await call(operator, `${contract}/$accept`);
    const ends = [
      ...times(4, `${contract}/$terminate`),
      ...times(2, `${contract}/$end`, { ground: '1', contacted: '2026-03-01', reason: 'x' }),
    ];
    const replies = await atOnce(ends);
    expect(replies.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect((await noticesOf(operator, contract)).filter((code) => code === 'ending').length).toBeLessThanOrEqual(1);
    expect(await status(contract)).toBe('terminated');
  });

  it('applications of one new institution register it once', async () => {
    const paper = { application: application({ 'institution.code': '1499000777' }) };
    expect(tally(await atOnce(times(5, 'Contract/$apply', paper)))).toEqual({ 201: 1, 409: 4 });
  });
});
