import { birthDateInJapanese } from './birth-date.ts';
import type { PatientRow } from './parts.ts';
import { patient, sexes } from './texts/app.ts';
import type { Text } from './texts/text.ts';
import { say, type Visit } from './visit.ts';

/** What of a patient tells people whom they have before them. */
export function patientInWords(visit: Pick<Visit, 'language'>, row: PatientRow) {
  const sex = (sexes as Partial<Record<string, Text>>)[row.sex] ?? sexes.unknown;
  const birth = visit.language === 'ja' ? birthDateInJapanese(row.birthDate) : row.birthDate;
  return {
    name: row.name || say(visit, patient.unnamed),
    kana: row.kana,
    sex: say(visit, sex),
    birth: birth || say(visit, patient.unknown),
    number: row.number,
  };
}
