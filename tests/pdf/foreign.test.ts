import fc from 'fast-check';
import { examine } from '../../src/pdf/examine.ts';
import { FREE, signedBy, stream, updated } from './draft.ts';
import { covered, objections, passes, tinyLetter } from './letters.ts';

/** Files that some program wrote or rewrote in a way that this reader does not follow: never fine, but the digest can still tell. */
const issued = tinyLetter();
const genuine = signedBy(issued);

const undecided = (bytes: Uint8Array) => examine(bytes, issued).findings.every(({ status }) => status !== 'failed');

describe('a file of another program', () => {
  it.each([
    [
      'a comment before startxref',
      signedBy(issued, (draft) => Object.assign(draft, { beforeStartxref: '%vendor-5.5\n' })),
    ],
    [
      'a cross-reference stream beside the table',
      signedBy(issued, (draft) => void draft.objects.set(FREE, stream('x', '/Type /XRef /Size 12 /W [1 2 1]'))),
    ],
    [
      'an object stream',
      signedBy(issued, ({ objects }) => void objects.set(FREE, stream('5 0 1', '/Type /ObjStm /N 1'))),
    ],
    [
      'an indirect length',
      signedBy(issued, ({ objects }) => void objects.set(FREE, '<< /Length 8 0 R >>\nstream\nx\nendstream')),
    ],
    ['a hybrid file', signedBy(issued, (draft) => void draft.trailer.set('XRefStm', '15'))],
    ['an update before the signature', signedBy(updated(issued, () => undefined))],
    [
      'a widget with an area',
      signedBy(issued, ({ objects }) => void objects.set(10, objects.get(10)!.replace('[0 0 0 0]', '[0 0 9 9]'))),
    ],
    ['rewritten metadata', signedBy(issued, ({ objects }) => void objects.set(8, '<< /Title (x) >>'))],
  ])('with %s is undecided, and its signature is found', (_, file) => {
    const found = examine(file, issued);
    expect(passes(found)).toBe(false);
    expect(undecided(file)).toBe(true);
    expect(found.signature?.coveredEnd).toBe(file.length);
    expect(Buffer.from(found.signature!.contents.subarray(0, 5)).toString('hex')).toBe('30030201ab');
  });

  it('that was linearized, or encrypted, says so', () => {
    const first = (object: string) => Buffer.from(`%PDF-1.7\n1 0 obj\n${object}\nendobj\nxref\n`, 'latin1');
    expect(objections(examine(first('<< /Linearized 1 /L 9 >>'), undefined))).toContain('increment FOREIGN_LINEARIZED');
    const locked = issued.toString('latin1').replace('/Info 8 0 R', '/Encrypt 8 0 R');
    expect(objections(examine(signedBy(Buffer.from(locked, 'latin1')), issued))).toEqual(
      expect.arrayContaining(['issued-bytes FOREIGN_REWRITTEN', 'increment FOREIGN_ENCRYPTED']),
    );
  });

  it('that keeps the first half of /ID and changes the second was rewritten, another letter was not', () => {
    const [, id] = /<(\w{32})>/.exec(issued.toString('latin1'))!;
    const text = issued.toString('latin1').replace('2 mg', '4 mg');
    const renewed = Buffer.from(text.replace(`<${id}>]`, `<${'0'.repeat(32)}>]`), 'latin1');
    expect(objections(examine(signedBy(renewed), issued))).toEqual(['issued-bytes FOREIGN_REWRITTEN']);
    expect(objections(examine(signedBy(Buffer.from(text, 'latin1')), issued))).toEqual(['issued-bytes WRONG_DOCUMENT']);
  });
});

describe('when the prefix does not hold', () => {
  it('the signature is still found, and what it covers tells that the file was changed', () => {
    const first = covered(genuine, examine(genuine, issued))!;
    for (let at = 0; at < issued.length; at += 37) {
      const changed = Buffer.from(genuine);
      changed[at]! ^= 1;
      const found = examine(changed, issued);
      const now = covered(changed, found);
      expect(found.findings[0]!.status).not.toBe('passed');
      expect(now?.contents).toBe(first.contents);
      expect(now?.digest).not.toBe(first.digest);
    }
  });

  it('of two signatures that are found by searching, none is taken', () => {
    const twice = Buffer.concat([genuine.subarray(9), genuine]);
    expect(examine(twice, issued).signature).toBeUndefined();
    expect(examine(Buffer.from('/ByteRange '.repeat(1000)), issued).signature).toBeUndefined();
  });
});

describe('what is no letter', () => {
  it('is never fine, and never throws', () => {
    const head = '%PDF-1.7\n';
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: 'binary-ascii', maxLength: 100 }).map((text) => Buffer.from(head + text, 'latin1')),
      fc.integer({ min: 1, max: genuine.length }).map((cut) => genuine.subarray(cut)),
    );
    fc.assert(fc.property(bytes, (file) => !passes(examine(file, undefined)) && !passes(examine(file, issued))));
  });

  it('or was issued without a page tree, or does not end where it should, is unreadable', () => {
    const unreadable = 'increment FOREIGN_UNREADABLE';
    const treeless = Buffer.from(issued.toString('latin1').replace('/Pages 2 0 R', '/Pages 7 0 R'), 'latin1');
    expect(objections(examine(signedBy(treeless), treeless))).toContain(unreadable);
    const circular = Buffer.from(issued.toString('latin1').replace('/Kids [3 0 R', '/Kids [2 0 R'), 'latin1');
    expect(objections(examine(signedBy(circular), circular))).toContain(unreadable);
    expect(objections(examine(genuine, issued.subarray(0, -20)))).toContain(unreadable);
    expect(objections(examine(genuine, new Uint8Array()))).toContain(unreadable);
    expect(objections(examine(Buffer.from('hello'), undefined))).toContain(unreadable);
  });
});
