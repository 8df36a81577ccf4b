import { refuse } from '../../http/errors.ts';
import type { Interactions } from '../interactions.ts';
import type { PatientsOfPages, TermsOfPages } from './parts.ts';

/** For a server at which no app can ask for a person. */
export const noInteractions: Interactions = {
  details: async () => null,
  remembered: async () => false,
  finish: () => Promise.reject(refuse.unknown('There are no interactions')),
  refuse: () => Promise.reject(refuse.unknown('There are no interactions')),
  apps: async () => [],
  revokeApp: async () => false,
};

export const noPatients: PatientsOfPages = { search: async () => null, find: async () => null };

/** For a service without terms. */
export const noTerms: TermsOfPages = { current: async () => null, accept: async () => undefined };
