import { hash } from 'node:crypto';
import type { Caller, InstitutionKind, Scope } from '../access/access.ts';
import type { PersonRole } from '../access/roles.ts';
import { Batch } from '../store/batch.ts';
import type { Queryable } from '../store/database.ts';
import { findPresent, type WhoRow } from '../store/present.ts';
import { findTokens, type TokenRow } from '../store/token.ts';
import { resourceScopes } from './app-scope.ts';
import type { LoggedIn } from './logged-in.ts';
import { purposeOf } from './purpose.ts';

/** 256 random bits in base64url, as the token endpoint gives them out. Anything else cannot be a token of ours. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Which part of a token reaches the tables: SHA-256, base64url. A fast hash is enough for 256 random bits. */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'base64url');
}

export interface CallerRequest {
  readonly requestId: string;
  /** The header `X-Purpose-Of-Use` as it came; treatment without it. */
  readonly purpose?: string | undefined;
  /** SHA-256 of the certificate of the connection, base64url; absent: it has none. */
  readonly certificate?: string | undefined;
  /** The request is under way: its token was good when it began, and may have run out since. */
  readonly begun?: boolean;
  /** The server looks by itself whether the caller still may: that is no use of the session, which it would keep from ending idle. */
  readonly unasked?: boolean;
}

/** The client under which people act at our own pages. */
export const PAGES_CLIENT = 'tasuki-pages';

/** Who calls. Everything that a Caller says is read from the database for each request; nothing is remembered. */
export class Callers {
  readonly #database: Queryable;
  readonly #tokens: Batch<TokenRow>;
  /** For requests under way. */
  readonly #begun: Batch<TokenRow>;
  readonly #used: (session: string) => void;

  /** @param used  told of each session whose token was used: somebody is at work there */
  constructor(database: Queryable, used: (session: string) => void = () => undefined) {
    this.#database = database;
    this.#used = used;
    const found = (begun: boolean) =>
      new Batch(async (hashes: string[]) => {
        const rows = await findTokens(database, hashes, { begun });
        return new Map(rows.map((row) => [row.hash, row]));
      });
    this.#tokens = found(false);
    this.#begun = found(true);
  }

  /**
   * The caller behind an access token, as of a statement that starts after this call; null for a token that is unknown, expired or
   * revoked, that is bound to another certificate than the connection's, or on whose way to the institution anybody is shut out.
   *
   * @throws FhirError 400 for a purpose that is not in the list.
   */
  async callerOf(token: string, request: CallerRequest): Promise<Caller | null> {
    const lookedUp = performance.now();
    const tokens = request.begun ? this.#begun : this.#tokens;
    const row = TOKEN.test(token) ? await tokens.get(tokenHash(token)) : undefined;
    if (!row || (row.certificate !== null && row.certificate !== request.certificate)) return null;
    if (row.session !== null && !request.unasked) this.#used(row.session);
    return {
      ...whoIs(row),
      clientId: row.client,
      scopes: scopesOf(row.scope),
      ...(row.person !== null && { person: personOf(row, row.strong ?? false, row.authenticated ?? 0, row.session) }),
      ...(row.patient !== null && { patient: row.patient }),
      purpose: purposeOf(request.purpose),
      requestId: request.requestId,
      token: row.hash,
      lookedUp,
    };
  }

  /**
   * A person at our own pages, with as much of the FHIR interface as the page needs; null when the session is over, not complete, or
   * anybody on the way is shut out.
   *
   * @param request.scope  scopes `user/…`
   */
  async callerOfSession(
    { id, account, steps, certificate }: LoggedIn,
    { requestId, scope }: { readonly requestId: string; readonly scope: string },
  ): Promise<Caller | null> {
    const row = steps.length === 0 ? await findPresent(this.#database, account.id, id, certificate) : undefined;
    if (!row) return null;
    return {
      ...whoIs(row),
      clientId: PAGES_CLIENT,
      scopes: scopesOf(scope),
      person: personOf(row, row.strong, row.authenticated, id),
      purpose: 'TREAT',
      requestId,
    };
  }
}

type Who = Pick<
  Caller,
  'organization' | 'organizationId' | 'kind' | 'networks' | 'medical' | 'care' | 'timeline' | 'services'
>;

const whoIs = (row: WhoRow): Who => ({
  organization: row.institution,
  organizationId: row.institution_id,
  kind: row.kind as InstitutionKind,
  ...networkOf(row),
  services: row.contracted,
});

function personOf(
  row: WhoRow,
  strong: boolean,
  authenticatedAt: number,
  session: string | null,
): NonNullable<Caller['person']> {
  return {
    id: row.person ?? '',
    name: row.name ?? '',
    practitioner: row.practitioner,
    practitionerId: row.practitioner_id,
    roles: (row.roles ?? []) as readonly PersonRole[],
    strong,
    authenticatedAt,
    session,
  };
}

/** The hospitals, once each, by service; a cooperating hospital is in its own network for what its contract gives. */
function networkOf({ institution, kind, hospitals, services, contracted }: WhoRow) {
  const network = new Map<bigint, number>();
  if (kind === 'cooperating-hospital') network.set(institution, contracted);
  hospitals?.forEach((hospital, index) => {
    network.set(hospital, (network.get(hospital) ?? 0) | (services?.[index] ?? 0));
  });
  const having = (service: number) => [...network].filter(([, sum]) => sum & service).map(([hospital]) => hospital);
  return { networks: [...network.keys()], medical: having(1), care: having(2), timeline: having(4) };
}

const parsedScopes = new Map<string, readonly Scope[]>();

/** What a stored scope says: the same text always means the same, so that this much may be remembered. */
function scopesOf(text: string): readonly Scope[] {
  let scopes = parsedScopes.get(text);
  if (!scopes) {
    scopes = Object.freeze(resourceScopes(text) ?? []);
    if (parsedScopes.size >= 1000) parsedScopes.clear();
    parsedScopes.set(text, scopes);
  }
  return scopes;
}
