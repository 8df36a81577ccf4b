import { deflateSync } from 'node:zlib';
import {
  CONTENTS,
  catalog,
  FIELD,
  FORM,
  FREE,
  field,
  form,
  page,
  SIGNATURE,
  signature,
  signedBy,
  stream,
  updated,
} from '../draft.ts';
import { TINY, tinyLetter } from '../letters.ts';
import { type Attack, afterSigning, type Change, EVIL, evilPage, inCatalog, put, setting } from './attack.ts';

const dss =
  (more: string, extra: Record<number, string> = {}): Change =>
  (draft) => {
    draft.objects.set(FREE, `<< /Type /DSS ${more} >>`);
    draft.objects.set(TINY.catalog, catalog(`/AcroForm ${FORM} 0 R /DSS ${FREE} 0 R`));
    for (const [number, body] of Object.entries(extra)) draft.objects.set(Number(number), body);
  };

const CERT = FREE + 1;
const flate = (data: Buffer) => stream(deflateSync(data).toString('latin1'), '/Filter /FlateDecode');

/** Whatever comes behind the signature. */
export const LATER: readonly Attack[] = [
  {
    name: 'words behind the end',
    found: 'after-signature APPENDED_BYTES',
    make: (issued) => Buffer.concat([signedBy(issued), Buffer.from('hello')]),
  },
  {
    name: 'a line feed behind the end',
    found: 'after-signature APPENDED_BYTES',
    make: (issued) => Buffer.concat([signedBy(issued), Buffer.from('\n')]),
  },
  {
    name: 'NUL bytes behind the end',
    found: 'after-signature APPENDED_BYTES',
    make: (issued) => Buffer.concat([signedBy(issued), Buffer.alloc(1024)]),
  },
  {
    name: 'another file behind the end',
    found: 'after-signature MALFORMED',
    make: (issued) => Buffer.concat([signedBy(issued), Buffer.from('x\n'), tinyLetter('9 mg')]),
  },
  {
    name: 'an object directly behind %%EOF',
    found: 'after-signature APPENDED_BYTES',
    make: (issued) => updated(signedBy(issued, setting({ end: '%%EOF' })), put(TINY.content, EVIL)),
  },
  afterSigning('the content of the page replaced', 'CONTENT_CHANGED', put(TINY.content, EVIL)),
  afterSigning('the page replaced', 'PAGE_CHANGED', (draft) => {
    draft.objects.set(FREE, EVIL);
    draft.objects.set(TINY.page, evilPage(FREE));
  }),
  afterSigning('the signature replaced', 'CONTENT_CHANGED', put(SIGNATURE, signature())),
  afterSigning('the field replaced', 'CONTENT_CHANGED', put(FIELD, field())),
  afterSigning('the form gone', 'FORM_CHANGED', put(TINY.catalog, catalog(''))),
  afterSigning('the widget gone from its page', 'ANNOTATIONS_CHANGED', put(TINY.page, page(''))),
  afterSigning('the field gone from the form', 'FORM_CHANGED', put(FORM, form('', ''))),
  afterSigning('an update of nothing', 'CHANGED_AFTER_SIGNING', () => undefined),
  afterSigning('an action when the file opens', 'ACTION_ADDED', inCatalog('/OpenAction [3 0 R /Fit]')),
  afterSigning('a DSS that also changes the page', 'CONTENT_CHANGED', dss('', { [TINY.content]: EVIL })),
  afterSigning('a DSS with an unknown key', 'DSS_MALFORMED', dss('/Certs [] /X 5 0 R')),
  afterSigning('a DSS whose certificate is the page', 'DSS_MALFORMED', dss('/Certs [5 0 R]')),
  afterSigning('a DSS that replaces the page as a certificate', 'DSS_MALFORMED', dss('/Certs [5 0 R]', { 5: EVIL })),
  afterSigning(
    'a DSS with a bomb',
    'DECOMPRESSION_BOMB',
    dss(`/Certs [${CERT} 0 R]`, { [CERT]: flate(Buffer.alloc(20_000_000)) }),
  ),
  afterSigning(
    'a DSS with two filters',
    'DSS_FILTER',
    dss(`/Certs [${CERT} 0 R]`, { [CERT]: stream('x', '/Filter [/FlateDecode /FlateDecode]') }),
  ),
  afterSigning(
    'a DSS with another filter',
    'DSS_FILTER',
    dss(`/Certs [${CERT} 0 R]`, { [CERT]: stream('x', '/Filter /LZWDecode') }),
  ),
  afterSigning(
    'a DSS with parameters of a filter',
    'DSS_FILTER',
    dss(`/Certs [${CERT} 0 R]`, { [CERT]: stream('x', '/DecodeParms << >>') }),
  ),
  afterSigning(
    'a DSS with broken data',
    'DSS_FILTER',
    dss(`/Certs [${CERT} 0 R]`, { [CERT]: stream('x', '/Filter /FlateDecode') }),
  ),
  afterSigning(
    'a DSS with bytes behind its data',
    'DSS_FILTER',
    dss(`/Certs [${CERT} 0 R]`, {
      [CERT]: stream(`${deflateSync(Buffer.from('a')).toString('latin1')}junk`, '/Filter /FlateDecode'),
    }),
  ),
  afterSigning(
    'a DSS from another file',
    'DSS_FILTER',
    dss(`/Certs [${CERT} 0 R]`, { [CERT]: stream('x', '/F (http://x)') }),
  ),
  afterSigning(
    'a DSS with more references than fit',
    'DSS_MALFORMED',
    dss(`/Certs [${`${CERT} 0 R `.repeat(5000)}]`, { [CERT]: stream('x') }),
  ),
  afterSigning('a DSS with a key that is no digest', 'DSS_MALFORMED', dss('/VRI << /X << >> >>')),
  afterSigning(
    'a DSS with an object that nothing needs',
    'UNREFERENCED_OBJECT',
    dss('/Certs []', { [CERT]: stream('x') }),
  ),
  afterSigning(
    'a script among the certificates',
    'DSS_FILTER',
    dss(`/Certs [${CERT} 0 R]`, { [CERT]: stream('x', '/Type /Action') }),
  ),
  {
    name: 'a second signature',
    found: 'signature-field SEVERAL_SIGNATURES',
    make: (issued) => updated(signedBy(issued), second('Other', 'ETSI.CAdES.detached', '/Sig')),
  },
  {
    name: 'a time-stamp under the name of the signature',
    found: 'after-signature FIELD_MALFORMED',
    make: (issued) => updated(signedBy(issued), second('Doctor', 'ETSI.RFC3161', '/DocTimeStamp')),
  },
  {
    name: 'a time-stamp that leaves something out',
    found: 'after-signature BYTE_RANGE_GAP',
    make: (issued) =>
      updated(signedBy(issued), (draft) => {
        second('Archive', 'ETSI.RFC3161', '/DocTimeStamp')(draft);
        draft.byteRange = ([a, b, c, d]) => `[${a} ${b - 100} ${c} ${d}]`;
      }),
  },
  {
    name: 'updates without end',
    found: 'after-signature TOO_MANY_REVISIONS',
    make: (issued) => {
      let pdf = signedBy(issued);
      for (let i = 0; i < 70; i++) pdf = updated(pdf, () => undefined);
      return pdf;
    },
  },
  {
    name: 'an update between the letter and the signature',
    found: 'increment FOREIGN_UPDATE',
    make: (issued) => signedBy(updated(issued, put(TINY.content, EVIL))),
  },
];

/** One more field with its value. */
export function second(name: string, subFilter: string, type: string): Change {
  return ({ objects }) => {
    objects.set(FREE, signature('', CONTENTS, subFilter).replace('/Sig ', `${type} `));
    objects.set(FREE + 1, field().replace('(Doctor)', `(${name})`).replace('/V 9', `/V ${FREE}`));
    objects.set(FORM, form('', `${FIELD} 0 R ${FREE + 1} 0 R`));
    objects.set(TINY.page, page(`/Annots [${FIELD} 0 R ${FREE + 1} 0 R]`));
  };
}
