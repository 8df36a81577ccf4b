import { partyRule, policyTable } from '../../src/access/policy.ts';
import { FOLLOWING } from '../../src/fhir/followers.ts';
import { indexResource } from '../../src/fhir/indexing/index.ts';
import { baseUrl, keys, zone } from './indexing/context.ts';

const following = [...policyTable().keys()].flatMap((type) =>
  (partyRule(type)?.follows ?? []).map((element) => [type, element] as const),
);

describe('what follows another resource', () => {
  it('is of every type whose rule says so, and of no other', () => {
    expect([...FOLLOWING.keys()].sort()).toEqual([...new Set(following.map(([type]) => type))].sort());
    expect(FOLLOWING.get('DiagnosticReport')).toEqual(['based-on']);
    expect(FOLLOWING.has('Patient')).toBe(false);
  });

  it.each(following)('is found by the key of %s.%s', (type, element) => {
    const target = { reference: 'ServiceRequest/x' };
    for (const value of [target, [target]]) {
      const rows = indexResource({ resourceType: type, id: 'f', [element]: value }, { keys, baseUrl, zone });
      const codes = FOLLOWING.get(type) ?? [];
      const held = codes.map((code) => keys.reference(type, code, keys.rid('ServiceRequest', 'x')));
      if (held.some((key) => rows.keys.includes(key))) return;
    }
    throw new Error('it is not indexed');
  });
});
