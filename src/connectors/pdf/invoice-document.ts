// The invoice on paper: seller, bill-to, number and dates, lines, tax, totals, how it stands and how to pay. Pure, and without a clock: the
// same invoice gives the same bytes. Set like a ledger book: hairlines, one line of ink, a total on a double rule.
import type { Address, Business, Invoice } from '../../billing/documents';
import { displayDate } from '../../core/calendar-date';
import { displayMoney } from '../../core/money';
import type { InvoicePdfParts } from './create-pdf';
import { INK, localeOf, SOFT } from './figures';
import { lines } from './invoice-lines';
import { closing } from './invoice-totals';
import type { Content, DocumentDefinition } from './pdfmake';

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
          ...addressLines(billTo.address, locale),
          ...(billTo.taxNumber === null ? [] : [{ text: `Tax number ${billTo.taxNumber}`, color: SOFT }]),
        ],
      },
      {
        width: '*',
        stack: [
          label('From'),
          { text: business.legalName ?? business.name, bold: true },
          ...addressLines(business.address, locale),
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

const addressLines = (address: Address | null, locale: string): readonly Content[] => {
  if (address === null) return [];
  const place = [address.city, address.region, address.postalCode].filter((part) => part !== null && part !== '');
  const rows = [...address.lines, place.join(' '), countryName(address.country, locale)];
  return rows.filter((row) => row !== '').map((text) => ({ text }));
};

const countryName = (code: string | null, locale: string): string =>
  code === null || !/^[A-Z]{2}$/.test(code)
    ? (code ?? '')
    : (new Intl.DisplayNames(locale, { type: 'region' }).of(code) ?? code);

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
