// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the cases are source texts
import { files, imports, scan } from './source.ts';

describe('what the floors test reads', () => {
  it.each([
    ["import { a } from './a.ts';", ['./a.ts']],
    ["import type { A } from './a.ts';", ['./a.ts']],
    ['import {\n  a,\n  b,\n} from \'./a.ts\';\nimport b from "./b.ts";', ['./a.ts', './b.ts']],
    ["import './effect.ts';", ['./effect.ts']],
    ["export * from './a.ts';\nexport { b } from './b.ts';", ['./a.ts', './b.ts']],
    ["export const from = './a.ts';", []],
    ["export function read(from: string) {\n  return join(from, 'x');\n}", []],
    ["const lazy = () => import('./a.ts');", ['./a.ts']],
    ["let x: import('./a.ts').A;", ['./a.ts']],
    [" * import('./in-a-comment.ts')", []],
    ["// import('./in-a-comment.ts')", []],
    ["import data from './data.json' with { type: 'json' };", ['./data.json']],
  ])('finds the imports of %j', (source, expected) => {
    expect(imports(source)).toEqual(expected);
  });

  it.each([
    ["const a = 'one'; // 'two'", ['one']],
    ["/* 'none' */ const a = \"it's\";", ["it's"]],
    ['const a = `x ${b ? `in ${c}` : "d"} y`;', ['x ', 'in ', '', 'd', ' y']],
    ["const a = `{ ${f({ k: '}' })} }`;", ['{ ', '}', ' }']],
    ["const a = s.replace(/['`\"/]/g, 'q') / 2; const b = 'z';", ['q', 'z']],
    ["const half = a / b; const c = '/'; const d = x / 1;", ['/']],
    ["const a = 'don\\'t';", ["don\\'t"]],
    ['const price = `$5 ${a}`;', ['$5 ', '']],
  ])('finds the literals of %j', (source, expected) => {
    expect(scan(source).literals).toEqual(expected);
  });

  it('keeps the code between them, line by line', () => {
    expect(scan("a('x'); // process.env\n/* two\nlines */ b(`y ${process.env.Z} z`);").code).toBe(
      "a(''); \n\n b(`${process.env.Z}`);",
    );
  });

  it('lists the files of a folder, and none of one that is not there', () => {
    expect(files('tests/house', '.ts')).toContain('tests/house/source.ts');
    expect(files('tests/no-such-folder')).toEqual([]);
  });
});
