import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withTable } from '../../scripts/config-table.ts';
import { settings } from '../../src/config.ts';
import { markdown, marked } from './markdown.ts';
import { files, read, root } from './source.ts';

const pages = ['README.md', 'README.ja.md', 'CONTRIBUTING.md', ...files('docs', '.md')];
const english = markdown(read('README.md'));
const japanese = markdown(read('README.ja.md'));

describe('the documents', () => {
  it.each([
    'LICENSE',
    'CONTRIBUTING.md',
    'docs/architecture.md',
    'docs/operations.md',
    'docs/decisions/000-template.md',
  ])('%s is there', (path) => {
    expect(existsSync(join(root, path))).toBe(true);
  });

  it('the licence is the one that package.json names', () => {
    expect(JSON.parse(read('package.json'))).toMatchObject({ license: 'Apache-2.0' });
    expect(read('LICENSE')).toMatch(/^\s*Apache License\s+Version 2\.0, January 2004/);
  });

  it.each(pages)('the links of %s lead somewhere', (page) => {
    const local = markdown(read(page)).links.filter((link) => !/^(?:https?:|mailto:|#)/.test(link));
    const lost = local.filter((link) => !existsSync(join(root, dirname(page), link.replace(/#.*$/, ''))));
    expect(lost).toEqual([]);
  });

  it.each(pages)('%s names npm scripts that exist', (page) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(page).matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|(test|start))\b/g)].map(
      (found) => found[1] ?? found[2]!,
    );
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it.each(files('docs/decisions', '.md'))(
    '%s says when, what was asked, what was chosen and what was rejected',
    (page) => {
      const text = read(page);
      expect(page).toMatch(/\/\d{3}-[a-z0-9-]+\.md$/);
      expect(text).toMatch(/^# \d{3} — /);
      expect(text).toMatch(/^\* Date: (?:\d{4}-\d{2}-\d{2}|YYYY-MM-DD)$/m);
      for (const part of ['Question', 'Options', 'Choice', 'Rejected']) expect(text).toContain(`\n## ${part}\n`);
    },
  );

  it('decisions have numbers of their own', () => {
    const numbers = files('docs/decisions', '.md').map((page) => /\d{3}/.exec(page)![0]);
    expect(numbers).toEqual([...new Set(numbers)]);
  });
});

describe('README.ja.md mirrors README.md', () => {
  it('by its headings', () => {
    expect(japanese.headings).toEqual(english.headings);
  });

  it('by its code, to the letter', () => {
    expect(japanese.blocks).toEqual(english.blocks);
  });

  it('by its tables, row by row', () => {
    const shape = (page: typeof english) => page.tables.map((table) => table.map((row) => row.length));
    expect(shape(japanese)).toEqual(shape(english));
  });
});

describe('the table of settings', () => {
  it('in README.md is what node scripts/config-table.ts makes of src/config.ts', () => {
    expect(read('README.md')).toBe(withTable(read('README.md')));
  });

  const rows = (page: string) => markdown(marked(read(page), 'settings')).tables[0]!.slice(1);

  it.each(['README.md', 'README.ja.md'])('%s has a row for each setting, in their order', (page) => {
    expect(rows(page).map(([variable]) => variable)).toEqual(
      Object.values(settings).map(({ variable }) => `\`${variable}\``),
    );
  });

  it('README.ja.md has the same defaults', () => {
    const given = (page: string) =>
      rows(page).map(([variable, fallback = '']) => [variable, fallback.startsWith('`') ? fallback : 'described']);
    expect(given('README.ja.md')).toEqual(given('README.md'));
  });

  it('README.ja.md says in Japanese what each one means', () => {
    expect(rows('README.ja.md').filter(([, , meaning = '']) => !/[ぁ-んァ-ン一-龠]/.test(meaning))).toEqual([]);
  });
});

describe('what is committed', () => {
  const skipped = /^(?:\.git|node_modules|data|coverage)\//;
  const texts = files('').filter((path) => !skipped.test(path) && !/\.(?:png|jpe?g|pdf|ttf|woff2?|gz)$/.test(path));

  it('names no folder of the machine on which it was written', () => {
    const machine = new RegExp(`(?:^|[\\s'"\`(=:])/(?:${['wo' + 'rk', 'tmp/contr' + 'acts'].join('|')})\\b`, 'm');
    expect(texts.filter((path) => machine.test(read(path)))).toEqual([]);
  });
});
