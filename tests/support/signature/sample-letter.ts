/** A small PDF as the house issues them: one revision, classical cross-reference table, nothing compressed. */
export interface SampleLetter {
  /** What the page says; ASCII. */
  readonly text?: string;
  readonly pages?: number;
}

const HEADER = '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n';

/** Object numbers: 1 catalog, 2 page tree, 3 font, 4 information, then for each page the page and its content. */
export function sampleLetter({ text = 'Referral letter', pages = 1 }: SampleLetter = {}): Uint8Array {
  const numbers = Array.from({ length: pages }, (_, index) => 5 + 2 * index);
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${numbers.map((number) => `${number} 0 R`).join(' ')}] /Count ${pages} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    '<< /Producer (Tasuki tests) /CreationDate (D:20260601000000Z) >>',
    ...numbers.flatMap((number, index) => {
      const content = `BT /F1 12 Tf 72 720 Td (${text}, page ${index + 1}) Tj ET`;
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${number + 1} 0 R >>`,
        `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      ];
    }),
  ];
  let body = HEADER;
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  const id = Buffer.from(text).toString('hex').padEnd(32, '0').slice(0, 32);
  const file =
    `${body}xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n` +
    `<< /Size ${size} /Root 1 0 R /Info 4 0 R /ID [<${id}> <${id}>] >>\nstartxref\n${body.length}\n%%EOF\n`;
  return new Uint8Array(Buffer.from(file, 'latin1'));
}
