import { refuse } from '../../../http/errors.ts';
import { attachmentText } from './attachment.ts';
import { type LetterDocument, tagged } from './document.ts';
import { concept, concepts, type Element } from './element.ts';
import { folded, says } from './fold.ts';
import { plainText } from './narrative.ts';
import { choice, dayText } from './quantity.ts';

/** What a structured entry says. */
export interface Statement {
  /** One line of print, or several. */
  readonly line: string;
  /** What a narrative has to contain to say the same. */
  readonly essence: readonly string[];
}

/** Whether the narrative says it already: then the line need not be printed beside it. */
export function covers(narrative: string, { essence }: Statement): boolean {
  const text = folded(narrative);
  return essence.length > 0 && essence.every((part) => says(text, folded(part)));
}

type Reader = (resource: Element, document: LetterDocument, depth: number) => { main: Parts; beside?: Parts };
type Parts = readonly (string | undefined)[];

const notes = (resource: Element): Parts => resource.all('note').map((note) => note.text('text'));

const condition: Reader = (resource) => {
  const state = resource.get('clinicalStatus').all('coding')[0]?.text('code') ?? '';
  const certainty = resource.get('verificationStatus').all('coding')[0]?.text('code') ?? '';
  return {
    main: [concept(resource.get('code')), CERTAINTY[certainty], ...notes(resource)],
    beside: [...concepts(resource.all('bodySite')), choice(resource, 'onset'), STATE[state]],
  };
};

const CERTAINTY: Readonly<Record<string, string>> = Object.freeze({
  provisional: '疑い',
  differential: '疑い',
  unconfirmed: '疑い',
  refuted: '否定',
});
const STATE: Readonly<Record<string, string>> = Object.freeze({
  inactive: '現在は症状なし',
  remission: '寛解',
  resolved: '治癒',
  recurrence: '再発',
  relapse: '再燃',
});

const allergy: Reader = (resource) => {
  const drug = resource.all('category').some((category) => category.text() === 'medication');
  const certainty = resource.get('verificationStatus').all('coding')[0]?.text('code') ?? '';
  const grave = resource.text('criticality') === 'high' && (drug ? '禁忌' : '重篤化のおそれ');
  return {
    main: [
      concept(resource.get('code')),
      grave || undefined,
      CERTAINTY[certainty],
      ...resource
        .all('reaction')
        .flatMap((reaction) => [...concepts(reaction.all('manifestation')), reaction.text('description')]),
      ...notes(resource),
    ],
    beside: [choice(resource, 'onset')],
  };
};

const family: Reader = (resource) => ({
  main: [
    concept(resource.get('relationship')),
    ...resource.all('condition').flatMap((item) => [concept(item.get('code')), ...notes(item)]),
    ...notes(resource),
  ],
  beside: [choice(resource, 'deceased') && `死亡 ${choice(resource, 'deceased')}`],
});

const observation: Reader = (resource, document, depth) => ({
  main: [
    concept(resource.get('code')),
    measured(resource),
    ...resource.all('component').flatMap((part) => [concept(part.get('code')), measured(part)]),
    ...notes(resource),
    ...resource
      .all('hasMember')
      .map((member) => statement(document.resolve(member, resource), document, depth + 1)?.line),
  ],
  beside: [...concepts(resource.all('interpretation')), choice(resource, 'effective')],
});

const measured = (element: Element): string | undefined =>
  choice(element, 'value') ?? concept(element.get('dataAbsentReason'));

const immunization: Reader = (resource) => ({
  main: [concept(resource.get('vaccineCode')), NOT_DONE[resource.text('status') ?? ''], ...notes(resource)],
  beside: [choice(resource, 'occurrence')],
});

const procedure: Reader = (resource) => ({
  main: [concept(resource.get('code')), NOT_DONE[resource.text('status') ?? ''], ...notes(resource)],
  beside: [...concepts(resource.all('bodySite')), choice(resource, 'performed')],
});

const NOT_DONE: Readonly<Record<string, string>> = Object.freeze({
  'not-done': '未実施',
  preparation: '予定',
  stopped: '中止',
  'in-progress': '実施中',
});

const encounter: Reader = (resource) => ({ main: concepts(resource.all('reasonCode')) });

const documentReference: Reader = (resource) => ({
  main: [
    resource.text('description') ?? concept(resource.get('type')),
    ...resource.all('content').map((content) => attachmentText(content.get('attachment'))),
  ],
  beside: [dayText(resource.text('date'))],
});

const carePlan: Reader = (resource) => ({
  main: [
    resource.text('title'),
    resource.text('description'),
    ...resource
      .all('activity')
      .flatMap((activity) => [concept(activity.get('detail').get('code')), activity.text('detail', 'description')]),
    ...notes(resource),
  ],
});

const device: Reader = (resource, document) => {
  const used = resource.get('device');
  const found = used.text('reference') ? document.resolve(used, resource) : undefined;
  return {
    main: [
      found?.text('deviceName', 'name') ?? (found && concept(found.get('type'))) ?? used.text('display'),
      ...notes(resource),
    ],
    beside: [concept(resource.get('bodySite')), choice(resource, 'timing')],
  };
};

const consent: Reader = (resource) => ({
  main: [
    ...concepts(resource.all('category')),
    concept(resource.get('scope')),
    attachmentText(resource.get('sourceAttachment')),
  ],
  beside: [dayText(resource.text('dateTime'))],
});

const researchSubject: Reader = (resource, document) => {
  const study = resource.get('study');
  const found = study.text('reference') ? document.resolve(study, resource) : undefined;
  return { main: [found?.text('title') ?? study.text('display')] };
};

const report: Reader = (resource, document, depth) => ({
  main: [
    concept(resource.get('code')),
    resource.text('conclusion'),
    ...concepts(resource.all('conclusionCode')),
    ...resource.all('result').map((result) => statement(document.resolve(result, resource), document, depth + 1)?.line),
    ...resource.all('presentedForm').map(attachmentText),
  ],
  beside: [choice(resource, 'effective')],
});

const imaging: Reader = (resource) => ({
  main: [resource.text('description'), ...concepts(resource.all('procedureCode')), ...notes(resource)],
  beside: [
    ...resource.all('modality').map((coding) => coding.text('display') ?? coding.text('code')),
    dayText(resource.text('started')),
  ],
});

const READERS: Readonly<Record<string, Reader>> = Object.freeze({
  Condition: condition,
  AllergyIntolerance: allergy,
  FamilyMemberHistory: family,
  Observation: observation,
  Immunization: immunization,
  Procedure: procedure,
  Encounter: encounter,
  DocumentReference: documentReference,
  CarePlan: carePlan,
  DeviceUseStatement: device,
  Consent: consent,
  ResearchSubject: researchSubject,
  DiagnosticReport: report,
  ImagingStudy: imaging,
});

const DEEPEST = 4;

/** What an entry says in words; undefined for one entered in error, or an Encounter that gives no reason. */
export function statement(resource: Element, document: LetterDocument, depth = 0): Statement | undefined {
  if (depth > DEEPEST)
    throw refuse.unprocessable(`Results are members of others at most ${DEEPEST} deep`, resource.path);
  const type = resource.resourceType!;
  if (
    [resource.text('status'), resource.get('verificationStatus').all('coding')[0]?.text('code')].includes(
      'entered-in-error',
    )
  ) {
    return undefined;
  }
  const { main, beside = [] } = READERS[type]?.(resource, document, depth) ?? other(resource, document, depth);
  const essence = main.filter((part) => part !== undefined);
  const [first, ...more] = essence;
  if (first === undefined) return type === 'Encounter' ? undefined : { line: `（構造化データ：${type}）`, essence: [] };
  const uninformed = tagged(resource, 'UNINFORMED') ? ['患者未告知'] : [];
  const aside = [...beside.filter(Boolean), ...uninformed];
  const line = more.reduce(join, first) + (aside.length ? `（${aside.join('、')}）` : '');
  return { line, essence: [...essence, ...uninformed] };
}

/** A type that these sections do not ask for: its own narrative. */
const other: Reader = (resource) => ({ main: [plainText(resource.text('text', 'div') ?? '') || undefined] });

/** Long texts start on lines of their own. */
const join = (line: string, part: string): string =>
  line + (part.length > 60 || part.includes('\n') ? '\n' : '　') + part;
