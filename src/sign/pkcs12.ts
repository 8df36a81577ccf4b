import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { sign } from '../pki/algorithms.ts';
import { schemeOf } from './card.ts';
import { KeyError, type SigningKey } from './signing-key.ts';

/**
 * Opens a PKCS#12 file (RFC 7292): a key in a file, for tests, demonstrations and certificates that are issued so.
 * @throws KeyError where the password is wrong, or the file holds no key with its certificate
 */
export function openPkcs12(file: Uint8Array, password: string): SigningKey {
  const { keys, certificates } = contents(file, password);
  for (const key of keys) {
    const publicKey = createPublicKey(key as never).export({ format: 'der', type: 'spki' });
    const certificate = certificates.find((der) =>
      new X509Certificate(der).publicKey.export({ format: 'der', type: 'spki' }).equals(publicKey),
    );
    if (!certificate) continue;
    const scheme = schemeOf(certificate);
    return {
      certificate,
      chain: certificates.filter((der) => der !== certificate),
      scheme,
      sign: (bytes) => sign(scheme, key, bytes),
      close: () => undefined,
    };
  }
  throw new KeyError(
    'PKCS12_EMPTY',
    `${keys.length} keys and ${certificates.length} certificates, none of which belong together`,
  );
}

function contents(file: Uint8Array, password: string): { keys: KeyObject[]; certificates: Uint8Array[] } {
  try {
    const asn1 = forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(file).toString('binary')));
    const pfx = forge.pkcs12.pkcs12FromAsn1(asn1, true, password);
    const bags = (type: string) => pfx.getBags({ bagType: type })[type] ?? [];
    const der = (node: forge.asn1.Asn1) => Buffer.from(forge.asn1.toDer(node).getBytes(), 'binary');
    const { certBag, keyBag, pkcs8ShroudedKeyBag } = forge.pki.oids as Record<string, string>;
    const keys = [...bags(pkcs8ShroudedKeyBag as string), ...bags(keyBag as string)].map(({ key, asn1: raw }) =>
      // What forge has no words for, a key on a curve, it hands over as it was: PrivateKeyInfo.
      createPrivateKey({
        key: der(key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key)) : (raw as forge.asn1.Asn1)),
        format: 'der',
        type: 'pkcs8',
      }),
    );
    const certificates = bags(certBag as string).map(
      ({ cert, asn1: raw }) => new Uint8Array(der(cert ? forge.pki.certificateToAsn1(cert) : (raw as forge.asn1.Asn1))),
    );
    return { keys, certificates };
  } catch (error) {
    throw new KeyError('PKCS12_WRONG', (error as Error).message);
  }
}
