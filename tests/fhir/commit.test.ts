import { Access } from '../../src/access/access.ts';
import { type CommitOptions, commit } from '../../src/fhir/commit.ts';
import type { Change, Engine, Rule } from '../../src/fhir/engine.ts';
import { Stage } from '../services/contract/stage.ts';
import { caller } from '../store/stage.ts';

let stage: Stage;
let access: Access;
beforeAll(async () => {
  stage = await Stage.open('2026-03-02');
  const id = stage.hospital.organization.slice('Organization/'.length);
  const organization = stage.server.engine.keys.rid('Organization', id);
  access = Access.of(
    caller('hospital', { organization, organizationId: id, networks: [organization] }, 'cooperating-hospital'),
  );
});
afterAll(() => stage.close());

const PATIENT = { resourceType: 'Patient', name: [{ text: '港 太郎' }] };

/** What the changes take: statements beside those of a transaction, and transactions. */
async function taken(changes: readonly Change[], rules?: readonly Rule[], options?: CommitOptions) {
  const { engine } = stage.server;
  const took = { statements: 0, transactions: 0 };
  const database: Pick<Engine['database'], 'query' | 'transaction'> = {
    query: (text, values) => {
      took.statements++;
      return engine.database.query(text, values);
    },
    transaction: (work) => {
      took.transactions++;
      return engine.database.transaction(work);
    },
  };
  const counting = { ...engine, database: database as Engine['database'], rules: rules ?? engine.rules };
  const outcomes = await commit(counting, access, changes, options);
  return { took, outcomes };
}

const create = (resource: object): Change => ({ interaction: 'create', type: 'Patient', resource: resource as never });

describe('a change', () => {
  it('that creates one Patient is one statement', async () => {
    const { took, outcomes } = await taken([create(PATIENT)]);
    expect(took).toEqual({ statements: 1, transactions: 0 });
    expect(outcomes).toMatchObject([{ result: 'created', type: 'Patient', version: 1 }]);
  });

  it('of several, on a condition, or of what is there, is a transaction', async () => {
    const [made] = (await taken([create(PATIENT)])).outcomes;
    const id = made?.id as string;
    const update = { interaction: 'update', type: 'Patient', id, resource: { ...PATIENT, id } } as unknown as Change;
    for (const changes of [
      [create(PATIENT), create(PATIENT)],
      [{ ...create(PATIENT), ifNoneExist: 'identifier=none' }],
      [update],
    ])
      expect((await taken(changes as Change[])).took).toEqual({ statements: 0, transactions: 1 });
  });
});

describe('a rule', () => {
  const noting = (said: string[], on?: Rule['on']): Rule => ({
    types: ['Patient'],
    ...(on && { on }),
    before: (_, { interaction }) => void said.push(`before ${interaction}`),
    after: async (_, { interaction }) => void said.push(`after ${interaction}`),
  });
  const allThree = async (rule: Rule) => {
    const [made] = (await taken([create(PATIENT)], [rule])).outcomes;
    const named = { type: 'Patient', id: made?.id as string };
    await taken([{ interaction: 'update', ...named, resource: { ...PATIENT, id: named.id } as never }], [rule]);
    await taken([{ interaction: 'delete', ...named } as Change], [rule]);
  };

  it('is about every change, unless it says about which', async () => {
    const said: string[] = [];
    await allThree(noting(said));
    expect(said).toEqual(['create', 'update', 'delete'].flatMap((one) => [`before ${one}`, `after ${one}`]));
  });

  it.each(['create', 'update', 'delete'] as const)('that is about %s alone is told of nothing else', async (one) => {
    const said: string[] = [];
    await allThree(noting(said, [one]));
    expect(said).toEqual([`before ${one}`, `after ${one}`]);
  });

  it('that is not about creating leaves a create one statement', async () => {
    const statements = async (on?: Rule['on']) => (await taken([create(PATIENT)], [noting([], on)])).took;
    expect(await statements(['update', 'delete'])).toEqual({ statements: 1, transactions: 0 });
    expect(await statements()).toEqual({ statements: 0, transactions: 1 });
  });
});
