import { deflateSync } from 'node:zlib';
import { CONTENTS, FIELD, FORM, FREE, field, form, SIGNATURE, signature, stream } from '../draft.ts';
import { type Attack, edit, inSigning, put } from './attack.ts';

/** The field, its widget and its value. */
export const FIELDS: readonly Attack[] = [
  inSigning(
    'a text field',
    'signature-field FIELD_MALFORMED',
    edit(FIELD, (body) => body.replace('/Sig', '/Tx')),
  ),
  inSigning(
    'a field without name',
    'signature-field FIELD_MALFORMED',
    edit(FIELD, (body) => body.replace('/T (Doctor)', '')),
  ),
  inSigning(
    'a field whose value is an old object',
    'signature-field SIGNATURE_DICTIONARY',
    edit(FIELD, (body) => body.replace('/V 9', '/V 8')),
  ),
  inSigning(
    'a field that is its own value',
    'signature-field SUBFILTER',
    edit(FIELD, (body) => body.replace('/V 9', '/V 10')),
  ),
  inSigning('a field of another generation', 'signature-field GENERATION', put(FORM, form('', `${FIELD} 1 R`))),
  inSigning(
    'an action on the widget',
    'signature-field ACTION_ADDED',
    put(FIELD, field('/A << /S /JavaScript /JS (x) >>')),
  ),
  inSigning('additional actions on the widget', 'signature-field ACTION_ADDED', put(FIELD, field('/AA << >>'))),
  inSigning('a widget with an area', 'increment VISIBLE_APPEARANCE', put(FIELD, field('', '72 700 300 740'))),
  inSigning('a widget that draws', 'increment VISIBLE_APPEARANCE', (draft) => {
    draft.objects.set(FREE, stream('BT (9 mg) Tj ET', '/Type /XObject /Subtype /Form /BBox [0 0 9 9]'));
    draft.objects.set(FIELD, field(`/AP << /N ${FREE} 0 R >>`));
  }),
  inSigning(
    'a widget that draws the text of the letter',
    'increment VISIBLE_APPEARANCE',
    put(FIELD, field('/AP << /N 5 0 R >>')),
  ),
  inSigning('a hidden widget whose appearance draws', 'increment VISIBLE_APPEARANCE', (draft) => {
    draft.objects.set(FREE, stream('0 0 9 9 re f', '/Type /XObject /Subtype /Form /BBox [0 0 9 9]'));
    draft.objects.set(FIELD, field(`/AP << /N ${FREE} 0 R >>`, '0 0 9 9').replace('/F 132', '/F 2'));
  }),
  inSigning('an appearance that is a bomb', 'increment DECOMPRESSION_BOMB', (draft) => {
    const bomb = deflateSync(Buffer.alloc(1_000_000, 0x20)).toString('latin1');
    draft.objects.set(FREE, stream(bomb, '/Type /XObject /Subtype /Form /BBox [0 0 0 0] /Filter /FlateDecode'));
    draft.objects.set(FIELD, field(`/AP << /N ${FREE} 0 R >>`));
  }),
  inSigning('a background of the widget', 'increment VISIBLE_APPEARANCE', put(FIELD, field('/MK << /BG [1] >>'))),
  inSigning('a lock', 'increment FOREIGN_PERMISSIONS', put(FIELD, field('/Lock << /Action /All >>'))),
  inSigning('an unknown key in the field', 'increment FOREIGN_KEY', put(FIELD, field('/X 5 0 R'))),
  inSigning(
    'a widget of another page',
    'increment ANNOTATIONS_CHANGED',
    edit(FIELD, (body) => body.replace('/P 3', '/P 4')),
  ),
  inSigning(
    'a widget of no page',
    'increment ANNOTATIONS_CHANGED',
    edit(FIELD, (body) => body.replace('/P 3', '/P 7')),
  ),
  inSigning(
    'two widgets',
    'signature-field FIELD_MALFORMED',
    edit(FIELD, (body) => body.replace('/T ', '/Kids [7 0 R 8 0 R] /T ')),
  ),
  inSigning('no signature value', 'signature-field NO_SIGNATURE', (draft) => {
    draft.objects.delete(SIGNATURE);
    draft.trailer.set('Size', '12');
  }),
  inSigning('a second signature that no field holds', 'signature-field SEVERAL_SIGNATURES', put(FREE, signature())),
  inSigning(
    'a signature inside the signature',
    'signature-field SEVERAL_SIGNATURES',
    put(SIGNATURE, signature('/Prop_Build << /ByteRange [0 1 2 3] >>')),
  ),
  inSigning(
    'another subfilter',
    'signature-field NO_SIGNATURE',
    put(SIGNATURE, signature('', CONTENTS, 'adbe.x509.rsa_sha1')),
  ),
  inSigning(
    'no filter',
    'signature-field SIGNATURE_DICTIONARY',
    edit(SIGNATURE, (body) => body.replace('/Filter /Adobe.PPKLite', '')),
  ),
  inSigning(
    'the type of a time-stamp',
    'signature-field SIGNATURE_DICTIONARY',
    edit(SIGNATURE, (body) => body.replace('/Sig ', '/DocTimeStamp ')),
  ),
  inSigning(
    'a certificate beside the signature',
    'signature-field FOREIGN_KEY',
    put(SIGNATURE, signature('/Cert (x)')),
  ),
  inSigning(
    'a signature reference',
    'signature-field FOREIGN_PERMISSIONS',
    put(SIGNATURE, signature('/Reference [<< >>]')),
  ),
  inSigning(
    'a reason kept elsewhere',
    'signature-field SIGNATURE_DICTIONARY',
    put(SIGNATURE, signature('/Reason 5 0 R')),
  ),
];
