import { Access, type Caller } from '../../src/access/access.ts';
import { OVERSEERS, overseesAudit, seesQueries } from '../../src/access/oversight.ts';
import { PERSON_ROLES, type PersonRole } from '../../src/access/roles.ts';

const as = (...roles: PersonRole[]) =>
  Access.of({
    organization: 1n,
    organizationId: 'o',
    kind: 'medical',
    clientId: 'c',
    scopes: [],
    networks: [],
    medical: [],
    care: [],
    timeline: [],
    purpose: 'TREAT',
    requestId: 'r',
    ...(roles.length > 0 && {
      person: {
        id: 'p',
        name: 'n',
        practitioner: null,
        practitionerId: null,
        roles,
        strong: true,
        authenticatedAt: 0,
        session: null,
      },
    }),
  } as Caller);

describe('the audit of an institution', () => {
  it.each(PERSON_ROLES)('is looked after by some roles: %s', (role) => {
    expect(overseesAudit(as(role))).toBe(OVERSEERS.includes(role));
    expect(overseesAudit(as(role, 'coordinator'))).toBe(true);
  });

  it('is seen whole by its systems, and by the system itself', () => {
    expect(overseesAudit(as())).toBe(true);
    expect(overseesAudit(Access.system('a job'))).toBe(true);
  });

  it('shows queries, which name patients, to those alone who may see patients', () => {
    expect(seesQueries(as('administrator'))).toBe(false);
    expect(seesQueries(as('administrator', 'clerk'))).toBe(true);
    for (const role of ['physician', 'coordinator', 'operator'] as const) expect(seesQueries(as(role))).toBe(true);
    expect(seesQueries(as())).toBe(true);
  });
});
