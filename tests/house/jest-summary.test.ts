import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summary } from '../../scripts/jest-summary.ts';

describe('the line that ends a CI run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tasuki-summary-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (name: string, numbers: Partial<Record<string, number>>) => {
    const none = {
      numPassedTests: 0,
      numFailedTests: 0,
      numPendingTests: 0,
      numTodoTests: 0,
      numRuntimeErrorTestSuites: 0,
    };
    const path = join(folder, `${name}.json`);
    writeFileSync(path, JSON.stringify({ ...none, ...numbers }));
    return path;
  };

  it('sums the runs', () => {
    const paths = [
      run('a', { numPassedTests: 5, numPendingTests: 1 }),
      run('b', { numPassedTests: 7, numTodoTests: 2 }),
    ];
    expect(summary(paths)).toEqual({ line: 'Tests: 12 passed, 0 failed, 3 skipped', ok: true });
  });

  it('is not content with a failed test', () => {
    const paths = [run('c', { numPassedTests: 5, numFailedTests: 1 })];
    expect(summary(paths)).toEqual({ line: 'Tests: 5 passed, 1 failed, 0 skipped', ok: false });
  });

  it('counts a suite that did not load as a failure', () => {
    const paths = [run('d', { numPassedTests: 5, numRuntimeErrorTestSuites: 2 })];
    expect(summary(paths)).toEqual({ line: 'Tests: 5 passed, 2 failed, 0 skipped', ok: false });
  });

  it('counts a run that left no result as a failure', () => {
    const paths = [run('e', { numPassedTests: 5 }), join(folder, 'absent.json')];
    expect(summary(paths)).toEqual({ line: 'Tests: 5 passed, 1 failed, 0 skipped', ok: false });
  });

  it('is not content when nothing ran', () => {
    expect(summary([run('f', {})])).toEqual({ line: 'Tests: 0 passed, 0 failed, 0 skipped', ok: false });
  });
});
