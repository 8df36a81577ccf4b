import { Access, type Scope } from '../../src/access/access.ts';
import type { PersonRole } from '../../src/access/roles.ts';
import { filterName } from '../../src/access/sight.ts';
import { outOfScope } from '../../src/store/allowed.ts';
import { narrow } from '../../src/store/narrow.ts';
import type { Query, SearchPlan } from '../../src/store/query.ts';
import { read, readVersion, referenced } from '../../src/store/read.ts';
import { count, search } from '../../src/store/search.ts';
import { Values } from '../../src/store/sql.ts';
import { visible, visibleVersion } from '../../src/store/visible.ts';
import { isWithinScopes } from '../../src/store/within-scopes.ts';
import { caller, institution, keys, ridOf, Stage } from './stage.ts';

const LAB = keys.of('category laboratory');
const SUBJECT = keys.param('Observation', 'subject');
const QUERY: Query = { kind: 'keys', any: [LAB] };
const MINE = [ridOf('Patient/mine')];
const OTHER = [ridOf('Patient/other')];
const HOME = { owner: 'hospital', home: institution('hospital') };

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.store({
    'Patient/mine': { ...HOME, patients: MINE },
    'Patient/other': { ...HOME, patients: OTHER },
    'Observation/lab': { ...HOME, patients: MINE, keys: [LAB, SUBJECT ^ (MINE[0] as bigint)] },
    'Observation/vital': { ...HOME, patients: MINE, keys: [SUBJECT ^ (MINE[0] as bigint)] },
    'Observation/others': { ...HOME, patients: OTHER, keys: [LAB, SUBJECT ^ (OTHER[0] as bigint)] },
    'Observation/both': { ...HOME, patients: [...MINE, ...OTHER], keys: [LAB] },
    'Organization/hospital': { class: 'd', owner: 'hospital' },
    'Practitioner/doctor': { class: 'd', owner: 'hospital' },
    'Practitioner/me': { class: 'd', owner: 'hospital' },
  });
});
afterAll(() => stage.close());

const scope = (text: string, letters = 'cruds'): Scope => {
  const [, context, type = '', query] = /^(system|user|patient)\/([A-Za-z*]+)(?:\?(.*))?$/.exec(text) ?? [];
  const has = (letter: string) => letters.includes(letter);
  return {
    ...(context !== 'system' && { context: context as 'user' | 'patient' }),
    type,
    ...(query !== undefined && { query }),
    c: has('c'),
    r: has('r'),
    u: has('u'),
    d: has('d'),
    s: has('s'),
  };
};

const FILTERS = new Map([[filterName('Observation', 'category=laboratory'), QUERY]]);

function token(scopes: readonly Scope[], roles?: readonly PersonRole[], patient?: bigint): Access {
  const person = roles && {
    id: 'p',
    name: 'x',
    practitioner: ridOf('Practitioner/me'),
    practitionerId: 'me',
    roles,
    strong: true,
    authenticatedAt: 0,
    session: null,
  };
  const more = { scopes, ...(person && { person }), ...(patient !== undefined && { patient }) };
  return Access.of(caller('hospital', more, 'cooperating-hospital'), FILTERS);
}

const sql = (access: Access, types: readonly string[] | undefined, leg: 'read' | 'search' | 'name' | 'change') => {
  const values = new Values();
  const version = visibleVersion('v', 'r', access, values, types, 'read');
  return [visible('r', access, values, types, leg), version, values.list];
};

describe('the SQL', () => {
  const before = token([scope('system/*')]);

  it.each([
    ['of a type that the scopes open whole', [scope('system/Observation')], ['Observation']],
    ['of several such types', [scope('system/Observation'), scope('system/Patient')], ['Patient', 'Observation']],
    [
      'under a query that a wider scope makes needless',
      [scope('system/Observation?category=laboratory'), scope('system/Observation')],
      ['Observation'],
    ],
  ])('%s is that of a token that may everything', (_, scopes, types) => {
    for (const leg of ['read', 'search', 'name', 'change'] as const)
      expect(sql(token(scopes), types, leg)).toEqual(sql(before, types, leg));
  });

  it('has nothing of scopes for a system that may everything, whether or not the types are known', () => {
    expect(sql(before, undefined, 'read').join()).not.toMatch(/type = ANY|launched/);
    const system = narrow('r', before, new Values(), undefined, 'search');
    expect(system).toEqual({ types: undefined, condition: undefined });
  });

  it('is that of a person whose role opens the types whole', () => {
    const physician = token([scope('user/*')], ['physician']);
    expect(sql(physician, ['Observation', 'Patient'], 'search')).toEqual(
      sql(before, ['Observation', 'Patient'], 'search'),
    );
  });

  it('finds nothing where nothing is left', () => {
    expect(visible('r', token([scope('system/Patient')]), new Values(), ['Observation'], 'search')).toBe('(FALSE)');
    expect(visible('r', token([]), new Values(), undefined, 'read')).toBe('(FALSE)');
  });

  it('refuses a query that leads to other resources', () => {
    const chain: Query = { kind: 'refersTo', salts: [SUBJECT], types: ['Patient'], query: QUERY };
    const filters = new Map([[filterName('Observation', 'category=laboratory'), chain]]);
    const { caller: who } = token([scope('system/Observation?category=laboratory')]);
    const access = Access.of(who as NonNullable<Access['caller']>, filters);
    expect(() => visible('r', access, new Values(), ['Observation'], 'search')).toThrow('leads to other resources');
  });
});

const plan = (type: string, more: Partial<SearchPlan> = {}): SearchPlan => ({
  type,
  query: { kind: 'and', all: [] },
  sort: [],
  includes: [],
  count: 50,
  total: true,
  ...more,
});

async function found(access: Access, asked: SearchPlan): Promise<string[]> {
  const { rows, total } = await search(access, stage.database, asked);
  expect(total).toBe(rows.filter(({ mode }) => mode === 'match').length);
  expect(await count(access, stage.database, asked)).toBe(total);
  return rows.map(({ type, id }) => `${type}/${id}`).sort();
}

describe('a search', () => {
  const LAUNCHED = token([scope('patient/*')], ['physician'], MINE[0]);

  it('for one patient finds what is about that one alone', async () => {
    expect(await found(LAUNCHED, plan('Observation'))).toEqual(['Observation/lab', 'Observation/vital']);
    expect(await found(LAUNCHED, plan('Patient'))).toEqual(['Patient/mine']);
    expect(await found(LAUNCHED, plan('Practitioner'))).toEqual([]);
  });

  it('under a query finds what matches it', async () => {
    const access = token([scope('system/Observation?category=laboratory')]);
    expect(await found(access, plan('Observation'))).toEqual([
      'Observation/both',
      'Observation/lab',
      'Observation/others',
    ]);
  });

  it('under a query for one patient finds what is both; beside another scope what is either', async () => {
    const query = scope('patient/Observation?category=laboratory');
    expect(await found(token([query], ['nurse'], MINE[0]), plan('Observation'))).toEqual(['Observation/lab']);
    const either = token([query, scope('user/Observation?category=laboratory')], ['nurse'], MINE[0]);
    expect(await found(either, plan('Observation'))).toEqual([
      'Observation/both',
      'Observation/lab',
      'Observation/others',
    ]);
  });

  it('brings along what may be read, and chains through what may be searched', async () => {
    const back = { reverse: true, salt: SUBJECT, types: ['Observation'] };
    const patients = plan('Patient', { includes: [back] });
    const both = [scope('system/Patient', 'rs'), scope('system/Observation?category=laboratory', 'rs')];
    expect(await found(token(both), patients)).toEqual([
      'Observation/lab',
      'Observation/others',
      'Patient/mine',
      'Patient/other',
    ]);
    expect(await found(token([scope('system/Patient', 'rs'), scope('system/Observation', 's')]), patients)).toEqual([
      'Patient/mine',
      'Patient/other',
    ]);
    const having: Query = { kind: 'referredBy', salt: SUBJECT, type: 'Observation', query: { kind: 'and', all: [] } };
    const asked = plan('Patient', { query: having });
    expect(await found(token([scope('system/Patient', 's'), scope('system/Observation', 's')]), asked)).toHaveLength(2);
    expect(await found(token([scope('system/Patient', 's'), scope('system/Observation', 'r')]), asked)).toEqual([]);
    const clerk = token([scope('user/*')], ['clerk']);
    expect(await found(clerk, asked)).toEqual([]);
    expect(await found(clerk, patients)).toEqual(['Patient/mine', 'Patient/other']);
  });

  it('of a chain comes only through the launch patient', async () => {
    const through: Query = { kind: 'refersTo', salts: [SUBJECT], types: ['Patient'], query: { kind: 'and', all: [] } };
    const mixed = token([scope('user/Observation'), scope('patient/Patient')], ['nurse'], OTHER[0]);
    expect(await found(mixed, plan('Observation', { query: through }))).toEqual(['Observation/others']);
  });
});

describe('reading', () => {
  it('needs r, searching s', async () => {
    const reads = (letters: string) =>
      read(token([scope('system/Patient', letters)]), stage.database, 'Patient', 'mine', ridOf('Patient/mine'));
    expect(await reads('r')).toBeDefined();
    expect(await reads('s')).toBeUndefined();
    expect(await found(token([scope('system/Patient', 'r')]), plan('Patient'))).toEqual([]);
  });

  it('under a query shows the current version alone', async () => {
    const rid = ridOf('Observation/lab');
    const access = token([scope('system/Observation?category=laboratory')]);
    await stage.store({
      'Observation/lab': {
        ...HOME,
        patients: MINE,
        keys: [LAB, SUBJECT ^ (MINE[0] as bigint)],
        interaction: 'u',
        version: 2,
      },
    });
    const at = (version: number, by = access) => readVersion(by, stage.database, 'Observation', 'lab', rid, version);
    expect(await at(2)).toBeDefined();
    expect(await at(1)).toBeUndefined();
    expect(await at(1, token([scope('system/Observation')]))).toBeDefined();
  });
});

describe('naming what one may not read', () => {
  it('is possible for the own institution, oneself, and the launch patient', async () => {
    const rids = [
      'Organization/hospital',
      'Practitioner/me',
      'Practitioner/doctor',
      'Patient/mine',
      'Patient/other',
    ].map(ridOf);
    const access = token([scope('patient/Observation', 'c')], ['nurse'], MINE[0]);
    const named = await referenced(access, stage.database, rids);
    expect([...named.values()].map(({ type, id }) => `${type}/${id}`).sort()).toEqual([
      'Organization/hospital',
      'Patient/mine',
      'Practitioner/me',
    ]);
  });
});

describe('what is out of scope', () => {
  const rids = ['lab', 'vital', 'others', 'both'].map((id) => ridOf(`Observation/${id}`));
  const out = async (access: Access, leg: 'create' | 'update' | 'delete') => {
    const found = await outOfScope(access, stage.database, rids, ['Observation'], leg);
    return ['lab', 'vital', 'others', 'both'].filter((id) => found.has(ridOf(`Observation/${id}`)));
  };

  it('is asked of the rows as they are', async () => {
    const access = token(
      [scope('patient/Observation?category=laboratory', 'u'), scope('patient/Observation', 'd')],
      ['nurse'],
      MINE[0],
    );
    expect(await out(access, 'update')).toEqual(['vital', 'others', 'both']);
    expect(await out(access, 'delete')).toEqual(['others', 'both']);
    expect(await out(access, 'create')).toEqual(['lab', 'vital', 'others', 'both']);
  });

  it('is not asked at all where the type is open', async () => {
    const nowhere = { query: () => Promise.reject(new Error('no statement is needed')) };
    expect(await outOfScope(token([scope('system/*')]), nowhere, rids, ['Observation'], 'update')).toEqual(new Set());
    expect(await outOfScope(token([]), nowhere, [], ['Observation'], 'update')).toEqual(new Set());
    expect(() => outOfScope(null as unknown as Access, nowhere, rids, ['Observation'], 'update')).rejects.toThrow(
      'without an Access',
    );
  });
});

describe('what an operation is asked of', () => {
  it.each<[string, readonly Scope[], bigint | undefined, readonly string[]]>([
    ['every resource', [scope('user/Observation')], undefined, ['lab', 'vital', 'others', 'both']],
    ['the launch patient', [scope('patient/Observation'), scope('user/Observation', 'r')], MINE[0], ['lab', 'vital']],
    ['what a query matches', [scope('user/Observation?category=laboratory')], undefined, ['lab', 'others', 'both']],
    ['nothing without the letter', [scope('user/Observation', 'crds')], undefined, []],
    ['nothing of a launch without a patient', [scope('patient/Observation')], undefined, []],
  ])('is %s', async (_, scopes, patient, reached) => {
    const access = token(scopes, ['physician'], patient);
    const found: string[] = [];
    for (const id of ['lab', 'vital', 'others', 'both']) {
      const instance = { type: 'Observation', id, rid: ridOf(`Observation/${id}`) };
      if (await isWithinScopes(access, stage.database, instance, 'update')) found.push(id);
    }
    expect(found).toEqual(reached);
  });

  it('is asked with an Access, and of the very id', async () => {
    const instance = { type: 'Observation', id: 'lab', rid: ridOf('Observation/lab') };
    const access = token([scope('patient/Observation')], ['physician'], MINE[0]);
    expect(await isWithinScopes(access, stage.database, { ...instance, id: 'vital' }, 'update')).toBe(false);
    await expect(isWithinScopes(undefined as never, stage.database, instance, 'update')).rejects.toThrow('Access');
  });
});
