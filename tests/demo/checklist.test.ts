import { Checklist, StepBroken } from '../../src/demo/checklist.ts';
import { Answer } from '../../src/demo/fhir-client.ts';

const clinic = { title: 'さくら診療所', name: 'clinic' };
const outcome = JSON.stringify({
  resourceType: 'OperationOutcome',
  issue: [
    { severity: 'error', code: 'conflict', diagnostics: 'The slot is taken', expression: ['Appointment.slot[0]'] },
  ],
});
const refusal = new Answer('POST Appointment/$book', 409, new Headers(), outcome);

describe('the checklist', () => {
  let lines: string[];
  let checks: Checklist;
  beforeEach(() => {
    lines = [];
    checks = new Checklist((line) => lines.push(line));
  });

  it('ticks off what holds and says who it was', () => {
    expect(checks.check(clinic, 'books 09:00', true, refusal)).toBe(true);
    expect(lines).toEqual(['  ✓ さくら診療所 (clinic) books 09:00']);
    expect([checks.kept, checks.broken]).toEqual([1, 0]);
  });

  it('crosses what does not hold, with request, status and OperationOutcome', () => {
    expect(checks.check(clinic, 'books 09:00', false, refusal)).toBe(false);
    expect(lines).toEqual([
      '  ✗ さくら診療所 (clinic) books 09:00',
      '      POST Appointment/$book → 409 error conflict: The slot is taken Appointment.slot[0]',
    ]);
    expect([checks.kept, checks.broken]).toEqual([0, 1]);
  });

  it('ends the step where it cannot go on', () => {
    expect(() => checks.succeeds(clinic, 'books 09:00', refusal)).toThrow(StepBroken);
    expect(checks.broken).toBe(1);
  });

  it('gives a success back', () => {
    const answer = new Answer('GET Slot/1', 200, new Headers(), '{}');
    expect(checks.succeeds(clinic, 'reads it', answer)).toBe(answer);
  });
});
