import forge from 'node-forge';
import type { DemoHpki } from './authorities.ts';

/** The PIN of the doctor's card; ASCII, as node-forge derives keys from the low bytes of what it is given. */
export const PIN = 'sakura-0401';

/** The doctor's card of the demo: a PKCS#12 file with key and certificates (RFC 7292), protected by the PIN. */
export function doctorsCard({ doctor, doctorKey, issuer }: DemoHpki): Uint8Array {
  const key = forge.pki.privateKeyFromPem(doctorKey);
  const certificates = [doctor, issuer].map((text) => forge.pki.certificateFromPem(text));
  const pfx = forge.pkcs12.toPkcs12Asn1(key, certificates, PIN, {
    algorithm: 'aes256',
    friendlyName: '医師資格証（デモ）',
  });
  return new Uint8Array(Buffer.from(forge.asn1.toDer(pfx).getBytes(), 'binary'));
}
