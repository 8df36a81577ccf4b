import { posix } from 'node:path';
import { files, imports, read, scan } from './house/source.ts';

/**
 * The floors of the house (docs/architecture.md), from the top to the ground. A file imports only from its own room and from
 * rooms on floors below: never up, never from a neighbour, never in a circle. Types count: knowing a name is knowing.
 */
const floors: readonly (readonly string[])[] = [
  ['main.ts'],
  ['server.ts', 'demo', 'admin'],
  ['sign'],
  ['services'],
  ['fhir'],
  ['identity'],
  ['jobs'],
  ['audit'],
  ['store'],
  ['access'],
  ['definitions'],
  ['http'],
  ['config.ts'],
  ['config'],
  ['compile-cache.ts'],
  ['pdf'],
  ['pki'],
];

/**
 * The demo and the administrators' command line speak HTTP as any client does, so of the house they know the settings only, and come in or sign as
 * the signing client does. That one runs on the doctor's machine, where there is no server.
 */
const knowsOnly: Readonly<Record<string, readonly string[]>> = {
  demo: ['config.ts', 'sign', 'pdf', 'pki'],
  sign: ['pdf', 'pki'],
  admin: ['sign', 'pdf', 'pki'],
};

/** Who besides config.ts may name the process environment, and why. */
const mayReadEnvironment: Readonly<Record<string, string>> = {};

/** SQL as it is written in this house: upper-case key words. */
const sql = /\bSELECT\s|\bINSERT INTO\s|\bUPDATE\s+\S+\s+(?:\S+\s+)?SET\b|\bDELETE FROM\s/;

/** Names that say nothing of what is inside (style, docs/architecture.md). */
const emptyNames = /(?:^|[/.-])(?:utils?|helpers?|managers?|common)(?=[/.-])/;

/** Where logic is dense the tests are longer than the code. */
const testedMost = ['access', 'fhir', 'store'];

const longest = 300;

interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Files under src/ that it imports. */
  readonly imports: readonly string[];
}

const sources: readonly SourceFile[] = files('src', '.ts').map((path) => {
  const text = read(path);
  const local = imports(text).filter((specifier) => specifier.startsWith('.'));
  return { path, text, imports: local.map((specifier) => posix.join(posix.dirname(path), specifier)) };
});

/** `src/store/read.ts` → `store`; `src/services/booking/rules.ts` → `services/booking`; `src/server.ts` → `server.ts`. */
function room(path: string): string {
  const [, first = '', second = ''] = path.split('/');
  return first === 'services' && !second.endsWith('.ts') ? `${first}/${second}` : first;
}

const floor = (path: string): number => floors.findIndex((rooms) => rooms.includes(path.split('/')[1] ?? ''));

function mayImport(from: string, to: string): boolean {
  if (room(from) === room(to)) return true;
  const known = knowsOnly[room(from)];
  return known ? known.includes(room(to)) : floor(from) < floor(to);
}

/** The circles that imports make, each as `a → b → a`, found by walking depth first. */
function circles(): string[] {
  const graph = new Map(sources.map((file) => [file.path, file.imports]));
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, way: readonly string[]) => {
    const start = way.indexOf(path);
    if (start >= 0) found.push([...way.slice(start), path].join(' → '));
    else if (!done.has(path)) {
      for (const next of graph.get(path) ?? []) walk(next, [...way, path]);
      done.add(path);
    }
  };
  for (const path of graph.keys()) walk(path, []);
  return found;
}

const lines = (text: string): number => text.trimEnd().split('\n').length;
const linesUnder = (folder: string): number => files(folder, '.ts').reduce((sum, path) => sum + lines(read(path)), 0);

/** Each rule names the files that break it; `expect([]).toEqual([])` then prints them. */
describe('the floors of the house', () => {
  it('every file under src/ is in a room of the list', () => {
    expect(sources.filter((file) => floor(file.path) < 0).map((file) => `${file.path} is in no room`)).toEqual([]);
  });

  it('every import leads to a file that is there', () => {
    const known = new Set(files('src'));
    const lost = sources.flatMap((file) =>
      file.imports.filter((to) => !known.has(to)).map((to) => `${file.path} imports ${to}`),
    );
    expect(lost).toEqual([]);
  });

  it('a file imports only from its own room and from floors below', () => {
    const up = sources.flatMap((file) =>
      file.imports
        .filter((to) => !mayImport(file.path, to))
        .map((to) => `${file.path} (${room(file.path)}) may not import ${to} (${room(to)})`),
    );
    expect(up).toEqual([]);
  });

  it('no file imports itself by a circle', () => {
    expect(circles()).toEqual([]);
  });

  it('only config.ts reads the environment', () => {
    const readers = sources
      .filter((file) => file.path !== 'src/config.ts' && !(file.path in mayReadEnvironment))
      .filter((file) => /\bprocess\s*\.\s*env\b|\bimport\s*\{[^}]*\benv\b[^}]*\}\s*from/.test(scan(file.text).code))
      .map((file) => `${file.path} reads process.env: a setting belongs in src/config.ts`);
    expect(readers).toEqual([]);
  });

  it('only store/ speaks SQL', () => {
    const speakers = sources
      .filter((file) => room(file.path) !== 'store')
      .flatMap((file) =>
        scan(file.text)
          .literals.filter((literal) => sql.test(literal))
          .map((literal) => ({ file, literal })),
      )
      .map(({ file, literal }) => `${file.path} has SQL: ${literal.trim().slice(0, 60)}`);
    expect(speakers).toEqual([]);
  });
});

describe('the shape of its files', () => {
  const written = ['src', 'scripts', 'bench'].flatMap((folder) => files(folder, '.ts'));

  it(`none is longer than ${longest} lines`, () => {
    const long = written
      .filter((path) => lines(read(path)) > longest)
      .map((path) => `${path} has ${lines(read(path))} lines: it is two files`);
    expect(long).toEqual([]);
  });

  it('none has a name that says nothing', () => {
    const empty = [...written, ...files('tests', '.ts')].filter((path) => emptyNames.test(path));
    expect(empty).toEqual([]);
  });

  it.each(testedMost)('%s has more lines of test than of code', (name) => {
    const code = linesUnder(`src/${name}`);
    const tests = linesUnder(`tests/${name}`);
    const short = code > 0 && tests <= code ? [`tests/${name} has ${tests} lines for ${code} in src/${name}`] : [];
    expect(short).toEqual([]);
  });
});

describe('the rules themselves', () => {
  it.each([
    ['src/main.ts', 'src/server.ts', true],
    ['src/server.ts', 'src/fhir/interactions/read.ts', true],
    ['src/server.ts', 'src/demo/story.ts', false],
    ['src/fhir/search/plan.ts', 'src/fhir/indexing/keys-of.ts', true],
    ['src/fhir/search/plan.ts', 'src/store/query.ts', true],
    ['src/fhir/search/plan.ts', 'src/services/booking/rules.ts', false],
    ['src/services/booking/rules.ts', 'src/services/timeline/rules.ts', false],
    ['src/store/read.ts', 'src/fhir/search/plan.ts', false],
    ['src/store/read.ts', 'src/access/access.ts', true],
    ['src/access/policy.ts', 'src/store/rows.ts', false],
    ['src/demo/story.ts', 'src/config.ts', true],
    ['src/demo/story.ts', 'src/http/errors.ts', false],
    ['src/config.ts', 'src/http/errors.ts', false],
  ])('%s → %s: %s', (from, to, allowed) => {
    expect(mayImport(from, to)).toBe(allowed);
  });

  it.each([
    'SELECT 1',
    'select',
    'INSERT INTO resource VALUES',
    'UPDATE keycode k SET a = 1',
    'UPDATE keycode SET a = 1',
    'DELETE FROM party',
  ])('knows SQL when it sees it: %s', (text) => {
    expect(sql.test(text)).toBe(text !== 'select');
  });

  it('knows names that say nothing', () => {
    const names = [
      'src/utils.ts',
      'src/fhir/helpers/a.ts',
      'src/date-utils.ts',
      'src/common/x.ts',
      'src/fhir/communication.ts',
    ];
    expect(names.filter((name) => emptyNames.test(name))).toEqual(names.slice(0, 4));
  });
});
