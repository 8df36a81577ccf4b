import {
  mayWrite,
  type PartyRule,
  type PolicyClass,
  partyRule,
  policyClass,
  policyTable,
} from '../../src/access/policy.ts';
import { type ElementDef, resourceTypes, typeDefinition } from '../../src/definitions/index.ts';

const CLASSES = [...'fdswckoax'] as readonly PolicyClass[];
const KINDS = ['operator', 'cooperating-hospital', 'medical', 'care', 'health', 'municipality'] as const;
const NOBODY: readonly string[] = [];
const INSTITUTIONS: readonly string[] = KINDS.filter((kind) => kind !== 'operator');

const ofClass = (wanted: PolicyClass) => [...policyTable()].flatMap(([type, own]) => (own === wanted ? [type] : []));

describe('the policy table', () => {
  it('has every resource type of R4, and none besides', () => {
    expect([...policyTable().keys()].sort()).toEqual([...resourceTypes()].sort());
  });

  it('names each type once', () => {
    const all = CLASSES.flatMap(ofClass);
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBe(policyTable().size);
  });

  // What a change of the table must be deliberate about.
  it.each([
    ['Patient', 'c'],
    ['Observation', 'c'],
    ['DocumentReference', 'c'],
    ['Binary', 'c'],
    ['Bundle', 'c'],
    ['Provenance', 'c'],
    ['Group', 'c'],
    ['List', 'c'],
    ['Appointment', 'w'],
    ['ServiceRequest', 'w'],
    ['Communication', 'w'],
    ['Task', 'w'],
    ['QuestionnaireResponse', 'w'],
    ['Schedule', 's'],
    ['Slot', 's'],
    ['Consent', 'k'],
    ['AuditEvent', 'a'],
    ['Contract', 'o'],
    ['Organization', 'd'],
    ['Practitioner', 'd'],
    ['OrganizationAffiliation', 'd'],
    ['ValueSet', 'f'],
    ['Questionnaire', 'f'],
    ['Subscription', 'x'],
    ['Parameters', 'x'],
    ['OperationOutcome', 'x'],
    ['MessageHeader', 'x'],
  ])('puts %s into class %s', (type, own) => {
    expect(policyClass(type)).toBe(own);
  });

  it.each([
    '',
    'patient',
    'PATIENT',
    'Patient ',
    'Foo',
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'Resource',
    'DomainResource',
  ])('denies %j, which it does not name', (type) => {
    expect(policyClass(type)).toBe('x');
    expect(partyRule(type)).toBeUndefined();
    for (const kind of KINDS) expect(mayWrite(type, kind)).toBe(false);
  });

  it('treats as clinical whatever R4 has in the patient compartment and nobody is named on', () => {
    for (const type of [
      'AllergyIntolerance',
      'CarePlan',
      'Claim',
      'Coverage',
      'FamilyMemberHistory',
      'Immunization',
      'MedicationRequest',
      'RelatedPerson',
      'Specimen',
    ])
      expect([type, policyClass(type)]).toEqual([type, 'c']);
  });
});

describe('who may write', () => {
  const table: Readonly<Record<PolicyClass, readonly string[]>> = {
    f: ['operator'],
    d: KINDS,
    s: ['cooperating-hospital'],
    w: INSTITUTIONS,
    c: INSTITUTIONS,
    k: NOBODY,
    o: KINDS,
    a: NOBODY,
    x: NOBODY,
  };

  it.each(CLASSES)('class %s', (own) => {
    for (const type of ofClass(own)) {
      const allowed = type === 'OrganizationAffiliation' ? ['cooperating-hospital'] : table[own];
      const may = KINDS.filter((kind) => mayWrite(type, kind));
      expect([type, may]).toEqual([type, KINDS.filter((kind) => allowed.includes(kind))]);
    }
  });

  it('never a clinical record by the operator, who has no patients', () => {
    for (const type of [...ofClass('c'), ...ofClass('w'), ...ofClass('k')])
      expect(mayWrite(type, 'operator')).toBe(false);
  });
});

describe('the party rules', () => {
  const rules = [...policyTable().keys()].flatMap((type) => {
    const rule = partyRule(type);
    return rule ? [[type, rule] as const] : [];
  });

  it('are for workflow, consents, contracts, and the results that are made for a booking', () => {
    const types = rules.map(([type]) => type);
    expect(types.filter((type) => !'wk'.includes(policyClass(type))).sort()).toEqual([
      'Contract',
      'DiagnosticReport',
      'ImagingStudy',
      'Observation',
      'Procedure',
    ]);
    expect(ofClass('w').filter((type) => !types.includes(type))).toEqual([]);
    expect(ofClass('k').filter((type) => !types.includes(type))).toEqual([]);
  });

  const paths = rules.flatMap(([type, rule]) =>
    (['names', 'follows', 'carries', 'partyMayChange'] as const).flatMap((kind) =>
      rule[kind].map((path) => [type, kind, path] as const),
    ),
  );

  it.each(paths)('%s: %s of %s is an element that R4 has', (type, _, path) => {
    expect(elementAt(type, path)).toBeDefined();
  });

  it.each(paths.filter(([, kind]) => kind !== 'partyMayChange'))(
    '%s: %s of %s holds references or attachments',
    (type, _, path) => {
      const codes = elementAt(type, path)?.types.map(({ code }) => code) ?? [];
      expect(codes.some((code) => code === 'Reference' || code === 'Attachment')).toBe(true);
    },
  );

  it.each(paths.filter(([, kind]) => kind === 'follows'))(
    '%s: %s of %s leads to what has parties itself',
    (type, _, path) => {
      const targets = elementAt(type, path)?.types.flatMap((one) => one.targets ?? ['Task']) ?? [];
      expect(targets.some((target) => partyRule(target) !== undefined || target === 'Resource')).toBe(true);
    },
  );

  it.each(rules)('%s: what a party may change neither names others nor carries more to them', (_, rule: PartyRule) => {
    const spreading = [...rule.names, ...rule.follows, ...rule.carries];
    for (const path of rule.partyMayChange) {
      const reaches = spreading.filter((one) => one === path || one.startsWith(`${path}.`));
      expect([path, reaches]).toEqual([path, []]);
    }
  });

  it('lets a consent reach those whom it names, and carry nothing', () => {
    expect(partyRule('Consent')).toEqual({
      names: ['provision.actor.reference'],
      follows: [],
      carries: [],
      partyMayChange: [],
    });
  });

  it('lets a message carry what is attached to it, not the patient whom it is about', () => {
    expect(partyRule('Communication')?.carries).not.toContain('subject');
    expect(partyRule('CommunicationRequest')?.carries).not.toContain('subject');
  });
});

/** The element at a path of a type; a choice by the name of its JSON property, `valueReference`. */
function elementAt(type: string, path: string): ElementDef | undefined {
  let here: ElementDef | undefined;
  let within = type;
  for (const name of path.split('.')) {
    const elements: readonly ElementDef[] = typeDefinition(within)?.elements ?? [];
    here = elements.find(
      (one) => one.name === name || (one.choice && one.types.some(({ code }) => `${one.name}${code}` === name)),
    );
    if (!here) return undefined;
    within =
      here.content ??
      (here.types.some(({ code }) => code === 'BackboneElement') ? here.path : (here.types[0]?.code ?? ''));
  }
  return here;
}
