import { refuse } from '../../../http/errors.ts';
import { LetterDocument } from './document.ts';
import type { Day, Letter } from './letter.ts';
import { readAddressee, readPatient, readSender } from './parties.ts';
import { occupation, outline, readSection } from './sections.ts';
import { age, readDay } from './wareki.ts';

/**
 * The contents of a 診療情報提供書 from its document Bundle (JP_Bundle_eReferral), parsed from JSON.
 *
 * @throws FhirError 422 where it is no such document or lacks what the form needs; names the element and the rule
 */
export function readLetter(bundle: unknown): Letter {
  const document = new LetterDocument(bundle);
  const { composition } = document;
  const identifier = composition.text('identifier', 'value');
  if (!identifier) {
    throw refuse.unprocessable(
      'JP_Composition_eReferral: the letter has an identifier',
      'Composition.identifier.value',
    );
  }
  const { to, from, content } = outline(document);
  const issued = dayOfIssue(document);
  const patient = readPatient(document, occupation(content, document));
  if (age(patient.birthDate, issued) === undefined) {
    throw refuse.unprocessable('The patient is born before the letter is issued', 'Patient.birthDate');
  }
  return {
    identifier,
    version: composition
      .all('extension')
      .find((extension) => extension.text('url') === VERSION)
      ?.text('valueString'),
    issued,
    to: readAddressee(document, to),
    from: readSender(document, from),
    patient,
    sections: content.map((section) => readSection(section, document)),
  };
}

const VERSION = 'http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber';

/** The start of the event 診療情報提供書発行, else the day of Composition.date in Asia/Tokyo. */
function dayOfIssue({ composition }: LetterDocument): Day {
  const day = readDay(composition.text('event', 'period', 'start')) ?? readDay(composition.text('date'));
  if (day?.month && day.day) return { year: day.year, month: day.month, day: day.day };
  throw refuse.unprocessable(
    'JP_Composition_eReferral: the day of issue is known',
    'Composition.event[0].period.start',
  );
}
