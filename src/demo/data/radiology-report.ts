import { createHash } from 'node:crypto';
import type { Binary, Bundle, DiagnosticReport, ImagingStudy, Observation } from '@medplum/fhirtypes';
import { creation, transaction, urn } from './bundles.ts';
import { ago, jst } from './calendar.ts';
import { nameUid } from './identifiers.ts';
import type { Moment } from './moment.ts';
import { narrative } from './narrative.ts';
import { onePagePdf } from './pdf.ts';
import { PROFILE, SYSTEM } from './systems.ts';

const FINDINGS =
  '右肺S3に径12mmの結節を認める。辺縁はやや不整で、造影後に淡く増強される。縦隔・肺門リンパ節の腫大はない。胸水はない。';
const IMPRESSION = '右肺S3の結節。原発性肺癌を除外できない。気管支鏡検査またはPET-CTを勧める。';

export interface ReportReferences {
  readonly order: string;
  /** The hospital's own Patient. */
  readonly patient: string;
  readonly radiologist: string;
}

/** The report as the PDF that goes with it, in English for want of a Japanese font. */
export function reportPdf({ now }: Moment): Buffer {
  return onePagePdf([
    'MINATO GENERAL HOSPITAL - RADIOLOGY REPORT (synthetic data)',
    '',
    `Examination: CT chest with contrast    Reported: ${jst(ago(now, { hours: 2 }))}`,
    '',
    'Findings: nodule of 12 mm in S3 of the right lung, slightly irregular margin,',
    'faint enhancement. No enlarged lymph nodes. No pleural effusion.',
    '',
    'Impression: nodule in S3 of the right lung; primary lung cancer not excluded.',
    'Bronchoscopy or PET-CT is recommended.',
  ]);
}

/** Everything that the hospital returns for the order, in one transaction: images, findings, impression, PDF and the report. */
export function reportTransaction(moment: Moment, refs: ReportReferences, pdf: Buffer): Bundle {
  const name = (part: string) => urn(`report ${moment.serial} ${part}`);
  return transaction([
    creation(name('pdf'), reportBinary(refs, pdf)),
    creation(name('study'), imagingStudy(moment, refs)),
    creation(name('findings'), observation(moment, refs, 'findings')),
    creation(name('impression'), observation(moment, refs, 'impression')),
    creation(name('report'), diagnosticReport(moment, refs, name, pdf)),
  ]);
}

/** `securityContext`: the PDF belongs to the patient's record. */
function reportBinary({ patient }: ReportReferences, pdf: Buffer): Binary {
  return {
    resourceType: 'Binary',
    contentType: 'application/pdf',
    securityContext: { reference: patient },
    data: pdf.toString('base64'),
  };
}

const examined = ({ now }: Moment) => jst(ago(now, { hours: 3 }));
const reported = ({ now }: Moment) => jst(ago(now, { hours: 2 }));

function imagingStudy(moment: Moment, { order, patient }: ReportReferences): ImagingStudy {
  const uid = (part: string) => nameUid(`study ${moment.serial} ${part}`);
  const series = (number: number, description: string) => ({
    uid: uid(`series ${number}`),
    number,
    modality: { system: SYSTEM.dicom, code: 'CT' },
    description,
    numberOfInstances: 1,
    instance: [
      {
        uid: uid(`instance ${number}.1`),
        sopClass: { system: 'urn:ietf:rfc:3986', code: 'urn:oid:1.2.840.10008.5.1.4.1.1.2' },
        number: 1,
      },
    ],
  });
  return {
    resourceType: 'ImagingStudy',
    meta: { profile: [PROFILE.radiologyStudy] },
    identifier: [{ system: SYSTEM.studyInstance, value: `urn:oid:${uid('study')}` }],
    status: 'available',
    modality: [{ system: SYSTEM.dicom, code: 'CT' }],
    subject: { reference: patient },
    started: examined(moment),
    basedOn: [{ reference: order }],
    numberOfSeries: 2,
    numberOfInstances: 2,
    description: '胸部造影CT',
    series: [series(1, '単純'), series(2, '造影後')],
  };
}

const STATEMENTS = {
  findings: { code: '18782-3', profile: PROFILE.radiologyFindings, text: FINDINGS, display: '画像所見' },
  impression: { code: '19005-8', profile: PROFILE.radiologyImpression, text: IMPRESSION, display: '画像診断' },
} as const;

function observation(moment: Moment, refs: ReportReferences, part: keyof typeof STATEMENTS): Observation {
  const { code, profile, text, display } = STATEMENTS[part];
  return {
    resourceType: 'Observation',
    meta: { profile: [profile] },
    status: 'final',
    basedOn: [{ reference: refs.order }],
    category: [{ coding: [{ system: SYSTEM.observationCategory, code: 'imaging' }] }],
    code: { coding: [{ system: SYSTEM.loinc, code }], text: display },
    subject: { reference: refs.patient },
    effectiveDateTime: examined(moment),
    performer: [{ reference: refs.radiologist }],
    valueString: text,
  };
}

/** JP_DiagnosticReport_Radiology: the narrative carries the findings, the PDF is its presented form. */
function diagnosticReport(
  moment: Moment,
  refs: ReportReferences,
  name: (part: string) => string,
  pdf: Buffer,
): DiagnosticReport {
  return {
    resourceType: 'DiagnosticReport',
    meta: { profile: [PROFILE.radiologyReport] },
    text: narrative('additional', `所見: ${FINDINGS}`, `診断: ${IMPRESSION}`),
    basedOn: [{ reference: refs.order }],
    status: 'final',
    category: [
      { coding: [{ system: SYSTEM.loinc, code: 'LP29684-5', display: '放射線' }] },
      { coding: [{ system: SYSTEM.dicom, code: 'CT' }] },
    ],
    code: { coding: [{ system: SYSTEM.documentCodes, code: '18748-4', display: '画像検査報告書' }] },
    subject: { reference: refs.patient },
    effectiveDateTime: examined(moment),
    issued: reported(moment),
    performer: [{ reference: refs.radiologist }],
    resultsInterpreter: [{ reference: refs.radiologist }],
    result: [{ reference: name('findings') }, { reference: name('impression') }],
    imagingStudy: [{ reference: name('study') }],
    conclusion: IMPRESSION,
    presentedForm: [
      {
        contentType: 'application/pdf',
        language: 'en',
        url: name('pdf'),
        size: pdf.length,
        hash: createHash('sha1').update(pdf).digest('base64'),
        title: '画像検査報告書',
        creation: reported(moment),
      },
    ],
  };
}
