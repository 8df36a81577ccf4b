/** Invariants of clinical and workflow resources, by key. */

import { inOrder } from '../dates.ts';
import { parseReference } from '../references.ts';
import type { Native } from './native.ts';
import { child, choice, coded, has, hasChoice, list, number, text } from './nodes.ts';

const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem/';
const UCUM = 'http://unitsofmeasure.org';

const isAllergyError = (v: Parameters<Native>[0]) =>
  coded(child(v, 'verificationStatus'), `${TERMINOLOGY}allergyintolerance-verification`, 'entered-in-error');

function referredType(reference: ReturnType<typeof child>): string | undefined {
  const literal = parseReference(text(reference, 'reference') ?? '');
  return literal.kind === 'relative' || literal.kind === 'absolute' ? literal.type : undefined;
}

const isPercent = (quantity: ReturnType<typeof child>) =>
  quantity === undefined || (quantity.code === '%' && quantity.system === UCUM);

/** A coding as a text that is equal for equal codings, whatever the order of their properties. */
const codingKey = (coding: object) => JSON.stringify(Object.entries(coding).sort(([a], [b]) => (a < b ? -1 : 1)));

export const clinical: Readonly<Record<string, Native>> = {
  'ait-1': (v) => isAllergyError(v) || has(v, 'clinicalStatus'),
  'ait-2': (v) => !isAllergyError(v) || !has(v, 'clinicalStatus'),
  'app-1': (v) => has(v, 'type') || has(v, 'actor'),
  'app-2': (v) => has(v, 'start') === has(v, 'end'),
  'app-3': (v) =>
    (has(v, 'start') && has(v, 'end')) ||
    v.status === undefined ||
    ['proposed', 'cancelled', 'waitlist'].includes(v.status as string),
  'app-4': (v) => !has(v, 'cancelationReason') || v.status === 'noshow' || v.status === 'cancelled',
  'apr-1': (v) => has(v, 'participantType') || has(v, 'actor'),
  'cpl-3': (v) => !has(v, 'detail') || !has(v, 'reference'),
  'cmp-1': (v) => has(v, 'text') || has(v, 'entry') || has(v, 'section'),
  'cmp-2': (v) => !has(v, 'emptyReason') || !has(v, 'entry'),
  // What the member's reference names, as far as it says so: nothing is resolved here.
  'ctm-1': (v) => !has(v, 'onBehalfOf') || (referredType(child(v, 'member')) ?? 'Practitioner') === 'Practitioner',
  'con-1': (v) => has(v, 'summary') || has(v, 'assessment'),
  'con-2': (v) => has(v, 'code') || has(v, 'detail'),
  'con-4': (v) =>
    !hasChoice(v, 'abatement') ||
    coded(child(v, 'clinicalStatus'), `${TERMINOLOGY}condition-clinical`, 'resolved', 'remission', 'inactive'),
  'con-5': (v) =>
    !coded(child(v, 'verificationStatus'), `${TERMINOLOGY}condition-ver-status`, 'entered-in-error') ||
    !has(v, 'clinicalStatus'),
  'fhs-1': (v) => !hasChoice(v, 'age') || !hasChoice(v, 'born'),
  'fhs-2': (v) => hasChoice(v, 'age') || !has(v, 'estimatedAge'),
  'gol-1': (v) => !hasChoice(v, 'detail') || has(v, 'measure'),
  'imm-1': (v) => has(v, 'documentType') || has(v, 'reference'),
  'imr-1': (v) => has(v, 'vaccineCode') || has(v, 'targetDisease'),
  'lst-1': (v) => !has(v, 'emptyReason') || !has(v, 'entry'),
  'lst-2': (v) => v.mode === 'changes' || list(v, 'entry').every((entry) => !has(entry, 'deleted')),
  'lst-3': (v) => v.mode === 'working' || list(v, 'entry').every((entry) => !has(entry, 'date')),
  'mad-1': (v) => has(v, 'dose') || hasChoice(v, 'rate'),
  'mdd-1': (v) => inOrder(text(v, 'whenPrepared'), text(v, 'whenHandedOver')),
  'obs-3': (v) => has(v, 'low') || has(v, 'high') || has(v, 'text'),
  'obs-6': (v) => !has(v, 'dataAbsentReason') || !hasChoice(v, 'value'),
  'obs-7': (v) => {
    if (v.component === undefined || !hasChoice(v, 'value')) return true;
    const own = new Set(list(child(v, 'code'), 'coding').map(codingKey));
    return (
      own.size === 0 ||
      !list(v, 'component').some((part) =>
        list(child(part, 'code'), 'coding').some((coding) => own.has(codingKey(coding))),
      )
    );
  },
  'prr-1': (v) => !has(v, 'orderDetail') || has(v, 'code'),
  'ras-1': (v) => typeof v !== 'object' || (isPercent(child(v, 'low')) && isPercent(child(v, 'high'))),
  'ras-2': (v) => number(v, 'probabilityDecimal') === undefined || number(v, 'probabilityDecimal')! <= 100,
  'rqg-1': (v) => has(v, 'resource') !== has(v, 'action'),
  'Task:inv-1': (v) => inOrder(text(v, 'authoredOn'), text(v, 'lastModified')),
  'que-1': (v) => (v.type !== 'group' || has(v, 'item')) && (v.type !== 'display' || !has(v, 'item')),
  'que-3': (v) => v.type !== 'display' || !has(v, 'code'),
  'que-4': (v) => !has(v, 'answerOption') || !has(v, 'answerValueSet'),
  'que-5': (v) =>
    ['choice', 'open-choice', 'decimal', 'integer', 'date', 'dateTime', 'time', 'string', 'quantity'].includes(
      v.type as string,
    ) || !(has(v, 'answerValueSet') || has(v, 'answerOption')),
  'que-6': (v) => v.type !== 'display' || !(has(v, 'required') || has(v, 'repeats')),
  'que-7': (v) => v.operator !== 'exists' || typeof choice(v, 'answer') === 'boolean',
  'que-8': (v) => (v.type !== 'group' && v.type !== 'display') || !has(v, 'initial'),
  'que-9': (v) => v.type !== 'display' || !has(v, 'readOnly'),
  'que-10': (v) =>
    ['boolean', 'decimal', 'integer', 'string', 'text', 'url', 'open-choice'].includes(v.type as string) ||
    !has(v, 'maxLength'),
  'que-11': (v) => !has(v, 'answerOption') || !has(v, 'initial'),
  'que-12': (v) => list(v, 'enableWhen').length <= 2 || has(v, 'enableBehavior'),
  'que-13': (v) => v.repeats === true || list(v, 'initial').length <= 1,
  'qrs-1': (v) => !(has(v, 'answer') && has(v, 'item')),
};
