import { Access, type Caller, type InstitutionKind } from '../../src/access/access.ts';
import type { Engine, Operation, Prepared, Resource } from '../../src/fhir/engine.ts';
import type { FhirRequest } from '../../src/fhir/request.ts';
import { FhirError } from '../../src/http/errors.ts';
import { parseScopes } from '../../src/identity/scope.ts';
import { baseUrl, keys, zone } from './indexing/context.ts';

/** What the unit tests of the FHIR floor stand on: an engine without a database, and callers made up from a few words. */

export const NOW = Date.parse('2026-06-01T00:00:00Z');

export const engine = {
  keys,
  baseUrl,
  zone,
  cursorSecret: 'the secret of the page links in these tests',
  updateCreate: false,
  maxEntries: 100,
  rules: [],
  operations: [] as Operation[],
  now: () => NOW,
} as unknown as Engine;

export function caller(
  organization: bigint,
  scope = 'system/*.cruds',
  kind: InstitutionKind = 'cooperating-hospital',
  more: Partial<Caller> = {},
): Access {
  return Access.of({
    organization,
    organizationId: `o${organization}`,
    kind,
    clientId: `client-${organization}`,
    scopes: parseScopes(scope) ?? [],
    networks: [],
    medical: [],
    care: [],
    timeline: [],
    purpose: 'TREAT',
    requestId: 'request',
    ...more,
  });
}

export const system = Access.system('a test');

/** A change by which `before` becomes `after`; a deletion without `after`, a creation without `before`. */
export function prepared(
  type: string,
  before: object | undefined,
  after: object | undefined,
  current: Partial<Prepared['current'] & object> = {},
): Prepared {
  return {
    interaction: !after ? 'delete' : before ? 'update' : 'create',
    type,
    id: 'x',
    rid: keys.rid(type, 'x'),
    owner: current.owner ?? 1n,
    resource: after && ({ resourceType: type, id: 'x', ...after } as Resource),
    current: before && {
      rid: keys.rid(type, 'x'),
      type,
      id: 'x',
      owner: 1n,
      home: null,
      patient: null,
      patients: null,
      version: 1,
      deleted: false,
      seen: true,
      ...current,
    },
    previous: async () => ({ resourceType: type, id: 'x', meta: { versionId: '1' }, ...before }) as Resource,
  };
}

export function request(
  method: string,
  path: string,
  more: Partial<FhirRequest> & { headers?: Record<string, string> } = {},
): FhirRequest {
  const { headers = {}, ...rest } = more;
  return {
    engine,
    access: caller(1n),
    method,
    path: path.split('/').filter(Boolean),
    query: [],
    header: (name) => headers[name],
    body: Buffer.alloc(0),
    maxDepth: 64,
    dispatch: () => ({ status: 200 }),
    report: () => undefined,
    ...rest,
  };
}

export interface Refusal {
  readonly status: number;
  readonly code: string | undefined;
  readonly text: string;
  readonly expression: readonly string[] | undefined;
}

/** How the work is refused: the first issue of its FhirError. Fails the test where it is not. */
export async function refusal(work: () => unknown): Promise<Refusal> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const { code, expression } = error.issues[0] ?? {};
    return { status: error.status, code, text: error.message, expression };
  }
  throw new Error('it was not refused');
}
