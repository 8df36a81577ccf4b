/** A piece of HTML that is safe to send: only `html` and `raw` make one. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text is escaped, pieces go in as they are, lists are joined, and what is absent leaves nothing. */
export type Part = string | number | Html | readonly Part[] | null | undefined | false;

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for attribute values in quotes. U+0000 and lone surrogates, which HTML cannot carry, become U+FFFD. */
export function escaped(text: string): string {
  return text
    .replaceAll('\0', '\uFFFD')
    .toWellFormed()
    .replace(/[&<>"']/g, (character) => ESCAPED[character] as string);
}

/** A tagged template that escapes whatever is put into it: html`<p title="${title}">${text}</p>`. Attributes must stand in quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((before, text, index) => `${before}${render(parts[index - 1])}${text}`));
}

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(render).join('');
  return escaped(String(part));
}

/** HTML of our own making from somewhere else than a template, for example a file of ours. Never for what somebody sent. */
export const raw = (text: string): Html => new Html(text);

/** Several pieces, one after the other. */
export const join = (parts: readonly Part[]): Html => new Html(render(parts));

/** An attribute without a value, there or not: html`<input ${attribute(required, 'required')}>`. */
export const attribute = (is: boolean, name: 'required' | 'checked' | 'disabled' | 'hidden' | 'autofocus'): Html =>
  new Html(is ? name : '');
