import type { Queryable } from '../../store/database.ts';
import { secretKids } from '../../store/person-password.ts';
import { SecretFile, type SecretFileUse } from '../secret-file.ts';
import { PEOPLE } from './ground.ts';

const IDENTITY: SecretFileUse = Object.freeze({
  file: 'identity secret file',
  made: 'passwords, second factors or signing keys',
  variable: 'IDENTITY_SECRET_FILE',
});

/** The secrets of accounts and signing keys, as `SecretFile.open`: throws where the file lacks one that the database needs. */
export async function openIdentitySecrets(path: string, database: Queryable, now: Date): Promise<SecretFile> {
  return SecretFile.open(path, IDENTITY, await secretKids(PEOPLE, database), now);
}
