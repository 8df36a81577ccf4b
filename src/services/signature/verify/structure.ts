import type { PdfCheck, Finding as PdfFinding } from '../../../pdf/findings.ts';
import { type Finding, passed } from './outcome.ts';

/** The worst first. */
const ORDER = Object.freeze({ failed: 0, undecided: 1, skipped: 2, passed: 3 });
const MOST_TOLD = 5;

/**
 * What the structure of the file gave for one check: the worst of its findings, with the others in the detail. A check of which nothing was
 * said was not made.
 */
export function structureFinding(findings: readonly PdfFinding[], check: PdfCheck): Finding {
  const own = findings.filter((finding) => finding.check === check);
  const [worst, ...others] = own.toSorted((left, right) => ORDER[left.status] - ORDER[right.status]);
  if (!worst) return { code: 'NOT_REACHED', status: 'skipped', detail: 'nothing was found out' };
  if (worst.status === 'passed') return passed(worst.detail);
  const more = others.filter(({ status }) => status === 'failed' || status === 'undecided');
  const told = [worst, ...more].slice(0, MOST_TOLD).map(({ code, detail }) => `${code}: ${detail}`);
  return {
    code: worst.code,
    status: worst.status,
    detail: told.join('; '),
    ...(more.length > 0 && { evidence: { codes: [...new Set([worst, ...more].map(({ code }) => code))].join(' ') } }),
  };
}
