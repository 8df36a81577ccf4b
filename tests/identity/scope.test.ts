import fc from 'fast-check';
import type { Scope } from '../../src/access/access.ts';
import { policyTable } from '../../src/access/policy.ts';
import { formatScopes, intersectScopes, parseScope, parseScopes } from '../../src/identity/scope.ts';

const LETTERS = ['c', 'r', 'u', 'd', 's'] as const;
const TYPES = ['*', 'Patient', 'Observation', 'Appointment', 'Consent'];

const letters = fc.subarray([...LETTERS], { minLength: 1 }).map((list) => list.join(''));
const scopeText = fc.tuple(fc.constantFrom(...TYPES), letters).map(([type, list]) => `system/${type}.${list}`);
const scopeList = fc.array(scopeText, { minLength: 1, maxLength: 8 });

const allows = (scopes: readonly Scope[], type: string, letter: (typeof LETTERS)[number]) =>
  scopes.some((scope) => (scope.type === type || scope.type === '*') && scope[letter]);

const parsed = (list: readonly string[]) => {
  const scopes = parseScopes(list.join(' '));
  if (!scopes) throw new Error(`not scopes: ${list.join(' ')}`);
  return scopes;
};

describe('the grammar of SMART v2, exactly', () => {
  it('takes one type and letters in the order c r u d s', () => {
    expect(parseScope('system/Observation.rs')).toEqual({
      type: 'Observation',
      c: false,
      r: true,
      u: false,
      d: false,
      s: true,
    });
    expect(parseScope('system/*.cruds')).toEqual({ type: '*', c: true, r: true, u: true, d: true, s: true });
  });

  it.each([
    ['system/Patient.read', 'system/Patient.rs'],
    ['system/Patient.write', 'system/Patient.cud'],
    ['system/*.*', 'system/*.cruds'],
  ])('reads v1 %s as %s', (v1, v2) => {
    expect(parseScope(v1)).toEqual(parseScope(v2));
  });

  it.each([
    '',
    ' ',
    'system/Patient.',
    'system/Patient.dus',
    'system/Patient.rr',
    'system/Patient.sr',
    'system/Patient.read-as-rd',
    'system/Patient.reads',
    'system/Patient.r ',
    'system/Patient.r\n',
    ' system/Patient.r',
    'system:Patient.read',
    'system/patient.r',
    'system/Patient',
    'system/.r',
    'system/**.r',
    'system/Pat-ient.r',
    'System/Patient.r',
    'xsystem/Patient.r',
    'users/Patient.r',
    'patient/patient.r',
    'system/*.rs?_tag=a',
    'user/*.cruds?x',
    'system/Observation.rs?',
    'system/Observation.read?category=laboratory',
    'system/Observation.rs?a=b c',
    `system/Observation.rs?code=${'x'.repeat(500)}`,
    'openid',
    'offline_access',
    'launch/patient',
    'system/NoSuchType.rs',
    'system/constructor.r',
    'system/Constructor.r',
  ])('refuses %j', (text) => {
    expect(parseScope(text)).toBeUndefined();
    expect(parseScopes(`system/Patient.r ${text}`)).toBeUndefined();
  });

  it('agrees with the published regular expression on every string near it', () => {
    // As in the guide; its examples of queries all name a type of R4.
    const letters = '(?=[cruds])c?r?u?d?s?';
    const published = new RegExp(`^(patient|user|system)/(\\*\\.${letters}|[A-Z][A-Za-z]+\\.${letters}(\\?[!-~]+)?)$`);
    const near = fc
      .tuple(
        fc.constantFrom('system', 'user', 'patient', 'systems', ''),
        fc.constantFrom('/', ':', '//'),
        fc.constantFrom('*', 'Patient', 'patient', 'Patient*', ''),
        fc.constantFrom('.', '', '..'),
        fc.string({ unit: fc.constantFrom(...LETTERS, 'x', '?', ' ', '\n'), maxLength: 6 }),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(near, (text) => {
        expect(parseScope(text) !== undefined).toBe(published.test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('knows every type of R4', () => {
    for (const type of policyTable().keys()) expect(parseScope(`system/${type}.r`)?.type).toBe(type);
  });
});

describe('the normal form', () => {
  it('has one scope for each type and nothing that * says already', () => {
    const scopes = parsed([
      'system/Patient.s',
      'system/Consent.r',
      'system/*.r',
      'system/Patient.read',
      'system/Appointment.c',
    ]);
    expect(formatScopes(scopes)).toBe('system/*.r system/Appointment.cr system/Patient.rs');
  });

  it('means the same and is stable', () => {
    fc.assert(
      fc.property(scopeList, (list) => {
        const scopes = parsed(list);
        const normal = formatScopes(scopes);
        const again = parsed([normal]);
        expect(formatScopes(again)).toBe(normal);
        for (const type of [...TYPES, 'Task']) {
          for (const letter of LETTERS) expect(allows(again, type, letter)).toBe(allows(scopes, type, letter));
        }
      }),
    );
  });
});

describe('the intersection of what is asked for and what is registered', () => {
  it('allows exactly what both allow, for every type', () => {
    fc.assert(
      fc.property(scopeList, scopeList, (one, other) => {
        const [requested, registered] = [parsed(one), parsed(other)];
        const granted = intersectScopes(requested, registered);
        for (const type of [...TYPES, 'Task']) {
          for (const letter of LETTERS) {
            expect(allows(granted, type, letter)).toBe(
              allows(requested, type, letter) && allows(registered, type, letter),
            );
          }
        }
      }),
    );
  });

  it('is empty when nothing is common', () => {
    expect(intersectScopes(parsed(['system/Patient.r']), parsed(['system/Patient.c', 'system/Task.r']))).toEqual([]);
  });

  it('narrows * to the types that are registered', () => {
    expect(
      formatScopes(intersectScopes(parsed(['system/*.rs']), parsed(['system/Patient.cruds', 'system/Task.r']))),
    ).toBe('system/Patient.rs system/Task.r');
  });
});
