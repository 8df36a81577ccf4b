/** Signatures for the tests of CMS: made as ours are, and put together by hand, right or wrong. */
import { digest, schemeFor, sign, writeDigestAlgorithm, writeScheme } from '../../src/pki/algorithms.ts';
import {
  ATTRIBUTES,
  DATA,
  readSignedData,
  SIGNED_DATA,
  type SignedDataInput,
  signedAttributes,
  signedDataWith,
} from '../../src/pki/cms.ts';
import { context, derOrder, integer, octets, oid, sequence, set } from '../../src/pki/der.ts';
import { readOutline } from '../../src/pki/outline.ts';
import { signatory } from './material.ts';

export const letter = Buffer.from('診療情報提供書');
export const doctor = signatory('P-256', { name: 'Doctor' });
export const other = signatory('P-256', { name: 'Other', serial: 4712n });
export const twin = signatory('P-256', { name: 'Doctor' });
export const scheme = schemeFor(doctor.key);
export const { spki, issuer } = readOutline(doctor.certificate);
export const at = Date.UTC(2026, 3, 1, 9, 30);

export const attribute = (type: string, ...values: readonly Uint8Array[]) => sequence(oid(type), set(...values));
export const contentType = attribute(ATTRIBUTES.contentType, oid(DATA));
export const messageDigest = attribute(ATTRIBUTES.messageDigest, octets(digest('sha256', letter)));

/** A signature over attributes as they are given, right or wrong. */
export const over = (attributes: Uint8Array, more: Partial<SignedDataInput> = {}) =>
  signedDataWith(
    { attributes, certificate: doctor.certificate, scheme, ...more },
    sign(scheme, doctor.key, attributes),
  );

export const ours = (more: Partial<SignedDataInput> = {}) =>
  over(signedAttributes({ messageDigest: digest('sha256', letter), certificate: doctor.certificate }), more);

export const signerOf = (cms: Uint8Array) => readSignedData(cms).signers[0]!;

export interface SignerInfoParts {
  version?: number;
  identifier?: Uint8Array;
  digestAlgorithm?: Uint8Array;
  /** Members of signedAttrs as they are, in this order. */
  signed?: readonly Uint8Array[];
  signatureAlgorithm?: Uint8Array;
  unsigned?: readonly Uint8Array[];
  more?: readonly Uint8Array[];
}

export const byIssuer = sequence(issuer, integer(4711));
export const inOrder = derOrder([contentType, messageDigest]);

export function signerInfo(parts: SignerInfoParts = {}): Uint8Array {
  return sequence(
    integer(parts.version ?? 1),
    parts.identifier ?? byIssuer,
    parts.digestAlgorithm ?? writeDigestAlgorithm('sha256'),
    context(0, true, ...(parts.signed ?? inOrder)),
    parts.signatureAlgorithm ?? writeScheme(scheme),
    octets(new Uint8Array(70)),
    ...(parts.unsigned ? [context(1, true, ...parts.unsigned)] : []),
    ...(parts.more ?? []),
  );
}

export interface SignedDataParts {
  contentInfo?: string;
  version?: number;
  digests?: Uint8Array;
  encapsulated?: Uint8Array;
  certificates?: readonly Uint8Array[];
  crls?: readonly Uint8Array[];
  signers?: readonly Uint8Array[];
  more?: readonly Uint8Array[];
}

export function build(parts: SignedDataParts = {}): Uint8Array {
  return sequence(
    oid(parts.contentInfo ?? SIGNED_DATA),
    context(
      0,
      true,
      sequence(
        integer(parts.version ?? 1),
        parts.digests ?? set(writeDigestAlgorithm('sha256')),
        parts.encapsulated ?? sequence(oid(DATA)),
        ...(parts.certificates ? [context(0, true, ...parts.certificates)] : []),
        ...(parts.crls ? [context(1, true, ...parts.crls)] : []),
        set(...(parts.signers ?? [signerInfo()])),
        ...(parts.more ?? []),
      ),
    ),
  );
}
