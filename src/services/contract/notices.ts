import type { ContractRow } from '../../store/contract.ts';
import type { Cause } from './codes.ts';
import type { Day } from './day.ts';
import { namesOf } from './services.ts';
import { extendedTerm, lastAcceptance, lastNotice } from './term.ts';
import { CAUSE_WORDS, longDay, SERVICE_WORDS } from './words.ts';

/** Codes of the code system contract-notice. */
export type NoticeKind =
  | 'received'
  | 'incomplete'
  | 'acceptance-due'
  | 'acceptance-overdue'
  | 'accepted'
  | 'refused'
  | 'withdrawn'
  | 'started'
  | 'services'
  | 'term-ends'
  | 'extended'
  | 'ending'
  | 'export'
  | 'ended';

export interface Notice {
  readonly kind: NoticeKind;
  /** Only the operator is to see it. */
  readonly internal?: boolean;
  /** What the operator adds in its own words. */
  readonly words?: string | undefined;
}

interface Text {
  readonly ja: string;
  readonly en: string;
}

interface Facts extends Pick<Notice, 'words'> {
  readonly row: ContractRow;
  readonly institution: string;
  /** Of the form's questions that have no answer. */
  readonly omitted: readonly string[];
}

const ja = (day: Day | null) => longDay(day, 'ja');
const en = (day: Day | null) => longDay(day, 'en');
const both = (make: (day: (text: Day | null) => string, language: 'ja' | 'en') => string) => ({
  ja: make(ja, 'ja'),
  en: make(en, 'en'),
});

const services = (sum: number, language: 'ja' | 'en') =>
  namesOf(sum)
    .map((name) => SERVICE_WORDS[name][language])
    .join(language === 'ja' ? '、' : ', ');
const cause = (row: ContractRow, language: 'ja' | 'en') => CAUSE_WORDS[row.cause as Cause][language];

/** What each notice says, as a heading and a text; the dates are those of the row after the step. */
const TEXTS: Readonly<Record<NoticeKind, (facts: Facts) => { readonly title: Text; readonly text: Text }>> = {
  received: ({ row, institution }) => ({
    title: { ja: 'お申込を受け付けました', en: 'Your application was received' },
    text: {
      ja: `${institution}様の利用申込書を${ja(row.received)}に受け付けました。${ja(lastAcceptance(row.received))}までに、承諾の可否をお知らせします（利用規約第8条）。契約者IDは${row.number}です。`,
      en: `The application of ${institution} was received on ${en(row.received)}. You will have an answer by ${en(lastAcceptance(row.received))} (Art. 8 of the terms). Your contract number is ${row.number}.`,
    },
  }),
  incomplete: ({ row, omitted }) => ({
    title: { ja: '申込書に記載もれがあります', en: 'Your application is incomplete' },
    text: {
      ja: `${ja(row.received)}に受け付けた申込書に、次の記載もれがあります: ${omitted.join('、')}。補っていただけないときは、お申込を承諾しないことがあります（利用規約第8条1号）。`,
      en: `The application received on ${en(row.received)} leaves out: ${omitted.join(', ')}. Unless this is completed, the application may be refused (Art. 8, ground 1).`,
    },
  }),
  'acceptance-due': ({ row, institution }) => ({
    title: { ja: '承諾の期限が近づいています', en: 'An answer is due soon' },
    text: {
      ja: `${institution}様の申込（契約者ID ${row.number}、${ja(row.received)}受付）の承諾の期限は${ja(lastAcceptance(row.received))}です。`,
      en: `The application of ${institution} (${row.number}, received on ${en(row.received)}) must be answered by ${en(lastAcceptance(row.received))}.`,
    },
  }),
  'acceptance-overdue': ({ row, institution }) => ({
    title: { ja: '承諾の期限を過ぎました', en: 'An answer is overdue' },
    text: {
      ja: `${institution}様の申込（契約者ID ${row.number}、${ja(row.received)}受付）に、期限の${ja(lastAcceptance(row.received))}までに回答していません。承諾はもうできません。不承諾を通知し、改めて申込を受け付けてください。`,
      en: `The application of ${institution} (${row.number}, received on ${en(row.received)}) was not answered by ${en(lastAcceptance(row.received))}. It can no longer be accepted: refuse it, and receive a new one.`,
    },
  }),
  accepted: ({ row, institution }) => ({
    title: { ja: 'お申込を承諾しました', en: 'Your application was accepted' },
    text: both((day, language) =>
      language === 'ja'
        ? `${institution}様のお申込を承諾しました。サービスの開始日は${day(row.starts)}、利用期間は${day(row.termEnd)}までです。${day(lastNotice(row.termEnd as Day))}までに終了のご連絡がないときは、3か月ずつ自動的に延長されます（利用規約第9条）。ご利用になれるサービス: ${services(row.services, language)}。契約者ID: ${row.number}。`
        : `The application of ${institution} was accepted. Service starts on ${day(row.starts)}; the term runs until ${day(row.termEnd)}. Unless you say otherwise by ${day(lastNotice(row.termEnd as Day))}, it is extended by three months at a time (Art. 9). Services: ${services(row.services, language)}. Contract number: ${row.number}.`,
    ),
  }),
  refused: ({ row, institution, words }) => ({
    title: { ja: 'お申込を承諾できません', en: 'Your application was refused' },
    text: both((day, language) =>
      language === 'ja'
        ? `${institution}様の${day(row.received)}受付のお申込は、承諾いたしません。理由: ${cause(row, language)}${words ? `。${words}` : ''}`
        : `The application of ${institution}, received on ${day(row.received)}, is refused. Ground: ${cause(row, language)}${words ? `. ${words}` : ''}`,
    ),
  }),
  withdrawn: ({ row, institution, words }) => ({
    title: { ja: 'サービスは開始されません', en: 'Service does not start' },
    text: both((day, language) =>
      language === 'ja'
        ? `${institution}様の${day(row.received)}受付のお申込によるサービスは、開始されません。理由: ${cause(row, language)}${words ? `。${words}` : ''}`
        : `The service for which ${institution} applied on ${day(row.received)} does not start. Reason: ${cause(row, language)}${words ? `. ${words}` : ''}`,
    ),
  }),
  started: ({ row }) => ({
    title: { ja: 'サービスを開始しました', en: 'Service has started' },
    text: both((day, language) =>
      language === 'ja'
        ? `${day(row.starts)}からサービスをご利用になれます: ${services(row.services, language)}。`
        : `Since ${day(row.starts)} you have: ${services(row.services, language)}.`,
    ),
  }),
  services: ({ row, words }) => ({
    title: { ja: 'サービスの内容が変わります', en: 'Your services change' },
    text: both((day, language) => {
      const list = services(row.nextServices ?? row.services, language);
      const from = row.nextServicesOn === null ? undefined : day(row.nextServicesOn);
      const more = words ? ` ${words}` : '';
      return language === 'ja'
        ? `${from ? `${from}から` : '本日から'}のサービス: ${list}。${more}`
        : `Services from ${from ?? 'today'} on: ${list}.${more}`;
    }),
  }),
  'term-ends': ({ row }) => ({
    title: { ja: '利用期間がまもなく満了します', en: 'Your term ends soon' },
    text: {
      ja: `利用期間は${ja(row.termEnd)}に満了します。${ja(lastNotice(row.termEnd as Day))}までに終了のご連絡がないときは、${ja(extendedTerm(row.termEnd as Day))}まで自動的に延長されます（利用規約第9条）。`,
      en: `Your term ends on ${en(row.termEnd)}. Unless you say otherwise by ${en(lastNotice(row.termEnd as Day))}, it is extended until ${en(extendedTerm(row.termEnd as Day))} (Art. 9).`,
    },
  }),
  extended: ({ row }) => ({
    title: { ja: '利用期間が延長されました', en: 'Your term was extended' },
    text: {
      ja: `利用期間が${ja(row.termEnd)}まで延長されました（利用規約第9条）。`,
      en: `Your term was extended until ${en(row.termEnd)} (Art. 9).`,
    },
  }),
  ending: ({ row, words }) => ({
    title: { ja: 'サービスの利用終了日が決まりました', en: 'The end of your service is set' },
    text: both((day, language) =>
      language === 'ja'
        ? `サービスは${day(row.ends)}をもって終了します（${cause(row, language)}）。${words ? `${words} ` : ''}終了後、サーバーにあるデータは消去され、返還されません（利用規約第26条）。必要なデータは終了日までに書き出してください。`
        : `Service ends with ${day(row.ends)} (${cause(row, language)}). ${words ? `${words} ` : ''}After that your data on the server are erased, and not returned (Art. 26): export what you need before.`,
    ),
  }),
  export: ({ row }) => ({
    title: { ja: '必要なデータを書き出してください', en: 'Export what you need' },
    text: {
      ja: `サービスは${ja(row.ends)}をもって終了します。その後データは消去され、返還されません（利用規約第26条）。法令による保存義務のある記録などは、それまでに書き出してください。`,
      en: `Service ends with ${en(row.ends)}. After that your data are erased, and not returned (Art. 26). Export before then what you need, records that the law makes you keep among it.`,
    },
  }),
  ended: ({ row }) => ({
    title: { ja: 'サービスの利用が終了しました', en: 'Service is over' },
    text: both((day, language) =>
      language === 'ja'
        ? `サービスの利用は${day(row.ends)}をもって終了しました（${cause(row, language)}）。配布したソフトウェアは、アンインストールのうえ返却または廃棄してください（利用規約第21条）。`
        : `Service ended with ${day(row.ends)} (${cause(row, language)}). Uninstall the software that you were given, and return or destroy it (Art. 21).`,
    ),
  }),
};

/** The heading and the text of a notice. */
export const textOf = (kind: NoticeKind, facts: Facts): { readonly title: Text; readonly text: Text } =>
  TEXTS[kind](facts);
