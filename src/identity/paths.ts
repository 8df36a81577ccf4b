/** Where the endpoints are, below BASE_URL. */
export const AUTHORIZE_PATH = '/oauth/authorize';
export const TOKEN_PATH = '/oauth/token';
export const INTROSPECT_PATH = '/oauth/introspect';
export const REVOKE_PATH = '/oauth/revoke';
export const JWKS_PATH = '/oauth/jwks';
export const SMART_PATH = '/fhir/.well-known/smart-configuration';
export const OPENID_PATH = '/.well-known/openid-configuration';
export const INTERACTION_PATH = '/interaction';
