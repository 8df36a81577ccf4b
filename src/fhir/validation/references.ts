/** Reference.reference (https://hl7.org/fhir/R4/references.html#literal): its syntax, and the type that it names. */
import { isResourceType } from '../../definitions/index.ts';

export type Literal =
  | { readonly kind: 'fragment'; readonly id: string }
  /** `type` is undefined for an absolute URL that does not end like a RESTful one, and for URNs. */
  | { readonly kind: 'relative' | 'absolute' | 'urn' | 'conditional'; readonly type?: string }
  | { readonly kind: 'wrong'; readonly why: string };

const RELATIVE = /^([A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
const RESTFUL = /\/([A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
const CONDITIONAL = /^([A-Za-z]+)\?[^\s#]+$/;
const URN =
  /^urn:(?:uuid:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|oid:[0-2](?:\.(?:0|[1-9]\d*))+)$/;
const MAX_LENGTH = 2048;

/** Reads the reference of a Reference. What it points to is not looked for. */
export function parseReference(text: string): Literal {
  if (text.length > MAX_LENGTH) return { kind: 'wrong', why: `is longer than ${MAX_LENGTH} characters` };
  if (text.startsWith('#')) return { kind: 'fragment', id: text.slice(1) };
  if (text.startsWith('http://') || text.startsWith('https://')) {
    if (!URL.canParse(text)) return { kind: 'wrong', why: 'is not a URL' };
    const type = RESTFUL.exec(text)?.[1];
    return type !== undefined && isResourceType(type) ? { kind: 'absolute', type } : { kind: 'absolute' };
  }
  if (text.startsWith('urn:')) {
    return URN.test(text) ? { kind: 'urn' } : { kind: 'wrong', why: 'is not a urn:uuid: or urn:oid:' };
  }
  const relative = RELATIVE.exec(text);
  const type = relative?.[1] ?? CONDITIONAL.exec(text)?.[1];
  if (type === undefined) {
    return {
      kind: 'wrong',
      why: 'must be Type/id, Type/id/_history/version, an http(s) URL, urn:uuid:…, urn:oid:… or #id',
    };
  }
  if (!isResourceType(type)) return { kind: 'wrong', why: 'names a resource type that R4 does not have' };
  return { kind: relative ? 'relative' : 'conditional', type };
}

/** The resource type that Reference.type names (`Patient`, or as a URL of R4's); undefined for any other URI. */
export function namedType(type: string): string | undefined {
  const name = type.replace(/^http:\/\/hl7\.org\/fhir\/StructureDefinition\//, '');
  return isResourceType(name) ? name : undefined;
}
