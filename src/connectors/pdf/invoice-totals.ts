// What an invoice comes to: net, tax by rate, total, what was paid, and on a double rule what is left.
import { displayMoney } from '../../core/money';
import type { InvoicePdfParts } from './create-pdf';
import { amountWords, INK, localeOf, percentWords, SOFT } from './figures';
import type { Content } from './pdfmake';

type TotalRow = { readonly name: string; readonly minor: number; readonly rule?: 'above' | 'double' };

export const closing = (parts: InvoicePdfParts): Content => {
  const { invoice } = parts;
  const locale = localeOf(parts);
  const rows = totalRows(parts);
  return {
    unbreakable: true,
    margin: [0, 10, 0, 0],
    columns: [
      { width: '*', text: '' },
      {
        width: 'auto',
        table: {
          widths: [150, 'auto'],
          body: rows.map(({ name, minor, rule }) => [
            { text: name, bold: rule !== undefined, color: rule === undefined ? SOFT : INK },
            {
              text:
                rule === undefined
                  ? amountWords(minor, invoice, locale)
                  : displayMoney(minor, invoice.currency, locale),
              alignment: 'right',
              bold: rule !== undefined,
              noWrap: true,
            },
          ]),
        },
        layout: {
          hLineWidth: (row: number) => (rows[row]?.rule !== undefined || rows[row - 1]?.rule === 'double' ? 0.8 : 0),
          hLineColor: () => INK,
          vLineWidth: () => 0,
          paddingLeft: () => 0,
          paddingRight: () => 0,
          paddingTop: () => 4,
          paddingBottom: (row: number) => (rows[row]?.rule === 'double' ? 4 : 2),
        },
      },
    ],
  };
};

const totalRows = ({ business, invoice }: InvoicePdfParts): readonly TotalRow[] => {
  const nameOf = new Map(business.taxRates.map(({ key, name }) => [key, name]));
  const tax: readonly TotalRow[] =
    invoice.statedTaxMinor !== null
      ? [{ name: 'Tax', minor: invoice.taxMinor }]
      : invoice.taxRows
          .filter(({ taxMinor, percent }) => taxMinor !== 0 || percent !== null)
          .map(({ taxRate, percent, taxMinor }) => ({
            name: nameOf.get(taxRate) ?? (percent === null ? 'Tax' : `Tax ${percentWords(percent)}`),
            minor: taxMinor,
          }));
  return [
    ...(invoice.taxMode === 'noTax' ? [] : [{ name: 'Net', minor: invoice.netMinor }, ...tax]),
    { name: 'Total', minor: invoice.totalMinor, rule: 'above' },
    ...(invoice.allocatedMinor === 0
      ? []
      : [
          { name: 'Paid and credited', minor: -invoice.allocatedMinor },
          { name: 'To pay', minor: invoice.openMinor, rule: 'double' } as const,
        ]),
  ];
};
