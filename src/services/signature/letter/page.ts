import type { Content, TableCell, TDocumentDefinitions } from 'pdfmake/interfaces.js';
import type { Unprintable } from '../../../pdf/characters.ts';
import { box, CONTENT_WIDTH, FAINT, LABEL_WIDTH, PAGE, RULE, rows, TEXT_WIDTH } from './boxes.ts';
import { addressee, patient, sender } from './front.ts';
import type { Letter, LetterSection, Medication } from './letter.ts';
import { wareki } from './wareki.ts';

/** A text node that pdfmake has laid out: `positions` has an item for each of its lines. */
interface Paragraph {
  text: string;
  margin?: [number, number, number, number];
  positions?: { pageNumber: number }[];
}

interface Block {
  readonly title: string;
  readonly paragraphs: readonly Paragraph[];
  readonly content: Content;
}

/** The letter laid out on A4, of texts that are printable. Made anew for each rendering: pdfmake writes into it. */
export function letterPages(letter: Letter, unprintable: () => readonly Unprintable[]): TDocumentDefinitions {
  const blocks = letter.sections.map(sectionBlock);
  return {
    pageSize: 'A4',
    pageMargins: [PAGE.left, PAGE.top, PAGE.right, PAGE.bottom],
    header: (page) => (page === 1 ? firstHeader(letter) : laterHeader(letter, continued(blocks, page))),
    footer: (page, pages) => footer(letter, page, pages),
    content: [
      { text: '診療情報提供書', style: 'title' },
      { columns: [addressee(letter.to), sender(letter.from)], columnGap: 16, margin: [0, 0, 0, 12] },
      patient(letter.patient, letter),
      { text: '', margin: [0, 0, 0, 8] },
      ...blocks.map(({ content }) => content),
      end(letter, unprintable()),
    ],
    defaultStyle: { font: 'BIZUDPGothic', fontSize: 10, lineHeight: 1.4, preserveLeadingSpaces: true },
    styles: {
      title: {
        fontSize: 19,
        bold: true,
        alignment: 'center',
        characterSpacing: 7,
        margin: [7, 0, 0, 12],
        lineHeight: 1.2,
      },
      label: { fontSize: 9, bold: true },
      columnHead: { fontSize: 8, bold: true, color: FAINT },
      small: { fontSize: 8, color: FAINT },
    },
  };
}

/** Lines that a box may have to be kept on one page. Twice as many, broken at their worst, still fit on one. */
const FEW_LINES = 14;

function sectionBlock({ title, text, medications }: LetterSection): Block {
  const paragraphs: Paragraph[] = text === '' ? [] : text.split('\n').flatMap(parts);
  const table = medications.length > 0 ? [medicationRows(medications)] : [];
  if (table[0] && paragraphs[0]) paragraphs[0].margin = [0, 5, 0, 0];
  const lines = (line: string, width: number) => Math.ceil((line.length * 10) / width);
  const most = paragraphs.reduce((sum, line) => sum + lines(line.text, CONTENT_WIDTH), lines(title, LABEL_WIDTH));
  const few = most <= FEW_LINES && medications.length === 0;
  return { title, paragraphs, content: box(title, { stack: [...table, ...paragraphs] }, few) };
}

/** Characters of a paragraph of more than two pages, behind which it goes on in a new line: pdfmake's time grows with their square. */
const LONG_PARAGRAPH = 4000;

/** A line of the text, or its parts: up to the last end of a sentence, else of a character, of each so many. */
function parts(line: string): Paragraph[] {
  const found: Paragraph[] = [];
  let rest = line;
  while (rest.length > LONG_PARAGRAPH) {
    const most = rest.slice(0, LONG_PARAGRAPH).replace(/[\ud800-\udbff]$/, '');
    const part =
      most.slice(0, Math.max(most.lastIndexOf('。'), most.lastIndexOf('．'), most.lastIndexOf('. ')) + 1) || most;
    found.push({ text: part });
    rest = rest.slice(part.length);
  }
  return [...found, { text: rest || ' ' }];
}

function medicationRows(medications: readonly Medication[]): Content {
  const body = medications.map(({ name, dose, usage, days }): TableCell[] =>
    [name, dose, usage, days].map((text) => ({ text, fontSize: 9.5, lineHeight: 1.3 })),
  );
  return rows(['薬剤名', '用量', '用法', '日数'], [144, 66, CONTENT_WIDTH - 144 - 66 - 48 - 28, 48], body);
}

/** The section whose text goes on at the top of that page. */
function continued(blocks: readonly Block[], page: number): string | undefined {
  const pages = ({ paragraphs }: Block) =>
    paragraphs.flatMap(({ positions = [] }) => positions.map((line) => line.pageNumber));
  return blocks.find((block) => {
    const on = pages(block);
    return on.includes(page) && on.some((before) => before < page);
  })?.title;
}

const firstHeader = (letter: Letter): Content => ({
  text: `発行日　${wareki(letter.issued)}`,
  alignment: 'right',
  fontSize: 10,
  margin: [PAGE.left, 30, PAGE.right, 0],
});

function laterHeader({ patient: who, from, issued }: Letter, section: string | undefined): Content {
  return {
    margin: [PAGE.left, 24, PAGE.right, 0],
    stack: [
      {
        columns: [
          { width: 300, text: `診療情報提供書　${brief(who.name, 16)} 様　${wareki(who.birthDate)}生`, noWrap: true },
          {
            width: TEXT_WIDTH - 300,
            text: `${brief(from.institution, 14)}　${wareki(issued)}`,
            alignment: 'right',
            noWrap: true,
          },
        ],
        fontSize: 8,
      },
      rule(),
      { text: section ? `${brief(section, 40)}（続き）` : ' ', fontSize: 8, bold: true, margin: [0, 4, 0, 0] },
    ],
  };
}

function footer({ patient: who, identifier }: Letter, page: number, pages: number): Content {
  const side = 205;
  return {
    margin: [PAGE.left, 10, PAGE.right, 0],
    stack: [
      rule(),
      {
        columns: [
          { width: side, text: `${brief(who.name, 18)} 様`, noWrap: true },
          { width: TEXT_WIDTH - 2 * side, text: `頁 ${page} / ${pages}`, alignment: 'center', noWrap: true },
          { width: side, text: brief(identifier, 52), alignment: 'right' },
        ],
        fontSize: 7.5,
        lineHeight: 1.1,
        margin: [0, 4, 0, 0],
      },
    ],
  };
}

const rule = (): Content => ({
  canvas: [{ type: 'line', x1: 0, y1: 0, x2: TEXT_WIDTH, y2: 0, lineWidth: 0.5, lineColor: RULE }],
});

/** Shortened with a sign of it, where a line has no more room; what is shortened stands in full on the first page. */
function brief(text: string, most: number): string {
  const signs = Array.from(text.replaceAll('\n', ' '));
  return signs.length <= most ? signs.join('') : `${signs.slice(0, most - 1).join('')}…`;
}

/** True of the letter before it is signed, and after: it claims nothing of this copy. */
const SIGNATURE_NOTE =
  '本書は、医師の電子署名（HPKI）が付されたものに限り、その電子署名をもって記名押印に代えるものです。電子署名の有無と検証の結果は、' +
  'PDF閲覧ソフトの署名パネル又は連携システムの検証結果で確認してください。電子署名のないもの及び紙に印刷したものは確認用の写しです。' +
  'もとのFHIR文書を本PDFに添付しています。';

/** What stands behind the last section, on one page if it surely fits there. */
function end({ identifier, version }: Letter, unprintable: readonly Unprintable[]): Content {
  const named = `文書番号　${identifier}${version ? `（第${version}版）` : ''}`;
  const note = (title: string, text: string) => box(title, { text, fontSize: 8, lineHeight: 1.4 }, false);
  return {
    stack: [
      { text: '以上', alignment: 'right', margin: [0, 6, 0, 8] },
      ...(unprintable.length > 0 ? [note('文字について', characterNote(unprintable))] : []),
      note('電子署名', `${SIGNATURE_NOTE}\n${named}`),
    ],
    unbreakable: unprintable.length < 30 && named.length < 300,
  };
}

function characterNote(unprintable: readonly Unprintable[]): string {
  const listed = (title: string, names: readonly string[]) =>
    names.length > 0 ? `${title}：${names.join('、')}。` : '';
  const marked = unprintable.filter(({ number }) => number !== undefined);
  const rewritten = unprintable.filter(({ shown }) => shown !== undefined);
  const omitted = unprintable.filter(({ number, shown }) => number === undefined && shown === undefined);
  return [
    listed(
      '本書の書体にない文字を〓で表しています',
      marked.map(({ number, name, hint }) => `[${number}] ${name}${hint ? `（「${hint}」の異体字）` : ''}`),
    ),
    listed(
      '本書の書体にない次の文字は、括弧内のとおり表記しています',
      rewritten.map(({ name, shown }) => `${name}（${shown}）`),
    ),
    listed(
      '形の指定又は目に見えない文字を省いて表しています',
      omitted.map(({ name }) => name),
    ),
    'もとの文字は添付のFHIR文書にあります。',
  ].join('');
}
