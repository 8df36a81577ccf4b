import { alike, DO_NOT_RELY, SIGN_AGAIN, say } from './say.ts';

const FORM = say(
  '署名データの形式に誤り',
  'The signature data is not well-formed',
  `電子署名のデータが規格どおりの形式ではありません。破損または改ざんのおそれがあります。${DO_NOT_RELY.ja}${SIGN_AGAIN.ja}`,
  `The data of the electronic signature is not as the standard has it; it may be damaged or forged. ${DO_NOT_RELY.en} ${SIGN_AGAIN.en}`,
);

const WEAK = say(
  '署名の方式が弱いか未対応',
  'A signature method that is not accepted',
  `署名に使われた暗号の方式または鍵の長さが、安全と認められたものではありません。署名ソフトの設定をSHA-256以上、RSA 2048ビット以上にしてください。${SIGN_AGAIN.ja}`,
  `The cryptographic method or key length is not among those accepted as safe. Set the signing software to SHA-256 or better and RSA of 2048 bits or more. ${SIGN_AGAIN.en}`,
);

const STAMP = say(
  'タイムスタンプが正しくない',
  'The time-stamp is not right',
  `署名に付けられたタイムスタンプが正しくありません。${DO_NOT_RELY.ja}認定された時刻認証局のタイムスタンプを付けて、署名し直してください。`,
  `The time-stamp on the signature is not right. ${DO_NOT_RELY.en} Sign again with a time-stamp of an accredited authority.`,
);

const ARCHIVE = say(
  '保存用タイムスタンプが正しくない',
  'An archive time-stamp is not right',
  `署名後に付けられた長期保存用のタイムスタンプが正しくありません。${DO_NOT_RELY.ja}署名した直後のファイルを提出し直してください。`,
  `A time-stamp that was added later for archiving is not right. ${DO_NOT_RELY.en} Submit the file as it was right after signing.`,
);

const ESS = say(
  '署名者の証明書が一致しない',
  'Not the signer’s certificate',
  `署名の中で示された証明書と、添付された証明書が一致しません。証明書がすり替えられたおそれがあります。${DO_NOT_RELY.ja}${SIGN_AGAIN.ja}`,
  `The certificate named in the signature is not the one attached; it may have been exchanged. ${DO_NOT_RELY.en} ${SIGN_AGAIN.en}`,
);

/** Of the signature value and its time-stamps. */
export const SIGNATURE = Object.freeze({
  ...alike(
    FORM,
    'CMS_MALFORMED',
    'CMS_VERSION',
    'CMS_NOT_DETACHED',
    'CMS_CONTENT_TYPE',
    'CMS_NO_ATTRIBUTES',
    'CMS_ATTRIBUTE_MISSING',
    'CMS_ALGORITHM_PROTECTION',
    'CMS_COUNTERSIGNED',
    'CMS_TOO_LARGE',
  ),
  CMS_SIGNER_COUNT: say(
    '署名者が一人でない',
    'Not exactly one signer',
    `署名は医師一人によるものでなければなりません。${SIGN_AGAIN.ja}`,
    `The letter must be signed by one doctor. ${SIGN_AGAIN.en}`,
  ),
  CMS_STRAY: say(
    '署名に余分なものが含まれる',
    'Something that does not belong',
    `署名データに、この署名と関係を確かめられない証明書または失効リストが含まれているため、判断できません。${SIGN_AGAIN.ja}`,
    `The signature data carries a certificate or revocation list that cannot be related to it, so it cannot be decided. ${SIGN_AGAIN.en}`,
  ),
  CMS_CERTIFICATE_MISSING: say(
    '署名者の証明書がない',
    'The signer’s certificate is missing',
    `署名に医師の証明書が添付されていません。証明書を含める設定で署名し直してください。`,
    'The doctor’s certificate is not in the signature. Sign again with the certificate included.',
  ),
  ...alike(WEAK, 'HASH_WEAK', 'HASH_MISMATCH', 'ALGORITHM_UNKNOWN', 'KEY_WEAK', 'KEY_UNKNOWN'),
  DIGEST_MISMATCH: say(
    '署名後に改ざんされている',
    'Altered after signing',
    `署名された時の内容と、今のファイルの内容が一致しません。署名後に書き換えられています。${DO_NOT_RELY.ja}${SIGN_AGAIN.ja}`,
    `The file is not what was signed: it was altered afterwards. ${DO_NOT_RELY.en} ${SIGN_AGAIN.en}`,
  ),
  SIGNATURE_INVALID: say(
    '署名が無効',
    'The signature is invalid',
    `電子署名の値が、証明書の持ち主による署名として正しくありません。偽造のおそれがあります。${DO_NOT_RELY.ja}${SIGN_AGAIN.ja}`,
    `The signature was not made with the key of the certificate; it may be forged. ${DO_NOT_RELY.en} ${SIGN_AGAIN.en}`,
  ),
  ESS_MISSING: say(
    '証明書の特定情報がない',
    'The signature does not name its certificate',
    `署名の中に、使われた証明書を特定する情報がありません。PAdES形式に対応した署名ソフトで署名し直してください。`,
    'The signature does not say which certificate it was made with. Sign again with software that makes PAdES signatures.',
  ),
  ESS_ABSENT_LEGACY: say(
    '証明書の特定情報がない（旧形式）',
    'Certificate not named (older form)',
    '旧形式の署名のため、使われた証明書を特定する情報がありません。署名は有効ですが、PAdES形式の署名ソフトを勧めます。',
    'This is a signature of the older form, which does not say which certificate it was made with. It is valid; software that makes PAdES signatures is better.',
  ),
  ...alike(ESS, 'ESS_MISMATCH', 'ESS_MALFORMED'),
  TST_MISSING: say(
    'タイムスタンプがない',
    'No time-stamp',
    `署名の時刻を証明するタイムスタンプがありません。認定された時刻認証局のタイムスタンプを付けて、署名し直してください。`,
    'There is no time-stamp that proves when the letter was signed. Sign again with a time-stamp of an accredited authority.',
  ),
  TST_NO_ANCHOR: say(
    '時刻認証局が登録されていない',
    'No time-stamp authority is registered',
    '信頼する時刻認証局がこのシステムに登録されていないため、判断できません。システムの運用担当者に連絡してください。',
    'No trusted time-stamp authority is registered in this system, so it cannot be decided. Contact the operator of the system.',
  ),
  TST_UNTRUSTED: say(
    '認められていない時刻認証局',
    'An unknown time-stamp authority',
    `タイムスタンプが、このシステムで認められた時刻認証局のものではありません。認定された時刻認証局のタイムスタンプを付けて、署名し直してください。`,
    'The time-stamp is not from an authority that this system trusts. Sign again with a time-stamp of an accredited authority.',
  ),
  TST_EXPIRED: say(
    'タイムスタンプの有効期限切れ',
    'The time-stamp has expired',
    'タイムスタンプの証明書の期限が切れており、期限内に付けられた保存用タイムスタンプもないため、判断できません。システムの運用担当者に連絡してください。',
    'The certificate of the time-stamp has expired and no archive time-stamp was added in time, so it cannot be decided. Contact the operator of the system.',
  ),
  ARCHIVED: say(
    '保存用タイムスタンプで確認済み',
    'Proven by an archive time-stamp',
    'タイムスタンプの証明書は今は使えませんが、それより前に付けられた保存用タイムスタンプにより、正しいことが確かめられました。',
    'The certificate of the time-stamp is no longer good, but an archive time-stamp that was added before proves it.',
  ),
  ...alike(
    STAMP,
    'TST_MALFORMED',
    'TST_IMPRINT',
    'TST_CERTIFICATE',
    'TST_DIGEST',
    'TST_SIGNATURE',
    'TST_CERTIFICATE_MISSING',
    'TST_EKU',
    'TST_KEY_USAGE',
    'TST_ALGORITHM',
    'TST_FUTURE',
    'TST_TOO_MANY',
    'TST_PATH',
    'TST_CERT_EXPIRED',
    'TST_CERT_NOT_YET_VALID',
  ),
  ...alike(ARCHIVE, 'ARCHIVE_TST_INVALID', 'ARCHIVE_TST_ORDER'),
  TST_ESS_WEAK: say(
    'タイムスタンプは旧形式',
    'A time-stamp of the older form',
    'タイムスタンプは正しいものですが、証明書の示し方が古い方式（SHA-1）です。対応は必要ありません。',
    'The time-stamp is right, but names its certificate in an older way (SHA-1). There is nothing to do.',
  ),
});
