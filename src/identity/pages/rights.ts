import { policyClass } from '../../access/policy.ts';
import { rights, things } from './texts/app.ts';
import type { Text } from './texts/text.ts';
import { say, type Visit } from './visit.ts';

/** What one scope lets an app do, as a person reads it. */
export interface Right {
  readonly scope: string;
  readonly words: string;
  /** Whether the person may leave it out; what carries the login itself may not be. */
  readonly choice: boolean;
}

type Language = Pick<Visit, 'language'>;

/** Scopes that speak of the login and the launch, not of records; null: nothing that a person need read. */
const OTHERS: Readonly<Record<string, { words: Text; choice: boolean } | null>> = {
  openid: { words: rights.who, choice: false },
  fhirUser: { words: rights.who, choice: false },
  profile: { words: rights.who, choice: false },
  launch: { words: rights.launch, choice: false },
  'launch/patient': null,
  offline_access: { words: rights.stay, choice: true },
  online_access: { words: rights.online, choice: false },
};

/** SMART v2, and v1 (`.read`, `.write`, `.*`): https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html */
const DATA = /^(patient|user)\/(\*|[A-Za-z]+)\.(\*|read|write|c?r?u?d?s?)(?:\?(.*))?$/;
const V1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };

/** What the scopes say in plain words, each once; a scope that is not understood stands there as it is. */
export function rightsOf(visit: Language, scopes: readonly string[]): readonly Right[] {
  const rights = scopes.flatMap((scope) => rightOf(visit, scope) ?? []);
  const byWords = new Map(rights.toReversed().map((right) => [right.words, right]));
  return rights.filter((right) => byWords.get(right.words) === right).sort((a, b) => place(a) - place(b));
}

/** What is certain first, what lasts longest at the end. */
const place = ({ scope, choice }: Right): number => (scope === 'offline_access' ? 2 : choice ? 1 : 0);

/** Those of the scopes that the person lets the app have: what cannot be left out, and what was chosen. */
export function chosenScopes(visit: Language, scopes: readonly string[], chosen: readonly string[]): readonly string[] {
  const words = new Set(
    rightsOf(visit, scopes)
      .filter(({ scope }) => chosen.includes(scope))
      .map((one) => one.words),
  );
  return scopes.filter((scope) => {
    const right = rightOf(visit, scope);
    return !right?.choice || words.has(right.words);
  });
}

/** Whether a scope is about records. */
export const isOfRecords = (scope: string): boolean => DATA.test(scope);

/** Whether a scope opens what administrators do: none that only reads, or is narrowed to a patient or by a query, does. */
export const isOfAdministration = (scope: string): boolean => {
  const [, context, type = '', letters = '', query] = DATA.exec(scope) ?? [];
  const writes = /[cud]/.test(V1[letters] ?? letters);
  return (
    context === 'user' &&
    writes &&
    query === undefined &&
    ['*', 'Organization', 'Practitioner', 'Contract'].includes(type)
  );
};

function rightOf(visit: Language, scope: string): Right | null {
  const other = OTHERS[scope];
  if (other === null) return null;
  if (other) return { scope, words: say(visit, other.words), choice: other.choice };
  const [, context, type = '', letters = '', query] = DATA.exec(scope) ?? [];
  if (context === undefined) return { scope, words: scope, choice: true };
  const does = doing(visit, V1[letters] ?? letters);
  const what = type === '*' ? say(visit, rights.everything) : thing(visit, type);
  const whose = context === 'patient' ? rights.ofPatient : ofNobody(type) ? rights.directory : rights.ofUser;
  const words = say(visit, whose, { what, does });
  return {
    scope,
    words: query ? say(visit, rights.narrowed, { right: words, query: plain(query) }) : words,
    choice: true,
  };
}

/** Whether resources of the type speak of no patient: definitions, the directory, schedules. */
const ofNobody = (type: string): boolean => ['f', 'd', 's', 'o'].includes(policyClass(type));

function doing(visit: Language, letters: string): string {
  const looks = /[rs]/.test(letters);
  const kinds = [rights.create, rights.update, rights.remove].filter((_, index) =>
    letters.includes('cud'[index] as string),
  );
  if (kinds.length === 0) return say(visit, rights.look);
  const which = kinds.map((kind) => say(visit, kind)).join(say(visit, rights.between));
  return say(visit, looks ? rights.lookAndWrite : rights.write, { which });
}

const thing = (visit: Language, type: string): string => {
  const known = (things as Partial<Record<string, Text>>)[type];
  return known ? say(visit, known) : type;
};

function plain(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll('+', ' '));
  } catch {
    return query;
  }
}
