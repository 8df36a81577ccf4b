import type { Practitioner, PractitionerRole } from '@medplum/fhirtypes';
import { INSTITUTION_DATA, type InstitutionName } from './institutions.ts';
import { humanNames, type PersonName } from './names.ts';
import { PROFILE, SYSTEM } from './systems.ts';

export interface PractitionerData {
  readonly institution: InstitutionName;
  /** The institution's own number for the person. */
  readonly staffNumber: string;
  readonly name: PersonName;
  readonly gender: 'male' | 'female';
  /** JP_PractitionerRole_CS. */
  readonly role: 'JPR10000' | 'JPR20000';
  readonly roleDisplay: '医師' | '看護師';
  /** 医籍登録番号, doctors only. */
  readonly registration?: string;
}

export const PRACTITIONERS = {
  radiologist: {
    institution: 'hospital',
    staffNumber: 'D1001',
    name: { family: '港', given: '健一', familyKana: 'ミナト', givenKana: 'ケンイチ' },
    gender: 'male',
    role: 'JPR10000',
    roleDisplay: '医師',
    registration: '990001',
  },
  clinicDoctor: {
    institution: 'clinic',
    staffNumber: 'D0001',
    name: { family: '桜井', given: '春香', familyKana: 'サクライ', givenKana: 'ハルカ' },
    gender: 'female',
    role: 'JPR10000',
    roleDisplay: '医師',
    registration: '990002',
  },
  visitingNurse: {
    institution: 'careagency',
    staffNumber: 'N0007',
    name: { family: '日向', given: '美和', familyKana: 'ヒュウガ', givenKana: 'ミワ' },
    gender: 'female',
    role: 'JPR20000',
    roleDisplay: '看護師',
  },
} as const satisfies Record<string, PractitionerData>;
export type PractitionerName = keyof typeof PRACTITIONERS;

/** An institution's number for a doctor has a national system under the institution code; for a nurse there is none. */
export function staffIdentifier({ institution, staffNumber, role }: PractitionerData) {
  const { code } = INSTITUTION_DATA[institution];
  return role === 'JPR10000'
    ? { system: `urn:oid:1.2.392.100495.20.3.41.1${code}`, value: staffNumber }
    : { system: SYSTEM.staff, value: `${code}-${staffNumber}` };
}

export function practitioner(data: PractitionerData): Practitioner {
  return {
    resourceType: 'Practitioner',
    meta: { profile: [PROFILE.practitioner] },
    identifier: [staffIdentifier(data)],
    active: true,
    name: humanNames(data.name),
    gender: data.gender,
    ...(data.registration && {
      qualification: [
        {
          identifier: [{ system: SYSTEM.medicalRegistration, value: data.registration }],
          code: { coding: [{ system: SYSTEM.certificate, code: 'medical-registration' }], text: '医師免許' },
        },
      ],
    }),
  };
}

export function practitionerRole(data: PractitionerData, practitioner: string, organization: string): PractitionerRole {
  return {
    resourceType: 'PractitionerRole',
    meta: { profile: [PROFILE.practitionerRole] },
    identifier: [staffIdentifier(data)],
    active: true,
    practitioner: { reference: practitioner, display: `${data.name.family} ${data.name.given}` },
    organization: { reference: organization, display: INSTITUTION_DATA[data.institution].title },
    code: [{ coding: [{ system: SYSTEM.practitionerRole, code: data.role, display: data.roleDisplay }] }],
  };
}
