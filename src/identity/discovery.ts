import { ALGORITHMS, TOKEN_PATH } from './provider.ts';

export const DISCOVERY_PATH = '/fhir/.well-known/smart-configuration';

/**
 * The SMART configuration document (https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html) of a server that offers
 * Backend Services and nothing else: no issuer, keys or authorization endpoint, as there is none.
 * `code_challenge_methods_supported` is required all the same.
 *
 * @param baseUrl BASE_URL, without a slash at its end; every URL in the document is absolute.
 */
export function smartConfiguration(baseUrl: string): object {
  return {
    token_endpoint: `${baseUrl}${TOKEN_PATH}`,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
    grant_types_supported: ['client_credentials'],
    scopes_supported: ['system/*.cruds', 'system/*.rs'],
    response_types_supported: [],
    code_challenge_methods_supported: ['S256'],
    capabilities: ['client-confidential-asymmetric', 'permission-v1', 'permission-v2'],
  };
}
