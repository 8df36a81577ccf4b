import { type Group, type ParameterSpec, says } from '../command.ts';

const words = (required?: true): readonly ParameterSpec[] => [
  { name: 'title', type: 'string', ...(required && { required }), says: says('表題', 'Title') },
  { name: 'text', type: 'string', ...(required && { required }), says: says('本文', 'Text') },
  { name: 'titleEn', type: 'string', says: says('英語の表題', 'Title in English') },
  { name: 'textEn', type: 'string', says: says('英語の本文', 'Text in English') },
];
const times: readonly ParameterSpec[] = [
  { name: 'publish', type: 'time', says: says('掲載の日時', 'When it is published') },
  {
    name: 'effective',
    type: 'time',
    says: says('効力の生じる日時。期間は 開始/終了', 'When it takes effect; a period is START/END'),
  },
  { name: 'stops', type: 'boolean', says: says('サービスを止めるか', 'Whether it stops the service') },
  { name: 'override', type: 'string', says: says('期限を守れない理由', 'Why it comes later than the rule wants') },
];
const notice: ParameterSpec = {
  name: 'notice',
  type: 'reference',
  of: 'Communication',
  required: true,
  says: says('お知らせの ID', 'The notice'),
};
const paged: readonly ParameterSpec[] = [
  { name: 'after', type: 'string', says: says('この次から', 'Go on after this') },
  { name: 'limit', type: 'integer', says: says('件数', 'How many') },
];

export const notices: Group = {
  title: says('お知らせと利用規約', 'Notices and terms'),
  commands: [
    {
      name: 'notices',
      method: 'GET',
      path: '$notices',
      says: says('お知らせの一覧', 'Lists the notices that are shown to you'),
      parameters: [
        { name: 'unread', type: 'boolean', says: says('未読だけ', 'Only those not read') },
        { name: 'kind', type: 'code', says: says('種類', 'Kind') },
        {
          name: 'after',
          type: 'string',
          says: says('この ID のお知らせの次から', 'Go on after the notice with this id'),
        },
        { name: 'limit', type: 'integer', says: says('件数', 'How many') },
      ],
    },
    {
      name: 'publish-notice',
      method: 'POST',
      path: '$publish-notice',
      says: says('お知らせを掲載する', 'Publishes a notice'),
      parameters: [
        { name: 'kind', type: 'code', required: true, says: says('種類', 'Kind') },
        ...words(true),
        { name: 'everyone', type: 'boolean', says: says('全員に', 'To everyone') },
        {
          name: 'network',
          type: 'reference',
          of: 'Organization',
          many: true,
          says: says('この病院のネットワークに', 'To the network of this hospital'),
        },
        {
          name: 'recipient',
          type: 'reference',
          of: 'Organization',
          many: true,
          says: says('この機関に', 'To this institution'),
        },
        ...times,
      ],
    },
    {
      name: 'correct-notice',
      method: 'POST',
      path: '$correct-notice',
      says: says('お知らせを訂正する', 'Corrects a notice of one’s own'),
      parameters: [
        notice,
        ...words(),
        ...times,
        {
          name: 'correction',
          type: 'string',
          says: says('訂正の理由（内容の実質が変わらないとき）', 'Why, where what it says stays the same'),
        },
      ],
    },
    {
      name: 'withdraw-notice',
      method: 'POST',
      path: '$withdraw-notice',
      destructive: true,
      says: says('お知らせを取り下げる', 'Withdraws a notice of one’s own'),
      parameters: [notice, { name: 'reason', type: 'string', says: says('理由', 'Why') }],
    },
    {
      name: 'mark-read',
      method: 'POST',
      path: '$mark-read',
      says: says('お知らせを既読にする', 'Marks a notice as read'),
      parameters: [notice],
    },
    {
      name: 'notice-reads',
      method: 'GET',
      path: '$notice-reads',
      says: says('お知らせを誰が読んだか', 'Whom a notice reaches and who has read it'),
      parameters: [notice, ...paged],
    },
    {
      name: 'terms',
      method: 'GET',
      path: '$terms',
      says: says('利用規約の版', 'The versions of the terms of use'),
      parameters: [{ name: 'version', type: 'string', says: says('版', 'Version') }],
    },
    {
      name: 'publish-terms',
      method: 'POST',
      path: '$publish-terms',
      destructive: true,
      says: says('利用規約の新しい版を掲載する', 'Publishes a version of the terms of use'),
      parameters: [
        { name: 'version', type: 'string', required: true, says: says('版', 'Version') },
        { name: 'title', type: 'string', required: true, says: says('表題', 'Title') },
        { name: 'text', type: 'text-file', required: true, says: says('本文のファイル', 'File with the text') },
        { name: 'titleEn', type: 'string', says: says('英語の表題', 'Title in English') },
        { name: 'textEn', type: 'text-file', says: says('英語の本文のファイル', 'File with the English text') },
        { name: 'pdf', type: 'base64-file', says: says('PDF のファイル', 'File with the PDF') },
        { name: 'effective', type: 'time', says: says('効力の生じる日時', 'When it takes effect') },
        {
          name: 'override',
          type: 'string',
          says: says('1か月前に掲載できない理由', 'Why it comes later than a month before'),
        },
      ],
    },
    {
      name: 'terms-acceptances',
      method: 'GET',
      path: '$terms-acceptances',
      says: says('誰が利用規約に同意したか', 'Who has accepted a version of the terms'),
      parameters: [
        { name: 'version', type: 'string', says: says('版（既定は現行）', 'Version; the current one unless told') },
        { name: 'institution', type: 'reference', of: 'Organization', says: says('機関', 'Institution') },
        ...paged,
      ],
    },
  ],
};
