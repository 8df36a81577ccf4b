import { SPECIAL_SCOPES } from './app-scope.ts';
import { AUTHORIZE_PATH, INTROSPECT_PATH, JWKS_PATH, REVOKE_PATH, TOKEN_PATH } from './paths.ts';
import { ALGORITHMS } from './provider.ts';
import { ID_TOKEN_ALGORITHMS } from './signing-keys.ts';

/** What both documents say: RFC 8414. */
function metadata(baseUrl: string, tls: boolean): object {
  return {
    issuer: baseUrl,
    authorization_endpoint: `${baseUrl}${AUTHORIZE_PATH}`,
    token_endpoint: `${baseUrl}${TOKEN_PATH}`,
    introspection_endpoint: `${baseUrl}${INTROSPECT_PATH}`,
    revocation_endpoint: `${baseUrl}${REVOKE_PATH}`,
    jwks_uri: `${baseUrl}${JWKS_PATH}`,
    scopes_supported: [
      ...SPECIAL_SCOPES,
      ...['user', 'patient', 'system'].flatMap((context) => [`${context}/*.cruds`, `${context}/*.rs`]),
    ],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['private_key_jwt', 'none', ...(tls ? ['tls_client_auth'] : [])],
    token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
    authorization_response_iss_parameter_supported: true,
    ...(tls && { tls_client_certificate_bound_access_tokens: true }),
  };
}

/**
 * The SMART configuration document (https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html). What is not here is not offered:
 * symmetric client secrets, app state, styles, `launch/encounter`, dynamic registration.
 *
 * @param baseUrl  BASE_URL, without a slash at its end; every URL in the document is absolute
 * @param tls  whether clients can authenticate by certificates
 */
export function smartConfiguration(baseUrl: string, tls = false): object {
  return {
    ...metadata(baseUrl, tls),
    capabilities: [
      'launch-ehr',
      'launch-standalone',
      'authorize-post',
      'client-public',
      'client-confidential-asymmetric',
      'sso-openid-connect',
      'context-banner',
      'context-ehr-patient',
      'context-standalone-patient',
      'permission-offline',
      'permission-online',
      'permission-patient',
      'permission-user',
      'permission-v1',
      'permission-v2',
    ],
  };
}

/** OpenID Connect Discovery 1.0. There is no userinfo endpoint: who the person is stands in the ID token. */
export function openidConfiguration(baseUrl: string, tls = false): object {
  return {
    ...metadata(baseUrl, tls),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ID_TOKEN_ALGORITHMS,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'auth_time', 'acr', 'amr', 'name', 'fhirUser'],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  };
}
