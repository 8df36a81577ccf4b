import { SecretFile, type SecretFileUse } from '../../../identity/secret-file.ts';

/** Secrets that go into the hash of every keycode. An old one may be taken out of the file a year after the next was added. */
const KEYCODES: SecretFileUse = Object.freeze({
  file: 'keycode pepper file',
  made: 'keycodes',
  variable: 'KEYCODE_PEPPER_FILE',
});

/** As `SecretFile.open`; `inUse`: kids of the keycodes in the database that can still be redeemed. */
export const openPeppers = (path: string, inUse: readonly string[], created: Date): Promise<SecretFile> =>
  SecretFile.open(path, KEYCODES, inUse, created);

/** As `SecretFile.add`. */
export const addPepper = (path: string, created: Date): Promise<void> => SecretFile.add(path, KEYCODES, created);
