import { table } from '../../../identity/pages/texts/text.ts';

export const words = table({
  title: { ja: '稼働状況', en: 'Service status' },
  parts: { ja: '各部の状態', en: 'Parts' },
  server: { ja: 'サーバー', en: 'Server' },
  database: { ja: 'データベース', en: 'Database' },
  jobs: { ja: '定期処理', en: 'Background work' },
  maintenance: { ja: 'メンテナンス', en: 'Maintenance' },
  noMaintenance: { ja: '予定されているメンテナンスはありません。', en: 'No maintenance is announced.' },
  incidents: { ja: '障害・緊急メンテナンス（過去30日）', en: 'Incidents of the last 30 days' },
  noIncidents: { ja: '過去30日間にお知らせした障害はありません。', en: 'None was announced in the last 30 days.' },
  regular: { ja: '定期メンテナンス', en: 'Regular maintenance' },
  regularWindow: {
    ja: '毎週 {from} から {to} まで、サービスを停止します。次回: {span}',
    en: 'The service stops every week from {from} to {to}. Next: {span}',
  },
  period: { ja: '期間', en: 'When' },
  published: { ja: '掲載', en: 'Published' },
  stops: { ja: 'この間、サービスは停止します。', en: 'The service does not answer during this time.' },
  until: { ja: '{end} に再開する予定です。', en: 'It is expected to answer again at {end}.' },
  openEnd: { ja: '{start} から（終了は未定）', en: 'from {start}, end not known yet' },
  span: { ja: '{start} ～ {end}', en: '{start} – {end}' },
  at: { ja: '{at} 現在', en: 'As of {at}' },
  zone: { ja: '時刻は {zone} です。', en: 'Times are those of {zone}.' },
  known: {
    ja: 'データベースから読み取れないため、{at} 時点のお知らせを表示しています。',
    en: 'The database cannot be read: these notices are as of {at}.',
  },
  unknown: {
    ja: 'データベースから読み取れないため、お知らせを表示できません。',
    en: 'The database cannot be read, so notices cannot be shown.',
  },
  japaneseOnly: { ja: '', en: 'This notice is in Japanese only.' },
  json: { ja: 'JSON 形式', en: 'As JSON' },
  closedTitle: { ja: 'メンテナンス中です', en: 'Under maintenance' },
  closed: {
    ja: 'ただいまメンテナンスのため、サービスを停止しています。',
    en: 'The service is stopped for maintenance.',
  },
  toStatus: { ja: '稼働状況を見る', en: 'See the service status' },
  tagline: { ja: '地域医療・介護連携', en: 'Regional care cooperation' },
  otherLanguage: { ja: 'English', en: '日本語' },
  skip: { ja: '本文へ移動', en: 'Skip to content' },
});

export const overall = table({
  operational: { ja: '正常に稼働しています', en: 'All is well' },
  maintenance: { ja: 'メンテナンス中です', en: 'Under maintenance' },
  impaired: { ja: '一部に支障が出ています', en: 'Something does not work as it should' },
  unavailable: { ja: 'ただいま利用できません', en: 'Not available at the moment' },
});

export const states = table({
  operational: { ja: '正常', en: 'Operational' },
  unavailable: { ja: '停止', en: 'Unavailable' },
  delayed: { ja: '遅延', en: 'Delayed' },
  unknown: { ja: '不明', en: 'Not known' },
});

export const noticeStates = table({
  running: { ja: '実施中・対応中', en: 'Now' },
  announced: { ja: '予定', en: 'Announced' },
  over: { ja: '終了', en: 'Over' },
});

export const weekdays = table({
  0: { ja: '日曜日', en: 'Sunday' },
  1: { ja: '月曜日', en: 'Monday' },
  2: { ja: '火曜日', en: 'Tuesday' },
  3: { ja: '水曜日', en: 'Wednesday' },
  4: { ja: '木曜日', en: 'Thursday' },
  5: { ja: '金曜日', en: 'Friday' },
  6: { ja: '土曜日', en: 'Saturday' },
});
