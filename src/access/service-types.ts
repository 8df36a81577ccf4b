import { type Caller, type Scope, SERVICES, type ServiceName } from './access.ts';

/**
 * Resource types that mean something only with a service: what a system of an institution without any of them is not registered for. All
 * other types are everybody's, so far as the policy table goes.
 */
const NEEDS: Readonly<Record<string, readonly ServiceName[]>> = Object.freeze({
  Schedule: ['medical-cooperation', 'outpatient-booking'],
  Slot: ['medical-cooperation', 'outpatient-booking'],
  Appointment: ['medical-cooperation', 'outpatient-booking'],
  AppointmentResponse: ['medical-cooperation', 'outpatient-booking'],
  ServiceRequest: ['medical-cooperation', 'outpatient-booking', 'signature'],
  DiagnosticReport: ['medical-cooperation', 'outpatient-booking', 'timeline'],
  ImagingStudy: ['images', 'timeline'],
  CommunicationRequest: ['care-cooperation'],
  CareTeam: ['care-cooperation', 'timeline'],
  Consent: ['timeline'],
});

/** Whether one of the services gives the type a use. @param services  sum of SERVICES */
export function servicesAllow(services: NonNullable<Caller['services']>, type: string): boolean {
  const needed = NEEDS[type];
  return needed === undefined || needed.some((name) => (services & SERVICES[name]) !== 0);
}

/** Types that the scopes name and none of the services allows. `*` names none: it stands for all that is allowed, whatever that becomes. */
export function typesBeyond(services: number, scopes: readonly Pick<Scope, 'type'>[]): readonly string[] {
  return [...new Set(scopes.map(({ type }) => type))].filter((type) => type !== '*' && !servicesAllow(services, type));
}

/** The services of which a type needs one; none for a type that is everybody's. */
export const servicesFor = (type: string): readonly ServiceName[] => NEEDS[type] ?? [];
