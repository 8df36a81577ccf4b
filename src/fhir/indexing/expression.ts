/**
 * Reads the part of FHIRPath in which R4's search parameters are written: unions of paths with casts (`as`, `.as()`, `.ofType()`),
 * `.where(resolve() is Patient)`, `.where(system='phone')`, `[0]` and `.extension('url')`. Whatever else occurs
 * is left to a FHIRPath engine.
 */
export type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'cast'; readonly type: string }
  /** Only elements whose child `name` is the text `value`. */
  | { readonly kind: 'where'; readonly name: string; readonly value: string }
  /** Only references to resources of this type. */
  | { readonly kind: 'refersTo'; readonly type: string }
  | { readonly kind: 'at'; readonly index: number };

/** From a resource to values; the first step may be the resource's type. */
export type Path = readonly Step[];

/** The alternatives of an expression, or null if it says something that this reader does not know. */
export function parseExpression(text: string): readonly Path[] | null {
  const words = tokens(text);
  if (!words) return null;
  const reader = new Reader(words);
  const paths = reader.union();
  return paths && reader.atEnd() ? paths : null;
}

/** Splits a union at its top level: `a | (b | c)` → `a`, `(b | c)`. */
export function alternatives(expression: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < expression.length; at++) {
    const character = expression[at];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === '|' && depth === 0) {
      parts.push(expression.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...parts, expression.slice(start).trim()];
}

function tokens(text: string): string[] | null {
  const word = /\s*(?:([A-Za-z_]\w*|\d+|[().|[\]=])|'([^'\\]*)')/y;
  const found: string[] = [];
  const trimmed = text.trim();
  while (word.lastIndex < trimmed.length) {
    const match = word.exec(trimmed);
    if (!match) return null;
    found.push(match[1] ?? `'${match[2]}`);
  }
  return found;
}

class Reader {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  atEnd(): boolean {
    return this.#at === this.#words.length;
  }

  union(): Path[] | null {
    const all: Path[] = [];
    do {
      const paths = this.#cast();
      if (!paths) return null;
      all.push(...paths);
    } while (this.#take('|'));
    return all;
  }

  #cast(): Path[] | null {
    const paths = this.#postfix();
    if (!paths || !this.#take('as')) return paths;
    const type = this.#name();
    return type ? append(paths, { kind: 'cast', type }) : null;
  }

  #postfix(): Path[] | null {
    let paths: Path[] | null;
    if (this.#take('(')) {
      paths = this.union();
      if (!this.#take(')')) return null;
    } else {
      const name = this.#name();
      paths = name ? [[{ kind: 'field', name }]] : null;
    }
    while (paths) {
      if (this.#take('.')) paths = this.#member(paths);
      else if (this.#take('[')) {
        const index = Number(this.#next());
        paths = this.#take(']') && Number.isInteger(index) ? append(paths, { kind: 'at', index }) : null;
      } else break;
    }
    return paths;
  }

  #member(paths: Path[]): Path[] | null {
    const name = this.#name();
    if (!name) return null;
    if (!this.#take('(')) return append(paths, { kind: 'field', name });
    const steps = this.#call(name);
    return steps && this.#take(')') ? append(paths, ...steps) : null;
  }

  #call(name: string): Step[] | null {
    if (name === 'as' || name === 'ofType') {
      const type = this.#name();
      return type ? [{ kind: 'cast', type }] : null;
    }
    if (name === 'extension') {
      const url = this.#text();
      return url === null
        ? null
        : [
            { kind: 'field', name: 'extension' },
            { kind: 'where', name: 'url', value: url },
          ];
    }
    if (name !== 'where') return null;
    const left = this.#name();
    if (left === 'resolve' && this.#take('(') && this.#take(')') && this.#take('is')) {
      const type = this.#name();
      return type ? [{ kind: 'refersTo', type }] : null;
    }
    const value = left && this.#take('=') ? this.#text() : null;
    return left && value !== null ? [{ kind: 'where', name: left, value }] : null;
  }

  #next(): string | undefined {
    return this.#words[this.#at++];
  }

  #take(word: string): boolean {
    if (this.#words[this.#at] !== word) return false;
    this.#at++;
    return true;
  }

  #name(): string | null {
    const word = this.#words[this.#at];
    if (word === undefined || !/^[A-Za-z_]/.test(word)) return null;
    this.#at++;
    return word;
  }

  #text(): string | null {
    const word = this.#words[this.#at];
    if (!word?.startsWith("'")) return null;
    this.#at++;
    return word.slice(1);
  }
}

const append = (paths: readonly Path[], ...steps: Step[]): Path[] => paths.map((path) => [...path, ...steps]);
