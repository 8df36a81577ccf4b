import type { Service } from '../../fhir/engine.ts';
import type { ClientTrust } from '../../http/client-trust.ts';
import { clientOperations, type JwksUrls } from './clients.ts';
import { standingOperations } from './history.ts';
import { softwareOperations } from './software.ts';
import { liftOperations, suspendOperations } from './suspend.ts';
import { terminalOperations } from './terminals.ts';

export interface StandingParts {
  /** By whom certificates of terminals are issued. */
  readonly trust: ClientTrust;
  /** Where clients publish their keys. */
  readonly jwks: JwksUrls;
}

/** By what an institution gets in – its systems, apps and terminals – and how it is shut out when something is wrong. */
export function standingService({ trust, jwks }: StandingParts): Service {
  return {
    name: 'standing',
    operations: [
      ...suspendOperations,
      ...liftOperations,
      ...standingOperations,
      ...clientOperations(jwks),
      ...terminalOperations(trust),
      ...softwareOperations,
    ],
    rules: [],
  };
}
