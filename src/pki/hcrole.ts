/** Roles of healthcare actors in certificates (ISO 17090-3, HPKI certificate profile). */
import type { Certificate } from './certificate.ts';

/** The roles that the certificate asserts, such as `Medical Doctor`; none when the extension is missing or not as the profile has it. */
export function hcRoles(_certificate: Certificate): readonly string[] {
  throw new Error('not yet');
}

/** The value of a subjectDirectoryAttributes extension that asserts these roles. */
export function writeHcRoles(_roles: readonly string[]): Uint8Array {
  throw new Error('not yet');
}
