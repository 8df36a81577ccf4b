import { PdfError } from '../pdf/findings.ts';
import type { Language, Words } from './language.ts';
import { PromptError } from './prompt.ts';
import { ServerError } from './server.ts';
import { TimestampError } from './sign-letter.ts';
import { KeyError } from './signing-key.ts';
import { UsageError } from './usage.ts';

/** What the client says to the one who signs. */
export const WORDS = Object.freeze({
  downloading: { ja: '診療情報提供書を受け取っています…', en: 'Getting the letter…' },
  received: { ja: '受け取りました。SHA-256:', en: 'Got it. SHA-256:' },
  pin: { ja: 'カードの PIN を入力してください: ', en: 'PIN of the card: ' },
  password: { ja: 'PKCS#12 ファイルのパスワードを入力してください: ', en: 'Password of the PKCS#12 file: ' },
  authorityPassword: {
    ja: 'タイムスタンプ局のパスワードを入力してください: ',
    en: 'Password of the time-stamp authority: ',
  },
  signer: { ja: '署名者:', en: 'Signer:' },
  plain: {
    ja: '警告: https ではないため、送る内容が途中で読まれるおそれがあります:',
    en: 'Warning: without https what is sent can be read on the way:',
  },
  signing: { ja: '署名し、タイムスタンプを取得しています…', en: 'Signing, and getting a time-stamp…' },
  saved: { ja: '保存しました:', en: 'Saved:' },
  uploading: {
    ja: '署名済みの文書を送り、検証を待っています…',
    en: 'Sending the signed letter, and waiting for its verification…',
  },
  result: { ja: '検証結果:', en: 'Result:' },
} as const satisfies Record<string, Words>);

const KEY_ERRORS: Readonly<Record<KeyError['code'], Words>> = Object.freeze({
  CARD_LIBRARY: {
    ja: 'カードの PKCS#11 ライブラリを読み込めません。--card のパスを確かめてください。',
    en: 'The PKCS#11 library of the card cannot be loaded; check the path given with --card.',
  },
  CARD_ABSENT: {
    ja: 'カードが見つかりません。カードリーダーとカードを確かめてください。',
    en: 'There is no card; check the reader and the card.',
  },
  CARD_EMPTY: {
    ja: '署名用の鍵と証明書がカードにありません。認証用ではなく署名用のライブラリを指定してください。',
    en: 'The card holds no key with a certificate to sign with; name the library for signatures, not the one for authentication.',
  },
  CARD_CHOICE: {
    ja: '候補が複数あるか、指定されたものがありません。--token または --certificate で指定してください。',
    en: 'There are several to choose from, or not the one that was named; use --token or --certificate.',
  },
  CARD_REFUSED: { ja: 'カードが処理を拒みました。', en: 'The card refused.' },
  PIN_WRONG: {
    ja: 'PIN が違います。続けて間違えるとカードが使えなくなります。',
    en: 'The PIN is wrong. After several wrong ones the card locks.',
  },
  PIN_LOCKED: {
    ja: 'PIN が閉塞しています。カードの発行元に問い合わせてください。',
    en: 'The PIN is locked; ask the issuer of the card.',
  },
  PKCS12_WRONG: {
    ja: 'PKCS#12 ファイルを開けません。パスワードを確かめてください。',
    en: 'The PKCS#12 file cannot be opened; check the password.',
  },
  PKCS12_EMPTY: {
    ja: 'PKCS#12 ファイルに、組になる秘密鍵と証明書がありません。',
    en: 'The PKCS#12 file holds no private key with its certificate.',
  },
  KEY_UNSUITABLE: {
    ja: 'この鍵では署名できません（RSA 2048 ビット以上、または P-256・P-384 の楕円曲線）。',
    en: 'This key cannot sign; RSA of 2048 bits or more, or the curves P-256 and P-384.',
  },
  SIGNATURE_WRONG: {
    ja: '鍵が正しい署名を作りませんでした。カードと証明書を確かめてください。',
    en: 'The key made no right signature; check the card and its certificate.',
  },
});

const OTHER_ERRORS: readonly (readonly [new (...args: never[]) => Error, Words])[] = Object.freeze([
  [TimestampError, { ja: 'タイムスタンプを取得できませんでした。', en: 'There was no time-stamp to be had.' }],
  [ServerError, { ja: 'サーバーが受け付けませんでした。', en: 'The server did not take it.' }],
  [PdfError, { ja: 'この PDF には署名できません。', en: 'This PDF cannot be signed.' }],
  [PromptError, { ja: '入力が中断されました。', en: 'The input was broken off.' }],
] as const);

/** Why nothing was signed or sent, for the one who signs; the second line is for whoever looks after the machine. */
export function explain(error: unknown, language: Language): string {
  if (error instanceof UsageError) return `${error.words[language]}\n  tasuki-sign --help`;
  const words =
    error instanceof KeyError
      ? KEY_ERRORS[error.code]
      : (OTHER_ERRORS.find(([kind]) => error instanceof kind)?.[1] ?? UNEXPECTED);
  return `${words[language]}\n  ${printable((error as Error).message)}`;
}

const UNEXPECTED: Words = Object.freeze({ ja: '予期しない誤りが起きました。', en: 'Something unexpected went wrong.' });

/** What others say, without what would move a terminal's cursor or colours. */
export const printable = (text: string): string => text.replaceAll(/[^\P{Cc}\n]/gu, ' ');
