import { directory, hosts, oneOf, subnets, urls } from './parse.ts';
import { optional, setting } from './setting.ts';

/** How clients reach the server, what is believed of them, and whom the server itself may reach. */
export const networkSettings = Object.freeze({
  tlsCertFile: optional(
    'TLS_CERT_FILE',
    'PEM file with the server’s certificate and those between it and its root; with it the server itself speaks TLS',
    'none: plain HTTP, behind a proxy',
    directory,
  ),
  tlsKeyFile: optional('TLS_KEY_FILE', 'PEM file with the key of that certificate', 'none', directory),
  tlsMinVersion: setting(
    'TLS_MIN_VERSION',
    'Least version of TLS: 1.3, or 1.2 where it must be',
    '1.3',
    oneOf('1.3', '1.2'),
  ),
  tlsClientCaFile: optional(
    'TLS_CLIENT_CA_FILE',
    'PEM file with the authorities whose certificates terminals show (docs/terminals.md)',
    'none: no certificates of clients',
    directory,
  ),
  tlsClientCrlFile: optional(
    'TLS_CLIENT_CRL_FILE',
    'PEM file with revocation lists of those authorities',
    'none',
    directory,
  ),
  tlsClientCrlUrls: setting(
    'TLS_CLIENT_CRL_URLS',
    'Where such lists are fetched, http or https, separated by blanks; `-` for none',
    '-',
    urls,
  ),
  tlsClientRevocation: setting(
    'TLS_CLIENT_REVOCATION',
    'Whether a certificate needs a current list that does not have it (`required`), or only must not be on one (`if-listed`)',
    'required',
    oneOf('required', 'if-listed'),
  ),
  trustedProxies: setting(
    'TRUSTED_PROXIES',
    'Addresses and subnets of the proxies whose X-Forwarded-For and certificate header are believed, separated by commas; `-` for none',
    '-',
    subnets,
  ),
  proxyCertificateHeader: setting(
    'PROXY_CERTIFICATE_HEADER',
    'How those proxies name a client’s certificate: `client-cert` (RFC 9440), `x-client-cert` (nginx’s escaped PEM) or none',
    'none',
    oneOf('none', 'client-cert', 'x-client-cert'),
  ),
  jwksPrivateHosts: setting(
    'JWKS_PRIVATE_HOSTS',
    'Hosts whose JWKS URLs may be http and lead to private addresses, separated by commas; `-` for none',
    '-',
    hosts,
  ),
});
