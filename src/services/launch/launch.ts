import { randomBytes } from 'node:crypto';
import type { Operation, OperationRequest } from '../../fhir/engine.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import { parameter } from '../../fhir/parameters.ts';
import { refuse } from '../../http/errors.ts';
import { AUTHORIZE_PATH, isClientId, tokenHash } from '../../identity/index.ts';
import { findClient } from '../../store/identity.ts';
import { insertLaunch } from '../../store/interaction.ts';
import { referenced } from '../../store/read.ts';

/** Long enough for a browser to open the app, seconds. */
const SECONDS = 300;

/**
 * `$launch`: opens an app from another one (EHR launch, https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html). The answer's
 * `launch` goes with `iss` to the app's launch address, once and within five minutes; it can be followed by the person who made it alone,
 * or, where a system made it, by the people of its institution.
 */
export const launchOperation: Operation = {
  name: 'launch',
  types: [],
  level: 'system',
  methods: ['POST'],
  kinds: [],
  permission: 'r',
  documentation:
    'Opens an app with a patient. In: client (id of the app), patient (Reference, optional). Out: launch, iss, url where the app has a launch address.',
  run: async (request) => {
    const { engine, access, body } = request;
    const { caller } = access;
    if (!caller) throw refuse.forbidden('$launch is for callers');
    const client = parameter(body, 'client')?.valueString;
    const app = isClientId(client) ? await findClient(engine.database, client) : undefined;
    const ours = app && (app.institution === caller.organization || app.institution_kind === 'operator');
    if (!app || !ours || app.kind !== 'app')
      throw refuse.unprocessable('There is no such app', "Parameters.parameter('client')", 'not-found');
    const patient = await patientOf(request);
    const launch = randomBytes(32).toString('base64url');
    await insertLaunch(engine.database, {
      hash: tokenHash(launch),
      client: app.id,
      institution: caller.organization,
      person: caller.person?.id ?? null,
      patient,
      seconds: SECONDS,
    });
    const iss = `${engine.baseUrl}/fhir`;
    const [address] = app.launch_uris;
    return {
      status: 200,
      headers: { 'Cache-Control': 'no-store' },
      body: {
        resourceType: 'Parameters',
        parameter: [
          { name: 'launch', valueString: launch },
          { name: 'iss', valueUrl: iss },
          ...(address === undefined ? [] : [{ name: 'url', valueUrl: addressOf(address, iss, launch) }]),
          { name: 'authorize', valueUrl: `${engine.baseUrl}${AUTHORIZE_PATH}` },
        ],
      },
    };
  },
};

/** A Patient that the caller may read; null where none is named. */
async function patientOf({ engine, access, body }: OperationRequest): Promise<{ rid: bigint; id: string } | null> {
  const given = parameter(body, 'patient');
  if (!given) return null;
  const text = (given.valueReference as { reference?: unknown } | undefined)?.reference;
  const local = typeof text === 'string' ? parseReference(text, engine.baseUrl) : null;
  const rid = local?.type === 'Patient' ? engine.keys.rid('Patient', local.id) : undefined;
  const known =
    rid === undefined ? undefined : (await referenced(access, engine.database, [rid], ['Patient'])).get(rid);
  if (!known) throw refuse.unprocessable('There is no such patient', "Parameters.parameter('patient')", 'not-found');
  return { rid: known.rid, id: known.id };
}

function addressOf(address: string, iss: string, launch: string): string {
  const url = new URL(address);
  url.searchParams.set('iss', iss);
  url.searchParams.set('launch', launch);
  return url.href;
}
