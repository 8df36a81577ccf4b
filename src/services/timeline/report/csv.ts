import type { Language } from '../../../http/negotiate.ts';
import type { Entry } from './entries.ts';
import { HEADS } from './words.ts';

const COLUMNS = ['at', 'organization', 'role', 'name', 'act', 'data', 'purpose', 'ground', 'outcome'] as const;

/** Excel takes UTF-8 for what it is only with this at the beginning. */
const MARK = '\ufeff';

/** The columns' names, with which a file begins (RFC 4180). */
export function csvHead(language: Language): string {
  return `${MARK}${COLUMNS.map((name) => field(HEADS[name][language === 'ja' ? 0 : 1])).join(',')}\r\n`;
}

export const csvLine = (entry: Entry): string => `${COLUMNS.map((name) => field(entry[name])).join(',')}\r\n`;

/** In quotes. What a spreadsheet would take for a formula, full-width signs included, stands behind an apostrophe. */
function field(text: string): string {
  const safe = /^[=+\-@＝＋－＠|]/u.test(text.trimStart()) || /^\s/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
