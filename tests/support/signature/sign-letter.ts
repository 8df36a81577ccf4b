import type { KeyObject } from 'node:crypto';
import { addDss, type ValidationMaterial } from '../../../src/pdf/dss.ts';
import { type ByteRange, type SignatureSubFilter, signedBytes } from '../../../src/pdf/examine.ts';
import {
  fillContents,
  type PreparedSignature,
  prepareDocumentTimestamp,
  prepareSignature,
} from '../../../src/pdf/sign.ts';
import { digest, type Hash, type Scheme, schemeFor, sign } from '../../../src/pki/algorithms.ts';
import { ATTRIBUTES, SIGNED_DATA, signedAttributes, signedData } from '../../../src/pki/cms.ts';
import { children, context, oid, readDer, sameBytes, sequence, set } from '../../../src/pki/der.ts';

/** Who holds a key and the certificate for it; `chain` goes into the signature beside the certificate. */
export interface Holder {
  readonly key: KeyObject;
  readonly certificate: Uint8Array;
  readonly chain: readonly Uint8Array[];
}

/** A time-stamp authority as a client knows it: from data to a token. */
export type Stamper = (data: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/**
 * Where something can be done wrong, in the order in which signing comes by. Each gets what an honest client has made and gives what is
 * used instead; what comes after is computed over that, so that exactly one thing is wrong.
 */
export interface Faults {
  /** The file with its signature field and empty /Contents; what is hashed follows from it. */
  readonly prepared?: (prepared: PreparedSignature) => PreparedSignature;
  readonly messageDigest?: (digest: Uint8Array) => Uint8Array;
  /** SignedAttributes, DER SET OF, before they are signed. */
  readonly attributes?: (attributes: Uint8Array) => Uint8Array;
  /** The signature value. */
  readonly signature?: (signature: Uint8Array) => Uint8Array;
  /** ContentInfo, before it is time-stamped. */
  readonly signedData?: (cms: Uint8Array) => Uint8Array;
  /** The token on the signature. */
  readonly token?: (token: Uint8Array) => Uint8Array;
  /** What goes into /Contents. */
  readonly cms?: (cms: Uint8Array) => Uint8Array;
  /** The signed file. */
  readonly file?: (file: Uint8Array) => Uint8Array;
}

export interface SignLetter {
  readonly pdf: Uint8Array;
  readonly signer: Holder;
  /** None: the signature is not time-stamped. */
  readonly timestamp?: Stamper;
  /** `adbe.pkcs7.detached` is what vendors' signers make; PAdES unless given. */
  readonly subFilter?: SignatureSubFilter;
  readonly hash?: Hash;
  readonly pss?: boolean;
  /** Certificates to carry, if not the signer's and its chain. */
  readonly certificates?: readonly Uint8Array[];
  /** Lists to carry in the signature. */
  readonly crls?: readonly Uint8Array[];
  /** What the ESS attribute names, if not the signer's certificate. */
  readonly named?: Uint8Array;
  readonly fieldName?: string;
  /** Bytes to keep free for the signature; as src/pdf/sign.ts does unless told. */
  readonly contentsSize?: number;
  /** Added after signing, as a client does for B-LT. */
  readonly dss?: ValidationMaterial;
  readonly faults?: Faults;
}

const same = <T>(value: T): T => value;

/** Signs as a client does: ETSI EN 319 142-1, levels B-B to B-LT. */
export async function signLetter(letter: SignLetter): Promise<Uint8Array> {
  const { pdf, subFilter = 'ETSI.CAdES.detached', faults = {} } = letter;
  const prepare = faults.prepared ?? same;
  const prepared = prepare(
    prepareSignature(pdf, {
      fieldName: letter.fieldName ?? 'Signature1',
      subFilter,
      ...(letter.contentsSize !== undefined && { contentsSize: letter.contentsSize }),
    }),
  );
  const cms = await signatureOf(signedBytes(prepared.bytes, prepared.byteRange), letter);
  const signed = (faults.file ?? same)(fillContents(prepared, cms));
  return letter.dss ? addDss(signed, letter.dss) : signed;
}

/** The CMS alone, over these bytes. */
export async function signatureOf(
  content: readonly Uint8Array[],
  letter: Omit<SignLetter, 'pdf'>,
): Promise<Uint8Array> {
  const { signer, timestamp, faults = {} } = letter;
  const scheme: Scheme = schemeFor(signer.key, letter.hash, { pss: letter.pss ?? false });
  const attributes = (faults.attributes ?? same)(
    signedAttributes({
      messageDigest: (faults.messageDigest ?? same)(digest(scheme.hash, ...content)),
      certificate: letter.named ?? signer.certificate,
    }),
  );
  let value = new Uint8Array();
  const made = await signedData(
    {
      attributes,
      certificate: signer.certificate,
      scheme,
      certificates: letter.certificates ?? [signer.certificate, ...signer.chain],
      crls: letter.crls ?? [],
    },
    (bytes) => {
      value = new Uint8Array(sign(scheme, signer.key, bytes));
      return value;
    },
  );
  const wrong = (faults.signature ?? same)(value);
  const cms = (faults.signedData ?? same)(sameBytes(wrong, value) ? made : replaceBytes(made, value, wrong));
  if (!timestamp) return (faults.cms ?? same)(cms);
  const token = (faults.token ?? same)(await timestamp(wrong));
  return (faults.cms ?? same)(stamped(cms, token));
}

/** As withTimestamp of src/pki, but of any SignedData, however wrong inside. */
function stamped(cms: Uint8Array, token: Uint8Array): Uint8Array {
  const fields = children(children(children(readDer(cms))[1]!)[0]!).map(({ bytes }) => bytes);
  const signers = children(readDer(fields.pop()!));
  const parts = children(signers.at(-1)!).map(({ bytes }) => bytes);
  const attribute = sequence(oid(ATTRIBUTES.signatureTimeStampToken), set(token));
  const others = signers.slice(0, -1).map(({ bytes }) => bytes);
  const signerInfo = sequence(...parts, context(1, true, attribute));
  return sequence(oid(SIGNED_DATA), context(0, true, sequence(...fields, set(...others, signerInfo))));
}

/** One more update with a document time-stamp over everything before it: B-LTA. */
export async function archiveTimestamp(
  pdf: Uint8Array,
  timestamp: Stamper,
  {
    range = same,
    token = same,
  }: { range?: (range: ByteRange) => ByteRange; token?: (token: Uint8Array) => Uint8Array } = {},
): Promise<Uint8Array> {
  const prepared = prepareDocumentTimestamp(pdf);
  const parts = signedBytes(prepared.bytes, range(prepared.byteRange));
  return fillContents(prepared, token(await timestamp(Buffer.concat(parts))));
}

/** The only occurrence of some bytes exchanged for as many others. */
export function replaceBytes(within: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const source = Buffer.from(within);
  const at = source.indexOf(from);
  if (at < 0 || from.length !== to.length || source.indexOf(from, at + 1) >= 0)
    throw new RangeError('replaceBytes: once, and of the same length');
  source.set(to, at);
  return new Uint8Array(source);
}

/** The bytes with one of them changed. */
export function changeByte(bytes: Uint8Array, at: number, by = 1): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const index = at < 0 ? bytes.length + at : at;
  changed[index] = (changed[index]! + by) & 0xff;
  return changed;
}
