import type { Language } from '../../../http/negotiate.ts';

/** What people read, in both languages. `{name}` is where a value goes. */
export type Text = Readonly<Record<Language, string>>;

/** The text in a language, with its values filled in. A value is text, never HTML. */
export function inLanguage(
  text: Text,
  language: Language,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return text[language].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Declares texts; each is there in both languages, or this does not compile. */
export const table = <K extends string>(texts: Readonly<Record<K, Text>>): Readonly<Record<K, Text>> =>
  Object.freeze(texts);
