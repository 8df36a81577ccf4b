import type { ServiceName } from '../../access/access.ts';
import type { Resource } from '../../fhir/engine.ts';
import type { ContractRow, ContractState } from '../../store/contract.ts';
import { type Cause, SYSTEM } from './codes.ts';
import { addDays, type Day } from './day.ts';
import { namesOf } from './services.ts';
import { CAUSE_WORDS, SERVICE_WORDS } from './words.ts';

/** http://hl7.org/fhir/R4/valueset-contract-status.html; an application that leaves something out is `negotiable`. */
const STATUS: Readonly<Record<ContractState, string>> = Object.freeze({
  applied: 'offered',
  refused: 'cancelled',
  withdrawn: 'cancelled',
  accepted: 'executed',
  running: 'executed',
  ended: 'terminated',
});

/** The Contract of a row, with all that the parties may know of it. */
export function contractResource(row: ContractRow, institution: string): Resource {
  const { state, omissions, accepted, starts, cause, papers } = row;
  return {
    resourceType: 'Contract',
    id: row.id,
    identifier: [{ system: SYSTEM.number, value: row.number }],
    status: state === 'applied' && omissions.length > 0 ? 'negotiable' : STATUS[state],
    ...(accepted !== null && { issued: accepted }),
    ...(starts !== null && { applies: periodOf(row) }),
    ...(cause !== null && {
      expirationType: {
        coding: [{ system: SYSTEM.end, code: cause, display: CAUSE_WORDS[cause as Cause].ja }],
      },
    }),
    subject: [{ reference: `Organization/${row.institutionId}`, display: institution }],
    title: 'サービス利用契約',
    term: termsOf(row),
    ...(papers.length > 0 && { supportingInfo: papers.map((reference) => ({ reference })) }),
    legallyBindingReference: { reference: `QuestionnaireResponse/${row.application}` },
  };
}

/** From the first day of service to the last that is known. What never began has no end of its own. */
function periodOf({ starts, ends, termEnd, state }: ContractRow): object {
  if (state === 'withdrawn') return { start: starts };
  return { start: starts, end: ends ?? termEnd };
}

/** One term for each service, with its days where they are others than the contract's. */
function termsOf({ services, nextServices, nextServicesOn }: ContractRow): object[] {
  const now = namesOf(services);
  if (nextServices === null || nextServicesOn === null) return now.map((name) => termOf(name));
  const then = namesOf(nextServices);
  const last = addDays(nextServicesOn as Day, -1);
  return [
    ...now.map((name) => termOf(name, then.includes(name) ? undefined : { end: last })),
    ...then.filter((name) => !now.includes(name)).map((name) => termOf(name, { start: nextServicesOn })),
  ];
}

function termOf(name: ServiceName, applies?: object): object {
  const { ja } = SERVICE_WORDS[name];
  return {
    ...(applies && { applies }),
    type: { coding: [{ system: SYSTEM.service, code: name, display: ja }] },
    offer: { text: ja },
  };
}
