import type { Keys } from '../../store/keys.ts';

/**
 * The names under which discrete values lie in the index. Indexing writes them and search planning asks for them; nobody else
 * spells them out.
 */
export const keysOf = {
  /** `[system|]code`: a value with its system ('' where it has none), the code alone, the system alone. */
  token: (keys: Keys, type: string, code: string, system: string, value: string) =>
    keys.value(type, code, 'token', `${system}|${value}`),
  code: (keys: Keys, type: string, code: string, value: string) => keys.value(type, code, 'code', value),
  system: (keys: Keys, type: string, code: string, system: string) => keys.value(type, code, 'system', system),
  /** The digits of a telephone number. */
  phone: (keys: Keys, type: string, code: string, digits: string) => keys.value(type, code, 'phone', digits),
  /** A uri, a canonical (with its version and without), or a reference that is not to a resource here. */
  uri: (keys: Keys, type: string, code: string, uri: string) => keys.value(type, code, 'uri', uri),
  /** A string as it is written. */
  exact: (keys: Keys, type: string, code: string, text: string) => keys.value(type, code, 'exact', text),
  /** The parameter has a value at all. */
  present: (keys: Keys, type: string, code: string) => keys.value(type, code, 'present', ''),
  /** `:identifier`: the identifier of a logical reference, in the three forms of a token. */
  identifier: (keys: Keys, type: string, code: string, system: string, value: string) =>
    keys.value(type, code, 'identifier', `${system}|${value}`),
  identifierValue: (keys: Keys, type: string, code: string, value: string) =>
    keys.value(type, code, 'identifier-value', value),
  identifierSystem: (keys: Keys, type: string, code: string, system: string) =>
    keys.value(type, code, 'identifier-system', system),
  /** `:text`: the number of the string rows with a token's display and text. */
  text: (keys: Keys, type: string, code: string) => keys.param(type, `${code}:text`),
  /** A date parameter, by its number, has a value on this day of UTC, counted from 1970. */
  day: (keys: Keys, param: bigint, day: number) => keys.of(`day\u001f${param}\u001f${day}`),
  /** It has values that are not named by their days. */
  anyDay: (keys: Keys, param: bigint) => keys.of(`day\u001f${param}`),
  /** The unit of a quantity; `system` '' for a unit named by its code or text alone. Not bound to a parameter. */
  unit: (keys: Keys, system: string, unit: string) => keys.of(`unit\u001f${system}|${unit}`),
};

/** `03-1234-5678`, `０３（１２３４）５６７８` → `0312345678`; `+81 3 …` keeps its plus. Empty for what is not a number. */
export function phoneDigits(text: string): string {
  const plain = text.normalize('NFKC');
  if (/[^\d\s+()\-‐–—−ー./]/.test(plain)) return '';
  const digits = plain.replace(/\D+/g, '');
  return digits.length < 3 ? '' : plain.trimStart().startsWith('+') ? `+${digits}` : digits;
}

/** A canonical without its `|version`. */
export function withoutVersion(canonical: string): string {
  const bar = canonical.lastIndexOf('|');
  return bar < 0 ? canonical : canonical.slice(0, bar);
}
