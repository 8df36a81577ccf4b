import { isPersonRole } from '../../../access/roles.ts';
import type { Language } from '../../../http/negotiate.ts';
import type { AuditRecord } from '../../../store/audit-search.ts';
import type { RedeemedBy } from '../../../store/redemptions.ts';
import * as words from './words.ts';

/** One access, as the patient reads it. */
export interface Entry {
  /** `2026-11-23 12:00:00`, in the zone. */
  readonly at: string;
  readonly organization: string;
  readonly role: string;
  /** Empty where people are not named. */
  readonly name: string;
  readonly act: string;
  readonly data: string;
  readonly purpose: string;
  readonly ground: string;
  readonly outcome: string;
}

export interface Reading {
  readonly language: Language;
  /** IANA zone. */
  readonly zone: string;
  /** rid of the hospital whose patient it is. */
  readonly hospital: bigint;
  /** Whether people are named. */
  readonly names: boolean;
  readonly redemptions: readonly RedeemedBy[];
}

/** Makes entries of audit rows. */
export function reader({ language, zone, hospital, names, redemptions }: Reading): (record: AuditRecord) => Entry {
  const say = (word: readonly [string, string]) => word[language === 'ja' ? 0 : 1];
  const moment = momentIn(zone);
  const keycodeOf = (organization: bigint, at: number) =>
    redemptions.findLast((one) => one.organization === organization && one.at <= at) ??
    redemptions.find((one) => one.organization === organization);
  const ground = ({ organization, at, outcome }: AuditRecord): string => {
    if (outcome !== 0) return '—';
    if (organization === null) return say(words.GROUNDS.service);
    if (organization === hospital) return say(words.GROUNDS.own);
    const by = keycodeOf(organization, at);
    return by ? `${say(words.GROUNDS.keycode)} ${by.keycode.slice(0, 8)}` : say(words.GROUNDS.party);
  };
  return (record) => {
    const operation = record.interaction === 'operation' ? /\$[a-z-]+/.exec(record.detail ?? '')?.[0] : undefined;
    const act = words.ACTS[operation ?? record.interaction] ?? words.OTHER_ACT;
    const roles = (record.roles ?? []).filter(isPersonRole).map((role) => say(words.ROLES[role]));
    const whole = operation === '$timeline' || operation === '$everything';
    const data = whole ? words.EVERYTHING : record.type ? (words.DATA[record.type] ?? words.OTHER_DATA) : undefined;
    return {
      at: moment(record.at),
      organization: record.organizationName ?? (record.organization === null ? 'Tasuki' : '—'),
      role: record.person === null ? say(words.SYSTEM) : roles.join('・') || say(words.STAFF),
      name: (names && record.personName) || '',
      act: say(act),
      data: data ? say(data) : '',
      purpose: record.purpose ? say(words.PURPOSES[record.purpose] ?? [record.purpose, record.purpose]) : '',
      ground: ground(record),
      outcome: say(words.OUTCOMES[record.outcome] ?? words.OTHER_ACT),
    };
  };
}

function momentIn(zone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (at) => format.format(at);
}

/** Entries of one minute that differ in nothing else, told once. */
export interface Group extends Entry {
  readonly count: number;
}

/** Groups entries that stand one behind the other, and says when the groups are too many. */
export class Groups {
  readonly list: (Entry & { count: number })[] = [];
  #known = new Map<string, Entry & { count: number }>();
  #minute = '';

  add(entry: Entry): void {
    const minute = entry.at.slice(0, 16);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#known = new Map();
    }
    const key = JSON.stringify({ ...entry, at: minute });
    const known = this.#known.get(key);
    if (known) known.count++;
    else {
      const group = { ...entry, at: minute, count: 1 };
      this.#known.set(key, group);
      this.list.push(group);
    }
  }
}
