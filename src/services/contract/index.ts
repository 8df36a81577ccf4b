import type { Service } from '../../fhir/engine.ts';
import type { Database } from '../../store/database.ts';
import { affiliationRule } from './affiliation.ts';
import { institutionRule } from './institution.ts';
import { registerClientOperation } from './register-client.ts';

/** Who takes part: institutions, their clients, and whom a hospital has registered in its network. */
export function contractService(database: Database): Service {
  return {
    name: 'contract',
    operations: [registerClientOperation(database)],
    rules: [institutionRule, affiliationRule],
  };
}
