import type { Resource } from '../../fhir/engine.ts';

const DAY = 86_400_000;
/** A grant lasts a year at most (service.md C7). */
export const LONGEST_GRANT = 365 * DAY;
export const POLICY = 'https://tasuki.example/policy/timeline/1';
const PURPOSES: Readonly<Record<string, string>> = {
  TREAT: 'treatment',
  HPAYMT: 'healthcare payment',
  HOPERAT: 'healthcare operations',
  CAREMGT: 'care management',
  PUBHLTH: 'public health',
};

/** The purposes that IHE PCF's basic consent knows. */
const BASIC = new Set(['TREAT', 'HPAYMT', 'HOPERAT']);

export interface ConsentParts {
  readonly patientId: string;
  readonly hospitalId: string;
  readonly organizationId: string;
  readonly keycodeId: string;
  readonly purpose: string;
  /** Epoch milliseconds. */
  readonly starts: number;
  readonly ends: number;
}

/** A patient's permission as an IHE PCF basic consent. It names the keycode by its id, never the code. */
export function keycodeConsent(parts: ConsentParts): Resource {
  const { patientId, hospitalId, organizationId, keycodeId, purpose, starts, ends } = parts;
  const at = new Date(starts).toISOString();
  return {
    resourceType: 'Consent',
    meta: {
      profile: [
        'https://tasuki.example/fhir/StructureDefinition/tasuki-keycode-consent',
        ...(BASIC.has(purpose) ? ['https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.consentBasic'] : []),
      ],
    },
    identifier: [{ system: 'https://tasuki.example/fhir/keycode-id', value: keycodeId }],
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0', display: 'Patient Consent' }] }],
    patient: { reference: `Patient/${patientId}` },
    dateTime: at,
    performer: [{ reference: `Patient/${patientId}` }],
    organization: [{ reference: `Organization/${hospitalId}` }],
    sourceAttachment: { title: 'キーコードの提示', creation: at },
    policy: [{ uri: POLICY }],
    provision: {
      type: 'permit',
      period: { start: at, end: new Date(ends).toISOString() },
      actor: [
        {
          role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
          reference: { reference: `Organization/${organizationId}` },
        },
      ],
      purpose: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
          code: purpose,
          display: PURPOSES[purpose] ?? purpose,
        },
      ],
    },
  };
}
