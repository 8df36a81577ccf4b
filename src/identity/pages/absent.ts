import type { TermsOfPages } from './parts.ts';

/** For a service without terms. */
export const noTerms: TermsOfPages = { current: async () => null, accept: async () => undefined };
