import type { Member, Reply } from '../../support/network.ts';

/** What is written on paper and said in operations, for tests of contracts. */

export const BASE = 'https://tasuki.example/fhir';
export const FORM = `${BASE}/Questionnaire/contract-application`;
export const SERVICE = `${BASE}/CodeSystem/contract-service`;
export const KIND = `${BASE}/CodeSystem/institution-kind`;
export const NOTICE = `${BASE}/CodeSystem/contract-notice`;

type Answer = string | boolean | readonly string[] | undefined;

const CODED: Readonly<Record<string, string>> = { 'institution.kind': KIND, 'services.service': SERVICE };

const FILLED: Readonly<Record<string, Answer>> = {
  'application.date': '2026-03-01',
  'application.terms': true,
  'institution.name': 'さくら診療所',
  'institution.kind': 'medical',
  'institution.postal-code': '999-0003',
  'institution.address': '神奈川県みなと市桜ケ丘2-1-8',
  'institution.telephone': '045-000-0300',
  'institution.representative': '桜井 春香',
  'contact.name': '桜井 秋子',
  'services.service': ['medical-cooperation', 'timeline'],
};

/** The form, filled in; what is given overrides, and undefined leaves out. */
export function application(more: Readonly<Record<string, Answer>> = {}) {
  const groups = new Map<string, object[]>();
  for (const [linkId, value] of Object.entries({ ...FILLED, ...more })) {
    if (value === undefined) continue;
    const values = Array.isArray(value) ? value : [value];
    const item = { linkId, answer: values.map((one) => answerOf(linkId, one as string | boolean)) };
    const group = linkId.includes('.') ? (linkId.split('.')[0] as string) : '';
    groups.set(group, [...(groups.get(group) ?? []), item]);
  }
  const item = [...groups].flatMap(([linkId, items]) => (linkId === '' ? items : [{ linkId, item: items }]));
  return { resourceType: 'QuestionnaireResponse', questionnaire: FORM, status: 'completed', item };
}

function answerOf(linkId: string, value: string | boolean): object {
  if (typeof value === 'boolean') return { valueBoolean: value };
  const system = CODED[linkId];
  if (system) return { valueCoding: { system, code: value } };
  return linkId.endsWith('.date') || linkId.endsWith('.start') ? { valueDate: value } : { valueString: value };
}

/** Parameters: days as valueDate, numbers as valueInteger, resources as they are, arrays as repetitions. */
export function parameters(given: Readonly<Record<string, unknown>>) {
  const parameter = Object.entries(given).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one) => (one === undefined ? [] : [{ name, ...valued(one) }])),
  );
  return { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
}

function valued(value: unknown): object {
  if (typeof value === 'number') return { valueInteger: value };
  if (typeof value === 'string')
    return /^\d{4}-\d\d-\d\d$/.test(value)
      ? { valueDate: value }
      : /^[A-Z][A-Za-z]+\/[\w-]+$/.test(value)
        ? { valueReference: { reference: value } }
        : { valueString: value };
  return (value as { resourceType?: string }).resourceType ? { resource: value } : (value as object);
}

export const call = (operator: Member, path: string, given: Readonly<Record<string, unknown>> = {}): Promise<Reply> =>
  operator.post(path, parameters(given));

/** The value of a parameter of an answer. */
// biome-ignore lint/suspicious/noExplicitAny: tests say by their expectations what a body is
export function output({ body }: Reply, name: string): any {
  const found = body?.parameter?.find((one: { name: string }) => one.name === name);
  const [, value] = Object.entries(found ?? {}).find(([key]) => key.startsWith('value')) ?? [];
  return (value as { reference?: string } | undefined)?.reference ?? value;
}

interface Bundle {
  readonly entry?: readonly { readonly resource: object }[];
  readonly link?: readonly { readonly relation: string; readonly url: string }[];
}

/** Codes of the notices about a contract, sorted. */
export async function noticesOf(reader: Member, contract: string): Promise<string[]> {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const all: any[] = [];
  let path: string | undefined = `Communication?category=${NOTICE}|&_count=200`;
  while (path !== undefined) {
    const { status, body }: { status: number; body: Bundle } = await reader.get(path);
    expect(status).toBe(200);
    all.push(...(body.entry ?? []).map(({ resource }) => resource));
    path = body.link?.find(({ relation }) => relation === 'next')?.url.replace(/^\w+:\/\/[^/]+\/fhir\//, '');
  }
  return all
    .filter(({ about }) => about[0].reference === contract)
    .map(({ category }) => category[0].coding[0].code as string)
    .sort();
}
