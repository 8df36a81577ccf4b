/** GeneralName (RFC 5280 §4.2.1.6) and the distribution points of revocation lists that are named by it (§4.2.1.13). */
import {
  children,
  DerError,
  isContext,
  readIa5,
  readNamedBits,
  readOctets,
  readOid,
  readSequence,
  readSetOf,
  sameBytes,
  type Tlv,
} from './der.ts';
import { appendRdn, type Name, readName, sameName } from './names.ts';

/** Of the forms that nothing here decides on only the kind is kept, and the bytes. */
export type GeneralName =
  | { readonly kind: 'directoryName'; readonly name: Name }
  | { readonly kind: 'email' | 'dns' | 'uri'; readonly text: string }
  | { readonly kind: 'otherName' | 'x400Address' | 'ediPartyName' | 'ip' | 'registeredId'; readonly bytes: Uint8Array };

export type GeneralNameKind = GeneralName['kind'];

/** The only element in an explicitly tagged one. @throws DerError */
export function readExplicit(tlv: Tlv): Tlv {
  const [value, ...rest] = children(tlv);
  if (value === undefined || rest.length > 0) throw new DerError('not one element in an explicit tag', tlv.offset);
  return value;
}

/**
 * The optional fields of a SEQUENCE by their context-specific tags, which must be in order and no larger than `most`.
 * @throws DerError
 */
export function readFields(tlv: Tlv | undefined, most: number, implicit?: number): readonly (Tlv | undefined)[] {
  const fields: (Tlv | undefined)[] = new Array(most + 1).fill(undefined);
  let last = -1;
  for (const field of readSequence(tlv, implicit)) {
    if (!isContext(field) || field.tag > most || field.tag <= last) {
      throw new DerError('a field that is not expected here', field.offset);
    }
    last = field.tag;
    fields[field.tag] = field;
  }
  return fields;
}

/** @throws DerError */
export function readGeneralName(tlv: Tlv): GeneralName {
  if (!isContext(tlv)) throw new DerError('not a GeneralName', tlv.offset);
  switch (tlv.tag) {
    case 0:
      readSequence(tlv, 0);
      return { kind: 'otherName', bytes: tlv.bytes };
    case 1:
      return { kind: 'email', text: readIa5(tlv, 1) };
    case 2:
      return { kind: 'dns', text: readIa5(tlv, 2) };
    case 3:
      readSequence(tlv, 3);
      return { kind: 'x400Address', bytes: tlv.bytes };
    case 4:
      return { kind: 'directoryName', name: readName(readExplicit(tlv)) };
    case 5:
      readSequence(tlv, 5);
      return { kind: 'ediPartyName', bytes: tlv.bytes };
    case 6:
      return { kind: 'uri', text: readIa5(tlv, 6) };
    case 7:
      return { kind: 'ip', bytes: readOctets(tlv, 7) };
    case 8:
      readOid(tlv, 8);
      return { kind: 'registeredId', bytes: tlv.bytes };
    default:
      throw new DerError('not a GeneralName', tlv.offset);
  }
}

/** GeneralNames: one at least. @throws DerError */
export function readGeneralNames(tlv: Tlv | undefined, implicit?: number): readonly GeneralName[] {
  const names = readSequence(tlv, implicit).map(readGeneralName);
  if (names.length === 0) throw new DerError('no name where one must be', tlv!.offset);
  return names;
}

export function sameGeneralName(left: GeneralName, right: GeneralName): boolean {
  if ('name' in left) return 'name' in right && sameName(left.name, right.name);
  if (left.kind !== right.kind) return false;
  if ('text' in left) return 'text' in right && left.text === right.text;
  return 'bytes' in right && sameBytes(left.bytes, right.bytes);
}

/**
 * DistributionPointName in its explicit tag: the full names, or the one that `issuer` and the name relative to it make.
 * @throws DerError
 */
export function readDistributionPointName(tlv: Tlv, issuer: Name): readonly GeneralName[] {
  const name = readExplicit(tlv);
  if (isContext(name, 0)) return readGeneralNames(name, 0);
  if (!isContext(name, 1)) throw new DerError('not a DistributionPointName', name.offset);
  return [{ kind: 'directoryName', name: appendRdn(issuer, readSetOf(name, 1), name.offset) }];
}

export interface DistributionPoint {
  /** Full names, with names relative to the issuer made full. */
  readonly names: readonly GeneralName[];
  /** Whether it has reasons: then its lists cover some reasons only. */
  readonly someReasons: boolean;
  /** Present for lists by another issuer: indirect ones. */
  readonly crlIssuer: readonly GeneralName[];
}

/** @throws DerError */
export function readDistributionPoints(tlv: Tlv, issuer: Name): readonly DistributionPoint[] {
  const points = readSequence(tlv).map((point) => {
    const [name, reasons, crlIssuer] = readFields(point, 2);
    if (name === undefined && crlIssuer === undefined) throw new DerError('an empty distribution point', point.offset);
    if (reasons !== undefined) readNamedBits(reasons, 1);
    const issuers = crlIssuer === undefined ? [] : readGeneralNames(crlIssuer, 2);
    const base = issuers.find((other) => 'name' in other);
    return {
      names: name === undefined ? [] : readDistributionPointName(name, base?.name ?? issuer),
      someReasons: reasons !== undefined,
      crlIssuer: issuers,
    };
  });
  if (points.length === 0) throw new DerError('no distribution point where one must be', tlv.offset);
  return points;
}
