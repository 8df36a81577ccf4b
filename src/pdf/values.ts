/** Where the token stands: offsets into the file, `end` exclusive. Two spellings of one value differ in nothing else. */
interface Span {
  readonly start: number;
  readonly end: number;
}

export interface PdfNull extends Span {
  readonly kind: 'null';
}

export interface PdfBoolean extends Span {
  readonly kind: 'boolean';
  readonly value: boolean;
}

export interface PdfNumber extends Span {
  readonly kind: 'number';
  readonly value: number;
  readonly integer: boolean;
}

export interface PdfName extends Span {
  readonly kind: 'name';
  /** One character for each byte, #xx undone. */
  readonly value: string;
}

export interface PdfString extends Span {
  readonly kind: 'string';
  readonly bytes: Uint8Array;
}

export interface PdfArray extends Span {
  readonly kind: 'array';
  readonly items: readonly PdfValue[];
}

export interface PdfDictionary extends Span {
  readonly kind: 'dictionary';
  readonly entries: ReadonlyMap<string, PdfValue>;
}

export interface PdfReference extends Span {
  readonly kind: 'reference';
  readonly number: number;
  readonly generation: number;
}

export type PdfValue = PdfNull | PdfBoolean | PdfNumber | PdfName | PdfString | PdfArray | PdfDictionary | PdfReference;

/** `n g obj … endobj` with its stream, when it has one, as an extent of raw bytes. */
export interface PdfObject extends Span {
  readonly number: number;
  readonly generation: number;
  readonly value: PdfValue;
  readonly stream?: Span;
}

type Kind = PdfValue['kind'];
type OfKind<K extends Kind> = Extract<PdfValue, { kind: K }>;

/** The value when it is of that kind, else nothing. */
export function as<K extends Kind>(kind: K, value: PdfValue | undefined): OfKind<K> | undefined {
  return value?.kind === kind ? (value as OfKind<K>) : undefined;
}

export const get = (value: PdfValue | undefined, key: string): PdfValue | undefined =>
  as('dictionary', value)?.entries.get(key);

export const nameOf = (value: PdfValue | undefined): string | undefined => as('name', value)?.value;

export function integerOf(value: PdfValue | undefined): number | undefined {
  const number = as('number', value);
  return number?.integer ? number.value : undefined;
}

/** Equal in structure: the order of keys, white space and spelling do not count; references are equal when they name the same object. */
export function same(a: PdfValue | undefined, b: PdfValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  switch (a.kind) {
    case 'null':
      return b.kind === 'null';
    case 'boolean':
    case 'name':
      return b.kind === a.kind && a.value === b.value;
    case 'number':
      return b.kind === 'number' && a.value === b.value && a.integer === b.integer;
    case 'string':
      return b.kind === 'string' && Buffer.compare(a.bytes, b.bytes) === 0;
    case 'reference':
      return b.kind === 'reference' && a.number === b.number && a.generation === b.generation;
    case 'array':
      return (
        b.kind === 'array' && a.items.length === b.items.length && a.items.every((item, i) => same(item, b.items[i]))
      );
    case 'dictionary':
      return (
        b.kind === 'dictionary' &&
        a.entries.size === b.entries.size &&
        [...a.entries].every(([key, value]) => same(value, b.entries.get(key)))
      );
    default:
      return a satisfies never;
  }
}

/** The value and all that is directly in it; references are not followed. */
export function* within(value: PdfValue): Generator<PdfValue> {
  yield value;
  if (value.kind === 'array') for (const item of value.items) yield* within(item);
  if (value.kind === 'dictionary') for (const item of value.entries.values()) yield* within(item);
}
