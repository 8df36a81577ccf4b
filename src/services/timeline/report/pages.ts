import type { Content, TableCell, TDocumentDefinitions } from 'pdfmake/interfaces.js';
import type { Language } from '../../../http/negotiate.ts';
import { FONT } from '../../../pdf/fonts.ts';
import type { Group } from './entries.ts';
import { HEADS, TITLE } from './words.ts';

export interface Report {
  readonly language: Language;
  readonly patient: string;
  readonly hospital: string;
  /** First and last day that was asked for, or that has an entry; empty: none. */
  readonly from: string;
  readonly to: string;
  /** When it was made, in the zone. */
  readonly made: string;
  readonly zone: string;
  readonly groups: readonly Group[];
  /** Whether people are named. */
  readonly names: boolean;
  /** Characters that the typeface lacks and how they are shown: `[1] U+20BB7`. */
  readonly unprintable?: readonly string[];
}

const FILL = '#eef1f5';
const RULE = '#9aa5b1';
const FAINT = '#5c6670';
const REFUSED = '#b3261e';

/** The report laid out on A4 across, of texts that are printable. */
export function reportPages(report: Report): TDocumentDefinitions {
  const { language, patient, hospital, from, to, made, zone, groups } = report;
  const ja = language === 'ja';
  const period = from === '' && to === '' ? '—' : from === to ? from : `${from} ～ ${to}`;
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  return {
    pageSize: 'A4',
    pageOrientation: 'landscape',
    pageMargins: [36, 46, 36, 40],
    header: (page) =>
      page === 1
        ? { text: '' }
        : {
            columns: [
              { text: `${TITLE[ja ? 0 : 1]}　${patient}${ja ? ' 様' : ''}`, fontSize: 8 },
              { text: period, fontSize: 8, alignment: 'right' },
            ],
            margin: [36, 24, 36, 0],
          },
    footer: (page, pages) => ({
      columns: [
        { text: `${hospital}　${ja ? '作成' : 'made'} ${made}（${zone}）`, fontSize: 7.5, color: FAINT },
        { text: `${page} / ${pages}`, fontSize: 7.5, alignment: 'right' },
      ],
      margin: [36, 12, 36, 0],
    }),
    content: [
      { text: TITLE[ja ? 0 : 1], fontSize: 17, bold: true, margin: [0, 0, 0, 8] },
      {
        columns: [
          { width: '*', text: [{ text: patient, bold: true, fontSize: 12 }, ja ? ' 様' : ''] },
          { width: 'auto', text: `${ja ? '期間' : 'Period'}　${period}` },
        ],
      },
      { text: explanation(hospital, ja), fontSize: 8.5, color: FAINT, margin: [0, 4, 0, 10] },
      ...(groups.length === 0
        ? [
            {
              text: ja ? 'この期間のアクセスはありません。' : 'Nobody had access in this period.',
              margin: [0, 20, 0, 0] as [number, number, number, number],
            },
          ]
        : [
            { text: ja ? `機関ごとのまとめ（全 ${total} 回）` : `By institution (${total} in all)`, style: 'section' },
            summary(groups, ja),
            { text: ja ? 'くわしい記録（新しい順）' : 'Details, newest first', style: 'section' },
            details(report, ja),
          ]),
      ...(report.unprintable?.length
        ? [
            {
              text: `${ja ? '書体にない文字を〓で表しています' : 'Characters that the typeface lacks'}：${report.unprintable.join('、')}`,
              fontSize: 7.5,
              color: FAINT,
              margin: [0, 8, 0, 0] as [number, number, number, number],
            },
          ]
        : []),
    ],
    styles: { section: { fontSize: 11, bold: true, margin: [0, 8, 0, 4] } },
    defaultStyle: { font: FONT, fontSize: 8.5, lineHeight: 1.2 },
  };
}

function explanation(hospital: string, ja: boolean): string {
  return ja
    ? `${hospital}が管理するあなたの診療情報を、いつ、どの機関が、何のために扱ったかの記録です。「根拠」のキーコードは、あなたがその機関にお渡しになったものです。心当たりのないアクセスがあれば、${hospital}にお申し出ください。`
    : `When, by which institution and for what purpose your health data at ${hospital} were used. A keycode is one that you gave to the institution. If you see an access that you cannot explain, please tell ${hospital}.`;
}

const LINES = {
  hLineWidth: () => 0.4,
  vLineWidth: () => 0,
  hLineColor: () => RULE,
  paddingTop: () => 3,
  paddingBottom: () => 1.5,
  paddingLeft: () => 4,
  paddingRight: () => 4,
  fillColor: (row: number) => (row === 0 ? FILL : null),
};

const head = (texts: readonly string[]): TableCell[] => texts.map((text) => ({ text, bold: true }));

function summary(groups: readonly Group[], ja: boolean): Content {
  const known = new Map<string, { count: number; refused: number; first: string; last: string }>();
  for (const { organization, count, at, outcome } of groups) {
    const one = known.get(organization) ?? { count: 0, refused: 0, first: at, last: at };
    one.count += count;
    if (isRefused(outcome)) one.refused += count;
    one.first = at < one.first ? at : one.first;
    one.last = at > one.last ? at : one.last;
    known.set(organization, one);
  }
  const body = [...known]
    .sort(([, a], [, b]) => b.count - a.count)
    .map(([name, { count, refused, first, last }]): TableCell[] => [
      name,
      { text: String(count), alignment: 'right' },
      { text: refused > 0 ? String(refused) : '', alignment: 'right', color: REFUSED },
      first,
      last,
    ]);
  const heads = ja
    ? ['機関', '回数', 'うち拒否', '最初', '最後']
    : ['Institution', 'Times', 'Refused', 'First', 'Last'];
  return { table: { headerRows: 1, widths: ['*', 50, 50, 90, 90], body: [head(heads), ...body] }, layout: LINES };
}

const isRefused = (outcome: string) => outcome === '拒否' || outcome === 'Refused';

function details({ groups, names }: Report, ja: boolean): Content {
  const columns = [
    'at',
    'organization',
    'role',
    ...(names ? (['name'] as const) : []),
    'act',
    'data',
    'purpose',
    'ground',
    'outcome',
    'count',
  ] as const;
  const widths: Readonly<Record<string, number | string>> = {
    at: 92,
    organization: '*',
    role: 68,
    name: 70,
    act: 84,
    data: 122,
    purpose: 50,
    ground: 92,
    outcome: 32,
    count: 28,
  };
  const body = groups.map((group): TableCell[] =>
    columns.map((name) => ({
      text: String(group[name]),
      ...(name === 'count' && { alignment: 'right' as const }),
      ...(isRefused(group.outcome) && { color: REFUSED }),
    })),
  );
  const table = {
    headerRows: 1,
    dontBreakRows: true,
    widths: columns.map((name) => widths[name] as number | '*'),
    body: [head(columns.map((name) => HEADS[name][ja ? 0 : 1])), ...body],
  };
  return { table, layout: LINES };
}
