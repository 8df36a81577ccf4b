import type { Trust } from '../../../../src/services/signature/verdict.ts';
import {
  AUTHENTICATION_POLICY,
  authority,
  lazily,
  type Making,
  type Member,
  SIGNATURE_POLICY,
  signerOf,
  stamperOf,
} from '../../../support/signature/authority.ts';
import { crlOf } from '../../../support/signature/lists.ts';
import { DAY, HOUR, YEAR } from '../../../support/signature/times.ts';

/** Other programs go by the machine's clock, so what they are asked about is of today. */
export const TODAY = Math.floor(Date.now() / 1000) * 1000;

const long: Making = { notBefore: TODAY - 5 * YEAR, notAfter: TODAY + 20 * YEAR };
const now: Making = { notBefore: TODAY - YEAR, notAfter: TODAY + YEAR };
const policy: Making['extensions'] = { certificatePolicies: [`${SIGNATURE_POLICY}.3.1`] };
const doctor = (owner: string, making: Making = {}): Member => signerOf(owner, today.signing, { ...now, ...making });

/** The people and authorities of tests/support/signature, of today. */
export const today = lazily({
  root: (): Member => authority('TODAY HPKI Root CA', undefined, { ...long, kind: 'rsa-2048' }),
  signing: (): Member =>
    authority('TODAY HPKI Signing CA', today.root, {
      ...long,
      kind: 'rsa-2048',
      ...(policy && { extensions: policy }),
    }),
  otherRoot: (): Member => authority('TODAY Other Root CA', undefined, long),
  rsa: (): Member => doctor('KYOU Aruesuee', { kind: 'rsa-2048' }),
  p256: (): Member => doctor('KYOU Daen'),
  p384: (): Member => doctor('KYOU Sanbyaku', { kind: 'p-384' }),
  revoked: (): Member => doctor('KYOU Shikkou', { kind: 'rsa-2048' }),
  expired: (): Member => doctor('KYOU Kigen', { kind: 'rsa-2048', notBefore: TODAY - 2 * YEAR, notAfter: TODAY - DAY }),
  stranger: (): Member => signerOf('KYOU Hoka', today.otherRoot, { ...now, kind: 'rsa-2048' }),
  timestampRoot: (): Member => authority('TODAY Time-Stamp Root CA', undefined, { ...long, kind: 'rsa-2048' }),
  tsa: (): Member => stamperOf('TODAY TSU', today.timestampRoot, { ...now, kind: 'rsa-2048' }),
});

/** What the authorities of today have published. */
export const listsOfToday = (): readonly Uint8Array[] => {
  const entries = [
    { serial: today.revoked.x509.serial, revocationDate: TODAY - 2 * DAY, reason: 'keyCompromise' as const },
  ];
  return [
    crlOf(today.root, TODAY - HOUR),
    crlOf(today.signing, TODAY - HOUR, { entries }),
    crlOf(today.timestampRoot, TODAY - HOUR),
  ];
};

export const trustOfToday = (): Trust => ({
  anchors: [today.root.certificate],
  intermediates: [today.signing.certificate],
  timestampAnchors: [today.timestampRoot.certificate],
  timestampIntermediates: [],
  crls: listsOfToday(),
  policies: [SIGNATURE_POLICY],
  refusedPolicies: [AUTHENTICATION_POLICY],
});
