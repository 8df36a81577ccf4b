import { dateFormats } from '../../http/date-formats.ts';
import type { Language } from '../../http/negotiate.ts';
import type { Erasure, ErasureCount } from '../../store/erasure.ts';

export interface Certified {
  readonly erasure: Erasure;
  readonly counts: readonly ErasureCount[];
  readonly institution: string;
  readonly zone: string;
}

const WORDS = {
  ja: {
    title: '消去証明書',
    institution: '利用者',
    contract: '契約',
    ended: '契約の終了日',
    began: '消去の開始',
    finished: '消去の完了',
    number: '消去番号',
    hash: '消去したものの識別子と内容のハッシュ値の連鎖（SHA-256）',
    says: '利用規約第26条に基づき、上記利用者が本サービスに登録した画像、データ、アカウント及び認証情報を、下記のとおり消去しました。',
    stays:
      '他の連携病院の時系列ビューに登録された情報、契約の記録、並びに内容を除いた監査記録は、消去の対象ではありません。',
    copies: 'バックアップに残るものは、その保存期間の経過後に失われます。',
    rows: '消去した件数',
  },
  en: {
    title: 'Certificate of erasure',
    institution: 'Institution',
    contract: 'Contract',
    ended: 'Last day of the contract',
    began: 'Erasure begun',
    finished: 'Erasure finished',
    number: 'Number',
    hash: 'Chain of hashes over the ids and contents that were erased (SHA-256)',
    says: 'By Article 26 of the terms of use, the images, data, accounts and credentials that the institution had registered with this service were erased as counted below.',
    stays:
      'What it wrote into the timelines of other hospitals, the record of its contract, and audit entries without their content are not subject to erasure.',
    copies: 'What backups still hold is lost at the end of their retention.',
    rows: 'Rows erased',
  },
} as const;

const formatOf = dateFormats(() => ({ dateStyle: 'long', timeStyle: 'long' }));

/** The certificate for the institution (消去証明書), plain text. */
export function certificate({ erasure, counts, institution, zone }: Certified, language: Language): string {
  const words = WORDS[language];
  const time = (at: number | null) => (at === null ? '-' : formatOf(language, zone).format(at));
  const lines: [string, string][] = [
    [words.institution, `${institution} (Organization/${erasure.institutionId})`],
    [words.contract, `Contract/${erasure.contract}`],
    [words.ended, erasure.ended],
    [words.began, time(erasure.startedAt)],
    [words.finished, time(erasure.finishedAt)],
    [words.number, erasure.id],
    [words.hash, erasure.hash.toString('hex')],
  ];
  return [
    words.title,
    '',
    ...lines.map(([name, value]) => `${name}: ${value}`),
    '',
    words.says,
    words.stays,
    words.copies,
    '',
    words.rows,
    ...counts.map(({ name, type, rows }) => `  ${name}${type && ` ${type}`}: ${rows}`),
    '',
  ].join('\n');
}
