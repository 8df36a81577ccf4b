import { checkResource, errorInEntry, inEntry, isId } from '../../src/fhir/check.ts';
import type { Change, Resource } from '../../src/fhir/engine.ts';
import { inEntry as atPlace } from '../../src/fhir/places.ts';
import { FhirError, type Issue, refuse } from '../../src/http/errors.ts';
import { refusal } from './callers.ts';

const PATIENT = { resourceType: 'Patient', active: true } as Resource;
const change = (more: Partial<Change> = {}): Change => ({
  interaction: 'create',
  type: 'Patient',
  resource: PATIENT,
  ...more,
});
const check = (more: Partial<Change>, entry?: number) => refusal(() => checkResource(change(more), entry));

describe('a change is refused', () => {
  it.each([null, undefined, 'Patient', 7, [], [PATIENT]])('with 400 without a resource: %j', async (resource) => {
    expect(await check({ resource: resource as unknown as Resource })).toMatchObject({
      status: 400,
      code: 'structure',
    });
  });

  it.each(['Observation', 'patient', '', 7, null])(
    'with 400 when it is a %j where a Patient is asked for',
    async (resourceType) => {
      const resource = { ...PATIENT, resourceType: resourceType as string };
      expect(await check({ resource })).toMatchObject({ status: 400, expression: ['resourceType'] });
    },
  );

  it('with 400 when an update has another id than its address, or none', async () => {
    for (const id of ['other', undefined, '', 7]) {
      const resource = { ...PATIENT, ...(id !== undefined && { id }) } as Resource;
      expect(await check({ interaction: 'update', id: 'x', resource })).toMatchObject({
        status: 400,
        expression: ['Patient.id'],
      });
    }
  });

  it('with 422 for each thing that is wrong in it, by its path', () => {
    const resource = { ...PATIENT, active: 'yes', gender: 'x', birthDate: '2026-02-30' } as unknown as Resource;
    let error: unknown;
    try {
      checkResource(change({ resource }));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FhirError);
    expect((error as FhirError).status).toBe(422);
    expect((error as FhirError).issues.map((issue) => issue.expression?.[0]).sort()).toEqual([
      'Patient.active',
      'Patient.birthDate',
      'Patient.gender',
    ]);
  });

  it('by the path in its Bundle, where it stands in one', async () => {
    const resource = { ...PATIENT, gender: 'x' } as Resource;
    expect(await check({ resource }, 3)).toMatchObject({
      status: 422,
      expression: ['Bundle.entry[3].resource.ofType(Patient).gender'],
    });
  });
});

describe('a change passes', () => {
  it('with what it refers to', () => {
    const resource = {
      ...PATIENT,
      managingOrganization: { reference: 'Organization/o' },
      generalPractitioner: [
        { reference: 'urn:uuid:6bd4d0c6-7a4c-4bd5-9a55-0a1b3a6b7c01' },
        { reference: 'Practitioner?identifier=x' },
      ],
    } as Resource;
    expect(checkResource(change({ resource })).map(({ path, reference }) => [path, reference])).toEqual(
      [
        ['Patient.managingOrganization', 'Organization/o'],
        ['Patient.generalPractitioner[0]', 'urn:uuid:6bd4d0c6-7a4c-4bd5-9a55-0a1b3a6b7c01'],
        ['Patient.generalPractitioner[1]', 'Practitioner?identifier=x'],
      ].map(([path, reference]) => [expect.stringContaining((path as string).split('[')[0] as string), reference]),
    );
  });

  it('as a deletion, whatever it holds', () => {
    expect(checkResource({ interaction: 'delete', type: 'Patient', id: 'x' })).toEqual([]);
  });

  it('as an update with the id of its address', () => {
    expect(checkResource(change({ interaction: 'update', id: 'x', resource: { ...PATIENT, id: 'x' } }))).toEqual([]);
  });

  it('with an id of its own in a creation: the server gives another', () => {
    expect(checkResource(change({ resource: { ...PATIENT, id: 'mine' } }))).toEqual([]);
  });
});

describe('an id', () => {
  it.each(['a', '1', 'A-b.C', 'x'.repeat(64), '6bd4d0c6-7a4c-4bd5-9a55-0a1b3a6b7c01'])('is %s', (id) => {
    expect(isId(id)).toBe(true);
  });
  it.each(['', 'x'.repeat(65), 'a b', 'a_b', 'a/b', 'あ', 'a\n', 'a\0', '$a', 'ａ'])('is not %j', (id) => {
    expect(isId(id)).toBe(false);
  });
});

describe('an issue of an entry', () => {
  const issue = (expression?: string[]): Issue => ({
    severity: 'error',
    code: 'value',
    diagnostics: 'x',
    ...(expression && { expression }),
  });

  it.each([
    [['Patient.name[0].family'], ['Bundle.entry[2].resource.ofType(Patient).name[0].family']],
    [['Patient'], ['Bundle.entry[2].resource.ofType(Patient)']],
    [['resourceType'], ['Bundle.entry[2].resource.resourceType']],
    [
      ['Patient.id', 'Patient.meta'],
      ['Bundle.entry[2].resource.ofType(Patient).id', 'Bundle.entry[2].resource.ofType(Patient).meta'],
    ],
    [undefined, ['Bundle.entry[2]']],
  ])('at %j is at %j', (before, after) => {
    expect(inEntry(issue(before), 2)).toEqual(issue(after));
  });

  it('keeps status, headers and cause of its error', () => {
    const error = new FhirError(429, [issue(['A.b']), issue()], { 'Retry-After': '5' });
    const named = errorInEntry(error, 0) as FhirError;
    expect(named).toMatchObject({ status: 429, headers: { 'Retry-After': '5' }, cause: error });
    expect(named.issues.map((one) => one.expression?.[0])).toEqual([
      'Bundle.entry[0].resource.ofType(A).b',
      'Bundle.entry[0]',
    ]);
  });

  it('is not made of a defect', () => {
    const defect = new TypeError('x');
    expect(errorInEntry(defect, 1)).toBe(defect);
  });

  it('is named by the place of its change in the Bundle, and not at all for a change that came alone', async () => {
    const fail = () => {
      throw refuse.conflict('x', 'Patient.id');
    };
    expect((await refusal(() => atPlace([5, 7], 1, fail))).expression).toEqual([
      'Bundle.entry[7].resource.ofType(Patient).id',
    ]);
    expect((await refusal(() => atPlace(undefined, 1, async () => fail()))).expression).toEqual(['Patient.id']);
    expect(await atPlace([5], 0, () => 'done')).toBe('done');
  });
});
