import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { findAccount, findPresent } from '../../src/store/present.ts';
import { findTokens, insertToken } from '../../src/store/token.ts';
import { type OAuthStage, openOAuthStage } from './oauth-stage.ts';

let stage: OAuthStage;
beforeAll(async () => {
  stage = await openOAuthStage();
});
afterAll(() => stage.close());

const found = async (...hashes: readonly string[]) => findTokens(stage.database, hashes);

async function ofSystem(client: string): Promise<string> {
  const hash = randomUUID();
  return (await insertToken(stage.database, { hash, client, scope: 'system/*.rs', seconds: 60 })) ? hash : '';
}

describe('the network of a caller', () => {
  const hospital = async (services = 63) => {
    const rid = await stage.people.institution(services);
    await stage.update(`institution SET kind = 'cooperating-hospital' WHERE rid = $1`, rid);
    return rid;
  };
  let count = 50_000n;
  const join = async (hospital: bigint, member: bigint, bits: number, more = '') => {
    count += 1n;
    await stage.database.query(
      'INSERT INTO affiliation (rid, hospital, member, medical, care, timeline, active) VALUES ($1, $2, $3, $4, $5, $6, true)',
      [count, hospital, member, (bits & 1) > 0, (bits & 2) > 0, (bits & 4) > 0],
    );
    if (more) await stage.update(`affiliation SET ${more} WHERE rid = $1`, count);
  };

  it('is for what the affiliation says and both have a contract for', async () => {
    const bits = fc.nat(7);
    await fc.assert(
      fc.asyncProperty(bits, bits, fc.integer({ min: 1, max: 63 }), async (affiliated, theirs, ours) => {
        const [to, member] = [await hospital(theirs | 8), await stage.people.institution(ours)];
        await join(to, member, affiliated);
        const [row] = await found(await ofSystem(await stage.client(member, 'system')));
        expect(row).toMatchObject({ hospitals: [to], services: [affiliated & theirs & ours] });
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ['was ended', 'active = false'],
    ['has not begun', "starts = now() + interval '1 second'"],
    ['is over', 'ends = now()'],
  ])('has no affiliation that %s', async (_, change) => {
    const [to, member] = [await hospital(), await stage.people.institution()];
    await join(to, member, 7, change);
    const hash = await ofSystem(await stage.client(member, 'system'));
    expect(await found(hash)).toMatchObject([{ hospitals: null }]);
    await join(to, member, 1);
    await join(to, member, 4);
    const [row] = await found(hash);
    expect([row?.hospitals, [...row!.services!].sort()]).toEqual([
      [to, to],
      [1, 4],
    ]);
  });

  it.each(['suspended_at = now()', 'active = false', 'services = 0', "kind = 'medical'"])(
    'has no hospital with %s',
    async (change) => {
      const [to, member] = [await hospital(), await stage.people.institution()];
      await join(to, member, 7);
      const hash = await ofSystem(await stage.client(member, 'system'));
      await stage.update(`institution SET ${change} WHERE rid = $1`, to);
      expect(await found(hash)).toMatchObject([{ hospitals: null, services: null }]);
    },
  );
});

describe('who is present', () => {
  it.each([
    ['the person is suspended', 'person SET suspended_at = now() WHERE id = $1', 'person', true],
    ['the person is disabled', 'person SET active = false WHERE id = $1', 'person', true],
    ['the institution has no contract', 'institution SET services = 0 WHERE rid = $1', 'institution', true],
    ['the institution is suspended', 'institution SET suspended_at = now() WHERE rid = $1', 'institution', true],
    ['the session is left idle', 'session SET idle_at = now() WHERE id = $1', 'session', false],
    ['the session is over', 'session SET expires_at = now() WHERE id = $1', 'session', false],
  ] as const)('is nobody where %s', async (_, change, whose, account) => {
    const one = await stage.somebody();
    expect(await findPresent(stage.database, one.person, one.session)).toMatchObject({
      person: one.person,
      strong: false,
    });
    await stage.update(change, one[whose]);
    expect(await findPresent(stage.second, one.person, one.session)).toBeUndefined();
    expect(await findAccount(stage.second, one.person)).toEqual(
      account ? undefined : expect.objectContaining({ id: one.person }),
    );
  });

  it('is nobody away from the terminals of an institution that demands them', async () => {
    const one = await stage.somebody();
    await stage.update("institution SET mtls = 'required' WHERE rid = $1", one.institution);
    const present = (certificate?: string) => findPresent(stage.database, one.person, one.session, certificate);
    expect(await present()).toBeUndefined();
    expect(await present('x'.repeat(43))).toBeUndefined();
    await stage.update("institution SET mtls = 'optional' WHERE rid = $1", one.institution);
    expect(await present()).toMatchObject({ person: one.person });
  });

  it('comes not back with the old session when the person does, though the account is there again', async () => {
    const one = await stage.somebody();
    await stage.update('person SET suspended_at = now() WHERE id = $1', one.person);
    await stage.update('person SET suspended_at = NULL WHERE id = $1', one.person);
    expect(await findPresent(stage.database, one.person, one.session)).toBeUndefined();
    expect(await findAccount(stage.database, one.person)).toMatchObject({ id: one.person });
  });

  it('is not somebody else with the session of one', async () => {
    const [one, other] = [await stage.somebody(), await stage.somebody()];
    expect(await findPresent(stage.database, other.person, one.session)).toBeUndefined();
  });
});
