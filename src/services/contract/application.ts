import type { InstitutionKind } from '../../access/access.ts';
import { checkResource } from '../../fhir/check.ts';
import type { Json, OperationRequest, Resource } from '../../fhir/engine.ts';
import { parameter } from '../../fhir/parameters.ts';
import { refuse } from '../../http/errors.ts';
import { SYSTEM } from './codes.ts';
import { type Answers, readForm } from './form.ts';
import { isServiceName, sumOf } from './services.ts';

/** An application as it was filled in. */
export interface Application {
  readonly response: Resource;
  readonly answers: Answers;
  readonly omissions: readonly string[];
  /** Sum of SERVICES. */
  readonly services: number;
}

/** The only reference of an application is the one that the server gives it: whose it is. */
const KEPT = ['resourceType', 'questionnaire', 'authored', 'item'] as const;

/**
 * The parameter `application`, read by the form. Who did not agree to the terms has left out what must be said.
 *
 * @throws FhirError 400, 422
 */
export function readApplication({ body }: Pick<OperationRequest, 'body'>): Application {
  const given = parameter(body, 'application')?.resource as Resource | undefined;
  if (given?.resourceType !== 'QuestionnaireResponse')
    throw refuse.badRequest(
      'The application is a QuestionnaireResponse in the parameter application',
      "Parameters.parameter('application')",
      'required',
    );
  const response = Object.fromEntries(KEPT.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
  const completed = { ...response, status: 'completed' } as unknown as Resource;
  checkResource({ interaction: 'create', type: 'QuestionnaireResponse', resource: completed });
  const { answers, omissions } = readForm(completed);
  const agreed = answers.get('application.terms')?.[0] !== false;
  return {
    response: completed,
    answers,
    omissions: agreed || omissions.includes('application.terms') ? omissions : ['application.terms', ...omissions],
    services: sumOf((answers.get('services.service') ?? []).filter(isServiceName)),
  };
}

/** The kind of institution that the form names. */
export const kindIn = (answers: Answers): InstitutionKind | undefined =>
  answers.get('institution.kind')?.[0] as InstitutionKind | undefined;

/** The Organization that the form describes. Undefined where it leaves out name or kind: then nobody can be registered. */
export function organizationIn(answers: Answers): Resource | undefined {
  const text = (linkId: string) => answers.get(linkId)?.[0] as string | undefined;
  const [name, kind, code] = [text('institution.name'), kindIn(answers), text('institution.code')];
  if (name === undefined || kind === undefined) return undefined;
  const telecom = (['telephone', 'fax'] as const).flatMap((item): Json[] => {
    const value = text(`institution.${item}`);
    return value === undefined ? [] : [{ system: item === 'fax' ? 'fax' : 'phone', value, use: 'work' }];
  });
  const [address, postalCode, kana] = [
    text('institution.address'),
    text('institution.postal-code'),
    text('institution.kana'),
  ];
  return {
    resourceType: 'Organization',
    ...(code !== undefined && { identifier: [{ system: INSTITUTION_CODE, value: code.normalize('NFKC') }] }),
    active: true,
    type: [{ coding: [{ system: SYSTEM.kind, code: kind }] }],
    name,
    ...(kana !== undefined && { alias: [kana] }),
    ...(telecom.length > 0 && { telecom }),
    ...(address !== undefined && {
      address: [{ text: address, ...(postalCode !== undefined && { postalCode }), country: 'JP' }],
    }),
  };
}

/** 保険医療機関番号, ten digits with prefecture and kind in front (JP Core). */
export const INSTITUTION_CODE = 'http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no';
