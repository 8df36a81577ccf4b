import { refuse } from '../../../http/errors.ts';
import type { LetterDocument } from './document.ts';
import { concept, Element } from './element.ts';
import type { LetterSection } from './letter.ts';
import { readMedication } from './medication.ts';
import { plainText } from './narrative.ts';
import { choice } from './quantity.ts';
import { covers, statement } from './statement.ts';

/** JP-CLINS, and eReferral before it. */
const SYSTEMS = [
  'http://jpfhir.jp/fhir/clins/CodeSystem/document-section',
  'http://jpfhir.jp/fhir/eReferral/CodeSystem/document-section',
];
const EMPTY_REASON = 'http://terminology.hl7.org/CodeSystem/list-empty-reason';

/** Sections by code, titled and ordered as on the form 別紙様式11; those that the form does not have come before its remarks. */
const TITLES: ReadonlyMap<string, string> = new Map([
  ['340', '傷病名・主訴'],
  ['950', '紹介目的'],
  ['370', '既往歴'],
  ['550', '家族歴'],
  ['510', 'アレルギー・不耐性反応'],
  ['360', '症状経過・現病歴'],
  ['610', '身体所見'],
  ['620', '検査結果'],
  ['330', '治療経過'],
  ['430', '現在の処方'],
  ['420', '診療方針'],
  ['520', '感染症情報'],
  ['530', '予防接種歴'],
  ['730', '手術歴'],
  ['740', '輸血歴'],
  ['720', '処置'],
  ['640', '社会歴・生活習慣'],
  ['810', '医療機器'],
  ['410', '事前指示'],
  ['830', '臨床研究参加'],
  ['220', '備考・連絡情報'],
  ['210', '添付情報'],
  ['230', 'PDF文書'],
]);
const ORDER = [...TITLES.keys()];

const EMPTY: Readonly<Record<string, string>> = Object.freeze({
  nilknown: '特になし',
  notasked: '未聴取',
  withheld: '非開示',
  unavailable: '情報なし',
  notstarted: '未着手',
  closed: '終了',
});

const DEEPEST = 8;

export interface Outline {
  readonly to: Element;
  readonly from: Element;
  readonly content: readonly Element[];
}

export const codeOf = (section: Element): string | undefined =>
  section
    .get('code')
    .all('coding')
    .find((coding) => SYSTEMS.includes(coding.text('system') ?? ''))
    ?.text('code');

/**
 * The sections where JP_Composition_eReferral puts them.
 *
 * @throws FhirError 422 where one that is mandatory is missing, or the content is elsewhere
 */
export function outline({ composition }: LetterDocument): Outline {
  const top = composition.all('section');
  const structured = top.filter((section) => codeOf(section) === '300');
  if (structured.length !== 1 || top.some((section) => codeOf(section) === '200')) {
    throw refuse.unprocessable(
      'A letter is rendered from its one section 300 構造情報; one whose content is a CDA document (section 200) is not',
      'Composition.section',
    );
  }
  const inner = structured[0]!.all('section');
  const [to, from] = ['910', '920'].map((code) => the(top, code, 'Composition'));
  for (const code of ['950', '340', '360']) the(inner, code, structured[0]!.path);
  const rest = top.filter((section) => !['300', '910', '920'].includes(codeOf(section) ?? ''));
  const own = ownText(structured[0]!);
  const place = (section: Element) => ORDER.indexOf(codeOf(section) ?? '') >>> 0;
  return { to: to!, from: from!, content: [...inner, ...own, ...rest].toSorted((a, b) => place(a) - place(b)) };
}

function the(sections: readonly Element[], code: string, parent: string): Element {
  const [found, second] = sections.filter((section) => codeOf(section) === code);
  if (found && !second) return found;
  throw refuse.unprocessable(
    `JP_Composition_eReferral: exactly one section ${code} ${TITLES.get(code) ?? (code === '910' ? '紹介先情報' : '紹介元情報')}`,
    `${parent}.section`,
  );
}

/** Section 300 itself, where it says more than what its sections say. */
function ownText(structured: Element): Element[] {
  const { text, entry } = structured.value as Record<string, unknown>;
  return text || entry ? [new Element({ title: '構造情報', text, entry }, structured.path)] : [];
}

/** @throws FhirError 422 where it says nothing and must, or is nested too deeply */
export function readSection(section: Element, document: LetterDocument, depth = 0): LetterSection {
  if (depth > DEEPEST) throw refuse.unprocessable(`Sections are nested at most ${DEEPEST} deep`, section.path);
  const code = codeOf(section);
  const title = TITLES.get(code ?? '') ?? section.text('title') ?? code ?? '（無題）';
  const entries = section.all('entry').map((entry) => document.resolve(entry));
  const nested = section.all('section').map((inner) => readSection(inner, document, depth + 1));
  const medications = entries.filter(isMedication).map((entry) => readMedication(entry, document));
  const texts = [
    ...sayings(plainText(section.text('text', 'div') ?? ''), entries, document),
    ...nested.map((inner) => `【${inner.title}】\n${inner.text}`),
  ];
  const read = [...medications.filter((line) => line !== undefined), ...nested.flatMap((inner) => inner.medications)];
  if (texts.length === 0 && read.length === 0) texts.push(emptiness(section, code));
  return { code, title, text: texts.join('\n'), medications: read };
}

const isMedication = ({ resourceType }: Element): boolean =>
  resourceType === 'MedicationRequest' || resourceType === 'MedicationStatement';

/** The narrative, and what entries say beyond it. */
function sayings(narrative: string, entries: readonly Element[], document: LetterDocument): string[] {
  const statements = entries
    .filter((entry) => !isMedication(entry))
    .map((entry) => statement(entry, document))
    .filter((said) => said !== undefined);
  const lines = [...new Set(statements.filter((said) => !covers(narrative, said)).map(({ line }) => line))];
  const marked = narrative || lines.length > 1 ? lines.map((line) => `・${line}`) : lines;
  return narrative ? [narrative, ...marked] : marked;
}

const MUST_SAY = ['950', '340', '360'];

function emptiness(section: Element, code: string | undefined): string {
  const reason = section.get('emptyReason');
  const known = reason
    .all('coding')
    .find((coding) => coding.text('system') === EMPTY_REASON)
    ?.text('code');
  const said = EMPTY[known ?? ''] ?? concept(reason);
  if (!said && MUST_SAY.includes(code ?? '')) {
    throw refuse.unprocessable(
      `Section ${code} ${TITLES.get(code!)} has a text, an entry or an emptyReason`,
      section.path,
    );
  }
  return said ?? '（記載なし）';
}

const OCCUPATION = { system: 'http://loinc.org', code: '11341-5' };

/** The patient's occupation, which JP-CLINS has as an Observation of section 640 社会歴. */
export function occupation(sections: readonly Element[], document: LetterDocument): string | undefined {
  return sections
    .filter((section) => codeOf(section) === '640')
    .flatMap((section) => section.all('entry').map((entry) => document.resolve(entry)))
    .filter(({ resourceType }) => resourceType === 'Observation')
    .filter(
      (entry) => entry.get('code').coded(OCCUPATION.system, OCCUPATION.code) || entry.text('code', 'text') === '職業',
    )
    .map((entry) => choice(entry, 'value'))
    .find((value) => value !== undefined);
}
