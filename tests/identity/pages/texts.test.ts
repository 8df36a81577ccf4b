import { PERSON_ROLES } from '../../../src/access/roles.ts';
import * as account from '../../../src/identity/pages/texts/account.ts';
import * as app from '../../../src/identity/pages/texts/app.ts';
import * as frame from '../../../src/identity/pages/texts/frame.ts';
import * as login from '../../../src/identity/pages/texts/login.ts';
import * as notices from '../../../src/identity/pages/texts/notices.ts';
import * as settings from '../../../src/identity/pages/texts/settings.ts';
import { inLanguage, type Text } from '../../../src/identity/pages/texts/text.ts';
import { files, read } from '../../house/source.ts';

const tables: Readonly<Record<string, Readonly<Record<string, Text>>>> = {
  ...account,
  ...app,
  ...frame,
  ...login,
  ...notices,
  ...settings,
};
const texts = Object.entries(tables).flatMap(([name, table]) =>
  Object.entries(table).map(([key, text]) => [`${name}.${key}`, text] as const),
);
const values = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();
const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;

/** The same in every language. */
const NAMES = ['frame.brand', 'frame.otherLanguage'];

/** Looked up by what FHIR or an account says. */
const ALL_USED = ['things', 'sexes', 'roles'];

/** How the sources may name a text: by its table, or by what the table is called where it is imported. */
const named = (full: string) => {
  const key = full.split('.')[1];
  return [full, `texts.${key}`, `patientTexts.${key}`, ...(LOOKED_UP[full] ?? [])];
};
const LOOKED_UP: Readonly<Record<string, readonly string[]>> = {
  'account.totp': ['texts[kind]'],
  'account.passkey': ['texts[kind]'],
  'account.recovery': ['texts[kind]'],
  'recovery.enrolled': ['recovery[why]'],
  'recovery.renewed': ['recovery[why]'],
};

describe('what people read', () => {
  it('is in every file of texts', () => {
    expect(files('src/identity/pages/texts', '.ts').map((path) => path.split('/').at(-1))).toEqual([
      'account.ts',
      'app.ts',
      'frame.ts',
      'login.ts',
      'notices.ts',
      'settings.ts',
      'text.ts',
    ]);
    expect(texts.length).toBeGreaterThan(150);
  });

  it.each(texts)('%s is in Japanese and in English, with the same values', (name, text) => {
    expect(Object.keys(text)).toEqual(['ja', 'en']);
    expect(text.ja.length * text.en.length).toBeGreaterThan(0);
    expect(values(text.ja)).toEqual(values(text.en));
    if (NAMES.includes(name) || /between/.test(name)) return;
    expect(text.ja).toMatch(values(text.ja).length > 0 ? /./ : JAPANESE);
    expect(text.en).not.toMatch(JAPANESE);
  });

  it('stands in the tables and nowhere else', () => {
    const elsewhere = files('src/identity/pages', '.ts')
      .filter((path) => !path.includes('/texts/') && !path.endsWith('/birth-date.ts'))
      .flatMap((path) =>
        read(path)
          .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
          .split('\n')
          .filter((line) => JAPANESE.test(line))
          .map((line) => `${path}: ${line.trim()}`),
      );
    expect(elsewhere).toEqual([]);
  });

  it('is used', () => {
    const sources = files('src/identity/pages', '.ts').map(read).join('\n');
    const unused = Object.entries(tables)
      .filter(([name]) => !ALL_USED.includes(name))
      .flatMap(([name, table]) => Object.keys(table).map((key) => `${name}.${key}`))
      .filter(
        (full) =>
          !named(full).some((name) =>
            sources
              .split(name)
              .slice(1)
              .some((rest) => !/^\w/.test(rest)),
          ),
      );
    expect(unused).toEqual([]);
  });

  it('names every role', () => {
    expect(Object.keys(account.roles).sort()).toEqual([...PERSON_ROLES].sort());
  });

  it('fills in values, and leaves what has none', () => {
    const text = { ja: '{a}と{b}', en: '{a} and {b}' };
    expect(inLanguage(text, 'en', { a: 'one', b: 2 })).toBe('one and 2');
    expect(inLanguage(text, 'ja', { a: '{b}' })).toBe('{b}と{b}');
  });
});
