import { evaluatePlan } from '../../support/evaluate-query.ts';
import { keys } from '../indexing/context.ts';
import { find, plan, refusal, row, type Stored } from './find.ts';

const patients: Stored[] = [
  { resourceType: 'Patient', id: 'p1', identifier: [{ system: 'urn:mrn', value: '1' }], name: [{ family: '山田' }] },
  { resourceType: 'Patient', id: 'p2', identifier: [{ system: 'urn:mrn', value: '2' }], name: [{ family: '高橋' }] },
];
const place: Stored = {
  resourceType: 'Location',
  id: 'l1',
  name: '山田病院',
  identifier: [{ system: 'urn:mrn', value: '1' }],
};
const observations: Stored[] = [
  {
    resourceType: 'Observation',
    id: 'o1',
    status: 'final',
    code: { coding: [{ code: 'a' }] },
    subject: { reference: 'Patient/p1' },
  },
  {
    resourceType: 'Observation',
    id: 'o2',
    status: 'final',
    code: { coding: [{ code: 'b' }] },
    subject: { reference: 'Patient/p2' },
  },
  {
    resourceType: 'Observation',
    id: 'o3',
    status: 'amended',
    code: { coding: [{ code: 'a' }] },
    subject: { reference: 'Location/l1' },
  },
  {
    resourceType: 'Observation',
    id: 'o4',
    status: 'final',
    code: { coding: [{ code: 'a' }] },
    performer: [{ reference: 'Patient/p1' }],
  },
];
const all = [...patients, place, ...observations];
const sorted = (ids: readonly (string | undefined)[]) => [...ids].sort();

describe('a chain', () => {
  test.each([
    ['subject:Patient.identifier=urn:mrn|1', ['o1']],
    ['patient.identifier=urn:mrn|1', ['o1']],
    ['patient.name=やまだ', []],
    ['patient.name=山田', ['o1']],
    ['patient.name:exact=山', []],
    ['patient.name:contains=田', ['o1']],
    ['subject.name=山田', ['o1', 'o3']],
    ['subject:Location.name=山田', ['o3']],
    ['subject.identifier=1', ['o1', 'o3']],
    ['patient._id=p2', ['o2']],
    ['patient.name=山田,高橋', ['o1', 'o2']],
    ['patient.name=山田&patient.name=高橋', []],
    ['patient.name=山田&code=a', ['o1']],
    ['performer:Patient.name=山田', ['o4']],
    ['patient.identifier:not=urn:mrn|1', ['o2']],
    ['patient.birthdate:missing=true', ['o1', 'o2']],
    ['patient._lastUpdated=ge2026', ['o1', 'o2']],
  ])('%s', (query, ids) => {
    expect(sorted(find('Observation', query, all))).toEqual(ids);
  });

  it('passes only through what is visible', () => {
    const rows = all.map(row);
    const { plan: search } = plan('Observation', 'patient.name=山田');
    const hidden = keys.rid('Patient', 'p1');
    expect(evaluatePlan(search, rows, (one) => one.rid !== hidden).matches).toEqual([]);
  });

  test.each([
    ['patient.organization.name=x', 'follows one'],
    ['subject:Patient.organization.name=x', 'follows one'],
    ['patient._has:Observation:patient:code=x', 'follows one'],
    ['subject:Practitioner.name=x', 'does not lead to Practitioner'],
    ['patient:Group.name=x', 'does not lead to Group'],
    ['code.name=x', 'only references'],
    ['nothing.name=x', 'no search parameter nothing'],
    ['patient.nothing=x', 'no search parameter nothing'],
    ['patient.=x', 'no search parameter'],
    ['.name=x', 'no search parameter'],
    ['patient.name:not=x', ':exact'],
    ['patient.birthdate=x', 'not a date'],
  ])('%s is refused', (query, text) => {
    expect(refusal('Observation', query)).toMatchObject({ status: 400, text: expect.stringContaining(text) });
  });

  it('that could lead to very many types must name one', () => {
    const { text } = refusal('Provenance', 'target.identifier=x');
    expect(text).toContain('name one');
    expect(() => plan('Provenance', 'target:Patient.identifier=x')).not.toThrow();
  });

  it('does not lead to audit events, nor to types beyond those given', () => {
    expect(refusal('Provenance', 'entity:AuditEvent.date=2026').status).toBe(400);
    const types = new Set(['Observation', 'Patient']);
    expect(refusal('Observation', 'subject:Location.name=x', { types }).status).toBe(400);
    expect(find('Observation', 'subject.name=山田', all, { types })).toEqual(['o1']);
  });
});

describe('_has', () => {
  test.each([
    ['_has:Observation:patient:code=a', ['p1']],
    ['_has:Observation:patient:code=b', ['p2']],
    ['_has:Observation:patient:code=a,b', ['p1', 'p2']],
    ['_has:Observation:subject:status=final', ['p1', 'p2']],
    ['_has:Observation:performer:code=a', ['p1']],
    ['_has:Observation:patient:code:not=a', ['p2']],
    ['_has:Observation:patient:_id=o2', ['p2']],
    ['_has:Observation:patient:code=c', []],
    ['_has:Observation:patient:code=a&_has:Observation:patient:status=final', ['p1']],
    ['_has:Observation:patient:code=a&name=高橋', []],
  ])('%s', (query, ids) => {
    expect(sorted(find('Patient', query, all))).toEqual(ids);
  });

  it('passes only through what is visible', () => {
    const { plan: search } = plan('Patient', '_has:Observation:patient:code=a');
    const seen = evaluatePlan(search, all.map(row), (one) => one.type !== 'Observation');
    expect(seen.matches).toEqual([]);
  });

  test.each([
    ['_has:Observation:patient=a', 'not of the form'],
    ['_has:Observation=a', 'not of the form'],
    ['_has:=a', 'not of the form'],
    ['_has:Nothing:patient:code=a', 'not of the form'],
    ['_has:AuditEvent:patient:action=C', 'not of the form'],
    ['_has:Observation:encounter:code=a', 'does not refer to Patient'],
    ['_has:Observation:code:code=a', 'does not refer to Patient'],
    ['_has:Observation:nothing:code=a', 'no search parameter nothing'],
    ['_has:Observation:patient:nothing=a', 'no search parameter nothing'],
    ['_has:Observation:patient:_has:Provenance:target:agent=a', 'follows one'],
    ['_has:Observation:patient:encounter.status=a', 'follows one'],
    ['_has:Observation:patient:code:exact=a', ':not'],
  ])('%s is refused', (query, text) => {
    expect(refusal('Patient', query)).toMatchObject({ status: 400, text: expect.stringContaining(text) });
  });
});
