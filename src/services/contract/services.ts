import { type InstitutionKind, SERVICES, type ServiceName } from '../../access/access.ts';
import type { Issue } from '../../http/errors.ts';
import { refuse } from '../../http/errors.ts';

/** What may be agreed by a contract (service.md A–C), as sums of SERVICES. */

export const SERVICE_NAMES = Object.freeze(Object.keys(SERVICES) as ServiceName[]);

/** Services that are parts of medical cooperation: nobody has them without it. */
const MEDICAL_PARTS: readonly ServiceName[] = ['outpatient-booking', 'images', 'signature'];

const MEDICAL = sumOf(['medical-cooperation', ...MEDICAL_PARTS]);
const ALL = sumOf(SERVICE_NAMES);

export interface KindPolicy {
  /** Whether municipalities may have medical cooperation. */
  readonly municipalityMedical: boolean;
}

/** Whether an institution of this kind may have medical cooperation: care and health institutions never may. */
export function mayCooperateMedically(kind: string, { municipalityMedical }: KindPolicy): boolean {
  return kind === 'cooperating-hospital' || kind === 'medical' || (kind === 'municipality' && municipalityMedical);
}

/** The most that an institution of this kind may have. */
export const allowedFor = (kind: InstitutionKind, policy: KindPolicy): number =>
  kind === 'operator' ? 0 : mayCooperateMedically(kind, policy) ? ALL : ALL & ~MEDICAL;

export function sumOf(names: readonly ServiceName[]): number {
  return names.reduce((sum, name) => sum | SERVICES[name], 0);
}

export const namesOf = (services: number): ServiceName[] =>
  SERVICE_NAMES.filter((name) => (services & SERVICES[name]) !== 0);

export const isServiceName = (text: unknown): text is ServiceName => SERVICE_NAMES.some((name) => name === text);

/**
 * @param expression  of what names the services
 * @throws FhirError 422: nothing, what the kind may not have, or a part of medical cooperation without it
 */
export function checkServices(services: number, kind: InstitutionKind, policy: KindPolicy, expression: string): void {
  const issue = (diagnostics: string): Issue => ({
    severity: 'error',
    code: 'business-rule',
    diagnostics,
    expression: [expression],
  });
  if (services === 0) throw refuse.invalid([issue('A contract has at least one service')]);
  const denied = namesOf(services & ~allowedFor(kind, policy)).map((name) =>
    issue(`${name} is not for institutions of kind ${kind}: medical cooperation is for medical institutions only`),
  );
  const alone =
    (services & SERVICES['medical-cooperation']) === 0
      ? namesOf(services)
          .filter((name) => MEDICAL_PARTS.includes(name))
          .map((name) => issue(`${name} is a part of medical-cooperation, which is not agreed`))
      : [];
  const issues = denied.length > 0 ? denied : alone;
  if (issues.length > 0) throw refuse.invalid(issues);
}
