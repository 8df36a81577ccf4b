import fc from 'fast-check';
import { momentOf } from '../../../src/demo/data/moment.ts';
import { onePagePdf } from '../../../src/demo/data/pdf.ts';
import { reportPdf } from '../../../src/demo/data/radiology-report.ts';

/** Reads the file as a PDF reader does: from the end, by the cross-reference table. */
function objectsOf(file: Buffer): Map<number, string> {
  const text = file.toString('latin1');
  expect(text.startsWith('%PDF-1.4\n')).toBe(true);
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
  const [, size, rows] = /^xref\n0 (\d+)\n([\s\S]*?)trailer\n<< \/Size \1 \/Root 1 0 R >>/.exec(text.slice(start))!;
  const entries = rows!.match(/[\s\S]{20}/g)!;
  expect(entries).toHaveLength(Number(size));
  expect(entries[0]).toBe('0000000000 65535 f \n');
  const objects = entries.slice(1).map((entry, i): [number, string] => {
    const body = text.slice(Number(entry.slice(0, 10)));
    expect(body.startsWith(`${i + 1} 0 obj\n`)).toBe(true);
    return [i + 1, body.slice(0, body.indexOf('\nendobj\n'))];
  });
  return new Map(objects);
}

describe('a PDF of one page', () => {
  it('has a cross-reference table that leads to every object, whatever the text', () => {
    const line = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCodePoint(c)) });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const objects = objectsOf(onePagePdf(lines));
        expect(objects.get(1)).toContain('/Type /Catalog');
        const [, length, stream] = /\/Length (\d+) >>\nstream\n([\s\S]*)\nendstream$/.exec(objects.get(5)!)!;
        expect(stream).toHaveLength(Number(length));
      }),
    );
  });

  it('escapes what would end a string', () => {
    const content = objectsOf(onePagePdf(['a (b) \\ c'])).get(5)!;
    expect(content).toContain('(a \\(b\\) \\\\ c) Tj');
  });

  it('is the radiology report in ASCII', () => {
    const content = objectsOf(reportPdf(momentOf(new Date('2026-11-23T03:00:00Z')))).get(5)!;
    expect(content).toContain('RADIOLOGY REPORT');
    expect(content).toContain('Reported: 2026-11-23T10:00:00+09:00');
  });
});
