// The table of an invoice's lines, repeated heads and no broken rows; columns that would be empty are left out.
import type { LineItem } from '../../billing/documents';
import { canonicalDecimal } from '../../core/money';
import type { InvoicePdfParts } from './create-pdf';
import {
  amountWords,
  discountWords,
  INK,
  localeOf,
  percentWords,
  plainNumber,
  priceWords,
  RULE,
  SOFT,
} from './figures';
import type { Content } from './pdfmake';

export const lines = (parts: InvoicePdfParts): Content => {
  const { invoice } = parts;
  const locale = localeOf(parts);
  const hasTax = invoice.taxMode !== 'noTax' && invoice.lines.some(({ taxPercent }) => taxPercent !== null);
  const hasDiscount = invoice.lines.some(({ discountPercent }) => canonicalDecimal(discountPercent) !== '0');
  const net = invoice.taxMode === 'taxInclusive' ? 'Amount incl. tax' : 'Amount';
  const columns: readonly { head: string; width: string; cell: (line: LineItem) => string }[] = [
    { head: 'What', width: '*', cell: ({ description }) => description },
    { head: 'Quantity', width: 'auto', cell: ({ quantity }) => plainNumber(quantity, locale) },
    { head: 'Price', width: 'auto', cell: ({ unitPrice }) => priceWords(unitPrice, invoice, locale) },
    ...(hasDiscount
      ? [{ head: 'Discount', width: 'auto', cell: ({ discountPercent }: LineItem) => discountWords(discountPercent) }]
      : []),
    ...(hasTax ? [{ head: 'Tax', width: 'auto', cell: ({ taxPercent }: LineItem) => percentWords(taxPercent) }] : []),
    {
      head: `${net}, ${invoice.currency}`,
      width: 'auto',
      cell: ({ netMinor }) => amountWords(netMinor, invoice, locale),
    },
  ];
  const side = (index: number): string => (index === 0 ? 'left' : 'right');
  return {
    table: {
      headerRows: 1,
      dontBreakRows: true,
      widths: columns.map(({ width }) => width),
      body: [
        columns.map(({ head: text }, index) => ({
          text,
          color: SOFT,
          fontSize: 8,
          alignment: side(index),
          noWrap: index > 0,
        })),
        ...invoice.lines.map((line) =>
          columns.map(({ cell }, index) => ({ text: cell(line), alignment: side(index), noWrap: index > 0 })),
        ),
      ],
    },
    layout: {
      hLineWidth: (row: number) => (row === 0 ? 0 : row === 1 ? 1 : 0.4),
      hLineColor: (row: number) => (row === 1 ? INK : RULE),
      vLineWidth: () => 0,
      paddingLeft: (column: number) => (column === 0 ? 0 : 10),
      paddingRight: () => 0,
      paddingTop: () => 5,
      paddingBottom: () => 4,
    },
  };
};
