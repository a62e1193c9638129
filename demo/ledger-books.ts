// What stands in the ledgers before anybody connects, entered as a bookkeeper would.
import type { Books } from '../sandbox/quickbooks/books/books';
import type { Bookkeeper } from '../sandbox/xero/books/bookkeeper';
import { dueDateOf, issueDateOf, type Play } from './books';

export const enterXero = (books: Bookkeeper, play: Play, today: string): void => {
  const ids = new Map<string, string>();
  for (const { name, email, phone } of [...play.bothSides, ...play.onlyLedger]) {
    ids.set(name, books.enterCustomer({ name, email, phone }).contactId);
  }
  for (const invoice of play.ledgerInvoices) {
    const { number, customer, what, quantity, price } = invoice;
    books.enterInvoice({
      contactId: ids.get(customer) ?? '',
      number,
      date: issueDateOf(invoice, today),
      dueDate: dueDateOf(invoice, today),
      lines: [{ description: what, quantity, unitAmount: price, accountCode: '200', taxType: 'OUTPUT2' }],
    });
  }
};

export const enterQuickBooks = (books: Books, play: Play, today: string): void => {
  const ids = new Map<string, string>();
  const address = {
    Line1: '1 Rehearsal Street',
    City: 'San Francisco',
    CountrySubDivisionCode: 'CA',
    PostalCode: '94110',
    Country: 'US',
  };
  for (const { name, email, phone } of [...play.bothSides, ...play.onlyLedger]) {
    ids.set(name, books.enterCustomer({ displayName: name, email, phone, address }));
  }
  for (const invoice of play.ledgerInvoices) {
    const { number, customer, what, quantity, price } = invoice;
    books.enterInvoice({
      customerId: ids.get(customer) ?? '',
      number,
      date: issueDateOf(invoice, today),
      dueDate: dueDateOf(invoice, today),
      lines: [{ description: what, quantity, unitPrice: price }],
    });
  }
};
