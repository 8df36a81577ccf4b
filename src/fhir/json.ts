import { refuse } from '../http/errors.ts';

/**
 * A number whose text JSON.parse would lose (`1.00`, twenty digits). It behaves as a number and is written back as it came
 * (https://hl7.org/fhir/R4/datatypes.html#decimal: precision is significant).
 */
export class Decimal extends Number {
  readonly text: string;

  constructor(text: string) {
    super(Number(text));
    this.text = text;
  }

  toJSON(): unknown {
    return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(this.text);
  }
}

/** Numbers that may not survive: a trailing zero after a point, an exponent, more than fifteen digits, below a millionth, minus zero. */
const FRAGILE = /[:,[]\s*-?(?:(?:0|[1-9]\d*)(?:\.\d*0|(?:\.\d+)?[eE][-+]?\d+)|[\d.]{16,}|0\.0{6}\d+|0(?<=-0))\s*[,}\]]/;
const ESCAPED = /\\u(?:0000|[dD][89a-fA-F])/;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export interface Read {
  readonly tree: unknown;
  /** Whether the tree holds Decimals; the index and FHIRPath are given a plain copy then. */
  readonly decimals: boolean;
}

/**
 * Reads a body. Refuses with 400 what is not JSON, nests deeper than `maxDepth`, names a member of an object twice, or holds characters
 * that cannot be stored.
 */
export function readJson(body: Buffer, maxDepth: number): Read {
  const text = decode(body);
  const members = measure(text, maxDepth);
  const decimals = FRAGILE.test(text);
  try {
    const tree = decimals
      ? JSON.parse(text, keepDecimal as (key: string, value: unknown) => unknown)
      : JSON.parse(text);
    if (membersOf(tree) < members)
      throw refuse.badRequest('An object of the body has a member twice', undefined, 'structure');
    if (ESCAPED.test(text)) checkCharacters(tree);
    return { tree, decimals };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw refuse.badRequest('The body is not well-formed JSON', undefined, 'structure');
  }
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw refuse.badRequest('The body is not well-formed UTF-8', undefined, 'structure');
  }
}

function keepDecimal(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined) return value;
  return String(value) === context.source ? value : new Decimal(context.source);
}

/**
 * Before the parser: a document of a million brackets would be accepted by it, and overflow whatever walks the tree later. Answers
 * how many members its objects have together, as they are written.
 */
function measure(text: string, maxDepth: number): number {
  let depth = 0;
  let members = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i);
        break;
      case 0x7b:
      case 0x5b:
        if (++depth > maxDepth)
          throw refuse.badRequest(`The body nests deeper than ${maxDepth} levels`, undefined, 'too-costly');
        break;
      case 0x7d:
      case 0x5d:
        depth--;
        break;
      case 0x3a:
        members++;
        break;
    }
  }
  return members;
}

/** The same of what was read: of members with one name the parser keeps the last, and other readers of the same bytes the first. */
function membersOf(node: unknown): number {
  if (!node || typeof node !== 'object' || node instanceof Decimal) return 0;
  if (Array.isArray(node)) return node.reduce<number>((sum, item) => sum + membersOf(item), 0);
  let sum = 0;
  for (const value of Object.values(node)) sum += 1 + membersOf(value);
  return sum;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

/** Escapes can name U+0000, which PostgreSQL cannot store, and halves of a surrogate pair, which UTF-8 cannot. */
function checkCharacters(value: unknown): void {
  if (typeof value === 'string') {
    if (value.includes('\u0000') || !value.isWellFormed()) {
      throw refuse.badRequest('A string holds U+0000 or half of a surrogate pair', undefined, 'value');
    }
  } else if (Array.isArray(value)) {
    for (const item of value) checkCharacters(item);
  } else if (value && typeof value === 'object' && !(value instanceof Number)) {
    for (const [key, item] of Object.entries(value)) {
      checkCharacters(key);
      checkCharacters(item);
    }
  }
}
