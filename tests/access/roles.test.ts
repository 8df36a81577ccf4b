import { Access, type Caller, type Person } from '../../src/access/access.ts';
import { administers, isOperator } from '../../src/access/administers.ts';
import { policyTable } from '../../src/access/policy.ts';
import { isPersonRole, PERSON_ROLES, type PersonRole, rolesRead, rolesWrite } from '../../src/access/roles.ts';

const TYPES = [...policyTable().keys()];
const CLINIC = 1n;

function caller(roles: readonly PersonRole[] | null, kind: Caller['kind'] = 'medical'): Caller {
  const person: Person = {
    id: '7b0a8e4e-6d5e-4a45-9f5a-2f3f3a1c0001',
    name: '鈴木 花子',
    practitioner: 5n,
    practitionerId: 'p',
    roles: roles ?? [],
    strong: true,
    authenticatedAt: 0,
    session: null,
  };
  return {
    organization: CLINIC,
    organizationId: 'clinic',
    kind,
    clientId: 'app',
    scopes: [],
    networks: [],
    medical: [],
    care: [],
    timeline: [],
    purpose: 'TREAT',
    requestId: 'r',
    ...(roles && { person }),
  };
}

const access = (roles: readonly PersonRole[] | null, kind?: Caller['kind']) => Access.of(caller(roles, kind));

describe('the rights of people by their role', () => {
  it('are named for every role, and for nothing else', () => {
    for (const role of PERSON_ROLES) expect(isPersonRole(role)).toBe(true);
    for (const other of ['', 'toString', 'Physician', 'admin', null, 0, ['physician']])
      expect(isPersonRole(other)).toBe(false);
  });

  it.each(PERSON_ROLES)('let %s write nothing that the role does not read', (role) => {
    const blind = TYPES.filter((type) => rolesWrite([role], type) && !rolesRead([role], type));
    expect(blind).toEqual([]);
  });

  it.each(PERSON_ROLES)('let %s neither read nor write what is not served', (role) => {
    for (const type of ['Parameters', 'Subscription', 'Nonsense', '', 'constructor']) {
      expect(rolesRead([role], type)).toBe(false);
      expect(rolesWrite([role], type)).toBe(false);
    }
  });

  it('are those of all roles together, and of no role are none', () => {
    for (const type of TYPES) {
      expect(rolesRead([], type)).toBe(false);
      for (const one of PERSON_ROLES) {
        for (const other of PERSON_ROLES) {
          expect(rolesRead([one, other], type)).toBe(rolesRead([one], type) || rolesRead([other], type));
          expect(rolesWrite([one, other], type)).toBe(rolesWrite([one], type) || rolesWrite([other], type));
        }
      }
    }
  });

  it.each<[PersonRole, string[], string[]]>([
    ['physician', ['Patient', 'Observation', 'Consent', 'AuditEvent', 'ValueSet'], ['Contract']],
    [
      'clerk',
      ['Patient', 'Appointment', 'Slot', 'Encounter'],
      ['Observation', 'DiagnosticReport', 'Consent', 'AuditEvent'],
    ],
    [
      'administrator',
      ['Organization', 'Practitioner', 'Contract', 'AuditEvent'],
      ['Patient', 'Observation', 'Appointment', 'Communication'],
    ],
    ['read-only', ['Patient', 'Observation', 'Consent'], ['AuditEvent', 'Contract']],
  ])('let %s read %j, but not %j', (role, seen, unseen) => {
    for (const type of seen) expect([type, rolesRead([role], type)]).toEqual([type, true]);
    for (const type of unseen) expect([type, rolesRead([role], type)]).toEqual([type, false]);
  });

  it('let read-only write nothing, and only directory and contract papers to an administrator', () => {
    expect(TYPES.filter((type) => rolesWrite(['read-only'], type))).toEqual([]);
    expect(
      TYPES.filter((type) => rolesWrite(['administrator'], type) && !'do'.includes(policyTable().get(type) ?? 'x')),
    ).toEqual([]);
    expect(rolesWrite(['clerk'], 'Patient')).toBe(true);
    expect(rolesWrite(['clerk'], 'Observation')).toBe(false);
    expect(rolesWrite(['nurse'], 'Observation')).toBe(true);
    expect(rolesWrite(['nurse'], 'Practitioner')).toBe(false);
  });
});

describe('who looks after an institution', () => {
  it('is its administrator, for it alone', () => {
    expect(administers(access(['administrator']), CLINIC)).toBe(true);
    expect(administers(access(['clerk', 'administrator']), CLINIC)).toBe(true);
    expect(administers(access(['administrator']), 2n)).toBe(false);
  });

  it.each(PERSON_ROLES.filter((role) => role !== 'administrator'))('is not its %s', (role) => {
    expect(administers(access([role]), CLINIC)).toBe(false);
  });

  it('is none of its systems', () => {
    expect(administers(access(null), CLINIC)).toBe(false);
  });

  it('is the operator, by system or by a person with that role', () => {
    expect(administers(access(null, 'operator'), 2n)).toBe(true);
    expect(administers(access(['operator'], 'operator'), 2n)).toBe(true);
    expect(administers(access(['read-only'], 'operator'), 2n)).toBe(false);
    expect(isOperator(access(['operator'], 'medical'))).toBe(false);
    expect(isOperator(access(['administrator'], 'operator'))).toBe(false);
  });

  it('is not the system acting for itself', () => {
    expect(administers(Access.system('a job'), CLINIC)).toBe(false);
    expect(isOperator(Access.system('a job'))).toBe(false);
  });
});
