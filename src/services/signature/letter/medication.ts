import type { LetterDocument } from './document.ts';
import { concept, concepts, type Element } from './element.ts';
import type { Medication } from './letter.ts';
import { choice, duration, quantity } from './quantity.ts';

const USAGE_DURATION = /\/JP_MedicationDosage_UsageDuration$/;
const NOT_SAID = '（記載なし）';

/** States of a MedicationRequest in which the medicine is not taken as it stands (https://hl7.org/fhir/R4/valueset-medicationrequest-status.html). */
const STATES: Readonly<Record<string, string>> = Object.freeze({
  'on-hold': '【休薬中】',
  cancelled: '【取消】',
  stopped: '【中止】',
  draft: '【未確定】',
  unknown: '【状態不明】',
});

/** One line of 現在の処方 from a MedicationRequest or MedicationStatement; undefined for one entered in error. */
export function readMedication(request: Element, document: LetterDocument): Medication | undefined {
  const status = request.text('status') ?? '';
  if (status === 'entered-in-error') return undefined;
  const forbidden = request.get('doNotPerform').value === true ? '【投与しない】' : '';
  const dosages = [...request.all('dosageInstruction'), ...request.all('dosage')];
  const each = (line: (dosage: Element) => string | undefined) =>
    [...new Set(dosages.map(line).filter(Boolean))].join('\n');
  const notes = request
    .all('note')
    .map((note) => note.text('text'))
    .filter((text) => text !== undefined);
  return {
    name: forbidden + (STATES[status] ?? '') + nameOf(request, document),
    dose: each(dose),
    usage: [each(usage), ...notes].filter(Boolean).join('\n'),
    days: each(days) || supply(request.get('dispenseRequest')),
  };
}

function nameOf(request: Element, document: LetterDocument): string {
  const written = concept(request.get('medicationCodeableConcept'));
  if (written) return written;
  const reference = request.get('medicationReference');
  if (!reference.text('reference')) return reference.text('display') ?? NOT_SAID;
  const medication = document.resolve(reference, request);
  return concept(medication.get('code')) ?? reference.text('display') ?? NOT_SAID;
}

const PER: Readonly<Record<string, string>> = Object.freeze({ d: '1日', h: '1時間', wk: '1週', min: '1分' });

function dose(dosage: Element): string | undefined {
  const rates = dosage.all('doseAndRate').flatMap((rate) => {
    const rated = rate.get('rateRatio');
    const denominator = rated.get('denominator');
    const per = PER[denominator.text('code') ?? ''] ?? quantity(denominator);
    const amount = quantity(rated.get('numerator'));
    const once = choice(rate, 'dose');
    const speed = quantity(rate.get('rateQuantity'));
    return [once && `1回${once}`, amount && `${per ?? ''}${amount}`, speed];
  });
  return rates.filter(Boolean).join('\n') || undefined;
}

function usage(dosage: Element): string | undefined {
  const timing = dosage.get('timing');
  const said = [
    dosage.text('text') ?? concept(timing.get('code')) ?? frequency(timing.get('repeat')),
    ...concepts(dosage.all('additionalInstruction')),
    dosage.text('patientInstruction'),
    dosage.get('asNeededBoolean').value === true ? '頓用' : undefined,
    concept(dosage.get('asNeededCodeableConcept')),
  ];
  return [...new Set(said.filter(Boolean))].join('\n') || undefined;
}

function frequency(repeat: Element): string | undefined {
  const times = repeat.number('frequency');
  const period = repeat.number('period');
  if (!times) return undefined;
  const unit = { d: '日', wk: '週', h: '時間', mo: 'か月' }[repeat.text('periodUnit') ?? ''];
  return unit && period ? `${period}${unit}に${times}回` : `${times}回`;
}

function days(dosage: Element): string | undefined {
  const bounds = duration(dosage.get('timing').get('repeat').get('boundsDuration'));
  const extension = dosage.all('extension').find((candidate) => USAGE_DURATION.test(candidate.text('url') ?? ''));
  const found = bounds ?? (extension && duration(extension.get('valueDuration')));
  return found && `${found}分`;
}

function supply(dispense: Element): string {
  const time = duration(dispense.get('expectedSupplyDuration'));
  const amount = quantity(dispense.get('quantity'));
  return time ? `${time}分` : amount ? `計${amount}` : '';
}
