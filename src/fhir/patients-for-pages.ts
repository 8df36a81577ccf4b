import type { PatientRow, PatientSought, PatientsOfPages } from '../identity/pages/index.ts';
import { asksOfPages, type PagesOptions } from './asks-of-pages.ts';
import type { Json } from './engine.ts';

/**
 * Patients for the page on which a person chooses one: the same searches and reads as through the FHIR interface, under the person's own
 * rights, and audited alike.
 */
export function patientsForPages(options: PagesOptions): PatientsOfPages {
  const ask = asksOfPages(options, 'user/Patient.rs');
  return {
    async search(session, sought, most) {
      const found = await ask(session, 'GET', ['Patient'], queryOf(sought, most + 1));
      if (!found) return null;
      const rows = ((found.entry ?? []) as { resource: Json }[]).map(({ resource }) => rowOf(resource));
      return { rows: rows.slice(0, most), more: rows.length > most };
    },
    async find(session, id) {
      const patient = /^[A-Za-z0-9.-]{1,64}$/.test(id) ? await ask(session, 'GET', ['Patient', id], []) : null;
      return patient && rowOf(patient);
    },
  };
}

/** Each word of a name must match; an identifier is sought in every system. */
function queryOf({ name, birthDate, identifier }: PatientSought, count: number): [string, string][] {
  const words = name.split(/\s+/).filter((word) => word !== '');
  return [
    ...words.slice(0, 5).map((word): [string, string] => ['name', plain(word)]),
    ...(birthDate ? [['birthdate', birthDate] as [string, string]] : []),
    ...(identifier ? [['identifier', plain(identifier)] as [string, string]] : []),
    ['_count', String(count)],
  ];
}

/** https://hl7.org/fhir/R4/search.html#escaping */
const plain = (text: string): string => text.replace(/[\\,|$]/g, '\\$&');

interface Name {
  readonly text?: string;
  readonly family?: string;
  readonly given?: readonly string[];
  readonly extension?: readonly { readonly url?: string; readonly valueCode?: string }[];
}

const REPRESENTATION = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';

/** JP Core: names in ideographs and in kana stand side by side, told apart by an extension. */
function rowOf(patient: Json): PatientRow {
  const names = (patient.name ?? []) as readonly Name[];
  const isKana = ({ extension = [] }: Name) =>
    extension.some(({ url, valueCode }) => url === REPRESENTATION && valueCode === 'SYL');
  const kana = names.find(isKana);
  const name = names.find((one) => one !== kana);
  const [identifier] = (patient.identifier ?? []) as readonly { readonly value?: string }[];
  return {
    id: String(patient.id),
    name: nameText(name ?? kana),
    kana: name ? nameText(kana) : '',
    sex: String(patient.gender ?? ''),
    birthDate: String(patient.birthDate ?? ''),
    number: identifier?.value ?? '',
  };
}

const nameText = (name: Name | undefined): string =>
  name?.text ?? [name?.family, ...(name?.given ?? [])].filter(Boolean).join(' ');
