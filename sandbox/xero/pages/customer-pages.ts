// Customers on paper: the list with what each owes, and one customer with all that can be done.

import { type Html, html } from '../../shared/page';
import type { Bookkeeper } from '../books/bookkeeper';
import type { Contact } from '../books/records';
import { at, finder, found, MOST_ROWS, rest } from './book-pages';
import { documentTable } from './document-table';
import { button, choice, field, form, hidden, required } from './fields';
import { sums } from './words';

export const customersPage = (keeper: Bookkeeper, search: string): Html => {
  const contacts = found(keeper.contacts(), search, ({ name, emailAddress, contactNumber }) => [
    name,
    emailAddress,
    contactNumber,
  ]);
  return html`${finder(search, contacts.length, 'customer')}<div class="scroll"><table>
<thead><tr><th>Name</th><th>Email</th><th>Phone</th><th>Number</th><th>State</th><th class="money">Owes</th></tr></thead><tbody>${contacts
    .slice(0, MOST_ROWS)
    .map(
      (
        contact,
      ) => html`<tr><td><a href="${at(keeper, `customers/${contact.contactId}`)}">${contact.name}</a></td><td>${contact.emailAddress}</td>
<td>${phoneOf(contact)}</td><td>${contact.contactNumber}</td><td>${contact.status === 'ACTIVE' ? 'Active' : 'Archived'}</td>
<td class="money">${sums(openOf(keeper, contact))}</td></tr>`,
    )}</tbody><tfoot><tr><td colspan="5">${contacts.length} customers</td><td class="money">${sums(openOfAll(keeper, contacts))}</td></tr></tfoot></table></div>${rest(contacts)}
<h2>New customer</h2>${form(at(keeper, 'do/new-customer'), 'Add customer', html`${field('Name', 'name', '', required)}${field('Email', 'email')}${field('Phone', 'phone')}`)}`;
};

export const customerPage = (keeper: Bookkeeper, contact: Contact): Html => {
  const id = hidden('contactId', contact.contactId);
  const others = keeper
    .contacts()
    .filter((other) => other.status === 'ACTIVE' && other.contactId !== contact.contactId);
  return html`<dl><dt>State</dt><dd>${contact.status === 'ACTIVE' ? 'Active' : 'Archived'}</dd>
<dt>Number of the app</dt><dd>${contact.contactNumber || 'none'}</dd><dt>Owes</dt><dd>${sums(openOf(keeper, contact))}</dd></dl>
<h2>Details</h2>${form(
    at(keeper, 'do/change-customer'),
    'Save',
    html`${id}${field('Name', 'name', contact.name, required)}${field('Email', 'email', contact.emailAddress)}${field('Phone', 'phone', phoneOf(contact))}${field('VAT number', 'taxNumber', contact.taxNumber)}`,
  )}
<h2>Put aside</h2>${contact.status === 'ACTIVE' ? button(at(keeper, 'do/archive-customer'), 'Archive', id) : button(at(keeper, 'do/restore-customer'), 'Restore', id)}
${
  contact.status === 'ACTIVE' &&
  others.length > 0 &&
  html`<h2>Merge</h2>${form(
    at(keeper, 'do/merge-customer'),
    'Merge',
    html`${id}${choice(
      'Merge into',
      'into',
      others.map((other) => ({ value: other.contactId, text: other.name })),
    )}`,
  )}`
}
<h2>Invoices and credit notes</h2>${documentTable(keeper, keeper.state.documents.where('contact', contact.contactId))}`;
};

const phoneOf = (contact: Contact): string =>
  contact.phones.find((phone) => phone.PhoneType === 'DEFAULT')?.PhoneNumber ?? '';

const openOf = (keeper: Bookkeeper, contact: Contact): Record<string, number> => openOfAll(keeper, [contact]);
const openOfAll = (keeper: Bookkeeper, contacts: readonly Contact[]): Record<string, number> => {
  const open: Record<string, number> = {};
  for (const document of contacts.flatMap(({ contactId }) => keeper.state.documents.where('contact', contactId))) {
    if (document.status !== 'AUTHORISED') continue;
    const sign = document.kind === 'invoice' ? 1 : -1;
    open[document.currency] = (open[document.currency] ?? 0) + keeper.openHundredths(document) * sign;
  }
  return open;
};
