import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, wherever it was cloned. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The text of a file of the repository, by its path from the root. */
export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Every file under a folder of the repository whose name ends so, as sorted paths from the root; none where there is no such folder. */
export function files(folder: string, ending = ''): string[] {
  const found = (directory: string): string[] =>
    readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : found(path);
      return entry.name.endsWith(ending) ? [relative(root, path).split(sep).join('/')] : [];
    });
  try {
    return found(join(root, folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export interface Scanned {
  /** The source with comments gone and the inside of every literal blanked. */
  readonly code: string;
  /** The inside of every string and template literal, in order; what a template interpolates is code and not in it. */
  readonly literals: readonly string[];
}

/** A slash after one of these begins a regular expression, not a division. */
const beforeRegularExpression = /(?:^|[=(,:[!&|?{};+\-*%<>~^]|=>|\b(?:return|typeof|case|in|of|await|yield))\s*$/;

const token = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\[\s\S]|[^'\\])*'|"(?:\\[\s\S]|[^"\\])*"|[`{}/]/y;
const regularExpression = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const templateText = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y;

/** Tells TypeScript's code from its literals and comments: what the checks below need, not a parser. */
export function scan(source: string): Scanned {
  let code = '';
  let at = 0;
  const literals: string[] = [];
  /** How many braces are open in each `${…}` that the scan is inside of. */
  const interpolations: number[] = [];
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    at += text?.length ?? 0;
    return text;
  };
  const template = () => {
    literals.push(match(templateText) ?? '');
    if (source[at] === '`') at += 1;
    else {
      at += 2;
      code += '`${';
      interpolations.push(0);
    }
  };

  while (at < source.length) {
    const text = match(token);
    if (text === undefined) code += source[at++];
    else if (text === '`') template();
    else if (text === '{' || text === '}') {
      const open = interpolations.at(-1);
      if (text === '}' && open === 0) {
        interpolations.pop();
        code += '}`';
        template();
      } else {
        if (open !== undefined) interpolations[interpolations.length - 1] = open + (text === '{' ? 1 : -1);
        code += text;
      }
    } else if (text === '/') {
      at -= 1;
      if (!beforeRegularExpression.test(code.slice(-20)) || match(regularExpression) === undefined)
        code += source[at++];
      else code += '/ /';
    } else if (text.startsWith('/')) code += '\n'.repeat(text.split('\n').length - 1);
    else {
      literals.push(text.slice(1, -1));
      code += `${text[0]}${text[0]}`;
    }
  }
  return { code, literals };
}

/** What a source file imports: static imports and exports, imports for types, side effects, `import()` and `import('…').Type`. */
export function imports(source: string): string[] {
  const statement = /^(?:import|export)\b(?:[^'";]*?\bfrom)?\s*(['"])([^'"\n]+)\1/gm;
  const call = /^(?!\s*(?:\/\/|\*|\/\*)).*?\bimport\(\s*(['"])([^'"\n]+)\1/gm;
  return [statement, call].flatMap((pattern) => [...source.matchAll(pattern)].map((found) => found[2]!));
}
