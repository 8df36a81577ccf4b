import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvHead, csvLine } from '../../../src/services/timeline/report/csv.ts';
import { type Entry, Groups, reader } from '../../../src/services/timeline/report/entries.ts';
import { renderReport } from '../../../src/services/timeline/report/render.ts';
import * as words from '../../../src/services/timeline/report/words.ts';
import type { AuditRecord } from '../../../src/store/audit-search.ts';

const AT = Date.parse('2026-11-23T03:04:05Z');
const record = (more: Partial<AuditRecord> = {}): AuditRecord =>
  ({
    id: '',
    at: AT,
    interaction: 'read',
    organization: 2n,
    organizationName: 'さくら診療所',
    person: null,
    personName: null,
    roles: null,
    purpose: 'TREAT',
    type: 'Observation',
    outcome: 0,
    detail: null,
    ...more,
  }) as AuditRecord;
const reading = (more: Partial<Parameters<typeof reader>[0]> = {}) =>
  reader({
    language: 'ja',
    zone: 'Asia/Tokyo',
    hospital: 1n,
    names: false,
    redemptions: [
      { organization: 2n, keycode: 'aaaaaaaa-1', at: AT - 1000 },
      { organization: 2n, keycode: 'bbbbbbbb-2', at: AT + 1000 },
    ],
    ...more,
  });

describe('an entry of the access report', () => {
  it('is in words that patients know, in Japanese time', () => {
    expect(reading()(record())).toEqual({
      at: '2026-11-23 12:04:05',
      organization: 'さくら診療所',
      role: 'システム',
      name: '',
      act: '閲覧',
      data: '検査値・測定値',
      purpose: '診療',
      ground: 'キーコード aaaaaaaa',
      outcome: '実施',
    });
    expect(reading({ language: 'en' })(record())).toMatchObject({
      act: 'Viewed',
      purpose: 'Treatment',
      outcome: 'Done',
    });
  });

  it.each([
    [{ organization: 1n }, '当院'],
    [{ organization: 3n }, '予約・紹介など'],
    [{ organization: null }, 'サービス'],
    [{ at: AT + 2000 }, 'キーコード bbbbbbbb'],
    [{ at: AT - 5000 }, 'キーコード aaaaaaaa'],
  ])('says on what ground: %p', (more, ground) => {
    expect(reading()(record(more)).ground).toBe(ground);
  });

  it('names people only where that is the policy, and their role in any case', () => {
    const person = { person: 'x', personName: '山田 花子', roles: ['nurse', 'coordinator'] };
    expect(reading()(record(person))).toMatchObject({ name: '', role: '看護師・地域連携室' });
    expect(reading({ names: true })(record(person))).toMatchObject({ name: '山田 花子' });
    expect(reading()(record({ person: 'x', roles: null })).role).toBe('職員');
  });

  it.each([
    [
      { interaction: 'operation', type: 'Patient', detail: '$timeline?_type=Condition' },
      '時系列の閲覧',
      '診療情報の全般',
    ],
    [
      { interaction: 'operation', type: 'Patient', detail: '$unheard-of' },
      'その他の操作',
      '氏名・生年月日などの基本情報',
    ],
    [{ interaction: 'something-new', type: 'Basic' }, 'その他の操作', 'その他の診療情報'],
    [{ interaction: 'refuse-keycode', type: null, outcome: 4 as const }, 'キーコードの入力誤り', ''],
  ])('of %p', (more, act, data) => {
    expect(reading()(record(more))).toMatchObject({ act, data });
  });
});

describe('CSV', () => {
  const cells = (entry: Partial<Entry>) => csvLine({ ...reading()(record()), ...entry });

  it('begins with the mark that Excel needs, and has CRLF', () => {
    expect(csvHead('ja')).toBe('\ufeff"日時","機関","職種","氏名","操作","情報の種類","目的","根拠","結果"\r\n');
    expect(csvHead('en')).toContain('"Institution"');
    expect(cells({})).toMatch(/\r\n$/);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '＝1', '|cmd', '=cmd|"/c calc"!A1'])(
    'takes the force from %p',
    (text) => {
      expect(cells({ organization: text })).toContain(`"'${text.replaceAll('"', '""')}"`);
    },
  );

  it('keeps commas, quotes and lines within their cell', () => {
    expect(cells({ organization: 'a,"b"\nc' })).toContain('"a,""b""\nc"');
  });
});

it('entries of one minute that differ in nothing else are told once', () => {
  const groups = new Groups();
  const read = reading();
  for (const more of [{}, { at: AT - 500 }, { type: 'Condition' }, { at: AT - 900 }, { at: AT - 60_000 }])
    groups.add(read(record(more)));
  expect(groups.list.map(({ at, data, count }) => [at, data, count])).toEqual([
    ['2026-11-23 12:04', '検査値・測定値', 3],
    ['2026-11-23 12:04', '病名', 1],
    ['2026-11-23 12:03', '検査値・測定値', 1],
  ]);
});

it('every word is there in both languages', () => {
  const tables = [words.ACTS, words.DATA, words.PURPOSES, words.ROLES, words.OUTCOMES, words.GROUNDS, words.HEADS];
  for (const [japanese, english] of tables.flatMap((table) => Object.values(table) as (readonly [string, string])[])) {
    expect(japanese).toMatch(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u);
    expect(english).toMatch(/^[\x20-\x7e…]+$/);
  }
});

describe('PDF', () => {
  const groupsOf = (many: number) => {
    const groups = new Groups();
    const read = reading();
    for (let i = 0; i < many; i++)
      groups.add(
        read(
          record({
            at: AT - i * 61_000,
            organization: BigInt(1 + (i % 3)),
            organizationName: ['みなと総合病院', 'さくら診療所', '訪問看護ステーション　ひまわり'][i % 3] as string,
            type: ['Observation', 'Patient', 'DiagnosticReport', 'Condition'][i % 4] as string,
            person: i % 2 ? 'x' : null,
            roles: i % 2 ? ['physician'] : null,
            ...(i % 17 === 5 && { interaction: 'refuse-keycode', outcome: 4 as const, type: null }),
          }),
        ),
      );
    return groups.list;
  };
  const report = (many: number, language: 'ja' | 'en' = 'ja') => ({
    language,
    patient: '髙橋 𠮷子',
    hospital: 'みなと総合病院',
    from: '2026-11-01',
    to: '2026-11-23',
    made: '2026-11-23 12:00',
    zone: 'Asia/Tokyo',
    groups: groupsOf(many),
    names: false,
  });
  const textOf = (pdf: Uint8Array) => {
    const directory = mkdtempSync(join(tmpdir(), 'tasuki-report-'));
    try {
      writeFileSync(join(directory, 'r.pdf'), pdf);
      return execFileSync('pdftotext', ['-layout', join(directory, 'r.pdf'), '-']).toString();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  };

  it('has title, patient, period, a summary by institution and page numbers', async () => {
    const pdf = await renderReport(report(120));
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-');
    let text: string;
    try {
      text = textOf(pdf);
    } catch {
      return; // pdftotext is not on this machine
    }
    for (const part of [
      '診療情報アクセス記録',
      '髙橋',
      '2026-11-01',
      'さくら診療所',
      '機関ごとのまとめ',
      'キーコード aaaaaaaa',
    ])
      expect(text).toContain(part);
    expect(text).toMatch(/1\s*\/\s*\d/);
  }, 60_000);

  it('says so where nobody had access, in English too', async () => {
    const pdf = await renderReport({ ...report(0, 'en'), from: '', to: '' });
    expect(pdf.length).toBeGreaterThan(1000);
  }, 60_000);
});
