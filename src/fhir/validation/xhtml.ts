/**
 * Narrative.div (https://hl7.org/fhir/R4/narrative.html#xhtml, invariants txt-1 and txt-2): one well-formed XHTML div with basic
 * formatting only. Reads the text once, from left to right, without recursion.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** HTML 4.0 chapters 7–11 (without 9.4) and 15, `a` and `img`: no forms, scripts, frames, objects or document heads. */
const ELEMENTS = words(
  'div p br hr h1 h2 h3 h4 h5 h6 address blockquote pre ul ol li dl dt dd table caption colgroup col thead tfoot tbody tr th td ' +
    'a img map area span b strong i em u s strike big small tt font sub sup q cite dfn code samp kbd var abbr acronym bdo',
);
const VOID = words('br hr img col area');
const ATTRIBUTES = words(
  'xmlns class style title id lang xml:lang dir name href rel rev hreflang type charset target accesskey tabindex src alt longdesc usemap ' +
    'ismap height width hspace vspace border align valign char charoff abbr axis headers scope rowspan colspan cellpadding cellspacing ' +
    'summary frame rules bgcolor clear color face size cite datetime span start value compact nowrap noshade shape coords nohref',
);
const LINKS = words('href src cite longdesc usemap');
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const NAMESPACE = 'http://www.w3.org/1999/xhtml';
const MAX_DEPTH = 200;
const TAG = /<(\/?)([A-Za-z][A-Za-z0-9:]{0,31})/y;
const ATTRIBUTE = /\s+([A-Za-z_][A-Za-z0-9_:.-]{0,63})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;
const ENTITY = /&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});/y;
/** Schemes that a link may have; a link without one is relative, and `data:` is for small pictures only. */
const SCHEME = /^([a-z][a-z0-9+.-]*):/;
const SCHEMES = words('http https ftp mailto tel urn cid');
const PICTURE = /^data:image\/(?:png|gif|jpeg|webp);base64,[a-z0-9+/=]*$/;
/** In a style: what runs, or loads a style sheet. A backslash or a comment could hide any of them. */
const UNSAFE_STYLE = /expression|@import|javascript|vbscript|behavior|-moz-binding|\\|\/\*/i;
const STYLE_URL = /url\s*\(([^)]*)/gi;
const CONTROL_OR_SPACE = /[\s\p{Cc}\p{Cf}]+/gu;

/** What is wrong with a narrative; undefined when nothing is. */
export function xhtmlFault(div: unknown): string | undefined {
  if (typeof div !== 'string') return 'must be a JSON string with one <div> element';
  const open: string[] = [];
  let content = false;
  let at = div.search(/\S/);
  if (at < 0 || !/<div[\s/>]/y.test(div.slice(at, at + 5)))
    return 'must begin with <div xmlns="http://www.w3.org/1999/xhtml">';
  for (;;) {
    const next = div.indexOf('<', at);
    const text = div.slice(at, next < 0 ? div.length : next);
    const fault = textFault(text);
    if (fault) return fault;
    if (open.length > 0 && !content && /[^\s]/.test(text)) content = true;
    if (next < 0) break;
    at = next;
    if (div.startsWith('<!--', at)) {
      const end = div.indexOf('--', at + 4);
      if (end < 0 || div[end + 2] !== '>') return 'has a comment that is not well-formed';
      at = end + 3;
      continue;
    }
    const tag = readTag(div, at);
    if (typeof tag === 'string') return tag;
    if (tag.closing) {
      if (open.pop() !== tag.name) return `closes <${tag.name}> where it is not the innermost open element`;
    } else {
      if (open.length === 0 && tag.namespace !== NAMESPACE) return `must have xmlns="${NAMESPACE}" on its <div>`;
      if (tag.namespace !== undefined && tag.namespace !== NAMESPACE) return `may have no namespace but ${NAMESPACE}`;
      if (tag.name === 'img') content = true;
      if (!tag.empty) open.push(tag.name);
      if (open.length > MAX_DEPTH) return `nests deeper than ${MAX_DEPTH} elements`;
    }
    at = tag.end;
    if (open.length === 0) break;
  }
  if (open.length > 0) return `does not close <${open.at(-1)}>`;
  if (/\S/.test(div.slice(at))) return 'must be one element: nothing may follow its </div>';
  return content ? undefined : 'must have some text or an image (txt-2)';
}

interface Tag {
  readonly name: string;
  readonly closing: boolean;
  readonly empty: boolean;
  readonly namespace: string | undefined;
  readonly end: number;
}

function readTag(text: string, at: number): Tag | string {
  TAG.lastIndex = at;
  const [, slash, name = ''] = TAG.exec(text) ?? [];
  if (slash === undefined) return 'has a < that begins no element; write &lt;';
  if (!ELEMENTS.has(name)) return `may not have the element <${name}> (txt-1)`;
  let end = TAG.lastIndex;
  let namespace: string | undefined;
  const seen = new Set<string>();
  if (!slash) {
    for (;;) {
      ATTRIBUTE.lastIndex = end;
      const [match, attribute = '', double, single] = ATTRIBUTE.exec(text) ?? [];
      if (match === undefined) break;
      end = ATTRIBUTE.lastIndex;
      if (seen.has(attribute)) return `has the attribute ${attribute} twice on <${name}>`;
      seen.add(attribute);
      const value = double ?? single ?? '';
      if (attribute === 'xmlns') namespace = value;
      const fault = attributeFault(name, attribute, value);
      if (fault) return fault;
    }
  }
  TAG_END.lastIndex = end;
  const [match, selfClosing] = TAG_END.exec(text) ?? [];
  if (match === undefined || (slash && selfClosing))
    return `has a <${name}> that is not well-formed XML (attributes need quoted values)`;
  if (VOID.has(name) && !slash && !selfClosing && !text.startsWith(`</${name}>`, TAG_END.lastIndex))
    return `must write <${name}/> as XML`;
  return { name, closing: slash === '/', empty: selfClosing === '/', namespace, end: TAG_END.lastIndex };
}

function attributeFault(element: string, attribute: string, value: string): string | undefined {
  if (!ATTRIBUTES.has(attribute)) return `may not have the attribute ${attribute} on <${element}> (txt-1)`;
  const fault = textFault(value);
  if (fault) return fault;
  if (LINKS.has(attribute)) return linkFault(element, attribute, value);
  if (attribute === 'style') return styleFault(value);
  return undefined;
}

function styleFault(value: string): string | undefined {
  const style = decode(value);
  if (style === undefined || UNSAFE_STYLE.test(style))
    return 'may not have a style that runs or imports anything, nor an escape in one';
  for (const [, target = ''] of style.matchAll(STYLE_URL)) {
    const fault = linkFault('img', 'src', target.replaceAll(/^\s*["']?|["']?\s*$/g, ''));
    if (fault) return fault;
  }
  return undefined;
}

function linkFault(element: string, attribute: string, value: string): string | undefined {
  const plain = decode(value)?.replace(CONTROL_OR_SPACE, '').toLowerCase();
  if (plain === undefined) return `may not have a named entity in ${attribute}`;
  const scheme = SCHEME.exec(plain)?.[1];
  if (scheme === undefined || SCHEMES.has(scheme)) return undefined;
  if (element === 'img' && attribute === 'src' && PICTURE.test(plain)) return undefined;
  return `may not have the scheme ${scheme}: in ${attribute}`;
}

/** The value of an attribute with its entities resolved; undefined when it has one that XML itself does not define. */
function decode(value: string): string | undefined {
  let known = true;
  const text = value.replaceAll(/&(#x?)?([0-9A-Za-z]+);/g, (_, numeric: string | undefined, body: string) => {
    if (numeric) return character(Number.parseInt(body, numeric === '#x' ? 16 : 10));
    known &&= Object.hasOwn(NAMED, body);
    return NAMED[body] ?? '';
  });
  return known ? text : undefined;
}

const character = (point: number) => (point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : '');

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that XML forbids
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

function textFault(text: string): string | undefined {
  if (FORBIDDEN.test(text) || !text.isWellFormed()) return 'has characters that XML does not allow';
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    ENTITY.lastIndex = at;
    if (!ENTITY.test(text)) return 'has a & that begins no entity; write &amp;';
  }
  return undefined;
}
