import type { Access } from '../../src/access/access.ts';
import { policyTable } from '../../src/access/policy.ts';
import { Decimal } from '../../src/fhir/json.ts';
import { permitChange, permitScope, permitType } from '../../src/fhir/permit.ts';
import { caller, prepared, refusal, system } from './callers.ts';

const hospital = caller(1n);
const clinic = caller(2n, 'system/*.cruds', 'medical');
const operator = caller(9n, 'system/*.cruds', 'operator');

describe('a type', () => {
  it('that R4 does not have is unknown, to the system too', async () => {
    for (const access of [hospital, operator, system])
      expect(await refusal(() => permitType(access, 'Foo', 'read'))).toMatchObject({
        status: 404,
        code: 'not-supported',
      });
  });

  it('is named in the refusal so that it cannot break out of it', async () => {
    const { text } = await refusal(() => permitType(hospital, `"\n${'x'.repeat(500)}`, 'read'));
    expect(text.length).toBeLessThan(120);
    expect(text).toContain('"\\"\\n');
  });

  it.each([...policyTable()].filter(([, policy]) => policy === 'x').map(([type]) => type))(
    '%s is not served, to nobody',
    async (type) => {
      for (const access of [hospital, operator, system])
        expect(await refusal(() => permitType(access, type, 'read'))).toMatchObject({ status: 403 });
    },
  );

  const WRITES = ['create', 'update', 'delete'] as const;
  it.each([
    ['Consent', [hospital, clinic, operator], 'consents are made by $issue-keycode'],
    ['AuditEvent', [hospital, clinic, operator], 'the server records'],
    ['StructureDefinition', [hospital, clinic], 'not written by institutions of kind'],
    ['Slot', [clinic, operator], 'not written by institutions of kind'],
    ['OrganizationAffiliation', [clinic, operator], 'not written by institutions of kind'],
    ['Observation', [operator], 'not written by institutions of kind operator'],
    ['Appointment', [operator], 'not written by institutions of kind operator'],
  ])('%s is not written by some, whatever the data', async (type, callers: Access[], advice) => {
    for (const access of callers)
      for (const interaction of WRITES) {
        const found = await refusal(() => permitType(access, type, interaction));
        expect(found).toMatchObject({ status: 403, code: 'forbidden' });
        expect(found.text).toContain(advice);
      }
  });

  it('may be read and searched by those who may not write it', () => {
    for (const type of ['Consent', 'AuditEvent', 'StructureDefinition', 'Slot'])
      for (const interaction of ['read', 'search'] as const) permitType(clinic, type, interaction);
  });

  it('is written by the system where no institution may', () => {
    for (const interaction of WRITES) permitType(system, 'Consent', interaction);
  });
});

describe('a scope', () => {
  const LETTERS = { create: 'c', read: 'r', update: 'u', delete: 'd', search: 's' } as const;

  it.each(Object.entries(LETTERS) as [keyof typeof LETTERS, 'c' | 'r' | 'u' | 'd' | 's'][])(
    'opens %s by the letter %s alone',
    async (interaction, letter) => {
      permitType(caller(1n, `system/Observation.${letter}`), 'Observation', interaction);
      permitType(caller(1n, `system/*.${letter}`), 'Observation', interaction);
      const others = 'cruds'.replace(letter, '');
      expect(
        await refusal(() => permitType(caller(1n, `system/Observation.${others}`), 'Observation', interaction)),
      ).toMatchObject({ status: 403, text: `The token's scopes do not include system/Observation.${letter}` });
    },
  );

  it('opens its own type only', async () => {
    const access = caller(1n, 'system/Patient.cruds system/Observation.r');
    permitScope(access, 'Patient', 's');
    permitScope(access, 'Observation', 'r');
    for (const [type, letter] of [
      ['Observation', 's'],
      ['Condition', 'r'],
      ['*', 'r'],
    ] as const)
      expect(await refusal(() => permitScope(access, type, letter))).toMatchObject({ status: 403 });
  });

  it('several add up', () => {
    const access = caller(1n, 'system/Patient.r system/Patient.s');
    permitScope(access, 'Patient', 'r');
    permitScope(access, 'Patient', 's');
  });

  it('none opens nothing, and the system needs none', async () => {
    expect(await refusal(() => permitScope(caller(1n, ''), 'Patient', 'r'))).toMatchObject({ status: 403 });
    permitScope(system, 'Patient', 'r');
  });
});

describe('a change', () => {
  const change = (access: Access, ...args: Parameters<typeof prepared>) => permitChange(access, prepared(...args));

  it('of what is new, of what is one’s own, and by the system is permitted', async () => {
    await change(clinic, 'Observation', undefined, { status: 'final' }, { owner: 1n });
    await change(hospital, 'Observation', { status: 'final' }, { status: 'amended' });
    await change(hospital, 'Appointment', { status: 'booked' }, { status: 'booked', start: '2026-01-01T00:00:00Z' });
    await change(system, 'Observation', { status: 'final' }, undefined);
  });

  it.each(['Observation', 'Patient', 'Practitioner', 'Slot', 'QuestionnaireResponse', 'Consent'])(
    'of another’s %s is not, for it depends on nothing that a party may say',
    async (type) => {
      expect(await refusal(() => change(clinic, type, { a: 1 }, { a: 1 }))).toEqual({
        status: 422,
        code: 'business-rule',
        text: `Only the institution that owns this ${type} may change it`,
        expression: [type],
      });
    },
  );

  it('by the operator reaches every entry of the directory, and nothing else', async () => {
    await change(operator, 'Organization', { name: 'a' }, { name: 'b' });
    await change(operator, 'Practitioner', { active: true }, undefined);
    expect(await refusal(() => change(operator, 'Observation', { a: 1 }, { a: 2 }))).toMatchObject({ status: 422 });
    expect(await refusal(() => change(operator, 'Slot', { a: 1 }, undefined))).toMatchObject({ status: 422 });
  });
});

describe('a deletion', () => {
  const remove = (access: Access, type: string, current: object) =>
    permitChange(access, prepared(type, { a: 1 }, undefined, current));

  it('is for the hospital in whose timeline the entry is, whoever wrote it', async () => {
    await remove(hospital, 'Observation', { owner: 2n, home: 1n });
    await remove(hospital, 'Observation', { owner: 1n, home: 1n });
  });

  it('is not for the author of an entry in another’s timeline', async () => {
    const found = await refusal(() => remove(clinic, 'Observation', { owner: 2n, home: 1n }));
    expect(found).toMatchObject({ status: 422, text: expect.stringContaining('deleted by that hospital only') });
  });

  it('is for the owner of what is in no timeline', async () => {
    await remove(clinic, 'Observation', { owner: 2n, home: null });
    await remove(clinic, 'Observation', { owner: 2n, home: 2n });
    await remove(clinic, 'ServiceRequest', { owner: 2n, home: 1n });
    await remove(clinic, 'Practitioner', { owner: 2n });
  });

  it.each(['ServiceRequest', 'Communication', 'Practitioner', 'Slot', 'Consent'])(
    'of another’s %s is refused, to the patient’s hospital too',
    async (type) => {
      expect(await refusal(() => remove(hospital, type, { owner: 2n, home: 1n }))).toEqual({
        status: 422,
        code: 'business-rule',
        text: `Only the institution that owns this ${type} may delete it`,
        expression: [type],
      });
    },
  );
});

describe('a party', () => {
  const booking = {
    status: 'booked',
    start: '2026-06-01T09:00:00+09:00',
    participant: [
      { actor: { reference: 'Patient/p' }, status: 'accepted' },
      { actor: { reference: 'HealthcareService/ct' }, status: 'needs-action', required: 'required' },
    ],
  };
  const asParty = (type: string, before: object, after: object) =>
    permitChange(clinic, prepared(type, before, after, { owner: 1n }));
  const party = (after: object) => asParty('Appointment', booking, { ...booking, ...after });
  const [first, second] = booking.participant;

  it('may change the status of a booking, the reason and the comment', async () => {
    await party({ status: 'cancelled', cancelationReason: { text: '体調不良' }, comment: '改めて' });
  });

  it('may answer for a participant', async () => {
    await party({ participant: [first, { ...second, status: 'accepted' }] });
    await party({ participant: [first, { actor: second?.actor, required: 'required' }] });
  });

  it.each([
    ['another actor', [first, { ...second, actor: { reference: 'HealthcareService/mri' } }]],
    ['one participant more', [first, second, { actor: { reference: 'Organization/o' }, status: 'accepted' }]],
    ['one less', [first]],
    ['none', []],
    ['another order', [second, first]],
    ['more about one', [first, { ...second, period: { start: '2026' } }]],
    ['what is no list', { ...first }],
  ])('may not name %s', async (_, participant) => {
    expect(await refusal(() => party({ participant }))).toMatchObject({
      status: 422,
      expression: ['Appointment.participant'],
    });
  });

  it('may change nothing else, and is told what it may', async () => {
    expect(await refusal(() => party({ start: '2026-06-01T10:00:00+09:00' }))).toEqual({
      status: 422,
      code: 'business-rule',
      text: 'A party to this Appointment may change only status, cancelationReason, comment, participant.status',
      expression: ['Appointment.start'],
    });
  });

  it.each([
    ['leave an element out', { start: undefined }, 'start'],
    ['add an element', { description: 'x' }, 'description'],
    ['extend an element', { _start: { extension: [{ url: 'http://x', valueString: 'y' }] } }, '_start'],
    ['extend the status', { _status: { id: 'x' } }, '_status'],
    ['add a contained resource', { contained: [{ resourceType: 'Patient' }] }, 'contained'],
    ['change the language', { language: 'ja' }, 'language'],
  ])('may not %s', async (_, after, name) => {
    expect((await refusal(() => party(after))).expression).toEqual([`Appointment.${name}`]);
  });

  it('may send the elements in another order, and the server’s own meta', async () => {
    const turned = {
      participant: [
        { status: 'accepted', actor: { reference: 'Patient/p' } },
        { required: 'required', status: 'needs-action', actor: { reference: 'HealthcareService/ct' } },
      ],
      meta: { versionId: '7', lastUpdated: '2026-01-01T00:00:00Z' },
      start: booking.start,
      status: 'fulfilled',
    };
    await asParty('Appointment', booking, turned);
  });

  it('may not change a number by its last zero: precision is content', async () => {
    const with1 = (value: unknown) => ({ status: 'active', quantityQuantity: { value } });
    await asParty('ServiceRequest', with1(new Decimal('1.50')), with1(new Decimal('1.50')));
    expect(await refusal(() => asParty('ServiceRequest', with1(new Decimal('1.50')), with1(1.5)))).toMatchObject({
      status: 422,
    });
  });

  it.each([
    ['ServiceRequest', { status: 'active', priority: 'routine' }, { status: 'completed' }, { priority: 'stat' }],
    [
      'Communication',
      { status: 'in-progress', payload: [{ contentString: 'a' }] },
      { received: '2026-06-01T00:00:00Z' },
      { payload: [{ contentString: 'b' }] },
    ],
    ['CommunicationRequest', { status: 'active' }, { statusReason: { text: 'x' } }, { priority: 'stat' }],
    [
      'Task',
      { status: 'requested', description: 'a' },
      { output: [{ type: { text: 'x' }, valueString: 'y' }] },
      { description: 'b' },
    ],
  ])('to a %s may change what its table says', async (type, before, may, mayNot) => {
    await asParty(type, before, { ...before, ...may });
    expect((await refusal(() => asParty(type, before, { ...before, ...may, ...mayNot }))).expression).toEqual([
      `${type}.${Object.keys(mayNot)[0]}`,
    ]);
  });
});
