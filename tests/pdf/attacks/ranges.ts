import { type Draft, SIGNATURE, signature } from '../draft.ts';
import { type Attack, edit, inSigning, put } from './attack.ts';

const inRange = (name: string, found: string, range: Draft['byteRange']): Attack =>
  inSigning(name, `byte-range ${found}`, (draft) => {
    draft.byteRange = range;
  });

/** The byte range and the value in its gap. */
export const RANGES: readonly Attack[] = [
  inRange('a gap wider at its end', 'BYTE_RANGE_GAP', ([a, b, c, d]) => `[${a} ${b} ${c + 4} ${d - 4}]`),
  inRange('a gap wider at its beginning', 'BYTE_RANGE_GAP', ([a, b, c, d]) => `[${a} ${b - 10} ${c} ${d}]`),
  inRange('a gap narrower', 'BYTE_RANGE_GAP', ([a, b, c, d]) => `[${a} ${b + 1} ${c - 1} ${d + 1}]`),
  inRange('a gap without the angle brackets', 'BYTE_RANGE_GAP', ([a, b, c, d]) => `[${a} ${b + 1} ${c - 1} ${d}]`),
  inRange('a gap elsewhere', 'BYTE_RANGE_GAP', ([a, b, c, d]) => `[${a} 300 ${300 + c - b} ${d + b - 300}]`),
  inRange('a gap over the page', 'BYTE_RANGE_GAP', ([, , c, d]) => `[0 100 ${c} ${d}]`),
  inRange('no gap', 'BYTE_RANGE_GAP', ([, , c, d]) => `[0 ${c} ${c} ${d}]`),
  inRange('ranges that overlap', 'BYTE_RANGE_GAP', ([, b, c, d]) => `[0 ${c + 10} ${b} ${d}]`),
  inRange('ranges in the other order', 'BYTE_RANGE_START', ([, b, c, d]) => `[${c} ${d} 0 ${b}]`),
  inRange('a range that begins later', 'BYTE_RANGE_START', ([, b, c, d]) => `[9 ${b} ${c} ${d}]`),
  inRange('a range that ends too soon', 'BYTE_RANGE_END', ([a, b, c, d]) => `[${a} ${b} ${c} ${d - 20}]`),
  inRange('a range that ends behind the file', 'BYTE_RANGE_END', ([a, b, c, d]) => `[${a} ${b} ${c} ${d + 20}]`),
  inRange('a negative number', 'BYTE_RANGE_FORM', ([a, b, c, d]) => `[${a} -${b} ${c} ${d}]`),
  inRange('a great number', 'BYTE_RANGE_END', ([a, b, c]) => `[${a} ${b} ${c} 9999999999]`),
  inSigning('a huge number', 'increment MALFORMED', (draft) => {
    draft.byteRange = ([a, b, c]) => `[${a} ${b} ${c} 18446744073709551615]`;
  }),
  inRange('a real number', 'BYTE_RANGE_FORM', ([a, b, c, d]) => `[${a} ${b}.0 ${c} ${d}]`),
  inRange('zeros before a number', 'BYTE_RANGE_FORM', ([a, b, c, d]) => `[${a} 0${b} ${c} ${d}]`),
  inRange('a sign before a number', 'BYTE_RANGE_FORM', ([a, b, c, d]) => `[${a} +${b} ${c} ${d}]`),
  inRange('two numbers', 'BYTE_RANGE_FORM', ([a, b]) => `[${a} ${b}]`),
  inRange('six numbers', 'BYTE_RANGE_FORM', ([a, b, c, d]) => `[${a} ${b} ${c} ${d} 0 0]`),
  inRange('a line feed between the numbers', 'BYTE_RANGE_FORM', ([a, b, c, d]) => `[${a} ${b}\n${c} ${d}]`),
  inRange('an indirect range', 'BYTE_RANGE_FORM', () => '8 0 R'),
  inRange('an indirect number', 'BYTE_RANGE_FORM', ([a, b, c]) => `[${a} ${b} ${c} 8 0 R]`),
  inSigning('a comment between the numbers', 'increment FOREIGN_COMMENT', (draft) => {
    draft.byteRange = ([a, b, c, d]) => `[${a} ${b} %x\n${c} ${d}]`;
  }),
  inSigning('a second range', 'increment DUPLICATE_KEY', put(SIGNATURE, signature('/ByteRange [0 1 2 3]'))),
  inSigning('a second value', 'increment DUPLICATE_KEY', put(SIGNATURE, signature('/Contents <00>'))),
  inSigning(
    'a second value under an escaped name',
    'increment ESCAPED_NAME',
    put(SIGNATURE, signature('/#43ontents <00>')),
  ),
  inSigning(
    'an escaped range only',
    'increment ESCAPED_NAME',
    edit(SIGNATURE, (body) => body.replace('/ByteRange', '/Byte#52ange')),
  ),
  inSigning('a gap over another string of the signature', 'byte-range BYTE_RANGE_GAP', (draft) => {
    draft.objects.set(SIGNATURE, signature('', '<3000> /Reason <414243>'));
    draft.byteRange = ([, , c, d]) => `[0 ${c + 9} ${c + 17} ${d - 17}]`;
  }),
  inSigning('a value in the gap that is not the value', 'byte-range BYTE_RANGE_GAP', (draft) => {
    draft.objects.set(SIGNATURE, signature('', '<3000> /Prop_Build << /Contents <3001> >>'));
    draft.byteRange = ([, , c, d]) => `[0 ${c + 26} ${c + 32} ${d - 32}]`;
  }),
  inSigning('an odd number of digits', 'byte-range CONTENTS_FORM', put(SIGNATURE, signature('', '<300>'))),
  inSigning('white space among the digits', 'byte-range CONTENTS_FORM', put(SIGNATURE, signature('', '<30 00>'))),
  inSigning('capitals and small letters', 'byte-range CONTENTS_FORM', put(SIGNATURE, signature('', '<30aB>'))),
  inSigning('an empty value', 'byte-range CONTENTS_FORM', put(SIGNATURE, signature('', '<>'))),
  inSigning('a literal string for a value', 'byte-range CONTENTS_FORM', (draft) => {
    draft.objects.set(SIGNATURE, signature('', '(<3000>)'));
  }),
];
