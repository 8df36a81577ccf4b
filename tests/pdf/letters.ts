import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pdfmake from 'pdfmake';
import { type Examination, examine, signedBytes } from '../../src/pdf/examine.ts';

/** What was issued, in two makes: as small as a letter can be, and as pdfmake writes them. */

const PAGES = 2;

/** Objects of the small letter, by what they are. */
export const TINY = Object.freeze({
  catalog: 1,
  pages: 2,
  page: 3,
  second: 4,
  content: 5,
  other: 6,
  font: 7,
  info: 8,
  size: 9,
});

const text = (words: string): string => `BT /F1 12 Tf 72 720 Td (${words}) Tj ET`;
const stream = (data: string): string => `<< /Length ${data.length} >>\nstream\n${data}\nendstream`;

const page = (content: number): string =>
  `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.28 841.89] /Contents ${content} 0 R /Resources << /Font << /F1 7 0 R >> >> >>`;

/** The small letter, two pages, with this text on its first. */
export function tinyLetter(words = 'Warfarin 2 mg once daily'): Buffer {
  const bodies = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [3 0 R 4 0 R] /Count ${PAGES} >>`,
    page(TINY.content),
    page(TINY.other),
    stream(text(words)),
    stream(text('second page')),
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    '<< /Title (letter) >>',
  ];
  let file = '%PDF-1.7\n%\xff\xff\xff\xff\n';
  const offsets = bodies.map((body, i) => {
    const offset = file.length;
    file += `${i + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const startxref = file.length;
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
  const id = createHash('md5').update(words).digest('hex');
  file += `xref\n0 ${TINY.size}\n0000000000 65535 f \n${rows.join('')}`;
  file += `trailer\n<< /Size ${TINY.size} /Root 1 0 R /Info 8 0 R /ID [<${id}> <${id}>] >>\nstartxref\n${startxref}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}

const fonts = dirname(createRequire(import.meta.url).resolve('@expo-google-fonts/biz-udpgothic/package.json'));

/** A letter of several pages as pdfmake makes them: PDF/A-3b, a Japanese font. */
export async function pdfmakeLetter(pages = 3): Promise<Buffer> {
  const normal = join(fonts, '400Regular/BIZUDPGothic_400Regular.ttf');
  pdfmake.setFonts({ Gothic: { normal, bold: normal, italics: normal, bolditalics: normal } });
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy((path) => path.startsWith(fonts));
  const created = new Date(Date.UTC(2026, 3, 1));
  const paragraphs = Array.from({ length: pages }, (_, i) => ({
    text: `診療情報提供書 ${i + 1}頁　経過は良好です。`.repeat(20),
    ...(i > 0 && { pageBreak: 'before' as const }),
  }));
  const document = pdfmake.createPdf({
    version: '1.7',
    subset: 'PDF/A-3b',
    defaultStyle: { font: 'Gothic' },
    info: { title: '診療情報提供書', creationDate: created },
    content: paragraphs,
  });
  return Buffer.from(await document.getBuffer());
}

/** Codes of everything that is not fine, as `check CODE`. */
export const objections = ({ findings }: Examination): string[] =>
  findings.filter(({ status }) => status !== 'passed').map(({ check, code }) => `${check} ${code}`);

export const codes = (examination: Examination): string[] =>
  examination.findings.filter(({ status }) => status === 'failed' || status === 'undecided').map(({ code }) => code);

export const passes = ({ findings }: Examination): boolean => findings.every(({ status }) => status === 'passed');

/** What a signature says it covers, and its value: equal pairs are what one signature is valid for. */
export function covered(
  bytes: Uint8Array,
  { signature }: Examination,
): { digest: string; contents: string } | undefined {
  if (!signature) return undefined;
  const hash = createHash('sha256');
  for (const part of signedBytes(bytes, signature.byteRange)) hash.update(part);
  return { digest: hash.digest('hex'), contents: Buffer.from(signature.contents).toString('hex') };
}

export const status = (bytes: Uint8Array, issued: Uint8Array | undefined, check: string): string[] =>
  examine(bytes, issued)
    .findings.filter((finding) => finding.check === check)
    .map(({ status }) => status);
