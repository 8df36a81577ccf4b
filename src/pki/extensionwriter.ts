/** Writes extensions (RFC 5280 §4.2, §5.2, §5.3) as they are asked for, right or wrong. */
import { boolean, context, ia5, integer, namedBits, octets, oid, readDer, sequence } from './der.ts';
import { EXTENSIONS, type Extension, KEY_USAGES, type KeyUsage } from './extensions.ts';
import { writeHcRoles } from './hcrole.ts';
import { type NameParts, writeName } from './names.ts';

/** One of them. */
export interface GeneralNameParts {
  readonly directoryName?: NameParts;
  readonly uri?: string;
  readonly dns?: string;
  readonly email?: string;
  /** Address; with its mask in name constraints. */
  readonly ip?: Uint8Array;
}

export interface DistributionPointParts {
  readonly names?: readonly GeneralNameParts[];
  readonly crlIssuer?: readonly GeneralNameParts[];
  /** For two reasons only: keyCompromise and cACompromise. */
  readonly someReasons?: boolean;
}

/** What is left out is not in the certificate. */
export interface ExtensionParts {
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number };
  readonly keyUsage?: readonly KeyUsage[];
  /** Object identifiers. */
  readonly extendedKeyUsage?: readonly string[];
  readonly certificatePolicies?: readonly string[];
  readonly policyMappings?: readonly (readonly [issuerDomain: string, subjectDomain: string])[];
  readonly policyConstraints?: { readonly requireExplicitPolicy?: number; readonly inhibitPolicyMapping?: number };
  readonly inhibitAnyPolicy?: number;
  readonly nameConstraints?: {
    readonly permitted?: readonly GeneralNameParts[];
    readonly excluded?: readonly GeneralNameParts[];
  };
  readonly subjectAltName?: readonly GeneralNameParts[];
  readonly crlDistributionPoints?: readonly DistributionPointParts[];
  /** As HPKI has them, `Medical Doctor`. */
  readonly hcRoles?: readonly string[];
  /** False leaves it out; when not given it is a hash of the key. */
  readonly subjectKeyIdentifier?: Uint8Array | false;
  /** False leaves it out; when not given it is the issuer's subjectKeyIdentifier. */
  readonly authorityKeyIdentifier?: Uint8Array | false;
  /** Extensions that are critical or not, by the names above, against what RFC 5280 says of them. */
  readonly critical?: Readonly<Partial<Record<keyof typeof EXTENSIONS, boolean>>>;
  /** Added as they are, at the end. */
  readonly raw?: readonly Extension[];
}

export interface IssuingDistributionPointParts {
  readonly names?: readonly GeneralNameParts[];
  readonly onlyContainsUserCerts?: boolean;
  readonly onlyContainsCACerts?: boolean;
  readonly onlyContainsAttributeCerts?: boolean;
  /** keyCompromise and cACompromise. */
  readonly someReasons?: boolean;
  readonly indirectCRL?: boolean;
}

const CRITICAL: ReadonlySet<string> = new Set([
  EXTENSIONS.basicConstraints,
  EXTENSIONS.keyUsage,
  EXTENSIONS.nameConstraints,
  EXTENSIONS.policyMappings,
  EXTENSIONS.policyConstraints,
  EXTENSIONS.inhibitAnyPolicy,
]);

/** The content alone, to be put in an implicit tag. */
const content = (der: Uint8Array): Uint8Array => readDer(der).content;

function writeGeneralName({ directoryName, uri, dns, email, ip }: GeneralNameParts): Uint8Array {
  if (directoryName !== undefined) return context(4, true, writeName(directoryName));
  if (uri !== undefined) return context(6, false, content(ia5(uri)));
  if (dns !== undefined) return context(2, false, content(ia5(dns)));
  if (email !== undefined) return context(1, false, content(ia5(email)));
  return context(7, false, ip ?? new Uint8Array());
}

const generalNames = (names: readonly GeneralNameParts[]): Uint8Array[] => names.map(writeGeneralName);
const fullName = (names: readonly GeneralNameParts[]): Uint8Array =>
  context(0, true, context(0, true, ...generalNames(names)));
const someReasons = (tag: number): Uint8Array => context(tag, false, content(namedBits(1, 2)));
const flag = (tag: number, value: boolean | undefined): Uint8Array[] =>
  value === true ? [context(tag, false, content(boolean(true)))] : [];
const implicitInteger = (tag: number, value: number | undefined): Uint8Array[] =>
  value === undefined ? [] : [context(tag, false, content(integer(value)))];
const subtrees = (tag: number, names: readonly GeneralNameParts[] | undefined): Uint8Array[] =>
  names === undefined ? [] : [context(tag, true, ...generalNames(names).map((name) => sequence(name)))];

type Values = Omit<ExtensionParts, 'critical' | 'raw' | 'subjectKeyIdentifier' | 'authorityKeyIdentifier'> & {
  readonly subjectKeyIdentifier?: Uint8Array | undefined;
  readonly authorityKeyIdentifier?: Uint8Array | undefined;
};

const WRITERS: { readonly [name in keyof Values]-?: (value: NonNullable<Values[name]>) => Uint8Array } = Object.freeze({
  authorityKeyIdentifier: (key) => sequence(context(0, false, key)),
  subjectKeyIdentifier: octets,
  keyUsage: (usages) => namedBits(...usages.map((usage) => KEY_USAGES.indexOf(usage))),
  basicConstraints: ({ ca, pathLength }) =>
    sequence(...(ca ? [boolean(true)] : []), ...(pathLength === undefined ? [] : [integer(pathLength)])),
  extendedKeyUsage: (purposes) => sequence(...purposes.map(oid)),
  certificatePolicies: (policies) => sequence(...policies.map((policy) => sequence(oid(policy)))),
  policyMappings: (pairs) => sequence(...pairs.map((pair) => sequence(...pair.map(oid)))),
  policyConstraints: ({ requireExplicitPolicy, inhibitPolicyMapping }) =>
    sequence(...implicitInteger(0, requireExplicitPolicy), ...implicitInteger(1, inhibitPolicyMapping)),
  inhibitAnyPolicy: integer,
  nameConstraints: ({ permitted, excluded }) => sequence(...subtrees(0, permitted), ...subtrees(1, excluded)),
  subjectAltName: (names) => sequence(...generalNames(names)),
  crlDistributionPoints: (points) =>
    sequence(
      ...points.map((point) =>
        sequence(
          ...(point.names === undefined ? [] : [fullName(point.names)]),
          ...(point.someReasons ? [someReasons(1)] : []),
          ...(point.crlIssuer === undefined ? [] : [context(2, true, ...generalNames(point.crlIssuer))]),
        ),
      ),
    ),
  hcRoles: writeHcRoles,
});

/** Extension, DER. */
const writeExtension = ({ oid: type, critical, value }: Extension): Uint8Array =>
  sequence(oid(type), ...(critical ? [boolean(true)] : []), octets(value));

/** Extensions, DER. */
export const writeExtensions = (extensions: readonly Extension[]): Uint8Array =>
  sequence(...extensions.map(writeExtension));

export function certificateExtensions(values: Values, { critical = {}, raw = [] }: ExtensionParts): Extension[] {
  const written = (Object.keys(WRITERS) as (keyof Values)[]).flatMap((name) => {
    const value = values[name];
    if (value === undefined) return [];
    const known = name === 'hcRoles' ? 'subjectDirectoryAttributes' : name;
    const type = EXTENSIONS[known];
    const write = WRITERS[name] as (value: unknown) => Uint8Array;
    return [{ oid: type, critical: critical[known] ?? CRITICAL.has(type), value: write(value) }];
  });
  return [...written, ...raw];
}

export const writeIssuingDistributionPoint = (parts: IssuingDistributionPointParts): Uint8Array =>
  sequence(
    ...(parts.names === undefined ? [] : [fullName(parts.names)]),
    ...flag(1, parts.onlyContainsUserCerts),
    ...flag(2, parts.onlyContainsCACerts),
    ...(parts.someReasons ? [someReasons(3)] : []),
    ...flag(4, parts.indirectCRL),
    ...flag(5, parts.onlyContainsAttributeCerts),
  );

export const writeCertificateIssuer = (name: NameParts): Uint8Array =>
  sequence(writeGeneralName({ directoryName: name }));
