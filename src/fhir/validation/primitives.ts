/** R4's primitive types: what each allows as a JSON value (https://hl7.org/fhir/R4/datatypes.html#primitive). */
import { isDate, isDateTime, isInstant, isTime } from './dates.ts';

/** What is wrong with a value and what it must be; undefined when it is right. */
export type Primitive = (value: unknown) => string | undefined;

/** Characters of a string (R4: 1 MB). */
const MAX_STRING = 1024 * 1024;
const MAX_INTEGER = 2_147_483_647;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that FHIR forbids
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const CODE = /^[^\s]+(?: [^\s]+)*$/;
const URI = /^[^\s]+$/;
const OID = /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/;
const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NO_BASE64 = /[^A-Za-z0-9+/]/;

function text(value: unknown): string | undefined {
  if (typeof value !== 'string') return mistyped(value, 'a JSON string');
  if (value.length === 0) return 'must not be empty; leave the element out';
  if (value.length > MAX_STRING) return 'is longer than 1,048,576 characters';
  if (CONTROL.test(value)) return 'has control characters; only tab, line feed and carriage return are allowed';
  if (!value.isWellFormed()) return 'has a lone surrogate, which is no Unicode text';
  return undefined;
}

/** A type of string that one more test describes. */
const string =
  (test: (value: string) => boolean, must: string): Primitive =>
  (value) => {
    if (typeof value !== 'string') return mistyped(value, 'a JSON string');
    return test(value) ? undefined : must;
  };

function number(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return value instanceof Number ? value.valueOf() : undefined;
}

/** `2.0` is no integer in FHIR: a number that keeps its text (see json.ts) must be written as one. */
const isWritten = (value: unknown) =>
  typeof value === 'number' || /^-?\d+$/.test(String((value as { text?: unknown }).text ?? value));

const integer =
  (low: number, must: string): Primitive =>
  (value) => {
    const n = number(value);
    if (n === undefined) return mistyped(value, 'a JSON number');
    return Number.isInteger(n) && n >= low && n <= MAX_INTEGER && isWritten(value) ? undefined : must;
  };

function mistyped(value: unknown, wanted: string): string {
  if (value === null) return 'must not be null; leave the element out';
  if (Array.isArray(value)) return `must be ${wanted}, not an array: it cannot repeat`;
  return `must be ${wanted}, not ${typeof value === 'object' ? 'an object' : `a ${typeof value}`}`;
}

function isBase64(value: string): boolean {
  const packed = /\s/.test(value) ? value.replaceAll(/\s{1,1000}/g, '') : value;
  const padding = packed.endsWith('==') ? 2 : packed.endsWith('=') ? 1 : 0;
  // What does not belong there is looked for: a loop over all that does would remember each of millions of places to go back to.
  return (
    packed.length % 4 === 0 && packed.length > padding && !NO_BASE64.test(packed.slice(0, packed.length - padding))
  );
}

const uri = string(
  (v) => URI.test(v) && !CONTROL.test(v) && v.isWellFormed(),
  'must be a URI: not empty, without white space',
);

const table: Readonly<Record<string, Primitive>> = {
  boolean: (value) => (typeof value === 'boolean' ? undefined : mistyped(value, 'true or false')),
  integer: integer(-MAX_INTEGER - 1, 'must be an integer of 32 bits'),
  unsignedInt: integer(0, 'must be an integer from 0 to 2147483647'),
  positiveInt: integer(1, 'must be an integer from 1 to 2147483647'),
  decimal: (value) => {
    const n = number(value);
    if (n === undefined) return mistyped(value, 'a JSON number');
    return Number.isFinite(n) ? undefined : 'is too large for a decimal';
  },
  string: text,
  markdown: text,
  id: string((v) => ID.test(v), 'must be an id: 1 to 64 of A–Z a–z 0–9 - .'),
  code: string(
    (v) => CODE.test(v) && !CONTROL.test(v) && v.isWellFormed(),
    'must be a code: not empty, no white space at its ends, single spaces inside',
  ),
  uri,
  url: uri,
  canonical: uri,
  oid: string((v) => OID.test(v), 'must be an OID as urn:oid:…'),
  uuid: string((v) => UUID.test(v), 'must be a UUID as urn:uuid:… in lower case'),
  date: string(isDate, 'must be a date that exists: YYYY, YYYY-MM or YYYY-MM-DD'),
  dateTime: string(
    isDateTime,
    'must be a date that exists, YYYY, YYYY-MM, YYYY-MM-DD, or with seconds and zone YYYY-MM-DDThh:mm:ss+zz:zz',
  ),
  instant: string(isInstant, 'must be an instant that exists, with seconds and zone: YYYY-MM-DDThh:mm:ss.sss+zz:zz'),
  time: string(isTime, 'must be a time, hh:mm:ss, below 24:00'),
  base64Binary: string(isBase64, 'must be base64 (RFC 4648 §4)'),
};
const primitives = new Map(Object.entries(table));

/** The check of a primitive type; undefined for a name that is none (`xhtml` is checked by xhtml.ts). */
export function primitive(code: string): Primitive | undefined {
  return primitives.get(code);
}
