import type { HumanName } from '@medplum/fhirtypes';
import { EXTENSION } from './systems.ts';

/** A person's name in kanji and in full-width katakana. */
export interface PersonName {
  readonly family: string;
  readonly given: string;
  readonly familyKana: string;
  readonly givenKana: string;
}

/**
 * The name as JP Core writes it: two HumanNames, ideographic (IDE) and syllabic (SYL). The space in `text` is U+0020; eCS rule R1113
 * forbids U+3000 there.
 */
export function humanNames({ family, given, familyKana, givenKana }: PersonName): HumanName[] {
  return [represented('IDE', family, given), represented('SYL', familyKana, givenKana)];
}

function represented(representation: 'IDE' | 'SYL', family: string, given: string): HumanName {
  return {
    extension: [{ url: EXTENSION.nameRepresentation, valueCode: representation }],
    use: 'official',
    text: `${family} ${given}`,
    family,
    given: [given],
  };
}
