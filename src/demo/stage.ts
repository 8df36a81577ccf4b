import { type Checklist, StepBroken } from './checklist.ts';
import { INSTITUTION_DATA, type InstitutionName } from './data/institutions.ts';
import type { Moment } from './data/moment.ts';
import type { PractitionerName } from './data/practitioners.ts';
import type { DemoClient } from './demo-file.ts';
import type { FhirClient } from './fhir-client.ts';

/** An institution that takes part: who it is, and its way to the server. */
export interface Institution {
  readonly name: InstitutionName;
  readonly title: string;
  /** `Organization/id`. */
  readonly organization: string;
  readonly fhir: FhirClient;
}

export interface Operator {
  readonly name: 'operator';
  readonly title: '運営者';
  readonly fhir: FhirClient;
}

/** What one step leaves for the next ones. All values are `Type/id` where not said otherwise. */
export interface Props {
  institutions: Readonly<Record<InstitutionName, Institution>>;
  practitioners: Readonly<Record<PractitionerName, string>>;
  catalogue: { readonly service: string; readonly schedule: string };
  /** What the clinic made for the booking. */
  booking: {
    readonly patient: string;
    readonly order: string;
    readonly questions: string;
    readonly letter: string;
    readonly appointment: string;
  };
  /** Where the letter is, and the DocumentReference of what was signed. */
  signature: { readonly task: string; readonly document: string };
  /** The hospital's Patient of the story, and two entries of its record that belong to no booking. */
  shared: { readonly patient: string; readonly history: string; readonly bloodTest: string };
  /** The hospital's patient with no grant and no booking. */
  closed: { readonly patient: string; readonly bloodTest: string };
  report: { readonly report: string; readonly study: string; readonly findings: string; readonly pdf: string };
  /** Consents by keycode. */
  grants: { readonly careagency: string; readonly clinic: string };
  /** What the care agency added to the timeline. */
  visit: { readonly pressure: string; readonly note: string };
  messages: readonly string[];
}

/** Where the story is played. */
export interface Stage {
  readonly moment: Moment;
  readonly checks: Checklist;
  /** FHIR base and token endpoint. */
  readonly base: string;
  readonly tokenUrl: string;
  readonly dataDir: string;
  readonly operator: Operator;
  /** Calls without a token. */
  readonly nobody: FhirClient;
  /** Clients of an earlier telling, by name; step 1 uses those that still work and adds the others. */
  readonly clients: Map<InstitutionName, DemoClient>;
  readonly props: Partial<Props>;
}

export interface Step {
  readonly japanese: string;
  readonly english: string;
  play(stage: Stage): Promise<void>;
}

/** What an earlier step left; where it left nothing, this step cannot be played. */
export function need<K extends keyof Props>(stage: Stage, name: K): Props[K] {
  const prop = stage.props[name];
  if (prop === undefined) {
    stage.checks.fails(`cannot go on without what an earlier step should have made: ${name}`);
    throw new StepBroken(name);
  }
  return prop as Props[K];
}

export const titleOf = (name: InstitutionName) => INSTITUTION_DATA[name].title;
