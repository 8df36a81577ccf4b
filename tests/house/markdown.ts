/** What the tests of the documents look at in a Markdown file. */
export interface Markdown {
  /** The level of each heading, in order. */
  readonly headings: readonly number[];
  readonly blocks: readonly { readonly language: string; readonly text: string }[];
  /** Each table as its rows of cells, the line of dashes left out. */
  readonly tables: readonly (readonly (readonly string[])[])[];
  /** The targets of its links and pictures, outside of code. */
  readonly links: readonly string[];
}

const fence = /^```(\w*)\n([\s\S]*?)^```$/gm;

const cells = (row: string): string[] =>
  row
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());

export function markdown(source: string): Markdown {
  const prose = source.replace(fence, '');
  const runs = prose.match(/(?:^\|.*\n?)+/gm) ?? [];
  return {
    headings: [...prose.matchAll(/^(#+) /gm)].map((heading) => heading[1]!.length),
    blocks: [...source.matchAll(fence)].map(([, language = '', text = '']) => ({ language, text })),
    tables: runs.map((run) =>
      run
        .trimEnd()
        .split('\n')
        .map(cells)
        .filter((row) => !row.every((cell) => /^:?-+:?$/.test(cell))),
    ),
    links: [...prose.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map((link) => link[1]!),
  };
}

/** The lines between `<!-- name -->` and `<!-- /name -->`; throws where the marks are missing. */
export function marked(source: string, name: string): string {
  const found = new RegExp(`<!-- ${name} -->\\n([\\s\\S]*?)<!-- /${name} -->`).exec(source);
  if (!found) throw new Error(`no <!-- ${name} --> … <!-- /${name} -->`);
  return found[1]!;
}
