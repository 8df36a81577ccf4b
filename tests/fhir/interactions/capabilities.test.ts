import { policyTable } from '../../../src/access/policy.ts';
import { resourceTypes, searchParameters } from '../../../src/definitions/index.ts';
import type { Member } from '../../support/network.ts';
import { openWorld, type World } from '../../support/world.ts';
import { batch, getting } from './samples.ts';

interface Listed {
  readonly type: string;
  readonly interaction: readonly { readonly code: string }[];
  readonly searchParam?: readonly { readonly name: string; readonly type: string }[];
  readonly searchInclude?: readonly string[];
  readonly searchRevInclude?: readonly string[];
  readonly operation?: readonly { readonly name: string; readonly definition: string }[];
}

type Listing = { readonly extension: readonly object[] };

let world: World;
let hospital: Member;
let rest: { resource: Listed[]; interaction: { code: string }[]; operation?: { name: string }[] };
let statement: { rest: (typeof rest)[] } & Record<string, unknown>;

beforeAll(async () => {
  world = await openWorld();
  ({ hospital } = world);
  statement = (await hospital.get('metadata')).body;
  rest = statement.rest[0] as typeof rest;
});
afterAll(() => world.close());

/** Status and code of the first issue of each entry, in batches. */
async function tried(
  member: Member,
  entries: readonly object[],
): Promise<{ status: number; code: string | undefined }[]> {
  const answers: { status: number; code: string | undefined }[] = [];
  for (let from = 0; from < entries.length; from += 1000) {
    const reply = await member.post('', batch(...entries.slice(from, from + 1000)), { prefer: 'return=minimal' });
    for (const { response } of reply.body.entry)
      answers.push({ status: Number.parseInt(response.status, 10), code: response.outcome?.issue[0]?.code });
  }
  return answers;
}

const interactionsOf = ({ interaction }: Listed) => interaction.map(({ code }) => code);
const writer = (type: string): Member => (policyTable().get(type) === 'f' ? world.network.operator : hospital);

/** One request of an interaction on something that is not there. */
const REQUESTS: Readonly<Record<string, (type: string) => object>> = {
  read: (type) => getting(`${type}/none`),
  vread: (type) => getting(`${type}/none/_history/1`),
  'history-instance': (type) => getting(`${type}/none/_history`),
  'search-type': (type) => getting(`${type}?_count=0`),
  create: (type) => ({ resource: { resourceType: type, nothing: 1 }, request: { method: 'POST', url: type } }),
  update: (type) => ({
    resource: { resourceType: type, id: 'none', nothing: 1 },
    request: { method: 'PUT', url: `${type}/none` },
  }),
  delete: (type) => ({ request: { method: 'DELETE', url: `${type}/none` } }),
};
const PRESENT: Readonly<Record<string, string>> = {
  read: '404 not-found',
  vread: '404 not-found',
  'history-instance': '404 not-found',
  'search-type': '200 undefined',
  create: '422 structure',
  update: '422 structure',
  delete: '404 not-found',
};

describe('the CapabilityStatement', () => {
  it('is a valid CapabilityStatement of R4, for everyone', async () => {
    const reply = await world.network.operator.post('CapabilityStatement', statement);
    expect([reply.status, reply.body.issue]).toEqual([201, undefined]);
    expect(statement).toMatchObject({
      fhirVersion: '4.0.1',
      kind: 'instance',
      implementation: { url: `${world.server.baseUrl}/fhir` },
    });
    expect(await (await world.server.fhir('/metadata')).json()).toEqual(statement);
  });

  it('says where tokens come from, in the words of the discovery document', async () => {
    const found = await (await world.server.fhir('/.well-known/smart-configuration')).json();
    const { security } = statement.rest[0] as unknown as { security: { cors: boolean; extension: Listing[] } };
    expect(security.cors).toBe(true);
    expect(security.extension[0]!.extension).toEqual([
      { url: 'authorize', valueUri: found.authorization_endpoint },
      { url: 'token', valueUri: found.token_endpoint },
      { url: 'introspect', valueUri: found.introspection_endpoint },
      { url: 'revoke', valueUri: found.revocation_endpoint },
    ]);
  });

  it('has each type that the policy serves, once, and no other', () => {
    const served = [...policyTable()].filter(([, policy]) => policy !== 'x').map(([type]) => type);
    expect(rest.resource.map(({ type }) => type)).toEqual(served.sort());
  });
});

describe('what it lists works', () => {
  it.each(Object.keys(REQUESTS))('%s', async (code) => {
    const types = rest.resource.filter((one) => interactionsOf(one).includes(code)).map(({ type }) => type);
    expect(types.length).toBeGreaterThan(100);
    const broken: string[] = [];
    for (const member of [hospital, world.network.operator]) {
      const own = ['create', 'update', 'delete'].includes(code)
        ? types.filter((type) => writer(type) === member)
        : member === hospital
          ? types
          : [];
      const answers = await tried(
        member,
        own.map((type) => REQUESTS[code]?.(type) as object),
      );
      broken.push(
        ...own.flatMap((type, i) => {
          const answer = `${answers[i]?.status} ${answers[i]?.code}`;
          return answer === PRESENT[code] ? [] : [`${type}: ${answer}`];
        }),
      );
    }
    expect(broken).toEqual([]);
  });

  it('every search parameter', async () => {
    const values: Readonly<Record<string, string>> = {
      token: 'x',
      string: 'x',
      date: '2026',
      number: '1',
      quantity: '1',
      uri: 'https://x.example',
      reference: 'Patient/x',
    };
    const urls = rest.resource.flatMap(({ type, searchParam = [] }) =>
      searchParam.map(
        ({ name, type: kind }) => `${type}?${name}=${name === 'agent' ? 'Organization/x' : values[kind]}&_count=0`,
      ),
    );
    expect(urls.length).toBeGreaterThan(1500);
    const answers = await tried(
      hospital,
      urls.map((url) => getting(url)),
    );
    expect(urls.filter((_, i) => answers[i]?.status !== 200)).toEqual([]);
  });

  it('every include', async () => {
    const urls = rest.resource.flatMap(({ type, searchInclude = [], searchRevInclude = [] }) => [
      ...searchInclude.slice(0, 3).map((include) => `${type}?_include=${include}&_count=1`),
      ...searchRevInclude.slice(0, 1).map((include) => `${type}?_revinclude=${include}&_count=1`),
    ]);
    expect(urls.length).toBeGreaterThan(300);
    const answers = await tried(
      hospital,
      urls.map((url) => getting(url)),
    );
    expect(urls.filter((_, i) => answers[i]?.status !== 200)).toEqual([]);
  });

  it('every operation, at the levels where it is listed', async () => {
    const operations = rest.resource.flatMap(({ type, operation = [] }) =>
      operation.map(({ name }) => `${type} ${name}`),
    );
    const system = (rest.operation ?? []).map(({ name }) => ` ${name}`);
    expect(system.length + operations.length).toBeGreaterThan(6);
    for (const one of [...operations, ...system]) {
      const [type, name] = one.split(' ');
      const addresses = type ? [`${type}/$${name}`, `${type}/none/$${name}`] : [`$${name}`];
      const answers = await Promise.all(
        addresses.flatMap((address) => ['GET', 'POST'].map((method) => hospital.send(method, address))),
      );
      const known = answers.filter(
        ({ status, body }) => !(status === 405 || (status === 404 && body.issue[0].code === 'not-supported')),
      );
      expect([one, known.length]).toEqual([one, expect.any(Number)]);
      expect([one, known.length > 0]).toEqual([one, true]);
      expect([one, known.some(({ status }) => status >= 500)]).toEqual([one, false]);
    }
  });

  it('transaction and batch', () => {
    expect(rest.interaction.map(({ code }) => code).sort()).toEqual(['batch', 'transaction']);
  });
});

describe('what it does not list does not work', () => {
  it('types', async () => {
    const denied = resourceTypes().filter((type) => !rest.resource.some((one) => one.type === type));
    expect(denied.length).toBeGreaterThan(3);
    for (const code of ['read', 'search-type', 'create', 'delete']) {
      const answers = await tried(
        hospital,
        denied.map((type) => REQUESTS[code]?.(type) as object),
      );
      expect(answers.map(({ status }) => status)).toEqual(denied.map(() => 403));
    }
  });

  it('interactions', async () => {
    const missing = rest.resource.flatMap((one) =>
      Object.keys(REQUESTS)
        .filter((code) => !interactionsOf(one).includes(code))
        .map((code) => [one.type, code] as const),
    );
    expect(missing.length).toBeGreaterThan(5);
    for (const member of [hospital, world.network.operator]) {
      const answers = await tried(
        member,
        missing.map(([type, code]) => REQUESTS[code]?.(type) as object),
      );
      const working = missing.filter((_, i) => ![403, 404, 405].includes(answers[i]?.status as number));
      expect(working).toEqual([]);
    }
  });

  it('search parameters of R4', async () => {
    const special = ['_text', '_content', '_list', '_filter', '_query', '_elements', '_contained', '_type', 'near'];
    const urls = rest.resource.flatMap(({ type, searchParam = [] }) => {
      const listed = new Set(searchParam.map(({ name }) => name));
      const all = [...searchParameters(type).keys(), ...special];
      return all.filter((name) => !listed.has(name)).map((name) => `${type}?${name}=x&_count=0`);
    });
    expect(urls.length).toBeGreaterThan(rest.resource.length * 5);
    const answers = await tried(
      hospital,
      urls.map((url) => getting(url)),
    );
    expect(urls.filter((_, i) => answers[i]?.status !== 400)).toEqual([]);
  });

  it('writing by those who never may', async () => {
    const definitions = [...policyTable()].filter(([, policy]) => policy === 'f').map(([type]) => type);
    const clinical = [...policyTable()].filter(([, policy]) => policy === 'c').map(([type]) => type);
    const bySuch = async (member: Member, types: string[]) =>
      new Set(
        (
          await tried(
            member,
            types.map((type) => REQUESTS.create?.(type) as object),
          )
        ).map(({ status }) => status),
      );
    expect(await bySuch(hospital, definitions)).toEqual(new Set([403]));
    expect(await bySuch(world.network.operator, clinical)).toEqual(new Set([403]));
    expect(await bySuch(world.clinic, ['Schedule', 'Slot', 'OrganizationAffiliation'])).toEqual(new Set([403]));
  });
});
