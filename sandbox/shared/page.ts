// The faces of the rehearsal: an escaping template, the frame that every page stands in, and the one style sheet. No scripts.
import { type Response, Router } from 'express';
import { STYLE } from './style';

/** Text that is already HTML. Everything else is escaped when it is put into a page. */
export class Html {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

export type Piece = Html | string | number | boolean | null | undefined | readonly Piece[];

/** `html\`<td>${name}</td>\`` escapes name; lists are joined, and false, null and undefined print nothing. */
export const html = (parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html =>
  new Html(parts.reduce((text, part, index) => `${text}${printed(pieces[index - 1])}${part}`));

export type System = 'xero' | 'quickbooks' | 'stripe' | 'mailbox';

export type PageContent = {
  readonly system: System;
  readonly title: string;
  readonly nav?: readonly { readonly href: string; readonly label: string; readonly current?: boolean }[];
  readonly body: Html;
  /** `pay`: one narrow column, as a customer sees it. */
  readonly shape?: 'desk' | 'pay';
};

const NAMES: Readonly<Record<System, string>> = {
  xero: 'Xero',
  quickbooks: 'QuickBooks',
  stripe: 'Stripe',
  mailbox: 'Mailbox',
};

const notReal = (name: string): string => `This is not ${name}. No money moves and nothing leaves this machine.`;
const BANDS: Readonly<Record<System, string>> = {
  xero: notReal('Xero'),
  quickbooks: notReal('QuickBooks'),
  stripe: notReal('Stripe'),
  mailbox: 'Mails end here. None of them reaches the person it is addressed to.',
};

export const page = ({ system, title, nav = [], body, shape = 'desk' }: PageContent): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Rehearsal ${NAMES[system]}</title>
<link rel="stylesheet" href="/_sandbox/style.css">
</head>
<body class="${system} ${shape}">
<p class="rehearsal"><b>Rehearsal</b> <span>${BANDS[system]}</span></p>
<header><a class="brand" href="/">${NAMES[system]}</a>${nav.length > 0 && html`<nav aria-label="Pages">${nav.map(navLink)}</nav>`}</header>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.text;

/** Answers with a page in which nothing may run. Forms may lead elsewhere: a checkout ends at the seller's. */
export const sendPage = (response: Response, content: PageContent, status = 200): void => {
  response
    .status(status)
    .set('Content-Security-Policy', "default-src 'self'; script-src 'none'; frame-ancestors 'none'")
    .type('html')
    .send(page(content));
};

/** Serves the style sheet; mount it at '/_sandbox'. */
export const styleRoutes = (): Router =>
  Router().get('/style.css', (_request, response) => void response.type('css').send(STYLE));

const navLink = ({ href, label, current }: { href: string; label: string; current?: boolean }): Html =>
  html`<a href="${href}"${current === true && new Html(' aria-current="page"')}>${label}</a>`;

const printed = (piece: Piece): string => {
  if (piece === null || piece === undefined || typeof piece === 'boolean') return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'object') return piece.map(printed).join('');
  return String(piece).replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
};
