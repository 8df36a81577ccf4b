import { keysOf } from './keys-of.ts';
import type { Leaf, Param, Rows } from './leaf.ts';

/**
 * Index rows of a string parameter (R4 §3.1.1.4.8): each part folded, and names and addresses also as one string, as people
 * type them. Null where the datatype has no text.
 */
export function stringLeaf(datatype: string, param: Param): Leaf | null {
  const add = LEAVES[datatype];
  return add ? (value, rows) => add(value, param, rows) : null;
}

type Add = (value: unknown, param: Param, rows: Rows) => void;

const plain: Add = (value, { keys, type, code, param }, rows) => {
  if (typeof value !== 'string') return;
  rows.string(param, value);
  rows.key(keysOf.exact(keys, type, code, value));
};

/** Family and given together in Japanese order, and in Western order where the name is in Latin letters. */
const humanName: Add = (value, param, rows) => {
  const name = value as Readonly<Record<string, unknown>>;
  const family = typeof name.family === 'string' ? [name.family] : [];
  const given = texts(name.given);
  for (const part of [...texts(name.text), ...family, ...given, ...texts(name.prefix), ...texts(name.suffix)]) {
    plain(part, param, rows);
  }
  if (family.length === 0 || given.length === 0) return;
  rows.string(param.param, [...family, ...given].join(''));
  if (/\p{Script=Latin}/u.test(family.join(''))) rows.string(param.param, [...given, ...family].join(''));
};

/** From the prefecture down, as a Japanese address is written; from the street up, where it has no kanji or kana. */
const address: Add = (value, param, rows) => {
  const { text, line, city, district, state, postalCode, country } = value as Readonly<Record<string, unknown>>;
  const all = [text, line, city, district, state, postalCode, country].flatMap(texts);
  for (const part of all) plain(part, param, rows);
  const eastern = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(all.join(''));
  const order = eastern ? [state, district, city, line] : [line, city, district, state, postalCode];
  const parts = order.flatMap(texts);
  if (parts.length > 1) rows.string(param.param, parts.join(''));
};

function texts(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
}

const LEAVES: Readonly<Record<string, Add>> = {
  string: plain,
  markdown: plain,
  code: plain,
  uri: plain,
  HumanName: humanName,
  Address: address,
};
