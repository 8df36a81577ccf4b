import fc from 'fast-check';
import { SERVICES } from '../../src/access/access.ts';
import { policyTable } from '../../src/access/policy.ts';
import { servicesAllow, servicesFor, typesBeyond } from '../../src/access/service-types.ts';

const types = [...policyTable().keys()];
const ALL = Object.values(SERVICES).reduce((sum, bit) => sum + bit, 0);

describe('what the services allow', () => {
  it('with all of them every type', () => {
    expect(types.filter((type) => !servicesAllow(ALL, type))).toEqual([]);
  });

  it('without any, what is everybody’s', () => {
    expect(servicesAllow(0, 'Organization')).toBe(true);
    expect(servicesAllow(0, 'Communication')).toBe(true);
    expect(servicesAllow(0, 'Appointment')).toBe(false);
    expect(servicesAllow(0, 'Consent')).toBe(false);
  });

  it.each([
    ['Appointment', SERVICES['outpatient-booking'], true],
    ['Appointment', SERVICES['care-cooperation'], false],
    ['ImagingStudy', SERVICES.images, true],
    ['ImagingStudy', SERVICES['medical-cooperation'], false],
    ['CareTeam', SERVICES.timeline, true],
    ['CommunicationRequest', SERVICES.timeline, false],
    ['ServiceRequest', SERVICES.signature, true],
  ])('%s with %i: %s', (type, services, allowed) => {
    expect(servicesAllow(services, type)).toBe(allowed);
  });

  it('names only types that there are', () => {
    const needing = types.filter((type) => servicesFor(type).length > 0);
    expect(needing.length).toBe(10);
  });

  it('more services never allow less', () => {
    fc.assert(
      fc.property(fc.nat(63), fc.nat(63), fc.constantFrom(...types), (one, other, type) => {
        expect(servicesAllow(one | other, type)).toBe(servicesAllow(one, type) || servicesAllow(other, type));
      }),
    );
  });

  it('finds what is beyond them, once each, and nothing in a star', () => {
    const scopes = ['Appointment', '*', 'Patient', 'Appointment', 'Consent'].map((type) => ({ type }));
    expect(typesBeyond(0, scopes)).toEqual(['Appointment', 'Consent']);
    expect(typesBeyond(SERVICES.timeline, scopes)).toEqual(['Appointment']);
    expect(typesBeyond(ALL, scopes)).toEqual([]);
  });
});
