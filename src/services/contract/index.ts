import type { Service } from '../../fhir/engine.ts';
import { affiliationRule } from './affiliation.ts';
import { institutionRule } from './institution.ts';

/** Who takes part: institutions, and whom a hospital has registered in its network. */
export function contractService(): Service {
  return {
    name: 'contract',
    operations: [],
    rules: [institutionRule, affiliationRule],
  };
}
