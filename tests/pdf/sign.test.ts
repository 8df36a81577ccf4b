import { deflateSync } from 'node:zlib';
import { addDss, vriKey } from '../../src/pdf/dss.ts';
import { examine, signedBytes } from '../../src/pdf/examine.ts';
import { PdfError } from '../../src/pdf/findings.ts';
import { fillContents, prepareDocumentTimestamp, prepareSignature } from '../../src/pdf/sign.ts';
import { catalog, signedBy, stream, updated } from './draft.ts';
import { objections, pdfmakeLetter, TINY, tinyLetter } from './letters.ts';

const options = { fieldName: 'Doctor', subFilter: 'ETSI.CAdES.detached' } as const;
const issued = tinyLetter();

function codeOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof PdfError) return error.code;
    throw error;
  }
  return 'OK';
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

describe('a prepared signature', () => {
  it.each([
    ['the small letter', async () => issued],
    ['a letter without end of line', async () => issued.subarray(0, -1)],
    ['a letter by pdfmake', () => pdfmakeLetter()],
  ])('keeps %s as its beginning, and its ranges leave out the value alone', async (_, make) => {
    const letter = await make();
    const prepared = prepareSignature(letter, options);
    expect(Buffer.from(prepared.bytes.subarray(0, letter.length)).equals(letter)).toBe(true);
    const [a, b, c, d] = prepared.byteRange;
    expect([a, prepared.contentsOffset, c, c + d]).toEqual([0, b + 1, b + 2 * 16_384 + 2, prepared.bytes.length]);
    const [before, after] = signedBytes(prepared.bytes, prepared.byteRange);
    expect(text(before!).endsWith('/Contents ')).toBe(true);
    expect(text(after!).startsWith('\n')).toBe(true);
    expect(objections(examine(fillContents(prepared, Buffer.from('3000', 'hex')), letter))).toEqual([]);
  });

  it('names its table at the very byte', () => {
    const { bytes } = prepareSignature(issued, options);
    const [, startxref] = /startxref\n(\d+)\n%%EOF\n$/.exec(text(bytes))!;
    expect(text(bytes.subarray(Number(startxref), Number(startxref) + 5))).toBe('xref\n');
  });

  it('is the same for the same file and words', () => {
    const words = { ...options, reason: '紹介', signingTime: Date.UTC(2026, 3, 1) };
    expect(prepareSignature(issued, words)).toEqual(prepareSignature(issued, words));
  });

  it('has its words in Japanese as they are', () => {
    const found = text(
      prepareSignature(issued, {
        ...options,
        name: '髙橋 德子',
        reason: '診療情報提供書',
        location: 'Kofu (Yamanashi)',
      }).bytes,
    );
    expect(found).toContain('/Name <FEFF9AD96A4B00205FB75B50>');
    expect(found).toContain('/Reason <FEFF8A3A764260C5583163D04F9B66F8>');
    expect(found).toContain('/Location (Kofu \\(Yamanashi\\))');
  });

  it('has a widget that is printed, locked and without area, as PDF/A allows without appearance', () => {
    const found = text(prepareSignature(issued, options).bytes);
    expect(found).toContain('/F 132\n/Rect [0 0 0 0]');
    expect(found).not.toContain('/AP');
  });

  it('takes a value as long as its room, and no longer', () => {
    const prepared = prepareSignature(issued, { ...options, contentsSize: 8 });
    const filled = fillContents(prepared, Buffer.from('0123456789ABCDEF', 'hex'));
    expect(Buffer.from(examine(filled, issued).signature!.contents).toString('hex')).toBe('0123456789abcdef');
    expect(codeOf(() => fillContents(prepared, Buffer.alloc(9)))).toBe('CONTENTS_FORM');
    expect(text(prepared.bytes)).toContain(`<${'0'.repeat(16)}>`);
  });

  it('adds to a form, to fields and to annotations that are there', () => {
    const letter = updated(issued, ({ objects }) => {
      objects.set(TINY.catalog, catalog('/AcroForm << /Fields 9 0 R >>'));
      objects.set(TINY.size, '[10 0 R]');
      objects.set(10, '<< /FT /Tx /T (Text) >>');
      objects.set(11, '[<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] >>]');
      objects.set(TINY.page, '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Annots 11 0 R >>');
    });
    const first = fillContents(prepareSignature(letter, options), Buffer.from('3000', 'hex'));
    expect(objections(examine(first, letter))).toEqual([]);
    const stamped = fillContents(prepareDocumentTimestamp(first), Buffer.from('3000', 'hex'));
    expect(objections(examine(stamped, letter))).toEqual([]);
    expect(text(stamped)).toContain('/T (DocumentTimestamp1)');
  });

  it.each<[string, () => unknown, string]>([
    [
      'a name that is in use',
      () => prepareSignature(prepareSignature(issued, options).bytes, options),
      'FIELD_MALFORMED',
    ],
    ['a name with a full stop', () => prepareSignature(issued, { ...options, fieldName: 'a.b' }), 'FIELD_MALFORMED'],
    ['no name', () => prepareSignature(issued, { ...options, fieldName: '' }), 'FIELD_MALFORMED'],
    ['no PDF file', () => prepareSignature(Buffer.from('hello'), options), 'MALFORMED'],
    ['an empty file', () => prepareSignature(Buffer.alloc(0), options), 'MALFORMED'],
    [
      'bytes behind the end',
      () => prepareSignature(Buffer.concat([issued, Buffer.from('x')]), options),
      'APPENDED_BYTES',
    ],
    [
      'cross-reference streams',
      () =>
        prepareSignature(
          updated(issued, ({ objects }) => void objects.set(9, stream('', '/Type /XRef'))),
          options,
        ),
      'FOREIGN_XREF_STREAM',
    ],
    [
      'a form of XFA',
      () => {
        const form = ({ objects }: { objects: Map<number, string> }) =>
          void objects.set(1, catalog('/AcroForm << /XFA (x) /Fields [] >>'));
        return prepareSignature(updated(issued, form), options);
      },
      'FORM_DYNAMIC',
    ],
  ])('is refused for %s', (_, make, code) => {
    expect(codeOf(make)).toBe(code);
  });
});

describe('a DSS', () => {
  const signed = signedBy(issued);
  const der = (hex: string) => Buffer.from(hex, 'hex');
  const hex = (list: readonly Uint8Array[]) => list.map((bytes) => Buffer.from(bytes).toString('hex'));

  it('keeps what is signed as its beginning and gives back what was put in', () => {
    const added = addDss(signed, { certificates: [der('3001aa'), der('3001bb')], crls: [der('3001cc')] });
    expect(Buffer.from(added.subarray(0, signed.length)).equals(signed)).toBe(true);
    const { dss } = examine(added, issued);
    expect(dss.map(({ certs, crls, ocsps }) => [hex(certs), hex(crls), hex(ocsps)])).toEqual([
      [['3001aa', '3001bb'], ['3001cc'], []],
    ]);
  });

  it('has each certificate once, also what an earlier one has', () => {
    const first = addDss(signed, { certificates: [der('3001aa'), der('3001aa')], crls: [] });
    const second = addDss(first, { certificates: [der('3001aa'), der('3001bb')], crls: [der('3001cc')] });
    const { dss } = examine(second, issued);
    expect(dss.map(({ certs }) => hex(certs))).toEqual([['3001aa'], ['3001aa', '3001bb']]);
    expect(text(second).match(/endstream/g)).toHaveLength(2 + 3);
  });

  it('names what belongs to a signature, and keeps what was named before', () => {
    const key = vriKey(examine(signed, issued).signature!.contents);
    expect(key).toMatch(/^[\dA-F]{40}$/);
    const other = 'A'.repeat(40);
    let pdf = addDss(signed, {
      certificates: [],
      crls: [],
      vri: { [key]: { certificates: [der('3001aa')], crls: [der('3001cc')] } },
    });
    pdf = addDss(pdf, { certificates: [], crls: [], vri: { [other]: { certificates: [der('3001bb')], crls: [] } } });
    expect(objections(examine(pdf, issued))).toEqual([]);
    expect(text(pdf.subarray(signed.length))).toContain(`/${key} << /Cert [`);
    expect(hex(examine(pdf, issued).dss.at(-1)!.certs)).toEqual(['3001aa', '3001bb']);
  });

  it('written compressed by another program is read', () => {
    const written = updated(signed, ({ objects }) => {
      const data = deflateSync(der('3001aa')).toString('latin1');
      objects.set(12, '<< /Type /DSS /Certs 13 0 R /OCSPs [14 0 R] /VRI 15 0 R >>');
      objects.set(13, '[14 0 R]');
      objects.set(14, stream(data, '/Filter [/FlateDecode]'));
      objects.set(15, `<< /${'0'.repeat(40)} << /Cert [14 0 R] /TU (D:20260401) /TS 14 0 R >> >>`);
      objects.set(TINY.catalog, catalog('/AcroForm 11 0 R /DSS 12 0 R'));
    });
    const found = examine(written, issued);
    expect(objections(found)).toEqual([]);
    expect(hex(found.dss[0]!.certs)).toEqual(['3001aa']);
    expect(found.dss[0]!.ocsps).toHaveLength(1);
  });
});
