import type { Address, Patient } from '@medplum/fhirtypes';
import { ago, jstDate } from './calendar.ts';
import { INSTITUTION_DATA, type InstitutionName } from './institutions.ts';
import type { Moment } from './moment.ts';
import { humanNames, type PersonName } from './names.ts';
import { PROFILE, patientNumberSystem } from './systems.ts';

export interface PersonData {
  readonly name: PersonName;
  readonly gender: 'male' | 'female';
  /** Years old at the moment of the story. */
  readonly age: number;
  readonly telephone: string;
  readonly line: string;
}

/** Invented people of the invented みなと市. The family name of `shared` is written with 髙 (U+9AD9), not with 高. */
export const PEOPLE = {
  shared: {
    name: { family: '髙橋', given: '花子', familyKana: 'タカハシ', givenKana: 'ハナコ' },
    gender: 'female',
    age: 79,
    telephone: '045-000-7001',
    line: '汐入2-14-5',
  },
  closed: {
    name: { family: '渡邉', given: '一郎', familyKana: 'ワタナベ', givenKana: 'イチロウ' },
    gender: 'male',
    age: 64,
    telephone: '045-000-7002',
    line: '浜松原1-8',
  },
  rival: {
    name: { family: '山田', given: '次郎', familyKana: 'ヤマダ', givenKana: 'ジロウ' },
    gender: 'male',
    age: 57,
    telephone: '045-000-7003',
    line: '紅葉坂11-2',
  },
} as const satisfies Record<string, PersonData>;

/** The person's date of birth: so that the age is right at any moment, it moves with the year of the story. */
export function birthDate({ age }: PersonData, { now }: Moment): string {
  return jstDate(ago(now, { years: age, days: 100 }));
}

/** The institution's own number for the person, `identifier` and search value at once. */
export function patientNumber(institution: InstitutionName, prefix: number, { serial }: Moment) {
  return { system: patientNumberSystem(INSTITUTION_DATA[institution].code), value: `${prefix}${serial}` };
}

/** One institution's record of a person. Each institution keeps its own; `link` says whose record is about the same person. */
export function patient(
  person: PersonData,
  moment: Moment,
  keeper: { readonly institution: InstitutionName; readonly organization: string; readonly prefix: number },
  seeAlso?: string,
): Patient {
  return {
    resourceType: 'Patient',
    meta: { profile: [PROFILE.patient] },
    identifier: [patientNumber(keeper.institution, keeper.prefix, moment)],
    active: true,
    name: humanNames(person.name),
    telecom: [{ system: 'phone', value: person.telephone, use: 'home' }],
    gender: person.gender,
    birthDate: birthDate(person, moment),
    address: [homeAddress(person)],
    managingOrganization: { reference: keeper.organization },
    ...(seeAlso && { link: [{ other: { reference: seeAlso }, type: 'seealso' }] }),
  };
}

export function homeAddress({ line }: PersonData): Address {
  return {
    use: 'home',
    text: `神奈川県みなと市${line}`,
    line: [line],
    city: 'みなと市',
    state: '神奈川県',
    postalCode: '999-0009',
    country: 'JP',
  };
}
