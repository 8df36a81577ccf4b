import type { ServiceName } from '../../access/access.ts';
import { ownDefinitions } from '../../definitions/index.ts';
import { type Cause, SYSTEM } from './codes.ts';
import type { Day } from './day.ts';

/** A text in both languages that people read. */
export interface Words {
  readonly ja: string;
  readonly en: string;
}

interface CodeSystem {
  readonly url: string;
  readonly concept?: readonly {
    readonly code: string;
    readonly display: string;
    readonly designation?: readonly { readonly language: string; readonly value: string }[];
  }[];
}

/** What our own code systems call their codes: display is English, the designation Japanese. */
export const SERVICE_WORDS = wordsOf(SYSTEM.service) as Readonly<Record<ServiceName, Words>>;
export const CAUSE_WORDS = wordsOf(SYSTEM.end) as Readonly<Record<Cause, Words>>;

function wordsOf(system: string): Readonly<Record<string, Words>> {
  const found = (ownDefinitions() as readonly CodeSystem[]).find(({ url }) => url === system);
  const entries = (found?.concept ?? []).map(({ code, display, designation = [] }) => {
    const ja = designation.find(({ language }) => language === 'ja')?.value ?? display;
    return [code, Object.freeze({ ja, en: display })] as const;
  });
  return Object.freeze(Object.fromEntries(entries));
}

const FORMAT = Object.freeze({
  ja: new Intl.DateTimeFormat('ja-JP', { dateStyle: 'long', timeZone: 'UTC' }),
  en: new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }),
});

/** `2026年3月31日`, `31 March 2026`. */
export const longDay = (day: Day | null, language: keyof Words): string =>
  day === null ? '' : FORMAT[language].format(Date.parse(`${day}T00:00:00Z`));
