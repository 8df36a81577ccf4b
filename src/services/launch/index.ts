import type { Service } from '../../fhir/engine.ts';
import { launchOperation } from './launch.ts';

/** Apps that are opened from others: SMART's EHR launch. */
export function launchService(): Service {
  return { name: 'launch', operations: [launchOperation], rules: [] };
}
