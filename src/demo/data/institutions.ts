import type { Organization, OrganizationAffiliation } from '@medplum/fhirtypes';
import { institutionCode, telephoneCode } from './identifiers.ts';
import { PROFILE, SYSTEM } from './systems.ts';

export const INSTITUTIONS = ['hospital', 'hospital2', 'clinic', 'clinic2', 'careagency'] as const;
export type InstitutionName = (typeof INSTITUTIONS)[number];
export type CooperationService = 'medical-cooperation' | 'care-cooperation' | 'timeline';

export interface InstitutionData {
  readonly title: string;
  readonly kana: string;
  readonly kind: 'cooperating-hospital' | 'medical' | 'care';
  /** Ten digits. */
  readonly code: string;
  readonly telephone: string;
  readonly fax: string;
  readonly postalCode: string;
  /** City and the rest of the address; the prefecture is 神奈川県 and the cities are invented. */
  readonly city: string;
  readonly line: string;
}

/** Invented institutions: area 99 and telephone numbers that begin with 0000 are not given out. */
export const INSTITUTION_DATA: Readonly<Record<InstitutionName, InstitutionData>> = {
  hospital: {
    title: 'みなと総合病院',
    kana: 'ミナトソウゴウビョウイン',
    kind: 'cooperating-hospital',
    code: institutionCode('14', '99', '0001'),
    telephone: '045-000-0100',
    fax: '045-000-0101',
    postalCode: '999-0001',
    city: 'みなと市',
    line: '港町1-2-3',
  },
  hospital2: {
    title: 'あおば病院',
    kana: 'アオバビョウイン',
    kind: 'cooperating-hospital',
    code: institutionCode('14', '99', '0002'),
    telephone: '046-000-0200',
    fax: '046-000-0201',
    postalCode: '999-0020',
    city: 'あおば市',
    line: '青葉台4-5-6',
  },
  clinic: {
    title: 'さくら診療所',
    kana: 'サクラシンリョウジョ',
    kind: 'medical',
    code: institutionCode('14', '99', '0103'),
    telephone: '045-000-0300',
    fax: '045-000-0301',
    postalCode: '999-0003',
    city: 'みなと市',
    line: '桜ケ丘2-1-8',
  },
  clinic2: {
    title: 'もみじ医院',
    kana: 'モミジイイン',
    kind: 'medical',
    code: institutionCode('14', '99', '0104'),
    telephone: '045-000-0400',
    fax: '045-000-0401',
    postalCode: '999-0004',
    city: 'みなと市',
    line: '紅葉坂7-9',
  },
  careagency: {
    title: 'ひだまり訪問看護ステーション',
    kana: 'ヒダマリホウモンカンゴステーション',
    kind: 'care',
    code: telephoneCode('045-000-0500'),
    telephone: '045-000-0500',
    fax: '045-000-0501',
    postalCode: '999-0005',
    city: 'みなと市',
    line: '日向町3-3-1',
  },
};

/** Which services the hospital registers each member of its network for. あおば病院 is in nobody's network. */
export const NETWORK: Readonly<Partial<Record<InstitutionName, readonly CooperationService[]>>> = {
  clinic: ['medical-cooperation', 'care-cooperation', 'timeline'],
  clinic2: ['medical-cooperation', 'care-cooperation', 'timeline'],
  careagency: ['care-cooperation', 'timeline'],
};

const KIND_DISPLAY = { 'cooperating-hospital': '連携病院', medical: '医療機関', care: '介護機関' } as const;

export function organization(name: InstitutionName): Organization {
  const data = INSTITUTION_DATA[name];
  return {
    resourceType: 'Organization',
    meta: { profile: [PROFILE.organization] },
    identifier: [{ system: SYSTEM.institutionCode, value: data.code }],
    active: true,
    type: [
      { coding: [{ system: SYSTEM.institutionKind, code: data.kind, display: KIND_DISPLAY[data.kind] }] },
      { coding: [{ system: SYSTEM.organizationType, code: 'prov', display: 'Healthcare Provider' }] },
    ],
    name: data.title,
    alias: [data.kana],
    telecom: [
      { system: 'phone', value: data.telephone, use: 'work' },
      { system: 'fax', value: data.fax, use: 'work' },
    ],
    address: [addressOf(data)],
  };
}

/** An institution's address as JP Core writes it: `text` whole but for the postal code, no spaces. */
export function addressOf({ city, line, postalCode }: InstitutionData) {
  return { text: `神奈川県${city}${line}`, line: [line], city, state: '神奈川県', postalCode, country: 'JP' };
}

export function affiliation(
  hospital: string,
  member: string,
  services: readonly CooperationService[],
): OrganizationAffiliation {
  return {
    resourceType: 'OrganizationAffiliation',
    active: true,
    organization: { reference: hospital },
    participatingOrganization: { reference: member },
    code: services.map((code) => ({ coding: [{ system: SYSTEM.cooperationService, code }] })),
  };
}
