// The page on which a Xero user lets the app in, and the one that says why it may not ask.
import type { AuthorizeRequest } from '../identity/authorize-request';
import type { XeroUser } from '../identity/grants';
import { html, type Markup } from './html';
import { paper } from './paper';

const WORDS: Readonly<Record<string, string>> = {
  openid: 'See who you are',
  profile: 'See your name',
  email: 'See your email address',
  offline_access: 'Stay connected while you are away',
  'accounting.invoices': 'View and manage your invoices and credit notes',
  'accounting.payments': 'View and manage your payments',
  'accounting.banktransactions': 'View and manage your bank transactions',
  'accounting.contacts': 'View and manage your contacts',
  'accounting.settings': 'View and manage your organisation settings',
  'accounting.settings.read': 'View your organisation settings',
  'accounting.attachments': 'View and manage your attachments',
};

export const consentPage = (
  request: AuthorizeRequest,
  scopes: readonly string[],
  users: readonly XeroUser[],
  organisations: readonly { readonly id: string; readonly name: string }[],
): string =>
  paper({
    title: 'Allow access',
    body: html`<div class="consent"><h1>BillBridge wants access to your books</h1>
<form method="post" action="/identity/connect/authorize">
${Object.entries(request).map(([name, value]) => value !== undefined && hidden(name, value))}
<p>${users.length > 1 ? userChoice(users) : html`Signed in as ${users[0]?.givenName} ${users[0]?.familyName} (${users[0]?.email})`}</p>
<fieldset><legend><b>Select an organisation</b></legend>
${organisations.map(({ id, name }, index) => html`<label class="row"><input type="radio" name="tenant" value="${id}" required ${index === 0 && 'checked'}> ${name}</label>`)}</fieldset>
<p>It will be able to:</p><ul>${scopes.map((scope) => html`<li>${WORDS[scope] ?? scope}</li>`)}</ul>
<div class="actions"><button class="main" name="decision" value="allow">Allow access</button>
<button name="decision" value="deny" formnovalidate>Cancel</button></div></form></div>`,
  });

export const refusalPage = (error: string, detail: string): string =>
  paper({
    title: 'Cannot connect',
    body: html`<div class="consent"><h1>Sorry, something is wrong with this request</h1><p>${detail}</p><p><small>Error: ${error}</small></p></div>`,
  });

const hidden = (name: string, value: string): Markup => html`<input type="hidden" name="${name}" value="${value}">`;
const userChoice = (users: readonly XeroUser[]): Markup =>
  html`<label>Signed in as<select name="user">${users.map((user) => html`<option value="${user.id}">${user.givenName} ${user.familyName}</option>`)}</select></label>`;
