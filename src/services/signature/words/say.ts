export interface Text {
  readonly ja: string;
  readonly en: string;
}

export interface Words {
  /** A few words, for a list. */
  readonly title: Text;
  /** What it means, and what to do. */
  readonly text: Text;
}

/** Titles and sentences, Japanese before English. */
export const say = (jaTitle: string, enTitle: string, ja: string, en: string): Words =>
  Object.freeze({ title: Object.freeze({ ja: jaTitle, en: enTitle }), text: Object.freeze({ ja, en }) });

/** Codes that are told in the same words. */
export const alike = <const C extends string>(words: Words, ...codes: readonly C[]): Readonly<Record<C, Words>> =>
  Object.fromEntries(codes.map((code) => [code, words])) as Record<C, Words>;

/** What to do, at the end of a sentence. */
export const SIGN_AGAIN: Text = Object.freeze({
  ja: '発行された紹介状のPDFをもう一度ダウンロードし、内容を変えずに署名して、提出し直してください。',
  en: 'Download the issued letter again, sign it without changing it, and submit it again.',
});
export const DO_NOT_RELY: Text = Object.freeze({
  ja: 'この文書は信用しないでください。',
  en: 'Do not rely on this document.',
});
export const ASK_OPERATOR: Text = Object.freeze({
  ja: 'システムの運用担当者に連絡してください。',
  en: 'Contact the operator of the system.',
});
export const LATER: Text = Object.freeze({
  ja: 'しばらくしてから、もう一度検証してください。',
  en: 'Verify it again a little later.',
});
export const OTHER_CARD: Text = Object.freeze({
  ja: '医師本人の有効なHPKI署名用カードで署名し直してください。',
  en: 'Sign again with the doctor’s own valid HPKI card for signatures.',
});
