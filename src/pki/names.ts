/** Distinguished names: reading, writing, RFC 4514 text, and the comparison of RFC 5280 §7.1. */
import {
  DerError,
  hex,
  oid,
  printable,
  readOid,
  readSequence,
  readSetOf,
  readText,
  sequence,
  set,
  TAGS,
  type Tlv,
  utf8,
} from './der.ts';

export interface NameAttribute {
  /** Object identifier. */
  readonly type: string;
  /** Of a text type; undefined for any other. */
  readonly text: string | undefined;
  /** Of the value, DER. */
  readonly der: Uint8Array;
}

export interface Name {
  readonly der: Uint8Array;
  /** Relative distinguished names, the outermost (country) first, each of one attribute or more. */
  readonly rdns: readonly (readonly NameAttribute[])[];
  /** One for each relative distinguished name: two compare equal if and only if these are the same texts. */
  readonly keys: readonly string[];
}

/** Short names of RFC 4514 §3, and of attributes that certificates have besides. */
export const ATTRIBUTE_TYPES: Readonly<Record<string, string>> = Object.freeze({
  CN: '2.5.4.3',
  SN: '2.5.4.4',
  serialNumber: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  STREET: '2.5.4.9',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  title: '2.5.4.12',
  GN: '2.5.4.42',
  dnQualifier: '2.5.4.46',
  organizationIdentifier: '2.5.4.97',
  DC: '0.9.2342.19200300.100.1.25',
  UID: '0.9.2342.19200300.100.1.1',
  emailAddress: '1.2.840.113549.1.9.1',
});

const SHORT_NAMES: Readonly<Record<string, string>> = Object.freeze(
  Object.fromEntries(Object.entries(ATTRIBUTE_TYPES).map(([short, type]) => [type, short])),
);

const TEXT_TAGS: ReadonlySet<number> = new Set([
  TAGS.UTF8_STRING,
  TAGS.PRINTABLE_STRING,
  TAGS.NUMERIC_STRING,
  TAGS.IA5_STRING,
  TAGS.VISIBLE_STRING,
  TAGS.TELETEX_STRING,
  TAGS.BMP_STRING,
]);

/** Far more than any name has. */
const MOST_RDNS = 64;

/** @throws DerError */
export function readName(tlv: Tlv | undefined): Name {
  const sets = readSequence(tlv);
  if (sets.length > MOST_RDNS) throw new DerError('a name with too many parts', tlv!.offset);
  const rdns: NameAttribute[][] = [];
  const keys: string[] = [];
  for (const member of sets) {
    const { attributes, key } = readRdn(readSetOf(member), member.offset);
    rdns.push(attributes);
    keys.push(key);
  }
  return { der: tlv!.bytes, rdns, keys };
}

/** A RelativeDistinguishedName alone: [1] of a DistributionPointName. Gives `base` with it at the end. @throws DerError */
export function appendRdn(base: Name, members: readonly Tlv[], offset: number): Name {
  const { attributes, key } = readRdn(members, offset);
  const sets = [...base.rdns, attributes].map((rdn) => set(...rdn.map(({ type, der }) => sequence(oid(type), der))));
  return { der: sequence(...sets), rdns: [...base.rdns, attributes], keys: [...base.keys, key] };
}

function readRdn(members: readonly Tlv[], offset: number): { attributes: NameAttribute[]; key: string } {
  if (members.length === 0) throw new DerError('an empty part of a name', offset);
  const attributes: NameAttribute[] = [];
  const keys: string[] = [];
  for (const member of members) {
    const [typeTlv, value, ...rest] = readSequence(member);
    if (typeTlv === undefined || value === undefined || rest.length > 0) {
      throw new DerError('not an AttributeTypeAndValue', member.offset);
    }
    const type = readOid(typeTlv);
    const text = value.tagClass === 0 && TEXT_TAGS.has(value.tag) ? readText(value) : undefined;
    attributes.push({ type, text, der: value.bytes });
    keys.push(`${type}=${comparable(value, text)}`);
  }
  return { attributes, key: keys.length === 1 ? keys[0]! : keys.sort().join('\0') };
}

/**
 * What RFC 5280 §7.1 compares: UTF8String and PrintableString prepared by RFC 4518 (compatibility forms and case folded, runs of white
 * space one space, none at the ends), so that both types may be equal; any other type by its bytes.
 */
function comparable(value: Tlv, text: string | undefined): string {
  if (text === undefined || (value.tag !== TAGS.UTF8_STRING && value.tag !== TAGS.PRINTABLE_STRING)) {
    return `#${hex(value.bytes)}`;
  }
  return `"${text.normalize('NFKC').toLowerCase().normalize('NFKC').replaceAll(/\s+/gu, ' ').trim()}`;
}

export const sameName = (left: Name, right: Name): boolean =>
  left.keys.length === right.keys.length && left.keys.every((key, at) => key === right.keys[at]);

/** Whether the name is in the subtree of `base`, or is `base` itself (RFC 5280 §4.2.1.10, directoryName). */
export const isWithin = (name: Name, base: Name): boolean =>
  base.keys.length <= name.keys.length && base.keys.every((key, at) => key === name.keys[at]);

/** For maps. */
export const nameKey = (name: Name): string => name.keys.join('\x01');

export const isEmptyName = (name: Name): boolean => name.rdns.length === 0;

/** The last, most specific one of the type, a short name or an object identifier. */
export function attributeOf(name: Name, type: string): string | undefined {
  const wanted = ATTRIBUTE_TYPES[type] ?? type;
  return name.rdns.flat().findLast((attribute) => attribute.type === wanted)?.text;
}

export const commonName = (name: Name): string | undefined => attributeOf(name, 'CN');

/** RFC 4514 §2: the most specific part first; what is not text or has no short name as #hex. */
export const formatName = (name: Name): string =>
  name.rdns
    .toReversed()
    .map((rdn) => rdn.map(formatAttribute).join('+'))
    .join(',');

function formatAttribute({ type, text, der }: NameAttribute): string {
  const short = SHORT_NAMES[type];
  return short === undefined || text === undefined ? `${type}=#${hex(der)}` : `${short}=${escaped(text)}`;
}

/** RFC 4514 §2.4; control and format characters too, which could make a name look like another. */
function escaped(text: string): string {
  return [...text]
    .map((character, at, all) => {
      if (/["+,;<>\\]/.test(character)) return `\\${character}`;
      if (at === 0 && (character === '#' || character === ' ')) return `\\${character}`;
      if (at === all.length - 1 && character === ' ') return '\\ ';
      if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(character)) return hex(Buffer.from(character)).replaceAll(/../g, '\\$&');
      return character;
    })
    .join('');
}

/**
 * What a name is made of: pairs of type (short name or object identifier) and value (text, or the DER of any other value), each a relative
 * distinguished name, the country first. Or its DER.
 */
export type NameParts = readonly (readonly [type: string, value: string | Uint8Array])[];

const PRINTABLE_TYPES: ReadonlySet<string> = new Set(['C', 'serialNumber', 'dnQualifier']);

/** Country, serial number and qualifier as PrintableString (RFC 5280 appendix A), any other as UTF8String. */
export function writeName(parts: NameParts): Uint8Array {
  return sequence(
    ...parts.map(([type, value]) => {
      const der = typeof value !== 'string' ? value : PRINTABLE_TYPES.has(type) ? printable(value) : utf8(value);
      return set(sequence(oid(ATTRIBUTE_TYPES[type] ?? type), der));
    }),
  );
}
