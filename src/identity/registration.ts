import { randomUUID } from 'node:crypto';
import { type FhirError, refuse } from '../http/errors.ts';
import { type Queryable, sqlState } from '../store/database.ts';
import { type AuthMethod, type IdTokenAlgorithm, insertClient, type NewClient } from '../store/identity.ts';
import { formatAppScopes, parseAppScopes, type Understands } from './app-scope.ts';
import { isClientId } from './client-id.ts';
import { publicJwks } from './jwks.ts';
import { formatScopes, parseScopes } from './scope.ts';

/** How a client proves who it is: one of these. */
export interface ClientKeys {
  /** Public keys: a JWK Set, or the JSON text of one. */
  readonly jwks?: unknown;
  /** Where the client publishes them. */
  readonly jwksUri?: string;
  /** Id of the terminal by whose certificate it authenticates (RFC 8705). */
  readonly terminal?: string;
}

/** What both kinds of registration say, and what they are checked with. */
interface Registration extends ClientKeys {
  /** rid of the institution whose client it is. */
  readonly organization: bigint;
  /** What people call it: 1 to 200 characters. */
  readonly name: string;
  /** The most it may ever be granted. */
  readonly scope: string;
  /** Chosen by the operator; a random UUID without it. */
  readonly id?: string;
  /** Whether scopes may have a query; without it none may. */
  readonly understands?: Understands;
  /** Whether keys may be fetched from a URL (`JwksByUrl.mayBe`); without it https is enough. */
  readonly mayFetch?: (url: string) => boolean;
}

/** A system client: Backend Services. Scopes `system/…`. */
export type ClientRegistration = Registration;

/** An app for people. Without keys and terminal it is a public client. Scopes `user/…`, `patient/…`, `launch`, `openid` and so on. */
export interface AppRegistration extends Registration {
  /** Where the browser may be sent with an answer: compared letter by letter. https, or http to the person's own machine at any port. */
  readonly redirectUris: readonly string[];
  /** Where the app is opened from another one. */
  readonly launchUris?: readonly string[];
  /** How its ID tokens are signed; RS256 without it. */
  readonly idTokenAlg?: IdTokenAlgorithm;
}

const UNIQUE_VIOLATION = '23505';
const MAX_URIS = 20;
const MAX_URI = 1000;
const ALGORITHMS: readonly IdTokenAlgorithm[] = ['RS256', 'ES256', 'ES384'];
const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

/**
 * Registers a Backend Services client. `database` may be a transaction.
 *
 * @throws FhirError 422 for keys, scope, id or name that are not acceptable or an institution that does not exist, 409 for an id that is
 * taken.
 */
export async function registerClient(
  database: Queryable,
  registration: ClientRegistration,
): Promise<{ clientId: string }> {
  const method = methodOf(registration);
  if (method === 'none') throw refused('A system needs keys: a JWK Set, the URL of one, or a terminal');
  const scope = registeredScope(registration.scope, registration.understands);
  return insert(database, { ...common(registration, method), kind: 'system', scope });
}

/** Registers an app. Errors as for `registerClient`, and 422 for addresses that are not acceptable. */
export async function registerApp(database: Queryable, registration: AppRegistration): Promise<{ clientId: string }> {
  const { redirectUris, launchUris = [], idTokenAlg = 'RS256', understands = () => false } = registration;
  const scopes = parseAppScopes(textOf(registration.scope), understands);
  if ('unknown' in scopes)
    throw refused(`The scope has a part that is not understood: ${scopes.unknown.slice(0, 100)}`);
  if (!ALGORITHMS.includes(idTokenAlg)) throw refused(`ID tokens are signed with ${ALGORITHMS.join(', ')}`);
  if (!Array.isArray(redirectUris) || redirectUris.length === 0)
    throw refused('An app needs an address to come back to');
  return insert(database, {
    ...common(registration, methodOf(registration)),
    kind: 'app',
    scope: formatAppScopes(scopes),
    redirectUris: addresses('redirect address', redirectUris),
    launchUris: addresses('launch address', launchUris),
    idTokenAlg,
  });
}

/** Name and keys as they are stored; for changes of a client too. */
export function clientName(name: unknown): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (typeof name !== 'string' || !/^[^\x00-\x1f\x7f]{1,200}$/u.test(name) || !name.isWellFormed())
    throw refused('The name must be 1 to 200 characters without control characters');
  return name;
}

/** The scopes of a system in normal form. */
export function registeredScope(text: unknown, understands: Understands = () => false): string {
  const scopes = parseScopes(textOf(text), 'system');
  if (!scopes?.every(({ type, query }) => query === undefined || understands(type, query)))
    throw refused('The scope must be SMART system scopes, for example "system/*.cruds"');
  return formatScopes(scopes);
}

function common(registration: Registration, authMethod: AuthMethod): Omit<NewClient, 'scope'> {
  const { organization, id = randomUUID(), name, jwks, jwksUri, terminal, mayFetch = isHttps } = registration;
  if (!isClientId(id)) throw refused('The client id must be 1 to 128 letters, digits, ".", "_", "~" or "-"');
  if (jwksUri !== undefined && !(typeof jwksUri === 'string' && jwksUri.length <= MAX_URI && mayFetch(jwksUri)))
    throw refused('The URL of the keys must be https, without user name and fragment');
  return {
    id,
    institution: organization,
    name: clientName(name),
    authMethod,
    ...(jwks !== undefined && { jwks: publicJwks(jwks) }),
    ...(jwksUri !== undefined && { jwksUri }),
    ...(terminal !== undefined && { terminal }),
  };
}

function methodOf({ jwks, jwksUri, terminal }: ClientKeys): AuthMethod {
  const given = [jwks, jwksUri, terminal].filter((one) => one !== undefined).length;
  if (given > 1) throw refused('A client has keys, or a URL of keys, or a terminal: one of them');
  return given === 0 ? 'none' : terminal === undefined ? 'private_key_jwt' : 'tls_client_auth';
}

function addresses(what: string, uris: readonly string[]): readonly string[] {
  if (!Array.isArray(uris) || uris.length > MAX_URIS) throw refused(`There may be at most ${MAX_URIS} of a ${what}`);
  for (const uri of uris) {
    if (!isAddress(uri))
      throw refused(
        `A ${what} must be https, or http to 127.0.0.1, [::1] or localhost; without fragment, user name or wildcard, and written as a browser writes it`,
      );
  }
  return [...new Set(uris)];
}

/** As a browser writes it: so nothing is left to be read in two ways (`\`, `..`, upper-case hosts, tabs). */
function isAddress(uri: unknown): boolean {
  if (typeof uri !== 'string' || uri.length > MAX_URI || !/^[\x21-\x7e]+$/.test(uri) || /[#*\\]/.test(uri))
    return false;
  if (!URL.canParse(uri)) return false;
  const url = new URL(uri);
  if (url.username || url.password || (url.href !== uri && url.href !== `${uri}/`)) return false;
  const loopback = LOOPBACK.includes(url.hostname);
  return url.protocol === 'https:' ? !loopback : url.protocol === 'http:' && loopback;
}

function isHttps(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return protocol === 'https:' && !username && !password && !hash;
}

async function insert(database: Queryable, client: NewClient): Promise<{ clientId: string }> {
  try {
    if (!(await insertClient(database, client)))
      throw refuse.unprocessable('There is no such institution, or it has no such terminal', undefined, 'not-found');
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION) throw refuse.conflict('The client id is taken', undefined, 'duplicate');
    throw error;
  }
  return { clientId: client.id };
}

const textOf = (text: unknown): string => (typeof text === 'string' && text.length <= 16_384 ? text : '');
const refused = (what: string): FhirError => refuse.unprocessable(what, undefined, 'value');
