import { createHash, type KeyObject } from 'node:crypto';
import { type SignatureSubFilter, signedBytes } from '../../../../src/pdf/examine.ts';
import { fillContents, prepareSignature } from '../../../../src/pdf/sign.ts';
import { type Scheme, schemeFor, sign, writeDigestAlgorithm, writeScheme } from '../../../../src/pki/algorithms.ts';
import { ATTRIBUTES, DATA, SIGNED_DATA, signedAttributes } from '../../../../src/pki/cms.ts';
import { children, context, integer, isContext, octets, oid, readDer, sequence, set } from '../../../../src/pki/der.ts';
import { readOutline } from '../../../../src/pki/outline.ts';
import { authorities } from '../../../support/signature/authorities.ts';
import type { Member } from '../../../support/signature/authority.ts';
import type { Stamper } from '../../../support/signature/sign-letter.ts';
import { signers } from '../../../support/signature/signers.ts';
import { ISSUED, stamp } from '../verify/ask.ts';

/** A SignerInfo in its parts, DER each; the attacker exchanges what it likes. */
export interface SignerParts {
  version: Uint8Array;
  sid: Uint8Array;
  digestAlgorithm: Uint8Array;
  /** SET OF. */
  signed: Uint8Array | undefined;
  signatureAlgorithm: Uint8Array;
  /** OCTET STRING. */
  signature: Uint8Array;
  /** Attributes. */
  unsigned: Uint8Array[];
}

/** A SignedData in its parts. */
export interface CmsParts {
  type: Uint8Array;
  version: Uint8Array;
  /** SET OF. */
  digestAlgorithms: Uint8Array;
  content: Uint8Array;
  certificates: Uint8Array[];
  crls: Uint8Array[];
  signers: SignerParts[];
}

const bytesOf = ({ bytes }: { readonly bytes: Uint8Array }): Uint8Array => bytes;
/** The same content under another tag. */
const retagged = (bytes: Uint8Array, tag: number): Uint8Array => Uint8Array.from([tag, ...bytes.subarray(1)]);

function signerParts(der: Uint8Array): SignerParts {
  const fields = [...children(readDer(der))];
  const [version, sid, digestAlgorithm] = fields.splice(0, 3).map(bytesOf);
  const signed = isContext(fields[0]!, 0) ? retagged(fields.shift()!.bytes, 0x31) : undefined;
  const [signatureAlgorithm, signature, unsigned] = fields;
  return {
    version: version!,
    sid: sid!,
    digestAlgorithm: digestAlgorithm!,
    signed,
    signatureAlgorithm: signatureAlgorithm!.bytes,
    signature: signature!.bytes,
    unsigned: unsigned ? children(unsigned).map(bytesOf) : [],
  };
}

export function cmsParts(der: Uint8Array): CmsParts {
  const [type, explicit] = children(readDer(der));
  const fields = [...children(children(explicit!)[0]!)];
  const [version, digestAlgorithms, content] = fields.splice(0, 3).map(bytesOf);
  const certificates = isContext(fields[0]!, 0) ? children(fields.shift()!).map(bytesOf) : [];
  const crls = isContext(fields[0]!, 1) ? children(fields.shift()!).map(bytesOf) : [];
  return {
    type: type!.bytes,
    version: version!,
    digestAlgorithms: digestAlgorithms!,
    content: content!,
    certificates,
    crls,
    signers: children(fields[0]!).map(({ bytes }) => signerParts(bytes)),
  };
}

export const writeSigner = (signer: SignerParts): Uint8Array =>
  sequence(
    signer.version,
    signer.sid,
    signer.digestAlgorithm,
    ...(signer.signed ? [retagged(signer.signed, 0xa0)] : []),
    signer.signatureAlgorithm,
    signer.signature,
    ...(signer.unsigned.length > 0 ? [context(1, true, ...signer.unsigned)] : []),
  );

export const writeCms = (parts: CmsParts): Uint8Array =>
  sequence(
    parts.type,
    context(
      0,
      true,
      sequence(
        parts.version,
        parts.digestAlgorithms,
        parts.content,
        ...(parts.certificates.length > 0 ? [context(0, true, ...parts.certificates)] : []),
        ...(parts.crls.length > 0 ? [context(1, true, ...parts.crls)] : []),
        set(...parts.signers.map(writeSigner)),
      ),
    ),
  );

/** What takes a finished signature apart, changes it, and puts it together again without signing anew. */
export const tampered =
  (change: (parts: CmsParts, signer: SignerParts) => void) =>
  (cms: Uint8Array): Uint8Array => {
    const parts = cmsParts(cms);
    change(parts, parts.signers[0]!);
    return writeCms(parts);
  };

export const attribute = (type: string, ...values: readonly Uint8Array[]): Uint8Array =>
  sequence(oid(type), set(...values));

/** A SET OF signed attributes without some, and with others. */
export const attributes =
  (without: readonly string[], ...added: readonly Uint8Array[]) =>
  (der: Uint8Array): Uint8Array => {
    const types = without.map((type) => Buffer.from(oid(type)));
    const kept = children(readDer(der)).filter((one) => !types.some((type) => type.equals(children(one)[0]!.bytes)));
    return set(...kept.map(bytesOf), ...added);
  };

/** How a signature is made by hand, with whatever key, algorithm and bytes. */
export interface Handmade {
  readonly signer?: Pick<Member, 'key' | 'certificate'>;
  readonly hash?: string;
  /** AlgorithmIdentifiers; as suits the key unless given. */
  readonly digestAlgorithm?: Uint8Array;
  readonly signatureAlgorithm?: Uint8Array;
  readonly attributes?: (der: Uint8Array) => Uint8Array;
  readonly sign?: (attributes: Uint8Array, scheme: Scheme) => Uint8Array;
  readonly certificates?: readonly Uint8Array[];
  readonly subFilter?: SignatureSubFilter;
  readonly timestamp?: Stamper;
  /** After it is time-stamped. */
  readonly change?: (parts: CmsParts, signer: SignerParts) => void;
  readonly pdf?: Uint8Array;
}

const schemeOf = (key: KeyObject): Scheme => {
  try {
    return schemeFor(key);
  } catch {
    return { kind: key.asymmetricKeyType === 'rsa' ? 'rsa-pkcs1' : 'ecdsa', hash: 'sha256' };
  }
};

/** A signed letter with no program between that would refuse to make what is wrong. */
export async function handmade(how: Handmade = {}): Promise<Uint8Array> {
  const { signer = signers.doctor, hash = 'sha256', timestamp = stamp() } = how;
  const scheme = schemeOf(signer.key);
  const prepared = prepareSignature(how.pdf ?? ISSUED, {
    fieldName: 'Signature1',
    subFilter: how.subFilter ?? 'ETSI.CAdES.detached',
  });
  const state = createHash(hash);
  for (const part of signedBytes(prepared.bytes, prepared.byteRange)) state.update(part);
  const { issuer, serial } = readOutline(signer.certificate);
  const made = signedAttributes({ messageDigest: new Uint8Array(state.digest()), certificate: signer.certificate });
  const signed = how.attributes ? how.attributes(made) : made;
  const value = how.sign ? how.sign(signed, scheme) : sign(scheme, signer.key, signed);
  const digestAlgorithm = how.digestAlgorithm ?? writeDigestAlgorithm(scheme.hash);
  const own: SignerParts = {
    version: integer(1),
    sid: sequence(issuer, integer(serial)),
    digestAlgorithm,
    signed,
    signatureAlgorithm: how.signatureAlgorithm ?? writeScheme(scheme),
    signature: octets(value),
    unsigned: [attribute(ATTRIBUTES.signatureTimeStampToken, await timestamp(value))],
  };
  const parts: CmsParts = {
    type: oid(SIGNED_DATA),
    version: integer(1),
    digestAlgorithms: set(digestAlgorithm),
    content: sequence(oid(DATA)),
    certificates: [...(how.certificates ?? [signer.certificate, authorities.signing.certificate])],
    crls: [],
    signers: [own],
  };
  how.change?.(parts, own);
  return fillContents(prepared, writeCms(parts));
}

/** AlgorithmIdentifier. */
export const algorithm = (identifier: string, ...parameters: readonly Uint8Array[]): Uint8Array =>
  sequence(oid(identifier), ...parameters);
