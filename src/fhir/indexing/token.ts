import { keysOf, phoneDigits } from './keys-of.ts';
import type { Leaf, Param, Rows } from './leaf.ts';

/** Index rows of a token parameter (R4 §3.1.1.4.10) for a value of this datatype, or null where the datatype is no token. */
export function tokenLeaf(datatype: string, param: Param): Leaf | null {
  const add = LEAVES[datatype];
  return add ? (value, rows) => add(value, param, rows) : null;
}

type Add = (value: unknown, param: Param, rows: Rows) => void;

/** The keys of codes come again and again: each parameter remembers some. */
const remembered = new WeakMap<Param, Map<string, readonly bigint[]>>();

function codeKeys(rows: Rows, param: Param, system: string, value: string): void {
  let known = remembered.get(param);
  if (!known) {
    known = new Map();
    remembered.set(param, known);
  }
  const name = `${system}|${value}`;
  let keys = known.get(name);
  if (!keys) {
    keys = keysFor(param, system === '' ? undefined : system, value);
    if (known.size >= 500) known.clear();
    known.set(name, keys);
  }
  for (const key of keys) rows.key(key);
}

function keysFor({ keys, type, code }: Param, system: unknown, value: unknown): readonly bigint[] {
  const found: bigint[] = [];
  if (typeof value === 'string') {
    found.push(
      keysOf.token(keys, type, code, typeof system === 'string' ? system : '', value),
      keysOf.code(keys, type, code, value),
    );
  }
  if (typeof system === 'string') found.push(keysOf.system(keys, type, code, system));
  return found;
}

function token(rows: Rows, param: Param, system: unknown, value: unknown): void {
  for (const key of keysFor(param, system, value)) rows.key(key);
}

function text(rows: Rows, { keys, type, code }: Param, value: unknown): void {
  if (typeof value === 'string') rows.string(keysOf.text(keys, type, code), value);
}

const coding: Add = (value, param, rows) => {
  const { system, code: symbol, display } = value as { system?: unknown; code?: unknown; display?: unknown };
  if (typeof system === 'string' && typeof symbol === 'string' && system !== '') codeKeys(rows, param, system, symbol);
  else token(rows, param, system, symbol);
  text(rows, param, display);
};

const concept: Add = (value, param, rows) => {
  const { coding: codings, text: words } = value as { coding?: unknown; text?: unknown };
  if (Array.isArray(codings)) for (const one of codings) if (one) coding(one, param, rows);
  text(rows, param, words);
};

const identifier: Add = (value, param, rows) => {
  const {
    system,
    value: number,
    type: kind,
  } = value as { system?: unknown; value?: unknown; type?: { text?: unknown } };
  token(rows, param, system, number);
  text(rows, param, kind?.text);
};

/** The system of a contact point is `phone`, `email` …; a telephone number is found by its digits however it is written. */
const contactPoint: Add = (value, param, rows) => {
  const { system, value: number } = value as { system?: unknown; value?: unknown };
  token(rows, param, system, number);
  if (typeof number !== 'string' || system === 'email' || system === 'url') return;
  const digits = phoneDigits(number);
  if (digits) rows.key(keysOf.phone(param.keys, param.type, param.code, digits));
};

const symbol: Add = (value, param, rows) => {
  if (typeof value === 'string') codeKeys(rows, param, '', value);
};

const plain: Add = (value, param, rows) => token(rows, param, undefined, value);

const LEAVES: Readonly<Record<string, Add>> = {
  Coding: coding,
  CodeableConcept: concept,
  Identifier: identifier,
  ContactPoint: contactPoint,
  boolean: (value, param, rows) => symbol(String(value), param, rows),
  code: symbol,
  string: plain,
  id: plain,
  uri: plain,
  canonical: plain,
  oid: plain,
  uuid: plain,
};
