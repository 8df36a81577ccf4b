import type { Content, CustomTableLayout, TableCell } from 'pdfmake/interfaces.js';

/** The ruled boxes of the form. Lengths are in points; widths are those of the page's text area and never depend on the text. */

export const PAGE = Object.freeze({ width: 595.28, left: 45, right: 45, top: 62, bottom: 50 });
export const TEXT_WIDTH = PAGE.width - PAGE.left - PAGE.right;
export const LABEL_FILL = '#eef1f5';
export const RULE = '#4a5560';
export const FAINT = '#5c6670';

const LINE = 0.6;
const PADDING = 6;

/** Boxes with all lines drawn. The font's line height has its spare space below the line, so there is less padding there. */
const RULED: CustomTableLayout = {
  hLineWidth: () => LINE,
  vLineWidth: () => LINE,
  hLineColor: () => RULE,
  vLineColor: () => RULE,
  paddingLeft: () => PADDING,
  paddingRight: () => PADDING,
  paddingTop: () => 5,
  paddingBottom: () => 2,
};

/** Rows inside a box, with a line between each and the next. */
const ROWS: CustomTableLayout = {
  hLineWidth: (index, node) => (index === 0 || index === node.table.body.length ? 0 : 0.4),
  vLineWidth: () => 0,
  hLineColor: () => RULE,
  paddingLeft: (index) => (index === 0 ? 0 : 4),
  paddingRight: () => 4,
  paddingTop: () => 3,
  paddingBottom: () => 1,
};

/** Column widths that fill `total` with the lines and paddings of RULED; the one given as 0 takes what is left. */
function columns(total: number, ...widths: readonly number[]): number[] {
  const fixed = widths.reduce((sum, width) => sum + width, 0);
  const left = total - fixed - widths.length * 2 * PADDING - (widths.length + 1) * LINE;
  return widths.map((width) => width || left);
}

export const label = (text: string, down = 0): TableCell => ({
  text,
  margin: [0, down, 0, 0],
  style: 'label',
  fillColor: LABEL_FILL,
});

/** A table of labels and values. */
export function grid(body: TableCell[][], ...widths: readonly number[]): Content {
  return { table: { widths: columns(TEXT_WIDTH, ...widths), body }, layout: RULED };
}

export const LABEL_WIDTH = 76;
export const CONTENT_WIDTH = columns(TEXT_WIDTH, LABEL_WIDTH, 0)[1]!;

/** One labelled box, its upper line on the lower one of the box before. `whole` keeps it on one page: only for what surely fits there. */
export function box(title: string, content: Content, whole: boolean): Content {
  return {
    table: { widths: [LABEL_WIDTH, CONTENT_WIDTH], body: [[label(title), content]] },
    layout: RULED,
    margin: [0, -LINE, 0, 0],
    unbreakable: whole,
  };
}

/** A table inside a box, with its first row repeated on each page. */
export function rows(heads: readonly string[], widths: number[], body: TableCell[][]): Content {
  const head = heads.map((text): TableCell => ({ text, style: 'columnHead' }));
  return { table: { widths, headerRows: 1, body: [head, ...body] }, layout: ROWS };
}
