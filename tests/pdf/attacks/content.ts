import { FIELD, FREE, page } from '../draft.ts';
import { TINY } from '../letters.ts';
import { type Attack, EVIL, edit, evilPage, inSigning, put } from './attack.ts';

/** The letter itself changed while signing. */
export const CONTENT: readonly Attack[] = [
  inSigning('the content of the page replaced', 'increment CONTENT_CHANGED', put(TINY.content, EVIL)),
  inSigning('the font replaced', 'increment CONTENT_CHANGED', put(TINY.font, '<< /Type /Font /Subtype /Type3 >>')),
  inSigning(
    'the page tree replaced',
    'increment CONTENT_CHANGED',
    put(TINY.pages, '<< /Type /Pages /Kids [4 0 R] /Count 1 >>'),
  ),
  inSigning(
    'the information dictionary rewritten',
    'increment FOREIGN_METADATA',
    put(TINY.info, '<< /Title (other) >>'),
  ),
  inSigning('other contents of the page', 'increment PAGE_CHANGED', (draft) => {
    draft.objects.set(FREE, EVIL);
    draft.objects.set(TINY.page, evilPage(FREE));
  }),
  inSigning('contents of the page from the other page', 'increment PAGE_CHANGED', put(TINY.page, evilPage(TINY.other))),
  inSigning(
    'other resources',
    'increment PAGE_CHANGED',
    edit(TINY.page, (body) => body.replace('/F1 7 0 R', '/F1 8 0 R')),
  ),
  inSigning('the page turned', 'increment PAGE_CHANGED', put(TINY.page, page(undefined, 5, '/Rotate 180'))),
  inSigning('the page cropped', 'increment PAGE_CHANGED', put(TINY.page, page(undefined, 5, '/CropBox [0 0 1 1]'))),
  inSigning('an action when the page opens', 'increment PAGE_CHANGED', put(TINY.page, page(undefined, 5, '/AA << >>'))),
  inSigning('two pages replaced', 'increment PAGE_CHANGED', put(TINY.second, page('', 6).replace(/ +>>$/, ' >>'))),
  inSigning('another annotation on the page', 'increment ANNOTATIONS_CHANGED', (draft) => {
    draft.objects.set(FREE, '<< /Type /Annot /Subtype /FreeText /Rect [0 0 600 800] /Contents (9 mg) >>');
    draft.objects.set(TINY.page, page(`/Annots [${FIELD} 0 R ${FREE} 0 R]`));
  }),
  inSigning('an annotation instead of the widget', 'increment ANNOTATIONS_CHANGED', (draft) => {
    draft.objects.set(FREE, '<< /Type /Annot /Subtype /Stamp /Rect [0 0 600 800] >>');
    draft.objects.set(TINY.page, page(`/Annots [${FREE} 0 R]`));
  }),
  inSigning(
    'an annotation written in the page',
    'increment ANNOTATIONS_CHANGED',
    put(TINY.page, page('/Annots [<< /Subtype /Stamp >>]')),
  ),
  inSigning('annotations that are no array', 'increment ANNOTATIONS_CHANGED', put(TINY.page, page('/Annots 7 0 R'))),
  inSigning('an added object that nothing needs', 'increment UNREFERENCED_OBJECT', put(FREE, EVIL)),
  inSigning('ten thousand added objects', 'increment UNREFERENCED_OBJECT', ({ objects }) => {
    for (let i = 0; i < 10_000; i++) objects.set(FREE + i, 'null');
  }),
];
