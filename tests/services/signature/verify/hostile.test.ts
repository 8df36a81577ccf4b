import fc from 'fast-check';
import { children, context, integer, octets, oid, readDer, sequence, set } from '../../../../src/pki/der.ts';
import { CHECKS } from '../../../../src/services/signature/verdict.ts';
import { CODE_WORDS } from '../../../../src/services/signature/words.ts';
import { authorities } from '../../../support/signature/authorities.ts';
import { listsAt } from '../../../support/signature/lists.ts';
import { sampleLetter } from '../../../support/signature/sample-letter.ts';
import { archiveTimestamp, changeByte, signLetter } from '../../../support/signature/sign-letter.ts';
import { signers } from '../../../support/signature/signers.ts';
import { stampers } from '../../../support/signature/stampers.ts';
import { DAY, SIGNED_AT } from '../../../support/signature/times.ts';
import { stampedBy } from '../../../support/signature/timestamp-authority.ts';
import { ISSUED, judge, letter, stamp, told } from './ask.ts';

const complete = (submitted: Uint8Array) => {
  const verdict = judge(submitted);
  expect(verdict.checks.map(({ name }) => name)).toEqual([...CHECKS]);
  const codes = verdict.checks.map(({ code }) => code).filter((code) => code !== 'OK');
  expect(codes).not.toContain('VERIFIER_FAILED');
  expect(codes.filter((code) => !Object.hasOwn(CODE_WORDS, code))).toEqual([]);
  return verdict;
};

describe('whatever the bytes', () => {
  it('a byte changed anywhere in a signed letter never leaves it VALID', async () => {
    const submitted = await letter({ signer: signers.doctorRsa, crls: listsAt(SIGNED_AT + DAY).slice(0, 2) });
    expect(judge(submitted).result).toBe('VALID');
    const anywhere = fc.integer({ min: 0, max: submitted.length - 1 });
    fc.assert(
      fc.property(anywhere, fc.integer({ min: 1, max: 255 }), (at, by) => {
        expect(complete(changeByte(submitted, at, by)).result).not.toBe('VALID');
      }),
      { numRuns: 300 },
    );
  });

  it('a byte of the signature value changed anywhere never leaves it VALID', async () => {
    const submitted = await letter();
    const value = Buffer.from(submitted).indexOf('/Contents <', ISSUED.length) + '/Contents <'.length;
    const digit = fc.integer({ min: value, max: value + 10_000 });
    fc.assert(
      fc.property(digit, fc.constantFrom(...Buffer.from('0123456789abcdefABCDEF> ')), (at, byte) => {
        fc.pre(submitted[at] !== byte);
        const changed = Uint8Array.from(submitted);
        changed[at] = byte;
        expect(complete(changed).result).not.toBe('VALID');
      }),
      { numRuns: 300 },
    );
  });

  it('a letter cut anywhere is never VALID', async () => {
    const submitted = await letter();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: submitted.length - 1 }), (end) => {
        expect(complete(submitted.subarray(0, end)).result).not.toBe('VALID');
      }),
      { numRuns: 100 },
    );
  });

  it('any bytes at all get a whole verdict', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.boolean(), (bytes, after) => {
        expect(complete(after ? Buffer.concat([ISSUED, bytes]) : bytes).result).not.toBe('VALID');
      }),
      { numRuns: 200 },
    );
  });
});

describe('what a signature carries', () => {
  it('must belong to it', async () => {
    const { certificate, chain } = signers.doctor;
    const foreign = await letter({ certificates: [certificate, ...chain, signers.otherRoot.certificate] });
    expect(told(judge(foreign))).toEqual({ cms: 'undecided CMS_STRAY' });
    const lists = await letter({ crls: listsAt(SIGNED_AT + DAY).slice(-1) });
    expect(told(judge(lists))).toEqual({ cms: 'undecided CMS_STRAY' });
  });

  it('is the time-stamp alone among the unsigned attributes', async () => {
    const more = (cms: Uint8Array) => {
      const fields = children(children(children(readDer(cms))[1]!)[0]!).map(({ bytes }) => bytes);
      const parts = children(children(readDer(fields.pop()!))[0]!).map(({ bytes }) => bytes);
      const unsigned = children(readDer(parts.pop()!)).map(({ bytes }) => bytes);
      const odd = sequence(oid('1.2.392.200000.9'), set(integer(1)));
      const signerInfo = sequence(...parts, context(1, true, ...unsigned, odd));
      return sequence(oid('1.2.840.113549.1.7.2'), context(0, true, sequence(...fields, set(signerInfo))));
    };
    expect(told(judge(await letter({ faults: { cms: more } })))).toEqual({ cms: 'undecided CMS_STRAY' });
  });

  it('may be more than is needed', async () => {
    const { certificate, chain } = signers.doctor;
    const more = [certificate, ...chain, authorities.root.certificate, authorities.secondSigning.certificate];
    expect(told(judge(await letter({ certificates: more, crls: listsAt(SIGNED_AT + DAY).slice(0, 3) })))).toEqual({});
  });

  it('may be too much', async () => {
    const certificates = Array.from({ length: 65 }, (_, index) => sequence(integer(index)));
    const crls = [signers.doctor.certificate, ...certificates];
    expect(told(judge(await letter({ crls })))).toEqual({ cms: 'failed CMS_TOO_LARGE' });
  });

  it('may be made to cost: nested without end, or in many elements', async () => {
    let deep: Uint8Array = octets(Uint8Array.of(1));
    for (let depth = 0; depth < 500; depth++) deep = sequence(deep);
    expect(told(judge(await letter({ faults: { cms: () => deep } })))).toEqual({ cms: 'failed CMS_MALFORMED' });
    const wide = sequence(...Array.from({ length: 5000 }, () => Uint8Array.of(5, 0)));
    expect(told(judge(await letter({ faults: { cms: () => wide } })))).toEqual({ cms: 'failed CMS_MALFORMED' });
  });

  it('may be of two signers, or of none', async () => {
    const none = sequence(
      oid('1.2.840.113549.1.7.2'),
      context(0, true, sequence(integer(1), set(), sequence(oid('1.2.840.113549.1.7.1')), set())),
    );
    expect(told(judge(await letter({ faults: { cms: () => none } })))).toEqual({ cms: 'failed CMS_SIGNER_COUNT' });
  });
});

describe('a letter written anew', () => {
  /** As some signing programs do: the same document, the second half of its /ID another. */
  const rewritten = (text?: string) => {
    const file = Buffer.from(sampleLetter(text === undefined ? {} : { text })).toString('latin1');
    return new Uint8Array(Buffer.from(file.replace(/> <[0-9a-f]{32}>\]/, `> <${'9'.repeat(32)}>]`), 'latin1'));
  };

  it('is undecided when it is soundly signed', async () => {
    const verdict = complete(await signLetter({ pdf: rewritten(), signer: signers.doctor, timestamp: stamp() }));
    expect(told(verdict)['issued-bytes']).toBe('undecided FOREIGN_REWRITTEN');
    expect(verdict.result).toBe('INDETERMINATE');
  });

  it('is another document when it is not', async () => {
    const signed = Buffer.from(await signLetter({ pdf: rewritten(), signer: signers.doctor, timestamp: stamp() }));
    const changed = complete(changeByte(signed, signed.indexOf('Referral')));
    expect(told(changed)['issued-bytes']).toBe('failed WRONG_DOCUMENT');
    expect(changed.result).toBe('INVALID');
  });
});

describe('an archived letter', () => {
  it('is protected as a whole by its last time-stamp', async () => {
    const signed = await letter({ dss: { certificates: [], crls: listsAt(SIGNED_AT + DAY) } });
    const archived = await archiveTimestamp(signed, stampedBy(stampers.next, { at: SIGNED_AT + DAY }));
    expect(complete(archived).result).toBe('VALID');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: archived.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
        expect(complete(changeByte(archived, at, by)).result).not.toBe('VALID');
      }),
      { numRuns: 200 },
    );
  });
});
