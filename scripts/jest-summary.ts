import { readFileSync } from 'node:fs';

/**
 * Sums the results of several Jest runs (`--json --outputFile`) into the line that ends a CI run:
 *
 *     node scripts/jest-summary.ts first.json second.json   →   Tests: 812 passed, 0 failed, 3 skipped
 *
 * A suite that did not even load, and a run that left no result, count as one failure each. The exit code is 1 if anything
 * failed or nothing ran.
 */
interface Result {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function count(result: Result): Counts {
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

export function summary(paths: readonly string[]): { line: string; ok: boolean } {
  const counts = paths.map((path): Counts => {
    try {
      return count(JSON.parse(readFileSync(path, 'utf8')) as Result);
    } catch {
      return { passed: 0, failed: 1, skipped: 0 };
    }
  });
  const sum = (name: keyof Counts) => counts.reduce((total, each) => total + each[name], 0);
  const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
  return { line: `Tests: ${passed} passed, ${failed} failed, ${skipped} skipped`, ok: failed === 0 && passed > 0 };
}

if (import.meta.main) {
  const { line, ok } = summary(process.argv.slice(2));
  console.log(line);
  process.exitCode = ok ? 0 : 1;
}
