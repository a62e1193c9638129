// A report on paper: a sentence that says it all, the facts beside it, and one table in groups. Pure, and without a clock: the same report
// gives the same bytes. What it says is the caller's; this only sets it.
import { INK, RULE, SOFT } from './figures';
import type { Content, DocumentDefinition } from './pdfmake';

export type ReportPdfParts = {
  readonly title: string;
  readonly author: string;
  /** Instant that the report is of. */
  readonly stamp: string;
  readonly isLetter: boolean;
  /** The sentence that stands first. */
  readonly lead: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly text: string;
  readonly head: readonly string[];
  /** Columns of figures, by index. */
  readonly right: readonly number[];
  /** Points for each column but the last, which takes what is left; absent: as wide as its longest text. Long tables are drawn faster with it. */
  readonly widths?: readonly number[];
  readonly groups: readonly { readonly name: string; readonly rows: readonly (readonly string[])[] }[];
  readonly footer: string;
};

export const reportDocument = (parts: ReportPdfParts): DocumentDefinition => {
  const stamp = new Date(parts.stamp);
  return {
    info: { title: parts.title, author: parts.author, creationDate: stamp, modDate: stamp },
    pageSize: parts.isLetter ? 'LETTER' : 'A4',
    pageMargins: [48, 48, 48, 56],
    defaultStyle: { font: 'Roboto', fontSize: 8.5, lineHeight: 1.2, color: INK },
    images: {},
    footer: (page: number, pages: number): Content => ({
      margin: [48, 12, 48, 0],
      fontSize: 7.5,
      color: SOFT,
      columns: [
        { width: '*', text: parts.footer },
        { width: 'auto', text: `page ${page} of ${pages}`, alignment: 'right' },
      ],
    }),
    content: [
      { text: parts.title, fontSize: 15, bold: true, margin: [0, 0, 0, 10] },
      { text: parts.lead, fontSize: 11, bold: true, margin: [0, 0, 0, 6] },
      { text: parts.text, color: SOFT, margin: [0, 0, 0, 12] },
      {
        layout: 'noBorders',
        margin: [0, 0, 0, 16],
        table: { body: parts.facts.map(([name, value]) => [{ text: name, color: SOFT }, { text: value }]) },
      },
      table(parts),
    ],
  };
};

const table = ({ head, right, widths, groups }: ReportPdfParts): Content => {
  const cell = (text: string, index: number, more: object = {}): Content => ({
    text,
    ...(right.includes(index) ? { alignment: 'right' } : {}),
    ...more,
  });
  const body: Content[] = [head.map((text, index) => cell(text, index, { color: SOFT, fontSize: 7.5 }))];
  for (const { name, rows } of groups) {
    body.push([{ text: name, bold: true, colSpan: head.length, margin: [0, 8, 0, 0] }, ...head.slice(1).map(() => '')]);
    for (const row of rows) body.push(row.map((text, index) => cell(text, index)));
  }
  return {
    layout: { hLineWidth: () => 0.5, vLineWidth: () => 0, hLineColor: () => RULE },
    table: {
      headerRows: 1,
      dontBreakRows: true,
      widths: head.map((_, at) => (at === head.length - 1 ? '*' : (widths?.[at] ?? 'auto'))),
      body,
    },
  };
};
