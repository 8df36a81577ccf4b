import type { Examination } from '../../../pdf/examine.ts';
import { PDF_CHECKS, type PdfCheck, type Finding as PdfFinding } from '../../../pdf/findings.ts';
import type { VerificationInput } from '../verdict.ts';
import { sha256 } from './material.ts';
import { type Facts, type Finding, passed } from './outcome.ts';

/** The worst first. */
const ORDER = Object.freeze({ failed: 0, undecided: 1, skipped: 2, passed: 3 });
const MOST_TOLD = 5;
const MOST_REVISIONS = 32;

const GOOD: Readonly<Record<PdfCheck, string>> = Object.freeze({
  'issued-bytes': 'the file begins with the issued bytes',
  increment: 'the update adds what a signature may add, and nothing else',
  'signature-field': 'one signature field, of the update',
  'byte-range': 'everything up to the end of the update but the signature value',
  'after-signature': 'nothing, or security stores and document time-stamps',
});

/** What the structure of the file gave for each of its checks. */
export function structureFindings(
  { findings, signature, revisions }: Examination,
  { submitted, issued }: Pick<VerificationInput, 'submitted' | 'issued'>,
): ReadonlyMap<PdfCheck, Finding> {
  const updates = revisions.slice(0, MOST_REVISIONS).map(({ kind, end }) => `${kind} ${end}`);
  const facts: Readonly<Partial<Record<PdfCheck, Facts>>> = {
    'issued-bytes': {
      submitted: sha256(submitted),
      ...(issued && { issued: sha256(issued), length: String(issued.length) }),
    },
    ...(signature && {
      'signature-field': { subFilter: signature.subFilter, ...(signature.fieldName && { field: signature.fieldName }) },
      'byte-range': { byteRange: signature.byteRange.join(' ') },
    }),
    'after-signature': { updates: updates.join(', ') },
  };
  return new Map(PDF_CHECKS.map((check) => [check, structureFinding(findings, check, facts[check])]));
}

/** The worst of its findings, with the others in the detail. A check of which nothing was said was not made. */
function structureFinding(findings: readonly PdfFinding[], check: PdfCheck, facts: Facts = {}): Finding {
  const own = findings.filter((finding) => finding.check === check);
  const [worst, ...others] = own.toSorted((left, right) => ORDER[left.status] - ORDER[right.status]);
  if (!worst) return { code: 'NOT_REACHED', status: 'skipped', detail: 'nothing was found out', evidence: facts };
  if (worst.status === 'passed') return passed(worst.detail || GOOD[check], facts);
  const bad = [worst, ...others.filter(({ status }) => status === 'failed' || status === 'undecided')];
  return {
    code: worst.code,
    status: worst.status,
    detail: bad
      .slice(0, MOST_TOLD)
      .map(({ code, detail }) => `${code}: ${detail}`)
      .join('; '),
    evidence: { ...facts, ...(bad.length > 1 && { codes: [...new Set(bad.map(({ code }) => code))].join(' ') }) },
  };
}
