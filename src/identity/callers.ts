import { hash } from 'node:crypto';
import type { Caller, InstitutionKind, Scope } from '../access/access.ts';
import { Batch } from '../store/batch.ts';
import type { Queryable } from '../store/database.ts';
import { findTokens, type TokenRow } from '../store/identity.ts';
import { purposeOf } from './purpose.ts';
import { parseScopes } from './scope.ts';

/** 256 random bits in base64url, as the token endpoint gives them out. Anything else cannot be a token of ours. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Which part of a token reaches the tables: SHA-256, base64url. A fast hash is enough for 256 random bits. */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** Who calls. Everything that a Caller says is read from the database for each request; nothing is remembered. */
export class Callers {
  readonly #tokens: Batch<TokenRow>;

  constructor(database: Queryable) {
    this.#tokens = new Batch(async (hashes) => {
      const rows = await findTokens(database, hashes);
      return new Map(rows.map((row) => [row.hash, row]));
    });
  }

  /**
   * The caller behind an access token, as of a statement that starts after this call; null for a token that is unknown,
   * expired or revoked, or whose client or institution is not active.
   *
   * @param request.purpose the header `X-Purpose-Of-Use` as it came; treatment without it.
   * @throws FhirError 400 for a purpose that is not in the list.
   */
  async callerOf(token: string, request: { requestId: string; purpose?: string | undefined }): Promise<Caller | null> {
    const row = TOKEN.test(token) ? await this.#tokens.get(tokenHash(token)) : undefined;
    if (!row) return null;
    return {
      organization: row.institution,
      organizationId: row.institution_id,
      kind: row.kind as InstitutionKind,
      clientId: row.client,
      scopes: scopesOf(row.scope),
      ...networkOf(row),
      purpose: purposeOf(request.purpose),
      requestId: request.requestId,
    };
  }
}

type Network = Pick<Caller, 'networks' | 'medical' | 'care' | 'timeline'>;

const ALL_SERVICES = 7;

/** The hospitals, once each, by service; a cooperating hospital is in its own network for all of them. */
function networkOf({ institution, kind, hospitals, services }: TokenRow): Network {
  const network = new Map<bigint, number>();
  if (kind === 'cooperating-hospital') network.set(institution, ALL_SERVICES);
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
    scopes = Object.freeze(parseScopes(text) ?? []);
    if (parsedScopes.size >= 1000) parsedScopes.clear();
    parsedScopes.set(text, scopes);
  }
  return scopes;
}
