import { indexedParameters } from '../indexing/parameters.ts';

/** One entry of CapabilityStatement.rest.resource.searchParam. */
export interface SupportedParameter {
  readonly name: string;
  readonly type: string;
  /** Canonical of the SearchParameter. */
  readonly definition: string;
  readonly documentation?: string;
}

/** The search parameters that the server honours on a type, in alphabetical order. */
export function supportedSearchParameters(type: string): readonly SupportedParameter[] {
  return [...indexedParameters(type).values()]
    .map(({ code, type: kind, url }) => ({ name: code, type: kind, definition: url, ...DOCUMENTATION[kind] }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const DOCUMENTATION: Readonly<Record<string, { readonly documentation: string }>> = {
  string: {
    documentation:
      'Folded for case, accents, width, kana, voicing marks and kanji forms, from the start; :contains, :exact, :missing',
  },
  token: { documentation: ':not, :text, :missing' },
  date: { documentation: 'eq ne gt lt ge le sa eb ap; :missing' },
  number: { documentation: 'eq ne gt lt ge le sa eb ap; :missing' },
  quantity: { documentation: 'eq ne gt lt ge le sa eb ap; units are not converted; :missing' },
  reference: { documentation: ':[type], :identifier, :missing; chains of one link' },
};
