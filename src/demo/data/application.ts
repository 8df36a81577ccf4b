import type { QuestionnaireResponse, QuestionnaireResponseItem } from '@medplum/fhirtypes';
import { addressOf, INSTITUTION_DATA, type InstitutionName } from './institutions.ts';
import { APPLICATION_FORM, SYSTEM } from './systems.ts';

const CARE = ['care-cooperation', 'timeline'];
const MEDICAL = ['medical-cooperation', 'outpatient-booking', 'images', 'signature'];

/** What an institution writes on the form by which it applies for service, on a day. */
export function application(name: InstitutionName, date: string): QuestionnaireResponse {
  const data = INSTITUTION_DATA[name];
  const services = data.kind === 'care' ? CARE : [...MEDICAL, ...CARE];
  return {
    resourceType: 'QuestionnaireResponse',
    questionnaire: APPLICATION_FORM,
    status: 'completed',
    item: [
      group(
        'application',
        item('application.date', { valueDate: date }),
        item('application.terms', { valueBoolean: true }),
      ),
      group(
        'institution',
        text('institution.name', data.title),
        text('institution.kana', data.kana),
        coded('institution.kind', SYSTEM.institutionKind, data.kind),
        text('institution.code', data.code),
        text('institution.postal-code', data.postalCode),
        text('institution.address', addressOf(data).text),
        text('institution.telephone', data.telephone),
        text('institution.fax', data.fax),
        text('institution.representative', '代表者'),
      ),
      group('contact', text('contact.department', '地域連携担当'), text('contact.name', '担当者')),
      group('services', coded('services.service', SYSTEM.contractService, ...services)),
    ],
  };
}

type Answer = NonNullable<QuestionnaireResponseItem['answer']>[number];

const item = (linkId: string, ...answer: Answer[]): QuestionnaireResponseItem => ({ linkId, answer });
const group = (linkId: string, ...below: QuestionnaireResponseItem[]): QuestionnaireResponseItem => ({
  linkId,
  item: below,
});
const text = (linkId: string, valueString: string) => item(linkId, { valueString });
const coded = (linkId: string, system: string, ...codes: string[]) =>
  item(linkId, ...codes.map((code) => ({ valueCoding: { system, code } })));
