import type { Language } from '../../../http/negotiate.ts';

/** Why a password is not taken, in both languages of the pages. */
const WORDS = {
  current: ['今のパスワードが違います。', 'The current password is not right.'],
  unusable: [
    'パスワードに使えない文字（制御文字など）が含まれています。',
    'It contains characters that cannot be used in a password.',
  ],
  short: ['パスワードは8文字以上にしてください。', 'It needs 8 characters or more.'],
  'short-without-factor': [
    '二要素認証を設定するまでは、パスワードは13文字以上にしてください。',
    'Until a second factor is set up it needs 13 characters or more.',
  ],
  long: ['パスワードは128文字以内にしてください。', 'It may have 128 characters at most.'],
  common: [
    'よく使われるパスワードや、単純な並び・繰り返しは使えません。',
    'It is a common password, or a simple sequence or repetition.',
  ],
  contextual: [
    'ID、氏名、医療機関名、サービス名を含むパスワードは使えません。',
    'It contains your ID, your name, or the name of your institution or of this service.',
  ],
  reused: ['以前に使ったパスワードは使えません。', 'You have used it before.'],
} as const;

export type PasswordProblem = keyof typeof WORDS;

export const PASSWORD_PROBLEMS = Object.freeze(Object.keys(WORDS)) as readonly PasswordProblem[];

/** A sentence for people. */
export function passwordProblemText(problem: PasswordProblem, language: Language): string {
  return WORDS[problem][language === 'ja' ? 0 : 1];
}
