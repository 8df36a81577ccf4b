import { catalog, FIELD, FREE, page, signedBy, stream, tableOf } from '../draft.ts';
import { TINY } from '../letters.ts';
import { type Attack, EVIL, evilPage, inSigning, offsetOf } from './attack.ts';

/** The table says one thing, the bytes another. */
export const TABLES: readonly Attack[] = [
  inSigning('an orphan copy of the page behind the real one', 'increment DUPLICATE_OBJECT', (draft) => {
    draft.objects.set(TINY.page, evilPage(TINY.content));
    draft.loose = `${TINY.page} 0 obj\n${page()}\nendobj\n`;
  }),
  inSigning('an object that the table does not list', 'increment ORPHAN_OBJECT', (draft) => {
    draft.loose = `${TINY.content} 0 obj\n${EVIL}\nendobj\n`;
  }),
  inSigning('the page replaced, and a copy of the original unlisted', 'increment ORPHAN_OBJECT', (draft) => {
    draft.objects.set(FREE, EVIL);
    draft.objects.set(TINY.page, evilPage(FREE));
    draft.loose = `${TINY.content} 0 obj\n${stream('original')}\nendobj\n`;
  }),
  inSigning('an entry that points into the issued bytes', 'increment XREF_MISMATCH', (draft) => {
    draft.entries = (entries) => [...entries, { number: TINY.content, offset: 300, generation: 0, type: 'n' }];
  }),
  {
    name: 'an entry that points at another object of the issued letter',
    found: 'increment XREF_MISMATCH',
    make: (issued) =>
      signedBy(issued, (draft) => {
        const offset = offsetOf(issued, `${TINY.other} 0 obj`);
        draft.entries = (entries) => [...entries, { number: TINY.content, offset, generation: 0, type: 'n' }];
      }),
  },
  inSigning('an entry that points into a string', 'increment XREF_MISMATCH', (draft) => {
    draft.entries = (entries) =>
      entries.map((entry) => (entry.number === FIELD ? { ...entry, offset: entry.offset + 4 } : entry));
  }),
  inSigning('an object listed twice', 'increment XREF_DUPLICATE', (draft) => {
    draft.entries = (entries) => [...entries, entries.find(({ number }) => number === TINY.page)!];
  }),
  inSigning('subsections that overlap', 'increment XREF_DUPLICATE', (draft) => {
    draft.table = (entries) => tableOf(entries) + tableOf(entries).slice('xref\n'.length);
  }),
  inSigning('an entry of an object that is not there', 'increment XREF_MISMATCH', (draft) => {
    draft.entries = (entries) => [...entries, { number: 77, offset: 15, generation: 0, type: 'n' }];
  }),
  inSigning('the content of the page freed', 'increment FREED_OBJECT', (draft) => {
    draft.entries = (entries) => [...entries, { number: TINY.content, offset: 0, generation: 1, type: 'f' }];
  }),
  inSigning('an object that is there listed as free', 'increment FREED_OBJECT', (draft) => {
    draft.entries = (entries) =>
      entries.map((entry) => (entry.number === FIELD ? { ...entry, type: 'f' as const } : entry));
  }),
  inSigning('another generation in the table', 'increment GENERATION', (draft) => {
    draft.entries = (entries) =>
      entries.map((entry) => (entry.number === TINY.page ? { ...entry, generation: 1 } : entry));
  }),
  inSigning('another generation at the object', 'increment ORPHAN_OBJECT', (draft) => {
    draft.loose = '20 1 obj\nnull\nendobj\n';
  }),
  inSigning('an entry for object 0', 'increment XREF_MISMATCH', (draft) => {
    draft.entries = (entries) => [{ number: 0, offset: 15, generation: 0, type: 'n' }, ...entries];
  }),
  inSigning('entries of 19 bytes', 'increment MALFORMED', (draft) => {
    draft.table = (entries) => tableOf(entries).replaceAll(' n \n', ' n\n');
  }),
  inSigning('more entries than bytes', 'increment XREF_MISMATCH', (draft) => {
    draft.table = () => 'xref\n0 199999\n';
  }),
  inSigning('a table of millions', 'increment TOO_MANY_OBJECTS', (draft) => {
    draft.table = () => 'xref\n0 4294967295\n';
  }),
  inSigning('startxref that names the old table', 'increment STARTXREF', (draft) => {
    draft.startxref = () => draft.trailer.get('Prev')!;
  }),
  inSigning('startxref a byte early', 'increment STARTXREF', (draft) => {
    draft.startxref = (offset) => offset - 1;
  }),
  inSigning('startxref with a sign', 'increment MALFORMED', (draft) => {
    draft.startxref = (offset) => `+${offset}`;
  }),
  inSigning('startxref with zeros before it', 'increment MALFORMED', (draft) => {
    draft.startxref = (offset) => `000${offset}`;
  }),
  inSigning('startxref twice', 'increment MALFORMED', (draft) => {
    draft.startxref = (offset) => `${offset}\nstartxref\n9`;
  }),
  inSigning(
    '/Prev that leads into the issued bytes',
    'increment PREV',
    (draft) => void draft.trailer.set('Prev', '15'),
  ),
  {
    name: '/Prev that leads in a circle',
    found: 'increment PREV',
    make: (issued) => {
      const own = /startxref\s(\d+)\s%%EOF\s$/.exec(signedBy(issued).toString('latin1'))![1]!;
      return signedBy(issued, (draft) => void draft.trailer.set('Prev', own));
    },
  },
  inSigning('/Prev as a reference', 'increment PREV', (draft) => void draft.trailer.set('Prev', '8 0 R')),
  inSigning('no /Prev', 'increment PREV', (draft) => void draft.trailer.delete('Prev')),
  inSigning('another /Root', 'increment ROOT_CHANGED', (draft) => {
    draft.objects.set(FREE, catalog());
    draft.trailer.set('Root', `${FREE} 0 R`);
  }),
  inSigning(
    '/Root of another generation',
    'increment ROOT_CHANGED',
    (draft) => void draft.trailer.set('Root', '1 1 R'),
  ),
  inSigning('no /Root', 'increment ROOT_CHANGED', (draft) => void draft.trailer.delete('Root')),
  inSigning('/Size too small', 'increment SIZE', (draft) => void draft.trailer.set('Size', '10')),
  inSigning('/Size too great', 'increment SIZE', (draft) => void draft.trailer.set('Size', '100')),
  inSigning('another /Info', 'increment INFO_CHANGED', (draft) => void draft.trailer.set('Info', '7 0 R')),
  inSigning('another /ID', 'increment ID_CHANGED', (draft) => void draft.trailer.set('ID', '[<00> <00>]')),
  inSigning('an unknown key in the trailer', 'increment TRAILER_KEY', (draft) => void draft.trailer.set('Foo', '1')),
  inSigning('no /ID', 'increment TRAILER_KEY', (draft) => void draft.trailer.delete('ID')),
  inSigning('/Encrypt', 'increment FOREIGN_ENCRYPTED', (draft) => void draft.trailer.set('Encrypt', '<< >>')),
  inSigning('a hybrid file', 'increment FOREIGN_HYBRID', (draft) => void draft.trailer.set('XRefStm', '15')),
  inSigning(
    'a key twice in the trailer',
    'increment DUPLICATE_KEY',
    (draft) => void draft.trailer.set('Prev 15 /Prev', '15'),
  ),
];
