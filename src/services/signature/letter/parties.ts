import { refuse } from '../../../http/errors.ts';
import type { LetterDocument } from './document.ts';
import { concept, type Element } from './element.ts';
import { folded } from './fold.ts';
import type { Addressee, LetterPatient, Sender } from './letter.ts';
import { plainText } from './narrative.ts';
import { readDay } from './wareki.ts';

const REPRESENTATION = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';
const DEPARTMENT = /\/JP_eCS_Department$/;

/** The name written that way: `IDE` in kanji, `SYL` in kana. */
function nameAs(person: Element, representation: string): string | undefined {
  const name = person
    .all('name')
    .find((candidate) =>
      candidate
        .all('extension')
        .some(
          (extension) => extension.text('url') === REPRESENTATION && extension.text('valueCode') === representation,
        ),
    );
  return name && nameText(name);
}

const nameText = (name: Element): string | undefined => {
  const parts = [name.text('family'), ...name.all('given').map((given) => given.text())].filter(Boolean);
  return name.text('text') ?? (parts.join(' ') || undefined);
};

/** The name to write: in kanji if there is one, else the first that there is. */
const personName = (person: Element): string | undefined =>
  nameAs(person, 'IDE') ??
  person
    .all('name')
    .map(nameText)
    .find((name) => name !== undefined);

const SEX: Readonly<Record<string, LetterPatient['sex']>> = Object.freeze({
  male: '男',
  female: '女',
  other: 'その他',
  unknown: '不明',
});

const telecom = (party: Element, system: string): string | undefined =>
  party
    .all('telecom')
    .filter((contact) => contact.text('system') === system && contact.text('use') !== 'old')
    .map((contact) => contact.text('value'))
    .find((value) => value !== undefined);

/** The address as written: `text`, else its parts from the largest to the smallest. */
function addressOf(party: Element): { address: string | undefined; postalCode: string | undefined } {
  const written = party.all('address').find((address) => address.text('use') !== 'old');
  if (!written) return { address: undefined, postalCode: undefined };
  const parts = [written.text('state'), written.text('city'), ...written.all('line').map((line) => line.text())];
  return {
    address: written.text('text') ?? (parts.filter(Boolean).join('') || undefined),
    postalCode: written.text('postalCode'),
  };
}

/** @throws FhirError 422 for a patient without what the form 別紙様式11 and JP_Patient_eCS ask for */
export function readPatient(document: LetterDocument, occupation: string | undefined): LetterPatient {
  const patient = document.resolve(document.composition.get('subject'));
  if (patient.resourceType !== 'Patient') {
    throw refuse.unprocessable('The subject of the letter is a Patient', 'Composition.subject');
  }
  const name = personName(patient);
  if (!name) throw refuse.unprocessable('JP_Patient_eCS R1112: the patient has a name', `${patient.path}.name`);
  const sex = SEX[patient.text('gender') ?? ''];
  if (!sex) throw refuse.unprocessable('JP_Patient_eCS: gender is required', `${patient.path}.gender`);
  const birthDate = readDay(patient.text('birthDate'));
  if (!birthDate) throw refuse.unprocessable('JP_Patient_eCS: birthDate is required', `${patient.path}.birthDate`);
  return {
    name,
    kana: nameAs(patient, 'SYL'),
    sex,
    birthDate,
    ...addressOf(patient),
    phone: telecom(patient, 'phone'),
    occupation,
  };
}

interface Party extends Addressee {
  readonly organization: Element;
}

/** Institution, department and doctor of section 910 or 920: Organizations of an institution and a department, and a Practitioner. */
function readParty(document: LetterDocument, section: Element, author?: string): Party {
  const entries = section.all('entry').map((entry) => document.resolve(entry));
  const organizations = entries.filter(({ resourceType }) => resourceType === 'Organization');
  const organization = organizations.find((candidate) => !isDepartment(candidate));
  const institution = organization?.text('name');
  if (!organization || !institution) {
    throw refuse.unprocessable(
      'Sections 910 and 920 each have an Organization with a name (JP_Composition_eReferral)',
      `${section.path}.entry`,
    );
  }
  const practitioner = entries.find(({ resourceType }) => resourceType === 'Practitioner');
  const doctor = (practitioner && personName(practitioner)) ?? author;
  const extension = organization.all('extension').find((candidate) => DEPARTMENT.test(candidate.text('url') ?? ''));
  const department =
    (extension && concept(extension.get('valueCodeableConcept'))) ?? organizations.find(isDepartment)?.text('name');
  return { organization, institution, doctor, department: department ?? beyond(section, [institution, doctor]) };
}

const ORGANIZATION_TYPE = 'http://terminology.hl7.org/CodeSystem/organization-type';
const isDepartment = (organization: Element): boolean =>
  organization.all('type').some((type) => type.coded(ORGANIZATION_TYPE, 'dept'));

/** What the narrative names besides the institution and the doctor, as it stands there: the department, where nothing else gives it. */
function beyond(section: Element, known: readonly (string | undefined)[]): string | undefined {
  const words = plainText(section.text('text', 'div') ?? '').split(/[\s　]+/);
  const said = folded(known.filter(Boolean).join(''));
  const more = words.filter(
    (word) => folded(word) && !said.includes(folded(word)) && word !== '先生' && word !== '医師',
  );
  return more.join(' ') || undefined;
}

export function readAddressee(document: LetterDocument, section: Element): Addressee {
  const { institution, department, doctor } = readParty(document, section);
  return { institution, department, doctor };
}

/** @throws FhirError 422 where no doctor is named: the form asks for 医師氏名 */
export function readSender(document: LetterDocument, section: Element): Sender {
  const authors = document.composition.all('author').map((author) => document.resolve(author));
  const author = authors.find(({ resourceType }) => resourceType === 'Practitioner');
  const { organization, institution, department, doctor } = readParty(document, section, author && personName(author));
  if (!doctor) {
    throw refuse.unprocessable(
      'A Practitioner with a name is among the authors (JP_Composition_eReferral)',
      'Composition.author',
    );
  }
  return {
    institution,
    department,
    doctor,
    ...addressOf(organization),
    phone: telecom(organization, 'phone'),
    fax: telecom(organization, 'fax'),
  };
}
