/** Code lists of value sets: those that R4 binds as required, and our own. */
import { load } from './load.ts';
import { ownDefinitions } from './own.ts';

type Codes = Readonly<Record<string, readonly string[]>>; // codes by system

const r4 = new Map(Object.entries(load<Record<string, Codes>>('r4/codes.json')));
const made = new Map<string, ReadonlySet<string>>();

interface Concept {
  readonly code: string;
  readonly concept?: readonly Concept[];
}
interface Own {
  readonly resourceType: string;
  readonly url: string;
  readonly concept?: readonly Concept[];
  readonly compose?: {
    readonly include: readonly { readonly system: string; readonly concept?: readonly Concept[] }[];
  };
}

/**
 * The codes of a value set (canonical without version), as `system|code` and as bare `code`. Undefined when the set is not known or
 * cannot be listed: media types (BCP 13), currencies (ISO 4217), UCUM units.
 */
export function codes(valueSet: string): ReadonlySet<string> | undefined {
  const known = made.get(valueSet);
  if (known) return known;
  const bySystem = r4.get(valueSet) ?? own(valueSet);
  if (!bySystem) return undefined;
  const set = new Set<string>();
  for (const [system, list] of Object.entries(bySystem)) {
    for (const code of list) set.add(code).add(`${system}|${code}`);
  }
  made.set(valueSet, set);
  return set;
}

function own(url: string): Codes | undefined {
  const all = ownDefinitions() as readonly Own[];
  const includes = all.find((d) => d.resourceType === 'ValueSet' && d.url === url)?.compose?.include;
  if (!includes) return undefined;
  const whole = (system: string) => all.find((d) => d.resourceType === 'CodeSystem' && d.url === system)?.concept ?? [];
  return Object.fromEntries(includes.map(({ system, concept }) => [system, flatten(concept ?? whole(system))]));
}

const flatten = (concepts: readonly Concept[]): string[] =>
  concepts.flatMap((c) => [c.code, ...flatten(c.concept ?? [])]);
