import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import { createClient } from '../../src/demo/backend-client.ts';
import { ensureOperator } from '../../src/identity/index.ts';
import { openDatabase } from '../../src/store/database.ts';
import { Keys } from '../../src/store/keys.ts';
import { readSecrets } from '../../src/store/secret.ts';
import type { RunningServer } from './server.ts';

/** What the server answered to one request. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The body as it came. */
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests say by their expectations what a body is
  readonly body: any;
}

/** A resource to be stored. */
export interface Sent {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

/** An object is sent as JSON, text and bytes as they are. */
export type Body = object | string | Uint8Array<ArrayBuffer>;

/** A system of an institution, with a key pair and tokens of its own, that speaks to one server process. */
export interface Member {
  /** `Organization/[id]` */
  readonly organization: string;
  readonly clientId: string;
  token(): Promise<string>;
  /** Requests `fhir/[path]`, with `Content-Type: application/fhir+json` where there is a body and the headers do not say otherwise. */
  send(method: string, path: string, body?: Body, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  post(path: string, body: Body, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  put(path: string, body: Body, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  /** POST, which must be answered with 201; the resource as it was stored. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  create(resource: Sent): Promise<any>;
  /** The same client at another server process on the same database. */
  at(server: Pick<RunningServer, 'baseUrl' | 'port'>): Member;
}

export type Kind = 'cooperating-hospital' | 'medical' | 'care' | 'health' | 'municipality';
export type Cooperation = 'medical-cooperation' | 'care-cooperation' | 'timeline';

/** The institutions of one database, enrolled over HTTP as an operator does it. */
export interface Network {
  readonly operator: Member;
  /** Creates an institution, gives it a contract from today on with all that its kind may have, and registers a client for it. */
  enrol(kind: Kind, name?: string, scope?: string): Promise<Member>;
  /** The same without a contract: nobody of it gets in. */
  register(kind: Kind, name?: string, scope?: string): Promise<Member>;
  /** Applies for a contract of an institution; accepted, unless `applied` is enough. Answers `Contract/[id]`. */
  contract(institution: Pick<Member, 'organization'>, more?: ContractTerms): Promise<string>;
  /** Registers another client of an institution. */
  client(institution: Pick<Member, 'organization'>, scope: string): Promise<Member>;
  /** The hospital takes the member into its network; answers the OrganizationAffiliation. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  affiliate(hospital: Member, member: Member, services?: readonly Cooperation[]): Promise<any>;
}

/** What a contract of a test has that is not as usual. */
export interface ContractTerms {
  /** All that the kind may have, where nothing is given. */
  readonly services?: readonly Service[];
  /** Days, `YYYY-MM-DD`: the server's today where nothing is given. */
  readonly received?: string;
  readonly start?: string;
  readonly applied?: true;
}
export type Service =
  | 'medical-cooperation'
  | 'care-cooperation'
  | 'timeline'
  | 'outpatient-booking'
  | 'images'
  | 'signature';

const MEDICAL: readonly Service[] = ['medical-cooperation', 'outpatient-booking', 'images', 'signature'];
const CARE: readonly Service[] = ['care-cooperation', 'timeline'];
const servicesOf = (kind: Kind) =>
  kind === 'cooperating-hospital' || kind === 'medical' ? [...MEDICAL, ...CARE] : CARE;

const EVERYTHING = 'system/*.cruds';
const CODES = 'https://tasuki.example/fhir/CodeSystem';

/** Registers the operator in the server's database, as `tasuki operator` does, and enrols from there on over HTTP. */
export async function openNetwork(server: RunningServer): Promise<Network> {
  const { privateJwk, publicJwk } = keyPair();
  const operator = memberAt(server, {
    organization: 'Organization/operator',
    clientId: await registerOperator(server, publicJwk),
    privateJwk,
    scope: EVERYTHING,
  });
  const client = async (institution: Pick<Member, 'organization'>, scope: string) => {
    const keys = keyPair();
    const reply = await operator.post(`${institution.organization}/$register-client`, {
      resourceType: 'Parameters',
      parameter: [
        { name: 'name', valueString: 'A system' },
        { name: 'jwks', valueString: JSON.stringify({ keys: [keys.publicJwk] }) },
        { name: 'scope', valueString: scope },
      ],
    });
    if (reply.status !== 200) throw new Error(`$register-client answered ${reply.status} ${reply.text}`);
    const clientId = reply.body.parameter.find((one: { name: string }) => one.name === 'clientId').valueString;
    return memberAt(server, {
      organization: institution.organization,
      clientId,
      privateJwk: keys.privateJwk,
      scope,
    });
  };
  const kinds = new Map<string, Kind>();
  const register = async (kind: Kind, name: string = kind, scope = EVERYTHING) => {
    const { id } = await operator.create({
      resourceType: 'Organization',
      active: true,
      name,
      type: [{ coding: [{ system: `${CODES}/institution-kind`, code: kind }] }],
    });
    kinds.set(`Organization/${id}`, kind);
    return client({ organization: `Organization/${id}` }, scope);
  };
  const contract: Network['contract'] = async ({ organization }, terms = {}) => {
    const kind = kinds.get(organization) ?? 'medical';
    const services = terms.services ?? servicesOf(kind);
    const applied = await operator.post('Contract/$apply', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'application', resource: applicationOf(kind, services) },
        { name: 'organization', valueReference: { reference: organization } },
        ...(terms.received === undefined ? [] : [{ name: 'received', valueDate: terms.received }]),
      ],
    });
    if (applied.status !== 201) throw new Error(`$apply answered ${applied.status} ${applied.text}`);
    const { reference } = applied.body.parameter.find(
      (one: { name: string }) => one.name === 'contract',
    ).valueReference;
    if (terms.applied) return reference;
    const accepted = await operator.post(`${reference}/$accept`, {
      resourceType: 'Parameters',
      ...(terms.start !== undefined && { parameter: [{ name: 'start', valueDate: terms.start }] }),
    });
    if (accepted.status !== 200) throw new Error(`$accept answered ${accepted.status} ${accepted.text}`);
    return reference;
  };
  return {
    operator,
    client,
    register,
    contract,
    enrol: async (kind, name, scope) => {
      const member = await register(kind, name, scope);
      await contract(member);
      return member;
    },
    affiliate: (hospital, member, services = ['medical-cooperation', 'care-cooperation', 'timeline']) =>
      hospital.create({
        resourceType: 'OrganizationAffiliation',
        active: true,
        organization: { reference: hospital.organization },
        participatingOrganization: { reference: member.organization },
        code: services.map((code) => ({ coding: [{ system: `${CODES}/cooperation-service`, code }] })),
      }),
  };
}

/** The form for applications, with an answer to all that it asks for. */
function applicationOf(kind: Kind, services: readonly Service[]): object {
  const item = (linkId: string, ...answer: object[]) => ({ linkId, answer });
  const text = (linkId: string) => item(linkId, { valueString: 'x' });
  const group = (linkId: string, ...below: object[]) => ({ linkId, item: below });
  const coded = (system: string, code: string) => ({ valueCoding: { system: `${CODES}/${system}`, code } });
  return {
    resourceType: 'QuestionnaireResponse',
    questionnaire: 'https://tasuki.example/fhir/Questionnaire/contract-application',
    status: 'completed',
    item: [
      group(
        'application',
        item('application.date', { valueDate: '2026-01-05' }),
        item('application.terms', { valueBoolean: true }),
      ),
      group(
        'institution',
        item('institution.kind', coded('institution-kind', kind)),
        ...['name', 'postal-code', 'address', 'telephone', 'representative'].map((one) => text(`institution.${one}`)),
      ),
      group('contact', text('contact.name')),
      group('services', item('services.service', ...services.map((one) => coded('contract-service', one)))),
    ],
  };
}

async function registerOperator(server: RunningServer, jwk: object): Promise<string> {
  const database = await openDatabase(
    { databaseUrl: server.database?.url ?? null, dataDir: server.dataDir, poolSize: 1, statementTimeoutMs: 5000 },
    () => undefined,
  );
  try {
    const rid = new Keys((await readSecrets(database)).get('keys') ?? '').rid('Organization', 'operator');
    return (await ensureOperator(database, { rid, name: 'Operator', clientId: 'operator', jwk })).clientId;
  } finally {
    await database.close();
  }
}

interface Credentials {
  readonly organization: string;
  readonly clientId: string;
  readonly privateJwk: JWK;
  readonly scope: string;
}

function memberAt(server: Pick<RunningServer, 'baseUrl' | 'port'>, credentials: Credentials): Member {
  const { organization, clientId, privateJwk, scope } = credentials;
  const base = `http://127.0.0.1:${server.port}`;
  const client = createClient({ baseUrl: base, clientId, privateKeyJwk: privateJwk, scope });
  const send: Member['send'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${base}/fhir${path && `/${path}`}`, {
      method,
      headers: {
        authorization: `Bearer ${await client.token()}`,
        ...(body !== undefined && { 'content-type': 'application/fhir+json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isRaw(body) ? body : JSON.stringify(body) }),
    });
    return replyOf(response.status, response.headers, await response.text());
  };
  return {
    organization,
    clientId,
    token: () => client.token(),
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
    put: (path, body, headers) => send('PUT', path, body, headers),
    create: async (resource) => {
      const reply = await send('POST', resource.resourceType, resource);
      if (reply.status !== 201) throw new Error(`POST ${resource.resourceType} answered ${reply.status} ${reply.text}`);
      return reply.body;
    },
    at: (other) => memberAt(other, credentials),
  };
}

const isRaw = (body: Body): body is string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' || body instanceof Uint8Array;

function replyOf(status: number, headers: Headers, text: string): Reply {
  try {
    return { status, headers, text, body: JSON.parse(text) };
  } catch {
    return { status, headers, text, body: undefined };
  }
}

/** A key pair for ES384, both halves as JWK. */
export function keyPair(): { privateJwk: JWK; publicJwk: JWK } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const kid = randomUUID();
  return {
    privateJwk: { ...(privateKey.export({ format: 'jwk' }) as JWK), kid },
    publicJwk: { ...(publicKey.export({ format: 'jwk' }) as JWK), kid },
  };
}
