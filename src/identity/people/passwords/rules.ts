import { isGuessable } from './guessable.ts';
import { folded, lengthOf, normalPassword } from './normal.ts';
import type { PasswordProblem } from './problems.ts';

/**
 * Lengths by the guideline for medical information systems, 6.0 (system operation, Q&A 54): thirteen characters alone, which then need no
 * regular change, or eight beside a second factor. In code points.
 */
export const SHORTEST_ALONE = 13;
export const SHORTEST_WITH_FACTOR = 8;
export const LONGEST = 128;

/** Who chooses a password. */
export interface Chooser {
  readonly login: string;
  readonly name: string;
  readonly institutionName: string;
  /** Whether a second factor is set up. */
  readonly hasFactor: boolean;
}

type Judged =
  | { readonly password: string; readonly problems?: undefined }
  | { readonly password?: undefined; readonly problems: readonly PasswordProblem[] };

/** A password that may be taken as far as its text tells, in the form in which it is hashed; or all that speaks against it. */
export async function judge(text: string, chooser: Chooser): Promise<Judged> {
  // Before any work: what is too long is not looked at.
  if (text.length > 2 * LONGEST) return { problems: ['long'] };
  const password = normalPassword(text);
  if (password === undefined) return { problems: [text === '' ? 'short' : 'unusable'] };
  const length = lengthOf(password);
  if (length > LONGEST) return { problems: ['long'] };
  const problems: PasswordProblem[] = [];
  if (length < SHORTEST_WITH_FACTOR) problems.push('short');
  else if (length < SHORTEST_ALONE && !chooser.hasFactor) problems.push('short-without-factor');
  if (await isGuessable(password)) problems.push('common');
  if (names(password, chooser)) problems.push('contextual');
  return problems.length > 0 ? { problems } : { password };
}

const SERVICE = ['Tasuki', 'たすき'];

/** Whether it contains the login, a name, or part of one, forwards or backwards. */
function names(password: string, { login, name, institutionName }: Chooser): boolean {
  const text = folded(password);
  return [login, name, institutionName, ...SERVICE]
    .flatMap((whole) => [whole, ...whole.normalize('NFKC').split(/[^\p{L}\p{N}]+/u)])
    .map(folded)
    .filter((word) => lengthOf(word) >= (/^[\x20-\x7e]*$/.test(word) ? SHORTEST_LATIN : SHORTEST_KANJI))
    .some((word) => text.includes(word) || text.includes([...word].reverse().join('')));
}

/** Shorter words stand in half of all passwords by chance. */
const SHORTEST_LATIN = 4;
const SHORTEST_KANJI = 2;
