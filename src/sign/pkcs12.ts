import { createPrivateKey, type KeyObject } from 'node:crypto';
import { sign, spkiOf } from '../pki/algorithms.ts';
import { sameBytes } from '../pki/der.ts';
import { type Candidate, chainOf, choose, readable, schemeOf } from './choice.ts';
import { type PfxContents, readPfx } from './pfx.ts';
import { KeyError, type SigningKey } from './signing-key.ts';

/**
 * Opens a PKCS#12 file: a key in a file, for tests, demonstrations and certificates that are issued so. `wanted` is the SHA-256 of a
 * certificate in hex, where there are several that may sign.
 * @throws KeyError where the password is wrong, or the file holds no key with its certificate
 */
export function openPkcs12(file: Uint8Array, password: string, wanted?: string): SigningKey {
  const { keys, certificates } = contents(file, password);
  const read = readable(certificates);
  const candidates = keys.flatMap((key): Candidate<KeyObject>[] => {
    const spki = spkiOf(key);
    const certificate = read.find((one) => sameBytes(one.spki, spki));
    return certificate ? [{ key, certificate }] : [];
  });
  if (candidates.length === 0) {
    const found = `${keys.length} keys and ${certificates.length} certificates`;
    throw new KeyError('PKCS12_EMPTY', `${found}, none of which belong together`);
  }
  const { key, certificate } = choose(candidates, wanted);
  const scheme = schemeOf(certificate);
  return {
    certificate: certificate.der,
    chain: chainOf(certificate, read),
    scheme,
    sign: (bytes) => sign(scheme, key, bytes),
    close: () => undefined,
  };
}

function contents(
  file: Uint8Array,
  password: string,
): { keys: KeyObject[]; certificates: PfxContents['certificates'] } {
  try {
    const { keys, certificates } = readPfx(file, password);
    const privateKey = (der: Uint8Array) => createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
    return { keys: keys.map(privateKey), certificates };
  } catch (error) {
    throw new KeyError('PKCS12_WRONG', (error as Error).message);
  }
}
