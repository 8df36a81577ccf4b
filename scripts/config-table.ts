import { readFileSync, writeFileSync } from 'node:fs';
import { settings } from '../src/config.ts';

/**
 * Writes the table of settings, made from `settings` in src/config.ts, between the marks in README.md. README.ja.md has the same rows with
 * meanings in Japanese, written by hand; a test says which of them is missing.
 */
export function settingsTable(): string {
  const rows = Object.values(settings).map(({ variable, fallback, shown, meaning }) => {
    const value = fallback === null ? (shown ?? '') : `\`${fallback}\``;
    return `| \`${variable}\` | ${value} | ${meaning} |`;
  });
  return ['| variable | default | meaning |', '|---|---|---|', ...rows, ''].join('\n');
}

/** The page with the table in it; throws where it has no marks. */
export function withTable(page: string): string {
  const marks = /(<!-- settings -->\n)[\s\S]*?(<!-- \/settings -->)/;
  if (!marks.test(page)) throw new Error('no <!-- settings --> … <!-- /settings -->');
  return page.replace(marks, (_all, begin: string, end: string) => `${begin}${settingsTable()}${end}`);
}

if (import.meta.main) writeFileSync('README.md', withTable(readFileSync('README.md', 'utf8')));
