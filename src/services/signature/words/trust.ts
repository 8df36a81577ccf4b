import { ASK_OPERATOR, alike, DO_NOT_RELY, LATER, OTHER_CARD, say } from './say.ts';

const CHAIN = say(
  '証明書の発行元に誤り',
  'The certificate’s issuers are not right',
  `証明書の発行元の連なりが規格どおりではなく、信頼できる認証局のものと確かめられません。${DO_NOT_RELY.ja}${OTHER_CARD.ja}`,
  `The chain of issuers is not as the standard has it, so the certificate cannot be traced to a trusted authority. ${DO_NOT_RELY.en} ${OTHER_CARD.en}`,
);

const UNTRUSTED = say(
  '認められていない認証局の証明書',
  'Not from a trusted authority',
  `証明書が、このシステムで信頼する認証局（HPKI）の発行したものではありません。${OTHER_CARD.ja}`,
  `The certificate was not issued by an authority (HPKI) that this system trusts. ${OTHER_CARD.en}`,
);

const LIST = say(
  '失効情報が使えない',
  'No usable revocation list',
  `証明書が失効していないかを確かめる情報（失効リスト）が、使えるものではないため、判断できません。${LATER.ja}続く場合は、システムの運用担当者に連絡してください。`,
  `The list that tells whether the certificate was revoked is not one that can be used, so it cannot be decided. ${LATER.en} If it happens again, contact the operator of the system.`,
);

const STAMP_REVOKED = say(
  'タイムスタンプの証明書が失効',
  'The time-stamp’s certificate was revoked',
  `時刻認証局の証明書が失効しているため、タイムスタンプを信用できません。${DO_NOT_RELY.ja}新しいタイムスタンプを付けて、署名し直してください。`,
  `The certificate of the time-stamp authority was revoked, so the time cannot be trusted. ${DO_NOT_RELY.en} Sign again with a new time-stamp.`,
);

/** Of the chains, of what the certificate is for, and of revocation. */
export const TRUST = Object.freeze({
  NO_ANCHOR: say(
    '信頼する認証局が登録されていない',
    'No trusted authority is registered',
    `信頼する認証局がこのシステムに登録されていないため、判断できません。${ASK_OPERATOR.ja}`,
    `No trusted authority is registered in this system, so it cannot be decided. ${ASK_OPERATOR.en}`,
  ),
  ...alike(UNTRUSTED, 'UNTRUSTED', 'UNTRUSTED_ROOT', 'CYCLE', 'LEAF_IS_ANCHOR'),
  CERT_EXPIRED: say(
    '署名時に証明書の期限切れ',
    'The certificate had expired',
    `署名した時点で、証明書の有効期限が切れていました。${OTHER_CARD.ja}`,
    `The certificate had expired when the letter was signed. ${OTHER_CARD.en}`,
  ),
  CERT_NOT_YET_VALID: say(
    '署名時に証明書が有効期間前',
    'The certificate was not yet valid',
    `署名した時点で、証明書の有効期間がまだ始まっていませんでした。${OTHER_CARD.ja}`,
    `The certificate was not yet valid when the letter was signed. ${OTHER_CARD.en}`,
  ),
  ...alike(
    CHAIN,
    'CERT_MALFORMED',
    'NAME_CHAINING',
    'SIGNATURE_WRONG',
    'NOT_YET_VALID',
    'EXPIRED',
    'NOT_A_CA',
    'PATH_LENGTH',
    'NO_KEY_CERT_SIGN',
    'UNKNOWN_CRITICAL_EXTENSION',
    'NAME_CONSTRAINTS',
    'POLICY_REQUIRED',
    'POLICY_MAPPING',
    'PURPOSE',
    'SEARCH_LIMIT',
  ),
  KEY_USAGE: say(
    '署名用の証明書ではない',
    'Not a certificate for signatures',
    `証明書が電子署名（否認防止）用ではありません。${OTHER_CARD.ja}`,
    `The certificate is not for signatures (non-repudiation). ${OTHER_CARD.en}`,
  ),
  KEY_USAGE_BROAD: say(
    '署名のほかの用途もある',
    'The key may also be used for other things',
    '証明書は電子署名用ですが、ほかの用途も許されています。HPKIの署名用証明書としては異例です。',
    'The certificate is for signatures, but allows other uses too, which is unusual for HPKI.',
  ),
  POLICY_REFUSED: say(
    '認証用の証明書で署名されている',
    'Signed with an authentication certificate',
    `HPKIカードの認証用（ログイン用）の証明書で署名されています。署名用の証明書を選んで、署名し直してください。`,
    'The letter was signed with the card’s certificate for logging in. Choose the certificate for signatures and sign again.',
  ),
  NO_POLICY: say(
    '証明書ポリシーが登録されていない',
    'No certificate policy is registered',
    `認める証明書の種類がこのシステムに登録されていないため、判断できません。${ASK_OPERATOR.ja}`,
    `No kind of certificate is registered as accepted in this system, so it cannot be decided. ${ASK_OPERATOR.en}`,
  ),
  NOT_HPKI: say(
    'HPKIの証明書ではない',
    'Not an HPKI certificate',
    `HPKIの署名用証明書ではありません。${OTHER_CARD.ja}`,
    `The certificate is not an HPKI certificate for signatures. ${OTHER_CARD.en}`,
  ),
  ROLE_MISSING: say(
    '国家資格の記載がない',
    'No qualification in the certificate',
    `証明書に医師などの国家資格（hcRole）が記載されていません。${OTHER_CARD.ja}`,
    `The certificate gives no qualification such as Medical Doctor (hcRole). ${OTHER_CARD.en}`,
  ),
  WRONG_ROLE: say(
    '署名できる資格ではない',
    'Not a qualification that may sign',
    `証明書に記載された資格では、この紹介状に署名できません。${OTHER_CARD.ja}`,
    `The qualification in the certificate may not sign this letter. ${OTHER_CARD.en}`,
  ),
  CERT_REVOKED: say(
    '証明書が失効している',
    'The certificate was revoked',
    `署名した時点で、医師の証明書は失効していました。${DO_NOT_RELY.ja}${OTHER_CARD.ja}`,
    `The doctor’s certificate had been revoked when the letter was signed. ${DO_NOT_RELY.en} ${OTHER_CARD.en}`,
  ),
  CERT_COMPROMISED: say(
    '証明書の鍵が漏れていた疑い',
    'The key may have been stolen',
    `証明書は後から失効し、署名より前に鍵が漏れていた疑いがあります。${DO_NOT_RELY.ja}紹介元の医療機関に確認してください。`,
    `The certificate was revoked later because its key may have been stolen before the letter was signed. ${DO_NOT_RELY.en} Ask the sending institution.`,
  ),
  CERT_REVOKED_LATER: say(
    '署名後に失効',
    'Revoked after signing',
    '証明書は署名の後に失効しましたが、署名した時点では有効でした。この署名は有効です。',
    'The certificate was revoked later, but was good when the letter was signed. This signature stays valid.',
  ),
  CA_REVOKED: say(
    '認証局の証明書が失効',
    'The authority’s certificate was revoked',
    `証明書を発行した認証局が、署名した時点で失効していました。${DO_NOT_RELY.ja}${OTHER_CARD.ja}`,
    `The authority that issued the certificate had been revoked when the letter was signed. ${DO_NOT_RELY.en} ${OTHER_CARD.en}`,
  ),
  ...alike(STAMP_REVOKED, 'TSA_REVOKED', 'TSA_COMPROMISED'),
  TSA_REVOKED_LATER: say(
    'タイムスタンプの証明書は後で失効',
    'The time-stamp’s certificate was revoked later',
    '時刻認証局の証明書は後から失効しましたが、このタイムスタンプは失効より前のもので、有効です。',
    'The certificate of the time-stamp authority was revoked later; this time-stamp is older than that and stays good.',
  ),
  REVOCATION_PENDING: say(
    '次の失効情報を待っている',
    'A newer revocation list is due',
    '今ある最新の失効情報では、証明書は失効していません。署名より新しい失効情報が出たときに、自動でもう一度確認します。',
    'By the latest list there is, the certificate is not revoked. It is checked again by itself when a list newer than the signature is out.',
  ),
  CRL_MISSING: say(
    '失効情報がない',
    'No revocation list',
    `証明書が失効していないかを確かめる情報（失効リスト）が手に入らないため、判断できません。${LATER.ja}`,
    `The list that tells whether the certificate was revoked is not to be had, so it cannot be decided. ${LATER.en}`,
  ),
  CRL_STALE: say(
    '失効情報が古い',
    'The revocation list is out of date',
    `手元の失効情報（失効リスト）が古いため、判断できません。${LATER.ja}`,
    `The revocation list at hand is out of date, so it cannot be decided. ${LATER.en}`,
  ),
  ...alike(
    LIST,
    'CRL_SIGNATURE_WRONG',
    'CRL_OTHER_KEY',
    'CRL_ALGORITHM',
    'CRL_SIGN_MISSING',
    'CRL_SIGNER_REVOKED',
    'CRL_DELTA',
    'CRL_INDIRECT',
    'CRL_UNKNOWN_CRITICAL_EXTENSION',
    'CRL_OUT_OF_SCOPE',
    'CRL_FROM_FUTURE',
    'CRL_SOME_REASONS',
    'CRL_NO_NEXT_UPDATE',
    'CRL_AFTER_EXPIRY',
    'CRL_SIGNER_ENDED',
  ),
});
