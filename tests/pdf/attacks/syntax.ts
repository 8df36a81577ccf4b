import { FORM, FREE, SIGNATURE, signature, stream } from '../draft.ts';
import { type Attack, edit, inSigning, put, setting } from './attack.ts';

/** Bytes that no reader should have to understand. */
export const SYNTAX: readonly Attack[] = [
  inSigning('a comment among the objects', 'increment FOREIGN_COMMENT', setting({ loose: '%hidden\n' })),
  inSigning('a comment before startxref', 'increment FOREIGN_COMMENT', setting({ beforeStartxref: '%iText-5\n' })),
  inSigning('comments in comments', 'increment FOREIGN_COMMENT', setting({ loose: '%%%(\n%)\n' })),
  inSigning('NUL bytes among the objects', 'increment MALFORMED', setting({ loose: '\0\0' })),
  inSigning(
    'NUL for white space',
    'increment MALFORMED',
    edit(FORM, (body) => body.replace('SigFlags ', 'SigFlags\0')),
  ),
  inSigning(
    'form feed for white space',
    'increment MALFORMED',
    edit(FORM, (body) => body.replace('SigFlags ', 'SigFlags\f')),
  ),
  inSigning('words among the objects', 'increment MALFORMED', setting({ loose: 'hello\n' })),
  inSigning('an array without end', 'increment MALFORMED', put(FREE, '[1 2 3')),
  inSigning('a string without end', 'increment MALFORMED', put(FREE, '(((')),
  inSigning('arrays in arrays in arrays', 'increment TOO_DEEP', put(FREE, '['.repeat(100_000))),
  inSigning('dictionaries in dictionaries', 'increment TOO_DEEP', put(FREE, '<< /A '.repeat(100_000))),
  inSigning('parentheses in parentheses', 'increment MALFORMED', put(FREE, '('.repeat(100_000))),
  inSigning('a million values', 'increment TOO_MANY_OBJECTS', put(FREE, `[${'0 '.repeat(600_000)}]`)),
  inSigning(
    'a stream shorter than it says',
    'increment STREAM_LENGTH',
    put(FREE, '<< /Length 99999 >>\nstream\nx\nendstream'),
  ),
  inSigning(
    'a stream longer than it says',
    'increment STREAM_LENGTH',
    put(FREE, '<< /Length 1 >>\nstream\nxyz\nendstream'),
  ),
  inSigning('a stream without length', 'increment STREAM_LENGTH', put(FREE, '<< >>\nstream\nx\nendstream')),
  inSigning(
    'a stream whose length is elsewhere',
    'increment FOREIGN_STREAM_LENGTH',
    put(FREE, '<< /Length 8 0 R >>\nstream\nx\nendstream'),
  ),
  inSigning(
    'an object stream',
    'increment FOREIGN_OBJECT_STREAM',
    put(FREE, stream('5 0 null', '/Type /ObjStm /N 1 /First 4')),
  ),
  inSigning(
    'a cross-reference stream',
    'increment FOREIGN_XREF_STREAM',
    put(FREE, stream('x', '/Type /XRef /Size 12 /W [1 2 1]')),
  ),
  inSigning(
    'an object inside a string',
    'increment HIDDEN_OBJECT',
    put(SIGNATURE, signature('/Reason (\n5 0 obj\n<< >>\nendobj\n)')),
  ),
  inSigning(
    'a table inside a string',
    'increment HIDDEN_OBJECT',
    put(SIGNATURE, signature('/Reason (trailer << >> startxref 9 %%EOF)')),
  ),
  inSigning('a second header', 'increment HIDDEN_OBJECT', put(SIGNATURE, signature('/Reason (%PDF-1.4)'))),
  inSigning('no %%EOF', 'increment MALFORMED', setting({ end: '' })),
  inSigning('a table without objects only', 'signature-field NO_SIGNATURE', (draft) => draft.objects.clear()),
];
