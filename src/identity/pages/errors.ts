import type { FhirError } from '../../http/errors.ts';
import { html } from './html.ts';
import { errors } from './texts/frame.ts';
import type { Text } from './texts/text.ts';
import { type Answer, say, type Visit } from './visit.ts';

/** A form that does not prove to come from a page of ours, or that is from before the last login. */
export class StaleForm extends Error {}

/** An app's request for a person that is over, or that another browser made. */
export class UnknownInteraction extends Error {}

interface Told {
  readonly title: Text;
  readonly advice: Text;
}

const STALE: Told = { title: errors.stale, advice: errors.staleAdvice };
const INTERACTION: Told = { title: errors.interaction, advice: errors.interactionAdvice };
const BAD: Told = { title: errors.bad, advice: errors.badAdvice };

const BY_STATUS: Readonly<Record<number, Told>> = {
  404: { title: errors.notFound, advice: errors.notFoundAdvice },
  413: { title: errors.large, advice: errors.badAdvice },
  429: { title: errors.busy, advice: errors.busyAdvice },
  500: { title: errors.defect, advice: errors.defectAdvice },
  503: { title: errors.busy, advice: errors.busyAdvice },
};

/** What a person is told of an error: what to do, and nothing of what is inside. */
export function errorPage(
  visit: Visit,
  error: FhirError | StaleForm | UnknownInteraction,
  id: string,
): Exclude<Answer, 'sent'> {
  const [told, status] =
    error instanceof StaleForm
      ? [STALE, 403]
      : error instanceof UnknownInteraction
        ? [INTERACTION, 400]
        : [BY_STATUS[(error as FhirError).status] ?? BAD, (error as FhirError).status];
  const origin = new URL(visit.parts.baseUrl).origin;
  return {
    status,
    page: {
      title: say(visit, told.title),
      main: html`<p>${say(visit, told.advice, { origin, id })}</p>
<p><a class="button second" href="/">${say(visit, errors.toStart)}</a></p>`,
    },
  };
}
