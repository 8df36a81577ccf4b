import type { Operation } from '../../fhir/engine.ts';

/**
 * The same operation on the type and at the base: people whose role opens no messages, an institution's administrator for one, still have the
 * notices of their institution.
 */
export const atBothLevels = (operation: Operation): readonly Operation[] => [
  operation,
  { ...operation, level: 'system' },
];
