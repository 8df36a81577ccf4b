import type { Rule } from '../../fhir/engine.ts';
import { checkCooperation } from './cooperation.ts';

/** Messages between institutions (service.md B) need care cooperation. */
export const messageRule: Rule = {
  types: ['Communication', 'CommunicationRequest'],
  before: (write, change) =>
    checkCooperation(write, change, [{ service: 'care-cooperation' }], `${change.type}.recipient`),
};
