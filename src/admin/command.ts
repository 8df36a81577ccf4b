import type { Language, Words } from '../sign/language.ts';

export type { Language, Words };

/**
 * How a value is written on the command line, and what it becomes in FHIR:
 * a file's text (`text-file`), its JSON as a resource (`resource-file`), its bytes (`attachment-file`, `base64-file`), and
 * `Practitioner/[id]=role,role` (`rights`).
 */
export type ParameterType =
  | 'string'
  | 'code'
  | 'date'
  | 'time'
  | 'boolean'
  | 'integer'
  | 'reference'
  | 'text-file'
  | 'resource-file'
  | 'attachment-file'
  | 'base64-file'
  | 'rights';

export interface ParameterSpec {
  /** As the operation calls it. */
  readonly name: string;
  readonly type: ParameterType;
  readonly says: Words;
  readonly required?: true;
  /** May be given more than once. */
  readonly many?: true;
  /** Codes that it may be. */
  readonly codes?: readonly string[];
  /** Of a reference: the type that a bare id means. */
  readonly of?: string;
  /** The value that is meant where none is given. */
  readonly fallback?: string;
}

/** One command: one request. */
export interface Command {
  /** As it is typed. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** Below `/fhir`; `{institution}` and so on are the words after the command. */
  readonly path: string;
  readonly says: Words;
  readonly parameters?: readonly ParameterSpec[];
  /** What cannot be undone: asked for on a terminal, refused elsewhere without `--yes`. */
  readonly destructive?: true;
  /** The answer holds what is shown once. */
  readonly secret?: true;
  /** The body where it is no Parameters resource. */
  readonly body?: (values: ReadonlyMap<string, readonly string[]>) => object;
  /** Parameters of the query that are always sent. */
  readonly query?: Readonly<Record<string, string>>;
  /** What is asked for in the place of FHIR JSON, and written as it comes; `formats` lets `--format` choose. */
  readonly formats?: Readonly<Record<string, string>>;
  /** Follows `Link: rel="next"` to the end, and writes all of it. */
  readonly follows?: true;
}

export interface Group {
  readonly title: Words;
  readonly commands: readonly Command[];
}

/** What follows the command's name: the id of an Organization, a Practitioner … by the type in the path. */
export const operands = ({ path }: Command): readonly { readonly name: string; readonly type: string }[] =>
  [...path.matchAll(/([A-Za-z]+)\/\{(\w+)\}/g)].map(([, type = '', name = '']) => ({ name, type }));

/** `textEn` is `--text-en`. */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (upper) => `-${upper.toLowerCase()}`)}`;

export const says = (ja: string, en: string): Words => Object.freeze({ ja, en });
