import { USAGE } from '../../src/sign/usage.ts';
import { markdown } from '../house/markdown.ts';
import { read } from '../house/source.ts';

const english = markdown(read('docs/signing.md'));
const japanese = markdown(read('docs/signing.ja.md'));
const options = (text: string) => [...text.matchAll(/^ {2}(--[a-z0-9-]+ \S+)/gm)].map(([, option]) => option);

describe('the manual of tasuki-sign', () => {
  it('is the same in both languages by its headings, its code and its tables', () => {
    expect(japanese.headings).toEqual(english.headings);
    expect(japanese.blocks).toEqual(english.blocks);
    const shape = (page: typeof english) => page.tables.map((table) => table.map((row) => row.length));
    expect(shape(japanese)).toEqual(shape(english));
  });

  it.each([
    ['docs/signing.md', USAGE.en],
    ['docs/signing.ja.md', USAGE.ja],
  ])('%s has the options that --help has, in their order', (page, usage) => {
    const rows = [...read(page).matchAll(/^\| `(--[^`]+)` \|/gm)].map(([, option = '']) => option.replace('\\|', '|'));
    expect(options(usage)).toHaveLength(18);
    expect(rows).toEqual(options(usage));
  });
});
