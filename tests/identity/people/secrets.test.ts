import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Access } from '../../../src/access/access.ts';
import { type Login, openIdentitySecrets } from '../../../src/identity/people/index.ts';
import { PasswordHashes } from '../../../src/identity/people/passwords/hash.ts';
import { SecretFile } from '../../../src/identity/secret-file.ts';
import { argon2id } from '../../../src/identity/slow-hash.ts';
import { secretKids } from '../../../src/store/person-password.ts';
import { HOME, MINUTE, openStage, PASSWORD, QUICK, START, type Stage } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const use = { file: 'identity secret file', made: 'accounts', variable: 'IDENTITY_SECRET_FILE' };
const path = () => join(stage.folder, 'identity.secret');
const kids = () => secretKids(Access.system('test'), stage.database);

describe('the secrets of accounts', () => {
  it('are changed by adding one: each login takes the new one, until the old one can go', async () => {
    const member = await stage.member();
    const [old] = await kids();
    await SecretFile.add(path(), use, new Date(START));
    stage.now += MINUTE;
    const begun = (await stage.people.logIn(member.login, PASSWORD, HOME)) as Login;
    const done = await stage.people.verifyTotp(begun.sessionToken, member.totp(stage.now));
    expect(await stage.people.renewRecoveryCodes(done!.sessionToken)).toHaveLength(10);
    const [next, ...others] = await kids();
    expect(others).toEqual([]);
    expect(next).not.toBe(old);
    const { secrets } = JSON.parse(await readFile(path(), 'utf8'));
    await writeFile(path(), JSON.stringify({ secrets: secrets.filter(({ kid }: { kid: string }) => kid !== old) }));
    const renewed = await stage.process({
      secrets: await openIdentitySecrets(path(), stage.database, new Date(START)),
    });
    stage.now += MINUTE;
    const again = (await renewed.logIn(member.login, PASSWORD, HOME)) as Login;
    expect(await renewed.verifyTotp(again.sessionToken, member.totp(stage.now))).toMatchObject({ steps: [] });
  });

  it('must be there when there are accounts: the server does not start with others', async () => {
    await stage.member();
    await rm(path());
    await expect(openIdentitySecrets(path(), stage.database, new Date(START))).rejects.toThrow(
      `the identity secret file ${path()} is missing`,
    );
    await SecretFile.open(path(), use, [], new Date(START));
    await expect(openIdentitySecrets(path(), stage.database, new Date(START))).rejects.toThrow('lacks');
  });
});

describe('a hash of a password', () => {
  it('belongs to its person: copied to another it matches nothing', async () => {
    const [one, other] = [
      await stage.member({ factor: false }),
      await stage.member({ factor: false, password: 'Hototogisu ga naku yoru' }),
    ];
    await stage.database.query(
      'UPDATE person SET password = (SELECT password FROM person WHERE id = $1) WHERE id = $2',
      [one.id, other.id],
    );
    expect(await stage.people.logIn(other.login, PASSWORD, HOME)).toBeNull();
    expect(await stage.people.logIn(one.login, PASSWORD, HOME)).not.toBeNull();
  });

  it('is the same work for somebody and for nobody', async () => {
    const costs: unknown[] = [];
    const hashes = new PasswordHashes(
      stage.secrets,
      async (message, salt, cost) => {
        costs.push([message.length, salt.length, cost]);
        return argon2id(message, salt, cost);
      },
      QUICK,
    );
    const stored = await hashes.make('somebody', PASSWORD);
    expect(await hashes.matches('somebody', PASSWORD, stored)).toEqual({ matches: true, outdated: false });
    expect(await hashes.matches('somebody', 'another', stored)).toEqual({ matches: false, outdated: false });
    expect(await hashes.matches('nobody', PASSWORD, null)).toEqual({ matches: false, outdated: false });
    expect(costs).toEqual(Array(4).fill([32, 16, QUICK]));
  });

  it('is not made where too many are waiting: they are told to come again', async () => {
    const hashes = new PasswordHashes(stage.secrets, argon2id, QUICK);
    const results = await Promise.allSettled(Array.from({ length: 150 }, () => hashes.matches('x', 'y', null)));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(refused.length).toBeGreaterThan(0);
    for (const reason of refused)
      expect(reason).toMatchObject({ status: 503, headers: { 'Retry-After': expect.any(String) } });
    expect(await hashes.matches('x', 'y', null)).toEqual({ matches: false, outdated: false });
  });
});
