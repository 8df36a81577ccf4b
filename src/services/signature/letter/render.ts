import { refuse } from '../../../http/errors.ts';
import { Characters } from '../../../pdf/characters.ts';
import { readTypeface, type Typeface } from '../../../pdf/font.ts';
import { installFonts } from '../../../pdf/fonts.ts';
import type { Letter } from './letter.ts';
import { letterPages } from './page.ts';
import { makePdf } from './pdf.ts';
import { readLetter } from './read-letter.ts';

export interface LetterJob {
  /** The document Bundle's bytes as stored: read for the letter, and attached to it unchanged. */
  readonly document: Uint8Array;
  /** When the PDF is issued, epoch milliseconds: the file's creation date. */
  readonly issuedAt: number;
}

/** Characters of a letter's text, some 60 pages; a line counts as at least so many. */
const LONGEST_TEXT = 100_000;
const LINE = 35;

let installed: Typeface | undefined;

function typeface(): Typeface {
  if (!installed) {
    installed = readTypeface();
    installFonts(installed);
  }
  return installed;
}

/**
 * The letter as PDF; the same bytes for the same job. For a worker: takes some 100 ms of one processor.
 *
 * @throws FhirError 422 where the document is no 診療情報提供書 that can be rendered
 */
export async function renderLetter({ document, issuedAt }: LetterJob): Promise<Uint8Array> {
  const read = readLetter(parse(document));
  const characters = new Characters(typeface());
  let length = 0;
  const letter = printable(read, (text) => {
    for (const line of text.split('\n')) length += Math.max(line.length, LINE);
    if (length <= LONGEST_TEXT) return characters.printable(text);
    const most = `A letter has at most ${LONGEST_TEXT} characters, a line counting as at least ${LINE}`;
    throw refuse.unprocessable(most, 'Composition.section', 'too-long');
  });
  return makePdf(
    letterPages(letter, () => characters.unprintable),
    {
      title: `診療情報提供書 ${letter.identifier}`,
      author: letter.from.institution,
      created: issuedAt,
      attachment: {
        name: 'letter.fhir.json',
        type: 'application/fhir+json',
        description: '診療情報提供書 FHIR文書',
        bytes: document,
      },
    },
  );
}

function parse(document: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(document));
  } catch {
    throw refuse.unprocessable('The document is JSON in UTF-8', 'Bundle', 'structure');
  }
}

/** The letter with each of its texts made printable. */
function printable(letter: Letter, text: (written: string) => string): Letter {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, walk(member)]));
  };
  return walk(letter) as Letter;
}
