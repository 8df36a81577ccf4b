/** What a verification found, as the clerk of a hospital or a clinic reads it. */
import type { Code } from './codes.ts';
import type { Check, CheckName, Result, Verdict } from './verdict.ts';
import { say, type Text, type Words } from './words/say.ts';
import { SERVICE } from './words/service.ts';
import { SIGNATURE } from './words/signature.ts';
import { STRUCTURE } from './words/structure.ts';
import { TRUST } from './words/trust.ts';

export type { Text, Words } from './words/say.ts';

/** What each check asks, and what it says when it passed. */
export const CHECK_WORDS: Readonly<Record<CheckName, Words>> = Object.freeze({
  'issued-bytes': say(
    '発行した紹介状との一致',
    'The issued letter',
    '発行した紹介状と完全に同じ内容です。',
    'It is exactly the letter that was issued.',
  ),
  increment: say(
    '署名時の変更',
    'What signing added',
    '署名のために必要なもの以外は何も追加・変更されていません。',
    'Signing added the signature and changed nothing else.',
  ),
  'signature-field': say('署名欄', 'The signature field', '署名は一つだけです。', 'There is exactly one signature.'),
  'byte-range': say(
    '署名の範囲',
    'What the signature covers',
    '署名は文書全体を覆っています。',
    'The signature covers the whole document.',
  ),
  'after-signature': say(
    '署名後の変更',
    'After the signature',
    '署名後の変更はありません。',
    'Nothing was changed after the signature.',
  ),
  cms: say(
    '署名データの形式',
    'The form of the signature',
    '署名データは規格どおりです。',
    'The signature data is as the standard has it.',
  ),
  'message-digest': say(
    '内容の一致',
    'The content',
    '署名された時から内容は変わっていません。',
    'The content is what was signed.',
  ),
  signature: say(
    '署名の値',
    'The signature',
    '署名は証明書の持ち主によるものです。',
    'The signature was made with the key of the certificate.',
  ),
  'signing-certificate': say(
    '証明書の特定',
    'The certificate named',
    '署名で示された証明書と一致します。',
    'The certificate is the one that the signature names.',
  ),
  timestamp: say(
    'タイムスタンプ',
    'The time-stamp',
    '信頼できる時刻認証局が署名の時刻を証明しています。',
    'A trusted authority proves when the letter was signed.',
  ),
  path: say(
    '証明書の発行元',
    'Who issued the certificate',
    '信頼できる認証局が発行した、署名時に有効な証明書です。',
    'The certificate was issued by a trusted authority and was valid at the time.',
  ),
  'key-usage': say(
    '証明書の用途',
    'What the key is for',
    '電子署名（否認防止）用の証明書です。',
    'The certificate is for signatures (non-repudiation).',
  ),
  policy: say(
    'HPKIの証明書',
    'HPKI',
    'HPKIの署名用証明書です。',
    'The certificate was issued under the HPKI policy for signatures.',
  ),
  role: say(
    '資格',
    'The signer’s role',
    'この紹介状に署名できる国家資格が証明書に記載されています。',
    'The certificate gives a qualification that may sign this letter.',
  ),
  revocation: say(
    '証明書の失効',
    'Revocation',
    '署名の時点で、証明書は失効していません。',
    'No certificate was revoked when the letter was signed.',
  ),
  binding: say(
    '署名者の確認',
    'Who the signer is',
    '署名者は、紹介元の医療機関に登録された医師本人です。',
    'The signer is a registered practitioner of the sending institution.',
  ),
});

/** Every code but OK. */
export const CODE_WORDS: Readonly<Record<Code, Words>> = Object.freeze({
  ...STRUCTURE,
  ...SIGNATURE,
  ...TRUST,
  ...SERVICE,
});

const RESULT_WORDS: Readonly<Record<Result, Text>> = Object.freeze({
  VALID: {
    ja: '有効な署名です。発行した紹介状のまま、資格のある医師が署名しています。',
    en: 'Valid: the letter is as it was issued, and was signed by a doctor who may sign it.',
  },
  INVALID: { ja: '無効です。', en: 'Invalid.' },
  INDETERMINATE: { ja: 'まだ判断できません。', en: 'Not yet decided.' },
});

const UNKNOWN: Words = say(
  '確認できない',
  'Not established',
  'この項目は確認できませんでした。システムの運用担当者に連絡してください。',
  'This could not be established. Contact the operator of the system.',
);

/** Title of the finding (of the check, when it passed) and its sentence. A code without words never reads as good news. */
export function wordsOf({ name, code, status }: Pick<Check, 'name' | 'code' | 'status'>): Words {
  if (code === 'OK' && status === 'passed') return CHECK_WORDS[name];
  return (Object.hasOwn(CODE_WORDS, code) ? CODE_WORDS[code as Code] : undefined) ?? UNKNOWN;
}

/** The result in a sentence or two: with it, the first thing that is wrong, or open, or good to know. */
export function summaryOf({ result, checks }: Pick<Verdict, 'result' | 'checks'>): Text {
  const first = {
    INVALID: checks.find(({ status }) => status === 'failed'),
    INDETERMINATE:
      checks.find(({ status }) => status === 'undecided') ?? checks.find(({ status }) => status === 'skipped'),
    VALID: checks.find(({ status }) => status === 'noted'),
  }[result];
  const said = RESULT_WORDS[result];
  if (!first) return said;
  const { title, text } = wordsOf(first);
  return { ja: `${said.ja}【${title.ja}】${text.ja}`, en: `${said.en} ${title.en}: ${text.en}` };
}
