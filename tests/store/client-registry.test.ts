import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { clientsOf, updateClient } from '../../src/store/client-registry.ts';
import type { Database } from '../../src/store/database.ts';
import { issueSoftware, returnSoftware, softwareOf } from '../../src/store/software.ts';
import {
  insertTerminal,
  isLivingTerminal,
  requireTerminals,
  type Terminal,
  terminalCertificates,
  terminalRevoked,
  terminalsOf,
} from '../../src/store/terminal.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import { access as accessOf, SYSTEM } from './stage.ts';

const access = accessOf('clinic');
const [CLINIC, OTHER] = [1n, 2n];
const HOUR = 3_600_000;

let clone: Clone;
let database: Database;
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
  await database.query(
    `INSERT INTO institution (rid, id, kind, name, services) VALUES (1, 'clinic', 'medical', 'A', 63), (2, 'other', 'medical', 'B', 63)`,
  );
});
afterAll(() => clone.drop());

const keys = (...kids: string[]) => ({ keys: kids.map((kid) => ({ kty: 'EC', kid })) });

async function client(
  institution = CLINIC,
  jwks: object | null = keys('1'),
  method = 'private_key_jwt',
): Promise<string> {
  const id = randomUUID();
  await database.query(
    `INSERT INTO client (id, institution, name, scope, jwks, auth_method) VALUES ($1, $2::bigint, 'C', 'system/*.rs', $3::jsonb, $4)`,
    [id, institution, jwks ? JSON.stringify(jwks) : null, method],
  );
  return id;
}
const kidsOf = async (id: string) => (await clientsOf(access, database, CLINIC)).find((one) => one.id === id)?.kids;

describe('changing a client', () => {
  it('changes what is named, and nothing else', async () => {
    const id = await client();
    const one = async () => (await clientsOf(access, database, CLINIC)).find((other) => other.id === id);
    expect(await updateClient(access, database, { id, institution: CLINIC, name: 'D' })).toBe(true);
    expect(await one()).toMatchObject({ name: 'D', scope: 'system/*.rs', kids: ['1'], jwksUri: null });
    expect(await updateClient(access, database, { id, institution: CLINIC, scope: 'system/Patient.rs' })).toBe(true);
    expect(await one()).toMatchObject({ name: 'D', scope: 'system/Patient.rs', kids: ['1'] });
    expect(await updateClient(access, database, { id, institution: CLINIC, jwksUri: 'https://a.example/' })).toBe(true);
    expect(await one()).toMatchObject({ jwksUri: 'https://a.example/', kids: null });
    expect(await updateClient(access, database, { id, institution: CLINIC, jwks: keys('2'), overlapSeconds: 60 })).toBe(
      true,
    );
    expect(await one()).toMatchObject({ jwksUri: null, kids: ['2'] });
  });

  it('is not for another institution, nor for one that was shut out', async () => {
    const id = await client(OTHER);
    expect(await updateClient(access, database, { id, institution: CLINIC, name: 'D' })).toBe(false);
    const mine = await client();
    await database.query('UPDATE client SET active = false WHERE id = $1', [mine]);
    expect(await updateClient(access, database, { id: mine, institution: CLINIC, name: 'D' })).toBe(false);
    expect(await updateClient(access, database, { id: 'none', institution: CLINIC, name: 'D' })).toBe(false);
  });

  it('gives no keys to one that has none by its nature', async () => {
    const id = await client(CLINIC, null, 'none');
    expect(await updateClient(access, database, { id, institution: CLINIC, jwks: keys('1') })).toBe(false);
    expect(await updateClient(access, database, { id, institution: CLINIC, jwksUri: 'https://a.example/' })).toBe(
      false,
    );
    expect(await updateClient(access, database, { id, institution: CLINIC, name: 'D' })).toBe(true);
  });

  it('old keys stand beside new ones for as long as it was said, and a key of the same name not at all', async () => {
    const id = await client(CLINIC, keys('1', '2'));
    await updateClient(access, database, { id, institution: CLINIC, jwks: keys('2', '3'), overlapSeconds: 60 });
    expect(await kidsOf(id)).toEqual(['2', '3', '1']);
    await updateClient(access, database, { id, institution: CLINIC, jwks: keys('4'), overlapSeconds: 0 });
    expect(await kidsOf(id)).toEqual(['4']);
  });

  it.each([
    ['other scopes', { scope: 'system/Patient.r' }, 1],
    ['keys without overlap', { jwks: keys('9'), overlapSeconds: 0 }, 1],
    ['a URL of keys', { jwksUri: 'https://his.example/jwks' }, 1],
    ['keys beside the old ones', { jwks: keys('9'), overlapSeconds: 60 }, 0],
    ['another name', { name: 'D' }, 0],
  ])('with %s ends what was issued before, or leaves it', async (_, change, ended) => {
    const id = await client(CLINIC, keys('1'));
    const generation = async () =>
      (await database.query<{ generation: number }>('SELECT generation FROM client WHERE id = $1', [id])).rows[0]
        ?.generation as number;
    const before = await generation();
    expect(await updateClient(access, database, { id, institution: CLINIC, ...change })).toBe(true);
    expect((await generation()) - before).toBe(ended);
  });

  it('never makes an old key live longer than it was said first', async () => {
    const id = await client();
    const ends = async (kid: string) =>
      (
        await database.query<{ exp: number }>(
          `SELECT (key ->> 'exp')::float8 AS exp FROM client, jsonb_array_elements(jwks -> 'keys') AS k (key) WHERE id = $1 AND key ->> 'kid' = $2`,
          [id, kid],
        )
      ).rows[0]?.exp;
    await updateClient(access, database, { id, institution: CLINIC, jwks: keys('2'), overlapSeconds: 60 });
    const first = await ends('1');
    await updateClient(access, database, { id, institution: CLINIC, jwks: keys('3'), overlapSeconds: 100_000 });
    expect(await ends('1')).toBe(first);
    expect(await ends('2')).toBeGreaterThan(first as number);
  });

  it('whatever follows on what, the new keys are taken, no name is there twice, and old ones are ten at most', async () => {
    const set = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(fc.array(set, { minLength: 1, maxLength: 6 }), async (sets) => {
        const id = await client();
        for (const kids of sets)
          await updateClient(access, database, {
            id,
            institution: CLINIC,
            jwks: keys(...kids.map(String)),
            overlapSeconds: 60,
          });
        const now = (await kidsOf(id)) ?? [];
        const last = (sets.at(-1) ?? []).map(String);
        expect(now.slice(0, last.length)).toEqual(last);
        expect(new Set(now).size).toBe(now.length);
        expect(now.length).toBeLessThanOrEqual(last.length + 10);
      }),
      { numRuns: 25 },
    );
  });
});

describe('living keys', () => {
  const living = async (jwks: object | null) =>
    (await database.query<{ k: unknown }>('SELECT living_keys($1::jsonb) AS k', [jwks && JSON.stringify(jwks)])).rows[0]
      ?.k;
  const now = Date.now() / 1000;

  it('are those without an end, and those before it; the end itself is not shown', async () => {
    const one = { kty: 'EC', kid: '1' };
    expect(
      await living({ keys: [one, { ...one, kid: '2', exp: now + 60 }, { ...one, kid: '3', exp: now - 60 }] }),
    ).toEqual({
      keys: [one, { ...one, kid: '2' }],
    });
  });

  it('of none are none', async () => {
    expect(await living({ keys: [] })).toEqual({ keys: [] });
    expect(await living({ keys: [{ kid: '1', exp: 1 }] })).toEqual({ keys: [] });
    expect(await living(null)).toBeNull();
  });
});

let made = 0;
async function terminal(institution = CLINIC, more: Partial<Terminal> = {}): Promise<Terminal> {
  made += 1;
  const one: Terminal = {
    id: randomUUID(),
    sha256: `${made}`.padStart(43, 'A'),
    name: '受付',
    place: null,
    subject: 'CN=T',
    issuer: 'CN=CA',
    serial: '01',
    notBefore: Date.now() - HOUR,
    notAfter: Date.now() + HOUR,
    ...more,
  };
  expect(
    await insertTerminal(access, database, {
      ...one,
      institution,
      certificate: Buffer.from(`certificate ${made}`),
      at: new Date(),
    }),
  ).toBe(true);
  return one;
}
const lives = async (sha256: string | null, institution: bigint) =>
  (
    await database.query<{ ok: boolean }>(`SELECT ${isLivingTerminal('$1::text', '$2::bigint')} AS ok`, [
      sha256,
      institution,
    ])
  ).rows[0]?.ok;

describe('a terminal', () => {
  it('lives for its institution, between its dates, until it is retired or revoked', async () => {
    const one = await terminal();
    expect([await lives(one.sha256, CLINIC), await lives(one.sha256, OTHER), await lives(null, CLINIC)]).toEqual([
      true,
      false,
      false,
    ]);
    const past = await terminal(CLINIC, { notAfter: Date.now() - 1000 });
    const future = await terminal(CLINIC, { notBefore: Date.now() + 1000_000, notAfter: Date.now() + 2000_000 });
    expect([await lives(past.sha256, CLINIC), await lives(future.sha256, CLINIC)]).toEqual([false, false]);
    await database.query('UPDATE terminal SET active = false, retired_at = now() WHERE id = $1::uuid', [one.id]);
    expect(await lives(one.sha256, CLINIC)).toBe(false);
    const revoked = await terminal();
    expect(await terminalRevoked(SYSTEM, database, revoked.id, new Date())).toMatchObject({
      institution: CLINIC,
      organizationId: 'clinic',
    });
    expect(await terminalRevoked(SYSTEM, database, revoked.id, new Date())).toBeUndefined();
    expect(await lives(revoked.sha256, CLINIC)).toBe(false);
  });

  it('is registered once, by whomever', async () => {
    const one = await terminal();
    const again = { ...one, id: randomUUID(), institution: OTHER, certificate: Buffer.from('x'), at: new Date() };
    expect(await insertTerminal(access, database, again)).toBe(false);
    expect((await terminalsOf(access, database, OTHER)).some(({ sha256 }) => sha256 === one.sha256)).toBe(false);
  });

  it('is required only where there is a living one', async () => {
    expect(await requireTerminals(access, database, OTHER, true)).toBe(false);
    await terminal(OTHER, { notAfter: Date.now() - 1000 });
    expect(await requireTerminals(access, database, OTHER, true)).toBe(false);
    await terminal(OTHER);
    expect(await requireTerminals(access, database, OTHER, true)).toBe(true);
    expect(await requireTerminals(access, database, OTHER, false)).toBe(true);
  });

  it('in use is held against lists, page by page, by the system alone', async () => {
    await terminal();
    await terminal();
    const ids: string[] = [];
    for (let after: string | null = null; ; ) {
      const page: Awaited<ReturnType<typeof terminalCertificates>> = await terminalCertificates(
        SYSTEM,
        database,
        after,
        1,
      );
      if (!page[0]) break;
      expect(page[0].certificate.toString()).toMatch(/^certificate/);
      ids.push(page[0].id);
      after = page[0].id;
    }
    expect(ids).toEqual([...ids].sort());
    expect(ids.length).toBeGreaterThanOrEqual(2);
    await expect(terminalCertificates(access, database, null, 1)).rejects.toThrow('system');
    await expect(terminalRevoked(access, database, ids[0] as string, new Date())).rejects.toThrow('system');
  });
});

describe('the register of software', () => {
  const one = { institution: CLINIC, name: 'tasuki-sign', version: '1.0', issuedTo: '院長', at: new Date() };

  it('has what was issued until it is returned, once', async () => {
    const id = (await issueSoftware(access, database, { ...one, client: await client() })) as string;
    const entry = async () => (await softwareOf(access, database, CLINIC)).find((other) => other.id === id);
    expect(await entry()).toMatchObject({
      name: 'tasuki-sign',
      version: '1.0',
      issuedTo: '院長',
      returnedAt: null,
      outcome: null,
    });
    const back = { id, institution: CLINIC, outcome: 'lost' as const, note: null, at: new Date() };
    expect(await returnSoftware(access, database, { ...back, institution: OTHER })).toBeUndefined();
    expect(await returnSoftware(access, database, back)).toMatchObject({ client: expect.any(String), terminal: null });
    expect(await returnSoftware(access, database, back)).toBeUndefined();
    expect(await entry()).toMatchObject({ outcome: 'lost', returnedAt: expect.any(Number) });
  });

  it('shows what is still out first', async () => {
    const first = (await issueSoftware(access, database, { ...one, at: new Date(0) })) as string;
    await issueSoftware(access, database, one);
    await returnSoftware(access, database, {
      id: first,
      institution: CLINIC,
      outcome: 'returned',
      note: 'x',
      at: new Date(),
    });
    const states = (await softwareOf(access, database, CLINIC)).map(({ returnedAt }) => returnedAt === null);
    expect(states).toEqual([...states].sort((a, b) => Number(b) - Number(a)));
    expect(states).toContain(true);
  });

  it('is of the institution’s own clients and terminals', async () => {
    expect(await issueSoftware(access, database, { ...one, client: await client(OTHER) })).toBeUndefined();
    expect(await issueSoftware(access, database, { ...one, terminal: (await terminal(OTHER)).id })).toBeUndefined();
    expect(await issueSoftware(access, database, { ...one, terminal: (await terminal()).id })).toBeDefined();
  });

  it('needs an Access', async () => {
    const nobody = undefined as unknown as typeof access;
    await expect(softwareOf(nobody, database, CLINIC)).rejects.toThrow('Access');
    await expect(clientsOf(nobody, database, CLINIC)).rejects.toThrow('Access');
    await expect(terminalsOf(nobody, database, CLINIC)).rejects.toThrow('Access');
    await expect(requireTerminals(nobody, database, CLINIC, true)).rejects.toThrow('Access');
    await expect(updateClient(nobody, database, { id: 'x', institution: CLINIC })).rejects.toThrow('Access');
  });
});
