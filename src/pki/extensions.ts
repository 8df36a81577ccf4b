/** Extensions of certificates (RFC 5280 §4.2): a table of those that are understood, and what each says. */
import {
  DerError,
  isUniversal,
  readBoolean,
  readDer,
  readInteger,
  readNamedBits,
  readOctets,
  readOid,
  readSequence,
  readSmallInteger,
  TAGS,
  type Tlv,
} from './der.ts';
import {
  type DistributionPoint,
  type GeneralName,
  readDistributionPoints,
  readFields,
  readGeneralName,
  readGeneralNames,
} from './generalname.ts';
import type { Name } from './names.ts';

export type { DistributionPoint, GeneralName, GeneralNameKind } from './generalname.ts';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** What is in the OCTET STRING. */
  readonly value: Uint8Array;
}

export const EXTENSIONS = Object.freeze({
  subjectDirectoryAttributes: '2.5.29.9',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
});

export const ANY_POLICY = '2.5.29.32.0';
export const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

/** In the order of their bits (RFC 5280 §4.2.1.3); nonRepudiation is also called contentCommitment. */
export const KEY_USAGES = Object.freeze([
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const);

export type KeyUsage = (typeof KEY_USAGES)[number];

export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

export interface KnownExtensions {
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number };
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** Object identifiers. */
  readonly extendedKeyUsage?: ReadonlySet<string>;
  readonly certificatePolicies?: ReadonlySet<string>;
  readonly policyMappings?: readonly { readonly issuerDomain: string; readonly subjectDomain: string }[];
  readonly policyConstraints?: { readonly requireExplicitPolicy?: number; readonly inhibitPolicyMapping?: number };
  readonly inhibitAnyPolicy?: number;
  readonly nameConstraints?: NameConstraints;
  readonly authorityKeyIdentifier?: Uint8Array;
  readonly subjectKeyIdentifier?: Uint8Array;
  readonly crlDistributionPoints?: readonly DistributionPoint[];
  readonly subjectAltName?: readonly GeneralName[];
}

const QUALIFIERS: ReadonlySet<string> = new Set(['1.3.6.1.5.5.7.2.1', '1.3.6.1.5.5.7.2.2']);

/** More than any real certificate has. */
const MOST_EXTENSIONS = 64;

/**
 * `extensions` as certificates and lists and their entries have them. A criticality of FALSE that is written out, against DER, is let pass:
 * many certificates have it and it means nothing else. @throws DerError
 */
export function readExtensions(tlv: Tlv): readonly Extension[] {
  const seen = new Set<string>();
  const found = readSequence(tlv).map((member) => {
    const [type, ...rest] = readSequence(member);
    const critical = rest[0] !== undefined && isUniversal(rest[0], TAGS.BOOLEAN) ? readBoolean(rest.shift()!) : false;
    const [value, ...more] = rest;
    if (type === undefined || value === undefined || more.length > 0) {
      throw new DerError('not an Extension', member.offset);
    }
    const oid = readOid(type);
    if (seen.has(oid)) throw new DerError(`extension ${oid} twice`, member.offset);
    seen.add(oid);
    return { oid, critical, value: readOctets(value) };
  });
  if (found.length === 0) throw new DerError('no extension where one must be', tlv.offset);
  if (found.length > MOST_EXTENSIONS) throw new DerError(`more than ${MOST_EXTENSIONS} extensions`, tlv.offset);
  return found;
}

type Mutable = { -readonly [name in keyof KnownExtensions]: KnownExtensions[name] };

interface Understood {
  readonly known: KnownExtensions;
  /** Object identifiers of what is critical and not understood. */
  readonly unknownCritical: readonly string[];
}

type Reader = (value: Tlv, issuer: Name, known: Mutable, unknown: (oid: string) => void) => void;

/** Whole numbers of certificates below a certificate: nothing comes near. */
const MOST_CERTIFICATES = 10_000;

function objectIdentifiers(tlv: Tlv, read: (member: Tlv) => string): ReadonlySet<string> {
  const members = readSequence(tlv);
  const found = new Set(members.map(read));
  if (members.length === 0) throw new DerError('an empty list of object identifiers', tlv.offset);
  if (found.size !== members.length) throw new DerError('an object identifier twice', tlv.offset);
  return found;
}

const READERS: Readonly<Record<string, Reader>> = Object.freeze<Record<string, Reader>>({
  [EXTENSIONS.basicConstraints]: (tlv, _, known) => {
    const fields = [...readSequence(tlv)];
    const ca = fields[0] !== undefined && isUniversal(fields[0], TAGS.BOOLEAN) ? readBoolean(fields.shift()!) : false;
    const [pathLength, ...rest] = fields;
    if (rest.length > 0) throw new DerError('not BasicConstraints', tlv.offset);
    known.basicConstraints =
      pathLength === undefined ? { ca } : { ca, pathLength: readSmallInteger(pathLength, MOST_CERTIFICATES) };
  },
  [EXTENSIONS.keyUsage]: (tlv, _, known) => {
    const positions = [...readNamedBits(tlv)];
    if (positions.length === 0 || positions.some((position) => position >= KEY_USAGES.length)) {
      throw new DerError('not a KeyUsage', tlv.offset);
    }
    known.keyUsage = new Set(positions.map((position) => KEY_USAGES[position]!));
  },
  [EXTENSIONS.extendedKeyUsage]: (tlv, _, known) => {
    known.extendedKeyUsage = objectIdentifiers(tlv, (member) => readOid(member));
  },
  [EXTENSIONS.certificatePolicies]: (tlv, _, known, unknown) => {
    known.certificatePolicies = objectIdentifiers(tlv, (member) => {
      const [policy, qualifiers, ...rest] = readSequence(member);
      if (policy === undefined || rest.length > 0) throw new DerError('not a PolicyInformation', member.offset);
      for (const qualifier of qualifiers === undefined ? [] : readSequence(qualifiers)) {
        const [kind, value, ...more] = readSequence(qualifier);
        if (kind === undefined || value === undefined || more.length > 0) {
          throw new DerError('not a PolicyQualifierInfo', qualifier.offset);
        }
        const id = readOid(kind);
        if (!QUALIFIERS.has(id)) unknown(id);
      }
      return readOid(policy);
    });
  },
  [EXTENSIONS.policyMappings]: (tlv, _, known) => {
    known.policyMappings = readSequence(tlv).map((member) => {
      const [issuer, subject, ...rest] = readSequence(member);
      if (issuer === undefined || subject === undefined || rest.length > 0) {
        throw new DerError('not a policy mapping', member.offset);
      }
      return { issuerDomain: readOid(issuer), subjectDomain: readOid(subject) };
    });
  },
  [EXTENSIONS.policyConstraints]: (tlv, _, known) => {
    const [explicit, mapping] = readFields(tlv, 1);
    if (explicit === undefined && mapping === undefined) throw new DerError('empty PolicyConstraints', tlv.offset);
    known.policyConstraints = {
      ...(explicit && { requireExplicitPolicy: readSmallInteger(explicit, MOST_CERTIFICATES, 0) }),
      ...(mapping && { inhibitPolicyMapping: readSmallInteger(mapping, MOST_CERTIFICATES, 1) }),
    };
  },
  [EXTENSIONS.inhibitAnyPolicy]: (tlv, _, known) => {
    known.inhibitAnyPolicy = readSmallInteger(tlv, MOST_CERTIFICATES);
  },
  [EXTENSIONS.nameConstraints]: (tlv, _, known) => {
    const [permitted, excluded] = readFields(tlv, 1);
    if (permitted === undefined && excluded === undefined) throw new DerError('empty NameConstraints', tlv.offset);
    known.nameConstraints = {
      permitted: permitted === undefined ? [] : readSubtrees(permitted, 0),
      excluded: excluded === undefined ? [] : readSubtrees(excluded, 1),
    };
  },
  [EXTENSIONS.authorityKeyIdentifier]: (tlv, _, known) => {
    const [key, issuer, serial] = readFields(tlv, 2);
    if ((issuer === undefined) !== (serial === undefined)) {
      throw new DerError('an issuer without serial number, or the reverse', tlv.offset);
    }
    if (issuer !== undefined) readGeneralNames(issuer, 1);
    if (serial !== undefined) readInteger(serial, 2);
    if (key !== undefined) known.authorityKeyIdentifier = readOctets(key, 0);
  },
  [EXTENSIONS.subjectKeyIdentifier]: (tlv, _, known) => {
    known.subjectKeyIdentifier = readOctets(tlv);
  },
  [EXTENSIONS.crlDistributionPoints]: (tlv, issuer, known) => {
    known.crlDistributionPoints = readDistributionPoints(tlv, issuer);
  },
  [EXTENSIONS.subjectAltName]: (tlv, _, known) => {
    known.subjectAltName = readGeneralNames(tlv);
  },
  /** hcrole.ts reads it; what is not as its profile has it gives no role, and no attribute limits what the certificate is for. */
  [EXTENSIONS.subjectDirectoryAttributes]: (tlv) => {
    readSequence(tlv);
  },
});

/** GeneralSubtrees. Distances other than "whole subtree" have no use (RFC 5280 §4.2.1.10) and are refused. */
function readSubtrees(tlv: Tlv, implicit: number): readonly GeneralName[] {
  const subtrees = readSequence(tlv, implicit).map((subtree) => {
    const [base, ...distances] = readSequence(subtree);
    if (base === undefined || distances.length > 0) throw new DerError('not a whole subtree of names', subtree.offset);
    return readGeneralName(base);
  });
  if (subtrees.length === 0) throw new DerError('no subtree where one must be', tlv.offset);
  return subtrees;
}

/** What the extensions of a certificate of `issuer` say. @throws DerError when one that is known is malformed, critical or not. */
export function understand(extensions: readonly Extension[], issuer: Name): Understood {
  const known: Mutable = {};
  const unknownCritical: string[] = [];
  for (const { oid, critical, value } of extensions) {
    const read = Object.hasOwn(READERS, oid) ? READERS[oid] : undefined;
    if (read !== undefined) {
      read(readDer(value), issuer, known, (part) => {
        if (critical) unknownCritical.push(part);
      });
    } else if (critical) unknownCritical.push(oid);
  }
  return { known, unknownCritical };
}
