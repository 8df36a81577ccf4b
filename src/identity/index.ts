/** Who calls: OAuth 2.0 and SMART Backend Services, registered clients, and the Caller behind a token. */
export { Callers } from './callers.ts';
export type { TokenIssued } from './client-credentials.ts';
export {
  type ClientRegistration,
  disableClient,
  ensureOperator,
  isClientId,
  type OperatorRegistration,
  registerClient,
} from './clients.ts';
export { DISCOVERY_PATH, smartConfiguration } from './discovery.ts';
export { mountIdentity } from './mount.ts';
export { type ProviderOptions, TOKEN_PATH, type TokenRefused } from './provider.ts';
export { purposeOf } from './purpose.ts';
export { formatScopes, parseScope, parseScopes } from './scope.ts';
