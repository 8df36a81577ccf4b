import { randomUUID } from 'node:crypto';
import { Access, type Caller } from '../access/access.ts';
import { FhirError } from '../http/errors.ts';
import type { LoggedIn } from '../identity/interactions.ts';
import type { PatientRow, PatientSought, PatientsOfPages } from '../identity/pages/index.ts';
import { dispatch } from './dispatch.ts';
import type { Engine, Json } from './engine.ts';
import type { FhirRequest } from './request.ts';

export interface PatientsOptions {
  readonly engine: Engine;
  /** `Callers.callerOfSession` */
  readonly callerOf: (
    session: LoggedIn,
    request: { readonly requestId: string; readonly scope: string },
  ) => Promise<Caller | null>;
  readonly maxDepth: number;
  readonly report: (error: unknown) => void;
}

/**
 * Patients for the page on which a person chooses one: the same searches and reads as through the FHIR interface, under the person's own
 * rights, and audited alike.
 */
export function patientsForPages(options: PatientsOptions): PatientsOfPages {
  const ask = async (session: LoggedIn, path: readonly string[], query: FhirRequest['query']): Promise<Json | null> => {
    const caller = await options.callerOf(session, { requestId: randomUUID(), scope: 'user/Patient.rs' });
    if (!caller) return null;
    const request: FhirRequest = {
      engine: options.engine,
      access: Access.of(caller),
      method: 'GET',
      path,
      query,
      header: () => undefined,
      body: Buffer.alloc(0),
      maxDepth: options.maxDepth,
      dispatch,
      report: options.report,
    };
    try {
      const { body } = await dispatch(request);
      return JSON.parse(String(body)) as Json;
    } catch (error) {
      // No right to any patient, or not to this one; and what is no name finds nobody.
      if (error instanceof FhirError && [403, 404, 410].includes(error.status)) return null;
      if (error instanceof FhirError && error.status === 400) return {};
      throw error;
    }
  };
  return {
    async search(session, sought, most) {
      const found = await ask(session, ['Patient'], queryOf(sought, most + 1));
      if (!found) return null;
      const rows = ((found.entry ?? []) as { resource: Json }[]).map(({ resource }) => rowOf(resource));
      return { rows: rows.slice(0, most), more: rows.length > most };
    },
    async find(session, id) {
      const patient = /^[A-Za-z0-9.-]{1,64}$/.test(id) ? await ask(session, ['Patient', id], []) : null;
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
