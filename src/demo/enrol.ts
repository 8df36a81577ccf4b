import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { Bundle } from '@medplum/fhirtypes';
import { createClient } from './backend-client.ts';
import { application } from './data/application.ts';
import { byIdentifier } from './data/bundles.ts';
import { jstDate } from './data/calendar.ts';
import { type InstitutionName, organization } from './data/institutions.ts';
import type { DemoClient } from './demo-file.ts';
import { type FhirClient, fhirClient } from './fhir-client.ts';
import { output, parameters } from './parameters.ts';
import { type Institution, type Stage, titleOf } from './stage.ts';

/** What a demo institution's system may ask for; what it gets is the policy's business. */
const SCOPE = 'system/*.cruds';

export interface Enrolled {
  readonly institution: Institution;
  readonly client: DemoClient;
  readonly isNew: boolean;
}

/**
 * Gives an institution its place: the client of an earlier telling where it still works, otherwise an Organization, created by the
 * operator unless one with the same code is there, a contract, and a client with a new ES384 key.
 */
export async function enrol(stage: Stage, name: InstitutionName): Promise<Enrolled> {
  const known = stage.clients.get(name);
  if (known) {
    const institution = institutionOf(stage, name, known);
    if (await works(institution)) return { institution, client: known, isNew: false };
  }
  const data = organization(name);
  const identifier = data.identifier?.[0] as { system: string; value: string };
  const created = await stage.operator.fhir.post('Organization', data, { 'if-none-exist': byIdentifier(identifier) });
  stage.checks.must(stage.operator, `registers ${titleOf(name)} (${name})`, created.ok, created);
  await contract(stage, name, created.reference());
  const client = await registerClient(stage, name, created.reference());
  return { institution: institutionOf(stage, name, client), client, isNew: true };
}

/** The institution applies on the prescribed form, and the operator accepts: service starts today. */
async function contract(stage: Stage, name: InstitutionName, organization: string): Promise<void> {
  const { operator, checks } = stage;
  const running = await operator.fhir.get(`Contract?subject=${organization}&status=executed&_summary=count`);
  if (running.ok && running.as<Bundle>('Bundle').total) return;
  const applied = await operator.fhir.post(
    'Contract/$apply',
    parameters(
      { name: 'application', resource: application(name, jstDate(stage.moment.now)) },
      { name: 'organization', valueReference: { reference: organization } },
    ),
  );
  checks.must(operator, `receives the application of ${titleOf(name)} on the prescribed form`, applied.ok, applied);
  const accepted = await operator.fhir.post(`${output(applied, 'contract')}/$accept`, parameters());
  checks.must(operator, `accepts it: a contract of one year, from today on`, accepted.ok, accepted);
}

async function registerClient(stage: Stage, name: InstitutionName, organization: string): Promise<DemoClient> {
  const { privateKeyJwk, publicKeyJwk } = keyPair();
  const answer = await stage.operator.fhir.post(
    `${organization}/$register-client`,
    parameters(
      { name: 'name', valueString: `${titleOf(name)} demo client` },
      { name: 'jwks', valueString: JSON.stringify({ keys: [publicKeyJwk] }) },
      { name: 'scope', valueString: SCOPE },
    ),
  );
  stage.checks.must(stage.operator, `registers the public key of ${titleOf(name)}'s system`, answer.ok, answer);
  return {
    clientId: output(answer, 'clientId'),
    organization: organization.slice('Organization/'.length),
    privateKeyJwk,
    scope: SCOPE,
  };
}

/** A new key for ES384, both halves as JWK (RFC 7517). */
function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const more = { kid: randomUUID(), alg: 'ES384', use: 'sig' };
  return {
    privateKeyJwk: { ...privateKey.export({ format: 'jwk' }), ...more },
    publicKeyJwk: { ...publicKey.export({ format: 'jwk' }), ...more },
  };
}

/** The client's way to the server: a token of its own on every request. */
export function clientOf(base: string, tokenUrl: string, client: DemoClient): FhirClient {
  const { clientId, privateKeyJwk, scope } = client;
  const tokens = createClient({ tokenUrl, clientId, privateKeyJwk, scope });
  return fhirClient(base, () => tokens.token());
}

function institutionOf({ base, tokenUrl }: Stage, name: InstitutionName, client: DemoClient): Institution {
  const fhir = clientOf(base, tokenUrl, client);
  return { name, title: titleOf(name), organization: `Organization/${client.organization}`, fhir };
}

/** Whether the server still knows the client and its institution: not so after DATA_DIR met another database. */
async function works({ fhir, organization }: Institution): Promise<boolean> {
  try {
    return (await fhir.get(organization)).ok;
  } catch {
    return false;
  }
}
