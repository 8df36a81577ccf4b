import { table } from './text.ts';

/** Why a password is not taken, by PasswordProblem of identity/people. */
export const problems = table({
  current: { ja: '今のパスワードが正しくありません。', en: 'This is not your current password.' },
  refused: { ja: 'このパスワードは使えません。', en: 'This password cannot be used.' },
});
