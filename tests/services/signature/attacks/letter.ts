import { examine } from '../../../../src/pdf/examine.ts';
import { readDerPrefix } from '../../../../src/pki/der.ts';
import { EVIL, put } from '../../../pdf/attacks/attack.ts';
import { signedBy, updated } from '../../../pdf/draft.ts';
import { TINY } from '../../../pdf/letters.ts';
import { sampleLetter } from '../../../support/signature/sample-letter.ts';
import { changeByte, replaceBytes, signLetter } from '../../../support/signature/sign-letter.ts';
import { signers } from '../../../support/signature/signers.ts';
import { ISSUED, letter, stamp } from '../verify/ask.ts';
import { type Attack, doubted, refuted } from './attack.ts';
import { signedInEarnest, TINY_ISSUED } from './earnest.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const bytes = (latin1: string): Uint8Array => new Uint8Array(Buffer.from(latin1, 'latin1'));
const OTHER = sampleLetter({ text: 'Another letter' });

/** Everything from the brackets of /Contents on exchanged for as much of another file. */
async function transplanted(): Promise<Uint8Array> {
  const mine = await letter();
  const other = await letter({ pdf: sampleLetter({ text: 'Replaced letter' }) });
  const from = examine(mine, ISSUED).signature!.byteRange[1];
  const to = examine(other, undefined).signature!.byteRange;
  return Uint8Array.from([
    ...mine.subarray(0, from),
    ...other.subarray(to[1], to[2]),
    ...mine.subarray(from + to[2] - to[1]),
  ]);
}

/** /Contents with its brackets written otherwise; `used`: digits that are not padding. */
const contents = async (change: (hexadecimal: string, used: number) => string): Promise<Uint8Array> => {
  const file = text(await letter());
  const { byteRange, contents } = examine(bytes(file), ISSUED).signature!;
  const [, from, to] = byteRange;
  const used = readDerPrefix(contents).bytes.length * 2;
  return bytes(file.slice(0, from) + change(file.slice(from, to), used) + file.slice(to));
};

/** The letter itself: another, changed, moved, or with something put before, into or behind it. */
export const LETTERS: readonly Attack[] = [
  refuted('changes a byte of the letter after it was signed', 'issued-bytes WRONG_DOCUMENT', async () => {
    const signed = await letter();
    return changeByte(signed, Buffer.from(signed).indexOf('Referral'));
  }),
  refuted('changes the letter and has it signed', 'issued-bytes WRONG_DOCUMENT', () =>
    letter({ pdf: bytes(text(ISSUED).replace('Referral letter', 'Referral LETTER')) }),
  ),
  refuted('hands in a genuine signed letter in place of another', 'issued-bytes WRONG_DOCUMENT', () =>
    letter({ pdf: OTHER }),
  ),
  refuted(
    'hands in the signed earlier version of a letter that was issued anew',
    'issued-bytes WRONG_DOCUMENT',
    async () => ({
      submitted: await letter(),
      issued: sampleLetter({ text: 'Referral letter, second version' }),
    }),
  ),
  refuted('puts the signature of another letter into this one', 'message-digest DIGEST_MISMATCH', transplanted),
  refuted('renames the signature field after signing', 'message-digest DIGEST_MISMATCH', async () => {
    const file = text(await letter());
    return bytes(file.replace('(Signature1)', '(Signature2)'));
  }),
  refuted('moves a space in the signed update', 'message-digest DIGEST_MISMATCH', async () =>
    replaceBytes(await letter(), bytes('/SubFilter /ETSI'), bytes('/SubFilter\n/ETSI')),
  ),
  refuted(
    'puts a script before the letter, so that the file is two kinds at once',
    'issued-bytes WRONG_DOCUMENT',
    async () => Buffer.concat([Buffer.from('<script>//'), await letter()]),
  ),
  refuted('moves the header by one byte', 'issued-bytes WRONG_DOCUMENT', async () =>
    Buffer.concat([Buffer.from('\n'), await letter()]),
  ),
  refuted('hands in the letter unsigned', 'signature-field NO_SIGNATURE', () => ISSUED),
  refuted('hands in the beginning of the letter', 'issued-bytes TRUNCATED', () => ISSUED.subarray(0, 400)),
  refuted('cuts off the end of the signed letter', 'increment MALFORMED', async () => (await letter()).subarray(0, -8)),
  doubted('asks about a letter that nobody issued', 'issued-bytes NO_ISSUED_DOCUMENT', async () => ({
    submitted: await letter(),
    issued: undefined,
  })),
  refuted('writes the letter anew and signs nothing of it', 'issued-bytes WRONG_DOCUMENT', () =>
    bytes(text(ISSUED).replace(/> <[0-9a-f]{32}>\]/, `> <${'9'.repeat(32)}>]`)),
  ),
  doubted('writes the letter anew with the same identity and signs that', 'issued-bytes FOREIGN_REWRITTEN', () =>
    letter({
      pdf: bytes(
        text(ISSUED)
          .replace('Referral letter', 'Warfarin, 20 mg')
          .replace(/> <[0-9a-f]{32}>\]/, `> <${'9'.repeat(32)}>]`),
      ),
    }),
  ),
  refuted('writes the letter anew for reading over a network', 'increment FOREIGN_LINEARIZED', () =>
    bytes('%PDF-1.7\n1 0 obj\n<< /Linearized 1 /L 999 /H [1 2] /O 3 /E 4 /N 1 /T 5 >>\nendobj\nstartxref\n0\n%%EOF\n'),
  ),
  refuted('hands in a picture', 'increment FOREIGN_UNREADABLE', () => bytes('GIF89a'.padEnd(4096, '\0'))),
  refuted('takes a number that the letter had freed for something new', 'increment REUSED_NUMBER', async () => {
    const freed = text(TINY_ISSUED)
      .replace(/trailer/, '9 1\n0000000000 00001 f \ntrailer')
      .replace('/Size 9', '/Size 10');
    const issued = Buffer.from(freed, 'latin1');
    return { submitted: await signedInEarnest(signedBy(issued)), issued };
  }),
  refuted('appends a comment', 'after-signature APPENDED_BYTES', async () =>
    Buffer.concat([await letter(), Buffer.from('% more\n')]),
  ),
  refuted('signs a second time, with a certificate of the attacker', 'signature-field SEVERAL_SIGNATURES', async () =>
    signLetter({ pdf: await letter(), signer: signers.otherRoot, timestamp: stamp(), fieldName: 'Signature2' }),
  ),
  refuted('signs a second time, as another doctor in good standing', 'signature-field SEVERAL_SIGNATURES', async () =>
    signLetter({ pdf: await letter(), signer: signers.doctorP384, timestamp: stamp(), fieldName: 'Signature2' }),
  ),
  refuted('exchanges the page after the signature', 'after-signature CONTENT_CHANGED', async () => ({
    submitted: updated(Buffer.from(await signedInEarnest(signedBy(TINY_ISSUED))), put(TINY.content, EVIL)),
    issued: TINY_ISSUED,
  })),
  doubted('exchanges the page before the signature', 'increment FOREIGN_UPDATE', async () => ({
    submitted: await letter({ pdf: updated(TINY_ISSUED, put(TINY.content, EVIL)) }),
    issued: TINY_ISSUED,
  })),

  refuted('fills the padding of the signature with something else', 'cms CMS_MALFORMED', () =>
    contents((all, used) => `${all.slice(0, used + 9)}4A${all.slice(used + 11)}`),
  ),
  refuted('writes one digit of the signature small', 'byte-range CONTENTS_FORM', () =>
    contents((all) => all.replace(/[A-F]/, (digit) => digit.toLowerCase())),
  ),
  refuted('puts a space among the digits in place of a zero', 'byte-range CONTENTS_FORM', () =>
    contents((all) => all.replace(/0>$/, ' >')),
  ),
  refuted('ends the hexadecimal string sooner and fills up with white space', 'byte-range BYTE_RANGE_GAP', () =>
    contents((all) => all.replace(/0000>$/, '>    ')),
  ),
  refuted('makes the padding longer', 'increment XREF_MISMATCH', () => contents((all) => all.replace(/>$/, '00>'))),
  refuted('puts zeros in place of the last bytes', 'timestamp TST_SIGNATURE', () =>
    contents((all, used) => `${all.slice(0, used - 9)}${'0'.repeat(10)}${all.slice(used + 1)}`),
  ),
];
