import type { Report, ReportedAuthority, ReportedCertificate, ReportedList } from './report.ts';

export type Language = 'ja' | 'en';

const LABELS = Object.freeze({
  ja: {
    title: '信頼するもの',
    environment: '環境',
    issuer: '発行者',
    'timestamp-authority': 'タイムスタンプ局',
    anchors: '信頼点',
    retired: '旧信頼点',
    intermediates: '中間証明書',
    list: '失効リスト',
    none: 'ありません',
    until: (day: string, days: number) => (days < 0 ? `${day} に満了` : `${day} まで、あと ${days} 日`),
    listed: (from: string, to: string, revoked: number) => `${from} 発行、次回 ${to}（UTC）、失効 ${revoked} 件`,
    number: '番号',
    signedBy: '署名',
    checked: '取得',
    policies: 'ポリシー',
    refusedPolicies: '拒むポリシー',
    roles: '資格',
    error: 'エラー',
    warning: '警告',
    note: '参考',
    ok: '問題はありません。',
  },
  en: {
    title: 'What is trusted',
    environment: 'environment',
    issuer: 'Issuer',
    'timestamp-authority': 'Time-stamp authority',
    anchors: 'anchor',
    retired: 'retired anchor',
    intermediates: 'intermediate',
    list: 'list',
    none: 'none',
    until: (day: string, days: number) => (days < 0 ? `ended on ${day}` : `until ${day}, ${days} days left`),
    listed: (from: string, to: string, revoked: number) => `of ${from}, next ${to} (UTC), ${revoked} revoked`,
    number: 'number',
    signedBy: 'signed by',
    checked: 'fetched',
    policies: 'policies',
    refusedPolicies: 'refused policies',
    roles: 'roles',
    error: 'ERROR',
    warning: 'WARNING',
    note: 'note',
    ok: 'Nothing is wrong.',
  },
});

type Labels = (typeof LABELS)[Language];

/** The report as a table for people. Fingerprints are written as certificate viewers write them, for comparison by eye or by telephone. */
export function printReport(report: Report, language: Language): string {
  const labels: Labels = LABELS[language];
  const lines = [`${labels.title}: ${report.directory}, ${minute(report.at)} UTC`];
  if (report.environment !== null) {
    lines.push(
      '',
      ...rows([
        [labels.environment, [report.environment]],
        [labels.policies, [report.policies.join(', ')]],
        [labels.refusedPolicies, [report.refusedPolicies.join(', ')]],
        [labels.roles, Object.entries(report.roles).map(([kind, roles]) => `${kind}: ${roles.join(', ')}`)],
      ]),
    );
  }
  for (const authority of report.authorities) lines.push('', ...authorityLines(authority, labels));
  lines.push('');
  for (const { level, authority, words } of report.findings)
    lines.push(`${labels[level]}: ${authority ? `${authority[language]}: ` : ''}${words[language]}`);
  if (report.result === 'ok') lines.push(labels.ok);
  return `${lines.map((line) => printable(line.trimEnd())).join('\n')}\n`;
}

function authorityLines({ kind, name, certificates, lists }: ReportedAuthority, labels: Labels): string[] {
  return [
    `${labels[kind]}: ${name.ja} (${name.en})`,
    ...rows([
      ...certificates.map((one): Row => [labels[one.use], certificateLines(one, labels)]),
      ...lists.map((one): Row => [labels.list, listLines(one, labels)]),
    ]),
  ];
}

const certificateLines = ({ subject, notAfter, daysLeft, sha256, file }: ReportedCertificate, labels: Labels) => [
  subject,
  `${labels.until(notAfter.slice(0, 10), daysLeft)}; ${file}`,
  `SHA-256 ${colons(sha256)}`,
];

function listLines({ place, list, checkedAt, failure }: ReportedList, labels: Labels): string[] {
  const fetched = checkedAt ? `${labels.checked} ${minute(checkedAt)} UTC` : '';
  if (!list) return [place, [labels.none, failure].filter(Boolean).join(': ')];
  const number = list.number === null ? '' : `${labels.number} ${list.number}`;
  return [
    place,
    [labels.listed(minute(list.thisUpdate), minute(list.nextUpdate), list.revoked), number, fetched]
      .filter(Boolean)
      .join('; '),
    `${labels.signedBy} ${list.signedBy.replace(/ [0-9a-f]{64}$/, '')}`,
    ...(failure ? [failure] : []),
  ];
}

type Row = readonly [label: string, lines: readonly string[]];

/** Labels in a column as wide as the widest. */
function rows(of: readonly Row[]): string[] {
  const wide = Math.max(...of.map(([label]) => columns(label)), 0);
  return of.flatMap(([label, lines]) =>
    (lines.length > 0 ? lines : ['']).map((line, i) => {
      const shown = i === 0 ? label : '';
      return `  ${shown}${' '.repeat(wide - columns(shown))}  ${line}`;
    }),
  );
}

/** Columns of a terminal: kana, kanji and full-width forms take two (UAX #11). */
const columns = (text: string): number =>
  [...text].reduce(
    (sum, one) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(one)
        ? 2
        : 1),
    0,
  );

const minute = (at: string): string => at.slice(0, 16).replace('T', ' ');
const colons = (hex: string): string => hex.toUpperCase().replace(/..(?=.)/g, '$&:');

/** Names come from files: no control character of theirs reaches the terminal. */
const printable = (line: string): string => line.replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');
