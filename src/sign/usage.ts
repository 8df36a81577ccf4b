import type { Language, Words } from './language.ts';

/** What was given to the client, on the command line or in the files named there, cannot be used; nothing was tried. */
export class UsageError extends Error {
  readonly words: Words;

  constructor(words: Words) {
    super(words.en);
    this.words = words;
  }
}

const OPTIONS: Readonly<Record<Language, readonly (readonly [string, string])[]>> = Object.freeze({
  ja: [
    ['--server URL', 'サーバーの FHIR のアドレス（https://…/fhir）'],
    ['--client FILE', '医療機関のクライアント（JSON: clientId, tokenUrl, privateKeyJwk, scope）'],
    ['--access-token FILE', '--client の代わりに、アクセストークンのファイル'],
    ['--card LIBRARY', 'カードの PKCS#11 ライブラリ'],
    ['--token LABEL', 'カードが複数あるとき、その名前'],
    ['--pkcs12 FILE', '--card の代わりに、PKCS#12 ファイル'],
    ['--certificate SHA256', '署名用証明書が複数あるとき、その SHA-256'],
    ['--secret FILE', 'PIN またはパスワードのファイル（なければ画面で尋ねます）'],
    ['--tsa URL', 'タイムスタンプ局（RFC 3161）'],
    ['--tsa-user NAME', 'タイムスタンプ局の利用者名'],
    ['--tsa-secret FILE', 'そのパスワードのファイル（なければ画面で尋ねます）'],
    ['--crl FILE|URL', '文書に添える失効リスト（繰り返し可）'],
    ['--reason TEXT', '署名の理由'],
    ['--location TEXT', '署名の場所'],
    ['--get FILE', '署名せず、発行された文書を保存して終わる'],
    ['--sha256 HEX', 'この SHA-256 の文書でなければ署名しない'],
    ['--save FILE', '署名した文書を保存する（フォルダーも可）'],
    ['--lang ja|en', '表示の言語'],
  ],
  en: [
    ['--server URL', 'FHIR address of the server (https://…/fhir)'],
    ['--client FILE', "the institution's client (JSON: clientId, tokenUrl, privateKeyJwk, scope)"],
    ['--access-token FILE', 'in place of --client: a file with an access token'],
    ['--card LIBRARY', 'PKCS#11 library of the card'],
    ['--token LABEL', 'name of the card, where there are several'],
    ['--pkcs12 FILE', 'in place of --card: a PKCS#12 file'],
    ['--certificate SHA256', 'of the certificate, where several may sign'],
    ['--secret FILE', 'file with the PIN or password; asked for without'],
    ['--tsa URL', 'time-stamp authority (RFC 3161)'],
    ['--tsa-user NAME', 'user there'],
    ['--tsa-secret FILE', 'file with the password there; asked for without'],
    ['--crl FILE|URL', 'revocation list to keep in the letter; may be repeated'],
    ['--reason TEXT', 'of the signature'],
    ['--location TEXT', 'of the signature'],
    ['--get FILE', 'save the letter as issued, and end without signing'],
    ['--sha256 HEX', 'sign nothing but the letter with this SHA-256'],
    ['--save FILE', 'save the signed letter; may be a folder'],
    ['--lang ja|en', 'language of the messages'],
  ],
});

const table = (language: Language): string =>
  OPTIONS[language].map(([option, meaning]) => `  ${option.padEnd(22)}${meaning}`).join('\n');

export const USAGE: Words = Object.freeze({
  ja: `tasuki-sign [オプション] Task/… | ServiceRequest/… | DocumentReference/… | Bundle/…

診療情報提供書を受け取り、HPKI カード（または PKCS#12 ファイル）で署名し、タイムスタンプを付けて送り返します。
秘密鍵はカードから出ません。PIN とパスワードは画面から、またはファイルから読みます。

${table('ja')}

終了コード: 0 すべて有効、1 有効でないものがある、2 実行できなかったものがある`,
  en: `tasuki-sign [options] Task/… | ServiceRequest/… | DocumentReference/… | Bundle/…

Gets referral letters, signs them with the HPKI card (or a PKCS#12 file), has them time-stamped and sends them back.
The private key never leaves the card. PIN and passwords are asked for, or read from files.

${table('en')}

Exit code: 0 all are valid, 1 some are not, 2 some could not be tried`,
});
