import { indexResource } from '../../src/fhir/indexing/index.ts';
import { Keys } from '../../src/store/keys.ts';
import { readSecrets } from '../../src/store/secret.ts';
import { type Kind, type Member, type Network, openNetwork } from '../support/network.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import type { Laid } from './ground.ts';
import { redeem } from './secret.ts';
import type { Json } from './sheet.ts';
import { type Affiliation, type Grant, INSTITUTIONS, type Institution, type Record, type World } from './world.ts';

/** A random world as institutions have written it over HTTP, so far as the server let them. */
export interface Served {
  readonly server: RunningServer;
  /** By the id of the Organization. */
  readonly members: ReadonlyMap<string, Member>;
  readonly institutions: readonly Institution[];
  readonly keys: Keys;
  /** What is there at last, and who was let in. */
  readonly world: World;
  readonly rows: readonly Laid[];
}

/** Starts a server and writes the world to it. What it refuses is no part of the world any more. */
export async function serve(drawn: World): Promise<Served> {
  const server = await startServer({ env: { UPDATE_CREATE: 'true' } });
  try {
    const network = await openNetwork(server);
    const { members, ids } = await enrol(network);
    const named = rename(drawn, ids);
    const written = new Written();
    const affiliations = await affiliate(named.affiliations, members, written);
    const patients = named.records.filter(({ json }) => json.resourceType === 'Patient');
    for (const record of patients) await written.put(record, members);
    const consents = await grant(named.grants, members, written);
    for (
      let left = named.records.filter((record) => !patients.includes(record) && isWritten(record)), before = -1;
      left.length !== before;
    ) {
      before = left.length;
      const refused: Record[] = [];
      for (const record of left) if (!(await written.put(record, members))) refused.push(record);
      left = refused;
    }
    for (const record of named.records) await written.changeOrDelete(record, members);
    const grants = await end(consents, members, written);
    await keepPapers(network, written);
    await written.readAgain(members);
    for (const [id, member] of members) {
      const { body } = await member.get(`Organization/${id}`);
      if (body.resourceType === 'Organization') written.keep(body, id);
    }
    const keys = await keysOf(server);
    const rows = written.rows(keys, server.baseUrl);
    const world = { affiliations, grants, records: rows.map(({ record }) => record) };
    const institutions = INSTITUTIONS.map(({ id, kind }) => ({ id: ids.get(id) as string, kind }));
    return { server, members, institutions, keys, world, rows };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** What others make: the operator its definitions, hospitals their affiliations, the service its consents. */
const isWritten = ({ json, owner }: Record): boolean =>
  !['Consent', 'OrganizationAffiliation', 'Questionnaire'].includes(json.resourceType) && json.id !== owner;

async function enrol(network: Network) {
  const members = new Map<string, Member>();
  const ids = new Map<string, string>();
  for (const { id, kind } of INSTITUTIONS) {
    const member = kind === 'operator' ? network.operator : await network.enrol(kind as Kind, id);
    const own = member.organization.slice('Organization/'.length);
    members.set(own, member);
    ids.set(id, own);
  }
  return { members, ids };
}

/** What the enrolment has made, which is the operator's: contracts, applications, notices and the form. */
async function keepPapers({ operator }: Network, written: Written): Promise<void> {
  const owner = operator.organization.slice('Organization/'.length);
  for (const type of ['Contract', 'QuestionnaireResponse', 'Communication', 'Questionnaire']) {
    const { body } = await operator.get(`${type}?_count=200`);
    for (const { resource } of body.entry ?? []) written.keep(resource, owner);
  }
}

/** The world with the ids that the server gave; every Patient with a whole birth date, by which a keycode is redeemed. */
function rename(world: World, ids: ReadonlyMap<string, string>): World {
  let text = JSON.stringify(world);
  for (const [name, id] of ids)
    text = text.replaceAll(`"${name}"`, `"${id}"`).replaceAll(`"Organization/${name}"`, `"Organization/${id}"`);
  const { affiliations, grants, records } = JSON.parse(text) as World;
  const born = (json: Json): Json => (json.resourceType === 'Patient' ? { ...json, birthDate: BIRTH } : json);
  return {
    affiliations,
    grants,
    records: records.map((record) => ({ ...record, json: born(record.json), earlier: record.earlier.map(born) })),
  };
}
const BIRTH = '1951-02-03';

/** Registers the members; answers for what, since the medical service is refused to those who are not medical institutions. */
async function affiliate(
  affiliations: readonly Affiliation[],
  members: ReadonlyMap<string, Member>,
  written: Written,
): Promise<Affiliation[]> {
  const registered: Affiliation[] = [];
  for (const one of affiliations) {
    const hospital = members.get(one.hospital) as Member;
    const asked = await hospital.post('OrganizationAffiliation', affiliation(one));
    const granted = asked.status === 422 ? { ...one, medical: false } : one;
    const { status, body, text } =
      asked.status === 422 ? await hospital.post('OrganizationAffiliation', affiliation(granted)) : asked;
    if (status !== 201) throw new Error(`an affiliation was answered with ${text}`);
    written.keep(body, one.hospital);
    registered.push(granted);
  }
  return registered;
}

const PERIODS = {
  live: undefined,
  ended: { start: '2020-01-01', end: '2021-01-01' },
  'to come': { start: '2090-01-01' },
};

function affiliation({ hospital, member, medical, timeline, active, standing }: Affiliation): object {
  const services = ['care-cooperation', ...(timeline ? ['timeline'] : []), ...(medical ? ['medical-cooperation'] : [])];
  const system = 'https://tasuki.example/fhir/CodeSystem/cooperation-service';
  return {
    resourceType: 'OrganizationAffiliation',
    active,
    organization: { reference: `Organization/${hospital}` },
    participatingOrganization: { reference: `Organization/${member}` },
    code: services.map((code) => ({ coding: [{ system, code }] })),
    ...(PERIODS[standing] && { period: PERIODS[standing] }),
  };
}

/** Redeems a keycode for every grant that can be had, those too that will have ended; answers the Consents. */
async function grant(grants: readonly Grant[], members: ReadonlyMap<string, Member>, written: Written) {
  const consents: { readonly grant: Grant; readonly consent: string; readonly hospital: string }[] = [];
  for (const one of grants) {
    const hospital = written.ownerOf(`Patient/${one.patient}`);
    const [issuer, redeemer] = [members.get(hospital ?? ''), members.get(one.institution)];
    if (!hospital || !issuer || !redeemer || one.standing === 'to come') continue;
    const consent = await redeem(issuer, redeemer, `Patient/${one.patient}`).catch(() => undefined);
    if (consent) consents.push({ grant: one, consent, hospital });
  }
  return consents;
}

/** Withdraws those that are to have ended; answers what grants there were. */
async function end(
  consents: Awaited<ReturnType<typeof grant>>,
  members: ReadonlyMap<string, Member>,
  written: Written,
): Promise<Grant[]> {
  for (const { grant, consent, hospital } of consents) {
    const member = members.get(hospital) as Member;
    if (grant.standing === 'ended') await member.send('POST', `${consent}/$withdraw`);
    written.keep((await member.get(consent)).body, hospital);
  }
  return consents.map(({ grant }) => grant);
}

async function keysOf(server: RunningServer): Promise<Keys> {
  const database = await server.database?.open({ poolSize: 1 });
  if (!database) throw new Error('the server has a database of its own');
  return new Keys((await readSecrets(database)).get('keys') ?? '');
}

/** What the server has stored, by name. */
class Written {
  readonly #kept = new Map<string, { json: Json; owner: string; deleted: boolean }>();

  keep(json: Json, owner: string, deleted = false): void {
    this.#kept.set(`${json.resourceType}/${json.id}`, { json, owner, deleted });
  }

  ownerOf(name: string): string | undefined {
    return this.#kept.get(name)?.owner;
  }

  /** Whether the server took it. */
  async put({ json, earlier, owner }: Record, members: ReadonlyMap<string, Member>): Promise<boolean> {
    const stored = await send(members.get(owner) as Member, earlier[0] ?? json);
    if (stored) this.keep(stored, owner);
    return stored !== undefined;
  }

  async changeOrDelete({ json, earlier, owner, deleted }: Record, members: ReadonlyMap<string, Member>): Promise<void> {
    const name = `${json.resourceType}/${json.id}`;
    const member = members.get(owner);
    if (!this.#kept.has(name) || !member || json.id === owner) return;
    const changed = earlier.length > 0 ? await send(member, json) : undefined;
    if (changed) this.keep(changed, owner);
    const last = this.#kept.get(name)?.json as Json;
    if (deleted && (await member.send('DELETE', name)).status === 204) this.keep(last, owner, true);
  }

  /** What the service itself has changed since, so far as its owner still sees it. */
  async readAgain(members: ReadonlyMap<string, Member>): Promise<void> {
    for (const [name, { owner, deleted }] of this.#kept) {
      if (deleted) continue;
      const reply = await members.get(owner)?.get(name);
      if (reply?.status === 200) this.keep(reply.body, owner);
    }
  }

  rows(keys: Keys, baseUrl: string): Laid[] {
    return [...this.#kept.values()].map(({ json, owner, deleted }) => {
      const { versionId = '0', lastUpdated = '' } = (json.meta ?? {}) as { versionId?: string; lastUpdated?: string };
      const index = indexResource(json, { keys, baseUrl, zone: 'Asia/Tokyo' });
      const { resourceType: type, id } = json;
      return {
        rid: keys.rid(type, id),
        type,
        id,
        rows: index,
        date: index.date,
        updated: Date.parse(lastUpdated),
        version: Number(versionId),
        record: { json, owner, earlier: [], deleted },
      };
    });
  }
}

/** Stores the resource, without those of its references that its writer may not make; undefined where nothing valid is left. */
async function send(member: Member, resource: Json): Promise<Json | undefined> {
  let left: Json | undefined = resource;
  while (left) {
    const { status, body } = await member.put(`${left.resourceType}/${left.id}`, left);
    if (status === 200 || status === 201) return body;
    const absent: string[] = (body.issue ?? []).flatMap(
      ({ diagnostics }: { diagnostics: string }) => /^(\S+) does not exist/.exec(diagnostics)?.[1] ?? [],
    );
    left = absent.length > 0 ? (without(left, absent) as Json) : undefined;
  }
  return undefined;
}

/** Without the objects that hold these references, and without what is empty then. */
function without(node: unknown, references: readonly string[]): unknown {
  if (Array.isArray(node)) {
    const left = node.map((one) => without(one, references)).filter((one) => one !== undefined);
    return left.length > 0 ? left : undefined;
  }
  if (!node || typeof node !== 'object') return node;
  if (references.includes((node as { reference?: string }).reference ?? '')) return undefined;
  const left = Object.entries(node).map(([name, value]) => [name, without(value, references)] as const);
  const present = left.filter(([, value]) => value !== undefined);
  return present.length > 0 ? Object.fromEntries(present) : undefined;
}
