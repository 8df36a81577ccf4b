import type { Answer } from './fhir-client.ts';
import { table } from './screen.ts';

/** Somebody in the story, as lines name them: `さくら診療所 (clinic)`. */
export interface Actor {
  readonly title: string;
  readonly name: string;
}

/** A step cannot go on: what it needed did not come about. The reason is printed already. */
export class StepBroken extends Error {}

/** Prints the story line by line and keeps count of what went as it must and what did not. */
export class Checklist {
  kept = 0;
  broken = 0;
  private readonly print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.print = print;
  }

  step(number: number, japanese: string, english: string): void {
    this.print('');
    this.print(`${number}. ${japanese} — ${english}`);
  }

  /** One expectation. Where it is broken, the answers that were to show it are printed. */
  check(actor: Actor, claim: string, holds: boolean, ...evidence: readonly Answer[]): boolean {
    this.print(`  ${holds ? '✓' : '✗'} ${actor.title} (${actor.name}) ${claim}`);
    if (holds) this.kept++;
    else {
      this.broken++;
      for (const answer of evidence) this.print(`      ${answer.request} → ${answer.status} ${answer.outcome()}`);
    }
    return holds;
  }

  /** An expectation without which the step is pointless: throws StepBroken where it is broken. */
  must(actor: Actor, claim: string, holds: boolean, ...evidence: readonly Answer[]): void {
    if (!this.check(actor, claim, holds, ...evidence)) throw new StepBroken(claim);
  }

  /** The same for an answer that has to be a success; gives the answer back. */
  succeeds(actor: Actor, claim: string, answer: Answer): Answer {
    this.must(actor, claim, answer.ok, answer);
    return answer;
  }

  /** Something that went wrong outside of any expectation. */
  fails(reason: string): void {
    this.broken++;
    this.print(`  ✗ ${reason}`);
  }

  note(text: string): void {
    this.print(`    ${text}`);
  }

  table(heading: readonly string[], rows: readonly (readonly string[])[]): void {
    this.print('');
    for (const line of table(heading, rows)) this.print(`    ${line}`);
    this.print('');
  }
}
