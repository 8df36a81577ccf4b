import type { Organization, Patient, Practitioner } from '@medplum/fhirtypes';
import { jst } from './calendar.ts';
import { addressOf, INSTITUTION_DATA, type InstitutionName } from './institutions.ts';
import type { Moment } from './moment.ts';
import { humanNames } from './names.ts';
import { birthDate, homeAddress, PEOPLE, patientNumber } from './patients.ts';
import { PRACTITIONERS, type PractitionerName, staffIdentifier } from './practitioners.ts';
import { eCS, SYSTEM } from './systems.ts';

/** `meta` of a resource inside the letter: eCS asks for both elements. */
export function eCSMeta(type: string, { now }: Moment) {
  return { lastUpdated: jst(now), profile: [eCS(type)] };
}

/** The people and institutions that the letter names: JP_Patient_eCS, JP_Organization_eCS, JP_Practitioner_eCS. */
export function letterPatient(moment: Moment, author: InstitutionName, prefix: number): Patient {
  const person = PEOPLE.shared;
  return {
    resourceType: 'Patient',
    meta: eCSMeta('Patient', moment),
    identifier: [patientNumber(author, prefix, moment)],
    name: humanNames(person.name),
    telecom: [{ system: 'phone', value: person.telephone, use: 'home' }],
    gender: person.gender,
    birthDate: birthDate(person, moment),
    address: [homeAddress(person)],
  };
}

export function letterOrganization(name: InstitutionName, moment: Moment): Organization {
  const data = INSTITUTION_DATA[name];
  return {
    resourceType: 'Organization',
    meta: eCSMeta('Organization', moment),
    identifier: [{ system: SYSTEM.institutionCode, value: data.code }],
    type: [{ coding: [{ system: SYSTEM.organizationType, code: 'prov', display: 'Healthcare Provider' }] }],
    name: data.title,
    telecom: [{ system: 'phone', value: data.telephone, use: 'work' }],
    address: [addressOf(data)],
  };
}

export function letterPractitioner(name: PractitionerName, moment: Moment): Practitioner {
  const data = PRACTITIONERS[name];
  return {
    resourceType: 'Practitioner',
    meta: eCSMeta('Practitioner', moment),
    identifier: [staffIdentifier(data)],
    name: humanNames(data.name),
    gender: data.gender,
  };
}
