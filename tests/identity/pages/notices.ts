import type { NoticeRow } from '../../../src/identity/pages/index.ts';

/** A notice with all that there can be, unread. */
export const longNotice: NoticeRow = {
  id: 'n1',
  kind: 'maintenance',
  title: { ja: '臨時<b>メンテナンス', en: 'Maintenance <i>' },
  body: { ja: '一段目です。\n改行です。\n\n二段目です。', en: 'First paragraph.\n\nSecond <script>alert(1)</script>' },
  sent: Date.parse('2026-11-01T00:00:00Z'),
  starts: Date.parse('2026-12-01T15:00:00Z'),
  ends: Date.parse('2026-12-01T18:00:00Z'),
  stops: true,
  withdrawn: null,
  note: '日付の誤りを訂正しました。',
  read: null,
};

export const withdrawnNotice: NoticeRow = {
  ...longNotice,
  id: 'n2',
  title: { ja: '取り下げたお知らせ', en: null },
  body: { ja: '日本語だけの文です。', en: null },
  withdrawn: '誤りがあったため <取り下げ>',
  note: null,
};

export const message = (kind: 'contract' | 'standing'): NoticeRow => ({
  ...longNotice,
  id: kind,
  kind,
  title: null,
  body: { ja: `${kind}の連絡です。`, en: `About ${kind}.` },
  starts: null,
  ends: null,
  stops: false,
  note: null,
  read: Date.parse('2026-11-02T00:00:00Z'),
});
