import type { Resource } from '../../fhir/engine.ts';
import type { TermsVersion } from '../../store/terms.ts';

export const TERMS_TYPE = 'https://tasuki.example/fhir/CodeSystem/service-document';
/** That the terms prevail over the service specification where the two differ (Art. 27, 2). */
export const PREVAILS = 'https://tasuki.example/fhir/StructureDefinition/terms-prevail';
export const PDF = 'application/pdf';

export interface TermsParts extends Omit<TermsVersion, 'override' | 'document' | 'notice'> {
  /** Base64; null: there is none. */
  readonly pdf: string | null;
  readonly replaces: TermsVersion | undefined;
}

/** A version of the terms as a DocumentReference of the operator, with its texts within. */
export function termsDocument(parts: TermsParts): Resource {
  const { version, title, body, titleEn, bodyEn, published, effective, prevails, pdf, replaces } = parts;
  const text = (language: string, name: string, data: string) => ({
    attachment: {
      contentType: 'text/plain; charset=utf-8',
      language,
      data: Buffer.from(data).toString('base64'),
      title: name,
      creation: new Date(published).toISOString(),
    },
  });
  return {
    resourceType: 'DocumentReference',
    extension: [{ url: PREVAILS, valueBoolean: prevails }],
    identifier: [{ system: 'https://tasuki.example/fhir/terms-version', value: version }],
    status: 'current',
    docStatus: 'final',
    type: { coding: [{ system: TERMS_TYPE, code: 'terms-of-use', display: 'Terms of use' }], text: '利用規約' },
    date: new Date(published).toISOString(),
    ...(replaces && {
      relatesTo: [{ code: 'replaces', target: { reference: `DocumentReference/${replaces.document}` } }],
    }),
    description: title,
    content: [
      text('ja', title, body),
      ...(bodyEn === null ? [] : [text('en', titleEn ?? title, bodyEn)]),
      ...(pdf === null ? [] : [{ attachment: { contentType: PDF, language: 'ja', data: pdf, title } }]),
    ],
    context: { period: { start: new Date(effective).toISOString() } },
  };
}
