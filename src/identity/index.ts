/** Who calls: OAuth 2.0 and SMART Backend Services, registered clients, and the Caller behind a token. */
export { browserSessions } from './browser-session.ts';
export { type CallerRequest, Callers, tokenHash } from './callers.ts';
export type { TokenIssued } from './client-credentials.ts';
export { isClientId } from './client-id.ts';
export { disableClient, ensureOperator, type OperatorRegistration } from './clients.ts';
export { openidConfiguration, smartConfiguration } from './discovery.ts';
export { type Identity, mountIdentity } from './mount.ts';
export { AUTHORIZE_PATH, INTROSPECT_PATH, REVOKE_PATH, SMART_PATH, TOKEN_PATH } from './paths.ts';
export type { ProviderOptions, TokenRefused } from './provider.ts';
export { purposeOf } from './purpose.ts';
export {
  type AppRegistration,
  type ClientKeys,
  type ClientRegistration,
  clientName,
  registerApp,
  registerClient,
  registeredScope,
} from './registration.ts';
export { formatScopes, parseScope, parseScopes } from './scope.ts';
export { sessionUse } from './session-use.ts';
export { SigningKeys, signingKeyJob } from './signing-keys.ts';
export { auditToken } from './token-audit.ts';
