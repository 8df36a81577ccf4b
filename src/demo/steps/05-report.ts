import { createHash } from 'node:crypto';
import type { Binary, DiagnosticReport, ImagingStudy } from '@medplum/fhirtypes';
import { reportPdf, reportTransaction } from '../data/radiology-report.ts';
import { createdReferences, resourcesIn } from '../fhir-client.ts';
import { whoSees } from '../sight.ts';
import { need, type Stage, type Step } from '../stage.ts';

/** The hospital returns the report with PDF and images; the clinic finds it by the order, and sees nothing else of the patient. */
export const reporting: Step = {
  japanese: '結果を報告する',
  english: 'the hospital returns report, PDF and images; the clinic reads them by its order',
  async play(stage) {
    const { hospital } = need(stage, 'institutions');
    const { order } = need(stage, 'booking');
    const { patient, history, bloodTest } = need(stage, 'shared');
    const refs = { order, patient, radiologist: need(stage, 'practitioners').radiologist };
    const file = reportPdf(stage.moment);
    const answer = await hospital.fhir.post('', reportTransaction(stage.moment, refs, file));
    const claim = 'returns DiagnosticReport, ImagingStudy, findings, impression and PDF in one transaction';
    const created = createdReferences(stage.checks.succeeds(hospital, claim, answer));
    const [pdf, study, findings, , report] = created as [string, string, string, string, string];
    stage.props.report = { report, study, findings, pdf };
    await readReport(stage, file);
    const parties = ['hospital', 'clinic'] as const;
    await whoSees(stage, [
      { label: 'DiagnosticReport', reference: report, seenBy: parties },
      { label: 'findings', reference: findings, seenBy: parties },
      { label: 'ImagingStudy', reference: study, seenBy: parties },
      { label: 'PDF', reference: pdf, seenBy: parties, searchable: false },
      { label: "hospital's Patient", reference: patient, seenBy: parties },
      { label: 'its history', reference: history, seenBy: ['hospital'] },
      { label: 'an old blood test', reference: bloodTest, seenBy: ['hospital'] },
    ]);
  },
};

async function readReport(stage: Stage, file: Buffer): Promise<void> {
  const { checks } = stage;
  const { clinic } = need(stage, 'institutions');
  const { order } = need(stage, 'booking');
  const { patient, pdf, study } = { ...need(stage, 'shared'), ...need(stage, 'report') };
  const found = await clinic.fhir.get(
    `DiagnosticReport?based-on=${order}&_include=DiagnosticReport:result&_include=DiagnosticReport:subject`,
  );
  const [report] = found.ok ? resourcesIn<DiagnosticReport>(found, 'DiagnosticReport') : [];
  checks.check(clinic, `reads the report of its order: ${report?.conclusion}`, report !== undefined, found);
  const included = found.ok ? resourcesIn(found, 'Observation').length + resourcesIn(found, 'Patient').length : 0;
  checks.check(clinic, "gets findings, impression and the hospital's Patient with it", included === 3, found);
  checks.check(
    clinic,
    "finds the hospital's number for the patient in it",
    report?.subject?.reference === patient,
    found,
  );
  checks.check(clinic, 'finds the PDF named in it', report?.presentedForm?.[0]?.url?.endsWith(pdf) === true, found);

  const binary = await clinic.fhir.get(pdf, { accept: 'application/fhir+json' });
  const bytes = binary.ok ? Buffer.from(binary.as<Binary>('Binary').data ?? '', 'base64') : Buffer.alloc(0);
  const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');
  checks.check(
    clinic,
    `reads the PDF, ${bytes.length} bytes as they were sent`,
    sha256(bytes) === sha256(file),
    binary,
  );

  const studies = await clinic.fhir.get(`ImagingStudy?basedon=${order}`);
  const images = studies.ok ? resourcesIn<ImagingStudy>(studies, 'ImagingStudy') : [];
  checks.check(
    clinic,
    'finds the images by its order',
    images.length === 1 && `ImagingStudy/${images[0]?.id}` === study,
    studies,
  );
}
