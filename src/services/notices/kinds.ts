/** Category of a notice. Reserved: nobody writes a Communication with it but the service itself. */
export const NOTICE_SYSTEM = 'https://tasuki.example/fhir/CodeSystem/notice-kind';
/** What the service says to single institutions about their contracts; as reserved. */
export const CONTRACT_NOTICE_SYSTEM = 'https://tasuki.example/fhir/CodeSystem/contract-notice';
/** What it says to them when somebody is shut out or let in again. */
export const STANDING_NOTICE_SYSTEM = 'https://tasuki.example/fhir/CodeSystem/standing-notice';

/** How long before it takes effect something must be announced. */
export type Lead = 'month' | 'week' | 'none';

export interface NoticeKind {
  readonly ja: string;
  readonly en: string;
  readonly lead: Lead;
  /** The clause that the lead is from. */
  readonly clause: string;
  /** Whether hospitals may publish it; the operator may publish all. */
  readonly hospitals: boolean;
  /** Whether it takes effect at some time, which must be given; of `period`: with an end. */
  readonly effect: 'period' | 'start' | 'optional';
  /** Whether the status page tells it, where it is for everyone. */
  readonly status: boolean;
  readonly urgent: boolean;
}

const MONTH = 'Terms of use, Art. 13: at least one month before';
const WEEK = 'Service specification 4 (2): at least 7 days before';
const kind = (
  ja: string,
  en: string,
  lead: Lead,
  effect: NoticeKind['effect'],
  more: Partial<NoticeKind> = {},
): NoticeKind =>
  Object.freeze({
    ja,
    en,
    lead,
    effect,
    clause: lead === 'month' ? MONTH : lead === 'week' ? WEEK : '',
    hospitals: false,
    status: false,
    urgent: false,
    ...more,
  });

/** CodeSystem notice-kind, with what each must keep. */
export const KINDS: Readonly<Record<string, NoticeKind>> = Object.freeze({
  'service-change': kind('サービス内容の変更', 'Change of service', 'month', 'start'),
  suspension: kind('サービスの停止', 'Suspension of service', 'month', 'start'),
  'end-of-service': kind('サービスの終了', 'End of service', 'month', 'start'),
  terms: kind('利用規約', 'Terms of use', 'month', 'start'),
  maintenance: kind('メンテナンス', 'Maintenance', 'week', 'period', { status: true }),
  'emergency-maintenance': kind('緊急メンテナンス', 'Emergency maintenance', 'none', 'start', {
    status: true,
    urgent: true,
  }),
  outage: kind('障害', 'Outage', 'none', 'start', { status: true, urgent: true }),
  information: kind('お知らせ', 'Information', 'none', 'optional', { hospitals: true }),
  'closing-day': kind('休診日・休業日', 'Closing day', 'none', 'start', { hospitals: true }),
});

export const kindOf = (code: string): NoticeKind | undefined => (Object.hasOwn(KINDS, code) ? KINDS[code] : undefined);

/** Of these the status page tells. */
export const STATUS_KINDS: readonly string[] = Object.keys(KINDS).filter((code) => KINDS[code]?.status);
