import type { SignatureFound } from './examination.ts';
import { PdfError } from './findings.ts';
import { purposeOf, readSignatureValue } from './signature.ts';
import { Budget, Syntax } from './syntax.ts';
import { type PdfDictionary, within } from './values.ts';

const MOST_CANDIDATES = 16;

/**
 * The signature of a file whose structure we cannot follow, found by searching, so that at least its digest can be compared: the only
 * dictionary in the whole file that is a detached signature and whose range leaves out exactly its own value. Nothing when there are
 * several, or none.
 */
export function searchSignature(bytes: Uint8Array): SignatureFound | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const budget = new Budget();
  const found = new Map<number, SignatureFound>();
  let searched = 0;
  let last = -1;
  let object = -1;
  let next = text.indexOf('obj');
  for (let at = text.indexOf('/ByteRange'); at >= 0; at = text.indexOf('/ByteRange', at + 1)) {
    for (; next >= 0 && next < at; next = text.indexOf('obj', next + 1)) object = next;
    if (object === last) continue;
    last = object;
    if (++searched > MOST_CANDIDATES) return undefined;
    for (const dictionary of dictionariesOf(new Syntax(bytes, object + 3, bytes.length, budget))) {
      const signature = signatureIn(bytes, dictionary);
      if (signature) found.set(dictionary.start, signature);
    }
  }
  return found.size === 1 ? [...found.values()][0] : undefined;
}

function dictionariesOf(syntax: Syntax): readonly PdfDictionary[] {
  try {
    syntax.space();
    return [...within(syntax.value())].filter((value) => value.kind === 'dictionary');
  } catch (error) {
    if (error instanceof PdfError) return [];
    throw error;
  }
}

function signatureIn(bytes: Uint8Array, dictionary: PdfDictionary): SignatureFound | undefined {
  if (purposeOf(dictionary) !== 'signature') return undefined;
  try {
    return readSignatureValue(bytes, dictionary) as SignatureFound;
  } catch (error) {
    if (error instanceof PdfError) return undefined;
    throw error;
  }
}
