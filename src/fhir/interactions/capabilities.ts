import { type PolicyClass, partyRule, policyClass, policyTable } from '../../access/policy.ts';
import { AUTHORIZE_PATH, INTROSPECT_PATH, REVOKE_PATH, TOKEN_PATH } from '../../identity/index.ts';
import type { Answer, Engine } from '../engine.ts';
import type { FhirRequest } from '../request.ts';
import { includes, reverseIncludes, supportedSearchParameters } from '../search/index.ts';
import { AUDIT_PARAMETERS } from './search-audit.ts';

const VERSION = '0.1.0';
const READ = ['read', 'vread', 'history-instance', 'search-type'];
const WRITE = ['create', 'update', 'delete'];
const INTERACTIONS: Readonly<Record<PolicyClass, readonly string[]>> = {
  f: [...READ, ...WRITE],
  d: [...READ, ...WRITE],
  s: [...READ, ...WRITE],
  w: [...READ, ...WRITE],
  c: [...READ, ...WRITE],
  o: [...READ, ...WRITE],
  k: READ,
  a: ['read', 'search-type'],
  x: [],
};

/** https://hl7.org/fhir/smart-app-launch/1.0.0/conformance/index.html#declaring-support-for-oauth2-endpoints */
const OAUTH = {
  authorize: AUTHORIZE_PATH,
  token: TOKEN_PATH,
  introspect: INTROSPECT_PATH,
  revoke: REVOKE_PATH,
};

let made: { engine: Engine; body: Buffer } | undefined;

/** https://hl7.org/fhir/R4/http.html#capabilities: what works, and nothing else. The same for everyone, so made once. */
export function capabilities({ engine }: FhirRequest): Answer {
  if (made?.engine !== engine) made = { engine, body: Buffer.from(JSON.stringify(statement(engine))) };
  return { status: 200, body: made.body };
}

function statement(engine: Engine): object {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2026-11-22',
    publisher: 'Tasuki',
    kind: 'instance',
    software: { name: 'Tasuki', version: VERSION },
    implementation: {
      description: 'Tasuki: regional medical and care cooperation, with consent in every query',
      url: `${engine.baseUrl}/fhir`,
    },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    rest: [
      {
        mode: 'server',
        security: {
          cors: true,
          service: [
            {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' },
              ],
            },
          ],
          description:
            'SMART Backend Services for systems, SMART App Launch for people. Each answer holds only what the caller’s institution, and a person’s roles, may see; the rest does not exist for it.',
          extension: [
            {
              url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
              extension: Object.entries(OAUTH).map(([url, path]) => ({ url, valueUri: `${engine.baseUrl}${path}` })),
            },
          ],
        },
        resource: [...policyTable()]
          .filter(([, c]) => c !== 'x')
          .map(([type]) => type)
          .sort()
          .map((type) => resource(engine, type)),
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
        ...some('operation', engine.operations.filter((o) => o.level === 'system').map(operation)),
      },
    ],
  };
}

function resource(engine: Engine, type: string): object {
  const policy = policyClass(type);
  const writes = INTERACTIONS[policy].includes('create');
  const operations = engine.operations.filter((o) => o.level !== 'system' && o.types.includes(type));
  const common = { type, interaction: INTERACTIONS[policy].map((code) => ({ code })) };
  if (policy === 'a') return { ...common, versioning: 'no-version', searchParam: AUDIT_PARAMETERS };
  return {
    ...common,
    versioning: 'versioned',
    readHistory: true,
    conditionalRead: 'full-support',
    ...(writes && {
      updateCreate: engine.updateCreate,
      conditionalCreate: true,
      conditionalUpdate: true,
      conditionalDelete: 'single',
      referencePolicy: ['literal', 'enforced'],
    }),
    ...some('searchInclude', includes(type)),
    ...some('searchRevInclude', reverseIncludes(type)),
    ...some('searchParam', supportedSearchParameters(type)),
    ...some('operation', operations.map(operation)),
    ...(partyRule(type) && {
      documentation: 'Parties named on it, or on what it is based on, see it and what it carries to them.',
    }),
  };
}

/** FHIR has no empty lists. */
const some = (name: string, list: readonly unknown[]) => (list.length > 0 ? { [name]: list } : {});

const operation = ({ name, documentation }: { name: string; documentation: string }) => ({
  name,
  definition: `https://tasuki.example/fhir/OperationDefinition/${name}`,
  documentation,
});
