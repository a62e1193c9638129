// The page on which a Xero user lets the app in, and the one that says why it may not ask.

import { type Html, html, page } from '../../shared/page';
import type { AuthorizeRequest } from '../identity/authorize-request';
import type { XeroUser } from '../identity/grants';
import { choice, hidden } from './fields';

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
  page({
    system: 'xero',
    shape: 'pay',
    title: 'BillBridge wants access to your books',
    body: html`<form method="post" action="/identity/connect/authorize">
${Object.entries(request).map(([name, value]) => value !== undefined && hidden(name, value))}
${userOf(users)}
<fieldset><legend>Organisation</legend>
${organisations.map(({ id, name }, index) => html`<label class="choice"><input type="radio" name="tenant" value="${id}" required ${index === 0 && 'checked'}> ${name}</label>`)}</fieldset>
<p>It will be able to:</p><ul>${scopes.map((scope) => html`<li>${WORDS[scope] ?? scope}</li>`)}</ul>
<button class="main" name="decision" value="allow">Allow access</button>
<button name="decision" value="deny" formnovalidate>Cancel</button></form>`,
  });

export const refusalPage = (error: string, detail: string): string =>
  page({
    system: 'xero',
    shape: 'pay',
    title: 'Sorry, something is wrong with this request',
    body: html`<p>${detail}</p><p><small>Error: ${error}</small></p>`,
  });

const userOf = (users: readonly XeroUser[]): Html => {
  const named = users.map(({ id, givenName, familyName, email }) => ({
    value: id,
    text: `${givenName} ${familyName} (${email})`,
  }));
  return users.length > 1 ? choice('Signed in as', 'user', named) : html`<p>Signed in as ${named[0]?.text}</p>`;
};
