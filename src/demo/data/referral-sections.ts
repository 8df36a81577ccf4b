import type { CompositionSection } from '@medplum/fhirtypes';
import { narrative } from './narrative.ts';
import { SYSTEM } from './systems.ts';

/** Sections of the 診療情報提供書 that the demo writes, with the titles that JP-CLINS fixes. */
export const SECTION_TITLES = {
  '910': '紹介先情報',
  '920': '紹介元情報',
  '300': '構造情報',
  '950': '紹介目的',
  '340': '傷病名・主訴',
  '360': '現病歴',
  '370': '既往歴',
  '510': 'アレルギー・不耐性反応',
  '550': '家族歴',
  '430': '投薬指示',
  '620': '検査結果',
} as const;
export type SectionCode = keyof typeof SECTION_TITLES;

/** A section with text and entries (`urn:uuid:` references). `text.status` is always `additional`. */
export function section(code: SectionCode, text: string, entries: readonly string[]): CompositionSection {
  return {
    ...heading(code),
    text: narrative('additional', text),
    entry: entries.map((reference) => ({ reference })),
  };
}

/** A section of which the author knows that there is nothing to say: 特になし. */
export function nothingKnown(code: SectionCode): CompositionSection {
  return {
    ...heading(code),
    text: narrative('additional', '特になし'),
    emptyReason: { coding: [{ system: SYSTEM.emptyReason, code: 'nilknown', display: 'Nil Known' }] },
  };
}

/** Section 300, which holds the sections of the letter's clinical content. */
export function structured(sections: CompositionSection[]): CompositionSection {
  return { ...heading('300'), section: sections };
}

function heading(code: SectionCode) {
  const title = SECTION_TITLES[code];
  return { title, code: { coding: [{ system: SYSTEM.documentSection, code, display: `${title}セクション` }] } };
}
