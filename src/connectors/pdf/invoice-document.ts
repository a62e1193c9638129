// The invoice on paper: seller, bill-to, number and dates, lines, tax, totals, how it stands and how to pay. Pure, and without a clock: the
// same invoice gives the same bytes. Set like a ledger book: hairlines, one line of ink, a total on a double rule.
import type { Address, Business, Invoice, LineItem } from '../../billing/documents';
import { displayDate } from '../../core/calendar-date';
import { canonicalDecimal, displayMoney, exponentOf, formatMinor } from '../../core/money';
import type { InvoicePdfParts } from './create-pdf';
import type { Content, DocumentDefinition } from './pdfmake';

const INK = '#182022';
const SOFT = '#4a5456';
const RULE = '#c9cfc9';

export const invoiceDocument = (parts: InvoicePdfParts): DocumentDefinition => {
  const { business, invoice } = parts;
  const stamp = new Date(invoice.issuedAt ?? invoice.createdAt);
  return {
    info: {
      title: `${titleOf(invoice)} ${invoice.number ?? ''}`.trim(),
      author: business.legalName ?? business.name,
      creationDate: stamp,
      modDate: stamp,
    },
    pageSize: business.country === 'US' || business.country === 'CA' ? 'LETTER' : 'A4',
    pageMargins: [56, 56, 56, 64],
    defaultStyle: { font: 'Roboto', fontSize: 9.5, lineHeight: 1.25, color: INK },
    images: {},
    ...(invoice.status === 'issued'
      ? {}
      : { watermark: { text: titleOf(invoice).toUpperCase(), opacity: 0.06, bold: true } }),
    footer: footer(business, invoice),
    content: [head(parts), parties(parts), lines(parts), closing(parts), ...payment(parts), ...notes(invoice)],
  };
};

const titleOf = ({ status }: Invoice): string =>
  status === 'draft' ? 'Draft invoice' : status === 'void' ? 'Void invoice' : 'Invoice';

const localeOf = ({ business, customer }: InvoicePdfParts): string => {
  const wanted = customer.locale ?? business.locale;
  return wanted.startsWith('en') ? wanted : 'en-GB'; // the words on the paper are English
};

const head = (parts: InvoicePdfParts): Content => {
  const { business, invoice } = parts;
  return {
    columns: [
      { width: '*', text: business.name, fontSize: 15, bold: true, color: business.brand.accent },
      {
        width: 'auto',
        stack: [
          { text: titleOf(invoice), fontSize: 15, bold: true, alignment: 'right' },
          { text: invoice.number ?? 'no number yet', fontSize: 11, alignment: 'right', color: SOFT },
        ],
      },
    ],
    columnGap: 24,
    margin: [0, 0, 0, 28],
  };
};

const parties = (parts: InvoicePdfParts): Content => {
  const { business, customer, invoice } = parts;
  const locale = localeOf(parts);
  const billTo = invoice.billTo ?? { name: customer.name, address: customer.address, taxNumber: customer.taxNumber };
  const facts: readonly (readonly [string, string])[] = [
    ['Date', displayDate(invoice.issueDate, locale)],
    ['Due', displayDate(invoice.dueDate, locale)],
    ...(invoice.reference === null ? [] : [['Reference', invoice.reference] as const]),
    ['Currency', invoice.currency],
  ];
  return {
    columns: [
      {
        width: '*',
        stack: [
          label('Bill to'),
          { text: billTo.name, bold: true },
          ...addressLines(billTo.address),
          ...(billTo.taxNumber === null ? [] : [{ text: `Tax number ${billTo.taxNumber}`, color: SOFT }]),
        ],
      },
      {
        width: '*',
        stack: [
          label('From'),
          { text: business.legalName ?? business.name, bold: true },
          ...addressLines(business.address),
          ...(business.taxNumber === null ? [] : [{ text: `Tax number ${business.taxNumber}`, color: SOFT }]),
        ],
      },
      {
        width: 'auto',
        layout: 'noBorders',
        table: {
          body: facts.map(([name, value]) => [
            { text: name, color: SOFT, margin: [0, 0, 8, 0] },
            { text: value, alignment: 'right', noWrap: value.length < 18 },
          ]),
        },
      },
    ],
    columnGap: 20,
    margin: [0, 0, 0, 26],
  };
};

const label = (text: string): Content => ({ text, color: SOFT, fontSize: 8, margin: [0, 0, 0, 2] });

const addressLines = (address: Address | null): readonly Content[] => {
  if (address === null) return [];
  const place = [address.city, address.region, address.postalCode].filter((part) => part !== null && part !== '');
  const rows = [...address.lines, place.join(' '), address.country ?? ''];
  return rows.filter((row) => row !== '').map((text) => ({ text }));
};

// ---- lines ------------------------------------------------------------------------------------------------------------------------

const amountWords = (minor: number, invoice: Invoice, locale: string): string => {
  const digits = exponentOf(invoice.currency);
  const exact = formatMinor(minor, invoice.currency) as unknown as number; // Intl reads decimal strings exactly
  return new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .format(exact)
    .replace('-', '−');
};

/** Prices keep all their decimals, and never show fewer than the currency has. */
const priceWords = (price: string, invoice: Invoice, locale: string): string => {
  const exact = canonicalDecimal(price) as unknown as number;
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: exponentOf(invoice.currency),
    maximumFractionDigits: 10,
  })
    .format(exact)
    .replace('-', '−');
};

const percentWords = (percent: string | null): string => (percent === null ? '' : `${canonicalDecimal(percent)} %`);

const lines = (parts: InvoicePdfParts): Content => {
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

const plainNumber = (text: string, locale: string): string =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: 10 })
    .format(canonicalDecimal(text) as unknown as number)
    .replace('-', '−');

const discountWords = (percent: string): string => (canonicalDecimal(percent) === '0' ? '' : percentWords(percent));

// ---- totals -----------------------------------------------------------------------------------------------------------------------

type TotalRow = { readonly name: string; readonly minor: number; readonly rule?: 'above' | 'double' };

const closing = (parts: InvoicePdfParts): Content => {
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

const payment = (parts: InvoicePdfParts): readonly Content[] => {
  const { invoice, payUrl } = parts;
  const locale = localeOf(parts);
  const words = { margin: [0, 26, 0, 0], unbreakable: true };
  if (invoice.status !== 'issued') return [];
  if (!invoice.isOpen) {
    const on = invoice.settledDate === null ? '' : ` on ${displayDate(invoice.settledDate, locale)}`;
    return [{ ...words, stack: [{ text: `Paid${on}. Thank you.`, bold: true }] }];
  }
  const due = `${displayMoney(invoice.openMinor, invoice.currency, locale)} is due on ${displayDate(invoice.dueDate, locale)}.`;
  return [
    {
      ...words,
      stack: [
        { text: due, bold: true },
        ...(payUrl === null
          ? []
          : [
              { text: ['Pay by card or bank: ', { text: payUrl, link: payUrl, decoration: 'underline' }], fontSize: 9 },
            ]),
      ],
    },
  ];
};

const notes = ({ notes: text }: Invoice): readonly Content[] =>
  text === null || text === '' ? [] : [{ text, margin: [0, 18, 0, 0], color: SOFT }];

const footer =
  (business: Business, invoice: Invoice) =>
  (page: number, pages: number): Content => ({
    margin: [56, 16, 56, 0],
    fontSize: 8,
    color: SOFT,
    columns: [
      {
        width: '*',
        text: [business.legalName ?? business.name, business.email, business.phone].filter(Boolean).join(' · '),
      },
      { width: 'auto', text: `${invoice.number ?? 'Draft'} · page ${page} of ${pages}`, alignment: 'right' },
    ],
  });
