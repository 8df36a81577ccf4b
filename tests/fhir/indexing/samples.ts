import { codes, type ElementDef, typeDefinition } from '../../../src/definitions/index.ts';

/**
 * Synthetic resources made from the definitions: every element filled as far as `depth`, lists with two items. `seed` turns the choices:
 * datatypes of `[x]`, target types of references, codes of a value set.
 */
export function sample(type: string, seed: number, id = `${type}-${seed}`.slice(0, 64)): Record<string, unknown> {
  return {
    resourceType: type,
    id,
    ...new Filler(seed).fill(type, 5, new Set(['id', 'contained', 'text', 'implicitRules'])),
  };
}

class Filler {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2654435761 + 12345) >>> 0;
  }

  fill(node: string, depth: number, skip: ReadonlySet<string>): Record<string, unknown> {
    const filled: Record<string, unknown> = {};
    for (const element of typeDefinition(node)?.elements ?? []) {
      if (skip.has(element.name) || OMITTED.has(element.name)) continue;
      const code = element.content ? 'BackboneElement' : this.#pick(element.types)?.code;
      if (code === undefined) continue;
      const key = element.choice ? element.name + code.charAt(0).toUpperCase() + code.slice(1) : element.name;
      const values = [0, 1].slice(0, element.max > 1 ? 2 : 1).map(() => this.#value(element, code, depth));
      if (values[0] === undefined) continue;
      filled[key] = element.max > 1 ? values : values[0];
    }
    return filled;
  }

  #value(element: ElementDef, code: string, depth: number): unknown {
    const primitive = PRIMITIVES[code];
    if (code === 'code') return this.#code(element);
    if (primitive) return primitive(this.#next(100));
    if (code === 'Reference') return this.#reference(element);
    if (code === 'Resource') return { resourceType: 'Patient', id: `inner-${this.#next(9)}` };
    if (depth === 0) return undefined;
    const node = element.content ?? (code === 'BackboneElement' || code === 'Element' ? element.path : code);
    const value = this.fill(node, depth - 1, new Set(['id']));
    return Object.keys(value).length > 0 ? value : undefined;
  }

  #code(element: ElementDef): string {
    const known = [...(element.binding ? (codes(element.binding) ?? []) : [])].filter((code) => !code.includes('|'));
    return this.#pick(known) ?? `code-${this.#next(5)}`;
  }

  #reference(element: ElementDef): object {
    const targets = element.types.find((type) => type.code === 'Reference')?.targets ?? [
      'Patient',
      'Practitioner',
      'Group',
    ];
    const target = this.#pick(targets) ?? 'Patient';
    return { reference: `${target}/t${this.#next(9)}`, display: `表示 ${this.#next(9)}` };
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[this.#next(from.length)];
  }

  #next(below: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return below > 0 ? Math.floor((this.#state / 2 ** 32) * below) : 0;
  }
}

/** Elements of every type that no search parameter reads. */
const OMITTED: ReadonlySet<string> = new Set(['extension', 'modifierExtension']);

const two = (number: number): string => String(number % 28 === 0 ? 28 : number % 28).padStart(2, '0');

const PRIMITIVES: Readonly<Record<string, (n: number) => unknown>> = {
  boolean: (n) => n % 2 === 0,
  integer: (n) => n - 50,
  positiveInt: (n) => n + 1,
  unsignedInt: (n) => n,
  decimal: (n) => n / 4,
  string: (n) => `文字列 String ${n}`,
  markdown: (n) => `# 見出し ${n}`,
  id: (n) => `id-${n}`,
  date: (n) => `2024-02-${two(n)}`,
  dateTime: (n) => `2024-03-${two(n)}T10:00:00+09:00`,
  instant: (n) => `2024-04-${two(n)}T10:00:00.123+09:00`,
  time: () => '10:00:00',
  uri: (n) => `urn:example:${n}`,
  url: (n) => `http://example.org/${n}`,
  canonical: (n) => `http://example.org/canonical/${n}|1.0`,
  oid: (n) => `urn:oid:1.2.${n}`,
  uuid: () => 'urn:uuid:5e4f7a51-1bfc-4c39-9d0e-7d2e4a8f2f6b',
  base64Binary: () => 'AA==',
  xhtml: () => '<div xmlns="http://www.w3.org/1999/xhtml">x</div>',
};
