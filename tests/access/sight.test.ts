import { Access, type Caller, type Scope } from '../../src/access/access.ts';
import type { Query } from '../../src/access/query.ts';
import type { PersonRole } from '../../src/access/roles.ts';
import {
  extentOf,
  filterName,
  isNarrowed,
  knownTo,
  type Leg,
  reachable,
  reachableTypes,
  scopesExtent,
  scopesReach,
  sightKey,
} from '../../src/access/sight.ts';

const scope = (context: Scope['context'] | 'system', type: string, letters: string, query?: string): Scope => ({
  ...(context !== 'system' && context !== undefined && { context }),
  type,
  ...(query !== undefined && { query }),
  c: letters.includes('c'),
  r: letters.includes('r'),
  u: letters.includes('u'),
  d: letters.includes('d'),
  s: letters.includes('s'),
});

const QUERY: Query = { kind: 'keys', any: [1n] };
const LABORATORY = new Map([[filterName('Observation', 'category=laboratory'), QUERY]]);

function access(scopes: readonly Scope[], roles?: readonly PersonRole[], more: Partial<Caller> = {}): Access {
  const person = roles && {
    id: 'p',
    name: 'x',
    practitioner: 7n,
    practitionerId: 'pr',
    roles,
    strong: true,
    authenticatedAt: 0,
    session: null,
  };
  const caller: Caller = {
    organization: 1n,
    organizationId: 'o',
    kind: 'medical',
    clientId: 'c',
    scopes,
    networks: [],
    medical: [],
    care: [],
    timeline: [],
    ...(person && { person }),
    purpose: 'TREAT',
    requestId: 'r',
    ...more,
  };
  return Access.of(caller, LABORATORY);
}

describe('the system', () => {
  it('reaches everything on every way', () => {
    const system = Access.system('a test');
    expect(extentOf(system, 'Observation', 'search')).toBe('all');
    expect(isNarrowed(system, 'search')).toBe(false);
    expect(scopesReach(system, '*', 'delete')).toBe(true);
    expect(sightKey(system)).toBe('');
  });
});

describe('a system client', () => {
  it('with a scope for every type is not narrowed on the ways of its letters', () => {
    const all = access([scope('system', '*', 'rs')]);
    expect((['read', 'search', 'name', 'change'] as const).map((leg) => isNarrowed(all, leg))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect((['create', 'update', 'delete'] as const).map((leg) => isNarrowed(all, leg))).toEqual([true, true, true]);
  });

  it.each<[string, Leg, boolean]>([
    ['r', 'read', true],
    ['r', 'search', false],
    ['r', 'name', true],
    ['s', 'read', false],
    ['s', 'search', true],
    ['s', 'name', true],
    ['u', 'change', true],
    ['u', 'update', true],
    ['u', 'read', false],
    ['c', 'create', true],
    ['c', 'name', false],
    ['d', 'delete', true],
    ['d', 'change', true],
  ])('with the letter %s: on the way %s it reaches its type: %s', (letter, leg, reaches) => {
    const token = access([scope('system', 'Observation', letter)]);
    expect(reachable(token, 'Observation', leg)).toBe(reaches);
    expect(reachable(token, 'Patient', leg)).toBe(false);
    expect(isNarrowed(token, leg)).toBe(true);
  });

  it('gets nothing of scopes that speak for people', () => {
    const token = access([scope('user', '*', 'cruds'), scope('patient', '*', 'cruds')], undefined, { patient: 5n });
    expect(reachableTypes(token, 'read')).toEqual([]);
  });
});

describe('a person', () => {
  it('gets nothing of scopes that speak for systems', () => {
    expect(reachableTypes(access([scope('system', '*', 'cruds')], ['physician']), 'read')).toEqual([]);
  });

  it('reaches what scopes and roles both allow', () => {
    const clerk = access([scope('user', '*', 'cruds')], ['clerk']);
    expect(extentOf(clerk, 'Patient', 'search')).toBe('all');
    expect(extentOf(clerk, 'Observation', 'search')).toBe('none');
    expect(extentOf(clerk, 'Patient', 'update')).toBe('all');
    expect(extentOf(clerk, 'Slot', 'update')).toBe('none');
    expect(isNarrowed(clerk, 'read')).toBe(true);
  });

  it('may have a scope that its role makes useless, which is not the scope’s fault', () => {
    const clerk = access([scope('user', '*', 'r')], ['clerk']);
    expect(scopesReach(clerk, 'Observation', 'read')).toBe(true);
    expect(reachable(clerk, 'Observation', 'read')).toBe(false);
    expect(scopesReach(clerk, '*', 'read')).toBe(true);
    expect(scopesReach(access([scope('user', 'Patient', 'r')], ['clerk']), '*', 'read')).toBe(false);
  });

  it('without a patient gets nothing of scopes for one', () => {
    expect(extentOf(access([scope('patient', 'Observation', 'rs')], ['physician']), 'Observation', 'read')).toBe(
      'none',
    );
  });

  it('with a patient gets that patient’s', () => {
    const token = access([scope('patient', '*', 'rs')], ['physician'], { patient: 5n });
    expect(extentOf(token, 'Observation', 'read')).toEqual([{ patient: 5n, query: null }]);
    expect(scopesReach(token, '*', 'read')).toBe(false);
  });

  it('knows itself, its institution and its patient', () => {
    expect(knownTo(access([], ['nurse'], { patient: 5n }).caller as Caller)).toEqual([1n, 7n, 5n]);
    expect(knownTo(access([]).caller as Caller)).toEqual([1n]);
  });
});

describe('a scope with a query', () => {
  it('leaves what matches', () => {
    const token = access([scope('system', 'Observation', 'rs', 'category=laboratory')]);
    expect(extentOf(token, 'Observation', 'search')).toEqual([{ patient: null, query: QUERY }]);
  });

  it('gives nothing where nobody has read its query', () => {
    expect(
      extentOf(access([scope('system', 'Observation', 'rs', 'category=vital-signs')]), 'Observation', 'read'),
    ).toBe('none');
    const caller = access([scope('system', 'Observation', 'rs', 'category=laboratory')]).caller as Caller;
    expect(extentOf(Access.of(caller), 'Observation', 'read')).toBe('none');
  });

  it('stands beside others; a wider one makes it needless', () => {
    const two = [scope('user', 'Observation', 'rs', 'category=laboratory'), scope('patient', 'Observation', 'rs')];
    expect(extentOf(access(two, ['physician'], { patient: 5n }), 'Observation', 'read')).toEqual([
      { patient: null, query: QUERY },
      { patient: 5n, query: null },
    ]);
    expect(
      extentOf(access([...two, scope('user', '*', 'r')], ['physician'], { patient: 5n }), 'Observation', 'read'),
    ).toBe('all');
  });
});

describe('callers who see the same', () => {
  it('have the same key, others another', () => {
    const key = (...of: Parameters<typeof access>) => sightKey(access(...of));
    expect(key([scope('system', '*', 'rs')])).toBe(key([scope('system', '*', 'rs')]));
    const different = [
      key([scope('system', '*', 'rs')]),
      key([scope('system', '*', 'r')]),
      key([scope('system', 'Observation', 'rs')]),
      key([scope('system', 'Observation', 'rs', 'category=laboratory')]),
      key([scope('user', '*', 'rs')], ['clerk']),
      key([scope('user', '*', 'rs')], ['nurse']),
      key([scope('patient', '*', 'rs')], ['nurse'], { patient: 5n }),
      key([scope('patient', '*', 'rs')], ['nurse'], { patient: 6n }),
    ];
    expect(new Set(different).size).toBe(different.length);
  });
});

describe('the scopes alone', () => {
  it('reach what no role writes, and no more than they are narrowed to', () => {
    const patient = { patient: 9n };
    const clerk = access([scope('patient', '*', 'ru'), scope('user', 'Consent', 'rs')], ['clerk'], patient);
    expect(extentOf(clerk, 'Consent', 'update')).toBe('none');
    expect(scopesExtent(clerk, 'Consent', 'update')).toEqual([{ patient: 9n, query: null }]);
    expect(scopesExtent(clerk, 'Consent', 'read')).toBe('all');
    expect(scopesExtent(clerk, 'Consent', 'delete')).toBe('none');
    expect(scopesExtent(access([scope('system', '*', 'u')]), 'Consent', 'update')).toBe('all');
    const narrowed = access([scope('system', 'Observation', 'u', 'category=laboratory')]);
    expect(scopesExtent(narrowed, 'Observation', 'update')).toEqual([{ patient: null, query: QUERY }]);
    expect(scopesExtent(Access.system('a test'), 'Consent', 'update')).toBe('all');
  });
});
