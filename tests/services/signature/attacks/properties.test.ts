import fc from 'fast-check';
import { examine } from '../../../../src/pdf/examine.ts';
import { children, readDer, readDerPrefix, type Tlv } from '../../../../src/pki/der.ts';
import type { Trust, Verdict } from '../../../../src/services/signature/verdict.ts';
import { authorities } from '../../../support/signature/authorities.ts';
import { listsAt } from '../../../support/signature/lists.ts';
import { archiveTimestamp } from '../../../support/signature/sign-letter.ts';
import { signers } from '../../../support/signature/signers.ts';
import { stampers } from '../../../support/signature/stampers.ts';
import { DAY, SIGNED_AT, VERIFIED_AT } from '../../../support/signature/times.ts';
import { stampedBy } from '../../../support/signature/timestamp-authority.ts';
import { trustAt } from '../../../support/signature/trust.ts';
import { type Circumstances, ISSUED, judge, letter } from '../verify/ask.ts';

/** The verdict, which is always whole: nothing that is in the bytes breaks the verification. */
function judged(submitted: Uint8Array, circumstances?: Circumstances): Verdict {
  const verdict = judge(submitted, circumstances);
  expect(verdict.checks.map(({ code }) => code)).not.toContain('VERIFIER_FAILED');
  return verdict;
}

type Edit = 'change' | 'insert' | 'delete';
const EDITS = ['change', 'insert', 'delete'] as const;

function edited(bytes: Uint8Array, at: number, edit: Edit, byte: number): Uint8Array {
  const inserted = edit === 'delete' ? [] : [edit === 'change' ? (bytes[at]! + (byte || 1)) & 0xff : byte];
  return Buffer.concat([
    bytes.subarray(0, at),
    Uint8Array.from(inserted),
    bytes.subarray(at + (edit === 'insert' ? 0 : 1)),
  ]);
}

/** Where a reader takes its bearings, in what comes after the issued bytes. */
const WORDS =
  'obj endobj << >> /Type /Sig /ByteRange [ ] /Contents < > /SubFilter /V /T /FT /Rect /P /F /Annots /AcroForm /Fields /SigFlags xref trailer /Size /Prev /Root /Info /ID startxref %%EOF'.split(
    ' ',
  );
function bearings(file: Uint8Array): number[] {
  const text = Buffer.from(file).toString('latin1');
  const found = WORDS.flatMap((word) => {
    const at = text.indexOf(word, ISSUED.length);
    return at < 0 ? [] : [at, at + word.length];
  });
  return [...found, ISSUED.length - 1, ISSUED.length, file.length - 1];
}

/** Offsets of the tags and lengths of every element, and of contents that are short: versions, flags, numbers. */
function heads(element: Tlv): number[] {
  const { offset, bytes, content, constructed } = element;
  const size = constructed || content.length > 3 ? bytes.length - content.length : bytes.length;
  const own = Array.from({ length: size }, (_, index) => offset + index);
  return constructed ? [...own, ...children(element).flatMap(heads)] : own;
}

/** The file with a byte of the signature value another. */
function inSignature(file: Uint8Array, at: number, xor: number): Uint8Array {
  const { contents, byteRange } = examine(file, ISSUED).signature!;
  const digits = (contents[at]! ^ xor).toString(16).padStart(2, '0').toUpperCase();
  const changed = Uint8Array.from(file);
  changed.set(Buffer.from(digits), byteRange[1] + 1 + 2 * at);
  return changed;
}

const byte = fc.integer({ min: 0, max: 255 });
const upTo = (length: number) => fc.integer({ min: 0, max: length - 1 });

describe('one byte of a genuine letter, changed, put in or taken out', () => {
  const make = () => letter({ signer: signers.doctorRsa, pss: true, crls: listsAt(SIGNED_AT + DAY).slice(0, 2) });

  it('anywhere', async () => {
    const file = await make();
    fc.assert(
      fc.property(upTo(file.length), fc.constantFrom(...EDITS), byte, (at, edit, value) => {
        fc.pre(edit !== 'insert' || file[at] !== value);
        expect(judged(edited(file, at, edit, value)).result).not.toBe('VALID');
      }),
      { numRuns: 400 },
    );
  });

  it('where a reader takes its bearings', async () => {
    const file = await make();
    const valid = bearings(file).flatMap((at) =>
      EDITS.map((edit) => edited(file, at, edit, 0x0a))
        .filter((bytes) => judged(bytes).result === 'VALID')
        .map(() => at),
    );
    expect(valid).toEqual([]);
  });

  it('in the tag, the length or the short content of any element of the signature', async () => {
    const file = await letter({ crls: listsAt(SIGNED_AT + DAY).slice(1, 2) });
    const { bytes } = readDerPrefix(examine(file, ISSUED).signature!.contents);
    const valid = heads(readDer(bytes)).filter((at) => judged(inSignature(file, at, 2)).result === 'VALID');
    expect(valid).toEqual([]);
  });

  it('in the element of the signature that is neither, and in its padding', async () => {
    const file = await make();
    const { contents } = examine(file, ISSUED).signature!;
    fc.assert(
      fc.property(upTo(contents.length), fc.integer({ min: 1, max: 255 }), (at, xor) => {
        expect(judged(inSignature(file, at, xor)).result).not.toBe('VALID');
      }),
      { numRuns: 200 },
    );
  });

  it('behind the signature may only change what proves nothing by itself', async () => {
    const file = await letter({
      dss: { certificates: [authorities.root.certificate], crls: listsAt(SIGNED_AT + DAY) },
    });
    const { coveredEnd } = examine(file, ISSUED).signature!;
    const genuine = judged(file);
    fc.assert(
      fc.property(
        fc.integer({ min: coveredEnd, max: file.length - 1 }),
        fc.constantFrom(...EDITS),
        byte,
        (at, edit, value) => {
          const verdict = judged(edited(file, at, edit, value));
          if (verdict.result !== 'VALID') return;
          expect([verdict.signer, verdict.signedAt]).toEqual([genuine.signer, genuine.signedAt]);
          expect(verdict.checks.map(({ name, status }) => [name, status])).toEqual(
            genuine.checks.map(({ name, status }) => [name, status]),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('anywhere in an archived letter', async () => {
    const signed = await letter({ dss: { certificates: [], crls: listsAt(SIGNED_AT + DAY) } });
    const file = await archiveTimestamp(signed, stampedBy(stampers.next, { at: SIGNED_AT + DAY }));
    fc.assert(
      fc.property(upTo(file.length), fc.constantFrom(...EDITS), byte, (at, edit, value) => {
        fc.pre(edit !== 'insert' || file[at] !== value);
        expect(judged(edited(file, at, edit, value)).result).not.toBe('VALID');
      }),
      { numRuns: 150 },
    );
  });
});

describe('one byte of what is known, changed', () => {
  /** What must not be believed, each for another reason. */
  const doubtful = async (): Promise<readonly (readonly [Uint8Array, Circumstances])[]> => {
    const without = (index: number) => ({ trust: { crls: listsAt(VERIFIED_AT).filter((_, one) => one !== index) } });
    return [
      [await letter({ signer: signers.revoked }), {}],
      [await letter({ signer: signers.revokedCa }), {}],
      [await letter({ signer: signers.otherRoot }), {}],
      [await letter({ signer: signers.falseIssuer }), {}],
      [await letter({ signer: signers.notCa }), {}],
      [await letter({ signer: signers.pharmacist }), {}],
      [await letter({ timestamp: stampedBy(stampers.otherRoot, { at: SIGNED_AT }) }), {}],
      [await letter({ timestamp: stampedBy(stampers.revoked, { at: SIGNED_AT }) }), {}],
      [await letter(), without(1)],
      [await letter({ signer: signers.authentication }), {}],
    ];
  };
  const KINDS = ['anchors', 'intermediates', 'timestampAnchors', 'crls'] as const satisfies readonly (keyof Trust)[];

  it('never makes anything believed: certificates and lists of the house', async () => {
    const cases = await doubtful();
    fc.assert(
      fc.property(
        fc.constantFrom(...cases),
        fc.constantFrom(...KINDS),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        ([file, how], kind, which, where, xor) => {
          const trust = { ...trustAt(VERIFIED_AT), ...how.trust };
          const changed = trust[kind].map((der, index) =>
            index === which % trust[kind].length ? der.with(where % der.length, der[where % der.length]! ^ xor) : der,
          );
          expect(judged(file, { ...how, trust: { ...trust, [kind]: changed } }).result).not.toBe('VALID');
        },
      ),
      { numRuns: 150 },
    );
  });

  it('never makes anything believed: signatures and time-stamps of the file', async () => {
    const cases = await doubtful();
    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.nat(), fc.integer({ min: 1, max: 255 }), ([file, how], where, xor) => {
        const { length } = readDerPrefix(examine(file, ISSUED).signature!.contents).bytes;
        expect(judged(inSignature(file, where % length, xor), how).result).not.toBe('VALID');
      }),
      { numRuns: 150 },
    );
  });

  it('leaves a genuine letter at most what it was', async () => {
    const file = await letter();
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.nat(), fc.nat(), (kind, which, where) => {
        const trust = trustAt(VERIFIED_AT);
        const index = which % trust[kind].length;
        const der = trust[kind][index]!;
        const changed = trust[kind].with(index, der.with(where % der.length, der[where % der.length]! ^ 1));
        const { result, signedAt } = judged(file, { trust: { ...trust, [kind]: changed } });
        if (result === 'VALID') expect(signedAt).toBe(SIGNED_AT);
        else expect(['INVALID', 'INDETERMINATE']).toContain(result);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a letter cut, or put together otherwise', () => {
  it('is never believed when it is cut anywhere', async () => {
    const file = await archiveTimestamp(await letter(), stampedBy(stampers.next, { at: SIGNED_AT + DAY }));
    const signed = (await letter()).length;
    fc.assert(
      fc.property(upTo(file.length), (end) => {
        fc.pre(end !== signed);
        expect(judged(file.subarray(0, end)).result).not.toBe('VALID');
      }),
      { numRuns: 150 },
    );
  });

  it('is never believed, and breaks nothing, when its parts are moved, repeated or mixed with another', async () => {
    const file = await letter();
    const other = await archiveTimestamp(
      await letter({ signer: signers.doctorP384 }),
      stampedBy(stampers.next, { at: SIGNED_AT + DAY }),
    );
    const cuts = (bytes: Uint8Array) => {
      const text = Buffer.from(bytes).toString('latin1');
      return [
        0,
        ...[...text.matchAll(/\d+ 0 obj|endobj|xref\n|trailer|startxref|%%EOF\n|\/Contents <|>>/g)].map(
          ({ index }) => index,
        ),
        bytes.length,
      ];
    };
    const pieces = [file, other].flatMap((bytes) => {
      const at = cuts(bytes);
      return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
    });
    const own = pieces.slice(0, cuts(file).length - 1);
    fc.assert(
      fc.property(
        fc.nat({ max: own.length - 1 }),
        fc.nat({ max: 3 }),
        fc.array(fc.nat({ max: pieces.length - 1 }), { maxLength: 3 }),
        (at, gone, put) => {
          const mixed = Buffer.concat(own.toSpliced(at, gone, ...put.map((index) => pieces[index]!)));
          fc.pre(mixed.compare(file) !== 0);
          expect(judged(mixed).result).not.toBe('VALID');
        },
      ),
      { numRuns: 150 },
    );
  });
});
