import { digest, schemeFor, sign } from '../../../../src/pki/algorithms.ts';
import { signedAttributes, signedDataWith } from '../../../../src/pki/cms.ts';
import { generalizedTime, integer, oid, sequence } from '../../../../src/pki/der.ts';
import { messageImprint, TST_INFO } from '../../../../src/pki/timestamp.ts';
import type { Holder, Stamper } from '../../../support/signature/sign-letter.ts';
import { stampers } from '../../../support/signature/stampers.ts';
import { SIGNED_AT } from '../../../support/signature/times.ts';
import { TIMESTAMP_POLICY } from '../../../support/signature/timestamp-authority.ts';
import { type CmsParts, type SignerParts, tampered } from './making.ts';

/** Fields of a TSTInfo: 0 version, 1 policy, 2 imprint, 3 serial number, 4 time; others may follow. */
export type TstFields = Uint8Array[];

/** How a time-stamp token is made by hand. */
export interface HandmadeToken {
  readonly authority?: Holder;
  readonly at?: number;
  /** Before it is signed. */
  readonly fields?: (fields: TstFields) => void;
  readonly attributes?: (der: Uint8Array) => Uint8Array;
  readonly certificates?: readonly Uint8Array[];
  /** After it is signed. */
  readonly change?: (parts: CmsParts, signer: SignerParts) => void;
}

/** An authority that stamps what and how the attacker likes. */
export const stampedByHand =
  ({ authority = stampers.tsa, at = SIGNED_AT, ...how }: HandmadeToken = {}): Stamper =>
  (data) => {
    const { key, certificate, chain } = authority;
    const fields = [
      integer(1),
      oid(TIMESTAMP_POLICY),
      messageImprint('sha256', digest('sha256', data)),
      integer(7),
      generalizedTime(at, true),
    ];
    how.fields?.(fields);
    const tst = sequence(...fields);
    const scheme = schemeFor(key);
    const made = signedAttributes({ contentType: TST_INFO, messageDigest: digest(scheme.hash, tst), certificate });
    const attributes = how.attributes ? how.attributes(made) : made;
    const token = signedDataWith(
      {
        attributes,
        certificate,
        scheme,
        certificates: how.certificates ?? [certificate, ...chain],
        content: { type: TST_INFO, bytes: tst },
      },
      sign(scheme, key, attributes),
    );
    return how.change ? tampered(how.change)(token) : token;
  };
