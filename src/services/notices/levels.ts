import type { Operation } from '../../fhir/engine.ts';

/**
 * The same operation on the type and at the base: people whose role opens no messages, an institution's administrator for one, still have the
 * notices of their institution.
 */
export const atBothLevels = (operation: Operation): readonly Operation[] => [
  operation,
  // There the notice is named in the body, where no scope that is narrowed is asked for it.
  { ...operation, level: 'system', whole: true },
];
