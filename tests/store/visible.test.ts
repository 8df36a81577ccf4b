import { Access } from '../../src/access/access.ts';
import type { PolicyClass } from '../../src/access/policy.ts';
import { putGrant, removeGrant } from '../../src/store/grant.ts';
import { putAffiliation } from '../../src/store/institution.ts';
import { spread } from '../../src/store/party.ts';
import { Values } from '../../src/store/sql.ts';
import { openPatient, visible, visibleVersion } from '../../src/store/visible.ts';
import { access, DAY, type Draft, institution, keys, ridOf, Stage, SYSTEM } from './stage.ts';

let stage: Stage;

/**
 * One row of each kind. `hospital` has the Patient `mine` and a network; `author`, a member of it, wrote most of the rest; `elsewhere` is
 * the hospital of the other Patient.
 */
const ROWS: Readonly<Record<string, Draft>> = {
  'Questionnaire/definition': { class: 'f', owner: 'operator' },
  'Practitioner/author': { class: 'd', owner: 'author' },
  'Practitioner/hospital': { class: 'd', owner: 'hospital' },
  'Practitioner/left': { class: 'd', owner: 'left' },
  'Practitioner/elsewhere': { class: 'd', owner: 'elsewhere' },
  'Slot/hospital': { class: 's', owner: 'hospital' },
  'Communication/letter': { class: 'w', owner: 'author' },
  'Consent/given': { class: 'k', owner: 'hospital' },
  'Contract/paper': { class: 'o', owner: 'author' },
  'Patient/mine': { owner: 'hospital', home: institution('hospital'), patients: [ridOf('Patient/mine')] },
  'Patient/other': { owner: 'elsewhere', home: institution('elsewhere'), patients: [ridOf('Patient/other')] },
  'Observation/entry': { owner: 'author', home: institution('hospital'), patients: [ridOf('Patient/mine')] },
  'Observation/sealed': {
    owner: 'author',
    home: institution('hospital'),
    patients: [ridOf('Patient/mine')],
    sealed: true,
  },
  'Observation/gone': { owner: 'author', home: institution('hospital'), patients: [ridOf('Patient/mine')] },
  'List/two': { owner: 'author', patients: [ridOf('Patient/mine'), ridOf('Patient/other')] },
  'Binary/loose': { owner: 'author' },
  'DocumentReference/attached': { owner: 'author', home: institution('hospital'), patients: [ridOf('Patient/mine')] },
  'DocumentReference/loose': { owner: 'author' },
  'DocumentReference/own': { owner: 'author', home: institution('author'), patients: [ridOf('Patient/authors')] },
  'DocumentReference/two': { owner: 'author', patients: [ridOf('Patient/mine'), ridOf('Patient/other')] },
  'AuditEvent/row': { class: 'a', owner: 'author' },
  'Subscription/row': { class: 'x', owner: 'author' },
  'Unheard/of': { class: 'q' as PolicyClass, owner: 'author' },
};

const NETWORK = [institution('hospital')];
const member = { networks: NETWORK, medical: NETWORK, timeline: NETWORK };

/** Who asks, by what they are to the rows above. */
const CALLERS = {
  hospital: access('hospital', member, 'cooperating-hospital'),
  author: access('author', member),
  granted: access('granted', member),
  'grant ended': access('grant-ended', member),
  'grant to come': access('grant-to-come', member),
  'grant withdrawn': access('grant-withdrawn', member),
  'granted without the service': access('granted-without-service', { networks: NETWORK, medical: NETWORK }),
  'granted both': access('granted-both', { ...member, timeline: [...NETWORK, institution('elsewhere')] }),
  party: access('party', member),
  carried: access('carried', {}),
  member: access('member', { networks: NETWORK }),
  left: access('left', {}),
  elsewhere: access(
    'elsewhere',
    { networks: [institution('elsewhere')], timeline: [institution('elsewhere')] },
    'cooperating-hospital',
  ),
  operator: access('operator', {}, 'operator'),
  stranger: access('stranger', {}),
};
type Who = keyof typeof CALLERS;

beforeAll(async () => {
  stage = await Stage.open();
  await stage.store(ROWS);
  await stage.store({
    'Observation/gone': { ...ROWS['Observation/gone'], owner: 'author', interaction: 'd', version: 2, content: null },
  });
  const now = Date.now();
  const grant = async (name: string, patient: string, hospital: string, starts: number, ends: number) =>
    putGrant(SYSTEM, stage.database, {
      organization: institution(name),
      patient: ridOf(patient),
      hospital: institution(hospital),
      consent: keys.rid('Consent', `${name}-${patient}`),
      starts: now + starts * DAY,
      ends: now + ends * DAY,
    });
  await grant('granted', 'Patient/mine', 'hospital', -1, 1);
  await grant('grant-ended', 'Patient/mine', 'hospital', -2, -1);
  await grant('grant-to-come', 'Patient/mine', 'hospital', 1, 2);
  await grant('grant-withdrawn', 'Patient/mine', 'hospital', -1, 1);
  await removeGrant(SYSTEM, stage.database, keys.rid('Consent', 'grant-withdrawn-Patient/mine'));
  await grant('granted-without-service', 'Patient/mine', 'hospital', -1, 1);
  await grant('granted-both', 'Patient/mine', 'hospital', -1, 1);
  await grant('granted-both', 'Patient/other', 'elsewhere', -1, 1);
  const affiliate = (name: string, more: object) =>
    putAffiliation(SYSTEM, stage.database, {
      rid: keys.rid('OrganizationAffiliation', name),
      hospital: institution('hospital'),
      member: institution(name),
      medical: true,
      care: true,
      timeline: true,
      active: true,
      starts: null,
      ends: null,
      ...more,
    });
  await affiliate('author', {});
  await affiliate('left', { ends: new Date(now - DAY).toISOString() });
  await affiliate('elsewhere', { active: false });
  await stage.database.query(
    `INSERT INTO resource (rid, owner, updated, version, class, deleted, sealed, type, id, keys)
     VALUES ($1::bigint, $2::bigint, 0, 1, 'd', false, false, 'Organization', 'party', '{}'), ($3::bigint, $4::bigint, 0, 1, 'd', false, false, 'Organization', 'carried', '{}')`,
    [institution('party'), institution('party'), institution('carried'), institution('carried')],
  );
  await spread(SYSTEM, stage.database, [
    {
      rid: ridOf('Communication/letter'),
      replaces: false,
      names: [institution('party'), institution('carried')],
      follows: [],
      carries: [
        ridOf('DocumentReference/attached'),
        ridOf('DocumentReference/loose'),
        ridOf('DocumentReference/own'),
        ridOf('DocumentReference/two'),
        ridOf('Patient/mine'),
      ],
    },
    { rid: ridOf('Consent/given'), replaces: false, names: [institution('party')], follows: [], carries: [] },
  ]);
});
afterAll(() => stage.close());

/** Of each row, who sees it. Nobody else does. */
const SEEN_BY: Readonly<Record<string, readonly Who[] | 'everybody' | 'nobody'>> = {
  'Questionnaire/definition': 'everybody',
  'Practitioner/author': [
    'hospital',
    'author',
    'granted',
    'grant ended',
    'grant to come',
    'grant withdrawn',
    'granted without the service',
    'granted both',
    'party',
    'member',
    'operator',
  ],
  'Practitioner/hospital': [
    'hospital',
    'author',
    'granted',
    'grant ended',
    'grant to come',
    'grant withdrawn',
    'granted without the service',
    'granted both',
    'party',
    'member',
    'operator',
  ],
  'Practitioner/left': ['left', 'operator'],
  'Practitioner/elsewhere': ['elsewhere', 'operator'],
  'Slot/hospital': [
    'hospital',
    'author',
    'granted',
    'grant ended',
    'grant to come',
    'grant withdrawn',
    'granted without the service',
    'granted both',
    'party',
  ],
  'Communication/letter': ['author', 'party', 'carried'],
  'Consent/given': ['hospital', 'party'],
  'Contract/paper': ['author', 'operator'],
  'Patient/mine': ['hospital', 'granted', 'granted both'],
  'Patient/other': ['elsewhere', 'granted both'],
  'Observation/entry': ['hospital', 'granted', 'granted both'],
  'Observation/sealed': [],
  'Observation/gone': ['hospital', 'granted', 'granted both'],
  'List/two': ['granted both'],
  'Binary/loose': ['author'],
  // Carried, but about another's patient: for those alone to whom that one is open.
  'DocumentReference/attached': ['hospital', 'granted', 'granted both'],
  'DocumentReference/loose': ['author', 'party', 'carried'],
  'DocumentReference/own': ['author', 'party', 'carried'],
  'DocumentReference/two': ['granted both'],
  'AuditEvent/row': 'nobody',
  'Subscription/row': 'nobody',
  'Unheard/of': 'nobody',
};

describe('visible()', () => {
  const everybody = Object.keys(CALLERS) as Who[];
  const whoSees = (name: string): readonly Who[] => {
    const who = SEEN_BY[name] ?? [];
    return who === 'everybody' ? everybody : who === 'nobody' ? [] : who;
  };

  it('is told of every row', () => {
    expect(Object.keys(SEEN_BY)).toEqual(Object.keys(ROWS));
  });

  describe.each(everybody)('to %s', (who) => {
    const expected = Object.keys(ROWS)
      .filter((name) => whoSees(name).includes(who))
      .sort();

    it('shows exactly what is theirs to see', async () => {
      const seen = (await stage.visible(CALLERS[who])).filter((name) => !name.startsWith('Organization/'));
      expect(seen).toEqual(expected);
    });

    it.each(Object.keys(ROWS))('says of %s the same where the statement knows the type', async (name) => {
      const type = name.slice(0, name.indexOf('/'));
      const seen = await stage.visible(CALLERS[who], [type]);
      expect(seen.filter((one) => one === name)).toEqual(expected.filter((one) => one === name));
    });

    it('says the same where the statement knows several types, of which it looks at the classes', async () => {
      const types = ['Observation', 'Communication', 'Slot'];
      const seen = await stage.visible(CALLERS[who], types);
      expect(seen).toEqual(expected.filter((name) => 'cws'.includes(ROWS[name]?.class ?? 'c')));
    });
  });

  it('lets the system see everything', async () => {
    expect(await stage.visible(SYSTEM)).toEqual(expect.arrayContaining(Object.keys(ROWS)));
  });

  it('shows no row of another class than those of the types asked for', async () => {
    expect(await stage.visible(CALLERS.hospital, ['Questionnaire'])).toEqual(['Questionnaire/definition']);
  });

  it.each(['Subscription', 'OperationOutcome', 'Unheard', 'AuditEvent', '', 'constructor', '__proto__'])(
    'shows nothing of the type %j, which has no rule',
    async (type) => {
      expect(visible('r', CALLERS.hospital, new Values(), [type])).toBe('FALSE');
      expect(await stage.visible(CALLERS.hospital, [type])).toEqual([]);
    },
  );

  it('shows nothing where no type is asked for', async () => {
    expect(await stage.visible(CALLERS.hospital, [])).toEqual([]);
  });
});

describe('a caller of whom something is not known', () => {
  it.each(['networks', 'medical', 'timeline'] as const)('sees less, never more, without %s', async (what) => {
    const known = CALLERS.granted.caller as NonNullable<Access['caller']>;
    const all = await stage.visible(CALLERS.granted);
    const less = await stage.visible(Access.of({ ...known, [what]: [] }));
    expect(all).toEqual(expect.arrayContaining(less));
    expect(less.length).toBeLessThan(all.length);
  });

  it('sees definitions and nothing else without an organization', async () => {
    const known = CALLERS.granted.caller as NonNullable<Access['caller']>;
    const nobody = Access.of({
      ...known,
      organization: null as unknown as bigint,
      networks: [],
      medical: [],
      timeline: [],
    });
    expect(await stage.visible(nobody)).toEqual(['Questionnaire/definition']);
  });
});

describe('without an Access', () => {
  const missing = [undefined, null] as unknown as Access[];

  it.each(missing)('visible() throws for %s', (access) => {
    expect(() => visible('r', access, new Values())).toThrow('without an Access');
    expect(() => visible('r', access, new Values(), ['Questionnaire'])).toThrow('without an Access');
  });

  it.each(missing)('openPatient() and visibleVersion() throw for %s', (access) => {
    expect(() => openPatient('r', access, new Values())).toThrow();
    expect(() => visibleVersion('v', 'r', access, new Values())).toThrow();
  });

  it('cannot be had by an object that only looks like one', () => {
    const made = { caller: null, reason: 'mine', behalf: null, isSystem: true } as unknown as Access;
    expect(() => visible('r', made, new Values())).toThrow('without an Access');
    expect(() => openPatient('r', made, new Values())).toThrow('without an Access');
    expect(() => visibleVersion('v', 'r', made, new Values())).toThrow('without an Access');
  });
});

describe('openPatient()', () => {
  const open = async (access: Access): Promise<string[]> => {
    const values = new Values();
    const { rows } = await stage.database.query<{ id: string }>(
      `SELECT r.id FROM resource r WHERE r.type = 'Patient' AND ${openPatient('r', access, values)} ORDER BY r.id`,
      values.list,
    );
    return rows.map(({ id }) => id);
  };

  it.each([
    ['hospital', ['mine']],
    ['granted', ['mine']],
    ['granted both', ['mine', 'other']],
    ['elsewhere', ['other']],
    ['author', []],
    ['party', []],
    ['carried', []],
    ['grant ended', []],
    ['grant to come', []],
    ['grant withdrawn', []],
    ['granted without the service', []],
    ['operator', []],
    ['stranger', []],
  ] as [Who, string[]][])('opens to %s the timelines of %j', async (who, patients) => {
    expect(await open(CALLERS[who])).toEqual(patients);
  });

  it('opens all of them to the system', async () => {
    expect(await open(SYSTEM)).toEqual(['mine', 'other']);
  });
});
