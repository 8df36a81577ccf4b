import type { Resource } from '../../fhir/engine.ts';
import { KANJI_VARIANTS } from '../../fhir/indexing/kanji.ts';

/** A name without what may differ between two writings of it: width, case, spaces, forms of one kanji (髙 and 高). Kana stays as it is. */
export function comparable(name: string): string {
  const characters = [...name.normalize('NFKC').toLowerCase()].filter((one) => !/[\s\p{P}\p{Cf}]/u.test(one));
  return characters.map((one) => KANJI_VARIANTS.get(one) ?? one).join('');
}

interface HumanName {
  readonly text?: unknown;
  readonly family?: unknown;
  readonly given?: unknown;
}

/** The names of a person as they are written, the family name first. */
export function namesOf(person: Resource): string[] {
  const names = Array.isArray(person.name) ? (person.name as HumanName[]) : [];
  return names.flatMap(({ text, family, given }) => {
    const parts = [family, ...(Array.isArray(given) ? given : [])].filter((one) => typeof one === 'string');
    return [...(parts.length > 0 ? [parts.join(' ')] : []), ...(typeof text === 'string' ? [text] : [])];
  });
}

/** Whether one of the person's names is the one given, whichever of family and given name comes first. */
export function isNamed(person: Resource, name: string): boolean {
  const wanted = comparable(name);
  if (wanted === '') return false;
  return namesOf(person).some((one) => {
    const words = one.split(/\s+/u);
    return [one, words.toReversed().join(' ')].some((written) => comparable(written) === wanted);
  });
}
