/** For comparing what two texts say: width, case, white space and punctuation between clauses do not count. */
export const folded = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s、。，・:;()（）「」『』【】［］[\]]+/g, '');

/** Whether a text says that: a number at an end of `statement` is not part of a longer one in `text`. Both folded. */
export function says(text: string, statement: string): boolean {
  for (let at = text.indexOf(statement); at >= 0; at = text.indexOf(statement, at + 1)) {
    const before = /^\d/.test(statement) && /[\d.]$/.test(text.slice(0, at).slice(-1));
    const behind = /\d$/.test(statement) && /^[\d.]/.test(text.slice(at + statement.length, at + statement.length + 1));
    if (!before && !behind) return true;
  }
  return false;
}
