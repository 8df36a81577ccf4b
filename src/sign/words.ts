import { CryptokiError } from './cryptoki.ts';
import { ServerError } from './server.ts';
import { TimestampError } from './sign-letter.ts';
import { KeyError } from './signing-key.ts';

export type Language = 'ja' | 'en';
export type Words = Readonly<Record<Language, string>>;

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
  signing: { ja: '署名し、タイムスタンプを取得しています…', en: 'Signing, and getting a time-stamp…' },
  saved: { ja: '保存しました:', en: 'Saved:' },
  uploading: {
    ja: '署名済みの文書を送り、検証を待っています…',
    en: 'Sending the signed letter, and waiting for its verification…',
  },
  result: { ja: '検証結果:', en: 'Result:' },
} as const satisfies Record<string, Words>);

const USAGE_OPTIONS = `  --server URL         https://…/fhir
  --client FILE        {clientId, tokenUrl, privateKeyJwk, scope}
  --access-token FILE
  --card LIBRARY       PKCS#11
  --token LABEL
  --certificate SHA256
  --pkcs12 FILE
  --secret FILE        PIN / password
  --tsa URL            RFC 3161
  --tsa-user NAME  --tsa-secret FILE
  --crl FILE|URL       …
  --reason TEXT  --location TEXT
  --save FILE
  --lang ja|en`;

export const USAGE: Words = Object.freeze({
  ja: `tasuki-sign [オプション] Task/… | ServiceRequest/… | Bundle/…

診療情報提供書を受け取り、HPKI カード（または PKCS#12 ファイル）で署名し、タイムスタンプを付けて送り返します。
秘密鍵はカードから出ません。PIN とパスワードは画面から、または --secret のファイルから読みます。

${USAGE_OPTIONS}`,
  en: `tasuki-sign [options] Task/… | ServiceRequest/… | Bundle/…

Gets a referral letter, signs it with the HPKI card (or a PKCS#12 file), has it time-stamped and sends it back.
The private key never leaves the card. PIN and passwords are asked for, or read from the file of --secret.

${USAGE_OPTIONS}`,
});

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
    ja: '候補が複数あります。--token または --certificate で指定してください。',
    en: 'There are several to choose from; use --token or --certificate.',
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
});

/** Why nothing was signed or sent, for the one who signs; the second line is for whoever looks after the machine. */
export function explain(error: unknown, language: Language): string {
  const detail = (error as Error).message;
  if (error instanceof KeyError) return `${KEY_ERRORS[error.code][language]}\n  ${detail}`;
  if (error instanceof CryptokiError) return `${KEY_ERRORS.CARD_REFUSED[language]}\n  ${detail}`;
  const said = (words: Words) => `${words[language]}\n  ${detail}`;
  if (error instanceof TimestampError)
    return said({ ja: 'タイムスタンプを取得できませんでした。', en: 'There was no time-stamp to be had.' });
  if (error instanceof ServerError)
    return said({ ja: 'サーバーが受け付けませんでした。', en: 'The server did not take it.' });
  return detail;
}
