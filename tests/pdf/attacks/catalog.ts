import { catalog, FIELD, FORM, FREE, form, SIGNATURE, stream } from '../draft.ts';
import { TINY } from '../letters.ts';
import { type Attack, edit, inCatalog, inSigning, put } from './attack.ts';

/** The catalog and the form. */
export const CATALOG: readonly Attack[] = [
  inSigning(
    'an action when the file opens',
    'increment ACTION_ADDED',
    inCatalog('/OpenAction << /S /JavaScript /JS (x) >>'),
  ),
  inSigning('scripts by name', 'increment ACTION_ADDED', inCatalog('/Names << /JavaScript << /Names [] >> >>')),
  inSigning('additional actions', 'increment ACTION_ADDED', inCatalog('/AA << >>')),
  inSigning('another page tree', 'increment CATALOG_CHANGED', (draft) => {
    draft.objects.set(FREE, '<< /Type /Pages /Kids [4 0 R] /Count 1 >>');
    draft.objects.set(TINY.catalog, `<< /Type /Catalog /Pages ${FREE} 0 R /AcroForm ${FORM} 0 R >>`);
  }),
  inSigning('optional content', 'increment CATALOG_CHANGED', inCatalog('/OCProperties << /OCGs [] >>')),
  inSigning('other page labels', 'increment CATALOG_CHANGED', inCatalog('/PageLabels << /Nums [] >>')),
  inSigning('certification', 'increment FOREIGN_PERMISSIONS', inCatalog(`/Perms << /DocMDP ${SIGNATURE} 0 R >>`)),
  inSigning('other metadata', 'increment FOREIGN_METADATA', inCatalog('/Metadata 6 0 R')),
  inSigning('a version that goes down', 'increment VERSION_CHANGED', inCatalog('/Version /1.3')),
  inSigning('a version that is none', 'increment VERSION_CHANGED', inCatalog('/Version /9.9')),
  inSigning(
    'an extension with more in it',
    'increment EXTENSIONS_CHANGED',
    inCatalog('/Extensions << /X << /A 5 0 R >> >>'),
  ),
  inSigning('extensions elsewhere', 'increment EXTENSIONS_CHANGED', inCatalog('/Extensions 8 0 R')),
  inSigning(
    'the catalog a stream',
    'increment CATALOG_CHANGED',
    put(TINY.catalog, stream('x', catalog().slice(2, -2))),
  ),
  inSigning('the catalog an array', 'increment CATALOG_CHANGED', put(TINY.catalog, '[1]')),
  inSigning('a form that is an old object', 'increment FORM_CHANGED', put(TINY.catalog, catalog('/AcroForm 8 0 R'))),
  inSigning('XFA', 'increment FORM_DYNAMIC', put(FORM, form('/XFA [(a) 5 0 R]'))),
  inSigning('/NeedAppearances', 'increment FORM_DYNAMIC', put(FORM, form('/NeedAppearances true'))),
  inSigning('calculated fields', 'increment FORM_DYNAMIC', put(FORM, form('/CO [10 0 R]'))),
  inSigning('a default appearance', 'increment FOREIGN_KEY', put(FORM, form('/DA (/Helv 0 Tf)'))),
  inSigning('a form with an unknown key', 'increment FORM_CHANGED', put(FORM, form('/X 1'))),
  inSigning(
    'a form that may be rewritten',
    'increment FOREIGN_KEY',
    edit(FORM, (body) => body.replace('SigFlags 3', 'SigFlags 1')),
  ),
  inSigning('two fields', 'increment FORM_CHANGED', (draft) => {
    draft.objects.set(FREE, '<< /FT /Tx /T (text) >>');
    draft.objects.set(FORM, form('', `${FIELD} 0 R ${FREE} 0 R`));
  }),
  inSigning('a field written in the form', 'increment FORM_CHANGED', put(FORM, form('', '<< /FT /Sig >>'))),
];
