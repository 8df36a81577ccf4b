import { ownDefinitions, withoutVersion } from '../../definitions/index.ts';
import type { Resource } from '../../fhir/engine.ts';
import { type Issue, refuse } from '../../http/errors.ts';
import { APPLICATION_FORM } from './codes.ts';
import { isDay } from './day.ts';

/** The prescribed form (Art. 7), a Questionnaire, and what is answered on it. */

type ItemType = 'group' | 'string' | 'text' | 'choice' | 'boolean' | 'date';

interface Item {
  readonly linkId: string;
  readonly text: string;
  readonly type: ItemType;
  readonly required?: boolean;
  readonly repeats?: boolean;
  readonly maxLength?: number;
  readonly answerOption?: readonly { readonly valueCoding: { readonly system: string; readonly code: string } }[];
  readonly item?: readonly Item[];
}

interface Form {
  readonly resourceType: string;
  readonly url: string;
  readonly version: string;
  readonly item: readonly Item[];
}

interface Answered {
  readonly linkId?: unknown;
  readonly answer?: readonly Readonly<Record<string, unknown>>[];
  readonly item?: readonly Answered[];
}

/** The form as it is now. */
export function applicationForm(): Form {
  const found = (ownDefinitions() as readonly Form[]).find(({ url }) => url === APPLICATION_FORM);
  if (!found) throw new Error(`there is no ${APPLICATION_FORM}`);
  return found;
}

const flat = (items: readonly Item[]): readonly Item[] => items.flatMap((one) => [one, ...flat(one.item ?? [])]);

/** What the form asks under these linkIds. */
export function questionsOf(linkIds: readonly string[]): string[] {
  const all = flat(applicationForm().item);
  return linkIds.map((linkId) => all.find((one) => one.linkId === linkId)?.text ?? linkId);
}

/** What was answered: by linkId, in order; a coding by its code. */
export type Answers = ReadonlyMap<string, readonly (string | boolean)[]>;

export interface Filled {
  readonly answers: Answers;
  /** linkIds of questions that must be answered and are not, in the order of the form. */
  readonly omissions: readonly string[];
}

/**
 * Reads a QuestionnaireResponse that is valid R4. What is left out is the applicant's omission; what the form does not offer is a mistake of who
 * copied it.
 *
 * @throws FhirError 422 with an issue for each mistake
 */
export function readForm(response: Resource): Filled {
  const form = applicationForm();
  const reader = new Reader();
  const { questionnaire } = response;
  const [, version] = String(questionnaire).split('|');
  if (typeof questionnaire !== 'string' || withoutVersion(questionnaire) !== form.url)
    reader.issue('QuestionnaireResponse.questionnaire', `The form for applications is ${form.url}`);
  else if (version !== undefined && version !== form.version)
    reader.issue('QuestionnaireResponse.questionnaire', `The form is of version ${form.version} now`);
  reader.read(form.item, (response.item ?? []) as readonly Answered[], 'QuestionnaireResponse.item');
  if (reader.issues.length > 0) throw refuse.invalid(reader.issues.slice(0, 50));
  const omissions = flat(form.item).filter(({ linkId, required }) => required && !reader.answers.has(linkId));
  return { answers: reader.answers, omissions: omissions.map(({ linkId }) => linkId) };
}

class Reader {
  readonly issues: Issue[] = [];
  readonly answers = new Map<string, (string | boolean)[]>();

  issue(path: string, diagnostics: string): void {
    this.issues.push({ severity: 'error', code: 'value', diagnostics, expression: [path] });
  }

  read(items: readonly Item[], given: readonly Answered[], path: string): void {
    const seen = new Set<string>();
    for (const [i, one] of given.entries()) {
      const place = `${path}[${i}]`;
      const item = items.find(({ linkId }) => linkId === one.linkId);
      if (!item) this.issue(place, `The form has no item ${JSON.stringify(String(one.linkId).slice(0, 64))} here`);
      else if (seen.has(item.linkId)) this.issue(place, `${item.linkId} is there twice`);
      else this.#item(item, one, place);
      if (item) seen.add(item.linkId);
    }
  }

  #item(item: Item, { answer = [], item: below = [] }: Answered, place: string): void {
    if (item.type === 'group') {
      if (answer.length > 0) this.issue(`${place}.answer`, `${item.linkId} is a group, which has no answer`);
      this.read(item.item ?? [], below, `${place}.item`);
      return;
    }
    if (below.length > 0) this.issue(`${place}.item`, `${item.linkId} has no items below it`);
    if (answer.length > 1 && !item.repeats) this.issue(`${place}.answer`, `${item.linkId} has one answer`);
    const values = answer.flatMap((one, i) => {
      const value = answered(item, one);
      if (value === undefined) this.issue(`${place}.answer[${i}]`, `${item.linkId} takes ${WANTED[item.type](item)}`);
      return value ?? [];
    });
    const kept = values.filter((value) => value !== '');
    if (kept.length > 0) this.answers.set(item.linkId, [...new Set(kept)]);
  }
}

const WANTED: Readonly<Record<ItemType, (item: Item) => string>> = {
  group: () => 'no answer',
  string: ({ maxLength }) => `a valueString of ${maxLength} characters at most`,
  text: ({ maxLength }) => `a valueString of ${maxLength} characters at most`,
  choice: ({ answerOption = [] }) =>
    `a valueCoding of ${[...new Set(answerOption.map((one) => one.valueCoding.system))].join()}: ${answerOption.map((one) => one.valueCoding.code).join(', ')}`,
  boolean: () => 'a valueBoolean',
  date: () => 'a valueDate with year, month and day',
};

/** Blanks around a text do not count; one of blanks alone is empty. Undefined for what the item does not take. */
function answered(item: Item, answer: Readonly<Record<string, unknown>>): string | boolean | undefined {
  const { valueString, valueBoolean, valueDate, valueCoding } = answer;
  switch (item.type) {
    case 'string':
    case 'text':
      if (typeof valueString !== 'string' || [...valueString].length > (item.maxLength ?? 0)) return undefined;
      return valueString.trim();
    case 'boolean':
      return typeof valueBoolean === 'boolean' ? valueBoolean : undefined;
    case 'date':
      return isDay(valueDate) ? valueDate : undefined;
    case 'choice': {
      const { system, code } = (valueCoding ?? {}) as { system?: unknown; code?: unknown };
      const found = item.answerOption?.find(
        (one) => one.valueCoding.system === system && one.valueCoding.code === code,
      );
      return found?.valueCoding.code;
    }
    case 'group':
      return undefined;
    default:
      return item.type satisfies never;
  }
}
