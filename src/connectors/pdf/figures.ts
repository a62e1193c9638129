// Numbers on paper in the reader's locale, exact: amounts as the currency has them, prices with every digit.
import type { Invoice } from '../../billing/documents';
import { canonicalDecimal, exponentOf, formatMinor } from '../../core/money';
import type { InvoicePdfParts } from './create-pdf';

export const INK = '#182022';
export const SOFT = '#4a5456';
export const RULE = '#c9cfc9';

export const localeOf = ({ business, customer }: InvoicePdfParts): string => {
  const wanted = customer.locale ?? business.locale;
  return wanted.startsWith('en') ? wanted : 'en-GB'; // the words on the paper are English
};

export const amountWords = (minor: number, invoice: Invoice, locale: string): string => {
  const digits = exponentOf(invoice.currency);
  const exact = formatMinor(minor, invoice.currency) as unknown as number; // Intl reads decimal strings exactly
  return new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .format(exact)
    .replace('-', '−');
};

/** Prices keep all their decimals, and never show fewer than the currency has. */
export const priceWords = (price: string, invoice: Invoice, locale: string): string => {
  const exact = canonicalDecimal(price) as unknown as number;
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: exponentOf(invoice.currency),
    maximumFractionDigits: 10,
  })
    .format(exact)
    .replace('-', '−');
};

export const percentWords = (percent: string | null): string =>
  percent === null ? '' : `${canonicalDecimal(percent)} %`;

export const plainNumber = (text: string, locale: string): string =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: 10 })
    .format(canonicalDecimal(text) as unknown as number)
    .replace('-', '−');

export const discountWords = (percent: string): string =>
  canonicalDecimal(percent) === '0' ? '' : percentWords(percent);
