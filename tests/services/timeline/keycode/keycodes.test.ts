import { join } from 'node:path';
import type { Access } from '../../../../src/access/access.ts';
import { FhirError } from '../../../../src/http/errors.ts';
import { checkCharacter } from '../../../../src/services/timeline/keycode/keycode.ts';
import {
  type Denial,
  type IssueRequest,
  type KeycodeSettings,
  Keycodes,
  type RedeemSteps,
} from '../../../../src/services/timeline/keycode/keycodes.ts';
import { LIMITS } from '../../../../src/services/timeline/keycode/limits.ts';
import { addPepper } from '../../../../src/services/timeline/keycode/pepper.ts';
import type { Database, Queryable } from '../../../../src/store/database.ts';
import { keycodesOf, revokeKeycode } from '../../../../src/store/keycode.ts';
import {
  DAY,
  HOSPITAL,
  HOUR,
  hospital,
  later,
  MINUTE,
  OTHER_HOSPITAL,
  on,
  openStage,
  partner,
  quickHash,
  START,
  type Stage,
  storePatient,
  WIDE,
} from '../../../store/keycode-stage.ts';

let stage: Stage;
let pepperFile: string;
/** Two server processes with one database and one pepper file. */
let keycodes: Keycodes;
let second: Keycodes;
/** Salts of every hash that either of them made. */
const hashed: Buffer[] = [];
const spy: KeycodeSettings['hash'] = (message, salt) => {
  hashed.push(salt);
  return quickHash(message, salt);
};
const open = (settings: Partial<KeycodeSettings> = {}) =>
  Keycodes.open({
    database: stage.database,
    pepperFile,
    secretChars: 9,
    now: START,
    hash: spy,
    limits: WIDE,
    ...settings,
  });

beforeAll(async () => {
  stage = await openStage();
  pepperFile = join(stage.folder, 'keycode.pepper');
  keycodes = await open();
  second = await open({ database: stage.second });
});
afterAll(() => stage.close());
beforeEach(async () => {
  hashed.length = 0;
  await stage.database.query('DELETE FROM keycode_attempt');
});

const issue = async (request: Partial<IssueRequest> = {}, by = keycodes) => {
  const patient = request.patient ?? (await storePatient(stage.database));
  const issued = await by.issue(hospital, { now: START, ...request, patient }, async () => {});
  return { ...issued, patient };
};

/** An operation around the redemption: knows the patient or not, makes a grant, notes denials. */
function steps(knows = true) {
  const denials: Denial[] = [];
  const grants: { keycode: string; previous: string | null }[] = [];
  const operation: RedeemSteps<{ consent: string; patient: bigint }> = {
    check: async () => knows,
    grant: async (_, keycode, previous) => {
      grants.push({ keycode: keycode.id, previous: previous?.consent ?? null });
      return { consent: previous?.consent ?? `consent-${grants.length}`, patient: keycode.patient };
    },
    denied: async (_, denial) => {
      denials.push(denial);
    },
  };
  return { denials, grants, operation };
}

type Answer = { granted: { consent: string; patient: bigint } } | { status: number; body: string; headers: string };

/** What whoever redeems gets to see. */
async function redeem(
  access: Access,
  keycode: string,
  { now = START, by = keycodes, stage: { operation } = steps() } = {},
): Promise<Answer> {
  try {
    return { granted: await by.redeem(access, { keycode, now }, operation) };
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return { status: error.status, body: JSON.stringify(error.issues), headers: JSON.stringify(error.headers) };
  }
}

const REFUSED: Answer = {
  status: 400,
  body: JSON.stringify([
    {
      severity: 'error',
      code: 'security',
      diagnostics:
        'The keycode was not accepted: check failed. Compare it, and the birth date or number, with what the patient gave you',
    },
  ]),
  headers: '{}',
};

/** The same card with another secret, well-formed. The n-th differs from the others. */
function wrong(keycode: string, n = 0): string {
  const text = keycode.replaceAll('-', '').slice(0, -1);
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const change = (at: number, by: number) => alphabet[(alphabet.indexOf(text[at]!) + by) % 32];
  const body = text.slice(0, 6) + change(6, 1 + (n % 31)) + change(7, Math.floor(n / 31) % 32) + text.slice(8);
  return body + checkCharacter(body);
}

describe('issuing', () => {
  it('gives a keycode for 365 days and tells the audit what it may know', async () => {
    const patient = await storePatient(stage.database);
    const records: unknown[] = [];
    const issued = await keycodes.issue(hospital, { patient, now: START }, async (_, record) => {
      records.push(record);
    });
    expect(issued).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      keycode: expect.stringMatching(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/),
      expires: later(365 * DAY),
      rotated: null,
    });
    expect(records).toEqual([{ id: issued.id, expires: issued.expires, rotated: null }]);
  });

  it('gives longer ones where they are configured, and both are redeemed by every process', async () => {
    const long = await open({ secretChars: 13 });
    const card = await issue({}, long);
    expect(card.keycode).toHaveLength(24);
    expect(await redeem(partner(1), card.keycode)).toHaveProperty('granted');
    const short = await issue();
    expect(await redeem(partner(1), short.keycode, { by: long })).toHaveProperty('granted');
  });

  it('rotates: the old is dead at the commit, the grants stay', async () => {
    const first = await issue();
    await redeem(partner(1), first.keycode);
    const next = await issue({ patient: first.patient });
    expect(next.rotated).toBe(first.id);
    expect(await redeem(partner(2), first.keycode)).toEqual(REFUSED);
    expect(await redeem(partner(1), first.keycode)).toEqual(REFUSED);
    expect(await redeem(partner(2), next.keycode)).toHaveProperty('granted');
    const { rows } = await stage.database.query('SELECT consent FROM keycode_redemption WHERE keycode = $1', [
      first.id,
    ]);
    expect(rows).toEqual([{ consent: 'consent-1' }]);
  });

  it('rotates nothing where its audit cannot be written', async () => {
    const first = await issue();
    const failing = keycodes.issue(hospital, { patient: first.patient, now: START }, async () => {
      throw new Error('no audit');
    });
    await expect(failing).rejects.toThrow('no audit');
    expect(await redeem(partner(1), first.keycode)).toHaveProperty('granted');
  });

  it('is not found where the Patient is another’s or nobody’s', async () => {
    const foreign = await storePatient(stage.database, OTHER_HOSPITAL);
    for (const patient of [foreign, 424_242n]) {
      await expect(issue({ patient })).rejects.toMatchObject({ status: 404 });
    }
  });

  it.each([
    ['in the past', { expires: later(-1) }],
    ['now', { expires: START }],
    ['a millisecond too far', { expires: later(365 * DAY + 1) }],
    ['before it begins', { notBefore: later(DAY), expires: later(HOUR) }],
    ['at no time', { expires: new Date(Number.NaN) }],
  ])('refuses one that expires %s', async (_, request) => {
    await expect(issue(request)).rejects.toMatchObject({ status: 400, issues: [{ code: 'value' }] });
  });

  it('leaves one active keycode of many issued at once by two processes', async () => {
    const patient = await storePatient(stage.database);
    const cards = await Promise.all(
      Array.from({ length: 10 }, (_, i) => issue({ patient }, i % 2 === 0 ? keycodes : second)),
    );
    const answers = await Promise.all(cards.map((card, i) => redeem(partner(i), card.keycode)));
    expect(answers.filter((answer) => 'granted' in answer)).toHaveLength(1);
    expect(cards.filter((card) => card.rotated === null)).toHaveLength(1);
  });

  it('takes another locator where one is taken', async () => {
    const first = await issue();
    const { rows } = await stage.database.query<{ locator: string }>('SELECT locator FROM keycode WHERE id = $1', [
      first.id,
    ]);
    // The next keycode that is stored gets the first one's locator; a second one in the same transaction keeps its own.
    await stage.database.query(
      `CREATE FUNCTION take_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF current_setting('test.taken', true) IS DISTINCT FROM 'once' THEN
           PERFORM set_config('test.taken', 'once', true); NEW.locator := '${rows[0]!.locator}';
         END IF; RETURN NEW; END $$`,
    );
    await stage.database.query(
      'CREATE TRIGGER take_first BEFORE INSERT ON keycode FOR EACH ROW EXECUTE FUNCTION take_first()',
    );
    try {
      hashed.length = 0;
      const next = await issue();
      expect(hashed).toHaveLength(2);
      expect(await redeem(partner(1), next.keycode)).toMatchObject({ granted: { patient: next.patient } });
      expect(await redeem(partner(1), first.keycode)).toMatchObject({ granted: { patient: first.patient } });
    } finally {
      await stage.database.query('DROP TRIGGER take_first ON keycode');
      await stage.database.query('DROP FUNCTION take_first');
    }
  });
});

describe('redeeming', () => {
  it('grants what the code stands for, however it is typed', async () => {
    const card = await issue();
    const typed = [card.keycode, card.keycode.toLowerCase(), card.keycode.replaceAll('-', 'ー'), ` ${card.keycode} `];
    for (const [i, text] of typed.entries()) {
      expect(await redeem(partner(i), text)).toMatchObject({ granted: { patient: card.patient } });
    }
    const [row] = await keycodesOf(hospital, stage.database, card.patient);
    expect(row).toMatchObject({ redemptions: 4, failCount: 0 });
  });

  it('is repeated by the same institution without using it up', async () => {
    const card = await issue({ kind: 'single-use' });
    const scene = steps();
    expect(await redeem(partner(1), card.keycode, { stage: scene })).toMatchObject({
      granted: { consent: 'consent-1' },
    });
    expect(await redeem(partner(1), card.keycode, { stage: scene })).toMatchObject({
      granted: { consent: 'consent-1' },
    });
    expect(scene.grants).toEqual([
      { keycode: card.id, previous: null },
      { keycode: card.id, previous: 'consent-1' },
    ]);
    expect(await redeem(partner(2), card.keycode)).toEqual(REFUSED);
  });

  it('lets the operation refuse an institution whose grant was withdrawn', async () => {
    const card = await issue();
    await redeem(partner(1), card.keycode);
    const scene = steps();
    const withdrawn: typeof scene.operation = {
      ...scene.operation,
      check: async (_, __, previous) => previous === null,
    };
    const again = redeem(partner(1), card.keycode, { stage: { ...scene, operation: withdrawn } });
    expect(await again).toEqual(REFUSED);
    expect(await redeem(partner(2), card.keycode, { stage: { ...scene, operation: withdrawn } })).toHaveProperty(
      'granted',
    );
  });

  it('leaves no trace where the grant cannot be made, and uses no redemption', async () => {
    const card = await issue({ kind: 'single-use' });
    const scene = steps();
    const broken = { ...scene.operation, grant: () => Promise.reject(new Error('no grant')) };
    await expect(redeem(partner(1), card.keycode, { stage: { ...scene, operation: broken } })).rejects.toThrow(
      'no grant',
    );
    expect(await redeem(partner(2), card.keycode)).toHaveProperty('granted');
  });

  it('of what is not a keycode touches neither database nor hash', async () => {
    const touched: string[] = [];
    const watched = new Proxy(stage.database, {
      get: (database, name: 'query' | 'transaction') => {
        touched.push(name);
        return database[name].bind(database);
      },
    });
    const deaf = await open({ database: watched });
    const card = await issue({}, deaf);
    hashed.length = 0;
    touched.length = 0;
    for (const text of [
      '',
      'ILLFORMED',
      `${card.keycode}0`,
      card.keycode.replace(/.$/, (c) => (c === '0' ? '1' : '0')),
    ]) {
      const answer = await redeem(partner(1), text, { by: deaf });
      expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('check failed') });
    }
    expect(hashed).toEqual([]);
    expect(touched).toEqual([]);
    await redeem(partner(1), card.keycode, { by: deaf });
    expect(touched).not.toEqual([]);
  });
});

describe('one answer for every failure, after one hash', () => {
  const outsider = on(33_333n, 'outsider', []);
  const cases: [
    string,
    Denial['reason'],
    () => Promise<{ keycode: string; access?: Access; now?: Date; knows?: boolean }>,
  ][] = [
    ['a wrong secret', 'wrong-secret', async () => ({ keycode: wrong((await issue()).keycode) })],
    ['an unknown locator', 'unknown', async () => ({ keycode: `000000000000000${checkCharacter('000000000000000')}` })],
    ['a wrong birth date', 'second-check', async () => ({ keycode: (await issue()).keycode, knows: false })],
    [
      'a wrong secret and birth date',
      'wrong-secret',
      async () => ({ keycode: wrong((await issue()).keycode), knows: false }),
    ],
    [
      'an expired keycode',
      'expired',
      async () => ({ keycode: (await issue({ expires: later(DAY) })).keycode, now: later(DAY) }),
    ],
    ['one not yet valid', 'not-yet-valid', async () => ({ keycode: (await issue({ notBefore: later(DAY) })).keycode })],
    [
      'a rotated one',
      'rotated',
      async () => {
        const { keycode, patient } = await issue();
        await issue({ patient });
        return { keycode };
      },
    ],
    [
      'a revoked one',
      'revoked',
      async () => {
        const { keycode, patient } = await issue();
        await revokeKeycode(hospital, stage.database, patient, START);
        return { keycode };
      },
    ],
    [
      'one locked for a time',
      'locked-for-a-time',
      async () => {
        const { keycode } = await issue();
        for (let i = 0; i < 5; i++) await redeem(partner(i), wrong(keycode, i));
        return { keycode };
      },
    ],
    [
      'one locked for good',
      'locked',
      async () => {
        const { keycode } = await issue();
        for (let i = 0; i < 10; i++) await redeem(partner(i), wrong(keycode, i), { now: later(i * DAY) });
        return { keycode, now: later(20 * DAY) };
      },
    ],
    [
      'one used up',
      'used-up',
      async () => {
        const { keycode } = await issue({ kind: 'single-use' });
        await redeem(partner(1), keycode);
        return { keycode, access: partner(2) };
      },
    ],
    [
      'one for another institution',
      'other-institution',
      async () => ({ keycode: (await issue({ boundTo: 77n })).keycode }),
    ],
    [
      'an institution outside the network',
      'outside-network',
      async () => ({ keycode: (await issue()).keycode, access: outsider }),
    ],
  ];

  it.each(cases)('%s', async (_, reason, prepare) => {
    const { keycode, access = partner(1), now = START, knows = true } = await prepare();
    hashed.length = 0;
    const scene = steps(knows);
    expect(await redeem(access, keycode, { now, stage: scene })).toEqual(REFUSED);
    expect(hashed).toHaveLength(1);
    expect(scene.grants).toEqual([]);
    expect(scene.denials).toMatchObject([{ reason }]);
  });

  it('calls the second check for a wrong secret too', async () => {
    const { keycode } = await issue();
    let calls = 0;
    const scene = steps();
    const counting: typeof scene.operation = {
      ...scene.operation,
      check: async () => {
        calls += 1;
        return true;
      },
    };
    await redeem(partner(1), wrong(keycode), { stage: { ...scene, operation: counting } });
    expect(calls).toBe(1);
  });

  it('tells the audit which keycode it was and what became of it', async () => {
    const card = await issue();
    const scene = steps();
    for (let i = 0; i < 5; i++) await redeem(partner(i), wrong(card.keycode, i), { stage: scene });
    expect(scene.denials.map((denial) => denial.keycode?.id)).toEqual(Array(5).fill(card.id));
    expect(scene.denials.map((denial) => denial.consequence?.lockedUntil ?? null)).toEqual([
      null,
      null,
      null,
      null,
      later(15 * MINUTE),
    ]);
  });

  it('counts no failure whose audit cannot be written as nothing', async () => {
    const card = await issue();
    const scene = steps();
    const mute: typeof scene.operation = { ...scene.operation, denied: () => Promise.reject(new Error('no audit')) };
    for (let i = 0; i < 5; i++) {
      const attempt = redeem(partner(i), wrong(card.keycode, i), { stage: { ...scene, operation: mute } });
      await expect(attempt).rejects.toThrow('no audit');
    }
    expect(await redeem(partner(9), card.keycode)).toEqual(REFUSED);
  });
});

describe('a code that was locked', () => {
  it('opens again after its time, for the right secret', async () => {
    const card = await issue();
    for (let i = 0; i < 5; i++) await redeem(partner(i), wrong(card.keycode, i));
    expect(await redeem(partner(1), card.keycode, { now: later(15 * MINUTE - 1) })).toEqual(REFUSED);
    expect(await redeem(partner(1), card.keycode, { now: later(15 * MINUTE) })).toHaveProperty('granted');
  });

  it('touches no grant that was made with it', async () => {
    const card = await issue();
    await redeem(partner(1), card.keycode);
    for (let i = 0; i < 10; i++) await redeem(partner(2), wrong(card.keycode, i), { now: later(i * DAY) });
    const { rows } = await stage.database.query('SELECT organization FROM keycode_redemption WHERE keycode = $1', [
      card.id,
    ]);
    expect(rows).toEqual([{ organization: partner(1).caller!.organization }]);
  });
});

describe('throttles', () => {
  const strict = () => open({ limits: LIMITS });

  it('answer 429 with the time to wait, the same for a right and a wrong code', async () => {
    const by = await strict();
    const card = await issue();
    const scene = steps();
    for (let i = 0; i < 5; i++) await redeem(partner(1), wrong(card.keycode, i), { by, now: later(i * 1000) });
    hashed.length = 0;
    const at = { by, now: later(10_000), stage: scene };
    const answer = await redeem(partner(1), card.keycode, at);
    expect(answer).toMatchObject({ status: 429, headers: '{"Retry-After":"890"}' });
    expect(await redeem(partner(1), wrong(card.keycode, 9), at)).toEqual(answer);
    expect(hashed).toEqual([]);
    expect(scene.denials).toEqual(Array(2).fill({ reason: 'throttled-client', keycode: null, consequence: null }));
  });

  it('are not met by those who know their codes', async () => {
    const by = await strict();
    for (let i = 0; i < 25; i++) {
      const card = await issue();
      expect(await redeem(partner(1), card.keycode, { by })).toHaveProperty('granted');
    }
  });

  it('suspend an institution’s redeeming after twenty failures in a day, right code or not', async () => {
    const by = await strict();
    for (let i = 0; i < 20; i++) {
      const { keycode } = await issue();
      await redeem(on(44_444n, `client-${i}`), wrong(keycode), { by, now: later(i * MINUTE) });
    }
    const { keycode } = await issue();
    const answer = await redeem(on(44_444n, 'client-new'), keycode, { by, now: later(HOUR) });
    expect(answer).toMatchObject({ status: 429, body: expect.stringContaining('institution') });
    expect(await redeem(partner(1), keycode, { by, now: later(HOUR) })).toHaveProperty('granted');
  });

  it('let exactly the allowed number of parallel guesses reach the hash of a code, from two processes', async () => {
    const card = await issue();
    const { rows } = await stage.database.query<{ salt: Buffer }>('SELECT salt FROM keycode WHERE id = $1', [card.id]);
    const salt = Buffer.from(rows[0]!.salt);
    hashed.length = 0;
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        redeem(partner(i), wrong(card.keycode, i), { by: i % 2 === 0 ? keycodes : second }),
      ),
    );
    expect(hashed.filter((used) => used.equals(salt))).toHaveLength(5);
    expect(hashed).toHaveLength(200);
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set([JSON.stringify(REFUSED)]));
    expect(await redeem(partner(1), card.keycode)).toEqual(REFUSED);
    expect(await redeem(partner(1), card.keycode, { by: second })).toEqual(REFUSED);
    expect((await keycodesOf(hospital, stage.database, card.patient))[0]).toMatchObject({
      failCount: 5,
      status: 'active',
    });
  });

  it('let exactly five parallel guesses of one client reach any hash, from two processes', async () => {
    const [by, other] = [await strict(), await open({ limits: LIMITS, database: stage.second })];
    const cards = await Promise.all(Array.from({ length: 40 }, () => issue()));
    hashed.length = 0;
    const answers = await Promise.all(
      cards.map((card, i) => redeem(partner(1), wrong(card.keycode), { by: i % 2 === 0 ? by : other })),
    );
    expect(hashed).toHaveLength(5);
    expect(answers.filter((answer) => 'status' in answer && answer.status === 400)).toHaveLength(5);
    expect(answers.filter((answer) => 'status' in answer && answer.status === 429)).toHaveLength(35);
  });

  it('let exactly a hundred parallel guesses of everyone reach any hash', async () => {
    const [by, other] = [await strict(), await open({ limits: LIMITS, database: stage.second })];
    const unknown = (n: number) => wrong('0000-0000-0000-0000', n);
    hashed.length = 0;
    await Promise.all(
      Array.from({ length: 130 }, (_, i) => redeem(partner(i), unknown(i), { by: i % 2 === 0 ? by : other })),
    );
    expect(hashed).toHaveLength(100);
  });
});

describe('a single-use code that twenty redeem at once', () => {
  it('is redeemed by one', async () => {
    const card = await issue({ kind: 'single-use' });
    const scene = steps();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        redeem(partner(i), card.keycode, { by: i % 2 === 0 ? keycodes : second, stage: scene }),
      ),
    );
    expect(answers.filter((answer) => 'granted' in answer)).toHaveLength(1);
    expect(answers.filter((answer) => 'status' in answer)).toEqual(Array(19).fill(REFUSED));
    expect(scene.grants).toHaveLength(1);
    expect((await keycodesOf(hospital, stage.database, card.patient))[0]).toMatchObject({ redemptions: 1 });
  });
});

describe('a code that is rotated while it is redeemed', () => {
  it('is redeemed before or refused later, never in between', async () => {
    for (let round = 0; round < 10; round++) {
      const card = await issue();
      const scene = steps();
      const [answer] = await Promise.all([
        redeem(partner(round), card.keycode, { stage: scene }),
        issue({ patient: card.patient }, second),
      ]);
      expect('granted' in answer ? scene.grants.length : scene.grants.length + 1).toBe(1);
      if (!('granted' in answer)) expect(answer).toEqual(REFUSED);
      expect(await redeem(partner(99), card.keycode)).toEqual(REFUSED);
    }
  });
});

describe('issuing and redeeming for one patient at once', () => {
  /** A database that does not try again after a deadlock. */
  const once = (database: Database): Database =>
    new Proxy(database, {
      get: (target, name: keyof Database) =>
        name === 'transaction'
          ? (work: (tx: Queryable) => Promise<unknown>, options: object) =>
              target.transaction(work, { ...options, retries: 0 })
          : (target[name] as () => unknown).bind(target),
    });

  it('never ends in a deadlock, though the operation locks the Patient', async () => {
    const [one, other] = [await open({ database: once(stage.database) }), await open({ database: once(stage.second) })];
    const scene = steps();
    const operation: typeof scene.operation = {
      ...scene.operation,
      check: async (tx, keycode) => {
        await tx.query('SELECT 1 FROM resource WHERE rid = $1 FOR UPDATE', [keycode.patient]);
        return true;
      },
    };
    let card = await issue({}, one);
    for (let round = 0; round < 15; round++) {
      const [next, ...answers] = await Promise.all([
        issue({ patient: card.patient }, other),
        ...[1, 2, 3].map((n) => redeem(partner(n), card.keycode, { by: one, stage: { ...scene, operation } })),
      ]);
      for (const answer of answers) if (!('granted' in answer)) expect(answer).toEqual(REFUSED);
      card = next;
    }
  });
});

describe('peppers', () => {
  it('rotate without making a code invalid, in every process', async () => {
    const old = await issue();
    await addPepper(pepperFile, START);
    const next = await issue();
    const { rows } = await stage.database.query<{ pepper_kid: string }>(
      'SELECT pepper_kid FROM keycode WHERE id IN ($1, $2)',
      [old.id, next.id],
    );
    expect(new Set(rows.map((row) => row.pepper_kid)).size).toBe(2);
    for (const by of [keycodes, second]) {
      expect(await redeem(partner(1), old.keycode, { by })).toHaveProperty('granted');
      expect(await redeem(partner(1), next.keycode, { by })).toHaveProperty('granted');
    }
  });

  it('that the database needs must be there at the start', async () => {
    const elsewhere = join(stage.folder, 'another.pepper');
    await issue();
    await expect(open({ pepperFile: elsewhere })).rejects.toThrow(`the keycode pepper file ${elsewhere} is missing`);
    await expect(open({ pepperFile: elsewhere, now: later(366 * DAY) })).resolves.toBeInstanceOf(Keycodes);
  });

  it('make the same code two hashes: a stolen database says nothing without the file', async () => {
    const foreign = join(stage.folder, 'foreign.pepper');
    const thief = await open({ pepperFile: foreign, now: later(366 * DAY) });
    const card = await issue();
    const { rows } = await stage.database.query<{ kid: string }>(
      'SELECT pepper_kid AS kid FROM keycode WHERE id = $1',
      [card.id],
    );
    await expect(redeem(partner(1), card.keycode, { by: thief })).rejects.toThrow(`${foreign} lacks ${rows[0]!.kid}`);
  });
});

it('a hospital’s own code opens nothing at another hospital', async () => {
  const card = await issue();
  const elsewhere = on(10_001n, 'client', [OTHER_HOSPITAL]);
  expect(await redeem(elsewhere, card.keycode)).toEqual(REFUSED);
  expect(await redeem(on(10_001n, 'client', [OTHER_HOSPITAL, HOSPITAL]), card.keycode)).toHaveProperty('granted');
});
