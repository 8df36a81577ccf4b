import { addDss, vriKey } from '../../src/pdf/dss.ts';
import { examine } from '../../src/pdf/examine.ts';
import { PDF_CHECKS } from '../../src/pdf/findings.ts';
import { fillContents, prepareDocumentTimestamp, prepareSignature } from '../../src/pdf/sign.ts';
import { signedBy } from './draft.ts';
import { objections, pdfmakeLetter, tinyLetter } from './letters.ts';

const der = (hex: string) => Buffer.from(hex, 'hex');

function sign(issued: Uint8Array): Uint8Array {
  const options = { fieldName: '医師の署名', reason: '診療情報提供書', subFilter: 'ETSI.CAdES.detached' } as const;
  return fillContents(
    prepareSignature(issued, { ...options, signingTime: Date.UTC(2026, 3, 1, 3) }),
    der('3003020101'),
  );
}

const timestamp = (pdf: Uint8Array) => fillContents(prepareDocumentTimestamp(pdf), der('30030201FF'));

describe('a genuine file', () => {
  it('as a signing program of the field writes it passes every check', () => {
    const issued = tinyLetter();
    const found = examine(signedBy(issued), issued);
    expect(found.findings.map(({ check, code, status }) => [check, code, status])).toEqual(
      PDF_CHECKS.map((check) => [check, 'OK', 'passed']),
    );
    expect(found.signature).toMatchObject({
      subFilter: 'ETSI.CAdES.detached',
      fieldName: 'Doctor',
      signingTime: Date.UTC(2026, 3, 1, 3),
    });
  });

  it.each([
    ['the small letter', async () => tinyLetter()],
    ['a letter by pdfmake', () => pdfmakeLetter()],
  ])('%s, signed by our own writer, passes and says what is in it', async (_, make) => {
    const issued = await make();
    const signed = sign(issued);
    const found = examine(signed, issued);
    expect(objections(found)).toEqual([]);
    expect(found.revisions).toEqual([
      { start: 0, end: issued.length, kind: 'issued' },
      { start: issued.length, end: signed.length, kind: 'signature' },
    ]);
    expect(found.signature).toMatchObject({ fieldName: '医師の署名', signingTime: Date.UTC(2026, 3, 1, 3) });
    expect(found.signature?.coveredEnd).toBe(signed.length);
    expect(found.signature?.contents).toHaveLength(16_384);
    expect(Buffer.from(found.signature!.contents.subarray(0, 6)).toString('hex')).toBe('300302010100');
  });

  it('with a DSS and archive time-stamps, year after year, still passes', async () => {
    const issued = await pdfmakeLetter(1);
    let pdf = sign(issued);
    const key = vriKey(examine(pdf, issued).signature!.contents);
    const [root, leaf] = [der('3001AA'), der('3001BB')];
    for (let year = 0; year < 4; year++) {
      const crl = der(`3002CC0${year}`);
      pdf = addDss(pdf, { certificates: [root], crls: [crl], vri: { [key]: { certificates: [leaf], crls: [crl] } } });
      pdf = timestamp(pdf);
    }
    const found = examine(pdf, issued);
    expect(objections(found)).toEqual([]);
    expect(found.revisions.map(({ kind }) => kind)).toEqual([
      'issued',
      'signature',
      ...Array.from({ length: 4 }, () => ['dss', 'timestamp']).flat(),
    ]);
    expect(found.documentTimestamps.map(({ end }) => end)).toEqual(
      found.revisions.filter(({ kind }) => kind === 'timestamp').map(({ end }) => end),
    );
    expect(found.dss).toHaveLength(4);
    expect(found.dss.at(-1)!.crls).toHaveLength(4);
    expect(
      found.dss
        .at(-1)!
        .certs.map((bytes) => Buffer.from(bytes).toString('hex'))
        .sort(),
    ).toEqual(['3001aa', '3001bb']);
  });

  it('that is signed but compared with nothing leaves only that open', () => {
    const signed = signedBy(tinyLetter());
    expect(objections(examine(signed, undefined))).toEqual(['issued-bytes NO_ISSUED_DOCUMENT']);
  });

  it('that is the issued one, unsigned, has no signature', () => {
    const issued = tinyLetter();
    expect(objections(examine(issued, issued))).toEqual([
      'increment NOT_REACHED',
      'signature-field NO_SIGNATURE',
      'byte-range NOT_REACHED',
      'after-signature NOT_REACHED',
    ]);
  });
});

describe('a signature as other programs write it', () => {
  const issued = tinyLetter();

  it('may leave the end of line behind %%EOF out of its range', () => {
    const signed = signedBy(issued, (draft) => {
      draft.byteRange = ([a, b, c, d]) => `[${a} ${b} ${c} ${d - 1}]`;
    });
    expect(objections(examine(signed, issued))).toEqual([]);
  });

  it('may end with %%EOF and no end of line', () => {
    const signed = signedBy(issued, (draft) => {
      draft.end = '%%EOF';
    });
    expect(objections(examine(signed, issued))).toEqual([]);
    expect(objections(examine(addDss(signed, { certificates: [der('3001AA')], crls: [] }), issued))).toEqual([]);
  });

  it('may list the head of the free list', () => {
    const signed = signedBy(issued, (draft) => {
      draft.entries = (entries) => [{ number: 0, offset: 0, generation: 65_535, type: 'f' }, ...entries];
    });
    expect(objections(examine(signed, issued))).toEqual([]);
  });

  it('may keep field and widget apart, name extensions and raise the version', () => {
    const signed = signedBy(issued, ({ objects }) => {
      const extensions = '/Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 5 >> >> /Version /2.0';
      objects.set(1, `<< /Type /Catalog /Pages 2 0 R /AcroForm 11 0 R ${extensions} >>`);
      objects.set(10, '<< /FT /Sig /T (Doctor) /V 9 0 R /Kids [12 0 R] >>');
      objects.set(12, '<< /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /F 132 /P 3 0 R /Parent 10 0 R >>');
      objects.set(3, objects.get(3)!.replace('[10 0 R]', '[12 0 R]'));
    });
    expect(objections(examine(signed, issued))).toEqual([]);
  });

  it('may give a widget without area an appearance that draws nothing', () => {
    const signed = signedBy(issued, ({ objects }) => {
      objects.set(10, objects.get(10)!.replace('/F 132', '/F 132 /AP << /N 12 0 R >>'));
      objects.set(12, '<< /Type /XObject /Subtype /Form /BBox [0 0 0 0] /Length 4 >>\nstream\nq Q\n\nendstream');
    });
    expect(objections(examine(signed, issued))).toEqual([]);
  });

  it('may use adbe.pkcs7.detached, and small letters for its digits', () => {
    const signed = signedBy(issued, ({ objects }) => {
      objects.set(9, objects.get(9)!.replace('ETSI.CAdES.detached', 'adbe.pkcs7.detached').replace('AB', 'ab'));
    });
    expect(objections(examine(signed, issued))).toEqual([]);
    expect(examine(signed, issued).signature?.subFilter).toBe('adbe.pkcs7.detached');
  });
});
