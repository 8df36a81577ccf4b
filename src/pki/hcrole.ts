/**
 * Roles of healthcare actors in certificates: attribute id-hcpki-at-healthcareactor (ISO 17090-3) in the extension
 * subjectDirectoryAttributes, with the code table of the HPKI certificate profile.
 */
import type { Certificate } from './certificate.ts';
import {
  context,
  DerError,
  isContext,
  isUniversal,
  oid,
  readDer,
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
import { EXTENSIONS } from './extensions.ts';
import { readExplicit } from './generalname.ts';

const HEALTHCARE_ACTOR = '1.0.17090.0.1';
/** id-jhpki-cdata: the texts of codeDataFreeText are those of the HPKI profile. */
const JAPANESE_CODES = '1.2.392.100495.1.6.1.1';

/**
 * The roles that the certificate asserts, such as `Medical Doctor`; none when there is no such extension, when any part of it is not as the
 * profile has it, or when the codes are of another scheme.
 */
export function hcRoles(certificate: Certificate): readonly string[] {
  const extension = certificate.extensions.find(({ oid }) => oid === EXTENSIONS.subjectDirectoryAttributes);
  if (extension === undefined) return [];
  try {
    return readRoles(readDer(extension.value));
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}

function readRoles(attributes: Tlv): readonly string[] {
  const actors = readSequence(attributes).flatMap((attribute) => {
    const [type, values, ...rest] = readSequence(attribute);
    if (type === undefined || values === undefined || rest.length > 0) {
      throw new DerError('not an Attribute', attribute.offset);
    }
    return readOid(type) === HEALTHCARE_ACTOR ? [values] : [];
  });
  if (actors.length > 1) throw new DerError('the attribute twice', attributes.offset);
  return actors.flatMap((values) => readSetOf(values).flatMap(readActors));
}

/** The attribute's value, HCActorData: a SET OF actors, or, where the inner SET was left out, an actor. */
const readActors = (value: Tlv): readonly string[] =>
  isUniversal(value, TAGS.SET) ? readSetOf(value).flatMap(readActor) : readActor(value);

/** HCActor: codedData [0], and regional data [1], of which nothing is known here. */
function readActor(actor: Tlv): readonly string[] {
  const [coded, regional, ...rest] = readSequence(actor);
  if (coded === undefined || !isContext(coded, 0) || rest.length > 0)
    throw new DerError('not an HCActor', actor.offset);
  if (regional !== undefined && !isContext(regional, 1)) throw new DerError('not an HCActor', actor.offset);
  return readCodedData(readExplicit(coded));
}

/** CodedData: scheme [0], codeDataValue [1], codeDataFreeText [2]. The text is the role; without it, the value, where some have put it. */
function readCodedData(coded: Tlv): readonly string[] {
  const fields: (Tlv | undefined)[] = [];
  for (const field of readSetOf(coded)) {
    if (!isContext(field) || field.tag > 2 || fields[field.tag] !== undefined) {
      throw new DerError('not CodedData', field.offset);
    }
    fields[field.tag] = readExplicit(field);
  }
  const [scheme, value, text] = fields;
  const role = text ?? value;
  if (scheme === undefined || role === undefined) throw new DerError('CodedData without scheme or text', coded.offset);
  return readOid(scheme) === JAPANESE_CODES ? [readText(role)] : [];
}

/** The value of a subjectDirectoryAttributes extension that asserts these roles. */
export const writeHcRoles = (roles: readonly string[]): Uint8Array =>
  sequence(sequence(oid(HEALTHCARE_ACTOR), set(set(...roles.map(writeActor)))));

const writeActor = (role: string): Uint8Array =>
  sequence(context(0, true, set(context(0, true, oid(JAPANESE_CODES)), context(2, true, utf8(role)))));
