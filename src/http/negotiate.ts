import { refuse } from './errors.ts';

const JSON_TYPES = ['application/fhir+json', 'application/json', 'application/json+fhir', 'text/json'];

/** Throws 406 for a client that takes no JSON. `_format` overrides the header (https://hl7.org/fhir/R4/http.html#mime-type). */
export function acceptsJson(accept: string | undefined, format: string | undefined): void {
  if (format !== undefined) {
    const wanted = format.replaceAll(' ', '+').split(';')[0] as string;
    if (wanted !== 'json' && !JSON_TYPES.includes(wanted))
      throw refuse.notAcceptable('Only JSON is offered: _format=json');
    return;
  }
  if (accept === undefined || accept === '*/*' || accept === 'application/fhir+json') return;
  if (!isJson(accept)) {
    throw refuse.notAcceptable('Only application/fhir+json is offered');
  }
}

/** Whether an Accept header is content with JSON: the most specific range counts, and not with q=0 (RFC 9110, 12.5.1). */
export function isJson(accept: string): boolean {
  const ranges = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return { type, refused: parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter)) };
  });
  const named = ranges.filter(({ type }) => JSON_TYPES.includes(type));
  if (named.length > 0) return named.some(({ refused }) => !refused);
  const wide = ranges.find(({ type }) => type === 'application/*') ?? ranges.find(({ type }) => type === '*/*');
  return wide !== undefined && !wide.refused;
}

/** Throws 415 for a body in another format. */
export function sentJson(contentType: string | undefined): void {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  if (type !== undefined && !JSON_TYPES.includes(type)) throw refuse.mediaType('Send application/fhir+json');
}

/** The first of the types that an Accept header names by itself and does not refuse, or that `_format` names instead, whole or by its last
 * part (`pdf`); undefined where JSON will do. */
export function wantedType(accept: string | undefined, types: readonly string[], format?: string): string | undefined {
  if (format !== undefined) return types.find((type) => type === format || type.split('/')[1] === format);
  if (accept === undefined) return undefined;
  const named = accept.split(',').flatMap((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter)) ? [] : [type];
  });
  return types.find((type) => named.includes(type));
}

export type Language = 'ja' | 'en';

/** What people are to read: Japanese, unless they like English better (RFC 9110, 12.5.4). */
export function languageOf(header: string | undefined): Language {
  const weight = (language: Language): number => {
    const weights = (header ?? '').split(',').flatMap((range) => {
      const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return tag === language || tag.startsWith(`${language}-`) ? [q === undefined ? 1 : Number(q) || 0] : [];
    });
    return Math.max(0, ...weights);
  };
  return weight('en') > weight('ja') ? 'en' : 'ja';
}
