/** In both languages, as people see it. */
export interface Words {
  readonly ja: string;
  readonly en: string;
}

/** Something in the trust directory that cannot be used as it is: where, what, and what to do. */
export interface Mistake {
  /** Path below the trust directory. */
  readonly file: string;
  /** JSONPath of the value in trust.json that says or names it. */
  readonly path: string;
  readonly words: Words;
}

/** The trust directory cannot be used. */
export class TrustError extends Error {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(({ file, path, words }) => `${file} ${path}: ${words.en}`).join('\n'));
    this.mistakes = mistakes;
  }
}

/** Lengths of names and spellings in messages: what is wrong may be long. */
const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

const words = (en: string, ja: string): Words => Object.freeze({ ja, en });

/** What can be wrong, in words. */
export const wrong = Object.freeze({
  unreadable: (reason: string) => words(`cannot be read: ${reason}`, `読み取れません（${reason}）`),
  large: (most: number) =>
    words(`is larger than ${most} bytes: this is not such a file`, `${most} バイトを超えています`),
  json: (reason: string) => words(`is not JSON: ${reason}`, `JSON として読めません（${reason}）`),
  object: () => words('must be an object { … }', 'オブジェクト { … } で書いてください'),
  list: (what: string) => words(`must be a list [ … ] of ${what}`, `一覧 [ … ] で書いてください（${what}）`),
  empty: (what: string) => words(`names none: give at least one of ${what}`, `一つ以上必要です（${what}）`),
  missing: (key: string) => words(`has no "${key}": add it`, `"${key}" がありません。書き加えてください`),
  unknown: (key: string, known: readonly string[]) =>
    words(
      `has "${key}", which means nothing here: mend its spelling or take it out; known are ${known.join(', ')}`,
      `"${key}" は定められていません。綴りを直すか、除いてください（${known.join('、')}）`,
    ),
  text: (value: unknown) =>
    words(
      `must be a text without blanks at its ends, not ${shown(value)}`,
      `前後に空白のない文字列で書いてください: ${shown(value)}`,
    ),
  environment: (value: unknown) =>
    words(
      `must be a name in small letters such as production or test, not ${shown(value)}`,
      `production、test などの小文字の名で書いてください: ${shown(value)}`,
    ),
  oid: (value: unknown) =>
    words(
      `must be an object identifier such as "1.2.392.100495.1.5.1.1", not ${shown(value)}`,
      `"1.2.392.100495.1.5.1.1" のようなオブジェクト識別子で書いてください: ${shown(value)}`,
    ),
  flag: (value: unknown) =>
    words(`must be true or false, not ${shown(value)}`, `true か false で書いてください: ${shown(value)}`),
  days: (value: unknown) =>
    words(
      `must be a whole number of days from 1 to 3650, not ${shown(value)}`,
      `1 から 3650 までの日数で書いてください: ${shown(value)}`,
    ),
  url: (value: unknown) =>
    words(
      `must be an http or https URL without user and password, not ${shown(value)}`,
      `利用者名とパスワードのない http または https の URL で書いてください: ${shown(value)}`,
    ),
  file: (value: unknown) =>
    words(
      `must be the path of a file below the trust directory, with "/" and without "..", not ${shown(value)}`,
      `信頼ディレクトリの下のファイルのパスを "/" で、".." なしで書いてください: ${shown(value)}`,
    ),
  place: () => words('must have either "url" or "file"', '"url" か "file" のどちらか一つを書いてください'),
  allowPrivate: () =>
    words('has "allowPrivate", which is said of a "url" only', '"allowPrivate" は "url" と共に書くものです'),
  twice: (value: string, first: string) =>
    words(`repeats ${shown(value)} of ${first}: take one out`, `${first} と重複しています: ${shown(value)}`),
  privateKey: () =>
    words(
      'holds a private key: take it out of this directory, and have the certificate revoked if others may have read it',
      '秘密鍵が入っています。このディレクトリから除き、他者が読めた恐れがあれば証明書を失効させてください',
    ),
  pem: (label: string, wanted: string) =>
    words(
      `has a PEM block "${label}" where "${wanted}" is due: give DER or PEM of that alone`,
      `「${wanted}」であるべき所に PEM のブロック「${label}」があります。DER か、それだけの PEM にしてください`,
    ),
  noPem: (label: string) =>
    words(`has neither DER nor a whole PEM block "${label}"`, `DER でも PEM のブロック「${label}」でもありません`),
  certificate: (reason: string) =>
    words(`is no certificate that can be read: ${reason}`, `証明書として読めません（${reason}）`),
  notCa: (subject: string) =>
    words(
      `${subject} is no certificate of an authority (basicConstraints cA, keyUsage keyCertSign): list authorities only`,
      `${subject} は認証局の証明書（basicConstraints cA、keyUsage keyCertSign）ではありません。認証局だけを挙げてください`,
    ),
  notSelfSigned: (subject: string) =>
    words(
      `${subject} is not signed by itself, so it is no anchor: list it under "intermediates", and its root here`,
      `${subject} は自己署名ではないため信頼点になりません。"intermediates" に移し、ここにはルートを挙げてください`,
    ),
  selfSigned: (subject: string) =>
    words(
      `${subject} is signed by itself: a root is trusted under "anchors" or not at all`,
      `${subject} は自己署名です。信頼するなら "anchors" に挙げてください`,
    ),
  stranger: (subject: string) =>
    words(
      `${subject} was issued by none of the anchors and intermediates here: add its issuer, or take it out`,
      `${subject} の発行者が、ここの信頼点と中間証明書にありません。発行者を加えるか、除いてください`,
    ),
  critical: (subject: string, oids: string) =>
    words(
      `${subject} has critical extensions that are not known here (${oids}): it cannot be relied on`,
      `${subject} に、扱えない必須の拡張があります（${oids}）`,
    ),
  weak: (reason: string) =>
    words(`is signed by what is not accepted: ${reason}`, `署名の方式が受け入れられません（${reason}）`),
  oneList: () => words('must hold one revocation list', '失効リストを一つだけ入れてください'),
  listDer: (reason: string) => words(`is no revocation list: ${reason}`, `失効リストとして読めません（${reason}）`),
  listKind: (kind: 'delta' | 'indirect') =>
    words(
      `is a${kind === 'delta' ? '' : 'n'} ${kind} list: give the URL or the file of the complete list of its own issuer`,
      `${kind === 'delta' ? '差分' : '間接'}失効リストです。発行者自身の完全な失効リストを指定してください`,
    ),
  listCritical: (oids: string) =>
    words(
      `has critical extensions that are not known here (${oids})`,
      `失効リストに、扱えない必須の拡張があります（${oids}）`,
    ),
  noNextUpdate: () =>
    words('does not say when the next list comes (nextUpdate)', '失効リストに次回更新日時（nextUpdate）がありません'),
  listStranger: (issuer: string) =>
    words(
      `is a list of ${issuer}, which is none of the certificates of this authority`,
      `${issuer} の失効リストですが、その証明書がここにありません`,
    ),
  listForged: (issuer: string) =>
    words(
      `is not signed by a key that may sign lists of ${issuer}`,
      `${issuer} の失効リストとして署名を確認できません`,
    ),
  listFuture: () => words('is a list from the future', '発行日時が未来の失効リストです'),
  listOlder: (held: string) =>
    words(`is older than the list of ${held} that is here already`, `既にある ${held} の失効リストより古いものです`),
  notModified: () =>
    words('answers "not modified", though it was not asked for a change', '初めての要求に「変更なし」と応答しました'),
});
