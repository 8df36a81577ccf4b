import type { Access } from '../../src/access/access.ts';
import { followers, followsItself, respread, type Spread, spread, withdrawSpread } from '../../src/store/party.ts';
import { type Draft, institution, ridOf, Stage, SYSTEM } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.store(
    Object.fromEntries(
      Object.entries(OWNERS).map(([name, owner]) => [
        name,
        { owner, class: name.startsWith('Order') ? 'w' : 'c' } as Draft,
      ]),
    ),
  );
});
afterAll(() => stage.close());
beforeEach(() => stage.database.query('DELETE FROM party'));

/** Who wrote what. Each institution owns its Organization. */
const OWNERS: Readonly<Record<string, string>> = {
  'Organization/hospital': 'hospital',
  'Organization/clinic': 'clinic',
  'Organization/care': 'care',
  'Practitioner/doctor': 'clinic',
  'Order/1': 'hospital',
  'Order/2': 'clinic',
  'Order/3': 'care',
  'Report/1': 'hospital',
  'Report/2': 'hospital',
  'Patient/1': 'hospital',
  'Patient/2': 'clinic',
};

interface Names {
  readonly names?: readonly string[];
  readonly follows?: readonly string[];
  readonly carries?: readonly string[];
  readonly replaces?: boolean;
}

const spreadOf = (name: string, { names = [], follows = [], carries = [], replaces = false }: Names): Spread => ({
  rid: ridOf(name),
  replaces,
  names: names.map(ridOf),
  follows: follows.map(ridOf),
  carries: carries.map(ridOf),
});

const spreadAll = (given: Readonly<Record<string, Names>>) =>
  spread(
    SYSTEM,
    stage.database,
    Object.entries(given).map(([name, names]) => spreadOf(name, names)),
  );

/** All rows as `what institution via`. */
async function parties(): Promise<string[]> {
  const names = new Map(
    [...Object.keys(OWNERS), ...Object.values(OWNERS).map((owner) => `Organization/${owner}`)].map((name) => [
      ridOf(name),
      name,
    ]),
  );
  const { rows } = await stage.database.query<{ rid: bigint; organization: bigint; via: bigint }>(
    'SELECT * FROM party',
  );
  const short = (rid: bigint) => names.get(rid)?.replace('Organization/', '');
  return rows.map(({ rid, organization, via }) => `${short(rid)} ${short(organization)} ${short(via)}`).sort();
}

describe('parties', () => {
  it('are the owners of what is named, each once, and not its own owner', async () => {
    await spreadAll({
      'Order/1': {
        names: ['Organization/clinic', 'Practitioner/doctor', 'Organization/hospital', 'Organization/care'],
      },
    });
    expect(await parties()).toEqual(['Order/1 care Order/1', 'Order/1 clinic Order/1']);
  });

  it('are those of what is followed, with its owner', async () => {
    await spreadAll({ 'Order/2': { names: ['Organization/care'] } });
    await spreadAll({ 'Report/1': { follows: ['Order/2'] } });
    expect(await parties()).toEqual(['Order/2 care Order/2', 'Report/1 care Report/1', 'Report/1 clinic Report/1']);
  });

  it('are not those of what is no workflow, nor its owner', async () => {
    await stage.store({ 'Plan/1': { owner: 'clinic' }, 'Consent/1': { owner: 'clinic', class: 'k' } });
    for (const name of ['Plan/1', 'Consent/1']) {
      await spreadAll({ [name]: { names: ['Organization/care'] } });
      await spreadAll({ 'Report/1': { follows: [name], carries: ['Patient/1'] } });
      expect((await parties()).filter((one) => !one.includes(name) && /^(Report|Patient)/.test(one))).toEqual([]);
    }
  });

  it('are not those to whom something else carries what is followed', async () => {
    await spreadAll({ 'Order/1': { names: ['Organization/care'], carries: ['Report/1'] } });
    await spreadAll({ 'Report/2': { follows: ['Report/1'] } });
    expect(await parties()).toEqual(['Order/1 care Order/1', 'Report/1 care Order/1']);
  });

  it('are shown what is carried, so far as the same institution owns it', async () => {
    await spreadAll({ 'Order/1': { names: ['Organization/care'], carries: ['Patient/1', 'Patient/2', 'Report/1'] } });
    expect(await parties()).toEqual(['Order/1 care Order/1', 'Patient/1 care Order/1', 'Report/1 care Order/1']);
  });

  it('carry nothing to nobody', async () => {
    await spreadAll({ 'Order/1': { names: ['Organization/hospital'], carries: ['Patient/1'] } });
    expect(await parties()).toEqual([]);
  });

  it('come by each way on its own, so that one may end and the other last', async () => {
    await spreadAll({
      'Order/1': { names: ['Organization/care'], carries: ['Patient/1'] },
      'Report/1': { names: ['Organization/care'], carries: ['Patient/1'] },
    });
    await spreadAll({ 'Order/1': { replaces: true } });
    expect(await parties()).toEqual(['Patient/1 care Report/1', 'Report/1 care Report/1']);
  });

  it('are others once it names others', async () => {
    await spreadAll({ 'Order/1': { names: ['Organization/care'], carries: ['Patient/1'] } });
    await spreadAll({ 'Order/1': { names: ['Organization/clinic'], carries: ['Report/1'], replaces: true } });
    expect(await parties()).toEqual(['Order/1 clinic Order/1', 'Report/1 clinic Order/1']);
  });

  it('are the same when they are worked out again', async () => {
    const given = { 'Order/1': { names: ['Organization/care'], carries: ['Patient/1'] } };
    await spreadAll(given);
    const before = await parties();
    await spreadAll(given);
    expect(await parties()).toEqual(before);
  });

  it('are none where what is named or followed or carried does not exist', async () => {
    await spreadAll({
      'Order/1': { names: ['Organization/none'], follows: ['Order/none'], carries: ['Patient/none'] },
    });
    expect(await parties()).toEqual([]);
  });

  it('are none of a resource that does not exist', async () => {
    await spreadAll({ 'Order/none': { names: ['Organization/care'], carries: ['Patient/1'] } });
    expect(await parties()).toEqual([]);
  });

  it('are those of the resource named twice, once', async () => {
    await spread(SYSTEM, stage.database, [
      {
        rid: ridOf('Order/1'),
        replaces: false,
        names: [ridOf('Organization/care'), ridOf('Organization/care')],
        follows: [ridOf('Order/2'), ridOf('Order/2')],
        carries: [ridOf('Patient/1'), ridOf('Patient/1')],
      },
    ]);
    expect(await parties()).toEqual([
      'Order/1 care Order/1',
      'Order/1 clinic Order/1',
      'Patient/1 care Order/1',
      'Patient/1 clinic Order/1',
    ]);
  });
});

describe('parties of several that are written together', () => {
  const chain: Readonly<Record<string, Names>> = {
    'Order/1': { names: ['Organization/care'] },
    'Order/2': { follows: ['Order/1'] },
    'Report/1': { follows: ['Order/2'], carries: ['Patient/1'] },
  };
  const expected = [
    'Order/1 care Order/1',
    'Order/2 care Order/2',
    'Order/2 hospital Order/2',
    'Patient/1 care Report/1',
    'Patient/1 clinic Report/1',
    'Report/1 care Report/1',
    'Report/1 clinic Report/1',
  ];
  const orders = [
    ['Order/1', 'Order/2', 'Report/1'],
    ['Report/1', 'Order/2', 'Order/1'],
    ['Order/2', 'Report/1', 'Order/1'],
    ['Order/2', 'Order/1', 'Report/1'],
  ];

  it.each(orders)('follow one another whatever comes first: %s, %s, %s', async (...order) => {
    await spreadAll(Object.fromEntries(order.map((name) => [name, chain[name] as Names])));
    expect(await parties()).toEqual(expected);
  });

  it('are worked out where they go round in a circle', async () => {
    await spreadAll({
      'Order/1': { names: ['Organization/care'], follows: ['Order/2'] },
      'Order/2': { follows: ['Order/1'] },
    });
    const found = await parties();
    expect(found).toEqual(
      expect.arrayContaining(['Order/1 care Order/1', 'Order/1 clinic Order/1', 'Order/2 hospital Order/2']),
    );
    expect(found.every((row) => !row.startsWith('Order/1 hospital') && !row.startsWith('Order/2 clinic'))).toBe(true);
  });

  it('are worked out where something follows itself', async () => {
    await spreadAll({ 'Order/1': { names: ['Organization/care'], follows: ['Order/1'] } });
    expect(await parties()).toEqual(['Order/1 care Order/1']);
  });

  it('take a long chain', async () => {
    const length = 60;
    const rows = Object.fromEntries(
      Array.from({ length }, (_, i) => [`Link/${i}`, { owner: 'hospital', class: 'w' } as Draft]),
    );
    await stage.store(rows);
    const spreads = Array.from({ length }, (_, i) =>
      spreadOf(`Link/${i}`, i === 0 ? { names: ['Organization/care'] } : { follows: [`Link/${i - 1}`] }),
    );
    await spread(SYSTEM, stage.database, spreads.reverse());
    const { rows: found } = await stage.database.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM party WHERE organization = $1::bigint AND rid = via',
      [institution('care')],
    );
    expect(found[0]?.n).toBe(length);
  });
});

describe('a change of parties', () => {
  const ORDER = { names: ['Organization/care'] };
  const moved = (given: Readonly<Record<string, Names>>) =>
    spread(
      SYSTEM,
      stage.database,
      Object.entries(given).map(([name, names]) => spreadOf(name, names)),
    );
  const limited = (name: string, names: Names, ...only: readonly string[]) => ({
    ...spreadOf(name, { ...names, replaces: true }),
    only: only.map(institution),
  });

  it('is told, with those who have come', async () => {
    expect(await moved({ 'Order/1': ORDER })).toEqual([]);
    expect(await moved({ 'Order/1': { ...ORDER, carries: ['Patient/1'], replaces: true } })).toEqual([]);
    const both = { names: ['Organization/care', 'Organization/clinic'], replaces: true };
    expect(await moved({ 'Order/1': both })).toEqual([{ rid: ridOf('Order/1'), added: [institution('clinic')] }]);
    expect(await moved({ 'Order/1': { ...ORDER, replaces: true } })).toEqual([{ rid: ridOf('Order/1'), added: [] }]);
    const other = { names: ['Organization/clinic'], replaces: true };
    expect(await moved({ 'Order/1': other })).toEqual([{ rid: ridOf('Order/1'), added: [institution('clinic')] }]);
    expect(await moved({ 'Order/1': { replaces: true } })).toEqual([{ rid: ridOf('Order/1'), added: [] }]);
    expect(await moved({ 'Order/1': { replaces: true } })).toEqual([]);
  });

  it('takes from what follows those who have gone, and what it carried to them', async () => {
    await moved({ 'Order/1': ORDER });
    await moved({ 'Report/1': { follows: ['Order/1'], carries: ['Patient/1'] } });
    await moved({ 'Order/1': { names: ['Organization/clinic'], replaces: true } });
    const report = limited('Report/1', { follows: ['Order/1'], carries: ['Patient/1'] });
    expect(await respread(SYSTEM, stage.database, [report])).toEqual([{ rid: ridOf('Report/1'), added: [] }]);
    expect(await parties()).toEqual(['Order/1 clinic Order/1']);
  });

  it('gives to what follows those only who are listed', async () => {
    await moved({ 'Order/1': ORDER });
    await moved({ 'Report/1': { follows: ['Order/1'], carries: ['Patient/1'] } });
    await moved({ 'Order/1': { names: ['Organization/care', 'Organization/clinic'], replaces: true } });
    const names = { follows: ['Order/1'], carries: ['Patient/1'] };
    expect(await respread(SYSTEM, stage.database, [limited('Report/1', names)])).toEqual([]);
    expect(await parties()).toContain('Patient/1 care Report/1');
    expect(await parties()).not.toContain('Report/1 clinic Report/1');
    const added = [{ rid: ridOf('Report/1'), added: [institution('clinic')] }];
    expect(await respread(SYSTEM, stage.database, [limited('Report/1', names, 'clinic', 'nobody')])).toEqual(added);
    expect(await parties()).toContain('Patient/1 clinic Report/1');
  });

  it('leaves nothing to those who follow what is deleted', async () => {
    await stage.store({ 'Order/gone': { owner: 'clinic', class: 'w' } });
    await moved({ 'Order/gone': ORDER });
    const names = { follows: ['Order/gone'] };
    await moved({ 'Report/1': names });
    expect(await parties()).toContain('Report/1 clinic Report/1');
    await stage.store({ 'Order/gone': { owner: 'clinic', class: 'w', interaction: 'd', version: 2, content: null } });
    await respread(SYSTEM, stage.database, [limited('Report/1', names)]);
    expect((await parties()).filter((one) => one.startsWith('Report'))).toEqual([]);
  });

  it('takes away what the deleted carried, and leaves it known to whom it was', async () => {
    await moved({ 'Order/1': { ...ORDER, carries: ['Patient/1', 'Report/1'] } });
    await moved({ 'Order/2': { ...ORDER, carries: ['Patient/2'] } });
    await withdrawSpread(SYSTEM, stage.database, [ridOf('Order/1')]);
    expect(await parties()).toEqual(['Order/1 care Order/1', 'Order/2 care Order/2', 'Patient/2 care Order/2']);
    await withdrawSpread(SYSTEM, stage.database, []);
  });

  it('knows what follows itself by way of others, whatever else is referred to', async () => {
    const [salt, other] = [77n, 78n];
    const of = (...names: string[]) => names.map((name) => ridOf(name) ^ salt);
    await stage.store({
      'Ring/1': { owner: 'a', class: 'w', keys: [...of('Ring/2'), 5n] },
      'Ring/2': { owner: 'a', class: 'w', keys: of('Ring/3', 'Line/1') },
      'Ring/3': { owner: 'a', class: 'w', keys: [ridOf('Ring/1') ^ other] },
      'Line/1': { owner: 'a', class: 'w', keys: [1n, 2n] },
      'Self/1': { owner: 'a', class: 'w', keys: of('Self/1') },
      'Near/1': { owner: 'a', class: 'w', keys: of('Self/1') },
    });
    const itself = (name: string, ...salts: bigint[]) => followsItself(SYSTEM, stage.database, ridOf(name), salts);
    for (const name of ['Ring/1', 'Ring/2', 'Ring/3']) {
      expect([name, await itself(name, salt)]).toEqual([name, false]);
      expect([name, await itself(name, salt, other)]).toEqual([name, true]);
    }
    expect([await itself('Self/1', salt), await itself('Near/1', salt), await itself('Line/1', salt)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([await itself('Self/1', other), await itself('None/1', salt)]).toEqual([false, false]);
  });

  it('finds what follows by its keys, and not what is deleted', async () => {
    await stage.store({
      'Report/a': { owner: 'hospital', keys: [11n, 12n], content: Buffer.from('a') },
      'Report/b': { owner: 'clinic', keys: [12n], content: Buffer.from('b') },
      'Report/c': { owner: 'clinic', keys: [13n] },
      'Report/d': { owner: 'clinic', keys: [11n] },
    });
    await stage.store({ 'Report/b': { owner: 'clinic', keys: [12n], content: Buffer.from('b2'), version: 2 } });
    await stage.store({ 'Report/d': { owner: 'clinic', interaction: 'd', version: 2, content: null, keys: [11n] } });
    const found = await followers(SYSTEM, stage.database, [11n, 12n]);
    expect(found.map(({ owner, content }) => [owner, String(content)]).sort()).toEqual(
      [
        [institution('clinic'), 'b2'],
        [institution('hospital'), 'a'],
      ].sort(),
    );
    expect(await followers(SYSTEM, stage.database, [99n])).toEqual([]);
  });

  it.each([undefined, null])('is nobody’s with the Access %p', async (none) => {
    const access = none as unknown as Access;
    await expect(respread(access, stage.database, [])).rejects.toThrow('without an Access');
    await expect(withdrawSpread(access, stage.database, [])).rejects.toThrow('without an Access');
    await expect(followers(access, stage.database, [])).rejects.toThrow('without an Access');
    await expect(followsItself(access, stage.database, 1n, [])).rejects.toThrow('without an Access');
  });
});

describe('spread()', () => {
  it('leaves others alone', async () => {
    await spreadAll({ 'Order/1': { names: ['Organization/care'] } });
    await spreadAll({ 'Order/2': { names: ['Organization/care'], replaces: true } });
    expect(await parties()).toEqual(['Order/1 care Order/1', 'Order/2 care Order/2']);
  });

  it('does nothing for nothing', async () => {
    await spread(SYSTEM, stage.database, []);
    expect(await parties()).toEqual([]);
  });

  it('takes a statement a level, however many there are', async () => {
    const asked: string[] = [];
    const counting = {
      query: (text: string, values?: readonly unknown[]) => asked.push(text) && stage.database.query(text, values),
    };
    const many = Object.keys(OWNERS).map((name) => spreadOf(name, { names: ['Organization/care'] }));
    await spread(SYSTEM, counting as never, many);
    expect(asked.length).toBe(1);
    await spread(
      SYSTEM,
      counting as never,
      many.map((one) => ({ ...one, replaces: true })),
    );
    expect(asked.length).toBe(3);
  });

  it.each([undefined, null])('throws for the Access %p', async (access) => {
    await expect(spread(access as unknown as Access, stage.database, [])).rejects.toThrow('without an Access');
  });
});
