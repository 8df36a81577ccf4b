/** What a verification can find, in the words of its report. */
export const PROBLEMS = Object.freeze({
  'row-changed': ['an audit row was changed', '監査記録の行が書き換えられています'],
  'row-removed': ['an audit row was removed', '監査記録の行が削除されています'],
  'row-inserted': ['an audit row was inserted', '監査記録の行が後から挿入されています'],
  'seal-changed': ['a seal was changed', '封印が書き換えられています'],
  'seal-removed': ['a seal is missing', '封印が欠けています'],
  'day-changed': ['the end of a day was changed', '日締めが書き換えられています'],
  'day-removed': ['the end of a day is missing', '日締めが欠けています'],
  'anchor-differs': ['the chain is not the one that was anchored', 'アンカーに記録された連鎖と一致しません'],
  'anchor-missing': ['a day is not in the anchor file', 'アンカーファイルに日締めの記録がありません'],
  'time-stamp-wrong': ['a time-stamp is not of its day', 'タイムスタンプが日締めと一致しません'],
  'erasure-unproved': ['rows were blanked, and no row says so', '消去の記録がない空欄の行があります'],
  'drop-unproved': ['months were dropped, and no row says so', '保存期間満了の記録がないのに月が欠けています'],
} satisfies Record<string, readonly [english: string, japanese: string]>);
export type ProblemKind = keyof typeof PROBLEMS;

/** What is no fault of the chain, but should be known. */
export const NOTES = Object.freeze({
  unsealed: ['rows have waited for their seal for more than an hour', '1時間以上封印されていない行があります'],
  'clock-behind': [
    'transactions are numbered below what is sealed: the server has not been started since a restore',
    'トランザクション番号が封印済みの番号より小さくなっています（復元後にサーバーが起動されていません）',
  ],
  'anchors-unchecked': ['anchors were not checked', 'アンカーは検査していません'],
  'anchor-unreadable': ['a line of the anchor file cannot be read', 'アンカーファイルに読めない行があります'],
  restored: ['the operator noted a restore from a backup', '運営者がバックアップからの復元を記録しています'],
  'stamps-unchecked': ['time-stamps were not checked', 'タイムスタンプは検査していません'],
  'erasures-unchecked': [
    'what was blanked was not counted: that needs a verification of the whole chain',
    '空欄の行は数えていません（全期間の検査が必要です）',
  ],
  dropped: ['months were dropped at the end of their retention', '保存期間が満了した月は削除されています'],
} satisfies Record<string, readonly [english: string, japanese: string]>);
export type NoteKind = keyof typeof NOTES;

/** Where something was found. */
export interface Place {
  /** Of the chain, `2026-11-23`. */
  readonly day?: string;
  readonly seal?: string;
  /** Of the rows, `2026-11`, by UTC. */
  readonly month?: string;
  /** For engineers; names no patient. */
  readonly detail?: string;
}
export interface Problem extends Place {
  readonly kind: ProblemKind;
}
export interface Note extends Place {
  readonly kind: NoteKind;
}

/** As many are told one by one; the rest are counted. */
const MOST = 100;

export class Findings {
  readonly problems: Problem[] = [];
  readonly notes: Note[] = [];
  count = 0;

  problem(kind: ProblemKind, place: Place): void {
    this.count++;
    if (this.problems.length < MOST) this.problems.push({ kind, ...place });
  }

  /** Problems in the order of the chain, those of no certain place behind. */
  sorted(): readonly Problem[] {
    const place = ({ seal }: Problem) => (seal === undefined ? Number.POSITIVE_INFINITY : Number(seal));
    return this.problems.toSorted((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0));
  }

  note(kind: NoteKind, place: Place = {}): void {
    if (this.notes.length < MOST) this.notes.push({ kind, ...place });
  }
}
