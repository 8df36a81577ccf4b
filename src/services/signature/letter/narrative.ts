/**
 * The text of an XHTML narrative (https://hl7.org/fhir/R4/narrative.html), for print: nothing is interpreted but where lines end.
 * What a style would hide is shown, what is no well-formed tag stays as written, and an entity that is not known stays too: no
 * character of what was attested is lost. One pass, in time proportional to the length.
 */
export function plainText(xhtml: string): string {
  const lines = new Lines();
  let at = 0;
  while (at < xhtml.length) {
    const open = xhtml.indexOf('<', at);
    lines.write(decode(xhtml.slice(at, open < 0 ? undefined : open)));
    if (open < 0) break;
    at = markup(xhtml, open, lines);
  }
  return lines.toString();
}

const BLOCKS: ReadonlySet<string> = new Set(
  'address blockquote caption center dd div dl dt fieldset h1 h2 h3 h4 h5 h6 hr li ol p pre table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);
const CELLS: ReadonlySet<string> = new Set(['td', 'th']);

/** Deals with the markup at `open`; where it ends. */
function markup(xhtml: string, open: number, lines: Lines): number {
  if (xhtml.startsWith('<!--', open)) {
    const end = after(xhtml, '-->', open);
    if (!xhtml.endsWith('-->', end)) lines.write(xhtml.slice(open));
    return end;
  }
  if (xhtml.startsWith('<![CDATA[', open)) {
    const end = after(xhtml, ']]>', open);
    lines.write(xhtml.slice(open + 9, xhtml.endsWith(']]>', end) ? end - 3 : end));
    return end;
  }
  const tag = /<(\/?)([A-Za-z][A-Za-z0-9:]*)(?=[\s/>])/y;
  tag.lastIndex = open;
  const [, slash, written] = tag.exec(xhtml) ?? [];
  const end = written === undefined ? -1 : endOfTag(xhtml, open);
  if (written === undefined || end < 0) {
    lines.write('<');
    return open + 1;
  }
  element(written.toLowerCase(), slash === '/', xhtml.slice(open, end), lines);
  return end;
}

function element(name: string, closing: boolean, tag: string, lines: Lines): void {
  if (name === 'br') lines.end();
  else if (name === 'img' && !closing)
    lines.write(`［画像：${decode(/\salt\s*=\s*"([^"]*)"/.exec(tag)?.[1] ?? '説明なし')}］`);
  else if (CELLS.has(name)) {
    if (closing) lines.gap();
  } else if (name === 'pre') lines.verbatim(!closing);
  else if (BLOCKS.has(name)) {
    lines.begin();
    if (name === 'li' && !closing) lines.mark('・');
  }
}

const after = (text: string, mark: string, from: number): number => {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + mark.length;
};

/** Behind the `>` that ends the tag, which is none inside quotes; -1 where there is none. */
function endOfTag(text: string, open: number): number {
  let quote = '';
  for (let at = open + 1; at < text.length; at++) {
    const sign = text[at]!;
    if (quote) quote = sign === quote ? '' : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '>') return at + 1;
    else if (sign === '<') return -1;
  }
  return -1;
}

/** Named entities that clinical text has; any other stays as it is written. */
const ENTITIES: Readonly<Record<string, string>> = Object.freeze({
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  deg: '°',
  plusmn: '±',
  micro: 'µ',
  times: '×',
  divide: '÷',
  le: '≤',
  ge: '≥',
  ne: '≠',
  sup2: '²',
  sup3: '³',
  frac12: '½',
  alpha: 'α',
  beta: 'β',
  gamma: 'γ',
  delta: 'δ',
  mu: 'μ',
  Omega: 'Ω',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  bull: '•',
  middot: '·',
  yen: '¥',
  larr: '←',
  uarr: '↑',
  rarr: '→',
  darr: '↓',
  copy: '©',
  reg: '®',
  trade: '™',
});

function decode(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));/gi,
    (written, decimal, hex, name) => {
      if (name !== undefined) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name]! : written;
      const point = Number.parseInt(decimal ?? hex, decimal === undefined ? 16 : 10);
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : written;
    },
  );
}

/** Lines as a browser would show them: white space folded except U+00A0 and U+3000, blocks on lines of their own. */
class Lines {
  readonly #done: string[] = [];
  #line = '';
  #space = false;
  #verbatim = false;

  write(text: string): void {
    if (this.#verbatim) {
      const [first, ...more] = text.split(/\r\n|[\r\n]/);
      this.#line += first;
      for (const line of more) {
        this.end();
        this.#line = line;
      }
      return;
    }
    for (const part of text.split(/([ \t\r\n\f]+)/)) {
      if (/^[ \t\r\n\f]/.test(part)) this.#space = true;
      else if (part) {
        this.#line += (this.#space && this.#line ? ' ' : '') + part;
        this.#space = false;
      }
    }
  }

  /** Ends the line, though it be empty. */
  end(): void {
    this.#done.push(this.#line);
    this.#line = '';
    this.#space = false;
  }

  /** Goes to the start of a line. */
  begin(): void {
    if (this.#line) this.end();
    this.#space = false;
  }

  mark(sign: string): void {
    this.#line = sign;
  }

  gap(): void {
    this.#line += '　';
    this.#space = false;
  }

  verbatim(on: boolean): void {
    this.begin();
    this.#verbatim = on;
  }

  toString(): string {
    return [...this.#done, this.#line]
      .map((line) => line.trimEnd())
      .join('\n')
      .replaceAll(/^\n+|\n+$/g, '');
  }
}
