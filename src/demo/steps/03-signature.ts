import type { Binary, Parameters, ParametersParameter, Task } from '@medplum/fhirtypes';
import { askAuthority } from '../../sign/authority.ts';
import { openPkcs12 } from '../../sign/pkcs12.ts';
import { signLetter } from '../../sign/sign-letter.ts';
import { fingerprint } from '../../sign/signing-key.ts';
import type { Answer } from '../fhir-client.ts';
import { derOf } from '../hpki/authorities.ts';
import { doctorsCard, PIN } from '../hpki/card.ts';
import { timestampServer } from '../hpki/timestamp-authority.ts';
import { readHpki } from '../hpki/trust.ts';
import { whoSees } from '../sight.ts';
import { need, type Stage, type Step } from '../stage.ts';

/** The letter of the booking is issued as a PDF, signed with the doctor's card, time-stamped, and believed only as it is. */
export const signature: Step = {
  japanese: '診療情報提供書にHPKI電子署名をする',
  english: 'the doctor signs the referral letter with the HPKI card; a changed copy is not believed',
  async play(stage) {
    const { clinic, hospital } = need(stage, 'institutions');
    const { letter, order } = need(stage, 'booking');
    const { task, pdf } = await issue(stage, order);
    const signed = await sign(stage, pdf);

    const tampered = Buffer.from(signed);
    const at = tampered.indexOf('endstream');
    tampered[at - 3] = (tampered[at - 3] ?? 0) ^ 1;
    const refused = await submit(stage, task, tampered);
    stage.checks.check(
      clinic,
      `has a copy with one changed bit refused: ${failures(refused)}`,
      verdictOf(refused) === 'INVALID',
      refused,
    );
    const first = await submit(stage, task, signed);
    if (verdictOf(first) === 'VALID') {
      // Told again on the same data: the card was confirmed then.
      stage.checks.check(clinic, 'sends the signed letter; the card is known: VALID', true, first);
    } else {
      stage.checks.check(
        clinic,
        `sends the signed letter; the card is used for the first time: ${verdictOf(first)}, ${failures(first)}`,
        verdictOf(first) === 'INDETERMINATE',
        first,
      );
      await confirmCard(stage);
    }
    const result = await hospital.fhir.get(`${task}/$verification`);
    stage.checks.must(
      hospital,
      `sees the letter signed: ${verdictOf(result)} 「${valueIn(result, 'summary')?.valueString}」`,
      verdictOf(result) === 'VALID',
      result,
    );
    for (const { text, code } of checksOf(result)) stage.checks.note(`${code === 'OK' ? '○' : '△'} ${text}`);
    const document = valueIn(result, 'document')?.valueReference?.reference ?? '';
    stage.props.signature = { task, document };
    await whoSees(stage, [
      { label: 'Task of the letter', reference: task, seenBy: ['hospital', 'clinic'] },
      { label: 'signed letter', reference: document, seenBy: ['hospital', 'clinic'] },
      { label: '診療情報提供書', reference: letter, seenBy: ['hospital', 'clinic'] },
    ]);
  },
};

/** The clinic has its letter issued, and gets the bytes that are to be signed. */
async function issue(stage: Stage, order: string): Promise<{ task: string; pdf: Uint8Array }> {
  const { clinic, hospital } = need(stage, 'institutions');
  const issued = await clinic.fhir.post(`${order}/$render-letter`);
  stage.checks.succeeds(
    clinic,
    `has its letter issued as a PDF, SHA-256 ${valueIn(issued, 'sha256')?.valueString}`,
    issued,
  );
  const task = valueIn(issued, 'task')?.valueReference?.reference ?? '';
  const again = await clinic.fhir.post(`${order}/$render-letter`);
  const same = ['sha256', 'task', 'document'].every(
    (name) => JSON.stringify(valueIn(again, name)) === JSON.stringify(valueIn(issued, name)),
  );
  stage.checks.check(clinic, 'gets the same bytes when it asks again', same, again);
  const seen = await hospital.fhir.get(task);
  const status = seen.ok ? seen.as<Task>('Task').businessStatus?.coding?.[0]?.code : undefined;
  stage.checks.check(hospital, `sees where the letter is: ${status}`, status === 'issued', seen);
  const binary = await clinic.fhir.get(valueIn(issued, 'document')?.valueReference?.reference ?? '');
  stage.checks.succeeds(clinic, 'downloads it, unsigned', binary);
  return { task, pdf: new Uint8Array(Buffer.from(binary.as<Binary>('Binary').data ?? '', 'base64')) };
}

/** What the signing client does on the doctor's own machine: the key is on the card, and the server never sees it. */
async function sign(stage: Stage, pdf: Uint8Array): Promise<Uint8Array> {
  const hpki = await readHpki(stage.dataDir);
  if (!hpki) throw new Error('the demo has no HPKI authorities');
  const key = openPkcs12(doctorsCard(hpki), PIN);
  const authority = await timestampServer(hpki);
  try {
    const crls = [hpki.crls.root, hpki.crls.issuer, hpki.crls.timestampRoot].map(derOf);
    const timestamp = (request: Uint8Array) => askAuthority({ url: authority.url }, request);
    const signed = await signLetter({ pdf, key, timestamp, crls, reason: '診療情報提供書', now: Date.now() });
    stage.checks.note(`signed on the doctor's machine: ${pdf.length} bytes as issued, ${signed.length} as signed`);
    return signed;
  } finally {
    key.close();
    await authority.close();
  }
}

/** The clinic's coordinator says whose card it is: the server does not guess. */
async function confirmCard(stage: Stage): Promise<void> {
  const { clinic } = need(stage, 'institutions');
  const { clinicDoctor } = need(stage, 'practitioners');
  const hpki = await readHpki(stage.dataDir);
  const answer = await clinic.fhir.post(`${clinicDoctor}/$confirm-signer`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'certificate', valueString: fingerprint(derOf(hpki?.doctor ?? '')) },
      { name: 'confirm', valueBoolean: true },
    ],
  });
  stage.checks.succeeds(clinic, 'confirms that the card is that of its doctor 桜井 春香', answer);
}

function submit(stage: Stage, task: string, signed: Uint8Array): Promise<Answer> {
  const { clinic } = need(stage, 'institutions');
  return clinic.fhir.post(`${task}/$submit-signed`, {
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'signed',
        resource: {
          resourceType: 'Binary',
          contentType: 'application/pdf',
          data: Buffer.from(signed).toString('base64'),
        },
      },
    ],
  });
}

const parametersOf = (answer: Answer): readonly ParametersParameter[] =>
  answer.ok ? (answer.as<Parameters>('Parameters').parameter ?? []) : [];
const valueIn = (answer: Answer, name: string): ParametersParameter | undefined =>
  parametersOf(answer).find((parameter) => parameter.name === name);
const verdictOf = (answer: Answer): string | undefined => valueIn(answer, 'result')?.valueCode;

function checksOf(answer: Answer): { code: string; status: string; text: string }[] {
  const checks = parametersOf(answer).filter(({ name }) => name === 'check');
  return checks.map(({ part = [] }) => {
    const of = (name: string) => part.find((one) => one.name === name);
    return {
      code: of('code')?.valueCode ?? '',
      status: of('status')?.valueCode ?? '',
      text: of('text')?.valueString ?? '',
    };
  });
}

/** Codes of the checks that keep the letter from being believed. */
const failures = (answer: Answer): string =>
  checksOf(answer)
    .filter(({ status }) => status === 'failed' || status === 'undecided')
    .map(({ code }) => code)
    .join(', ');
