/** How a login is stored and compared: NFKC, lower case. Undefined for what cannot be one: 3 to 64 letters, digits and `.`, `_`, `@`, `+`, `-`. */
export function foldedLogin(typed: string): string | undefined {
  if (typed.length > 256) return undefined;
  const folded = typed.normalize('NFKC').toLowerCase().trim();
  return LOGIN.test(folded) ? folded : undefined;
}

const LOGIN = /^[a-z0-9][a-z0-9._@+-]{2,63}$/;
