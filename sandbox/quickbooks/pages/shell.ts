// What the pages of one company share: heading, navigation, the sentence when something was refused, and small parts of forms.

import { type Html, html, type PageContent, type Piece } from '../../shared/page';
import type { Books } from '../books/books';

export type PageCall = {
  readonly books: Books;
  readonly query: URLSearchParams;
  /** What a form was refused for; shown on the page it came from. */
  readonly problem: string | undefined;
};

export const SECTIONS = [
  ['customers', 'Customers'],
  ['invoices', 'Invoices'],
  ['creditmemos', 'Credit memos'],
  ['payments', 'Payments'],
  ['accounts', 'Accounts'],
  ['settings', 'Settings'],
] as const;

export const pathTo = (books: Books, path: string): string => `/books/${books.realmId}/${path}`;
export const link = (books: Books, path: string, words: Piece): Html =>
  html`<a href="${pathTo(books, path)}">${words}</a>`;

export const companyPage = (call: PageCall, current: string, title: string, body: Piece): PageContent => ({
  system: 'quickbooks',
  title,
  nav: [
    { href: '/', label: call.books.ledger.company.name },
    ...SECTIONS.map(([path, label]) => ({ href: pathTo(call.books, path), label, current: path === current })),
  ],
  body: html`${call.problem !== undefined && html`<p class="notice wrong" role="alert"><b>Nothing was written.</b> ${call.problem}</p>`}${body}`,
});

/** A form that posts to the page it stands on; the button's value says what is to be done. */
export const form = (action: string, button: string, fields: readonly Piece[] = []): Html =>
  html`<form method="post">${fields.length > 0 && row(fields)}<p><button name="do" value="${action}">${button}</button></p></form>`;

/** Fields beside each other, as many as fit. */
export const row = (fields: readonly Piece[]): Html => html`<div class="inline">${fields}</div>`;

export const field = (
  name: string,
  words: string,
  options: {
    readonly value?: string | undefined;
    readonly type?: string;
    readonly list?: string;
    readonly size?: number;
  } = {},
): Html =>
  html`<label>${words}<input name="${name}" value="${options.value ?? ''}" type="${options.type ?? 'text'}" size="${options.size ?? 20}"${
    options.list !== undefined && html` list="${options.list}"`
  }></label>`;

export const choice = (
  name: string,
  words: string,
  options: readonly (readonly [string, string])[],
  chosen?: string,
): Html =>
  html`<label>${words}<select name="${name}">${options.map(
    ([value, text]) => html`<option value="${value}"${value === chosen && html` selected`}>${text}</option>`,
  )}</select></label>`;

export const section = (title: string, body: Piece): Html => html`<section><h2>${title}</h2>${body}</section>`;

export const PAGE_SIZE = 100;

/** One page of rows and the way to the others. */
export const paged = <T>(
  call: PageCall,
  rows: readonly T[],
): { readonly rows: readonly T[]; readonly pager: Piece } => {
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_SIZE));
  const page = Math.min(pages, Math.max(1, Number(call.query.get('page') ?? 1) || 1));
  const to = (number: number, words: string): Html => {
    const query = new URLSearchParams(call.query);
    query.set('page', String(number));
    return html`<a href="?${query.toString()}">${words}</a> `;
  };
  const pager =
    pages > 1 &&
    html`<p>${page > 1 && to(page - 1, 'Newer')}Page ${page} of ${pages} ${page < pages && to(page + 1, 'Older')}</p>`;
  return { rows: rows.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE), pager };
};

/** The first row of a list: what to look for in it. */
export const searchRow = (call: PageCall, columns: number): Html =>
  html`<tr><td colspan="${columns}"><form method="get" role="search"><input name="q" type="search" aria-label="Search" value="${call.query.get('q') ?? ''}"><button>Search</button></form></td></tr>`;
export const matches = (call: PageCall, ...texts: readonly (string | undefined)[]): boolean => {
  const wanted = (call.query.get('q') ?? '').trim().toLowerCase();
  return wanted === '' || texts.some((text) => text?.toLowerCase().includes(wanted));
};

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
