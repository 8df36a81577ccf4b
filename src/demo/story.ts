import { StepBroken } from './checklist.ts';
import type { Stage, Step } from './stage.ts';
import { network } from './steps/01-network.ts';
import { publishing } from './steps/02-catalogue.ts';
import { booking } from './steps/03-booking.ts';
import { signature } from './steps/03-signature.ts';
import { examination } from './steps/04-examination.ts';
import { reporting } from './steps/05-report.ts';
import { keycode } from './steps/06-keycode.ts';
import { messages } from './steps/07-messages.ts';
import { withdrawal } from './steps/08-withdrawal.ts';
import { accessReport } from './steps/09-access-report.ts';

const STEPS: readonly Step[] = [
  network,
  publishing,
  booking,
  signature,
  examination,
  reporting,
  keycode,
  messages,
  withdrawal,
  accessReport,
];

/** Plays the whole story. A step that breaks ends there, and the next ones go on with what they have. */
export async function playStory(stage: Stage): Promise<void> {
  for (const [i, step] of STEPS.entries()) {
    stage.checks.step(i + 1, step.japanese, step.english);
    try {
      await step.play(stage);
    } catch (error) {
      if (!(error instanceof StepBroken)) stage.checks.fails(`the step ended early: ${reasonOf(error)}`);
    }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
