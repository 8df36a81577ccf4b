import { ASK_OPERATOR, LATER, say } from './say.ts';

/** Of the verification itself, and of the binding of certificates to practitioners. */
export const SERVICE = Object.freeze({
  NOT_REACHED: say(
    '確認していない',
    'Not checked',
    'ほかの項目に問題があったため、この項目は確認していません。',
    'Something else was wrong, so this was not checked.',
  ),
  DECIDED_ELSEWHERE: say(
    '未確認',
    'Not yet decided',
    '署名者と医師の登録との照合は、まだ行われていません。',
    'The signer has not yet been compared with the registered practitioners.',
  ),
  VERIFIER_TIMEOUT: say(
    '検証が時間切れ',
    'Verification took too long',
    `時間内に検証が終わらなかったため、判断できません。${LATER.ja}続く場合は、署名し直したファイルを提出してください。`,
    `The verification did not end in time, so it cannot be decided. ${LATER.en} If it happens again, submit a newly signed file.`,
  ),
  VERIFIER_MEMORY: say(
    'ファイルが大きすぎて検証できない',
    'Too much for the verification',
    '検証に必要な記憶容量が上限を超えたため、判断できません。署名し直したファイルを提出してください。',
    'The verification needed more memory than it may have, so it cannot be decided. Submit a newly signed file.',
  ),
  VERIFIER_FAILED: say(
    '検証できない',
    'Could not be verified',
    `検証の処理が途中で止まったため、判断できません。${LATER.ja}続く場合は、${ASK_OPERATOR.ja}`,
    `The verification broke off, so it cannot be decided. ${LATER.en} If it happens again: ${ASK_OPERATOR.en}`,
  ),
  SIGNER_UNCONFIRMED: say(
    '署名者の確認待ち',
    'The signer awaits confirmation',
    'この証明書で署名されたのは初めてです。紹介元の担当者が、署名者が登録された医師本人であることを確認してください。',
    'This certificate is used for the first time. The sending institution’s coordinator must confirm that the signer is the registered doctor.',
  ),
  SIGNER_NAME_DIFFERS: say(
    '証明書の氏名が登録と異なる',
    'The names differ',
    '証明書の氏名と、登録された医師の氏名の表記が異なります。旧姓や異体字の可能性があります。両方の氏名を見比べてください。',
    'The name in the certificate is written differently from the registered doctor’s, perhaps a former name or a variant character. Compare the two.',
  ),
  SIGNER_REFUSED: say(
    '署名者ではないと判断された',
    'The signer was refused',
    '紹介元の担当者が、この証明書を登録された医師のものではないと判断しました。この文書は信用しないでください。',
    'The sending institution’s coordinator said that this certificate is not their doctor’s. Do not rely on this document.',
  ),
});
