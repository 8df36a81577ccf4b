import { TIME_STAMPING } from '../../../src/pki/extensions.ts';
import { authorities } from './authorities.ts';
import { lazily, type Making, type Member, stamperOf } from './authority.ts';
import { DAY, SIGNED_AT, YEAR } from './times.ts';

const tsa = (owner: string, making?: Making): Member => stamperOf(owner, authorities.timestampRoot, making);

/** Time-stamp authorities. The first are right; the others have the one thing wrong that they are named after. */
export const stampers = lazily({
  tsa: () => tsa('TESTS TSU 1', { kind: 'rsa-2048' }),
  /** For archive time-stamps, long after. */
  next: () => tsa('TESTS TSU 2', { notAfter: SIGNED_AT + 18 * YEAR }),
  /** Its certificate ends a year after the letters of the tests are signed. */
  ending: () => tsa('TESTS TSU ending', { notAfter: SIGNED_AT + YEAR }),
  /** Revoked a month after they are signed, because it was replaced. */
  superseded: () => tsa('TESTS TSU superseded'),

  /** Revoked a month after they are signed, because its key was stolen. */
  compromised: () => tsa('TESTS TSU compromised'),
  /** Revoked before. */
  revoked: () => tsa('TESTS TSU revoked'),
  expired: () => tsa('TESTS TSU expired', { notAfter: SIGNED_AT - 30 * DAY }),
  notYetValid: () => tsa('TESTS TSU not yet valid', { notBefore: SIGNED_AT + 30 * DAY }),
  notCritical: () => tsa('TESTS TSU not critical', { extensions: { critical: { extendedKeyUsage: false } } }),
  extraPurpose: () =>
    tsa('TESTS TSU of two purposes', { extensions: { extendedKeyUsage: [TIME_STAMPING, '1.3.6.1.5.5.7.3.2'] } }),
  noPurpose: () => tsa('TESTS TSU of no purpose', { extensions: { extendedKeyUsage: undefined } }),
  wrongKeyUsage: () => tsa('TESTS TSU of another use', { extensions: { keyUsage: ['keyAgreement'] } }),
  otherRoot: () => stamperOf('TESTS TSU of others', authorities.otherTimestampRoot),
});
