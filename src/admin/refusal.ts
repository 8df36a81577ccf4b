import type { Language, Words } from '../sign/language.ts';

/** What was typed cannot be understood, or cannot be done from here. Exit code 2. */
export class UsageError extends Error {
  readonly words: Words;
  constructor(words: Words) {
    super(words.en);
    this.words = words;
  }
}

/** The server refused, or gave no answer that can be used. Exit code 1. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const ADVICE: Readonly<Record<number, Words>> = {
  401: { ja: 'もう一度ログインしてください（tasuki admin login）。', en: 'Log in again: tasuki admin login.' },
  403: { ja: 'この役割では行えません。', en: 'Your role does not allow this.' },
  404: { ja: 'ID を確かめてください。', en: 'Check the id.' },
  503: { ja: 'しばらくしてからやり直してください。', en: 'Try again later.' },
};

export const adviceFor = (status: number, language: Language): string | undefined => ADVICE[status]?.[language];
