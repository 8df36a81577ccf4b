import type { Language } from '../../http/negotiate.ts';
import type { LetterRow } from '../../store/letter.ts';
import type { VerificationRow } from '../../store/letter-verification.ts';
import type { VerificationRecord } from './evidence.ts';
import type { Check, Signer } from './verdict.ts';
import { summaryOf, wordsOf } from './words.ts';

type Parameter = Readonly<Record<string, unknown>>;

/** A verification in words, as Parameters. */
export function verificationAnswer(
  { parts }: Pick<LetterRow, 'parts'>,
  { result, at, record: { verdict } }: VerificationRow<VerificationRecord>,
  language: Language,
  more: readonly Parameter[] = [],
): object {
  const { signedAt, signer } = verdict;
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'result', valueCode: result },
      { name: 'summary', valueString: summaryOf(verdict)[language] },
      { name: 'task', valueReference: { reference: `Task/${parts.task}` } },
      ...(parts.document
        ? [{ name: 'document', valueReference: { reference: `DocumentReference/${parts.document}` } }]
        : []),
      { name: 'verified', valueInstant: new Date(at).toISOString() },
      ...(signedAt === undefined ? [] : [{ name: 'signed', valueInstant: new Date(signedAt).toISOString() }]),
      ...(signer ? [signerParameter(signer)] : []),
      ...more,
      ...verdict.checks.map((check) => checkParameter(check, language)),
    ],
  };
}

/** FHIR has no empty strings. */
const text = (name: string, value: string): Parameter[] => (value === '' ? [] : [{ name, valueString: value }]);

function signerParameter({ certificate, name, subject, issuer, serial, roles }: Signer): Parameter {
  return {
    name: 'signer',
    part: [
      ...text('name', name),
      ...roles.flatMap((role) => text('role', role)),
      ...text('certificate', certificate),
      ...text('subject', subject),
      ...text('issuer', issuer),
      ...text('serial', serial),
    ],
  };
}

function checkParameter(check: Check, language: Language): Parameter {
  const { name, code, status, detail, evidence = {} } = check;
  const words = wordsOf(check);
  const facts = Object.entries(evidence).flatMap(([fact, value]) => text(fact, value));
  return {
    name: 'check',
    part: [
      { name: 'name', valueCode: name },
      { name: 'code', valueCode: code },
      { name: 'status', valueCode: status },
      { name: 'title', valueString: words.title[language] },
      { name: 'text', valueString: words.text[language] },
      ...text('detail', detail),
      ...(facts.length > 0 ? [{ name: 'evidence', part: facts }] : []),
    ],
  };
}
