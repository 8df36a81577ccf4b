import type { Write } from '../../src/fhir/engine.ts';
import { Decimal } from '../../src/fhir/json.ts';
import { put, spreadOf } from '../../src/fhir/put.ts';
import { caller, engine, NOW, prepared, refusal } from './callers.ts';
import { keys } from './indexing/context.ts';

const rid = (reference: string) => keys.rid(...(reference.split('/') as [string, string]));
const known = (...rows: { reference: string; owner: bigint; open: boolean }[]): Write =>
  ({
    engine,
    access: caller(1n),
    referenced: new Map(
      rows.map(({ reference, owner, open }) => {
        const [type, id] = reference.split('/') as [string, string];
        return [rid(reference), { rid: rid(reference), type, id, owner, open }];
      }),
    ),
  }) as unknown as Write;
const HERE = known(
  { reference: 'Patient/p', owner: 1n, open: true },
  { reference: 'Patient/q', owner: 7n, open: true },
  { reference: 'Patient/shut', owner: 7n, open: false },
);
const store = (change: ReturnType<typeof prepared>, write = HERE, decimals = false) =>
  put(engine, write, change, NOW, decimals);
const json = (content: Buffer | null) => JSON.parse(String(content));
const observation = (patient: string, more: object = {}) => ({
  status: 'final',
  subject: { reference: patient },
  ...more,
});

describe('the bytes of a version', () => {
  it('begin with type, id and the server’s meta; the rest is as it was sent, in its order', () => {
    const { content } = store(
      prepared('Patient', undefined, { name: [{ family: '山田' }], active: true, text: { status: 'empty' } }),
    );
    expect(String(content)).toBe(
      '{"resourceType":"Patient","id":"x","meta":{"versionId":"1","lastUpdated":"2026-06-01T00:00:00.000Z"},' +
        '"name":[{"family":"山田"}],"active":true,"text":{"status":"empty"}}',
    );
  });

  it('keep what else is in meta, and never its version or time', () => {
    const meta = {
      versionId: '99',
      lastUpdated: '1999-01-01T00:00:00Z',
      source: 'urn:x',
      profile: ['http://x'],
      tag: [{ system: 's', code: 'c' }],
    };
    const { content, version } = store(prepared('Patient', { a: 1 }, { meta }, { version: 4 }));
    expect(version).toBe(5);
    expect(json(content).meta).toEqual({ ...meta, versionId: '5', lastUpdated: '2026-06-01T00:00:00.000Z' });
  });

  it('keep decimals to the digit, and index them as numbers', () => {
    const value = { valueQuantity: { value: new Decimal('36.50'), unit: 'C' } };
    const change = prepared('Observation', undefined, observation('Patient/p', value));
    const found = store(change, HERE, true);
    expect(String(found.content)).toContain('"value":36.50');
    const param = keys.param('Observation', 'value-quantity');
    const range = found.rows.ranges.find((one) => one.param === param);
    expect(range).toBeDefined();
    expect(range?.low).toBeLessThanOrEqual(36.5);
    expect(range?.high).toBeGreaterThanOrEqual(36.5);
  });
});

describe('what is stored beside them', () => {
  it('says which interaction it was', () => {
    expect(store(prepared('Patient', undefined, {}))).toMatchObject({ interaction: 'c', version: 1, type: 'Patient' });
    expect(store(prepared('Patient', {}, {}, { version: 2 }))).toMatchObject({ interaction: 'u', version: 3 });
    expect(store(prepared('Patient', {}, undefined, { version: 3 }))).toMatchObject({
      interaction: 'd',
      version: 4,
      content: null,
      date: null,
      sealed: false,
      rows: { keys: [], ranges: [], strings: [] },
    });
  });

  it('of a deletion keeps whom it was about, so that its audit does', () => {
    const one = store(prepared('Observation', {}, undefined, { patient: 5n, home: 1n }));
    expect(one).toMatchObject({ patients: [5n], home: 1n });
    const two = store(prepared('Observation', {}, undefined, { patients: [5n, 6n] }));
    expect(two).toMatchObject({ patients: [5n, 6n], home: null });
    expect(store(prepared('Organization', {}, undefined)).patients).toEqual([]);
  });

  it('says whose timeline it is in: that of the patient’s hospital', () => {
    expect(store(prepared('Observation', undefined, observation('Patient/p')))).toMatchObject({
      home: 1n,
      patients: [rid('Patient/p')],
      class: 'c',
    });
    expect(store(prepared('Observation', undefined, observation('Patient/q'), { owner: 2n }))).toMatchObject({
      home: 7n,
      owner: 2n,
    });
    expect(store(prepared('Patient', undefined, {}, { owner: 3n }))).toMatchObject({ home: 3n });
    expect(store(prepared('Observation', undefined, { status: 'final' }))).toMatchObject({ home: null, patients: [] });
  });

  it('has no timeline where it is about several patients', () => {
    const members = ['Patient/p', 'Patient/q'].map((reference) => ({ entity: { reference } }));
    const found = store(prepared('Group', undefined, { type: 'person', actual: true, member: members }));
    expect(found.home).toBeNull();
    expect(new Set(found.patients)).toEqual(new Set([rid('Patient/p'), rid('Patient/q')]));
  });

  it('has the clinical date', () => {
    const dated = observation('Patient/p', { effectiveDateTime: '2026-05-01T09:00:00+09:00' });
    expect(store(prepared('Observation', undefined, dated)).date).toBe(Date.parse('2026-05-01T00:00:00Z'));
    expect(store(prepared('Observation', undefined, observation('Patient/p'))).date).toBeNull();
  });
});

describe('a timeline that is not open', () => {
  it.each(['Patient/shut', 'Patient/unknown'])('takes no entry: %s', async (patient) => {
    const found = await refusal(() => store(prepared('Observation', undefined, observation(patient))));
    expect(found).toMatchObject({ status: 422, expression: ['Observation'] });
    expect(found.text).toContain('redeem the patient’s keycode');
  });

  it('takes none that is about another patient too', async () => {
    const member = ['Patient/p', 'Patient/shut'].map((reference) => ({ entity: { reference } }));
    const group = prepared('Group', undefined, { type: 'person', actual: true, member });
    expect(await refusal(() => store(group))).toMatchObject({ status: 422 });
  });

  it('may be named in a booking, a message or a request', () => {
    const subject = { reference: 'Patient/shut' };
    for (const type of ['ServiceRequest', 'Communication', 'Task'])
      expect(store(prepared(type, undefined, { status: 'active', subject, for: subject })).class).toBe('w');
  });
});

describe('the tag 未提供', () => {
  const system = 'http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication';
  const sealed = (meta: object | undefined) =>
    store(prepared('Observation', undefined, observation('Patient/p', meta && { meta }))).sealed;

  it('seals', () => {
    expect(sealed({ tag: [{ system, code: 'UNDELIVERED' }] })).toBe(true);
    expect(sealed({ tag: [{ code: 'x' }, { system, code: 'UNDELIVERED', display: '未提供' }] })).toBe(true);
  });

  it.each([
    undefined,
    {},
    { tag: [] },
    { tag: [{ code: 'UNDELIVERED' }] },
    { tag: [{ system, code: 'undelivered' }] },
    { tag: [{ system: `${system}2`, code: 'UNDELIVERED' }] },
    { security: [{ system, code: 'UNDELIVERED' }] },
    { tag: [null, { system }] },
  ])('and nothing else does: %j', (meta) => {
    expect(sealed(meta)).toBe(false);
  });
});

describe('parties', () => {
  const spread = (type: string, resource: object, replaces = false) =>
    spreadOf(engine, type, 99n, { resourceType: type, ...resource }, replaces);
  const to = (reference: string) => ({ reference });

  it('of a booking are those of its participants, and of what it is based on', () => {
    expect(
      spread('Appointment', {
        participant: [{ actor: to('Patient/p') }, { actor: to('HealthcareService/ct') }, { status: 'accepted' }],
        basedOn: [to('ServiceRequest/s')],
        supportingInformation: [to('DocumentReference/d')],
        reasonReference: [to('Condition/c')],
      }),
    ).toEqual({
      rid: 99n,
      replaces: false,
      names: [rid('Patient/p'), rid('HealthcareService/ct')],
      follows: [rid('ServiceRequest/s')],
      carries: [rid('Patient/p'), rid('HealthcareService/ct'), rid('DocumentReference/d'), rid('Condition/c')],
    });
  });

  it('are named by a Reference, also with a version or by this server’s own address', () => {
    const names = (reference: string) => spread('ServiceRequest', { performer: [{ reference }] })?.names;
    expect(names('Organization/o/_history/3')).toEqual([rid('Organization/o')]);
    expect(names('https://tasuki.example/fhir/Organization/o')).toEqual([rid('Organization/o')]);
  });

  it.each([
    'https://elsewhere.example/fhir/Organization/o',
    'https://tasuki.example.evil.example/fhir/Organization/o',
    '#contained',
    'urn:uuid:6bd4d0c6-7a4c-4bd5-9a55-0a1b3a6b7c01',
    'Organization?identifier=x',
    'organization/o',
    '',
  ])('are not named by %j', (reference) => {
    expect(spread('ServiceRequest', { performer: [{ reference }] })).toBeUndefined();
  });

  it('are each named once', () => {
    const twice = [to('Organization/o'), to('Organization/o'), to('https://tasuki.example/fhir/Organization/o')];
    expect(spread('ServiceRequest', { performer: twice, requester: twice[0] })?.names).toEqual([rid('Organization/o')]);
  });

  it('of a message see its attachments by the url of the Binary', () => {
    expect(
      spread('Communication', {
        recipient: [to('Organization/o')],
        subject: to('Patient/p'),
        payload: [
          { contentString: 'a' },
          { contentAttachment: { url: 'Binary/b' } },
          { contentReference: to('DocumentReference/d') },
        ],
      })?.carries,
    ).toEqual([rid('DocumentReference/d'), rid('Binary/b')]);
  });

  it('of a task see its inputs, each in a part of its own', () => {
    const input = [{ type: { text: 'x' }, valueReference: to('Bundle/b') }, { valueString: 'y' }];
    expect(spread('Task', { owner: to('Organization/o'), input })?.carries).toEqual([rid('Bundle/b')]);
  });

  it('there are none for types without a rule, and for what names nobody', () => {
    expect(spread('Patient', { managingOrganization: to('Organization/o') })).toBeUndefined();
    expect(spread('Condition', { recorder: to('Practitioner/o') })).toBeUndefined();
    expect(spread('Observation', { subject: to('Patient/p') })).toBeUndefined();
    expect(spread('Appointment', { participant: 'x', basedOn: 1 })).toBeUndefined();
  });

  it('are worked out again for what names nobody any more', () => {
    expect(spread('ServiceRequest', { subject: to('Patient/p') }, true)).toEqual({
      rid: 99n,
      replaces: true,
      names: [],
      follows: [],
      carries: [rid('Patient/p')],
    });
  });
});
