import { ASK_OPERATOR, alike, DO_NOT_RELY, SIGN_AGAIN, say } from './say.ts';

const BROKEN = say(
  'PDFの構造に誤り',
  'The PDF’s structure is wrong',
  `PDFファイルの内部の作りが正しくなく、表示される内容と署名された内容が同じだと確かめられません。${DO_NOT_RELY.ja}${SIGN_AGAIN.ja}`,
  `The inside of the PDF file is not as it must be, so what is shown may not be what was signed. ${DO_NOT_RELY.en} ${SIGN_AGAIN.en}`,
);

const CONTENT = say(
  '紹介状の内容が変更されている',
  'The letter was changed',
  `署名のときに紹介状の内容または表示が変更されています。${DO_NOT_RELY.ja}${SIGN_AGAIN.ja}`,
  `The letter’s content or appearance was changed when it was signed. ${DO_NOT_RELY.en} ${SIGN_AGAIN.en}`,
);

const FOREIGN = say(
  '署名ソフトがPDFを書き換えた',
  'The signing software rewrote the PDF',
  `署名ソフトがPDFを別の形式に書き換えたため、発行した紹介状と同じ内容かどうかを判断できません。PDFを書き換えない署名ソフト（tasuki-signなど）を使ってください。${SIGN_AGAIN.ja}`,
  `The signing software wrote the PDF in another form, so it cannot be told whether it still is the issued letter. Use software that only adds the signature, such as tasuki-sign. ${SIGN_AGAIN.en}`,
);

const LIMIT = say(
  'PDFが複雑すぎる',
  'The PDF is too complex',
  `PDFの内部が異常に大きいか深く、検証できません。紹介状として受け付けられません。${SIGN_AGAIN.ja}`,
  `The inside of the PDF is abnormally large or deep and cannot be accepted as a letter. ${SIGN_AGAIN.en}`,
);

const RANGE = say(
  '署名の範囲が正しくない',
  'The signature does not cover the whole letter',
  `電子署名が文書全体を覆っていません。署名されていない部分が隠れているおそれがあります。${DO_NOT_RELY.ja}${SIGN_AGAIN.ja}`,
  `The electronic signature does not cover the whole document; unsigned parts may be hidden in it. ${DO_NOT_RELY.en} ${SIGN_AGAIN.en}`,
);

const FIELD = say(
  '署名欄に誤り',
  'The signature field is wrong',
  `PDFの署名欄の作りが正しくありません。${SIGN_AGAIN.ja}`,
  `The signature field of the PDF is not as it must be. ${SIGN_AGAIN.en}`,
);

const AFTER = say(
  '署名後に変更されている',
  'Changed after signing',
  `署名した後に、ファイルに変更や追加があります。${DO_NOT_RELY.ja}署名した直後のファイルを提出し直してください。`,
  `The file was changed or added to after it was signed. ${DO_NOT_RELY.en} Submit the file as it was right after signing.`,
);

const STORE = say(
  '検証用の添付情報に誤り',
  'Attached validation data is wrong',
  `署名後に付けられた検証用の情報（DSS）が正しくありません。${DO_NOT_RELY.ja}署名した直後のファイルを提出し直してください。`,
  `The validation data added after signing (DSS) is not as it must be. ${DO_NOT_RELY.en} Submit the file as it was right after signing.`,
);

/** Of what src/pdf/findings.ts can find in the structure of a file. */
export const STRUCTURE = Object.freeze({
  NO_ISSUED_DOCUMENT: say(
    '元の紹介状が不明',
    'The issued letter is not known',
    `どの紹介状に対する署名かが分からないため、内容が発行時と同じかを判断できません。${ASK_OPERATOR.ja}`,
    `It is not known which letter this should be, so it cannot be compared with what was issued. ${ASK_OPERATOR.en}`,
  ),
  WRONG_DOCUMENT: say(
    '発行した紹介状と異なる',
    'Not the issued letter',
    `発行した紹介状とは別の文書か、内容が変更された文書です。${DO_NOT_RELY.ja}${SIGN_AGAIN.ja}`,
    `This is another document than the issued letter, or one that was changed. ${DO_NOT_RELY.en} ${SIGN_AGAIN.en}`,
  ),
  TRUNCATED: say(
    'ファイルが途中で切れている',
    'The file is cut off',
    `ファイルが途中までしかありません。送信に失敗した可能性があります。署名済みのPDFをもう一度提出してください。`,
    'Only the beginning of the file is there; the upload may have failed. Submit the signed PDF again.',
  ),
  NO_SIGNATURE: say(
    '署名がない',
    'Not signed',
    'このPDFには電子署名がありません。HPKIカードで署名したファイルを提出してください。',
    'This PDF has no electronic signature. Submit the file that was signed with the HPKI card.',
  ),
  SEVERAL_SIGNATURES: say(
    '署名が複数ある',
    'More than one signature',
    `署名は一つでなければなりません。${SIGN_AGAIN.ja}`,
    `There must be exactly one signature. ${SIGN_AGAIN.en}`,
  ),
  VISIBLE_APPEARANCE: say(
    '署名欄が表示されている',
    'The signature is shown on the page',
    '署名ソフトが紙面に署名欄（印影など）を表示しています。紹介状の文字を隠すおそれがあるため判断できません。「署名を表示しない」設定で署名し直してください。',
    'The signing software shows something on the page, such as a seal, which could hide text of the letter. Sign again with the setting “invisible signature”.',
  ),
  ...alike(
    FOREIGN,
    'FOREIGN_REWRITTEN',
    'FOREIGN_UPDATE',
    'FOREIGN_XREF_STREAM',
    'FOREIGN_OBJECT_STREAM',
    'FOREIGN_HYBRID',
    'FOREIGN_LINEARIZED',
    'FOREIGN_ENCRYPTED',
    'FOREIGN_STREAM_LENGTH',
    'FOREIGN_COMMENT',
    'FOREIGN_UNREADABLE',
    'FOREIGN_METADATA',
    'FOREIGN_KEY',
    'FOREIGN_PERMISSIONS',
  ),
  ...alike(LIMIT, 'TOO_DEEP', 'TOO_MANY_OBJECTS', 'TOO_MANY_REVISIONS', 'DECOMPRESSION_BOMB'),
  ...alike(
    BROKEN,
    'MALFORMED',
    'DUPLICATE_KEY',
    'ESCAPED_NAME',
    'STREAM_LENGTH',
    'HIDDEN_OBJECT',
    'DUPLICATE_OBJECT',
    'ORPHAN_OBJECT',
    'XREF_MISMATCH',
    'XREF_DUPLICATE',
    'FREED_OBJECT',
    'GENERATION',
    'REUSED_NUMBER',
    'STARTXREF',
    'PREV',
    'SIZE',
    'ROOT_CHANGED',
    'ID_CHANGED',
    'INFO_CHANGED',
    'TRAILER_KEY',
    'UNREFERENCED_OBJECT',
  ),
  ...alike(
    CONTENT,
    'CONTENT_CHANGED',
    'CATALOG_CHANGED',
    'ACTION_ADDED',
    'VERSION_CHANGED',
    'EXTENSIONS_CHANGED',
    'PAGE_CHANGED',
    'ANNOTATIONS_CHANGED',
    'FORM_CHANGED',
    'FORM_DYNAMIC',
  ),
  ...alike(FIELD, 'FIELD_MALFORMED', 'SIGNATURE_DICTIONARY', 'SUBFILTER', 'CONTENTS_FORM'),
  ...alike(RANGE, 'BYTE_RANGE_FORM', 'BYTE_RANGE_START', 'BYTE_RANGE_GAP', 'BYTE_RANGE_END'),
  ...alike(AFTER, 'APPENDED_BYTES', 'CHANGED_AFTER_SIGNING'),
  ...alike(STORE, 'DSS_MALFORMED', 'DSS_FILTER'),
});
