// The frame of one organisation's pages, its overview, and what its lists share.

import { type Html, html, type PageContent, type Piece } from '../../shared/page';
import type { Bookkeeper } from '../books/bookkeeper';
import type { SalesDocument } from '../books/records';
import { date, field, form, required } from './fields';
import { sums } from './words';

const SECTIONS = ['customers', 'invoices', 'credit-notes', 'payments', 'accounts', 'connections'] as const;
export type Section = (typeof SECTIONS)[number];

export const bookPage = (
  keeper: Bookkeeper,
  section: Section | 'overview',
  title: string,
  body: Html,
  refusal = '',
): PageContent => {
  const { organisationId, name } = keeper.state.organisation;
  const home = `/books/${organisationId}`;
  return {
    system: 'xero',
    title,
    nav: [
      { href: home, label: name, current: section === 'overview' },
      ...SECTIONS.map((part) => ({ href: `${home}/${part}`, label: titleOf(part), current: part === section })),
    ],
    body: html`${refusal !== '' && html`<p class="notice wrong" role="alert">${refusal}</p>`}${body}`,
  };
};
const titleOf = (section: string): string => {
  const words = section.replace('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export const at = (keeper: Bookkeeper, part: string): string =>
  `/books/${keeper.state.organisation.organisationId}/${part}`;

export const overview = (keeper: Bookkeeper): Html => {
  const totals = keeper.totals();
  const { organisation, currencies } = keeper.state;
  const figure = (label: string, value: Piece): Html => html`<div>${label}<strong>${value}</strong></div>`;
  return html`<div class="figures">${figure('Customers', totals.customers)}${figure('Invoices', totals.invoices)}
${figure('Invoiced', sums(totals.invoiced))}${figure('Still owed', sums(totals.open))}${figure('Received', sums(totals.paid))}</div>
<h2>Lock dates</h2><p>Nothing dated on or before them can be written. The period lock does not bind advisers, such as you here.</p>
${form(
  at(keeper, 'do/lock'),
  'Set lock dates',
  html`${field('Period lock date', 'period', organisation.periodLockDate, date)}${field('End of year lock date', 'endOfYear', organisation.endOfYearLockDate, date)}`,
)}
<h2>Currencies</h2><p>${organisation.baseCurrency} is the currency of the organisation. Others it works in: ${
    currencies
      .all()
      .filter(({ code }) => code !== organisation.baseCurrency)
      .map(({ code, rate }) => `${code} (${rate} for 1 ${organisation.baseCurrency})`)
      .join(', ') || 'none'
  }.</p>
${form(at(keeper, 'do/add-currency'), 'Add currency', html`${field('Code', 'code', '', required)}${field('Rate', 'rate', '', required)}`)}`;
};

/** A page holds so many rows; the sums below it count all. */
export const MOST_ROWS = 200;
export const rest = (rows: readonly unknown[]): Html =>
  html`${rows.length > MOST_ROWS && html`<p class="hint">${MOST_ROWS} of ${rows.length} are shown; sums count all.</p>`}`;

/** The rows that carry the text, and the field in which it is asked for. */
export const found = <T>(rows: readonly T[], search: string, words: (row: T) => readonly (string | undefined)[]): T[] =>
  rows.filter((row) => words(row).join(' ').toLowerCase().includes(search.trim().toLowerCase()));
/** Above a list: what is looked for, and how much was found. */
export const finder = (search: string, count: number, noun: string): Html =>
  html`<form class="inline" method="get">${field('Find', 'q', search)}<button>Find</button></form>
<h2>${count} ${noun}${count !== 1 && 's'}</h2>`;

export const sectionOf = (document: SalesDocument): Section =>
  document.kind === 'invoice' ? 'invoices' : 'credit-notes';
