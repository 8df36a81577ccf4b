import { table } from './text.ts';

export const notices = table({
  title: { ja: 'お知らせ', en: 'Notices' },
  lead: {
    ja: '運営者と連携病院からのお知らせ、ご契約と利用停止についてのご連絡です。新しい順に並んでいます。',
    en: 'What the operator and your hospital announce, and what you are told of your contract and of suspensions, newest first.',
  },
  none: { ja: 'お知らせはありません。', en: 'There are no notices.' },
  forbidden: { ja: 'お知らせを表示する権限がありません。', en: 'You have no right to see notices.' },
  sent: { ja: '掲載 {at}', en: 'Published {at}' },
  effect: { ja: '実施日時', en: 'When' },
  from: { ja: '{start} から', en: 'from {start}' },
  span: { ja: '{start} ～ {end}', en: '{start} – {end}' },
  stops: { ja: 'この間、サービスは停止します。', en: 'The service does not answer during this time.' },
  withdrawn: { ja: '取り下げられました', en: 'Withdrawn' },
  why: { ja: '理由: {reason}', en: 'Why: {reason}' },
  corrected: { ja: '訂正: {reason}', en: 'Corrected: {reason}' },
  unread: { ja: '未読', en: 'unread' },
  readAt: { ja: '既読 {at}', en: 'read {at}' },
  mark: { ja: '既読にする', en: 'Mark as read' },
  marked: { ja: '既読にしました。', en: 'It is marked as read.' },
  gone: { ja: 'このお知らせはもうありません。', en: 'This notice is not there any more.' },
  more: { ja: '以前のお知らせ', en: 'Earlier notices' },
  japaneseOnly: { ja: 'このお知らせは日本語のみです。', en: 'This notice is in Japanese only.' },
  contract: { ja: 'ご契約についてのご連絡', en: 'About your contract' },
  standing: { ja: '利用停止についてのご連絡', en: 'About a suspension' },
});
