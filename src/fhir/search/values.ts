import { refuse } from '../../http/errors.ts';

/**
 * Splits at unescaped occurrences of a separator (R4 §3.1.1.4.0.1: `\,` `\|` `\$` `\\` are escapes); escapes are kept for
 * the next split, `unescaped` ends them.
 */
export function split(text: string, separator: ',' | '|'): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

export function unescaped(text: string): string {
  return text.replace(/\\([,|$\\])/g, '$1');
}

/** The alternatives of a parameter's value. An empty one is refused, so that no filter is dropped silently. */
export function alternatives(name: string, value: string, maxOr: number): readonly string[] {
  const parts = split(value, ',');
  if (parts.length > maxOr)
    throw refuse.badRequest(
      `${name} has ${parts.length} values; at most ${maxOr} are accepted`,
      undefined,
      'too-costly',
    );
  if (parts.some((part) => part.trim() === '')) {
    throw refuse.badRequest(
      `${name} has an empty value; leave the parameter out or give it a value`,
      undefined,
      'value',
    );
  }
  return parts;
}

/** Text that nothing stored can hold: control characters, lone surrogates, and U+FFFD, which decoding leaves of bytes that are not UTF-8. */
export function assertText(name: string, value: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/.test(value) || !value.isWellFormed()) {
    throw refuse.badRequest(`${printable(name)} holds control characters or is not UTF-8`, undefined, 'value');
  }
}

/** A piece of the request that is safe and short enough to repeat in an error. */
export function printable(text: string): string {
  const clean = text.toWellFormed().replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');
  return clean.length > 100 ? `${[...clean.slice(0, 200)].slice(0, 100).join('')}…` : clean;
}
