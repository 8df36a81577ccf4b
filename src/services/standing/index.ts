import type { Service } from '../../fhir/engine.ts';
import type { Database } from '../../store/database.ts';
import { standingOperations } from './history.ts';
import { registerClientOperation } from './register-client.ts';
import { liftOperations, suspendOperations } from './suspend.ts';

/** By what an institution gets in – its systems, apps and terminals – and how it is shut out when something is wrong. */
export function standingService(database: Database): Service {
  return {
    name: 'standing',
    operations: [registerClientOperation(database), ...suspendOperations, ...liftOperations, ...standingOperations],
    rules: [],
  };
}
