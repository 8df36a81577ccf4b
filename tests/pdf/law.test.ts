import fc from 'fast-check';
import { addDss } from '../../src/pdf/dss.ts';
import { examine } from '../../src/pdf/examine.ts';
import { fillContents, prepareDocumentTimestamp, prepareSignature } from '../../src/pdf/sign.ts';
import { signedBy } from './draft.ts';
import { covered, passes, pdfmakeLetter, TINY, tinyLetter } from './letters.ts';

/**
 * The law. Let G be a genuine signed file and M any other bytes. When every check of M passes, and M's signature covers bytes of the same
 * digest and has the same value as G's, so that the signature of G would be found good on M, then M is G up to where the signature
 * covers it, byte for byte; and no object of the issued letter is read from another place than in the issued bytes, but the catalog,
 * the form and the page that carries the widget.
 */
const issued = tinyLetter();
const signed = signedBy(issued);
const original = covered(signed, examine(signed, issued))!;

function breaksLaw(
  mutant: Buffer,
  genuine: Buffer,
  first: { digest: string; contents: string },
  letter: Buffer,
): boolean {
  const found = examine(mutant, letter);
  const now = covered(mutant, found);
  if (!passes(found) || now?.digest !== first.digest || now.contents !== first.contents) return false;
  const end = found.signature!.coveredEnd;
  if (mutant.subarray(0, end).compare(genuine.subarray(0, end)) !== 0) return true;
  return moved(letter, mutant).some((number) => number !== TINY.catalog && number !== TINY.page && number < TINY.size);
}

/** As a plain reader does: backwards from the last startxref. */
function offsets(pdf: Buffer): Map<number, number> {
  const text = pdf.toString('latin1');
  const found = new Map<number, number>();
  let at: string | undefined = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(text)?.[1];
  while (at !== undefined) {
    const section = text.slice(Number(at));
    const lines = section.slice(0, section.indexOf('trailer')).split('\n').slice(1);
    for (let i = 0; i + 1 < lines.length; ) {
      const [first, count] = lines[i++]!.split(' ').map(Number) as [number, number];
      for (let n = 0; n < count; n++, i++) {
        if (!found.has(first + n) && lines[i]![17] === 'n') found.set(first + n, Number(lines[i]!.slice(0, 10)));
      }
    }
    at = /\/Prev (\d+)/.exec(section.slice(section.indexOf('trailer'), section.indexOf('startxref')))?.[1];
  }
  return found;
}

function moved(letter: Buffer, pdf: Buffer): number[] {
  const [before, after] = [offsets(letter), offsets(pdf)];
  return [...before.keys()].filter((number) => after.get(number) !== before.get(number));
}

const splice = (bytes: Buffer, at: number, remove: number, insert: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);

describe('whatever one byte becomes, the signature does not cover another file', () => {
  /** Every byte of the update; of the issued part, which is compared as a whole, some. */
  const everywhere = Array.from({ length: signed.length }, (_, at) => at).filter(
    (at) => at > issued.length - 30 || at % 9 === 0,
  );

  it.each([1, 0x20])('a bit flipped anywhere (%i)', (bit) => {
    const broken = everywhere.filter((at) => passesAsSame(splice(signed, at, 1, Uint8Array.of(signed[at]! ^ bit))));
    expect(broken).toEqual([]);
  });

  it('a byte taken out anywhere', () => {
    const broken = everywhere.filter((at) => passesAsSame(splice(signed, at, 1, new Uint8Array())));
    expect(broken).toEqual([]);
  });

  it.each(['\n', '0', '%'])('a byte put in anywhere: %j', (character) => {
    const broken = [...everywhere, signed.length].filter((at) =>
      passesAsSame(splice(signed, at, 0, Buffer.from(character, 'latin1'))),
    );
    expect(broken).toEqual([]);
  });

  it('the file cut anywhere', () => {
    const broken = everywhere.filter((at) => passesAsSame(signed.subarray(0, at)));
    expect(broken).toEqual([]);
  });
});

/** Without updates behind it the covered part is the file: then no other file at all may pass. */
function passesAsSame(mutant: Buffer): boolean {
  const found = examine(mutant, issued);
  const now = covered(mutant, found);
  return passes(found) && now?.digest === original.digest && now.contents === original.contents;
}

const TOKENS = [
  'endobj\n',
  '\n5 0 obj\n',
  '/Contents ',
  '/ByteRange [0 1 2 3]',
  '>>',
  '<<',
  'xref\n',
  '%%EOF\n',
  'startxref\n9\n',
  'stream\n',
];

const edits = (length: number, from = 0) =>
  fc.array(
    fc.record({
      at: fc.integer({ min: from, max: length - 1 }),
      remove: fc.integer({ min: 0, max: 3 }),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 3 }),
        fc.constantFrom(...TOKENS).map((token) => new Uint8Array(Buffer.from(token))),
      ),
    }),
    { minLength: 1, maxLength: 3 },
  );

const edited = (bytes: Buffer, list: readonly { at: number; remove: number; insert: Uint8Array }[]) =>
  list.reduce((pdf, { at, remove, insert }) => splice(pdf, Math.min(at, pdf.length), remove, insert), bytes);

describe('the law', () => {
  it('holds for several changes at once, of bytes and of tokens', () => {
    fc.assert(
      fc.property(edits(signed.length), (list) => !breaksLaw(edited(signed, list), signed, original, issued)),
      { numRuns: 800 },
    );
  });

  it('holds where the update itself is changed, and for what comes behind the signature', () => {
    const archived = addDss(signed, {
      certificates: [Buffer.from('3001AA', 'hex')],
      crls: [Buffer.from('3001BB', 'hex')],
    });
    const full = Buffer.from(
      fillContents(prepareDocumentTimestamp(archived, { contentsSize: 64 }), Buffer.from('3000', 'hex')),
    );
    expect(passes(examine(full, issued))).toBe(true);
    const property = fc.property(
      edits(full.length, issued.length),
      (list) => !breaksLaw(edited(full, list), full, original, issued),
    );
    fc.assert(property, { numRuns: 800 });
    const digits = Array.from({ length: full.length - signed.length }, (_, i) => signed.length + i);
    const broken = digits.filter((at) =>
      breaksLaw(splice(full, at, 1, Uint8Array.of(full[at]! ^ 1)), full, original, issued),
    );
    expect(broken).toEqual([]);
  });

  it('holds for a letter by pdfmake', async () => {
    const letter = await pdfmakeLetter(2);
    const options = { fieldName: 'Doctor', subFilter: 'ETSI.CAdES.detached', contentsSize: 256 } as const;
    const genuine = Buffer.from(fillContents(prepareSignature(letter, options), Buffer.from('3003020101', 'hex')));
    const first = covered(genuine, examine(genuine, letter))!;
    const anywhere = fc.property(edits(genuine.length), (list) => {
      const mutant = edited(genuine, list);
      const found = examine(mutant, letter);
      const now = covered(mutant, found);
      const good = passes(found) && now?.digest === first.digest && now.contents === first.contents;
      return !good || mutant.equals(genuine);
    });
    fc.assert(anywhere, { numRuns: 300 });
  });
});
