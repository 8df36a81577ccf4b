/**
 * A password as it is hashed: the profile OpaqueString of RFC 8265, 4.2. Every space becomes U+0020, then NFC, so that the same keys give the
 * same password on every machine. Width and case stay as they were typed: RFC 8265 forbids to map them, and it would only make passwords
 * weaker. Not trimmed.
 *
 * @returns undefined for what is empty, or has a character outside the FreeformClass of RFC 8264 (control, invisible, unassigned)
 */
export function normalPassword(text: string): string | undefined {
  if (!text.isWellFormed()) return undefined;
  const normal = text.replace(/\p{Zs}/gu, ' ').normalize('NFC');
  return FREEFORM.test(normal) && !IGNORED.test(normal) ? normal : undefined;
}

const FREEFORM = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u;

/** PrecisIgnorableProperties and OldHangulJamo (RFC 8264, 9.9 and 9.13). */
const IGNORED = /[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u1100-\u11FF\uA960-\uA97C\uD7B0-\uD7FB]/u;

/** Length as people count: code points. */
export const lengthOf = (password: string): number => [...password].length;

/** What is compared with words: letters and digits alone, NFKC, lower case, hiragana for katakana. */
export function folded(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u30A1-\u30F6]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
    .replace(/[^\p{L}\p{N}]/gu, '');
}
